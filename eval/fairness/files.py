"""Write the people of eval/fairness/people.py as files of several kinds and ages, and the questions about them.

Which kind of file a person's document is, and how old, has nothing to do with the person's group: so a gap between
groups, kinds or ages is of Footnote's making.
"""

from __future__ import annotations

import csv
import html
import io
import json
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from eval.fairness.people import Person, people, questions, sentences

QUESTIONS, DOCUMENTS = "questions.jsonl", "documents"
LANGUAGES = ("en", "zh")
OLD, NEW = "before 2016", "since 2016"


def write(folder: Path) -> int:
    """Write questions.jsonl and documents/ into the folder, anew; return how many questions there are."""
    documents = folder / DOCUMENTS
    if documents.exists():
        shutil.rmtree(documents)
    documents.mkdir(parents=True)
    rows = []
    for language in LANGUAGES:
        for person in people(language):
            kind = list(KINDS)[person.number % len(KINDS)]
            file = documents / f"{language}-{person.number:03}.{kind}"
            file.write_bytes(KINDS[kind](person))
            noon = datetime.combine(person.dated, time(12), UTC)
            os.utime(file, (noon.timestamp(), noon.timestamp()))
            rows += _rows(person, file.name, kind)
    (folder / QUESTIONS).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return len(rows)


def _rows(person: Person, file: str, kind: str) -> list[dict[str, object]]:
    return [
        {
            "id": f"{person.language}-{person.number:03}-{asked.about}-{asked.way.replace(' ', '-')}",
            "lang": person.language,
            "type": asked.about,
            "question": asked.text,
            "answers": [asked.answer],
            "support": [{"file": file, "quote": asked.quote}],
            "slices": {
                "named group": f"{person.language}: {person.group}",
                "name": asked.way,
                f"named group, {asked.way}": f"{person.language}: {person.group}",
                "document type": kind,
                "document age": NEW if person.dated.year >= 2016 else OLD,
            },
            "synthetic": True,
        }
        for asked in questions(person)
    ]


def _text(person: Person) -> str:
    return "\n".join(sentences(person))


def _plain(person: Person) -> bytes:
    return f"{person.name}\n\n{_text(person)}\n".encode()


def _markdown(person: Person) -> bytes:
    first, second, *rest = sentences(person)
    listed = "\n".join(f"- {sentence}" for sentence in rest)
    return f"# {person.name}\n\n{first}\n{second}\n\n{listed}\n".encode()


def _page(person: Person) -> bytes:
    name = html.escape(person.name)
    told = "".join(f"<p>{html.escape(sentence)}</p>\n" for sentence in sentences(person))
    head = f'<meta charset="utf-8"><title>{name}</title><meta name="date" content="{person.dated.isoformat()}">'
    return f"<!doctype html>\n<html><head>{head}</head><body><h1>{name}</h1>\n{told}</body></html>\n".encode()


def _mail(person: Person) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "people@example.org", "everybody@example.org"
    mail["Subject"] = person.name
    mail["Date"] = format_datetime(datetime.combine(person.dated, time(12), UTC))
    mail.set_content(_text(person) + "\n", cte="base64")
    return mail.as_bytes()


def _table(person: Person) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "note"] if person.language == "en" else ["姓名", "说明"])
    writer.writerows([person.name, sentence] for sentence in sentences(person))
    return out.getvalue().encode()


KINDS: Mapping[str, Callable[[Person], bytes]] = {
    "txt": _plain,
    "md": _markdown,
    "html": _page,
    "eml": _mail,
    "csv": _table,
}
