from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InvalidRequest
from rag.paths import PathPattern, as_pattern, fold_path


def matches(pattern: str, path: str) -> bool:
    wanted, folded = PathPattern.of(pattern), fold_path(path)
    named = folded == wanted.file or folded.startswith(wanted.folder)
    globbed = wanted.glob is not None and wanted.glob.fullmatch(folded) is not None
    assert not globbed or folded.startswith(wanted.head)
    return named or globbed


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("hr/", "hr/leave.md"),
        ("hr", "hr/leave.md"),
        ("HR/Leave.md", "hr/leave.md"),
        ("/hr/", "hr/a/b.md"),
        ("./hr/leave.md", "hr/leave.md"),
        ("hr\\leave.md", "hr/leave.md"),
        ("hr/leave.md", "ＨＲ/Leave.md"),
        ("*.pdf", "a.pdf"),
        ("*.pdf", "deep/er/A.PDF"),
        ("hr/*.pdf", "hr/a.pdf"),
        ("hr/*", "hr/a/b.pdf"),
        ("hr/**", "hr/a/b.pdf"),
        ("policies/**/2024*", "policies/2024.pdf"),
        ("policies/**/2024*", "policies/a/b/2024-x.pdf"),
        ("**/hr/", "old/hr/a.md"),
        ("**/hr/", "hr/a.md"),
        ("20*/", "a/2024/b.md"),
        ("report-[0-9].md", "report-7.md"),
        ("report-[!0-9].md", "report-x.md"),
        ("a?c.md", "abc.md"),
        ("[2024] report.pdf", "[2024] report.pdf"),
        ("[[]2024] report.pdf", "[2024] report.pdf"),
        ("政策/*.md", "政策/休假.md"),
        ("mail.zip", "mail.zip/first.eml"),
    ],
)
def test_a_pattern_means_what_a_shell_would_take_it_for(pattern: str, path: str) -> None:
    assert matches(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("hr/", "hr"),
        ("hr", "hrx/leave.md"),
        ("hr/", "old/hr/leave.md"),
        ("hr/leave", "hr/leave.md"),
        ("leave.md", "hr/leave.md"),
        ("hr/*.pdf", "hr/a/b.pdf"),
        ("*.pdf", "a.pdfx"),
        ("policies/**/2024*", "policies/a/x2024"),
        ("20*/", "a/2024"),
        ("a?c.md", "a/c.md"),
        ("a[!b]c.md", "a/c.md"),
    ],
)
def test_a_pattern_means_no_more_than_that(pattern: str, path: str) -> None:
    assert not matches(pattern, path)


@pytest.mark.parametrize("pattern", ["", " ", "/", "a[b", "hr/[", "[z-a]", "[!"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        PathPattern.of(pattern)
    assert "wildcards" in refused.value.hint


NAMES = st.text("ab.*?", min_size=1, max_size=8)


@given(pattern=NAMES, name=st.text("ab.", min_size=1, max_size=8))
def test_within_a_name_wildcards_are_those_of_fnmatch(pattern: str, name: str) -> None:
    if pattern.strip("*"):
        simple = re.sub(r"\*+", "*", pattern)
        assert matches(f"in/{simple}", f"in/{name}") == fnmatchcase(name, simple)


SEGMENTS = st.lists(st.sampled_from(["a", "b", "*", "**", "a*"]), min_size=2, max_size=5)


@given(pattern=SEGMENTS, path=st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=6))
def test_two_stars_stand_for_any_folders(pattern: list[str], path: list[str]) -> None:
    assert matches("/".join(pattern), "/".join(path)) == any(
        _stands(pattern, path[:length]) for length in range(1, len(path) + 1)
    )


def _stands(pattern: list[str], path: list[str]) -> bool:
    """By trying everything; ** at the end stands for at least one."""
    if not pattern:
        return not path
    first, *rest = pattern
    if first == "**":
        return any(_stands(rest, path[skipped:]) for skipped in range(0 if rest else 1, len(path) + 1))
    return bool(path) and fnmatchcase(path[0], first) and _stands(rest, path[1:])


@given(st.text("a[]*?!-/", min_size=1).filter(lambda path: path.strip("/")))
def test_every_folder_has_a_pattern_of_its_own(folder: str) -> None:
    name = folder.strip("/")
    assert matches(f"{as_pattern(name)}/", f"{name}/x")


def test_a_hostile_pattern_takes_no_time_to_speak_of() -> None:
    assert not matches("x/" + "*a" * 40 + "b", "x/" + "a" * 200)
    assert not matches("**/a/" * 20 + "b", "a/" * 200 + "c")
