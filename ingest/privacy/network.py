"""Addresses of machines: IPv4, IPv6 and MAC. Versions, sections and times have the same looks, and are told apart."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from ingest.privacy.kinds import FORMED, PROVEN, Found, Kind
from ingest.privacy.labels import is_after

_V4 = re.compile(r"(?<![0-9A-Za-z.])(?<![0-9A-Za-z]-)(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z]|\.[0-9]|-[A-Za-z])")
_V6 = re.compile(
    r"(?<![0-9A-Za-z:.])(?=[0-9A-Fa-f:]{0,24}[0-9])(?:[0-9A-Fa-f]{1,4}:|:(?=:)){1,7}(?::?[0-9A-Fa-f]{1,4})?"
    r"(?::[0-9A-Fa-f]{1,4}){0,6}(?:(?<=:)(?:[0-9]{1,3}\.){3}[0-9]{1,3})?(?![0-9A-Za-z:])"
)
_MAC = re.compile(
    r"(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{2}(?P<s>[:-])(?:[0-9A-Fa-f]{2}(?P=s)){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![0-9A-Za-z:]|-[0-9A-Za-z]|\.[0-9])"
)
# Before a version, a section or a figure. The name of a program and a slash do it too: Chrome/120.0.0.0.
_NOT_ADDRESS = re.compile(
    r"(?:(?<![A-Za-z])(?:v|ver|versions?|release|rev|build|firmware|driver|kernel|patch|upgraded? to|update|"
    r"sections?|sec|chapter|clause|article|appendix|annex|table|figure|fig|eq|equation|item|rule|paragraph|oid|see|python|java|jdk|"
    r"node|nginx|openssl|mysql|redis|php|ios|android|windows|chrome|firefox|edge|safari|linux|office)\.?"
    r"|版本号?|版|固件|驱动|内核|升级[到至]|更新[到至]|第|章节?|小节|条款?|附录|表格?|图|公式|详见|参见|[§])"
    r"(?:\s(?:number|no\.?|to|from))?\s?(?:[:=(]|为|是)?\s?[vV]?\Z|[A-Za-z]/\Z",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:(?<![A-Za-z])(?:ips?|ipv[46]|address|addr|hosts?|servers?|dns|ping|ssh|gateway|router|proxy|peer|client|subnet|"
    r"nameserver|login|logged|remote|connect(?:ed|ing|ion)?|from|at|source|src|dst|destination|x-forwarded-for|curl|"
    r"traceroute|telnet|rdp|vpn)(?![A-Za-z])|地址|主机|服务器|伺服器|网关|登录|登陆|登入|访问|连接|来自|解析|代理|客户端|终端|节点|"
    r"来源|源|设备|机器|網址|位址)[^.\n。]{0,24}\Z|//\Z|@\Z",
    re.IGNORECASE,
)
_LINE_START = re.compile(r"(?:^|\n)[ #*>|-]{0,8}\Z")
_HEADING = re.compile(r"[ .、]{0,2}[A-Za-z\u3400-\u9fff]")
_NAME_BEFORE = re.compile(r"[A-Za-z][A-Za-z.+#-]* ?\Z")
_LOGGED = re.compile(
    r" (?:- )?-? ?\[|:[0-9]{2,5}(?![0-9])|/[0-9]{1,2}(?![0-9.])"
)  # as web servers write it: 10.0.0.5 - - [
SMALL = 30  # sections and versions have numbers below it; few addresses have nothing else


def find_addresses(text: str) -> Iterator[Found]:
    yield from _find_v4(text)
    if ":" in text:
        yield from _find_v6(text)
    for match in _MAC.finditer(text):
        value = re.sub(r"[^0-9a-f]", "", match.group().lower())
        if len(set(value)) > 2 and ("-" not in match.group() or not value.isdigit()):
            yield Found(match.start(), match.end(), Kind.MAC, value, FORMED)


def _find_v4(text: str) -> Iterator[Found]:
    for match in _V4.finditer(text):
        parts = [int(part) for part in match.group().split(".")]
        # Nobody's: unspecified, this very machine, masks, and those of groups.
        if (
            max(parts) > 255
            or parts[0] in (0, 127)
            or parts[0] >= 224
            or any(len(p) > 1 and p[0] == "0" for p in match[0].split("."))
        ):
            continue
        is_named = is_after(_ADDRESS, text, match.start(), 64) or _LOGGED.match(text, match.end()) is not None
        if is_after(_NOT_ADDRESS, text, match.start(), 32) and not is_after(re.compile(r"//\Z"), text, match.start()):
            continue
        if not is_named and (
            max(parts) < SMALL or (parts[0] < SMALL and parts[0] != 10 and _follows_a_name(text, match))
        ):
            continue
        if max(parts) < SMALL and _is_heading(text, match):
            continue
        yield Found(match.start(), match.end(), Kind.IP, match.group(), PROVEN if is_named else FORMED)


def _follows_a_name(text: str, match: re.Match[str]) -> bool:
    """Whether it is a program's version, like TensorFlow 2.15.0.65: a name before it, and small parts in it."""
    return (
        sum(len(part) == 1 for part in match.group().split(".")) >= 2
        and _NAME_BEFORE.search(text, max(0, match.start() - 20), match.start()) is not None
    )


def _is_heading(text: str, match: re.Match[str]) -> bool:
    return bool(
        _LINE_START.search(text, max(0, match.start() - 10), match.start()) and _HEADING.match(text, match.end())
    )


def _find_v6(text: str) -> Iterator[Found]:
    for match in _V6.finditer(text):
        groups = [group for group in re.split(":+", match.group()) if group]
        if len(groups) < 3 and not (groups and len(groups[0]) == 4 and len(groups) == 2):
            continue
        try:
            address = ipaddress.IPv6Address(match.group())
        except ValueError:
            continue
        yield Found(match.start(), match.end(), Kind.IP, address.compressed, PROVEN)
