"""Texts with damage that knows their format: values, names, lines and brackets changed; and damaged bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

# What a number, a word or a whole value becomes: too large, too small, of another kind, or of no kind.
NUMBERS = (
    *("0", "1", "-1", "2", "3", "7", "16", "255", "65537", "1000000", "2147483647", "2147483648"),
    *("-2147483649", "9223372036854775807", "9223372036854775808", "1" + "0" * 30, "9" * 400, "9" * 5000),
    *("0.5", "-0.25", "1e9", "1e308", "1e999", "-1e999", "1e-999", "nan", "NaN", "inf", "-Infinity", "-0"),
    *("0x10", "0b1", "007", "1_000", "+3", "1,000", "1.", ".5", "1e", "--1", "٣", "²"),
)
WORDS = (
    *(
        "",
        "null",
        "None",
        "~",
        "true",
        "false",
        "True",
        "[]",
        "{}",
        "[1]",
        "[[1, 2], [3]]",
        '""',
        "''",
        "'x'",
    ),
    *('"\\ud800"', '"\\u0000"', "../../etc/passwd", "/dev/zero", "x" * 300, "é", "名", "a b", "a.b.c", "a/b"),
    *("conv", "input", "-> 1x1", "x = y", "# no", "\u202e", "\x1b[2J", "=cmd()", "__import__('os')"),
)
SIGNS = (
    *(
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        ":",
        ",",
        ";",
        "-",
        "?",
        "!",
        "&",
        "*",
        "#",
        "|",
        "%",
        "@",
        "`",
    ),
    *("=", '"', "'", '"""', "\\", "\t", "\r", "\r\n", "\n", "\n\n", "\0", "\x0b", "\x0c", "\x1c", "\x85"),
    *("\u2028", "\ufeff", "\x1b[2J", "\u202e", "é", " ", "&a ", "*a", "<<: ", "!!python/object:os.system "),
)
# What may well be meant, so that a file is read on to where numbers no longer fit each other.
SMALL = ("0", "1", "1", "2", "2", "3", "4", "5", "7", "8", "16", "31", "64", "100", "-1", "-2", "-3", "0.5")
_NUMBER = re.compile(r"-?(?<![\w.])\d[\w.]*")
# A file grows no further by damage than this, most by far less.
LARGEST = 400_000


class TextGrammar(NamedTuple):
    """What damage looks for in texts of a format: its values, its names, and what means something in it.

    signs: its own marks.  items: how a list of many is written, from what stands in it.
    opening, closing: what may nest.
    """

    values: re.Pattern[str]
    names: re.Pattern[str]
    signs: tuple[str, ...]
    items: Callable[[Sequence[str]], str]
    nesting: tuple[tuple[str, str], ...]


