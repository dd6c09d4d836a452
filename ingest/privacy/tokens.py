"""Keys, tokens and passwords: by the forms that their makers give them, or by the name that stands before them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from ingest.privacy.kinds import NAMED, PROVEN, Found, Kind

_FORMS = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}"
    r"|sk-(?=[A-Za-z0-9_-]*[0-9])(?:(?:proj|ant|or|svcacct|admin)-)?[A-Za-z0-9_-]{20,255}"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{16,128}|whsec_[A-Za-z0-9]{24,64}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{20,255}"
    r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,255}"
    r"|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,64}|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"
    r"|LTAI[A-Za-z0-9]{12,26}|AKID[A-Za-z0-9]{13,40}|EAACEdEose0cBA[A-Za-z0-9]+"
    r"|(?:SK|AC)[0-9a-f]{32}|do[opr]_v1_[a-f0-9]{64}|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}|GOCSPX-[A-Za-z0-9_-]{28}"
    r"|[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}"
    r"|eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{4,2048}"
    r")(?![A-Za-z0-9_-])"
)
_PEM_START = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"(?:\s|\\n|[A-Za-z0-9+/=:,-])+")  # where the end is missing
_IN_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,64}:([^\s/@]{1,128})@", re.IGNORECASE)

_VALUE = r"""(?P<quote>["'`“”‘’]?)(?P<value>[^\s"'`“”‘’,;|<>(){}\[\]\u3000-\u303f\u3400-\u9fff\uff00-\uffef]{4,512})"""
_BEGINS = r"(?:(?<![A-Za-z])|(?-i:(?<=[a-z])(?=[A-Z])))"  # db_password, dbPassword; not mispassword
_LINK_ZH = r"(?:统一|默认|均|都|已|被)?(?:设置?|重置|修改|更改|改)?(?:[为為是成]|如下)[:：]?"
_PASSWORD = re.compile(
    rf"(?:{_BEGINS}(?:password|passwd|passphrase|pwd|pass ?code|pass)|密码|密碼|口令)"
    r"""(?:[_-][A-Za-z]{1,12})?["'`]?[ ]?(?:[(\[][^()\[\]\n]{1,16}[)\]])?[ ]?"""
    r"""(?P<link>:=|=>|->|[:：=]|is\b:?|was\b|>(?=[^<\s]{4,64}</)|"""
    + _LINK_ZH
    + r"""|(?<=[码碼令])[ ](?=\S{0,32}[0-9]))[ \n]{0,2}"""
    + _VALUE,
    re.IGNORECASE,
)
_KEY = re.compile(
    rf"(?:{_BEGINS}(?:authorization|api[ _-]?key|apikey|access[ _-]?key(?:[ _-]?(?:id|secret))?|"
    r"secret[ _-]?key|secret[ _-]?access[ _-]?key|private[ _-]?key|encryption[ _-]?key|auth[ _-]?key|account[ _-]?key|"
    r"app[ _-]?(?:key|secret)|client[ _-]?secret|secret|(?:access|auth|refresh|api|bearer|session|id)?[ _-]?token|"
    r"credentials?|bearer|密钥|密鑰|私钥|令牌|访问令牌))"
    r"""["'`]?[ ]?(?:[(\[][^()\[\]\n]{1,16}[)\]])?[ ]?"""
    r"""(?::=|=>|->|[:：=]|is\b:?|>(?=[^<\s]{4,512}</)|"""
    + _LINK_ZH
    + r"""|(?<=[Bb]earer)[ ])[ \n]{0,2}(?:Bearer |Basic )?"""
    + _VALUE,
    re.IGNORECASE,
)
MIN_KEY_CHARACTERS = 12
MIN_KEY_BITS = 2.8  # entropy of a character: hex has 3.5 and more, words of this length have less
# What stands where a password would: words about it, types, and blanks to be filled in.
_NO_SECRET = frozenset(
    "required optional none null nil true false string str text bytes int char varchar password passwd secret token "
    "key value your yours here enter confirm reset change changed forgot forgotten empty default hidden protected "
    "incorrect invalid wrong correct field input must should this that what with from please contact admin unknown "
    "expired example placeholder redacted hashed encrypted hash md5 sha1 sha256 sha-256 bcrypt argon2 aes-256 aes-128 "
    "aes256 aes128 base64 not only very weak strong too set unset stored saved used sent never always also the and "
    "for undefined any object number boolean optional[str] secretstr integer".split()
)
_PLACEHOLDER = re.compile(
    r"[*•x_.\-#?]+|<.*|\$.*|%.*%?|\{.*|your[_-].*|my[_-]?(?:password|secret|token|key).*|.*[_-](?:here|placeholder|goes)|"
    r"(?:self|os|config|settings|request|req|args|env|process|this|params|user|getpass|form|data|options|kwargs|ctx)\..*|"
    r"https?://.*|/.*|\.\.?/.*",
    re.IGNORECASE,
)
_HARD = re.compile(r"[0-9]|[^\w'’.-]")  # what words do not have in them
_TRAILING = ".:)]}>*"


def find_secrets(text: str) -> Iterator[Found]:
    yield from _find_private_keys(text)
    for match in _FORMS.finditer(text):
        yield Found(match.start(), match.end(), Kind.SECRET, match.group(), PROVEN)
    for match in _IN_ADDRESS.finditer(text):
        if not _PLACEHOLDER.fullmatch(match[1]):
            yield Found(match.start(1), match.end(1), Kind.SECRET, match[1], PROVEN)
    for match in _PASSWORD.finditer(text):
        value = match["value"].rstrip(_TRAILING)
        if _is_password(text, match, value):
            yield Found(match.start("value"), match.start("value") + len(value), Kind.SECRET, value, NAMED)
    for match in _KEY.finditer(text):
        value = match["value"].rstrip(_TRAILING)
        if _is_key(value):
            yield Found(match.start("value"), match.start("value") + len(value), Kind.SECRET, value, NAMED)


def _find_private_keys(text: str) -> Iterator[Found]:
    position = 0
    while match := _PEM_START.search(text, position):
        end = _PEM_END.search(text, match.end())
        body = _PEM_BODY.match(text, match.end())
        position = end.end() if end else body.end() if body else match.end()
        yield Found(match.start(), position, Kind.SECRET, text[match.start() : position], PROVEN)


def _is_password(text: str, match: re.Match[str], value: str) -> bool:
    if len(value) < 4 or value.lower() in _NO_SECRET or _PLACEHOLDER.fullmatch(value):
        return False
    after = text[match.start("value") + len(value) : match.start("value") + len(value) + 2]
    if after.startswith(("(", "[")):  # a call: input(...), os.environ[...]
        return False
    is_plain = value.isalpha()
    if match["link"].lower().startswith(("is", "was")):
        is_marked = match["link"].endswith((":", "：")) or bool(match["quote"])
        return value.isdigit() or (not is_plain and (is_marked or _HARD.search(value) is not None))
    if not is_plain:
        return any(map(str.isalnum, value)) and ("." not in value or any(map(str.isdigit, value)))
    # Letters alone: a password if it is all that is said, or marked as a value.
    return bool(match["quote"]) or (len(value) >= 6 and (not after.strip() or after[0] in "。，；！,;"))


def _is_key(value: str) -> bool:
    if len(value) < MIN_KEY_CHARACTERS or _PLACEHOLDER.fullmatch(value):
        return False
    has_digit = any(map(str.isdigit, value))
    has_letter = any(map(str.isalpha, value))
    return has_digit and has_letter and _bits(value) >= MIN_KEY_BITS


def _bits(value: str) -> float:
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values())
