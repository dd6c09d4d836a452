"""Every error that Footnote raises on purpose.

FootnoteError                what went wrong; `hint` says what to do
├── Misconfigured            a setting is unknown, out of range, or asks for what is not installed
├── NotFound                 no such collection, document, chunk or job
├── Conflict                 it exists already, or its state forbids this
├── InvalidRequest           the caller's input cannot be used
├── LibraryError
│   ├── LibraryMismatch      the library was built by another embedder, chunker or reader: rebuild
│   ├── LibraryBusy          another process holds the writers' lease
│   └── LibraryDamaged       the truth itself does not add up
├── Unreadable               a file cannot be turned into text
│   ├── Unsupported          no reader for this type
│   ├── Encrypted            it needs a password
│   ├── Malformed            its bytes are not what its type promises
│   ├── TooLarge             it passes a limit on size, pages, time or expansion
│   ├── Changing             it is being written to
│   ├── NoText               it was read, and there is nothing in it
│   ├── Empty                it has no bytes but white space
│   └── LowQuality           there is text in it, and none that a person would read
└── ModelError
    ├── ModelNotFound        the weights are not where they were looked for
    ├── ModelMismatch        the weights are not the published ones
    └── GenerationFailed     a generator stopped before its answer was whole
"""

from __future__ import annotations


class FootnoteError(Exception):
    """What went wrong, and in `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def name(self) -> str:
        return type(self).__name__


class Misconfigured(FootnoteError): ...


class NotFound(FootnoteError): ...


class Conflict(FootnoteError): ...


class InvalidRequest(FootnoteError): ...


class LibraryError(FootnoteError): ...


class LibraryMismatch(LibraryError): ...


class LibraryBusy(LibraryError): ...


class LibraryDamaged(LibraryError): ...


class Unreadable(FootnoteError): ...


class Unsupported(Unreadable): ...


class Encrypted(Unreadable): ...


class Malformed(Unreadable): ...


class TooLarge(Unreadable): ...


class Changing(Unreadable): ...


class NoText(Unreadable): ...


class Empty(Unreadable): ...


class LowQuality(Unreadable): ...


class ModelError(FootnoteError): ...


class ModelNotFound(ModelError): ...


class ModelMismatch(ModelError): ...


class GenerationFailed(ModelError): ...
