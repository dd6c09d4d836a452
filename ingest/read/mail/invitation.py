"""A calendar's events (iCalendar) as text: what, when, where, and the description. Repetition is named by its rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z-]+)((?:;[^:;=]+=(?:\"[^\"]*\"|[^:;\"]*))*):(.*)")
_ZONE = re.compile(r";TZID=\"?([^\";:]+)", re.IGNORECASE)
_NAME = re.compile(r";CN=\"?([^\";:]+)", re.IGNORECASE)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")
_ESCAPE = re.compile(r"\\([nN,;\\])")
_SHOWN = frozenset({"VEVENT", "VTODO", "VJOURNAL"})


@dataclass(frozen=True, slots=True)
class Event:
    summary: str
    lines: tuple[str, ...]  # "When: 2024-05-01 09:00 to 10:00 (Asia/Shanghai)"
    description: str


def events(text: str) -> Iterator[Event]:
    """Yield the events in the order of the file; alarms and time zones are left out."""
    fields: dict[str, tuple[str, str]] = {}
    guests: list[str] = []
    above: list[str] = []
    for line in _FOLD.sub("", text.replace("\r\n", "\n")).split("\n"):
        match = _LINE.fullmatch(line.strip())
        if match is None:
            continue
        name, extra, value = match[1].upper(), match[2], match[3]
        if name == "BEGIN":
            above.append(value.strip().upper())
            if above[-1] in _SHOWN:
                fields, guests = {}, []
        elif name == "END":
            if above and above.pop() in _SHOWN:
                yield _event(fields, guests)
        elif above and above[-1] in _SHOWN:
            if name == "ATTENDEE":
                guests.append(_person(extra, value))
            else:
                fields.setdefault(name, (extra, value))


def _event(fields: dict[str, tuple[str, str]], guests: list[str]) -> Event:
    def text(name: str) -> str:
        return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], fields.get(name, ("", ""))[1]).strip()

    rows = {
        "When": _period(fields),
        "Due": _time(fields["DUE"][1]) if "DUE" in fields else "",
        "Repeats": text("RRULE"),
        "Where": text("LOCATION").replace("\n", ", "),
        "Organiser": _person(*fields["ORGANIZER"]) if "ORGANIZER" in fields else "",
        "Guests": ", ".join(guests),
        "Status": text("STATUS"),
    }
    lines = tuple(f"{name}: {value}" for name, value in rows.items() if value)
    return Event(text("SUMMARY").replace("\n", " "), lines, text("DESCRIPTION"))


def _period(fields: dict[str, tuple[str, str]]) -> str:
    if "DTSTART" not in fields:
        return ""
    start = _time(fields["DTSTART"][1])
    end = _time(fields["DTEND"][1]) if "DTEND" in fields else ""
    if end[:10] == start[:10]:
        end = end[11:]
    zone = _ZONE.search(fields["DTSTART"][0])
    shown = f"{start} to {end}" if end and end != start else start
    return f"{shown} ({zone[1]})" if zone else shown


def _time(value: str) -> str:
    match = _TIME.match(value.strip())
    if match is None:
        return value.strip()
    day = "-".join(match.group(1, 2, 3))
    return f"{day} {match[4]}:{match[5]}{' UTC' if match[7] else ''}" if match[4] else day


def _person(extra: str, value: str) -> str:
    name = _NAME.search(extra)
    address = re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)
    return f"{name[1]} <{address}>" if name and name[1] != address else address
