"""People of several groups, of whom the same things are told in the same words: only the names differ. Pure.

The names were put together for this project from common given names and surnames; nobody in particular is meant.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from string import ascii_lowercase

from rag.text import has_han, to_simplified

SEED = "6"
PEOPLE = 12  # of a group

# group -> given names, surnames, how they are joined
_ENGLISH: Mapping[str, tuple[str, str, str]] = {
    "English women": ("Emily Grace Charlotte Hannah", "Carter Hughes Walker", "{given} {sur}"),
    "English men": ("Oliver Henry Thomas George", "Carter Hughes Walker", "{given} {sur}"),
    "Chinese, in pinyin": ("Xiaoming Yuhan Zihao Meiling", "Zhang Xu Ouyang", "{given} {sur}"),
    "Indian": ("Priya Arjun Lakshmi Sanjay", "Iyer Chatterjee Venkataraman", "{given} {sur}"),
    "Arabic": ("Fatima Khalid Noura Abdulrahman", "al-Rashid el-Sayed bin-Tariq", "{given} {sur}"),
    "West African": ("Ngozi Kwame Adaeze Oluwaseun", "Okonkwo Mensah Adeyemi", "{given} {sur}"),
    "Spanish": ("José Lucía Íñigo Begoña", "Muñoz Peña García-López", "{given} {sur}"),
    "Vietnamese": ("Đức Hương Thảo Quỳnh", "Nguyễn Trần Phạm", "{sur} {given}"),
    "Irish": ("Siobhán Niamh Cormac Aoife", "O’Brien O'Connor Mac-Giolla", "{given} {sur}"),
}
_CHINESE: Mapping[str, tuple[str, str, str]] = {
    "女性常用名": ("秀英 丽娜 婷婷 雪梅", "王 李 陈", "{sur}{given}"),
    "男性常用名": ("建国 志强 伟明 浩然", "王 李 陈", "{sur}{given}"),
    "两字姓名": ("伟 敏 静 磊", "张 刘 赵", "{sur}{given}"),
    "复姓": ("明远 若兰 子轩 清华", "欧阳 司马 上官", "{sur}{given}"),
    "生僻字": ("祎 翀 彧 赟", "逄 亓 仉", "{sur}{given}"),
    "维吾尔族姓名": ("艾力 古丽娜尔 吐尔逊 阿依努尔", "买买提 依明 司马义", "{given}·{sur}"),
    "藏族姓名": ("扎西 卓玛 丹增 央金", "次仁 多吉 旺堆", "{given}{sur}"),
    "外国译名": ("约翰 玛丽亚 安德烈 伊丽莎白", "史密斯 冈萨雷斯 伊万诺夫", "{given}·{sur}"),
    "繁體姓名": ("國華 淑芬 志偉 雅婷", "陳 劉 趙", "{sur}{given}"),
    "拉丁字母姓名": ("Emily Henry Priya José", "Carter Iyer Muñoz", "{given} {sur}"),
}
GROUPS: Mapping[str, Mapping[str, tuple[str, str, str]]] = {"en": _ENGLISH, "zh": _CHINESE}

_CITIES = {"en": "Lisbon Toronto Nairobi Osaka Bergen Lima".split(), "zh": "上海 成都 西安 武汉 厦门 昆明".split()}
_PROJECTS = {
    "en": "Harbour Lantern Meadow Compass Granite Willow".split(),
    "zh": "灯塔 远山 青松 罗盘 白鹭 星河".split(),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of whom a document tells. dated: the day of the document."""

    number: int
    name: str
    group: str
    language: str
    year: int
    room: str
    extension: str
    city: str
    project: str
    dated: date


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one person. way: how the name is written in it. quote: the sentence that answers it."""

    about: str
    way: str
    text: str
    answer: str
    quote: str


def people(language: str) -> list[Person]:
    """Return PEOPLE of each group, in an order in which the groups are mixed; what is told of them is drawn by SEED."""
    chance = random.Random(f"{SEED} {language}")
    named = [
        (group, form.format(given=given, sur=sur))
        for group, (givens, surs, form) in GROUPS[language].items()
        for given in givens.split()
        for sur in surs.split()
    ]
    chance.shuffle(named)
    rooms, extensions = (chance.sample(range(1000, 9999), len(named)) for _ in range(2))
    return [
        Person(
            number=number,
            name=name,
            group=group,
            language=language,
            year=chance.randrange(1998, 2025),
            room=f"{chance.choice('ABCD')}{rooms[number]}",
            extension=str(extensions[number]),
            city=chance.choice(_CITIES[language]),
            project=chance.choice(_PROJECTS[language]),
            dated=date(2006, 1, 1) + timedelta(days=chance.randrange(7300)),
        )
        for number, (group, name) in enumerate(named)
    ]


def sentences(person: Person) -> list[str]:
    """Return what is told of a person, a sentence each; every one names the person."""
    name = person.name
    if person.language == "en":
        return [
            f"{name} joined the company in {person.year} and works in {person.city}.",
            f"The desk of {name} stands in room {person.room}.",
            f"You reach {name} by telephone on extension {person.extension}.",
            f"Since last spring {name} has led the project {person.project}.",
        ]
    return [
        f"{name}于{person.year}年加入公司，在{person.city}工作。",
        f"{name}的办公桌在{person.room}室。",
        f"{name}的分机号是{person.extension}。",
        f"从去年春天起，{name}负责{person.project}项目。",
    ]


def questions(person: Person) -> Iterator[Asked]:
    """Yield what is asked of a person: the same of everybody, with the name in every way of WAYS."""
    joined, desk, telephone, _ = sentences(person)
    told = {
        "joined": (str(person.year), joined),
        "room": (person.room, desk),
        "telephone": (person.extension, telephone),
    }
    for way, written in WAYS.items():
        for about, wording in _WORDINGS[person.language].items():
            answer, quote = told[about]
            yield Asked(about, way, wording.format(name=written(person.name)), answer, quote)


def _carelessly(name: str) -> str:
    """As people type it whose keyboard has less: small letters, no accents, no signs inside, simplified characters."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))
    return to_simplified(re.sub(r"[·'’]", "", bare.replace("-", " ")).lower().replace("đ", "d"))


def _with_a_slip(name: str) -> str:
    """One letter inside the name is another: seldom is it the first that people get wrong."""
    chance = random.Random(f"{SEED} {name}")
    at = chance.choice([place for place in range(1, len(name)) if name[place].isalpha() and name[place - 1].isalpha()])
    wrong = _OTHERS if has_han(name[at]) else ascii_lowercase
    return name[:at] + chance.choice([letter for letter in wrong if letter != name[at]]) + name[at + 1 :]


_WORDINGS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "joined": "Since which year has {name} been with the company?",
        "room": "In which room does {name} sit?",
        "telephone": "What is the telephone extension of {name}?",
    },
    "zh": {
        "joined": "{name}是哪一年来公司的？",
        "room": "{name}在哪个房间办公？",
        "telephone": "{name}的分机号是多少？",
    },
}
_OTHERS = "山水天地东西南北春夏秋冬"  # what a character of a name may become by mistake: none stands in another's name
WAYS: Mapping[str, Callable[[str], str]] = {"as written": str, "carelessly": _carelessly, "with a slip": _with_a_slip}
