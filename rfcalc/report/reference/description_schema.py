"""The JSON Schema of descriptions, for editors: made of the keys of the language and of the operators.

It is draft 7, which editors read, and says what can be said without evaluating anything: keys, what each may
hold, the operator of a line and its attributes.  It never refuses what can be read; `rfcalc check` says the
rest.  Editors know two keys beside the draft's: `patternErrorMessage` is what is said where a pattern does
not fit, `defaultSnippets` what is offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rfcalc.ops.registry import JOINS, OPERATOR_NAMES, find_operator
from rfcalc.spec.body import HEADS, LOOPS
from rfcalc.spec.line import TAIL
from rfcalc.spec.reader import KEYS, MOST_INPUTS, NOTE_COLUMNS, NOTE_KEYS
from rfcalc.units import RATES

if TYPE_CHECKING:
    from rfcalc.ops.operator import Operator

    Schema = Mapping[str, object]

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
# Parentheses within parentheses; what is deeper than this is not looked into.
_INSIDE = r"\([\s\S]*\)"
for _ in range(2):
    _INSIDE = rf"\((?:[^()]|{_INSIDE})*\)"
_VALUE = rf"(?:[^\s(),]|{_INSIDE})+"
_FORM = " ".join(("OP key=value …", *(f"[{part}]" for part in ("from=NAME", "weights=NAME", "in=SIZE"))))
_FORM += " [-> SIZE] [as NAME]"


def description_schema() -> dict[str, object]:
    """The schema."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A description of a network, for rfcalc",
        "description": "The language is explained in docs/language.md; `rfcalc ops` lists the operators.",
        "type": "object",
        "required": ["layers"],
        "additionalProperties": False,
        "properties": {key: _TOP[key] for key in KEYS},
        "definitions": {
            "scalar": {"type": ["string", "number", "boolean"]},
            "name": {"type": "string", "pattern": f"^{_NAME}$", "patternErrorMessage": _A_NAME},
            "layerName": {
                "type": "string",
                "pattern": rf"^(?!input(?:\.|$)){_NAME}(?:\.(?:{_NAME}|[0-9]+))*$",
                "patternErrorMessage": f"{_A_NAME}; dots join it to the names of blocks around it",
            },
            "values": {
                "type": "object",
                "propertyNames": _ref("name"),
                "additionalProperties": _ref("scalar"),
            },
            "items": {"type": "array", "items": _ref("item")},
            "body": _one_of_types(array=_ref("items"), string=_ref("line"), object=_ref("mapping")),
            "item": _one_of_types(string=_ref("line"), object=_ref("mapping")),
            "line": _line(),
            "mapping": _mapping(),
            "branch": _one_of_types(
                null={}, array=_ref("items"), string=_ref("line"), object=_ref("branchMapping")
            ),
            "branchMapping": {
                "if": {"required": ["branch"]},
                "then": {
                    "required": ["when", "branch"],
                    "additionalProperties": False,
                    "properties": {"when": _ref("scalar"), "branch": _or_null(_ref("body"))},
                },
                "else": _ref("mapping"),
            },
        },
    }


def _ref(name: str) -> dict[str, object]:
    return {"$ref": f"#/definitions/{name}"}


def _said(about: str, *kept: Schema, **schema: object) -> dict[str, object]:
    """A schema with its meaning.  kept: others that it keeps to: draft 7 sees nothing beside a reference."""
    return {"description": about, **schema, **({"allOf": list(kept)} if kept else {})}


def _one_of_types(**schemas: Schema) -> dict[str, object]:
    """What a value keeps to by its type; one branch alone complains, so that the complaint is about it."""
    return {
        "type": list(schemas),
        "allOf": [{"if": {"type": kind}, "then": schema} for kind, schema in schemas.items() if schema],
    }


def _or_null(schema: Schema) -> dict[str, object]:
    return {"if": {"type": "null"}, "else": schema}


def _lines(about: str) -> dict[str, object]:
    """Lines of text, or one of them."""
    scalar = _ref("scalar")
    return _said(about, anyOf=[{"type": "null"}, scalar, {"type": "array", "items": scalar}])


