"""The text format of protocol buffers: messages of fields, each with its place.

After the language of the text format (protobuf.dev/reference/protobuf/textformat-spec).  Nothing is said here
of which fields there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

from rfcalc.errors import Position, Related, Source, counted, cut, quoted
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple

# The network of a paper has some thousands of fields.
MOST_FIELDS = 200_000
MOST_DEPTH = 32

# A match of its own, so that no part of a comment is ever taken for more.
_BLANK = re.compile(r"(?:[ \t\r\n\f\v]+|#[^\n]*)*")
_TOKEN = re.compile(
    r"""(?: (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<number>[+-]?(?:\d|\.\d)[A-Za-z0-9_.]*(?:(?<=[eE])[+-]\d+f?)?|-[A-Za-z]+)
      | (?P<string>"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')
      | (?P<mark>[{}<>\[\]:,;])
      | (?P<other>[^\s]) )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_CLOSING = {"{": "}", "<": ">"}


class TextScalar(NamedTuple):
    """A value that is no message; kind: `word` for enumerations and booleans, `number` or `string`.

    text: as it is written, of a string what it means.
    """

    text: str
    kind: str


class TextMessage(NamedTuple):
    """The fields of a message in their order."""

    fields: tuple[MessageField, ...]


class MessageField(NamedTuple):
    """One field; start, end: of its name in the text; first, last: of its value, of a message the brace."""

    name: str
    value: TextScalar | TextMessage
    start: int
    end: int
    first: int
    last: int


class _TextToken(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class _Open(NamedTuple):
    """A message that is not closed yet."""

    name: str
    start: int
    end: int
    brace: _TextToken
    fields: list[MessageField]


def _tokens(text: str) -> Iterator[_TextToken]:
    at = 0
    while found := _TOKEN.match(text, _end_of_blank(text, at)):
        at = found.end()
        yield _TextToken(found.lastgroup or "", found[0], found.start(), at)
    yield _TextToken("end", "", len(text.rstrip()), len(text.rstrip()))


def _end_of_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def read_message(source: Source, problems: Problems) -> TextMessage:
    """The message that a whole text is.

    Raises DescriptionError, with what has been found before, where the text has no such form.
    """
    return _MessageReader(source, problems).read()


class _MessageReader:
    """Reads one text; messages that are open stand in a list, so that depth costs no calls."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems
        self._all = _tokens(source.text)
        self.token = next(self._all)
        self.open: list[_Open] = [_Open("", 0, 0, self.token, [])]
        self.count = 0

    def read(self) -> TextMessage:
        while True:
            token = self.token
            if token.kind == "end":
                if len(self.open) > 1:
                    self._unclosed()
                return TextMessage(tuple(self.open[0].fields))
            if token.text in ("}", ">") and token.kind == "mark":
                self._close(token)
            elif token.kind == "word":
                self._field(self._take())
            else:
                self._stop(token, "expected the name of a field")

    def _take(self) -> _TextToken:
        token = self.token
        self.token = next(self._all, token)
        return token

    def _at(self, token: _TextToken) -> Position:
        return self.source.at(max(token.start - (token.kind == "end"), 0), token.end)

    def _stop(self, token: _TextToken, expected: str, hint: str = "") -> NoReturn:
        if token.kind == "end":
            self.problems.stop(f"{expected}, and the file ends", self._at(token), hint)
        if token.text in ('"', "'"):
            hint = "a string ends in the line in which it begins, with the same quotation mark"
        got = quoted(cut(token.text))
        self.problems.stop(f"{expected}, got {got}", self._at(token), hint)

    def _field(self, name: _TextToken) -> None:
        self.count += 1
        if self.count > MOST_FIELDS:
            self.problems.stop(f"more than {MOST_FIELDS:,} fields", self._at(name))
        colon = self.token.kind == "mark" and self.token.text == ":"
        if colon:
            self._take()
        token = self.token
        if token.kind == "mark" and token.text in _CLOSING:
            if len(self.open) > MOST_DEPTH:
                self.problems.stop(f"messages nest more than {MOST_DEPTH} deep", self._at(token))
            self.open.append(_Open(name.text, name.start, name.end, self._take(), []))
            return
        if not colon:
            self._stop(
                token,
                f"expected ':' and a value, or '{{', behind {quoted(name.text)}",
                f"a value is {name.text}: VALUE, a message {name.text} {{ … }}",
            )
        if token.kind == "mark" and token.text == "[":
            self._list(name)
        else:
            self._add(name, *self._value())
        self._separator()

    def _list(self, name: _TextToken) -> None:
        """MessageValues of one field in brackets."""
        self._take()
        while not (self.token.kind == "mark" and self.token.text == "]"):
            self.count += 1
            if self.count > MOST_FIELDS:
                self.problems.stop(f"more than {MOST_FIELDS:,} fields", self._at(self.token))
            self._add(name, *self._value())
            if self.token.text == ",":
                self._take()
            elif self.token.text != "]":
                self._stop(self.token, "expected ',' or ']'")
        self._take()

    def _value(self) -> tuple[TextScalar, int, int]:
        token = self._take()
        if token.kind not in ("word", "number", "string"):
            self._stop(token, "expected a value")
        end, text = token.end, token.text
        if token.kind == "string":
            parts = [token.text]
            while self.token.kind == "string":
                more = self._take()
                parts.append(more.text)
                end = more.end
            text = "".join([_ESCAPE.sub(_meant, part[1:-1]) for part in parts])
        return TextScalar(text, token.kind), token.start, end

    def _add(self, name: _TextToken, value: TextScalar, first: int, last: int) -> None:
        self.open[-1].fields.append(MessageField(name.text, value, name.start, name.end, first, last))

    def _separator(self) -> None:
        if self.token.kind == "mark" and self.token.text in (",", ";"):
            self._take()

    def _close(self, token: _TextToken) -> None:
        self._take()
        if len(self.open) == 1:
            self.problems.stop(
                f"{quoted(token.text)} closes nothing", self._at(token), "a brace before it is one too many"
            )
        last = self.open[-1]
        if _CLOSING[last.brace.text] != token.text:
            self.problems.stop(
                f"expected {quoted(_CLOSING[last.brace.text])}, got {quoted(token.text)}",
                self._at(token),
                related=(Related(f"{last.name} begins here", self._at(last.brace)),),
            )
        self.open.pop()
        brace = last.brace
        message = TextMessage(tuple(last.fields))
        self.open[-1].fields.append(
            MessageField(last.name, message, last.start, last.end, brace.start, brace.end)
        )
        self._separator()

    def _unclosed(self) -> None:
        """The file ends within a message: the one that is to blame is the first that holds its own like."""
        blamed = self.open[-1]
        for outer, inner in zip(self.open[1:], self.open[2:], strict=False):
            if inner.name == outer.name:
                blamed, nested = outer, (inner.start, inner.end)
                break
        else:
            nested = next(((one.start, one.end) for one in blamed.fields if one.name == blamed.name), (0, 0))
        related = (Related(f"another {blamed.name} begins within it", self.source.at(*nested)),)
        self.problems.stop(
            f"this {blamed.name} is not closed: "
            f"{counted(len(self.open) - 1, 'brace')} missing at the end of the file",
            self.source.at(blamed.start, blamed.end),
            "each '{' has its '}'",
            related if any(nested) else (),
        )


def _meant(escape: re.Match[str]) -> str:
    text = escape[0][1:]
    if text[0] in "01234567":
        return chr(int(text, 8) & 0xFF)
    if text[0] == "x" and len(text) > 1:
        return chr(int(text[1:], 16))
    return _ESCAPED.get(text, text)
