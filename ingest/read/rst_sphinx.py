"""What Sphinx and its extensions add to reStructuredText, kept as text: docutils drops what it has no name for.

Knows nothing of what a directive or role means, but which of them hold code.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive, directives, languages, roles

CODE_DIRECTIVES = frozenset(
    "code code-block sourcecode doctest testcode testoutput testsetup highlight-block prompt ipython ipython3 mermaid"
    " graphviz digraph plantuml parsed-code productionlist literalinclude jupyter-execute console".split()
)
_SILENT = frozenset({"index", "highlight", "currentmodule", "tabularcolumns", "default-domain"})
_DIRECTIVE = re.compile(r"^[ \t]*\.\. (?:\|[^|\n]+\| )?([\w][\w:.+-]*)[ ]?::", re.MULTILINE)
_ROLE = re.compile(r":([A-Za-z][\w:.+-]*):`|`:([A-Za-z][\w:.+-]*):")
_EXPLICIT = re.compile(r"\A(.+?)\s*<[^<>]*>\Z", re.DOTALL)


def keep_unknown(text: str) -> None:
    """Teach docutils the directives and roles of this text that it does not know."""
    known = set(languages.get_language("en").directives)
    for name in {match.lower() for match in _DIRECTIVE.findall(text)}:
        if name in CODE_DIRECTIVES:
            directives.register_directive(name, _Code)
        elif name in _SILENT:
            directives.register_directive(name, _Silent)
        elif name not in known:
            directives.register_directive(name, _Kept)
    known = set(languages.get_language("en").roles)
    for name in {(before or behind).lower() for before, behind in _ROLE.findall(text)}:
        if name not in known:
            roles.register_local_role(name, _role)


def _any_option() -> Mapping[str, Callable[[str], str]]:
    options: defaultdict[str, Callable[[str], str]] = defaultdict(lambda: directives.unchanged)
    options["class"] = directives.unchanged  # an empty table of options would mean that there are none
    return options


class _Kept(Directive):  # type: ignore[misc]  # docutils carries no types
    """Its argument as a paragraph, its content as if it stood there by itself."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = _any_option()

    def run(self) -> Sequence[Any]:
        is_signature = ":" in self.name or self.name.startswith("auto")
        texts = [*self.arguments, *(self.options.get(option) for option in ("caption", "alt", "title"))]
        found: list[Any] = []
        for text in filter(None, texts):
            inline = [nodes.Text(text)] if is_signature else self.state.inline_text(text, self.lineno)[0]
            found.append(nodes.paragraph(text, "", *inline))
        holder = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, holder, match_titles=True)
        return [*found, *holder.children]


class _Code(_Kept):
    """Its content as it stands; the argument is but the language's name."""

    def run(self) -> Sequence[Any]:
        caption = self.options.get("caption")
        found: list[Any] = [nodes.paragraph("", caption)] if caption else []
        text = "\n".join(self.content)
        return [*found, nodes.literal_block(text, text)] if text.strip() else found


class _Silent(_Kept):
    """For programs alone: words for an index, how code is coloured."""

    def run(self) -> Sequence[Any]:
        return []


def _role(_name: str, rawtext: str, text: str, *_where: Any, **_how: Any) -> tuple[list[Any], list[Any]]:
    """Show what Sphinx would: the title of `title <target>`, without the ! and ~ before a target."""
    shown = nodes.unescape(text)
    explicit = _EXPLICIT.match(shown)
    shown = explicit[1] if explicit else shown.lstrip("!")
    shown = shown[1:].rpartition(".")[2] if shown.startswith("~") else shown
    return [nodes.inline(rawtext, shown)], []
