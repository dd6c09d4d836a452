"""What became of each file is told by format, and nothing that was opened goes unnamed."""

from __future__ import annotations

from pathlib import Path

from eval.bench.formats import Row, markdown, measure


def row(file: str, outcome: str = "indexed", *, has_text: bool | None = True, detail: str = "") -> Row:
    kind = file.rpartition(".")[2]
    return Row(file, kind, outcome, "" if outcome == "indexed" else "NoText", detail, 9, 0.5, 50, "a browser", has_text)


def test_the_share_is_of_those_that_are_opened() -> None:
    lines = list(markdown([row("a.txt"), row("b.txt", "failed", has_text=None), row("c.txt", "skipped")]))
    assert lines[2] == "| TXT | 3 | a browser | 2 | 1 | 50.0% | 2 | 1 | 50.0% | 0.5 | 50 |"


def test_what_is_opened_and_not_indexed_is_named_with_the_reason() -> None:
    page = "\n".join(
        markdown([row("甲/空白.pdf", "failed", has_text=False, detail="空白.pdf: nothing | in it"), row("b.pdf")])
    )
    assert "| 甲/空白.pdf | no | failed: NoText | nothing \\| in it |" in page
    assert "b.pdf" not in page


def test_what_no_program_opens_is_not_held_against_us() -> None:
    assert "Opened and not indexed" not in "\n".join(markdown([row("a.txt"), row("b.txt", "failed", has_text=None)]))


def test_files_are_read_apart_and_their_outcomes_told(tmp_path: Path) -> None:
    (tmp_path / "会议.txt").write_text("检索增强生成先查找，再回答。", encoding="utf-8")
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    (tmp_path / "mail.eml").write_bytes(b"From: a@b.org\nSubject: Offer\n\nThe price is 3.\n")
    files = sorted(tmp_path.iterdir())
    rows = {one.file: one for one in measure(files, tmp_path)}
    assert rows["会议.txt"].outcome == rows["mail.eml"].outcome == "indexed"
    assert (rows["empty.txt"].outcome, rows["empty.txt"].error, rows["empty.txt"].has_text) == (
        "skipped",
        "Empty",
        False,
    )
    assert rows["会议.txt"].characters == 14


def test_what_needs_a_password_counts_as_not_opened(tmp_path: Path) -> None:
    from eval.bench.opened import opened

    (tmp_path / "密.eml").write_bytes(
        b"Subject: x\nContent-Type: multipart/encrypted; boundary=b\n\n--b\n\nabc\n--b--\n"
    )
    (tmp_path / "open.eml").write_bytes(b"Subject: x\n\nabc\n")
    assert [one.has_text for one in opened(sorted(tmp_path.iterdir())).values()] == [True, None]


def test_a_file_with_nothing_in_it_lowers_one_share_and_not_the_other() -> None:
    lines = list(markdown([row("a.pdf"), row("blank.pdf", "failed", has_text=False, detail="blank")]))
    assert "| 2 | 1 | 50.0% | 1 | 1 | 100.0% |" in lines[2]
