"""Halos, steps and tiles as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.errors import UsageError
from rfcalc.report.cells import AT_MOST, Amount, Bytes, Cell, Share, Text
from rfcalc.report.table import Heading, Table, TableNote
from rfcalc.report.tiling.words import listed_in, say
from rfcalc.shapes import format_sizes
from rfcalc.units import format_bytes

if TYPE_CHECKING:
    from rfcalc.analysis.tiling.plan import AxisTiles, TilePlan
    from rfcalc.report.tiling.asking import Tiling
    from rfcalc.report.words import Language

# In which order columns go where a terminal is too narrow.
_DROPPED = {"peak_activations": 1, "overlap": 2, "image": 3}
_LEFT = ("axis", "output", "tile")
# So many places of tiles are named in a note, and rows for programs written.
_MOST_NAMED = 3
MOST_PLACES = 2**16


def tiling_tables(tiling: Tiling, language: Language) -> list[Table]:
    """What holds for all tiles; then the tiles that were asked for, or several to choose from."""
    return [_facts_table(tiling, language), _plans_table(tiling, language)]


def rows_table(tiling: Tiling, language: Language) -> Table:
    """Rows for programs: where the tiles that were asked for lie, else the sizes to choose from.

    A row for each tile along each axis and for each output: where it begins, what of it is kept, and where
    that stands in the output.  Raises UsageError for too many.
    """
    plan = tiling.chosen
    if plan is None:
        return _plans_table(tiling, language)._replace(title="", notes=())
    number = sum(along.number for along in plan.axes) * len(tiling.analysis.graph.output_names)
    if number > MOST_PLACES:
        raise UsageError(f"there are {number:,} rows; more than {MOST_PLACES:,} are not listed")
    names = ["axis", "place", "begins", "ends", "output", "from", "first", "last"]
    rows: list[tuple[Cell, ...]] = []
    for along in plan.axes:
        for place in range(along.number):
            for number, output in enumerate(tiling.analysis.graph.output_names):
                kept, begins = along.kept(place, number), along.begins(place)
                numbers = [place, begins, begins + along.length - 1]
                where = [kept.start, kept.first, kept.first + kept.number - 1]
                rows.append((Amount(along.axis), *map(Amount, numbers), Text(output), *map(Amount, where)))
    return Table("", _headings(names, language), tuple(rows), language=language)


def _facts_table(tiling: Tiling, language: Language) -> Table:
    outputs = tiling.analysis.graph.output_names
    several, cropped = len(outputs) > 1, any(any(map(any, facts.left_out)) for facts in tiling.facts)
    names = ["axis", *(["output"] if several else []), "halo_before", "halo_after"]
    names += ["left_out_before", "left_out_after"] if cropped else []
    names += ["image", "step", "overlap", "least"]
    rows: list[tuple[Cell, ...]] = []
    for axis, facts in enumerate(tiling.facts):
        for output, halo, left_out in zip(outputs, facts.halos, facts.left_out, strict=True):
            head: list[Cell] = [Text(str(axis)), *([Text(output)] if several else [])]
            halos = [_bounded(each, at_most=halo.at_most) for each in (halo.before, halo.after)]
            border = [*map(Amount, left_out)] if cropped else []
            lengths = [Amount(facts.image), Amount(facts.step), _known(facts.overlap), _known(facts.least)]
            rows.append((*head, *halos, *border, *lengths))
    title = say("facts title", language, network=tiling.analysis.name, image=_image(tiling))
    notes = tuple(map(TableNote, _facts_notes(tiling, language, cropped=cropped)))
    return Table(title, _headings(names, language), tuple(rows), (), notes, language)


def _plans_table(tiling: Tiling, language: Language) -> Table:
    plans = (tiling.chosen,) if tiling.chosen else tiling.options
    rows = [
        (
            Text(format_sizes(plan.lengths)),
            Amount(plan.number),
            _twice(plan),
            Amount(plan.peak),
            Bytes(plan.memory),
        )
        for plan in plans
    ]
    names = ["tile", "tiles", "twice", "peak_activations", "memory"]
    title = say("options title", language)
    if tiling.chosen is not None:
        number = tiling.chosen.number
        size = format_sizes(tiling.chosen.lengths)
        title = say("plan title", language, count=f"{number:,}", size=size)
        title = say("plan of one", language) if number == 1 else title
    notes = tuple(map(TableNote, _plan_notes(tiling, language)))
    return Table(title, _headings(names, language), tuple(rows), (), notes, language)


def _twice(plan: TilePlan) -> Cell:
    if plan.macs_of_all is None or plan.whole_macs is None:
        return Text("?")
    return Share(plan.macs_of_all - plan.whole_macs, plan.whole_macs)


def _bounded(number: int, *, at_most: bool) -> Cell:
    return Text(f"{AT_MOST} {number:,}") if at_most else Amount(number)


def _known(number: int | None) -> Cell:
    return Text("–") if number is None else Amount(number)


def _image(tiling: Tiling) -> str:
    return str(tiling.analysis.inputs[tiling.source])


def _headings(names: Sequence[str], language: Language) -> tuple[Heading, ...]:
    return tuple(
        Heading(name, say(name, language), name not in _LEFT, drop=_DROPPED.get(name, 0)) for name in names
    )


def _facts_notes(tiling: Tiling, language: Language, *, cropped: bool) -> Iterator[str]:
    yield say("halo", language)
    if any(halo.at_most for facts in tiling.facts for halo in facts.halos):
        yield say("at most", language)
    if cropped:
        yield say("left out", language)
    short = [axis for axis, facts in enumerate(tiling.facts) if facts.least is None]
    if short:
        yield say("too short", language, axes=_axes(short, language))
    yield say("step of", language)
    proof = tiling.proof
    if proof.reason:
        yield say("no proof", language, reason=proof.reason)
    elif not tiling.proved:
        yield say("proof fails", language)
    elif not any(halo.at_most for facts in tiling.facts for halo in facts.halos):
        yield say("proof halo", language)


def _plan_notes(tiling: Tiling, language: Language) -> Iterator[str]:
    plan = tiling.chosen
    if plan is not None:
        if tiling.largest is not None and tiling.memory is not None:
            memory, size = format_bytes(tiling.memory), format_sizes(plan.lengths)
            key = "largest itself" if tiling.largest == plan.lengths else "largest"
            largest = format_sizes(tiling.largest)
            yield say(key, language, memory=memory, largest=largest, size=size)
        for axes in _alike([_said_of(along) for along in plan.axes]):
            yield _places(tiling, plan.axes[axes[0]], _axes(axes, language), language)
    if tiling.ignored:
        names = dict.fromkeys(tiling.analysis.graph.nodes[each.node].name for each in tiling.ignored)
        said = listed_in([*names][:_MOST_NAMED], language)
        if len(names) > _MOST_NAMED:
            more = len(names) - _MOST_NAMED * (language == "en")
            said = say("and more", language, first=", ".join([*names][:_MOST_NAMED]), count=more)
        yield say("ignored", language, layers=said)
    else:
        yield say("exact", language)
    if plan is not None and tiling.proved:
        for axes in _alike([*zip(plan.lengths, tiling.seen, strict=True)]):
            if (ends := tiling.seen[axes[0]]) is not None:
                length, first, last = (f"{each:,}" for each in (plan.lengths[axes[0]], *ends))
                said = _axes(axes, language)
                yield say("proof tile", language, axes=said, length=length, first=first, last=last)
    yield say("memory of", language, formats=tiling.formats)
    yield say("twice of", language)


def _alike(each: Sequence[object]) -> list[list[int]]:
    """The numbers of what is equal, together."""
    found: list[list[int]] = []
    for number, one in enumerate(each):
        same = next((group for group in found if each[group[0]] == one), None)
        if same is None:
            found.append([number])
        else:
            same.append(number)
    return found


def _said_of(along: AxisTiles) -> tuple[object, ...]:
    """What is told of the tiles along an axis."""
    kept = [
        (run.units, run.positions, exact.first) for run, exact in zip(along.runs, along.exact, strict=True)
    ]
    return along.number, along.advance, along.begins(along.number - 1), kept


def _axes(axes: Sequence[int], language: Language) -> str:
    key = "one axis" if len(axes) == 1 else "several axes"
    return say(key, language, axes=listed_in(map(str, axes), language))


def _places(tiling: Tiling, along: AxisTiles, axes: str, language: Language) -> str:
    """Where the tiles along an axis begin, and what is kept of one that lies within the image."""
    if along.number == 1:
        return say("places of one", language, axes=axes)
    outputs = tiling.analysis.graph.output_names
    parts = []
    for number, output in enumerate(outputs):
        units, start = along.runs[number].at(along.begins(1)), along.exact[number].first
        key = "kept" if len(outputs) > 1 else "kept one"
        parts.append(say(key, language, output=output, number=f"{units:,}", start=f"{start:,}"))
    return say(
        "places",
        language,
        axes=axes,
        number=f"{along.number:,}",
        advance=f"{along.advance:,}",
        last=f"{along.begins(along.number - 1):,}",
        shown=("；" if language == "zh" else "; ").join(parts),
    )
