"""Characters of the fonts that have drawings where others have letters: Symbol, and the common ones of Wingdings."""

from __future__ import annotations

_SYMBOL_LOW = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"  # from 0x20
)
_SYMBOL_HIGH = (
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…│—↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭ "  # from 0xA0
)
_SYMBOL = {0x20 + index: text for index, text in enumerate(_SYMBOL_LOW)} | {
    0xA0 + index: text for index, text in enumerate(_SYMBOL_HIGH)
}
_WINGDINGS = {
    0x28: "☎", 0x2A: "✉", 0x4A: "☺", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x76: "❖", 0x9F: "•", 0xA7: "▪",
    0xA8: "□", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "□"}
_PRIVATE = range(0xF000, 0xF100)  # where such characters stand when they are written as text


def symbol(font: str, code: int) -> str:
    """Return what is drawn for a code (0x6D or 0xF06D); "" where the font or the drawing is not known."""
    code = code - 0xF000 if code in _PRIVATE else code
    return _table(font).get(code, "")


def is_symbolic(font: str) -> bool:
    return bool(_table(font))


def plain(text: str, font: str) -> str:
    """Return a text with the private characters of such a font replaced; of an unknown font they are left out."""
    if text.isascii() or not any(ord(character) in _PRIVATE for character in text):
        return text
    return "".join(symbol(font, ord(one)) if ord(one) in _PRIVATE else one for one in text)


def _table(font: str) -> dict[int, str]:
    font = font.strip().lower()
    if font.startswith("symbol"):
        return _SYMBOL
    if font.startswith("wingdings 2"):
        return _WINGDINGS_2
    return _WINGDINGS if font == "wingdings" else {}
