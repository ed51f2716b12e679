"""The flat form: a line for each step, in their order, nothing folded."""

from __future__ import annotations

from rfcalc.importers.steps import ImportedNetwork, ImportedStep
from rfcalc.importers.writing.lines import arguments, left, owners, reading
from rfcalc.importers.writing.names import names_of
from rfcalc.records import NamedTuple
from rfcalc.shapes import format_sizes
from rfcalc.spec.printer import scalar

_INPUT = "input"


class Written(NamedTuple):
    """The text of a description; places: for each line of it the place that it came from, "" for none."""

    text: str
    places: tuple[str, ...]


def flat(network: ImportedNetwork) -> Written:
    """A description of a network with a line for each step."""
    steps = network.steps
    inputs = [number for number, step in enumerate(steps) if step.operator == _INPUT]
    sharing = owners(steps)
    current: tuple[int, ...] = tuple(inputs) if len(inputs) == 1 else ()
    ways = {}
    needed = {*sharing.values()}
    for number, step in enumerate(steps):
        if step.operator != _INPUT:
            way = ways[number] = reading(step, step.operands, current)
            needed.update(way.sources)
            current = left(step, number)
    stated = network.outputs if network.outputs != current else ()
    needed.update(stated)
    names = names_of(steps, needed.union(inputs if len(inputs) > 1 else ()))
    if len(inputs) == 1:
        names[inputs[0]] = _INPUT
    lines = head(network, [steps[number] for number in inputs], [names[number] for number in inputs])
    places = [""] * len(lines)
    lines.append("layers:")
    places.append("")
    for number, way in ways.items():
        step, name = steps[number], names[number]
        sources = "+".join([names[source] for source in way.sources])
        if way.form == "join":
            named = f", as: {scalar(name, inside=True)}" if name else ""
            lines.append(f"  - {{{step.operator}: [], from: {sources}{named}}}")
            places.append(step.place)
            continue
        if way.form == "before":
            lines.append(f"  - {{tensors: [], from: {sources}}}")
            places.append(step.place)
            sources = ""
        elsewhere = "".join([f" {attribute}={said}" for attribute, said in step.decided])
        words = [step.operator, *arguments(step)]
        if sources:
            words.append(f"from={sources}")
        if number in sharing:
            words.append(f"weights={names[sharing[number]]}")
        if name:
            words.append(f"as {name}")
        lines.append(f"  - {scalar(' '.join(words))}")
        places.append(f"{step.place}{elsewhere}")
    if stated:
        lines.append(f"outputs: [{', '.join([names[number] for number in dict.fromkeys(stated)])}]")
        places.append("")
    return Written("\n".join(lines) + "\n", tuple(places))


def head(network: ImportedNetwork, inputs: list[ImportedStep], names: list[str]) -> list[str]:
    """The lines before the layers: what the network is called, where it comes from, what enters it."""
    lines = [
        f"{key}: {scalar(text)}"
        for key, written in (("name", network.name), ("source", network.source))
        if (text := on_one_line(written))
    ]
    sizes = [format_sizes(step.shape.sizes(), "language") for step in inputs]
    if len(sizes) == 1:
        return [*lines, f"input: {sizes[0]}"]
    return [*lines, "input:", *(f"  {name}: {size}" for name, size in zip(names, sizes, strict=True))]


def on_one_line(text: str) -> str:
    """A text of a file as the document takes it: without characters that are none to see."""
    return "".join([character if character.isprintable() else " " for character in " ".join(text.split())])
