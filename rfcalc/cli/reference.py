"""What the program knows by itself: `rfcalc list`, `ops`, `rule`, `rules`, `schema`, `completion`."""

from __future__ import annotations

from functools import partial

import click

from rfcalc.cli.known_words import rule_words, shipped_words
from rfcalc.cli.options import OfferedWords, OneOf
from rfcalc.cli.output import Output, emit
from rfcalc.cli.output_options import format_option, output_file, output_options
from rfcalc.cli.tables import emit_page, write_data, write_either
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError, nearest, quoted
from rfcalc.render.formats import format_of_file

_SCHEMA = ".schema.json"
_OF_RULES = {"markdown": "markdown", "json": "json"}


@command(
    "list",
    "List the shipped networks.",
    ("rfcalc list", "all shipped networks"),
    ("rfcalc list resnet", "those whose name or source has this word"),
    ("rfcalc list resnet 2016 --units si", "those that have both, with short figures"),
    ("rfcalc list --format json", "for programs"),
)
@click.argument("words", metavar="[WORD]...", nargs=-1, type=OfferedWords("network", shipped_words))
@output_options()
def networks(words: tuple[str, ...], where: Output) -> None:
    """List the shipped networks: source, input, parameters, multiply-adds and receptive field.

    With WORDs, those whose name or source has each of them, in upper or lower case.
    """
    from rfcalc.library import analyze, load, shipped_names
    from rfcalc.report.reference.catalog import catalog_data, catalog_table

    wanted = [word.casefold() for word in words]
    described = {name: load(name) for name in shipped_names()}
    texts = {name: f"{name} {each.network.citation}".casefold() for name, each in described.items()}
    found = [name for name, text in texts.items() if all(word in text for word in wanted)]
    if not found:
        hint = nearest(words[0], texts) or "`rfcalc list` shows all"
        raise UsageError(f"no shipped network has {' and '.join(map(quoted, words))}; {hint}")
    listed = {name: analyze(described[name]) for name in found}
    write_either(partial(catalog_data, listed), partial(catalog_table, listed), where)


def _operator_words(typed: str) -> dict[str, str]:
    from rfcalc.ops.registry import OPERATOR_NAMES

    return dict.fromkeys(OPERATOR_NAMES, "")


@command(
    "ops",
    "Explain the operators.",
    ("rfcalc ops", "all operators"),
    ("rfcalc ops conv", "one operator: attributes, formulas, source"),
    ("rfcalc ops --format json", "for programs"),
)
@click.argument("names", metavar="[NAME]...", nargs=-1, type=OfferedWords("operator", _operator_words))
@output_options()
def operators(names: tuple[str, ...], where: Output) -> None:
    """Explain the operators called NAME: attributes, output, parameters, work and source; or list all.

    The explanation is Markdown; any other format has a table, of these operators or of all.
    """
    from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
    from rfcalc.report.reference.definitions import operator_text, operators_data, operators_table

    wanted = names or OPERATOR_NAMES
    found = tuple(map(find_operator, wanted))
    if names and where.format in (None, "markdown"):
        emit_page("\n".join(map(operator_text, found)), where.file)
    else:
        write_either(partial(operators_data, found), partial(operators_table, names=wanted), where)


@command(
    "rule",
    "Explain a rule of the check.",
    ("rfcalc rule RF202", "what it finds, why, its source, what to do instead"),
    ("rfcalc rule checkerboard", "by its name"),
    ("rfcalc rule RF202 --format json", "for programs"),
)
@click.argument(
    "words", metavar="CODE...", nargs=-1, required=True, type=OfferedWords("rules", rule_words, listed=True)
)
@format_option(_OF_RULES, "Without it: what the suffix of -o says, else markdown.")
@output_file(_OF_RULES)
def rule(words: tuple[str, ...], format_name: str | None, output: str | None) -> None:
    """Explain the rules of CODE, a code (RF202) or a name (checkerboard).

    What it finds, why that matters, the source, a description that breaks it and what is said of it, one
    that keeps it, and what to do instead.
    """
    from rfcalc.lint.registry import find_rule
    from rfcalc.report.reference.rules import rule_text, rules_data

    found = tuple(map(find_rule, words))
    if "json" in (format_name, format_of_file(output, _OF_RULES)):
        write_data(rules_data(found), output)
    else:
        emit_page("\n".join(map(rule_text, found)), output)


