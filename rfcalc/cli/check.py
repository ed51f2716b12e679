"""`rfcalc check`: what is wrong with descriptions, what breaks a promise, and what breaks good practice."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from rfcalc.cli.exit_codes import FOUND, MISTAKE
from rfcalc.cli.known_words import rule_words, shipped_words
from rfcalc.cli.options import (
    INPUT,
    LAYERS,
    MAX_LAYERS,
    PYTHON,
    RATE,
    SETTING,
    OfferedWords,
    OneOf,
    by_name,
    input_sizes,
)
from rfcalc.cli.output import append_file, emit, encoding_of, is_terminal, say, terminal_width, wants_colour
from rfcalc.cli.output_options import NO_COLOR, format_option, output_file
from rfcalc.cli.paths import Search
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError, printable
from rfcalc.files import STANDARD_INPUT, upwards
from rfcalc.lint.finding import DEFAULT_THRESHOLD, SEVERITIES, Severity
from rfcalc.render.finding_formats import CONTENTS, FORMATS, render_outcome
from rfcalc.render.formats import format_of_file
from rfcalc.render.layout import Layout
from rfcalc.report.findings.repository import Checkout

if TYPE_CHECKING:
    from rfcalc.cli.configuration import Configurations
    from rfcalc.lint.outcome import Outcome


def _networks(typed: str) -> dict[str, str]:
    """What a path can be besides a file: a shipped network, once something of its name is there."""
    return shipped_words(typed) if typed else {}


def _selectors(typed: str) -> dict[str, str]:
    """What selects rules: codes, names, families and ALL."""
    from rfcalc.lint.registry import FAMILIES

    return rule_words(typed) | FAMILIES | {"ALL": "every rule"}


def _rules_option(name: str, about: str) -> Callable[[Any], Any]:
    """An option that takes selectors of rules, as often as one likes."""
    return click.option(
        name, metavar="RULES", multiple=True, type=OfferedWords("rules", _selectors, listed=True), help=about
    )


@command(
    "check",
    "Say what is wrong with descriptions, for CI.",
    ("rfcalc check", "every description below the current folder"),
    ("rfcalc check net.yaml nets/", "a file and a folder"),
    ("rfcalc check 'models/*.onnx'", "models, which a folder is not searched for"),
    ("rfcalc check vgg16", "a shipped network"),
    ("rfcalc check - --stdin-filename nets/net.yaml < net.yaml", "what an editor holds"),
    ("rfcalc check --select RF2,RF401 --fail-on info", "some rules, any finding fails"),
    ("rfcalc check --format sarif -o rfcalc.sarif", "for code scanning"),
    ("rfcalc check --against origin/main", "budgets of growth against a revision of git"),
    ("rfcalc rule RF202", "explain a rule"),
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=OfferedWords("path", _networks, files=True))
@_rules_option(
    "--select",
    "Look for these rules alone: codes, names, families (RF2) or ALL, joined by commas. Repeatable. Without "
    "it: all but those that are looked for only when they are asked for (`rfcalc rules`).",
)
@_rules_option(
    "--ignore", "Look for all but these rules. The longer selector decides: --select RF2 --ignore RF203."
)
@_rules_option("--extend-select", "Look for these rules besides those that are selected.")
@click.option(
    "--fail-on",
    type=OneOf(SEVERITIES),
    metavar="SEVERITY",
    help="The least severity that makes the exit code 1: error, warning or info; without it what the "
    f"configuration says, else {DEFAULT_THRESHOLD}.",
)
@click.option(
    "--show",
    type=OneOf(SEVERITIES),
    metavar="SEVERITY",
    help="The least severity that is reported besides what fails: error, warning or info; without it what "
    "the configuration says, else info.",
)
@format_option(
    FORMATS,
    "Without it: what the suffix of -o says, else github where GITHUB_ACTIONS is set, else full.",
)
@output_file(CONTENTS)
@click.option("--statistics", is_flag=True, help="Add how many findings there are of each rule.")
@NO_COLOR
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(),
    help="The configuration for everything, instead of the nearest rfcalc.toml or pyproject.toml.",
)
@click.option("--no-config", is_flag=True, help="Read no configuration.")
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(),
    help="The figures that budgets of growth compare with.",
)
@click.option(
    "--update-baseline", "update", is_flag=True, help="Write the figures of this run to the baseline."
)
@click.option(
    "--against",
    "revision",
    metavar="REV",
    help="Compare with the descriptions where HEAD began to differ from a revision of git, their merge base; "
    "A...B is that of two others, A.. is A itself.",
)
@click.option(
    "--stdin-filename", metavar="FILE", help="What standard input is called, and where it would lie."
)
@INPUT
@SETTING
@RATE
@PYTHON
@LAYERS
@MAX_LAYERS
def check(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    fail_on: Severity | None,
    show: Severity | None,
    format_name: str | None,
    output: str | None,
    statistics: bool,
    no_color: bool,
    config: str | None,
    no_config: bool,
    baseline: str | None,
    update: bool,
    revision: str | None,
    stdin_filename: str | None,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    rates: tuple[str, ...],
    python: str | None,
    layers: tuple[str, ...],
    max_layers: int,
) -> int:
    """Say what is wrong with descriptions: mistakes, broken promises and budgets, and what rules find.

    A PATH is a file, a description or a model (ONNX, exported PyTorch, Keras, Ultralytics, darknet, Caffe,
    plans of nnU-Net); a folder (every .yaml and .yml file below it that has a top-level key `layers`; models,
    hidden folders and what git ignores are left out); a pattern such as 'nets/**/*.yaml' or 'models/*.onnx';
    a baseline, for the networks it holds; the name of a shipped network; package.module:callable, which RUNS
    THE CODE of that module; or - for standard input.
    Without any it is the current folder.

    The exit code is 0 when nothing is found that is grave enough (see --fail-on), 1 when something is, a
    description that cannot be built included, and 2 for a mistake in the usage or the configuration and
    for what cannot be read.
    """
    if no_config and config is not None:
        raise UsageError("either --config or --no-config, not both")
    if stdin_filename is not None and STANDARD_INPUT not in paths:
        raise UsageError("--stdin-filename names standard input, which is checked where - is among the paths")
    from rfcalc.cli.collecting import Given, collect, stale_entries
    from rfcalc.cli.configuration import Configurations, RuleSelection
    from rfcalc.cli.history import Histories
    from rfcalc.cli.unused_globs import unused_globs
    from rfcalc.lint.outcome import Outcome

    try:
        os.getcwd()
    except OSError:
        raise UsageError("the current folder is gone") from None
    searched = paths or (os.curdir,)
    sizes, rated = input_sizes(inputs), by_name("--rate", rates)
    given = Given(max_layers, sizes, by_name("--set", settings), python or "", layers, rated)
    words = [("--input", size) for size in inputs] + [("--set", setting) for setting in settings]
    words += [("--rate", rate) for rate in rates] + ([("--python", python)] if python else [])
    words += [("--output", layer) for layer in layers]
    configurations = Configurations(config, off=no_config)
    histories = Histories(
        baseline, revision, config, paths or (os.curdir,), max_layers, words, given.built, update=update
    )
    if no_config or config is not None:
        # One configuration, or none, holds for everything: what is wrong with its baseline is told at once.
        histories.of(configurations.of(os.curdir))
        histories.recorded()
    selection = RuleSelection(select, ignore, extend_select)
    search = Search(configurations.excludes, models=True)
    checkables = search.checkables(searched, stdin_filename)
    found = collect(checkables, configurations, selection, histories, given)
    problems = (*search.problems, *found.problems)
    if not found.checked and not problems:
        problems = ("all that was found is left out by .gitignore or the configuration",)
    # Without one the strictest of the configurations in use.  The default leaves out what rests on taste
    # (info): a gate that fails for a large kernel on purpose would soon be switched off.
    stated = {nearest.configuration.fail_on for nearest in configurations.in_use()} - {None}
    least = next((severity for severity in reversed(SEVERITIES) if severity in stated), DEFAULT_THRESHOLD)
    threshold = fail_on or least
    unused = unused_globs(configurations, selection, found.held, searched)
    further = (*stale_entries(configurations, selection, histories), *found.idle, *unused)
    outcome = Outcome(found.checked, further, threshold, problems).showing(show or _shown(configurations))
    wanted = format_name or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "full")
    if format_name is None and output is not None:
        wanted = format_of_file(output, CONTENTS) or "full"
    _write(outcome, wanted, output, statistics, no_color)
    for problem in problems:
        say(f"rfcalc: error: {problem}")
    earlier = revision or baseline
    if found.checked and not found.limited and not update and earlier is not None:
        # A gate that compares nothing must not look like one that passes.
        say(
            f"rfcalc: warning: nothing is compared with {printable(earlier)}: no budget of these networks "
            "has a max_increase (docs/budgets.md)"
        )
    for line in histories.write():
        say(printable(line))
    if output is not None or not FORMATS[wanted].summed:
        from rfcalc.report.findings.presentation import summary

        say(summary(outcome))
    return MISTAKE if problems else FOUND if outcome.fails else 0


def _shown(configurations: Configurations) -> Severity:
    """What configurations say is shown: where they differ, as much as one of them wants to see."""
    stated = {nearest.configuration.show for nearest in configurations.in_use()} - {None}
    return next((severity for severity in reversed(SEVERITIES) if severity in stated), SEVERITIES[-1])


def _write(outcome: Outcome, format_name: str, output: str | None, statistics: bool, no_color: bool) -> None:
    terminal = is_terminal(output)
    layout = Layout(
        statistics,
        terminal and wants_colour(no_color),
        encoding_of(output),
        terminal_width() if terminal else None,
        _checkout_here(),
    )
    emit(render_outcome(outcome, format_name, layout), output)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if format_name == "github" and summary:
        from rfcalc.render.findings_markdown import render_step_summary

        append_file(summary, render_step_summary(outcome, layout))


def _checkout_here() -> Checkout:
    """The repository around the current folder; where there is none, the folder itself counts as its root."""
    here = os.getcwd()
    root = next((each for each in upwards(here) if os.path.lexists(os.path.join(each, ".git"))), here)
    folder = "" if root == here else os.path.relpath(here, root).replace(os.sep, "/")
    # A shell names the folder by the links that led to it.
    entered = os.environ.get("PWD", "")
    roots = [root]
    with suppress(OSError, ValueError):
        if os.path.isabs(entered) and os.path.samefile(entered, here):
            linked = os.path.normpath(
                os.path.join(entered, *[os.pardir] * len(folder.split("/") if folder else ()))
            )
            if os.path.samefile(linked, root):
                roots.append(linked)
    return Checkout(folder, tuple(dict.fromkeys(roots)))
