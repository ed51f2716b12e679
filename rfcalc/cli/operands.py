"""The networks that a command takes several of: names, files and expressions in the order they are given.

Each has a letter, A for the first.  Sizes and parameters are for all of them, or with a letter before them
for one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from rfcalc.cli.options import BATCH, MAX_LAYERS, NETWORK, PYTHON, Decorator, all_of, by_name, settings_option
from rfcalc.cli.revision import NotAtRevision, TooMuch, revision_of
from rfcalc.cli.standard_input import load_word, say_remarks
from rfcalc.cli.texts import WithExamples
from rfcalc.errors import DescriptionError, Diagnostic, UsageError, cut, nearest, quoted
from rfcalc.records import NamedTuple
from rfcalc.report.comparison.words import LETTERS

if TYPE_CHECKING:
    from rfcalc.analysed import AnalysedNetwork
    from rfcalc.description import Description
    from rfcalc.models import ModelTarget

# Marks an operand that was given by -e; no argument of a process can hold it.
EXPRESSION = "\0"
# How it is given: its value follows in the same word, or else in the next.
_OPTION = re.compile(r"-e(.+)?|--expression(?:=(.*))?", re.DOTALL)
_LONGEST_NAME = 24


class InOrder(WithExamples):
    """A command whose expressions (-e) are operands, in the order in which all operands are given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(self._operands(ctx, args)))

    def _operands(self, ctx: click.Context, args: Sequence[str]) -> Iterator[str]:
        """The arguments, each expression as an operand with a mark before it."""
        taking = {
            name
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option) and not parameter.is_flag
            for name in parameter.opts
        }
        waiting = iter(args)
        for word in waiting:
            if word == "--":
                yield word
                yield from waiting
            elif given := _OPTION.fullmatch(word):
                value = given[given.lastindex] if given.lastindex else next(waiting, None)
                # Without a value the option is left for click to complain about.
                yield word if value is None else EXPRESSION + value
            else:
                yield word
                value = next(waiting, None) if word in taking else None
                if value is not None:
                    yield value


def operand_options(*own: Decorator) -> Decorator:
    """Several networks and what they are analysed with; own: further options, behind those of operands."""
    return all_of(
        [
            click.argument("networks", metavar="NETWORK...", nargs=-1, type=NETWORK),
            click.option(
                "-e",
                "--expression",
                "expressions",
                metavar="LAYERS",
                multiple=True,
                help="Layers as an operand, separated by ; or as a YAML list. Repeatable.",
            ),
            *own,
            click.option(
                "--input",
                "inputs",
                metavar="SIZE",
                multiple=True,
                help="Input size of all networks; A=SIZE of the first one, B=SIZE of the second; NAME=SIZE "
                "or A:NAME=SIZE for one of several inputs.",
            ),
            settings_option(
                "A parameter of all networks that have it, an argument of callables; A:NAME=VALUE of the "
                "first one. Repeatable."
            ),
            PYTHON,
            click.option(
                "--output",
                "layers",
                metavar="LAYER",
                multiple=True,
                help="Only what LAYER needs of each network, which is its output then; A:LAYER of the first "
                "one. Repeatable.",
            ),
            BATCH,
            MAX_LAYERS,
        ]
    )


class NamedNetwork(NamedTuple):
    """One network: what it is called in the output, and its description, or a model yet to be read."""

    name: str
    network: Description | ModelTarget


