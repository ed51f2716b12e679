"""A layer as other programs have it, rewritten: `nn.Conv2d(3, 64, 3)`, `conv 3 64` are `conv f=3 d=64`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rfcalc.errors import cut, listed
from rfcalc.ops.foreign import FOREIGN_CALLS, OF_TRAINING, our_attribute
from rfcalc.ops.registry import MODULE_OF, find_operator
from rfcalc.records import NamedTuple

# `self.conv1 = nn.Conv2d(…)`, a comma or a call on a tensor behind it.
_CALL = re.compile(
    r"(?:[\w.\[\]]+\s*=\s*)?((?:[A-Za-z_]\w*\.)*)([A-Za-z_]\w*)\s*\((.*)\)(?:\s*[,;])?", re.DOTALL
)
# What is longer is not looked at: the time that matching takes grows faster than a text.
_LONGEST = 1_000
_ON_A_TENSOR = re.compile(r"\)\s*\(\s*\w+\s*\)$")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class _Passed(NamedTuple):
    key: str
    text: str


def as_lines(text: str) -> str:
    """What to write for a call that a line holds: a hint with the lines that work; "" where it holds none."""
    if len(text) > _LONGEST:
        return ""
    found = _CALL.fullmatch(_ON_A_TENSOR.sub(")", text.strip()))
    if found is None:
        return ""
    module, name, inside = found.groups()
    arguments = list(_arguments(inside))
    if not module and name in MODULE_OF and not any(each.key == "" for each in arguments):
        shown = " ".join(inside.replace(",", " ").split())
        return f"arguments follow after spaces: {f'{name} {shown}'.strip()}"
    call = FOREIGN_CALLS.get(name)
    if call is None:
        return ""
    lines, dropped = _translated(call.operator, call.arguments, arguments)
    first, *behind = map("`{}`".format, lines)
    more = f", then {', '.join(behind)} on a line of its own" if behind else ""
    if dropped:
        more += f"; {listed(map(cut, dropped))} {'has' if len(dropped) == 1 else 'have'} no counterpart"
    return f"write {first}{more}"


def with_keys(op: str, words: list[str], keys: Iterable[str]) -> str:
    """The hint at numbers without keys: the attributes that an operator must have, or its first one.

    keys: of the arguments that are given with theirs.
    """
    example = "every argument is key=value, such as f=3"
    if op not in MODULE_OF:
        return example
    operator = find_operator(op)
    given = set(map(operator.spellings.get, keys))
    required = [name for name, attribute in operator.attributes.items() if attribute.required]
    open_names = [name for name in required or list(operator.attributes)[:1] if name not in given]
    if len(open_names) < len(words):
        return example
    pairs = [
        f"{operator.attributes[name].spelling}={word.lstrip('x')}"
        for name, word in zip(open_names, words, strict=False)
    ]
    return f"every argument is key=value: {op} {' '.join(pairs)}"


def _translated(
    name: str, positions: tuple[tuple[str, str], ...], arguments: list[_Passed]
) -> tuple[list[str], list[str]]:
    """The lines of our language, and the arguments that nothing in them stands for."""
    operator = find_operator(name)
    ours_of = dict(positions)
    given: dict[str, str] = {}
    behind: list[str] = []
    dropped: list[str] = []
    for place, argument in enumerate(arguments):
        key = argument.key or (positions[place][0] if place < len(positions) else "")
        own = key in operator.attributes and key not in ours_of
        ours = key if own else ours_of.get(key, our_attribute(key))
        value = _value(argument.text)
        if not key or (key not in ours_of and ours not in operator.attributes and key != "activation"):
            if key.casefold() not in OF_TRAINING and ours != "":
                dropped.append(f"{argument.key}={argument.text}" if argument.key else argument.text)
        elif key == "activation":
            behind += [value] if value in MODULE_OF else []
        elif ours in operator.attributes:
            if value is None:
                dropped.append(argument.text)
            elif not (value == "yes" and ours == "bias"):
                given[ours] = value
    shown = [f"{each.spelling}={given[full]}" for full, each in operator.attributes.items() if full in given]
    return [" ".join([name, *shown]), *behind], dropped


def _arguments(text: str) -> Iterator[_Passed]:
    """The arguments of a call, split at the commas that stand in no brackets and no quotes."""
    for part in _split(text):
        key, equals, value = part.partition("=")
        if equals and _NAME.fullmatch(key.strip()) and not value.startswith("="):
            yield _Passed(key.strip(), value.strip())
        else:
            yield _Passed("", part)


def _split(text: str) -> Iterator[str]:
    depth, start, quote = 0, 0, ""
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    if last := text[start:].strip():
        yield last


def _value(text: str) -> str | None:
    """A value of Python as our language writes it; None for what it does not write."""
    if text in ("True", "False"):
        return "yes" if text == "True" else "no"
    if _NUMBER.fullmatch(text) or (_NAME.fullmatch(text) and text != "None"):
        return text
    if len(text) > 2 and text[0] == text[-1] and text[0] in "'\"" and _NAME.fullmatch(text[1:-1]):
        return text[1:-1]
    if text[:1] in ("(", "[") and text[-1:] in (")", "]"):
        parts = [part for part in _split(text[1:-1]) if part]
        if parts and all(map(_NUMBER.fullmatch, parts)):
            return parts[0] if len(set(parts)) == 1 else "x".join(parts)
    return None
