"""An explanation as structured data: what `--format json` prints, described by explain.schema.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.ops.formula_text import format_formula
from rfcalc.report.explanation.field import AxisExplanation, Meeting, field_explanations
from rfcalc.report.explanation.field_text import reading
from rfcalc.report.explanation.figures import Derived, Variable, derivation
from rfcalc.report.explanation.layer import written_at
from rfcalc.report.explanation.text import explanation_document, layer_notes, layer_remarks, meaning
from rfcalc.report.network_table.data import data_of, field_data, note_data
from rfcalc.report.words import Language

if TYPE_CHECKING:
    from rfcalc.analysis.fields.figures import AxisField
    from rfcalc.analysis.fields.path import Step
    from rfcalc.errors import Position
    from rfcalc.report.explanation.figures import Explained
    from rfcalc.report.network_table.data import Json

SCHEMA = "rfcalc.explain/1"


def explanation_data(
    explained: Explained, subjects: Sequence[str], language: Language = "en"
) -> dict[str, Json]:
    """The explanation of some of SUBJECTS; words are in the language, all else is the same in each."""
    layer, graph = explained.layer, explained.analysis.graph
    position = layer.node.position
    document = explanation_document(explained, subjects, language)
    remarks = {
        section.subject: [block for block in section.blocks if isinstance(block, str)]
        for section in document.sections
    }
    return {
        "schema": SCHEMA,
        "version": __version__,
        "network": explained.analysis.name,
        "layer": layer.name,
        "asked": {"how": explained.found.how, "text": explained.found.text},
        "op": layer.op,
        "line": _place(position, written_at(position)),
        "calls": [
            {"name": call.name, **_place(call.position, written_at(call.position))}
            for call in graph.calls_to(layer.name)
        ],
        "inputs": [
            {"layer": graph.nodes[index].name, "size": data_of(shape)}
            for index, shape in zip(layer.node.inputs, layer.inputs, strict=True)
        ],
        "output": data_of(layer.output),
        "source": explained.operator.source,
        "batch": explained.analysis.batch,
        "dtype": str(explained.dtype),
        "remarks": list(layer_remarks(explained, language)),
        "notes": list(map(note_data, layer_notes(explained))),
        "explanations": [
            {"what": subject, **_explanation(explained, subject, language), "remarks": remarks[subject]}
            for subject in subjects
        ],
    }


def _place(position: Position, text: str) -> dict[str, Json]:
    return {
        "file": position.source.name,
        "line": position.number,
        **({"place": position.place} if position.place else {}),
        "text": text,
    }


def _explanation(explained: Explained, subject: str, language: Language) -> dict[str, Json]:
    if subject == "field":
        return {"fields": [_field(explained, each, language) for each in field_explanations(explained)]}
    found = derivation(explained, subject)
    return {
        "figures": [_figure(figure) for figure in found.figures],
        "variables": [_variable(explained, variable, language) for variable in found.variables],
    }


def _figure(figure: Derived) -> Json:
    return data_of(
        {
            "name": figure.name,
            "formula": format_formula(figure.tree),
            "latex": format_formula(figure.tree, "latex"),
            "numbers": format_formula(figure.numbers),
            "value": figure.value,
            **({"axes": figure.axes} if figure.axes else {}),
            **({"dimensions": figure.dimensions} if figure.dimensions else {}),
        }
    )


def _variable(explained: Explained, variable: Variable, language: Language) -> dict[str, Json]:
    kind, text, tree, given = variable.origin
    return {
        "name": variable.name,
        "values": data_of(variable.values),
        "meaning": meaning(explained, variable.name, language),
        "origin": {
            "kind": kind,
            "text": text if tree is None else format_formula(tree),
            **({"given": [_place(step.position, step.text) for step in given]} if given else {}),
        },
    }


def _field(explained: Explained, each: AxisExplanation, language: Language) -> dict[str, Json]:
    """The field along some axes that are alike."""
    nodes = explained.analysis.graph.nodes
    path = each.path
    return {
        "input": nodes[explained.analysis.graph.inputs[each.source]].name,
        "axes": list(each.axes),
        **_figures(each.figures),
        "unit": None if path is None else path.unit,
        "first": None if path is None else path.low,
        "last": None if path is None else path.high,
        "chains": [
            {
                "end": chain.end,
                "reach": data_of(chain.reach),
                "stride": data_of(chain.stride),
                "steps": [_step(explained, step, language) for step in chain.steps],
            }
            for chain in (path.chains if path else ())
        ],
        "joins": [
            {
                "layer": nodes[join.node].name,
                "takes": nodes[join.operand].name,
                "field": join.size,
                "others": {nodes[operand].name: size for operand, size in join.others},
            }
            for join in each.taken
        ],
        "meeting": None if each.meeting is None else _meeting(explained, each.meeting, language),
    }


def _figures(field: AxisField) -> dict[str, Json]:
    """The figures of a field; `field_data` gives one entry per axis, here there is one."""
    listed = field_data((field,))
    return {name: value[0] if isinstance(value, list) else value for name, value in listed.items()}


def _step(explained: Explained, step: Step, language: Language) -> dict[str, Json]:
    nodes = explained.analysis.graph.nodes
    return {
        "layer": nodes[step.node].name,
        "operand": nodes[step.operand].name,
        "reads": reading(step, language),
        "extent": step.extent,
        "stride": data_of(step.stride),
        "adds": data_of(step.contribution),
        "reach": data_of(step.reach),
        "units": [step.first, step.last],
    }


def _meeting(explained: Explained, meeting: Meeting, language: Language) -> dict[str, Json]:
    nodes = explained.analysis.graph.nodes
    return {
        "layer": nodes[meeting.node].name,
        "kind": meeting.kind,
        "since": None if meeting.since is None else nodes[meeting.since].name,
        "more": meeting.more,
        "branches": [
            {
                "layer": nodes[branch.operand].name,
                **_figures(branch.figures),
                "steps": None
                if branch.steps is None
                else [_step(explained, step, language) for step in branch.steps],
            }
            for branch in meeting.branches
        ],
    }