def named_operands(words: Sequence[str], python: str | None, least: int = 2) -> tuple[NamedNetwork, ...]:
    """The networks named, so many at least; raises UsageError, and DescriptionError with every mistake.

    python: what runs a callable.  least: 2, or 1.
    """
    if not words and least == 1:
        raise UsageError("which network? name one, a file, or - for standard input; `rfcalc list` lists them")
    if len(words) < least:
        got = f", got {quoted(words[0].removeprefix(EXPRESSION))}" if words else ""
        raise UsageError(
            f"comparing takes two networks or more{got}; `rfcalc list` lists those that are shipped"
        )
    if len(words) > len(LETTERS):
        raise UsageError(f"at most {len(LETTERS)} networks stand side by side, got {len(words)}")
    if words.count("-") > 1:
        raise UsageError("standard input can be read once, so only one network is -")
    from rfcalc.library import model_of, read_expression

    found: list[NamedNetwork] = []
    mistakes: list[Diagnostic] = []
    for word in words:
        expression = word.removeprefix(EXPRESSION)
        try:
            network: Description | ModelTarget
            if word != expression:
                network = read_expression(expression)
            else:
                network = model_of(word, python=python or "") or load_word(word)
        except DescriptionError as error:
            mistakes += error.diagnostics
        else:
            name = expression if word != expression else _called(word)
            found.append(NamedNetwork(cut(name, _LONGEST_NAME), network))
    if mistakes:
        raise DescriptionError(mistakes)
    return tuple(found)


def operands_at(words: Sequence[str], revision: str) -> tuple[NamedNetwork, ...]:
    """A file as it was at a revision, and as it is; raises UsageError and DescriptionError."""
    from rfcalc.library import is_path, model_of, read_data, read_file

    if len(words) != 1 or words[0].startswith(EXPRESSION):
        raise UsageError(f"--git compares one file with what it was at {quoted(revision)}; name that file")
    if words[0] == "-" or not (is_path(words[0]) or os.path.isfile(words[0])):
        raise UsageError(f"--git takes the path of a file, got {quoted(words[0])}")
    path = words[0] if is_path(words[0]) else os.path.join(os.curdir, words[0])
    if model := model_of(path):
        raise UsageError(
            f"--git compares descriptions, and {quoted(path)} is {model.kind}; write the earlier one to a "
            f"file and compare the two: git show {revision}:{words[0]} > old{os.path.splitext(path)[1]}"
        )
    earlier, data = _content_at(path, revision)
    past = f"{earlier}@{revision}"
    return (
        NamedNetwork(
            cut(f"{os.path.basename(earlier)}@{revision}", _LONGEST_NAME),
            read_data(data, past),
        ),
        NamedNetwork(cut(_called(path), _LONGEST_NAME), read_data(read_file(path), path)),
    )


def _content_at(path: str, name: str) -> tuple[str, bytes]:
    """What a file was called at a revision, and what it held; raises UsageError."""
    revision = revision_of(name)
    try:
        return path, revision.content(path)
    except NotAtRevision:
        from rfcalc.cli.renamed_files import RenamedFiles

        with suppress(TooMuch):
            if earlier := RenamedFiles(revision, [path]).earlier(path):
                return earlier
        raise


def analysed(
    operands: Sequence[NamedNetwork],
    inputs: Sequence[str],
    settings: Sequence[str],
    layers: Sequence[str],
    batch: int,
    max_layers: int,
) -> tuple[tuple[Description, AnalysedNetwork], ...]:
    """Each network as it was read, of at most so many layers, and its analysis with its sizes and values.

    layers: those of all networks, or behind a letter and a colon of one, that are asked for with what they
    need.

    Raises UsageError for sizes and parameters that belong to no network, and DescriptionError with every
    mistake of all networks.
    """
    from rfcalc.description import Description, leading_to
    from rfcalc.library import analyze, load_model

    # What a model takes is known when it is read, for which that is needed: it is given all names, and says
    # itself which mean nothing to it.
    known = [each.network if isinstance(each.network, Description) else None for each in operands]
    models = [described is None for described in known]
    sizes = _assigned(
        "--input",
        inputs,
        [described.input_names() if described else () for described in known],
        to_all=models,
    )
    # A symbol that a size or a value brings in can be set, too.
    brought = frozenset(
        re.findall(r"[^\W\d]\w*", " ".join(value.rpartition("=")[2] for value in (*inputs, *settings)))
    )
    values = _assigned(
        "--set",
        settings,
        [
            [one.name for one in (*described.network.parameters, *described.network.symbols)]
            if described
            else ()
            for described in known
        ],
        brought,
        [described.network.open if described else True for described in known],
    )
    found: list[tuple[Description, AnalysedNetwork]] = []
    mistakes: list[Diagnostic] = []
    addressed = [_addressed("--output", layer, len(operands)) for layer in layers]
    for number, (operand, size, value) in enumerate(zip(operands, sizes, values, strict=True), 1):
        try:
            given: dict[str, Any] = {"input": size.get("") or size or None, "params": value}
            if isinstance(operand.network, Description):
                description = operand.network._replace(max_layers=max_layers)
            else:
                description = load_model(operand.network, max_layers, **given)
                say_remarks(description)
            if ends := [layer for place, layer in addressed if place in (0, number)]:
                description = leading_to(description, ends)
            found.append((description, analyze(description, **given, batch=batch)))
        except DescriptionError as error:
            mistakes += error.diagnostics
    if mistakes:
        raise DescriptionError(mistakes)
    return tuple(found)


