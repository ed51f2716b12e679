"""An imported network: steps that are layers of the language, ready to be written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rfcalc.ops.attributes import Value
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape


class ImportedStep(NamedTuple):
    """One layer, or an input (operator `input`).

    operands: the numbers of the steps that it reads.  values: its attributes by full name, those that are at
    their default left out.  shape: the size of its output.
    name: the path it is to have (`layer1.0.conv1`), "" for any.  modules: the classes of the modules of that
    path, the outermost first, where the file names them; () where not.
    learned: what the tensors it learns are called in the file, by their role (`weight`, `bias`); two steps
    with the same name share that tensor.
    place: where it stands in the user's file, as messages name it (`node '/conv1/Conv'`).
    decided: attributes, by full name, that are said elsewhere for all of several layers, each with where.
    """

    operator: str
    operands: tuple[int, ...]
    values: Mapping[str, Value]
    shape: Shape
    name: str = ""
    modules: tuple[str, ...] = ()
    learned: Mapping[str, str] = {}
    place: str = ""
    decided: tuple[tuple[str, str], ...] = ()


class ElementTypes(NamedTuple):
    """The element types (`float16`) of most of what is learned, and of most of what layers that learn read.

    "" where nothing is said of it.
    """

    params: str = ""
    activations: str = ""


class ImportedNetwork(NamedTuple):
    """A network of steps, the inputs first; outputs: the numbers of the steps that leave it.

    remarks: what has to be said of how it was read, each with the place it is about ("" for the file).
    elements: their types in the file, see there.
    text: of the file, where it is one; the places of steps are spans in it then (`Position.span`).
    """

    name: str
    steps: tuple[ImportedStep, ...]
    outputs: tuple[int, ...]
    source: str = ""
    remarks: tuple[tuple[str, str], ...] = ()
    elements: ElementTypes = ElementTypes()
    text: str = ""


def part_for(network: ImportedNetwork, ends: Sequence[int]) -> ImportedNetwork:
    """What some steps need of a network, and nothing else; they are its outputs.  ends: their numbers."""
    needed = set(ends)
    for number in range(len(network.steps) - 1, -1, -1):
        if number in needed:
            needed.update(network.steps[number].operands)
    return of_steps(network._replace(outputs=tuple(ends)), sorted(needed))


def of_steps(network: ImportedNetwork, order: Iterable[int]) -> ImportedNetwork:
    """A network of these of its steps, in this order; what they read and what leaves it is among them."""
    places = {number: place for place, number in enumerate(order)}
    steps = [
        network.steps[number]._replace(
            operands=tuple([places[one] for one in network.steps[number].operands])
        )
        for number in places
    ]
    return network._replace(steps=tuple(steps), outputs=tuple([places[output] for output in network.outputs]))
