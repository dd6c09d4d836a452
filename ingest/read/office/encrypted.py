"""Office files under a password: opened with the ones that are known. Knows nothing of what is in them."""

from __future__ import annotations

import io
import struct
import zlib
from xml.parsers.expat import ExpatError

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from msoffcrypto.format.ooxml import OOXMLFile

from ingest.read import read
from ingest.read.limits import Limits
from rag.errors import Encrypted, Malformed
from rag.types import Document

_NOT_UNDERSTOOD = (
    FileFormatError, ParseError, OSError, ValueError, KeyError, IndexError, struct.error, zlib.error, AttributeError,
    TypeError, AssertionError, ExpatError,
)  # fmt: skip
_EVERYONES = "VelvetSweatshop"  # Excel puts it on files that are only protected against changes, and tells nobody


def read_encrypted(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Encrypted where no password fits."""
    return read(decrypted(data, name, limits), name, limits=limits)


def decrypted(data: bytes, name: str, limits: Limits) -> bytes:
    """Return the file without its password.

    Raises Encrypted where no password fits, Malformed where the encryption is not understood.
    """
    for password in (*limits.passwords, _EVERYONES):
        target = io.BytesIO()
        try:
            file = msoffcrypto.OfficeFile(io.BytesIO(data))
            if isinstance(file, OOXMLFile):  # of the others a wrong password raises by itself
                file.load_key(password=password, verify_password=True)
            else:
                file.load_key(password=password)
            file.decrypt(target)
        except (InvalidKeyError, DecryptionError):
            continue
        except _NOT_UNDERSTOOD as error:
            hint = "save a copy without a password"
            raise Malformed(f"{name}: its encryption is not understood ({error})", hint=hint) from error
        return target.getvalue()
    tried = f"; none of the {len(limits.passwords)} that are known fits" if limits.passwords else ""
    raise Encrypted(f"{name}: needs a password{tried}", hint="add it to ingest.passwords, or save a copy without one")
