"""A box of mails to one document, message by message."""

from __future__ import annotations

from ingest.read import Limits
from ingest.read.mail.mime import read_mail
from rag.types import BlockKind
from tests.ingest.read.make_mail import mail, opened, placed, texts


def test_a_box_gives_each_message_its_heading_and_place() -> None:
    first, second = (
        mail("First body.\n\n>From here on it is better.", subject="One"),
        mail("Second body.", subject="Two"),
    )
    box = b"From ann@a Wed May  1 09:30:00 2024\n" + first + b"\n\nFrom bob@b Thu May  2 09:30:00 2024\n" + second
    document = read_mail(box, "inbox.mbox", Limits())
    assert document.title == "inbox"
    assert texts(document, BlockKind.HEADING) == ["One", "Two"]
    assert placed(document, "message 1") == ["First body.", "From here on it is better."]
    assert placed(document, "message 2") == ["Second body."]
    assert placed(document, "message 2, header")[0] == "Two"
    assert document.metadata["messages"] == 2


def test_a_box_of_one_is_a_mail() -> None:
    document = opened(b"From ann@a Wed May  1 09:30:00 2024\n" + mail("Body."))
    assert document.metadata["author"].startswith("Ann Lee")
    assert placed(document, "") == ["Body."]


def test_a_line_that_begins_with_from_parts_no_messages() -> None:
    body = "First.\n\nFrom here on it is better.\n\nFrom ann I heard:\nnothing."
    box = (
        b"From ann@a Wed May  1 09:30:00 2024\n" + mail(body, subject="One") + b"\n\nFrom bob@b Thu\n" + mail("Second.")
    )
    document = read_mail(box, "inbox.mbox", Limits())
    assert document.metadata["messages"] == 2
    assert placed(document, "message 1") == ["First.", "From here on it is better.", "From ann I heard:\nnothing."]


def test_a_message_that_is_encrypted_leaves_the_others() -> None:
    sealed = mail("0", "application/pkcs7-mime; smime-type=enveloped-data", subject="Sealed")
    box = b"From a@a Wed\n" + sealed + b"\n\nFrom b@b Thu\n" + mail("Open words.")
    document = read_mail(box, "inbox.mbox", Limits())
    assert texts(document, BlockKind.HEADING) == ["Sealed", "Hi"]
    assert document.metadata["attachments"][0]["error"] == "Encrypted"
    assert document.metadata["attachments"][0]["place"].startswith("message 1, attachment")
