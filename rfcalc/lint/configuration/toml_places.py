"""Where the keys and texts of a TOML document stand: `tomllib` gives their values alone.

Only for a document that `tomllib` has read: what it has refused is not looked for here.
"""

from __future__ import annotations

import re
from itertools import count

from rfcalc.errors import Position, Source
from rfcalc.records import NamedTuple

# A key or an index for each level: ("budgets", 0, "require", 1).
Path = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
# A long string may end with up to two quotes more of its own.
_LONG = r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}' + r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
_SHORT = r'"(?!"")(?:[^"\\\n]|\\.)*"' + r"|'(?!'')[^'\n]*'"
_STRING = re.compile(f"{_LONG}|{_SHORT}", re.DOTALL)
# A part of a key, all parts of one, and all that keys are to be told from in a text that may be no TOML: the
# quote of a string that does not end is found alone.
_PART = re.compile(rf"[A-Za-z0-9_-]+|{_SHORT}", re.DOTALL)
_KEY = re.compile(rf"(?:{_PART.pattern})(?:[ \t]*+\.[ \t]*+(?:{_PART.pattern}))*+", re.DOTALL)
_TOKEN = re.compile(rf"#[^\n]*|{_LONG}|(?P<key>{_KEY.pattern})|[\"']", re.DOTALL)
# What ends a line of a `Source`, though not of TOML.
_NO_LINE_ENDS = re.compile(r"\r(?!\n)|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_WORD = re.compile(r"[^\s,\]}#]+(?:[ ]\d[^\s,\]}#]*)?")


class TomlPlace(NamedTuple):
    """Where a value stands: the position of its key, None for an item of a list, and its own.

    inset: the distance from the value's first column to that of its text; None where characters and
    columns do not correspond, as in a text of several lines or with escapes.
    """

    key: Position | None
    value: Position
    inset: int | None


def toml_source(source: Source) -> Source:
    """The source with a space for whatever ends a line elsewhere than in TOML; lengths stay as they are."""
    return source._replace(text=_NO_LINE_ENDS.sub(" ", source.text))


def long_key(text: str, most: int) -> int | None:
    """Where a key of more parts than `most` begins, in a text that may be no TOML; None when none does.

    One pass, which ends where a string is not closed: from there on `tomllib` reads nothing.
    """
    for found in _TOKEN.finditer(text):
        if found[0] in ('"', "'"):
            return None
        if found["key"] and len(_PART.findall(found[0])) > most:
            return found.start()
    return None


def places(source: Source) -> dict[Path, TomlPlace]:
    """Every value of a document by its path, with the headers of tables under their names.

    source: of `toml_source`.  Raises RecursionError where `tomllib` would.
    """
    return _Scan(source).places()


class _Scan:
    """One pass over the text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.place = 0
        self.found: dict[Path, TomlPlace] = {}
        # How many tables each array of tables has so far.
        self.counts: dict[Path, int] = {}

    def places(self) -> dict[Path, TomlPlace]:
        table: Path = ()
        while True:
            self.skip()
            if self.place >= len(self.text):
                return self.found
            start = self.place
            if self.text[start] == "[":
                double = self.text.startswith("[[", start)
                self.place += 2 if double else 1
                names = self.key()
                table = self.table(names, double)
                self.place = self.text.index("]", self.place) + (2 if double else 1)
                here = self.source.at(start, self.place)
                header = self.found[table] = TomlPlace(here, here, None)
                for length in range(1, len(table)):
                    self.found.setdefault(table[:length], header)
            else:
                self.pair(table)

    def table(self, names: list[str], double: bool) -> Path:
        """The path of a header: arrays on the way mean their last table."""
        path: Path = ()
        for number, name in enumerate(names):
            path = (*path, name)
            if double and number == len(names) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def pair(self, table: Path) -> None:
        start = self.place
        names = self.key()
        key = self.source.at(start, self.place)
        self.skip()
        self.place += 1
        self.value((*table, *names), key)
        for length in range(1, len(names)):
            self.found.setdefault((*table, *names[:length]), TomlPlace(key, key, None))

    def key(self) -> list[str]:
        """The names of a key, quotes taken off; where it ends is the place."""
        self.skip()
        key = _KEY.match(self.text, self.place)
        assert key
        self.place = key.end()
        return list(map(_unquoted, _PART.findall(key[0])))

    def value(self, path: Path, key: Position | None) -> None:
        self.skip()
        start = self.place
        inset: int | None = None
        opening = self.text[start : start + 1]
        if opening in ("[", "{"):
            self.entries(path)
        elif string := _STRING.match(self.text, start):
            self.place = string.end()
            quotes = string[0][:3] in ('"""', "'''") and len(string[0]) > 5
            escapes = opening == '"' and "\\" in string[0]
            inset = None if quotes or escapes else 1
        elif word := _WORD.match(self.text, start):
            self.place = word.end()
        else:
            self.place = start + 1
        self.found[path] = TomlPlace(key, self.source.at(start, self.place), inset)

    def entries(self, path: Path) -> None:
        """The items of an array, or the pairs of an inline table."""
        pairs = self.text[self.place] == "{"
        self.place += 1
        for number in count():
            self.skip()
            if self.text[self.place] in "]}":
                self.place += 1
                return
            if pairs:
                self.pair(path)
            else:
                self.value((*path, number), None)
            self.skip()
            self.place += self.text.startswith(",", self.place)

    def skip(self) -> None:
        match = _SPACE.match(self.text, self.place)
        assert match
        self.place = match.end()


def _unquoted(text: str) -> str:
    """The name that a part of a key is, which may be in quotes."""
    if text[0] == '"' and "\\" in text:
        import tomllib

        return next(iter(tomllib.loads(f"{text} = 0")))
    return text[1:-1] if text[0] in ('"', "'") else text
