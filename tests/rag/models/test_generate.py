"""rag.models.generate: a real checkpoint, made here, answers as transformers' own generate would, many at once."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rag.errors import GenerationFailed, Misconfigured, ModelError
from rag.models.generate import LocalGenerator, Manner
from rag.ports import Message, Prompt
from rag.types import Evidence, Usage
from tests.tiny_chat import END, WINDOW, build_saying_model, build_tiny_adapter, build_tiny_chat_model

QUESTIONS = [f"the {animal} {verb}" for animal in ("cat", "dog", "猫", "question") for verb in ("sat", "waits")]
SAID = ("the mat", "脚注猫鱼三年", " door")
LONG = 200  # tokens


def prompt(question: str) -> Prompt:
    messages = (Message("system", "answer the question"), Message("user", question))
    return Prompt(question, "en", (), messages, Evidence(1.0, ()))


def read(generator: LocalGenerator, question: str = "who") -> tuple[list[str], Usage]:
    """Return the pieces and the usage."""
    stream, pieces = generator.generate(prompt(question)), []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as done:
            return pieces, done.value


def answer(generator: LocalGenerator, question: str = "who") -> str:
    return "".join(read(generator, question)[0])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    build_tiny_chat_model(folder / "tiny")
    build_saying_model(folder / "says", *SAID)
    build_saying_model(folder / "endless", "脚注 a dog", again=True)
    return folder


@pytest.fixture(scope="module")
def find(models: Path) -> Callable[..., LocalGenerator]:
    """Find a model; one that was found with the same settings is not loaded again."""

    @cache
    def finding(name: str, **wanted: Any) -> LocalGenerator:
        return LocalGenerator.find(name, models=models, device="cpu", **{"max_tokens": 40} | wanted)

    return finding


def own_generate(models: Path, name: str, question: str, max_tokens: int) -> str:
    """What the model itself says, with the means of transformers alone."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(models / name)
    model: Any = AutoModelForCausalLM.from_pretrained(models / name)
    said = [{"role": message.role, "content": message.content} for message in prompt(question).messages]
    given = tokenizer.apply_chat_template(said, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    written = model.generate(**given, max_new_tokens=max_tokens, do_sample=False)
    text: str = tokenizer.decode(written[0][given["input_ids"].shape[1] :], skip_special_tokens=True)
    return text


@pytest.mark.parametrize("question", QUESTIONS[:3])
def test_it_says_what_transformers_own_generate_says(find: Any, models: Path, question: str) -> None:
    assert answer(find("tiny"), question) == own_generate(models, "tiny", question, 40)


def test_an_answer_comes_piece_by_piece_and_no_character_is_cut(find: Any) -> None:
    pieces, usage = read(find("says"))
    assert "".join(pieces) == "".join(SAID)
    assert set("脚注猫鱼三年") <= set(pieces)
    assert usage.completion_tokens == 6 * 3 + len(pieces) - 6 + 1  # three to a character, and the end


def test_usage_counts_the_tokens_of_the_prompt_and_of_the_answer(find: Any) -> None:
    generator = find("tiny", max_tokens=7)
    _, usage = read(generator, "the cat")
    assert usage == Usage(generator.count_tokens(prompt("the cat").messages), 7)


def test_eight_at_once_get_the_answers_that_each_gets_alone(find: Any) -> None:
    generator = find("tiny")
    alone = [answer(generator, question) for question in QUESTIONS]
    assert len(set(alone)) == len(QUESTIONS)
    with ThreadPoolExecutor(len(QUESTIONS)) as pool:
        assert list(pool.map(lambda question: answer(generator, question), QUESTIONS)) == alone


def test_drawn_answers_depend_on_the_seed_and_not_on_who_else_asks(find: Any) -> None:
    generator = find("tiny", temperature=0.9, top_p=0.95, seed=1)
    alone = [answer(generator, question) for question in QUESTIONS]
    with ThreadPoolExecutor(len(QUESTIONS)) as pool:
        assert list(pool.map(lambda question: answer(generator, question), QUESTIONS)) == alone
    other = find("tiny", temperature=0.9, top_p=0.95, seed=2)
    assert answer(other, QUESTIONS[0]) != alone[0] != answer(find("tiny"), QUESTIONS[0])


def test_more_than_share_the_model_wait_for_their_turn(find: Any) -> None:
    generator = find("tiny", concurrent=2)
    alone = [answer(generator, question) for question in QUESTIONS]
    with ThreadPoolExecutor(len(QUESTIONS)) as pool:
        assert list(pool.map(lambda question: answer(generator, question), QUESTIONS)) == alone


def test_closing_the_stream_frees_its_place(find: Any) -> None:
    generator = find("endless", concurrent=1, max_tokens=LONG, first_token_seconds=20)
    for _ in range(3):  # each would wait for the one before it, for ever but for the limit
        stream = generator.generate(prompt("who"))
        assert next(stream)
        stream.close()
    assert generator.complete([Message("user", "who")], max_tokens=3) == "脚"
    assert generator.waiting == 0


def test_an_answer_ends_before_a_stop_sequence_wherever_its_tokens_fall(find: Any) -> None:
    assert answer(find("says", stop=("注猫",))) == "the mat脚"
    assert answer(find("says", stop=("t脚注猫鱼三年 d", "never"))) == "the ma"
    assert answer(find("says", stop=("脚注 ",))) == "".join(SAID)


def test_an_endless_answer_has_as_many_tokens_as_are_allowed(find: Any) -> None:
    _, usage = read(find("endless", max_tokens=LONG))
    assert usage.completion_tokens == LONG
    assert len(find("endless").complete([Message("user", "who")], max_tokens=6)) == 2  # of Chinese


def test_a_writer_gets_a_line(find: Any) -> None:
    assert find("says").complete([Message("user", "who")], max_tokens=100) == "".join(SAID)


def test_an_adapter_changes_what_is_said(find: Any, models: Path, tmp_path: Path) -> None:
    adapter = build_tiny_adapter(models / "tiny", tmp_path / "manners")
    generator = find("tiny", adapter=str(adapter))
    assert generator.name == "tiny+manners"
    assert answer(generator) != answer(find("tiny"))
    assert answer(generator) == answer(find("tiny", adapter=str(adapter)))


def test_an_answer_that_does_not_begin_in_time_fails_and_says_what_to_do(find: Any) -> None:
    with pytest.raises(GenerationFailed, match="did not begin its answer within 1e-09 s") as caught:
        answer(find("tiny", first_token_seconds=1e-9))
    assert "llm.first_token_seconds" in caught.value.hint


def test_an_answer_that_does_not_end_in_time_fails_in_the_middle(find: Any) -> None:
    generator = find("endless", max_tokens=LONG, seed=3)
    stream = generator.generate(prompt("who"))
    assert next(stream)
    generator._manner = Manner(deadline_seconds=1e-9)  # the time has passed
    with pytest.raises(GenerationFailed, match="did not end its answer within 1e-09 s") as caught:
        list(stream)
    assert "llm.max_tokens" in caught.value.hint
    assert generator.waiting == 0


def test_a_prompt_that_the_window_cannot_hold_fails_and_the_next_does_not(find: Any) -> None:
    generator = find("tiny")
    with pytest.raises(GenerationFailed, match=f"a window of {WINDOW}") as caught:
        answer(generator, "x" * 2 * WINDOW)
    assert "retrieve.budget_characters" in caught.value.hint
    assert answer(generator)


def test_an_answer_may_fill_what_the_prompt_leaves_of_the_window(find: Any) -> None:
    generator = find("endless", max_tokens=LONG)
    question = "x" * (WINDOW - 20)
    _, usage = read(generator, question)
    assert usage.prompt_tokens > generator.context_tokens
    assert usage.prompt_tokens + usage.completion_tokens == WINDOW


def test_the_context_is_what_the_config_says_less_an_answer(find: Any) -> None:
    assert find("tiny", max_tokens=100).context_tokens == WINDOW - 100
    assert find("tiny", max_tokens=100, context_tokens=256).context_tokens == 156
    assert find("tiny", max_tokens=100, context_tokens=10_000).context_tokens == WINDOW - 100


def test_a_window_too_small_for_an_answer_is_refused(find: Any) -> None:
    with pytest.raises(Misconfigured, match="a window of 512 tokens, and an answer of 500") as caught:
        find("tiny", max_tokens=500)
    assert caught.value.hint == "lower llm.max_tokens"


def test_a_model_without_a_template_is_run_and_said_to_have_none(
    find: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = build_saying_model(tmp_path / "base", "\n", template=None)
    with caplog.at_level(logging.WARNING):
        assert find(str(folder)).count_tokens([Message("user", "who")])
    assert "no chat template" in caplog.text


def test_a_tokenizer_of_another_model_is_refused(find: Any, models: Path, tmp_path: Path) -> None:
    import shutil

    from transformers import AutoTokenizer

    folder = shutil.copytree(models / "tiny", tmp_path / "copy")
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens([f"word{number}" for number in range(WINDOW)])
    tokenizer.save_pretrained(folder)
    with pytest.raises(ModelError, match=r"tokenizer has \d+ tokens, and the model knows 320"):
        answer(find(str(folder)))


def test_a_model_that_fails_at_its_first_token_says_so_when_it_is_loaded(
    find: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import Qwen2ForCausalLM

    def failing(*_: Any, **__: Any) -> None:
        raise RuntimeError("no kernel for this")

    monkeypatch.setattr(Qwen2ForCausalLM, "forward", failing)
    with pytest.raises(ModelError, match="cannot be run: .*no kernel for this"):
        find("tiny", seed=4).load()


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma2"])  # the last by eager attention, and a sliding window
def test_models_of_other_families_answer_too(find: Any, tmp_path: Path, family: str) -> None:
    folder = build_tiny_chat_model(tmp_path / family, family=family)
    assert answer(find(str(folder))) == own_generate(tmp_path, family, "who", 40)


def test_a_model_that_cannot_be_batched_is_refused_when_it_is_loaded(find: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot batch a BloomForCausalLM") as caught:
        find(str(build_tiny_chat_model(tmp_path / "bloom", family="bloom"))).load()
    assert "answer.generator to openai" in caught.value.hint


def test_finding_it_imports_no_torch(models: Path, root: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from rag.models.generate import LocalGenerator\n"
        f"found = LocalGenerator.find('tiny', models=Path({str(models)!r}), max_tokens=40)\n"
        "assert found.context_tokens == 472\n"
        "assert not {'torch', 'transformers'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root, timeout=60)


def test_a_process_that_is_done_does_not_wait_for_an_answer(models: Path, root: Path) -> None:
    program = (
        "from pathlib import Path; from rag.models.generate import LocalGenerator\n"
        "from rag.ports import Message, Prompt; from rag.types import Evidence\n"
        f"found = LocalGenerator.find('endless', models=Path({str(models)!r}), max_tokens=300, device='cpu')\n"
        "stream = found.generate(Prompt('who', 'en', (), (Message('user', 'who'),), Evidence(1.0, ())))\n"
        "print(next(stream), flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=root,
        timeout=120,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "脚\n"
    assert done.stderr == ""


def test_the_end_of_an_answer_is_a_token_and_no_text(find: Any) -> None:
    text = answer(find("says"))
    assert "<|end|>" not in text
    assert find("says")._ready()[0].ends == (END,)
