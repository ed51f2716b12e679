"""Items of a list in brackets that a comma split: `[conv d=max(c,8)]` is two items to YAML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rfcalc.errors import Diagnostic, quoted
from rfcalc.records import NamedTuple
from rfcalc.spec.nodes import ScalarNode, balance, quote, unbalanced


class FlowItem(NamedTuple):
    """A scalar within brackets or braces, with its span in the text."""

    scalar: ScalarNode
    start: int
    end: int


def split_items(parts: Sequence[FlowItem | None], text: str) -> Iterator[Diagnostic]:
    """A finding for each item that a comma within parentheses split, with the whole of it to quote.

    parts: the scalars of one flow collection in the order of the text, keys and values alike, None
    for whatever else stands between them.
    """
    index = 0
    while index < len(parts):
        part = last = parts[index]
        index += 1
        if part is None or last is None or not unbalanced(part.scalar):
            continue
        depth = balance(part.scalar.text)
        while depth > 0 and index < len(parts) and (follower := parts[index]) and follower.scalar.plain:
            depth += balance(follower.scalar.text)
            last = follower
            index += 1
        position = part.scalar.position
        if depth:
            kind = "opens a parenthesis that nothing closes" if depth > 0 else "closes a parenthesis too many"
            message = f"{quoted(part.scalar.text)} {kind}"
            yield Diagnostic(message, position, hint=unbalanced(part.scalar))
            continue
        if last.scalar.position.line == position.line:
            position = position._replace(end=last.scalar.position.end)
        whole = " ".join(text[part.start : last.end].split())
        message = f"the comma splits {quoted(whole)}: within brackets or braces it ends an item"
        yield Diagnostic(message, position, hint=f"quote it: {quote(whole)}")