def _called(word: str) -> str:
    """What a network is called: a shipped one by its name, a file by its own."""
    return "stdin" if word == "-" else os.path.basename(word) or word


def _assigned(
    option: str,
    values: Sequence[str],
    known: Sequence[Sequence[str]],
    brought: Set[str] = frozenset(),
    to_all: Sequence[bool] = (),
) -> list[dict[str, str]]:
    """What each network gets of an option's values by name.

    known: the names that each has; brought: those that mean something to all of them; to_all: whether a
    network takes any name, as bare layers do.  A value for one network (`A:NAME=VALUE`) overrides one for
    all (`NAME=VALUE`), which goes to those that know the name.
    """
    groups: list[list[str]] = [[] for _ in range(len(known) + 1)]
    for value in values:
        place, own_value = _addressed(option, value, len(known))
        groups[place].append(own_value)
    common, *own = (by_name(option, group, lettered=True) for group in groups)

    def takes(place: int, name: str) -> bool:
        return not name or name in known[place] or name in brought or any(to_all[place : place + 1])

    for name in common:
        if not any(takes(place, name) for place in range(len(known))):
            raise UsageError(f"{option} {name}=…: {_unknown(name, known, inputs=option == '--input')}")
    return [
        # A size for the network overrides all sizes by name.
        mine if "" in mine else {name: text for name, text in common.items() if takes(place, name)} | mine
        for place, mine in enumerate(own)
    ]


def _unknown(name: str, known: Sequence[Sequence[str]], *, inputs: bool) -> str:
    """Why a name means nothing to any of the networks."""
    if name in LETTERS and inputs:
        return f"no network is {quoted(name)}; {_letters(len(known))}"
    every = list(dict.fromkeys(other for names in known for other in names if other))
    what = "input" if inputs else "parameter"
    if not every:
        return f"none of the networks has a{'n' if inputs else ''} {what} with a name"
    hint = nearest(name, every) or f"there are {', '.join(every)}"
    return f"none of the networks has the {what} {quoted(name)}; {hint}"


def _letters(count: int) -> str:
    return f"they are A to {LETTERS[count - 1]}" if count > 1 else "the only one is A"


def _addressed(option: str, value: str, count: int) -> tuple[int, str]:
    """The place of the network that a value of an option is for, from 1 (0: all), and the rest."""
    inputs = option == "--input"
    before, equals, text = value.rpartition("=") if inputs else value.partition("=")
    letter, colon, name = map(str.strip, before.rpartition(":"))
    if inputs and not colon and len(name) == 1 and name in LETTERS[:count]:
        letter, colon, name, equals = name, ":", "", ""
    if not colon:
        return 0, value
    if not letter:
        raise UsageError(f"{option} {quoted(value)}: expected the letter of a network before the colon")
    if letter not in LETTERS[:count] or len(letter) != 1:
        raise UsageError(f"{option} {quoted(value)}: no network is {quoted(letter)}; {_letters(count)}")
    return LETTERS.index(letter) + 1, f"{name}{equals}{text}"
