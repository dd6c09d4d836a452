"""Addresses of mail, also those written to be read by people only: name [at] host [dot] org."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.privacy.kinds import PROVEN, Found, Kind

_LOCAL = re.compile(r"(?<![A-Za-z0-9._%+'&-])[A-Za-z0-9_%+&][A-Za-z0-9._%+'&-]{0,63}\Z|[A-Za-z0-9._%+&-]{1,64}\Z")
_QUOTED = re.compile(r'"[^"\n@]{1,62}"\Z')
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+([A-Za-z][a-z]{1,23}|[A-Z]{2,24}|xn--[A-Za-z0-9-]{2,40})"
)
_CREDENTIALS = re.compile(r"[a-z]://[^\s/@]*\Z", re.IGNORECASE)  # scheme://user:password@host: a secret's to find
_ADDRESS = re.compile(r"\[[0-9a-fA-F.:]{7,45}\]")
# Endings of files, not of hosts: icon@2x.png.
_FILES = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|ico|bmp|css|[jt]sx?|json|html?|php|py|txt|pdf|csv|ya?ml|eml|msg|docx?|xlsx?|pptx?|zip|md)\Z",
    re.IGNORECASE,
)
_AT_WRITTEN = r" {0,2}[\[({<] {0,2}(?:at|@|#|艾特) {0,2}[\])}>] {0,2}"
_DOT_WRITTEN = r"(?: {0,2}[\[({<] {0,2}(?:dot|\.|点) {0,2}[\])}>] {0,2}| dot )"
_HIDDEN = re.compile(
    rf"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+][A-Za-z0-9._%+-]{{0,63}}{_AT_WRITTEN}[A-Za-z0-9][A-Za-z0-9-]{{0,62}}"
    rf"(?:(?: {{0,2}}\. {{0,2}}|{_DOT_WRITTEN})[A-Za-z0-9-]{{2,63}}){{1,4}}",
    re.IGNORECASE,
)
# Spaced out: only with the endings that hosts of mail mostly have, for "lunch @ noon.Then" has one too.
_SPACED = re.compile(
    r"(?<![A-Za-z0-9._%+@-])[A-Za-z0-9_][A-Za-z0-9._%+-]{1,63} {1,2}@ {1,2}((?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,4}"
    r"(?:com|net|org|edu|gov|cn|tw|hk|uk|io|de|fr|jp))(?![A-Za-z0-9-])",
    re.IGNORECASE,
)
_AT = re.compile(_AT_WRITTEN, re.IGNORECASE)
_DOT = re.compile(_DOT_WRITTEN, re.IGNORECASE)


def find_mails(text: str) -> Iterator[Found]:
    at = text.find("@")
    while at >= 0:
        found = _around(text, at)
        if found is not None:
            yield found
        at = text.find("@", at + 1)
    for match in _SPACED.finditer(text):
        yield Found(match.start(), match.end(), Kind.MAIL, match.group().replace(" ", "").lower())
    for match in _HIDDEN.finditer(text):
        value = _DOT.sub(".", _AT.sub("@", match.group())).replace(" ", "")
        yield Found(match.start(), match.end(), Kind.MAIL, value.lower())


def _around(text: str, at: int) -> Found | None:
    first = max(0, at - 65)
    local = _LOCAL.search(text, first, at) or _QUOTED.search(text, first, at)
    domain = _DOMAIN.match(text, at + 1) or _ADDRESS.match(text, at + 1)
    if local is None or domain is None:
        return None
    end = domain.end()
    if domain.lastindex and (ending := _FILES.search(domain.group())):
        end -= len(ending.group())
        if _DOMAIN.fullmatch(text, at + 1, end) is None:
            return None
    if text.startswith(":", end) and local.group() == "git":  # git@host:path names a repository
        return None
    start = local.start() + len(local.group()) - len(local.group().lstrip(".'&-"))
    if start == at or _CREDENTIALS.search(text, max(0, start - 160), at):
        return None
    return Found(start, end, Kind.MAIL, text[start:end].lower(), PROVEN)
