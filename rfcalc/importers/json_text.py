"""JSON whose values know where they stand, for models that are written in it.

The standard library's reader tells no positions; that of descriptions, which reads YAML, keeps all scalars as
text, and refuses what JSON may hold (pairs of surrogates, deeper nesting).  This one reads JSON alone, with
NaN and the infinities, which programs in Python write, and with an explicit stack: what nests deeply crashes
no recursion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from json import JSONDecodeError, loads
from typing import NoReturn

from rfcalc.errors import DescriptionError, Position, Related, Source, cut, mistake, quoted
from rfcalc.records import NamedTuple

DEEPEST_NESTING = 256
# Digits of a number; Python reads more in quadratic time.
_LONGEST_NUMBER = 400

# Up to the quote that ends it.
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*')
_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, object] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}
_MEANT = {"True": "true", "False": "false", "None": "null", "nan": "NaN", "inf": "Infinity"}
_WORD = re.compile(r"-?[A-Za-z_]\w*|[^\s,\]}:\"]+|.", re.DOTALL)
_CLOSING = {"[": "]", "{": "}"}


class JsonValue(NamedTuple):
    """A value, and the indices of its first character and past its last.

    held: None, a bool, an int, a float, a str, a tuple of values, or a dict of values by their keys.
    key: where the key stands that it has, the same way; (0, 0) for one without.
    """

    held: object
    start: int
    end: int
    key: tuple[int, int] = (0, 0)

    @property
    def items(self) -> tuple[JsonValue, ...]:
        """Those of a list; none of anything else."""
        return self.held if isinstance(self.held, tuple) else ()

    @property
    def members(self) -> Mapping[str, JsonValue]:
        """Those of an object, by their keys; none of anything else."""
        return self.held if isinstance(self.held, dict) else {}

    @property
    def shown(self) -> str:
        """How a message names it: `"relu"`, `3`, `a list of 2`."""
        match self.held:
            case None | bool():
                return {None: "null", True: "true", False: "false"}[self.held]
            case str():
                return quoted(self.held)
            case tuple():
                return f"a list of {len(self.held):,}"
            case dict():
                return "an object"
        return cut(str(self.held), 30)

    def position(self, source: Source) -> Position:
        """Where it stands; of a list or an object the bracket that opens it, where it is of several lines."""
        return source.at(self.start, self.end)

    def key_position(self, source: Source) -> Position:
        """Where its key stands, itself where it has none."""
        return source.at(*self.key) if self.key[1] else self.position(source)


def read_json(source: Source) -> JsonValue:
    """The value that a text holds.

    Raises DescriptionError, at the place, for what is no JSON, for a key that stands twice in an object, and
    for values that nest more than 256 deep.
    """
    return _JsonReader(source).read()


class _Open(NamedTuple):
    """A list or an object that is being read: what of it has been, and the key that has no value yet."""

    bracket: str
    start: int
    items: list[JsonValue]
    members: dict[str, JsonValue]
    key: list[tuple[str, int, int]]


class _JsonReader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.open: list[_Open] = []

    def read(self) -> JsonValue:
        root: JsonValue | None = None
        while root is None:
            self.space()
            found = self.begun() or self.closed() or self.scalar()
            if isinstance(found, JsonValue):
                root = self.placed(found)
        self.space()
        if self.at < len(self.text):
            self.stop("the text goes on behind its end: JSON is one value")
        return root

    def begun(self) -> bool:
        """Whether a list or an object begins here, which is read then up to its first value."""
        bracket = self.text[self.at : self.at + 1]
        if bracket not in _CLOSING:
            return False
        if len(self.open) >= DEEPEST_NESTING:
            self.stop(f"lists and objects nest more than {DEEPEST_NESTING} deep")
        self.open.append(_Open(bracket, self.at, [], {}, []))
        self.at += 1
        self.space()
        if self.text[self.at : self.at + 1] != _CLOSING[bracket]:
            self.name()
        return True

    def closed(self) -> JsonValue | None:
        """The list or object that ends here, empty or behind its last value."""
        frame = self.open[-1] if self.open else None
        if frame is None or frame.key or self.text[self.at : self.at + 1] != _CLOSING[frame.bracket]:
            return None
        self.open.pop()
        self.at += 1
        held: object = tuple(frame.items) if frame.bracket == "[" else frame.members
        return JsonValue(held, frame.start, self.at)

    def scalar(self) -> JsonValue:
        start = self.at
        if self.text.startswith('"', start):
            text = self.string()
            return JsonValue(text, start, self.at)
        if number := _NUMBER.match(self.text, start):
            whole = number[1] is None and number[2] is None
            if number.end() - start > _LONGEST_NUMBER:
                self.stop(f"a number of more than {_LONGEST_NUMBER} characters")
            if not re.compile(r"[\w.]").match(self.text, number.end()):
                self.at = number.end()
                return JsonValue(int(number[0]) if whole else float(number[0]), start, self.at)
        word = _WORD.match(self.text, start)
        if word and word[0] in _WORDS:
            self.at = word.end()
            return JsonValue(_WORDS[word[0]], start, self.at)
        raise self.no_value(word[0] if word else "")

    def placed(self, value: JsonValue) -> JsonValue | None:
        """The value where it is the whole text; else it is put where it belongs, up to the next value."""
        while self.open:
            frame = self.open[-1]
            if frame.bracket == "{":
                name, start, end = frame.key.pop()
                frame.members[name] = value._replace(key=(start, end))
            else:
                frame.items.append(value)
            self.space()
            sign = self.text[self.at : self.at + 1]
            if sign == ",":
                self.at += 1
                self.space()
                if self.text[self.at : self.at + 1] == _CLOSING[frame.bracket]:
                    comma = self.text.rindex(",", 0, self.at)
                    self.stop(f"a comma before this {_CLOSING[frame.bracket]!r}", comma, "remove it")
                self.name()
                return None
            if sign != _CLOSING[frame.bracket]:
                self.stop_behind(frame)
            closed = self.closed()
            assert closed is not None
            value = closed
        return value

    def name(self) -> None:
        """Read a key and its colon, where these come next."""
        frame = self.open[-1]
        if frame.bracket == "[":
            return
        start = self.at
        if not self.text.startswith('"', start):
            hint = "JSON has double quotes around keys" if self.at < len(self.text) else ""
            self.stop("expected a key", hint=hint)
        name = self.string()
        if name in frame.members:
            first = self.source.at(*frame.members[name].key)
            raise mistake(
                f"the key {quoted(name)} stands twice in this object",
                self.source.at(start, self.at),
                related=(Related("it stands here first", first),),
            )
        frame.key.append((name, start, self.at))
        self.space()
        if not self.text.startswith(":", self.at):
            self.stop(f"expected a colon behind the key {quoted(name)}")
        self.at += 1

    def string(self) -> str:
        """The text in quotes that begins here."""
        start = self.at
        found = _STRING.match(self.text, start)
        assert found is not None
        end = found.end()
        if end >= len(self.text):
            raise mistake("this text in quotes does not end", self.source.at(start, start + 1))
        if self.text[end] != '"':
            escape = self.text[end] == "\\"
            what = "an end of line or another control character within quotes"
            raise mistake("an escape that JSON does not have" if escape else what, self.source.at(end))
        self.at = end + 1
        if "\\" not in found[0]:
            return found[0][1:]
        try:
            text = loads(self.text[start : self.at])
        except JSONDecodeError as error:
            raise mistake("an escape that JSON does not have", self.source.at(start + error.pos)) from None
        assert isinstance(text, str)
        return text

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def no_value(self, word: str) -> DescriptionError:
        hint = ""
        if word in _MEANT:
            hint = f"JSON writes {_MEANT[word]}"
        elif word.startswith(("//", "#", "/*")):
            hint = "JSON has no comments"
        elif word.startswith("'"):
            hint = "JSON has double quotes"
        elif word:
            hint = "a value is a number, a text in double quotes, true, false, null, a list or an object"
        return self.wrong("expected a value", self.at, hint, end=self.at + len(word))

    def stop_behind(self, frame: _Open) -> NoReturn:
        """What follows a value is neither a comma nor the end of what it stands in."""
        if self.at >= len(self.text):
            self.stop("")
        if self.text.startswith(("//", "#", "/*"), self.at):
            self.stop("expected a comma or a closing bracket", hint="JSON has no comments")
        if self.text[self.at] in "]}":
            opened = (Related(f"this {frame.bracket!r} is open", self.source.at(frame.start)),)
            raise mistake(
                f"expected {_CLOSING[frame.bracket]!r}, not {self.text[self.at]!r}",
                self.source.at(self.at),
                related=opened,
            )
        self.stop("expected a comma behind this value", len(self.text[: self.at].rstrip()) - 1)

    def stop(self, message: str, at: int | None = None, hint: str = "") -> NoReturn:
        raise self.wrong(message, self.at if at is None else at, hint)

    def wrong(self, message: str, at: int, hint: str = "", end: int = 0) -> DescriptionError:
        """The error of what stands at an index; behind the end of the text it is that."""
        related: tuple[Related, ...] = ()
        if at >= len(self.text):
            at = max(len(self.text.rstrip()) - 1, 0)
            hint = ""
            message = (
                "the text ends here, in the midst of it" if self.text.strip() else "no JSON: it is empty"
            )
            if self.open:
                frame = self.open[-1]
                related = (Related(f"this {frame.bracket!r} is open", self.source.at(frame.start)),)
        return mistake(message, self.source.at(at, end or at + 1), hint, related)
