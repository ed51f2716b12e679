"""The signature of a block: `bottleneck(d, s=1)`."""

from __future__ import annotations

from rfcalc.errors import Related, quoted
from rfcalc.ops.attributes import NO, YES
from rfcalc.problems import Problems
from rfcalc.spec.body import read_body, unreadable
from rfcalc.spec.expressions import is_name
from rfcalc.spec.line import formula
from rfcalc.spec.nodes import DocumentValue, ScalarNode, is_null, spans_between
from rfcalc.spec.syntax import Block, Parameter
from rfcalc.spec.tokens import OPERATOR_WORDS

# Names that already mean something wherever an expression may stand; a function is one before a parenthesis.
RESERVED = frozenset({"cin", "cin_block", "input", *OPERATOR_WORDS, *YES, *NO})


def read_block(key: ScalarNode, body: DocumentValue, problems: Problems) -> Block | None:
    """The block that a signature and a body define; None, the mistake noted, when it has no name.

    A block whose parameters cannot be read is a stand-in: nothing is said of its calls.
    """
    text = key.text
    opening = text.find("(")
    name = text[:opening].strip() if opening >= 0 else text.strip()
    if not is_name(name):
        problems.add(f"expected a signature such as block(d, s=1), got {quoted(text)}", key.at(0, len(text)))
        word = (text.split() or [""])[0]
        return Block(word, (), tuple(unreadable(body)), key.at(0, len(text))) if is_name(word) else None
    before = len(problems.found)
    parameters: tuple[Parameter, ...] = ()
    if opening >= 0:
        if not text.rstrip().endswith(")"):
            problems.add(f"the signature {quoted(text)} does not end in a parenthesis", key.at(0, len(text)))
        else:
            with problems:
                parameters = _parameters(key, opening + 1, text.rindex(")"), problems)
    unread = len(problems.found) > before
    items = () if is_null(body) else read_body(body, problems)
    if unread:
        return Block(name, (), tuple(unreadable(body)), key.at(0, len(text)))
    return Block(name, parameters, items, key.at(0, len(text)))


def _parameters(key: ScalarNode, start: int, end: int, problems: Problems) -> tuple[Parameter, ...]:
    """The parameters between two offsets of the signature, separated by commas outside parentheses."""
    found: dict[str, Parameter] = {}
    for first, last in spans_between(key.text, ",".__eq__, start, end) if key.text[start:end].strip() else ():
        parameter = _parameter(key, first, last, problems)
        if parameter is None:
            continue
        if parameter.name in found:
            earlier = Related("the first one stands here", found[parameter.name].position)
            message = f"a second parameter is called {quoted(parameter.name)}"
            problems.add(message, parameter.position, related=(earlier,))
        found[parameter.name] = parameter
    return tuple(found.values())


def _parameter(key: ScalarNode, start: int, end: int, problems: Problems) -> Parameter | None:
    written = key.text[start:end]
    name, equals, default = written.partition("=")
    first = start + len(name) - len(name.lstrip())
    position = key.at(first, first + max(len(name.strip()), 1))
    name = name.strip()
    if not is_name(name):
        got = f"got {quoted(written.strip())}" if written.strip() else "found nothing"
        problems.add(f"expected the name of a parameter, {got}", position)
        return None
    if name in RESERVED:
        problems.add(f"{quoted(name)} has a meaning of its own and cannot name a parameter", position)
        return None
    value = None
    if equals:
        offset = end - len(default)
        leading = len(default) - len(default.lstrip())
        value = formula(key, offset + leading, end)
    return Parameter(name, value, position)
