"""`rfcalc rule` and `rfcalc rules`: the reference of the check's rules, from their definitions."""

from __future__ import annotations

import click

from rfcalc.cli.options import OneOf, RuleWords, output_options
from rfcalc.cli.output import emit, encoding_of
from rfcalc.cli.tables import Output, write_data, write_table
from rfcalc.cli.texts import HELP_OPTIONS, examples, wrapped
from rfcalc.report.cells import Units
from rfcalc.report.words import Language


@click.command(
    "rule",
    context_settings=HELP_OPTIONS,
    short_help="Explain a rule of the check.",
    epilog=examples(
        ("rfcalc rule RF202", "what it finds, why, its source, what to do instead"),
        ("rfcalc rule checkerboard", "by its name"),
        ("rfcalc rule RF202 --format json", "for programs"),
    ),
)
@click.argument("words", metavar="CODE...", nargs=-1, required=True, type=RuleWords())
@click.option(
    "--format",
    "format_name",
    type=OneOf(("markdown", "json")),
    default="markdown",
    show_default=True,
    metavar="FORMAT",
    help="markdown or json.",
)
@click.option("--output", "-o", metavar="FILE", type=click.Path(), help="Write to FILE, whole or not at all.")
def rule(words: tuple[str, ...], format_name: str, output: str | None) -> None:
    """Explain the rules of CODE, a code (RF202) or a name (checkerboard).

    What it finds, why that matters, the source, a description that breaks it and what is said of it, one
    that keeps it, and what to do instead.
    """
    from rfcalc.render.characters import transliterate
    from rfcalc.report.reference.rules import rule_reference, rule_text, rules_data

    references = tuple(map(rule_reference, words))
    if format_name == "json":
        write_data(rules_data(references), Output(format_name, output, "raw", None, True))
    else:
        text = "\n".join(map(rule_text, references))
        emit(wrapped(transliterate(text, encoding_of(output))), output)


@click.command(
    "rules",
    context_settings=HELP_OPTIONS,
    short_help="List the rules of the check.",
    epilog=examples(
        ("rfcalc rules", "all rules"),
        ("rfcalc rules --format json", "with their pages, for programs"),
    ),
)
@output_options()
def rules(
    format_name: str | None, output: str | None, units: Units, language: Language | None, no_color: bool
) -> None:
    """List the rules of `rfcalc check`; `rfcalc rule CODE` explains one."""
    from rfcalc.report.reference.rules import rule_references, rules_data, rules_table

    where = Output(format_name, output, units, language, no_color)
    if where.format == "json":
        write_data(rules_data(rule_references()), where)
    else:
        write_table(rules_table(language or "en"), where, droppable=False)