def damaged_text(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    """A text after a few changes; others: those that lines may come from."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        (change,) = random.choices(_CHANGES, _WEIGHTS)
        changed = change(text, random, others, grammar)
        if len(changed) <= max(LARGEST, len(text)):
            text = changed
    return text


def _replaced(text: str, found: re.Match[str], part: str) -> str:
    return text[: found.start()] + part + text[found.end() :]


def _chosen(pattern: re.Pattern[str], text: str, random: Random) -> re.Match[str] | None:
    """A match, the first behind a place that is drawn: all of them would take time in large texts."""
    return pattern.search(text, random.randrange(len(text) + 1)) or pattern.search(text)


def _number(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    found = _chosen(_NUMBER, text, random)
    return _replaced(text, found, random.choice(NUMBERS)) if found else text


def _small_number(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    found = _chosen(_NUMBER, text, random)
    return _replaced(text, found, random.choice(SMALL)) if found else text


def _own_value(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    found, other = _chosen(grammar.values, text, random), _chosen(grammar.values, text, random)
    return _replaced(text, found, other[0]) if found and other else text


def _value(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    found = _chosen(grammar.values, text, random)
    if not found:
        return text
    return _replaced(text, found, random.choice(random.choice((NUMBERS, WORDS, grammar.signs))))


def _value_of_another(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    found = _chosen(grammar.values, text, random)
    other = _chosen(grammar.values, random.choice((text, random.choice(others))), random)
    return _replaced(text, found, other[0]) if found and other else text


def _name_of_another(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    found = _chosen(grammar.names, text, random)
    other = _chosen(grammar.names, random.choice((text, random.choice(others))), random)
    return _replaced(text, found, other[0]) if found and other else text


def _renamed(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    found = _chosen(grammar.names, text, random)
    if not found:
        return text
    name = found[0]
    place = random.randrange(len(name) + 1)
    part = random.choice(("", "x", "s", "_", "é", name, name[:1].swapcase()))
    return _replaced(text, found, name[:place] + part + name[place + random.randrange(2) :])


def _lines(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    lines = text.split("\n")
    first = random.randrange(len(lines))
    past = min(first + random.choice((1, 1, 1, 2, 3, 8, 40)), len(lines))
    part = lines[first:past]
    kind = random.randrange(7)
    if kind == 0:
        lines[first:past] = []
    elif kind == 1:
        lines[past:past] = part
    elif kind == 2:
        lines[first:past] = part[::-1]
    elif kind == 3:
        del lines[first:past]
        place = random.randrange(len(lines) + 1)
        lines[place:place] = part
    elif kind == 4:
        other = random.choice(others).split("\n")
        place = random.randrange(len(other))
        lines[first:past] = other[place : place + len(part)]
    elif kind == 5:
        lines[first:past] = [f"{' ' * random.choice((1, 2, 4))}{line}" for line in part]
    else:
        lines[first:past] = [line.lstrip() for line in part]
    return "\n".join(lines)


def _sign(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    place = random.randrange(len(text) + 1)
    sign = random.choice(random.choice((SIGNS, grammar.signs)))
    return text[:place] + sign + text[place + random.choice((0, 0, 1)) :]


def _cut(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    place = random.randrange(len(text) + 1)
    return text[:place] + text[place + random.randrange(1, 40) :]


def _end(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    return text[: random.randrange(len(text) + 1)]


def _many(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    """A value that becomes a list, seldom one of a hundred thousand."""
    found = _chosen(grammar.values, text, random)
    if not found:
        return text
    count = random.choice((0, 2, 3, 9, 9, 100, 100, 1000, 100_000))
    one = random.choice((found[0], "1", "-1", "0"))
    return _replaced(text, found, grammar.items([one] * min(count, LARGEST // (len(one) + 2))))


def _repeated(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    """Some lines, many times."""
    lines = text.split("\n")
    first = random.randrange(len(lines))
    past = min(first + random.choice((1, 1, 2, 4, 12)), len(lines))
    part = lines[first:past]
    length = sum(map(len, part)) + len(part)
    count = min(random.choice((10, 30, 100, 1000, 20_000)), LARGEST // length)
    return "\n".join([*lines[:past], *part * count, *lines[past:]])


def _deep(text: str, random: Random, others: Sequence[str], grammar: TextGrammar) -> str:
    opening, closing = random.choice(grammar.nesting)
    count = random.choice((2, 20, 40, 100, 300, 3000, 60_000))
    found = _chosen(grammar.values, text, random)
    if not found:
        return text
    return _replaced(text, found, f"{opening * count}{found[0]}{closing * random.choice((0, count, count))}")


_CHANGES, _WEIGHTS = zip(
    *(
        *((_small_number, 40), (_own_value, 10), (_number, 10), (_value, 6), (_value_of_another, 5)),
        *((_name_of_another, 4), (_renamed, 2)),
        *((_lines, 8), (_sign, 3), (_cut, 1), (_end, 0.5), (_many, 1), (_repeated, 0.3), (_deep, 0.5)),
    ),
    strict=True,
)

_ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "gbk", "cp1252", "utf-7")


def damaged_bytes(data: bytes, random: Random) -> bytes:
    """Bytes of which some are damaged, cut off or doubled, or which are in another encoding."""
    kind = random.randrange(9)
    place = random.randrange(len(data) + 1)
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + random.randbytes(random.choice((1, 4, 64))) + data[place + 1 :]
    if kind == 2:
        return (
            data[:place] + random.choice((b"\0", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\r")) + data[place:]
        )
    if kind == 3:
        return (
            random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\0" * 512, b"#" * 9000 + b"\n", b"\n" * 300_000))
            + data
        )
    if kind == 4:
        return data.replace(b"\n", random.choice((b"\r", b"\r\n", b"\n\r", b"\x85", b"\0")))
    if kind == 5:
        return data[place:] + data[:place]
    if kind == 6:
        bits = bytearray(data or b"x")
        for _ in range(random.choice((1, 8, 64))):
            bits[random.randrange(len(bits))] ^= 1 << random.randrange(8)
        return bytes(bits)
    if kind == 7:
        return random.randbytes(random.choice((0, 1, 16, 4096)))
    encoding = random.choice(_ENCODINGS)
    return data.decode("utf-8", "replace").encode(encoding, "replace")
