"""Keep personal data out of the log, whatever a message or a trace quotes."""

from __future__ import annotations

import logging

from ingest.privacy.mask import Masker

_FORMATTER = logging.Formatter()


class MaskingFilter(logging.Filter):
    """Put it on the handlers, not on a logger: those below a logger do not pass its filters."""

    def filter(self, record: logging.LogRecord) -> bool:
        masker = Masker()
        record.msg, record.args = masker.text(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _FORMATTER.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masker.text(record.exc_text)
        if record.stack_info:
            record.stack_info = masker.text(record.stack_info)
        return True


def mask_logs() -> None:
    """Let nothing that is masked in documents through the handlers that there are now."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(one, MaskingFilter) for one in handler.filters):
            handler.addFilter(MaskingFilter())
