from __future__ import annotations

import base64
import random

import pytest

from ingest.clean import clean
from ingest.prepare import prepare
from ingest.quality import refuse_noise
from ingest.read import Limits, read
from rag.errors import LowQuality
from rag.types import Document

BLOB = base64.b64encode(random.Random(1).randbytes(600)).decode()
FOLDED = "\n".join(BLOB[start : start + 64] for start in range(0, len(BLOB), 64))


def cleaned(text: str, name: str = "a.txt") -> Document:
    return clean(read(text.encode(), name, limits=Limits()))


def dropped(document: Document) -> set[str]:
    return {row["reason"] for row in document.metadata.get("dropped", ())}


@pytest.mark.parametrize("blob", [BLOB, FOLDED])
def test_encoded_data_is_dropped_and_said_to_be(blob: str) -> None:
    document = cleaned(f"The key of the server is attached below.\n\n{blob}\n\nKeep it safe.\n")
    assert document.text == "The key of the server is attached below.\n\nKeep it safe."
    assert dropped(document) == {"encoded data"}


def test_long_words_and_lines_are_no_encoded_data() -> None:
    text = (
        f"{'-' * 300}\n\nhttps://example.org/{'path-of-words/' * 30}\n\n{'ACGT' * 100}\n\n{'漢字' * 200}\n\nEnd of it."
    )
    document = cleaned(text)
    assert "ACGT" in document.text
    assert "path-of-words" in document.text
    assert "漢字" in document.text
    assert dropped(document) == set()


def test_a_line_that_comes_over_and_over_stays_once() -> None:
    lines = "".join(f"Dish {number} is soup.\n\nAll rights belong to the canteen.\n\n" for number in range(20))
    document = cleaned(lines)
    assert document.text.count("All rights belong to the canteen.") == 1
    assert all(f"Dish {number} is soup." in document.text for number in range(20))
    assert dropped(document) == {"repeated line"}


def test_rows_of_a_table_and_lines_of_code_may_repeat() -> None:
    table = "| Dish | Day |\n|---|---|\n" + "| soup of the day | Friday |\n" * 20
    code = "```\n" + "print('the same line')\n" * 20 + "```\n"
    document = cleaned(f"# Menu\n\n{table}\n{code}", "a.md")
    assert document.text.count("soup of the day") == 20
    assert document.text.count("print(") == 20


@pytest.mark.parametrize("text", ["\ufffd\ue123" * 40 + "ab" * 80, "#$%^&*()_+~<>?|" * 20])
def test_a_text_without_words_is_turned_away(text: str) -> None:
    with pytest.raises(LowQuality, match="a.txt: "):
        refuse_noise(Document("", "a", "a.txt", "text/plain", text))


@pytest.mark.parametrize("text", ["Ok.", "3.14, 2.72, 1.41; " * 50, "汤。", "--- " * 10 + "end"])
def test_short_texts_and_numbers_are_texts(text: str) -> None:
    assert prepare(text.encode(), "a.txt", Limits()).text
