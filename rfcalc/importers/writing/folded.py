"""The folded form: what a person reads on with, in blocks, repeats and branches.

steps ─► scopes (parts, by the paths of steps) ─► regions (branches within a part) ─► forms (parts that are
alike) ─► values (what differs between them) ─► bodies (items of the language) ─► spec/printer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable

from rfcalc.importers.steps import ImportedNetwork, of_steps
from rfcalc.importers.writing.bodies import BodyWriter, add_block
from rfcalc.importers.writing.flat import on_one_line
from rfcalc.importers.writing.forms import PartForm, PartForms, flattened
from rfcalc.importers.writing.items import finished, leave_out_automatic_names
from rfcalc.importers.writing.lines import owners
from rfcalc.importers.writing.names import Numbering, names_of
from rfcalc.importers.writing.numbered import with_units, words_of
from rfcalc.importers.writing.order import together
from rfcalc.importers.writing.outline import Outline
from rfcalc.importers.writing.regions import regions
from rfcalc.importers.writing.runs import runs, without_paths
from rfcalc.importers.writing.scopes import NetworkPart, PartItem, places_of, scopes
from rfcalc.importers.writing.values import BlockParameter, VaryingValues
from rfcalc.ops.registry import MODULE_OF
from rfcalc.shapes import format_sizes
from rfcalc.spec.printer import YamlValue, document
from rfcalc.spec.signature import RESERVED
from rfcalc.spec.tokens import FUNCTIONS

_INPUT = "input"
# Parts in which a name would mean another layer are none, as far as so many rounds find them.
_MOST_ROUNDS = 5
# Units that names tell get paths where the text becomes shorter by such a part.
_SHORTER = 5


def folded(network: ImportedNetwork) -> str:
    """The text of a description of a network in blocks, repeats and branches.

    Layers keep the names that the file gives them, but where what they share can be the path of a unit.
    """
    text = _written(network)
    for ways in with_units(network):
        other = min(map(_written, ways), key=_lines, default=text)
        if _SHORTER * _lines(other) < (_SHORTER - 1) * _lines(text):
            return other
    return text


def _lines(text: str) -> int:
    return text.count("\n")


def _written(network: ImportedNetwork) -> str:
    hiding: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        text, found = _text(network, hiding)
        if not found:
            break
        hiding |= found
    return text


def _text(network: ImportedNetwork, none: Container[str]) -> tuple[str, set[str]]:
    """The text of a description whose parts these are not, and parts that cannot be: they hide a name."""
    network = _in_order(network)
    steps = network.steps
    if nameless := without_paths(steps):
        steps = tuple(step if step.operator == _INPUT else step._replace(name="") for step in steps)
    inputs = [number for number, step in enumerate(steps) if step.operator == _INPUT]
    several = len(inputs) != 1
    names = names_of(steps, inputs if several else ())
    if not several:
        names[inputs[0]] = _INPUT
    numbers = [number for number, step in enumerate(steps) if step.operator != _INPUT]
    sharing = owners(steps)
    parts = scopes(steps, names, numbers, none)
    parts = [
        part if part.turns else part._replace(body=regions(steps, parts, part, sharing)) for part in parts
    ]
    if nameless:
        parts = runs(steps, parts, network.outputs, sharing)
    top = len(parts) - 1
    forms = PartForms(steps, names, parts, sharing)
    outline = Outline(steps, names, parts, forms, sharing)
    called = Numbering((*MODULE_OF, *RESERVED, *FUNCTIONS))
    for form in _blocks(forms, top):
        add_block(outline, form, _block_name(network, parts, form, called))
    writer = BodyWriter(
        outline, forms.of[top], [top], VaryingValues(), [top], [() if several else tuple(inputs)]
    )
    layers = writer.items(forms.of[top].items)
    stated = network.outputs if network.outputs != writer.current[0] else ()
    outputs = [writer.names.reference(number, 0) for number in dict.fromkeys(stated)]
    for body in (layers, *(block.body for block in outline.blocks.values())):
        leave_out_automatic_names(body)
    sizes = {names[number]: format_sizes(steps[number].shape.sizes(), "language") for number in inputs}
    keys: dict[str, YamlValue] = {
        "name": on_one_line(network.name),
        "source": on_one_line(network.source),
        "input": sizes if several else sizes[_INPUT],
        "blocks": {
            _signature(block.name, block.parameters): finished(block.body)
            for block in outline.blocks.values()
        },
        "layers": finished(layers),
        "outputs": outputs,
    }
    return document(keys), {parts[number].path for number in outline.hiding}


def _in_order(network: ImportedNetwork) -> ImportedNetwork:
    """A network with its inputs first and the steps of a scope together, each under the name that it gets."""
    steps = network.steps
    inputs = [number for number, step in enumerate(steps) if step.operator == _INPUT]
    others = [number for number, step in enumerate(steps) if step.operator != _INPUT]
    names = names_of(steps, ())
    order = together(network, places_of(names, others), owners(steps))
    if order == others:
        return network
    named = tuple(step._replace(name=name) for step, name in zip(steps, names, strict=True))
    return of_steps(network._replace(steps=named), [*inputs, *order])


def _blocks(forms: PartForms, top: int) -> Iterable[PartForm]:
    """The forms that become blocks, each behind those that it calls: what would be written twice."""
    every = sorted(dict.fromkeys(forms.of.values()), key=lambda form: form.depth)
    written: Counter[PartForm] = Counter({forms.of[top]: 1})
    turns: set[PartForm] = set()
    found = []
    for form in every:
        times = written[form]
        if not form.turns and (times > 1 or (times and form in turns and form.names_input)):
            found.append(form)
            times = 1
        # Turns that are alike are written once.
        inside = [forms.of[item.part] for item in flattened(form.items) if isinstance(item, PartItem)]
        for one in dict.fromkeys(inside) if form.turns else inside:
            written[one] += times
            turns.update({one} if form.turns else ())
    return reversed(found)


def _block_name(network: ImportedNetwork, parts: list[NetworkPart], form: PartForm, called: Numbering) -> str:
    """The name of a block: of the class of its module, else of the scope that it is called in."""
    part = parts[next(iter(form.rows))]
    words = [word for word in part.path.split(".") if not word.isdigit()]
    name = words_of(words[-1]) if words else ""
    depth = part.path.count(".")
    modules = network.steps[part.steps[0]].modules
    if len(modules) > depth:
        own = modules[depth].rpartition(".")[2]
        if own not in ("", "Sequential", "ModuleList"):
            # ReLU and SiLU are one word each.
            own = re.sub(r"(?<=[A-Z][a-z])LU", "lu", own)
            name = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[A-Z][a-z])", "_", own).lower()
    name = re.sub(r"\W|^_+", "", name, flags=re.ASCII) or "block"
    if name in called.taken and name != "block":
        name = f"{name}_block"
    if name in called.taken or name == "block":
        return called.free(name, 1)
    called.taken.add(name)
    return name


def _signature(name: str, parameters: list[BlockParameter]) -> str:
    written = [one.name if one.default is None else f"{one.name}={one.default}" for one in parameters]
    return f"{name}({', '.join(written)})" if written else name
