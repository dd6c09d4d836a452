from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import footnote
from rag.errors import InvalidRequest, LibraryBusy, NotFound


def run(root: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "footnote", *arguments]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """A room of one verb, `try`, for a test to fill."""
    app = typer.Typer()
    room = type(sys)("tests.a_room")
    room.app = app  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tests.a_room", room)
    verb = footnote.Verb("Try it.", ("tests.a_room",))
    monkeypatch.setitem(footnote.VERBS, "ask", verb)
    return app


def raising(app: typer.Typer, error: BaseException) -> None:
    @app.command()
    def fails(json: bool = False) -> None:
        raise error


@pytest.mark.parametrize("name", sorted(footnote.VERBS))
def test_every_verb_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main([name, "--help"]) == 0
    text = capsys.readouterr().out
    command = footnote.load(name)
    if hasattr(command, "commands"):
        for inner in command.commands:
            assert footnote.main([name, inner, "--help"]) == 0
            assert f"footnote {name} {inner}" in capsys.readouterr().out.split("Options:")[0].split("\n\n", 1)[1]
    else:
        assert f"footnote {name}" in text.split("\n\n", 1)[1]


def test_python_m_footnote_is_the_same_command(root: Path) -> None:
    done = run(root, "--help")
    assert done.returncode == 0
    assert all(f"\n  {name} " in done.stdout for name in footnote.VERBS)


def test_no_verb_at_all_shows_the_help_and_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main([]) == 2
    assert "Commands:" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["aks", "why"], ["ask"], ["ask", "why", "--colection", "a"], ["--dta", "x"]])
def test_wrong_usage_exits_2_and_leaves_standard_output_empty(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert footnote.main(arguments) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "Error:" in err


def test_a_misspelt_verb_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["serch", "x"]) == 2
    assert "'search'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("no such thing", hint="look elsewhere"), 1),
        (LibraryBusy("busy", hint="wait"), 1),
        (InvalidRequest("empty", hint="say something"), 2),
        (PermissionError(13, "Permission denied", "data"), 1),
    ],
)
def test_an_error_is_one_line_and_a_hint_on_standard_error(
    verb: typer.Typer, error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(verb, error)
    assert footnote.main(["ask"]) == code
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith(f"footnote: {error}\n")
    assert getattr(error, "hint", "") in err
    assert "Traceback" not in err


def test_with_json_an_error_is_one_object_on_standard_output(
    verb: typer.Typer, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    raising(verb, NotFound("没有这个文档", hint="look"))
    assert footnote.main(["ask", "--json"]) == 1
    error = json.loads(capsysbinary.readouterr().out)
    assert error == {"error": {"type": "NotFound", "message": "没有这个文档", "hint": "look"}}


def test_json_after_a_double_dash_is_a_word_like_any_other(
    verb: typer.Typer, capsys: pytest.CaptureFixture[str]
) -> None:
    @verb.command()
    def fails(word: str) -> None:
        raise NotFound(word)

    assert footnote.main(["ask", "--", "--json"]) == 1
    assert not capsys.readouterr().out


def test_control_c_exits_130_without_a_word(verb: typer.Typer, capsys: pytest.CaptureFixture[str]) -> None:
    raising(verb, KeyboardInterrupt())
    assert footnote.main(["ask"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_verb_may_choose_its_exit_code(verb: typer.Typer) -> None:
    raising(verb, typer.Exit(1))
    assert footnote.main(["ask"]) == 1


def test_a_room_that_lacks_a_package_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'streamlit'", name="streamlit")

    monkeypatch.setattr("footnote.importlib.import_module", missing)
    assert footnote.main(["ui"]) == 2
    assert "needs streamlit" in capsys.readouterr().err


def test_a_reader_that_leaves_early_hears_nothing(root: Path) -> None:
    script = f"{sys.executable} -m footnote config show | head -n 1; echo ${{PIPESTATUS[0]}} >&2"
    done = subprocess.run(["bash", "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_the_data_folder_may_stand_before_the_verb_or_after_it(root: Path, tmp_path: Path) -> None:
    shown = [
        json.loads(run(root, *arguments).stdout)["settings"]["data"]["value"]
        for arguments in (
            ["--data", str(tmp_path), "config", "show", "--json"],
            ["config", "show", "--json", "--data", str(tmp_path)],
            ["--data", "elsewhere", "config", "show", "--json", "--data", str(tmp_path)],
        )
    ]
    assert shown == [str(tmp_path)] * 3


def test_chinese_is_printed_in_a_locale_that_has_none(root: Path, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    for arguments in (["config", "show"], ["config", "show", "--json"]):
        done = run(root, *arguments, "--data", "数据", env=environment)
        assert done.returncode == 0, done.stderr


STILL_AT_WORK = """
import sys, threading
import footnote

begun = threading.Event()

def learn():
    import torch
    layer = torch.nn.Linear(2, 2)
    while True:
        layer(torch.ones(1, 2)).sum().backward()
        begun.set()

def verb(arguments):
    threading.Thread(target=learn, daemon=True).start()
    begun.wait()
    print("完")
    return 3

footnote.main = verb
footnote.run()
"""


def test_a_thread_that_still_works_in_native_code_does_not_abort_the_end(root: Path) -> None:
    command = [sys.executable, "-c", STILL_AT_WORK]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "完\n", "")
