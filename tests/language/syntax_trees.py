"""Syntax trees to compare, and the descriptions of the project to compare them of."""

from __future__ import annotations

import re
from pathlib import Path

from rfcalc.errors import DescriptionError, Position, Source
from rfcalc.library import shipped_names, shipped_text
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.spec.reader import read_network
from rfcalc.spec.syntax import Network

ROOT = Path(__file__).parents[2]
_EXAMPLE = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")


def read(text: str) -> Network:
    return read_network(Source("net.yaml", text))


def bare(tree: object, *, respelt: bool = False) -> object:
    """A syntax tree without places and without the texts that expressions were read from.

    respelt: neither does it matter how attributes and yes and no are spelt, nor in which order.
    """

    def below(part: object) -> object:
        return bare(part, respelt=respelt)

    if isinstance(tree, Position | Source):
        return None
    if not isinstance(tree, tuple):
        return type(tree).__name__, tree
    if not hasattr(tree, "_fields"):
        return tuple(map(below, tree))
    kind = type(tree).__name__
    fields = dict(zip(tree._fields, tree, strict=True))
    if kind == "Formula":
        return below((fields["tree"], fields["per_axis"]))
    if kind == "ScalarNode":
        return "".join(fields["text"].split())
    if kind == "Reference" and fields["pieces"]:
        return below(fields["pieces"])
    if kind == "Name" and respelt and fields["text"] in _YES + _NO:
        return "flag", fields["text"] in _YES
    if kind == "Line" and respelt:
        names = find_operator(fields["op"]).spellings if fields["op"] in OPERATOR_NAMES else {}
        fields["arguments"] = frozenset(
            (names.get(argument.name, argument.name), below(argument.value))
            for argument in fields["arguments"]
        )
        return kind, fields.pop("arguments"), below(tuple(fields.values()))
    return kind, *(below(part) for name, part in fields.items() if name not in ("start", "end", "scalar"))


def _texts() -> dict[str, str]:
    """All descriptions of the project that can be read: shipped networks, guides, data of tests."""
    texts = {name: shipped_text(name) for name in shipped_names()}
    for folder in ("tests/data", "benchmarks"):
        for path in (ROOT / folder).rglob("*.yaml"):
            texts[str(path.relative_to(ROOT))] = path.read_bytes().decode("utf-8", errors="replace")
    for path in (ROOT / "docs").rglob("*.md"):
        for number, text in enumerate(_EXAMPLE.findall(path.read_text("utf-8"))):
            items = "" if re.search("^layers:", text, re.MULTILINE) else "input: 32x32x8\nlayers:\n"
            texts[f"{path.relative_to(ROOT)}:{number}"] = items + text
    return {name: text for name, text in sorted(texts.items()) if _is_read(text)}


def _is_read(text: str) -> bool:
    try:
        read(text)
    except DescriptionError:
        return False
    return True


EVERY_TEXT = _texts()
