"""The fields of messages, checked against what caffe.proto says of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite

from rfcalc.errors import Position, Related, Source, listed, nearest, quoted
from rfcalc.importers.caffe.schema import SCHEMA, FieldKind
from rfcalc.importers.caffe.text_format import MessageField, TextMessage, TextScalar
from rfcalc.problems import Problems

PassedOver = Callable[[str, Position], None]

# No size has more digits; what is longer is refused before it is made a number.
_WHOLE = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]{1,8}|[0-9]{1,10})")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?[fF]?")
_LARGEST = 2**31 - 1
_BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "True", "t", "1"), True),
    **dict.fromkeys(("false", "False", "f", "0"), False),
}


class MessageValues:
    """The fields of one message that are understood.

    place: of its name.  held: the values of each field, in their order; places: where these stand.
    wrong: whether there is a mistake in it, so that what it says is not all that was meant.
    """

    def __init__(self, place: Position) -> None:
        self.place = place
        self.held: dict[str, list[int | float | bool | str | MessageValues]] = {}
        self.places: dict[str, list[Position]] = {}
        self.wrong = False

    def at(self, name: str, number: int = 0) -> Position:
        """Where a value stands; the message where it is left out."""
        places = self.places.get(name, ())
        return places[number] if number < len(places) else self.place

    def __contains__(self, name: str) -> bool:
        return name in self.held

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number."""
        found = self.held.get(name, [default])[0]
        return found if isinstance(found, int) else default

    def decimal(self, name: str, default: float = 0) -> float:
        """A number."""
        found = self.held.get(name, [default])[0]
        return float(found) if isinstance(found, int | float) else default

    def flag(self, name: str, default: bool = False) -> bool:
        """Whether something is so."""
        return bool(self.held.get(name, [default])[0])

    def word(self, name: str, default: str = "") -> str:
        """A word of an enumeration, or a string."""
        found = self.held.get(name, [default])[0]
        return found if isinstance(found, str) else default

    def words(self, name: str) -> list[str]:
        """Several strings."""
        return [one for one in self.held.get(name, ()) if isinstance(one, str)]

    def wholes(self, name: str) -> list[int]:
        """Several whole numbers."""
        return [one for one in self.held.get(name, ()) if isinstance(one, int)]

    def decimals(self, name: str) -> list[float]:
        """Several numbers."""
        return [float(one) for one in self.held.get(name, ()) if isinstance(one, int | float)]

    def messages(self, name: str) -> list[MessageValues]:
        """Several messages."""
        return [one for one in self.held.get(name, ()) if isinstance(one, MessageValues)]

    def message(self, name: str) -> MessageValues:
        """A message; one without fields where it is left out, at the place of this one."""
        found = self.held.get(name, [None])[0]
        return found if isinstance(found, MessageValues) else MessageValues(self.place)


# Names of fields that nobody knows; for each the nearest word is looked for.
_MOST_UNKNOWN = 200


