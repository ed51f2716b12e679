"""Writes what comes from definitions: pages of docs/ on commands, columns, figures, operators, rules, json.

Of importing.md it writes one part, what the README of each format's folder says.

    python docs/pages.py

Pages that are written by hand have parts that it writes, between `<!-- NAME: python docs/pages.py -->` and
`<!-- end -->`.  A test holds the files in docs/ to what this writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from rfcalc.analysis.figures import COUNTS, FIGURES, FieldFigure
from rfcalc.cli.group import program
from rfcalc.cli.reference import schema_names
from rfcalc.lint.registry import MODULE_OF, find_rule
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.render import finding_formats
from rfcalc.report.network_table.columns import COLUMNS
from rfcalc.report.reference.definitions import operator_text
from rfcalc.report.reference.rules import family_of, rule_text

_GENERATED = "<!-- Written by python docs/pages.py; a change here is lost. -->\n\n"
_BEGIN = "<!-- Written by python docs/pages.py from the README of each format; a change here is lost. -->\n"
_END = "<!-- End of what is written. -->\n"


def pages() -> dict[str, str]:
    """The text of every generated page by its file name."""
    return {
        "commands.md": _GENERATED + "# Commands\n\n" + "\n".join(_commands()),
        "columns.md": _GENERATED + "# Columns\n\n" + _columns(),
        "json.md": _GENERATED + "# The report as JSON\n\n" + _schema("report"),
        **{
            f"json-{name}.md": f"{_GENERATED}# `rfcalc {name}` as JSON\n\n" + _schema(name)
            for name in schema_names()
            if name != "report"
        },
        "importing.md": _with_formats((Path(__file__).parent / "importing.md").read_text(encoding="utf-8")),
        "importing-operators.md": _GENERATED + "# Operators of models\n\n" + _followed(),
        "figures.md": _GENERATED + "# Figures\n\n" + _figures(),
        "operators.md": _GENERATED + "# Operators\n\n" + _operators(),
        "rules.md": _GENERATED + "# Rules of the check\n\n" + _rules(),
        "check.md": _with_parts("check.md", formats=_finding_formats()),
    }


def _with_parts(name: str, **parts: str) -> str:
    """A page that is written by hand, with the parts of it that are made."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    for part, made in parts.items():
        start = f"<!-- {part}: python docs/pages.py -->\n"
        pattern = rf"(?<={re.escape(start)}).*?(?=<!-- end -->)"
        text, times = re.subn(pattern, lambda _, made=made: made, text, flags=re.DOTALL)
        assert times == 1, f"{name} has {times} places for {part}"
    return text


def _finding_formats() -> str:
    rows = (f"| `{name}` | {entry.about} |\n" for name, entry in finding_formats.FORMATS.items())
    return "| `--format` | what it is |\n|---|---|\n" + "".join(rows)


def _commands() -> Iterator[str]:
    context = click.Context(program, info_name="rfcalc", max_content_width=100, terminal_width=100)
    yield _help("rfcalc", program, context)
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        assert command is not None
        inner = click.Context(
            command, parent=context, info_name=name, max_content_width=100, terminal_width=100
        )
        yield _help(f"rfcalc {name}", command, inner)


def _help(title: str, command: click.Command, context: click.Context) -> str:
    context.help_option_names = ["-h", "--help"]
    return f"## {title}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