_A_NAME = "a name is letters (a to z), digits and _, and begins with a letter"
_SIZE = {
    "type": ["string", "number", "boolean"],
    "pattern": rf"^(?:[^(),]|{_INSIDE})+$",
    "patternErrorMessage": "a size is joined by x, channels last: 224x224x3",
}

_RATE = {
    "type": ["string", "number"],
    "pattern": rf"^\s*\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*(?:{'|'.join(filter(None, RATES))}|[kKM])?\s*$",
    "patternErrorMessage": "a rate is a number of samples or frames a second: 16000, 44.1kHz, 25fps",
    "exclusiveMinimum": 0,
}

# What each key of a description holds.
_TOP: dict[str, object] = {
    "name": _said("What the table's title says.", type=["string", "number", "boolean", "null"]),
    "source": _said("Where it was published.", type=["string", "number", "boolean", "null"]),
    "input": _said(
        "The size of the input, spatial axes then channels (224x224x3), or names with sizes.",
        **_one_of_types(
            string=_SIZE,
            number={},
            boolean={},
            object={
                "maxProperties": MOST_INPUTS,
                "propertyNames": _ref("name"),
                "additionalProperties": _SIZE,
            },
        ),
        examples=["224x224x3"],
    ),
    "params": _said("Named values, which can be set from outside.", _or_null(_ref("values"))),
    "symbols": _said(
        "Names that stay symbolic, [C, H], or multiples of one: {H: 32*h}.",
        anyOf=[{"type": "null"}, {"type": "array", "items": _ref("name")}, _ref("values")],
    ),
    "blocks": _said(
        "Signatures, such as block(d, s=1), and the layers each stands for.",
        type=["object", "null"],
        propertyNames={
            "pattern": rf"^\s*(?!(?:{'|'.join(OPERATOR_NAMES)})\s*(?:\(|$)){_NAME}\s*(?:\([\s\S]*\)\s*)?$",
            "patternErrorMessage": "a signature is a name that is no operator, and parameters: block(d, s=1)",
        },
        additionalProperties=_or_null(_ref("body")),
    ),
    "layers": _said("The layers, in their order.", _ref("body"), minItems=1),
    "outputs": _lines("The layers that are outputs; the last one without it."),
    "check": _lines("What the network must keep to: params <= 5M, output == 7x7x512."),
    "notes": _said(
        "Remarks on a layer or on the network.",
        type=["array", "null"],
        items={
            "type": "object",
            "required": ["text"],
            "additionalProperties": False,
            "properties": {
                **dict.fromkeys(NOTE_KEYS, _ref("scalar")),
                "column": {"enum": ["", *NOTE_COLUMNS]},
            },
        },
    ),
    "object_size": _said(
        "The size of what is to be seen: a length per axis, or one for all; or outputs, each with its own.",
        **_one_of_types(
            string=_SIZE,
            number={},
            boolean={},
            object={"propertyNames": _ref("layerName"), "additionalProperties": _SIZE},
        ),
    ),
    "rate": _said(
        "Samples or frames a second along the first axis of the input, of several inputs by name.",
        anyOf=[
            {"type": "null"},
            _RATE,
            {
                "type": "object",
                "maxProperties": MOST_INPUTS,
                "propertyNames": _ref("name"),
                "additionalProperties": _RATE,
            },
        ],
        examples=["16000", "44.1kHz", "25fps"],
    ),
}

_BRANCHES = _said(
    "Branches, each a list of layers, empty for the identity; or a loop whose turns are branches.",
    **_one_of_types(
        array={"items": _ref("branch")},
        object={"allOf": [_ref("mapping"), {"anyOf": [{"required": [loop]} for loop in LOOPS]}]},
    ),
)
# What each key of a mapping among layers holds.
_BESIDE: dict[str, object] = {
    "repeat": _said("How often the layers of `do` are built.", _ref("scalar")),
    "each": _said(
        "Lists of values, one for each turn: {d: [64, 128]}.",
        type="object",
        minProperties=1,
        propertyNames=_ref("name"),
        additionalProperties={"anyOf": [_ref("scalar"), {"type": "array", "items": _ref("scalar")}]},
    ),
    "when": _said("A condition on values: s != 1 or cin != d.", _ref("scalar")),
    "let": _said("Names for values: {width: 4*d}.", _ref("values")),
    "do": _said("The layers.", _ref("body")),
    "else": _said("The layers where the condition does not hold.", _ref("body")),
    "index": _said("What the number of the turn, from 0, is called.", _ref("name")),
    "as": _said("What it is called.", _ref("layerName")),
    "from": _said("The layers that are read, joined by +.", type=["string", "number", "boolean"]),
    "out": _said("The size it has.", _ref("scalar")),
    "split": _said(
        "How many parts, the channels of each, or these by the names of the parts.",
        anyOf=[
            _ref("scalar"),
            {"type": "array", "items": _ref("scalar")},
            {"type": "object", "propertyNames": _ref("layerName"), "additionalProperties": _ref("scalar")},
        ],
    ),
    "tensors": _said("Branches that stay apart: several tensors.", **_BRANCHES),
    **dict.fromkeys(JOINS, _BRANCHES),
}