@command(
    "rules",
    "List the rules of the check.",
    ("rfcalc rules", "all rules"),
    ("rfcalc rules RF1 RF5", "those of two families"),
    ("rfcalc rules --format json", "with their pages, for programs"),
)
@click.argument("words", metavar="[RULES]...", nargs=-1, type=OfferedWords("rules", rule_words, listed=True))
@output_options()
def rules(words: tuple[str, ...], where: Output) -> None:
    """List the rules of `rfcalc check`; `rfcalc rule CODE` explains one.

    With RULES, codes, beginnings of codes or names, those alone.
    """
    from rfcalc.lint.registry import EVERYTHING, chosen, find_rule, selectors
    from rfcalc.report.reference.rules import rules_data, rules_table

    found = tuple(map(find_rule, chosen(selectors(words or EVERYTHING))))
    write_either(partial(rules_data, found), partial(rules_table, found), where)


def schema_names() -> tuple[str, ...]:
    """The names of the schemas that come with the package, sorted."""
    from importlib.resources import files

    entries = (entry.name for entry in files("rfcalc.report").iterdir())
    return tuple(sorted(name.removesuffix(_SCHEMA) for name in entries if name.endswith(_SCHEMA)))


# The schema of what rfcalc reads, not of what it prints.
_DESCRIPTION = "description"


def _schema_words(typed: str) -> dict[str, str]:
    return dict.fromkeys((*schema_names(), _DESCRIPTION), "")


@command(
    "schema",
    "Print the JSON Schema of reports and descriptions.",
    ("rfcalc schema -o report.schema.json", "to validate reports with"),
    ("rfcalc schema explain", "that of `rfcalc explain --format json`"),
    ("rfcalc schema description -o rfcalc.schema.json", "for editors, see docs/editors.md"),
)
@click.argument(
    "name",
    default="report",
    metavar="[NAME]",
    type=OfferedWords("schema", _schema_words),
)
@output_file({"json": "json"})
def schema(name: str, output: str | None) -> None:
    """Print the JSON Schema (2020-12) that a command's `--format json` keeps to, or that of descriptions.

    NAME is that of the command; without it, the schema is that of the report on a network.  The schema of
    descriptions (draft 7) lets an editor complete and check them.
    """
    if name == _DESCRIPTION:
        from rfcalc.report.reference.description_schema import description_schema

        write_data(description_schema(), output)
        return
    from importlib.resources import files

    known = [*_schema_words("")]
    if name not in known:
        hint = nearest(name, known) or f"there are {', '.join(known)}"
        raise UsageError(f"no schema is called {quoted(name)}; {hint}")
    emit(files("rfcalc.report").joinpath(f"{name}{_SCHEMA}").read_text("utf-8"), output)


@command(
    "completion",
    "Print a script for shell completion.",
    ('eval "$(rfcalc completion bash)"', "for this bash; in ~/.bashrc for every one"),
    ('eval "$(rfcalc completion zsh)"', "for zsh"),
    ("rfcalc completion fish | source", "for fish"),
)
@click.argument("shell", type=OneOf(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the script that completes commands, networks, files, columns and formats in SHELL."""
    from click.shell_completion import get_completion_class

    complete = get_completion_class(shell)
    assert complete is not None
    program = click.get_current_context().find_root().command
    emit(f"{complete(program, {}, 'rfcalc', '_RFCALC_COMPLETE').source()}\n")