def _with_formats(page: str) -> str:
    """A page with what each folder of the importers says of its format between two marks."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    folders = sorted(files("rfcalc.importers").iterdir(), key=lambda folder: folder.name)
    read = [folder / "README.md" for folder in folders if (folder / "README.md").is_file()]
    return before + begin + "\n" + "\n".join(one.read_text("utf-8") for one in read) + "\n" + end + after


def _followed() -> str:
    """What the importers know of the operators of other programs."""
    from rfcalc.importers.onnx import call as onnx
    from rfcalc.importers.onnx import folding
    from rfcalc.importers.onnx.operators import load as load_nodes
    from rfcalc.importers.torch import call as torch
    from rfcalc.importers.torch.operators import load as load_functions

    for operator in ("Conv", "LSTM", "com.microsoft::Gelu"):
        load_nodes(operator)
    load_functions()
    lines = [
        "What is read of [models](importing.md), by operator. What is not among these becomes `opaque`, with",
        "the size that the file states; a function that the file itself defines is followed into.",
        "",
        "## ONNX",
        "",
        *_table(onnx.OPERATORS),
        "",
        "Constants are passed on, or brought into another form, as any tensor is. Other calls whose operands "
        "are constants are carried out, or their sizes followed: "
        + ", ".join(f"`{name}`" for name in folding.CARRIED_OUT)
        + ".",
        "",
        "## PyTorch",
        "",
        "Functions of exported programs and of modules in Python; `relu_` is followed as `relu`.",
        "",
        *_table(torch.OPERATORS),
        "",
        "## Ultralytics",
        "",
        "Modules that rows may name, and their arguments. c2, the output channels, is scaled by the width",
        "where it stands first; those marked * are of YOLOv5's own code, those marked † not.",
        "",
        *_modules(),
    ]
    return "\n".join(lines) + "\n"


def _modules() -> Iterator[str]:
    """A line for each module of a row."""
    from rfcalc.importers.ultralytics.following import load_modules
    from rfcalc.importers.ultralytics.registry import MODULES, shown

    load_modules()
    yield "| module | args | what it is |"
    yield "|---|---|---|"
    for name, found in sorted(MODULES.items(), key=lambda entry: entry[0].casefold()):
        mark = {True: " *", False: " †", None: ""}[found.original]
        words = ", ".join(
            [one.name if one.required else f"{one.name}={shown(one.default)}" for one in found.parameters]
        )
        about = (found.build.__doc__ or "").strip().splitlines()[0]
        yield f"| `{name.partition(':')[0]}`{mark} | {f'`{words}`' if words else ''} | {about} |"


def _table(operators: Mapping[str, Callable[..., object]]) -> Iterator[str]:
    """A line for each function that follows operators, with the names of these."""
    names: dict[str, list[str]] = {}
    for name, follow in sorted(operators.items()):
        names.setdefault((follow.__doc__ or "").strip().splitlines()[0], []).append(f"`{name}`")
    yield "| operators | what they are |"
    yield "|---|---|"
    for about, listed in sorted(names.items(), key=lambda entry: entry[1]):
        yield f"| {', '.join(listed)} | {about} |"


def _columns() -> str:
    lines = [
        "What `--columns` takes. `rfcalc NETWORK --columns help` prints this list; those marked * are",
        "shown without asking. Totals are printed for the columns that add up.",
        "",
        "| column | title | 标题 | adds up | meaning | 说明 |",
        "|---|---|---|---|---|---|",
    ]
    for column in COLUMNS:
        name = (
            f"`{column.name}`{' *' if column.default else ''}{f' (`{column.other}`)' if column.other else ''}"
        )
        adds_up = "yes" if column.summed else ""
        lines.append(f"| {name} | {' | '.join(column.title)} | {adds_up} | {' | '.join(column.about)} |")
    return "\n".join(lines) + "\n"


def _figures() -> str:
    """The figures that conditions speak of, from the registry."""
    fields = [figure for figure in FIGURES.values() if isinstance(figure, FieldFigure)]
    lines = [
        "What a condition can be about: in `check:`, in [budgets](budgets.md) and with `--solve`. In",
        "`check:` and budgets a batch is one example, and a number takes 4 bytes. The name of a layer or a",
        "scope, or a glob, stands in parentheses: `params(conv1)`, `macs(layer3)`, `output(stage.*)`; counts",
        "of several layers are summed.",
        "",
        "## Counts and sizes",
        "",
        "| of the network | of layers | counts | meaning |",
        "|---|---|---|---|",
        *(
            f"| `{count.name}` | {f'`{count.name}(layer)`' if count.adds_up else ''} | {count.unit} "
            f"| {count.about[0]} |"
            for count in COUNTS.values()
        ),
        "| | `share(layer, params)` | | The part of a count of the network, here the parameters. |",
        "| | `legal(512x384)` | | Whether the network can be built at this size of its input. |",
        "| `output` | `output(layer)` | | The size of the output: spatial axes, then channels; of each where "
        "there are several. |",
        "",
        "## Receptive fields",
        "",
        "One value for each axis of each input that a layer sees; `receptive_field(layer, input)` names one",
        "of several inputs. Of a scope they are those of its last layer, of a glob those of each that fits,",
        "of the network those of the last layer before the first collapsed axis on the way to the output.",
        "",
        "| of the network | of layers | meaning |",
        "|---|---|---|",
        *(f"| `{figure.name}` | `{figure.name}(layer)` | {figure.about[0]} |" for figure in fields),
    ]
    return "\n".join(lines) + "\n"


def _schema(which: str) -> str:
    """The definitions of a schema as lists: what each key holds."""
    schema = json.loads(files("rfcalc.report").joinpath(f"{which}.schema.json").read_text("utf-8"))
    command = "rfcalc schema" if which == "report" else f"rfcalc schema {which}"
    lines = [f"{schema['description']} `{command}` prints the JSON Schema."]
    for name, definition in [(which, schema), *schema["$defs"].items()]:
        lines += ["", f"## {name}", ""]
        if definition is not schema and "description" in definition:
            lines += [definition["description"], ""]
        required = definition.get("required", ())
        for key, value in definition.get("properties", {}).items():
            optional = "" if key in required else ", optional"
            about = f": {value['description']}" if "description" in value else ""
            lines.append(f"- `{key}` ({_type(value)}{optional}){about}")
        others = definition.get("additionalProperties")
        if "properties" in definition and others:
            lines.append(f"- any other key ({_type(others)}): {others['description']}")
        if "properties" not in definition:
            lines.append(f"Takes {_type(definition)}.")
        elif "$ref" in definition:
            lines.append(f"- and all of {_type({'$ref': definition['$ref']})}")
    return "\n".join(lines) + "\n"


def _type(schema: dict[str, Any]) -> str:
    """What a part of the schema allows, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.casefold()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{word}`" for word in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if kinds == ["array"]:
        return f"list of ({_type(schema['items'])})"
    if (
        kinds == ["object"]
        and isinstance(schema.get("additionalProperties"), dict)
        and "properties" not in schema
    ):
        return f"object: each name to {_type(schema['additionalProperties'])}"
    return " or ".join(kinds)


def _operators() -> str:
    introduction = (
        "What a line of a description may begin with. `rfcalc ops NAME` prints one of these sections.\n"
        "n is a length of the input and o one of the output, f the kernel size, s the stride, p0 and p1\n"
        "the padding before and after, r the dilation, c and d the input and output channels, g the\n"
        "groups, a the number of axes; every other name is an attribute. Π multiplies over the axes, Σ\n"
        "adds over the operands, and a maximum of one thing is taken over them. `rfcalc explain` puts a\n"
        "layer's numbers in.\n\n"
    )
    return introduction + "\n".join(map(operator_text, map(find_operator, OPERATOR_NAMES)))


def _rules() -> str:
    rules = tuple(map(find_rule, MODULE_OF))
    lines = [
        "What [`rfcalc check`](check.md) looks for. `rfcalc rule CODE` prints one of these sections, and",
        "`rfcalc rules` the table. A rule speaks only where it is sure, and says the numbers; what it says",
        "of the example that breaks it stands below that example.",
        "",
        "| code | name | severity | family | looked for |",
        "|---|---|---|---|---|",
    ]
    for rule in rules:
        link = f"[{rule.code}](#{rule.code.casefold()}-{rule.name})"
        when = "when it is asked for" if rule.asked else "always"
        lines.append(f"| {link} | {rule.name} | {rule.severity} | {family_of(rule)} | {when} |")
    return "\n".join(lines) + "\n\n" + "\n".join(map(rule_text, rules))


if __name__ == "__main__":
    for name, text in pages().items():
        (Path(__file__).parent / name).write_text(text, encoding="utf-8")