class Checker:
    """Makes values of fields; what is wrong is added to the problems, what is not known remarked on."""

    def __init__(self, source: Source, problems: Problems, remark: PassedOver) -> None:
        self.source = source
        self.problems = problems
        self.remark = remark
        # The hint for each field that a kind of message has not.
        self._unknown: dict[tuple[str, str], str] = {}

    def values(self, message: TextMessage, kind: str, place: Position) -> MessageValues:
        """The fields of a message of this kind."""
        found = MessageValues(place)
        known = SCHEMA[kind]
        before = len(self.problems.found)
        for field in message.fields:
            own = known.get(field.name)
            if own is None:
                self._refuse_unknown(field, kind, known)
                continue
            if field.name in found.held and not own.several:
                self.problems.add(
                    f"{quoted(field.name)} stands twice in {_called(kind)}",
                    self.source.at(field.start, field.end),
                    "it has one value",
                    (Related("first it stands here", found.at(field.name)),),
                )
                continue
            value = self._value(field, own)
            if value is not None:
                found.held.setdefault(field.name, []).append(value)
                where = (
                    (field.start, field.end)
                    if isinstance(value, MessageValues)
                    else (field.first, field.last)
                )
                found.places.setdefault(field.name, []).append(self.source.at(*where))
        found.wrong = len(self.problems.found) > before
        return found

    def _refuse_unknown(self, field: MessageField, kind: str, known: Mapping[str, FieldKind]) -> None:
        place = self.source.at(field.start, field.end)
        message = f"{_called(kind)} has no field {quoted(field.name)}"
        hint = self._unknown.get((kind, field.name))
        if hint is None:
            hint = self._unknown[kind, field.name] = nearest(field.name, known)
        if len(self._unknown) > _MOST_UNKNOWN:
            self.problems.stop(f"more than {_MOST_UNKNOWN} fields that nobody knows", place)
        if hint:
            self.problems.add(message, place, hint)
        else:
            self.remark(f"{message}; it is passed over", place)

    def _value(self, field: MessageField, own: FieldKind) -> int | float | bool | str | MessageValues | None:
        place = self.source.at(field.first, field.last)
        if own.kind in SCHEMA:
            if isinstance(field.value, TextMessage):
                return self.values(field.value, own.kind, self.source.at(field.start, field.end))
            self._expect(field, f"is a message, {field.name} {{ … }}", place)
            return None
        if own.kind == "any":
            return (
                MessageValues(self.source.at(field.start, field.end))
                if isinstance(field.value, TextMessage)
                else ""
            )
        if isinstance(field.value, TextMessage):
            self._expect(field, f"is a value, {field.name}: …, no message", place)
            return None
        return self._scalar(field, field.value, own, place)

    def _scalar(
        self, field: MessageField, value: TextScalar, own: FieldKind, place: Position
    ) -> int | float | bool | str | None:
        text = value.text
        if own.words:
            if value.kind == "number" and text.isdigit() and int(text[:9]) < len(own.words):
                return own.words[int(text[:9])]
            if value.kind == "word" and text in own.words:
                return text
            hint = nearest(text, own.words) or f"as {field.name}: {own.words[0]}"
            if value.kind == "string" and text in own.words:
                hint = f"write {field.name}: {text}"
            several = listed(own.words, conjunction=" or ")
            self._expect(field, f"is {several}{_without_quotes(value)}", place, hint)
        elif own.kind == "string":
            if value.kind == "string":
                return text
            self._expect(field, "is a text in quotation marks", place, f'as {field.name}: "{text}"')
        elif own.kind == "word":
            if value.kind == "word":
                return text
            hint = "the first form, layers { … }, has words such as CONVOLUTION; the second is layer { … }"
            self._expect(field, "is a word without quotation marks", place, hint)
        elif own.kind == "bool":
            if value.kind != "string" and text in _BOOLEANS:
                return _BOOLEANS[text]
            self._expect(field, "is true or false", place)
        elif own.kind == "int":
            number = _number(value, _WHOLE)
            if number is not None and abs(number) <= _LARGEST:
                return int(number)
            self._expect(field, f"is a whole number below {_LARGEST + 1:,}{_without_quotes(value)}", place)
        else:
            number = _number(value, _WHOLE, _DECIMAL)
            if number is not None:
                return number
            self._expect(field, f"is a number{_without_quotes(value)}", place)
        return None

    def _expect(self, field: MessageField, expected: str, place: Position, hint: str = "") -> None:
        got = f", not {quoted(field.value.text)}" if isinstance(field.value, TextScalar) else ""
        self.problems.add(f"{field.name} {expected}{got}", place, hint)


def _number(value: TextScalar, *forms: re.Pattern[str]) -> float | None:
    """The number that a value is in one of some forms; None for any other, and for what has no bounds."""
    text = value.text
    if value.kind != "number" or not any(form.fullmatch(text) for form in forms):
        return None
    if "x" in text.casefold():
        return int(text, 16)
    number = int(text) if _WHOLE.fullmatch(text) else float(text.rstrip("fF"))
    return number if isfinite(number) else None


def _without_quotes(value: TextScalar) -> str:
    return " without quotation marks" if value.kind == "string" else ""


def _called(kind: str) -> str:
    """A message as its users write it."""
    special = {
        "NetParameter": "a network",
        "LayerParameter": "a layer",
        "V1LayerParameter": "a layer of the first form (layers)",
        "BlobShape": "a shape",
        "NetState": "state",
        "NetStateRule": "a rule (include, exclude)",
        "ParamSpec": "param",
    }
    if kind in special:
        return special[kind]
    fields = SCHEMA["LayerParameter"].items()
    return next((name for name, field in fields if field.kind == kind), kind)
