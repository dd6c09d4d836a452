"""A mail packed with its signature is read; nothing else is taken for one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read.mail.signed import signed_content
from tests.ingest.read.make_mail import body_of, mail, opened

SIGNED_DATA, ENVELOPED, DATA = (bytes.fromhex(f"06092a864886f70d0107{last}") for last in ("02", "03", "01"))
CONTENT = b"Content-Type: text/plain\r\n\r\n" + b"Signed words. " * 20


def value(tag: int, *inside: bytes) -> bytes:
    content = b"".join(inside)
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")) + content


def open_value(tag: int, *inside: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(inside) + b"\0\0"


def packed(content: bytes, kind: bytes = SIGNED_DATA) -> bytes:
    said = value(0x30, DATA, value(0xA0, value(0x04, content)))
    return value(0x30, kind, value(0xA0, value(0x30, value(0x02, b"\1"), value(0x31), said, value(0x31))))


def streamed(content: bytes) -> bytes:
    """As programs write it that do not know the length before: in pieces, every length left open."""
    pieces = [value(0x04, content[start : start + 128]) for start in range(0, len(content), 128)]
    said = open_value(0x30, DATA, open_value(0xA0, open_value(0x24, *pieces)))
    return open_value(0x30, SIGNED_DATA, open_value(0xA0, open_value(0x30, value(0x02, b"\1"), value(0x31), said)))


@pytest.mark.parametrize("pack", [packed, streamed])
@pytest.mark.parametrize("size", [1, 127, 128, 129, 256, len(CONTENT)])
def test_the_content_is_unpacked(pack: object, size: int) -> None:
    assert signed_content(pack(CONTENT[:size])) == CONTENT[:size]  # type: ignore[operator]


@pytest.mark.parametrize("data", [b"", b"0", packed(CONTENT, ENVELOPED), packed(CONTENT)[:60], b"\x30\x80" * 500])
def test_nothing_else_is_taken_for_one(data: bytes) -> None:
    assert signed_content(data) is None


def test_a_mail_packed_with_its_signature_is_read() -> None:
    body = base64.encodebytes(packed(CONTENT))
    document = opened(mail(body, "application/pkcs7-mime; smime-type=signed-data", "Content-Transfer-Encoding: base64"))
    assert body_of(document).startswith("Signed words. Signed words.")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_damage_ends_in_a_traceback(data: st.DataObject) -> None:
    hurt = bytearray(data.draw(st.sampled_from([packed(CONTENT), streamed(CONTENT)])))
    for _ in range(data.draw(st.integers(1, 6))):
        hurt[data.draw(st.integers(0, len(hurt) - 1))] = data.draw(st.integers(0, 255))
    signed_content(bytes(hurt[: data.draw(st.integers(0, len(hurt)))]))