def _mapping() -> dict[str, object]:
    """A mapping among layers: one key that says what it is, and those that may stand beside it."""
    rules: list[object] = []
    for head, beside in HEADS.items():
        # What may stand beside another head is one only where it stands alone.
        others = [other for other, keys in HEADS.items() if head in keys]
        alone = [{"not": {"anyOf": [{"required": [other]} for other in others]}}] if others else []
        needed: dict[str, object] = {}
        if head in LOOPS:
            needed = {"required": ["do"]}
        elif head == "when":
            needed = {"anyOf": [{"required": ["do"]}, {"required": ["else"]}]}
        elif head == "do":
            needed = {"required": ["as"]}
        rules.append(
            {
                "if": {"allOf": [{"required": [head]}, *alone]},
                "then": {"propertyNames": {"enum": [head, *beside]}, **needed},
            }
        )
    return {
        "type": "object",
        "properties": {key: _BESIDE[key] for key in dict.fromkeys((*HEADS, *_keys_beside()))},
        "anyOf": [{"required": [head]} for head in HEADS],
        "allOf": rules,
    }


def _keys_beside() -> Iterable[str]:
    return (key for keys in HEADS.values() for key in keys)


def _line() -> dict[str, object]:
    """A layer: an operator with its attributes, or a block with its parameters."""
    operators = {name: find_operator(name) for name in OPERATOR_NAMES}
    return {
        "type": "string",
        "pattern": rf"^{_NAME}(?:{_rest('[^=]+')})*$",
        "patternErrorMessage": f"a layer is one line: {_FORM}",
        "allOf": [_of_operator(operator) for operator in operators.values()],
        "defaultSnippets": [_snippet(operator) for operator in operators.values()],
    }


def _rest(keys: str) -> str:
    """A word behind the operator; keys: a pattern for the names of arguments."""
    arrow, name = TAIL[-2:]
    return rf"\s+(?:(?:{keys})={_VALUE}|{arrow}\s*{_VALUE}|{name}\s+[^\s()]+)"


def _of_operator(operator: Operator) -> dict[str, object]:
    """What the line of an operator keeps to: the attributes it has, and those that it needs."""
    spellings: dict[str, list[str]] = {}
    for spelling, name in operator.spellings.items():
        spellings.setdefault(name, []).append(spelling)
    needed = "".join(
        rf"(?=.*\s(?:{'|'.join(spellings[name])})=)"
        for name, attribute in operator.attributes.items()
        if attribute.required
    )
    keys = "|".join((*operator.spellings, *TAIL[:-2]))
    listed = ", ".join(" or ".join(sorted(names, key=len)) for names in spellings.values()) or "no attribute"
    required = [name for name, attribute in operator.attributes.items() if attribute.required]
    message = f"{operator.name} has {listed}" + (f"; it needs {', '.join(required)}" if required else "")
    return {
        "if": {"pattern": rf"^{operator.name}(?:\s|$)"},
        "then": {"pattern": rf"^{operator.name}{needed}(?:{_rest(keys)})*$", "patternErrorMessage": message},
    }


def _snippet(operator: Operator) -> dict[str, object]:
    """What an editor offers for an operator: the attributes that it needs, to be filled in."""
    needed = [attribute for attribute in operator.attributes.values() if attribute.required]
    blanks = [f"{each.spelling}=${place}" for place, each in enumerate(needed, 1)]
    return {"label": operator.name, "description": operator.label, "body": " ".join([operator.name, *blanks])}
