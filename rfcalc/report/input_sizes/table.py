"""Input sizes as tables: a summary of what fits, and the network at some sizes."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

from rfcalc.report.cells import Amount, Cell, Share, Sizes, Text
from rfcalc.report.input_sizes.asking import SHOWN
from rfcalc.report.input_sizes.words import axes_text, count_word, listed_in, pattern_text, ranges_text, say
from rfcalc.report.table import Heading, Table, TableNote
from rfcalc.shapes import Shape, format_sizes
from rfcalc.units import format_share

if TYPE_CHECKING:
    from rfcalc.report.input_sizes.asking import AskedSizes, SizeRow, SizesAlong
    from rfcalc.report.words import Language

_MOST_NAMED = 3
# In which order columns go where a terminal is too narrow (0: never).
_DROPPED = {"activations": 2, "output": 1, "past": 3}
_WORDS = ("axes", "size", "state", "at")


def sizes_tables(asked: AskedSizes, language: Language) -> list[Table]:
    """What fits, where no sizes were asked for, then the rows."""
    rows = rows_table(asked, language)
    return [summary_table(asked, language), rows] if rows.rows else [summary_table(asked, language)]


def summary_table(asked: AskedSizes, language: Language) -> Table:
    """What is known of all lengths, a column for the axes that move together."""
    columns = [_summary(asked, along, language) for along in asked.along]
    keys = [key for key in columns[0] if any(column[key] for column in columns)]
    rows = [
        (Text(say(key, language)), *(Text(column[key] or say("none", language)) for column in columns))
        for key in keys
    ]
    names = [axes_text(asked, along, language) for along in asked.along]
    if len(names) > 1:
        lengths = (along.length for along in asked.along)
        pairs = zip(names, lengths, strict=True)
        names = [say("written", language, name=name, length=length) for name, length in pairs]
    headings = [Heading("what", say("about", language))]
    headings += [Heading(f"axes{place}", name, shorten="prose") for place, name in enumerate(names)]
    title = say("title", language, network=asked.analysis.name, inputs=_inputs_text(asked.written, language))
    return Table(title, tuple(headings), tuple(rows), (), tuple(_notes(asked, language)), language)


def _summary(asked: AskedSizes, along: SizesAlong, language: Language) -> dict[str, str]:
    """The values of the summary's rows, "" where there is nothing to say."""
    near = along.even.near(along.length, 2) if along.even and along.even.rests else []
    smallest = along.legal.first if along.legal else None
    same = ranges_text([*along.same], language)
    unchanged = along.legal is not None and not along.changing
    field = along.field
    if field is None:
        told = say("unknown", language)
    elif field == inf:
        told = say("global", language)
    else:
        share = format_share(int(field), along.length)
        told = say("covers", language, field=int(field), share=share, length=along.length)
    past = [border for border in along.idle.values() if border >= along.length]
    idle = ""
    if along.idle:
        first = max(along.idle.values()) + 1
        key = "border" if past else "no border"
        idle = say(key, language, count=len(past), length=along.length, first=first)
    return {
        "smallest": "" if smallest is None else str(smallest),
        "legal": pattern_text(along.legal, language),
        "even": pattern_text(along.even, language),
        "nearest even": ", ".join(map(str, near)) if along.even and along.even.period > 1 else "",
        "same": "" if unchanged else same,
        "changing": _few(along.changing, language) if along.changing else "",
        "field": told,
        "idle": idle,
    }


def _few(names: tuple[str, ...], language: Language) -> str:
    """The first of some names, and how many more there are."""
    if len(names) <= _MOST_NAMED + 1:
        return listed_in(names, language)
    listed = say("comma", language).join(names[:_MOST_NAMED])
    return say("more", language, listed=listed, count=len(names) - _MOST_NAMED)


def rows_table(asked: AskedSizes, language: Language) -> Table:
    """The network at some sizes."""
    several = len(asked.along) > 1 and any(along for along, _ in asked.rows)
    names = [*(["axes"] if several else []), "size", "state", "output", *SHOWN, "share"]
    if any(row.idle is not None for _, row in asked.rows):
        names.append("past")
    names.append("at")
    rows = []
    for along, row in asked.rows:
        cells: dict[str, Cell] = {
            "axes": Text(axes_text(asked, along, language) if along else ""),
            "size": Sizes(row.inputs),
            "state": Text(say(_state(row), language)),
            "output": Sizes(row.outputs) if row.legal else Text("–"),
            **{name: Amount(row.costs[name]) if row.legal else Text("–") for name in SHOWN},
            "share": _share(asked, along, row),
            "past": Amount(row.idle) if row.idle is not None else Text("–"),
            "at": Text(_reason(row, language)),
        }
        rows.append(tuple([cells[name] for name in names]))
    headings = tuple(
        Heading(
            name,
            count_word(name, language) if name in SHOWN else say(name, language),
            name not in _WORDS,
            shorten="units" if name in SHOWN else "wrap" if name == "at" else "",
            drop=_DROPPED.get(name, 0),
        )
        for name in names
    )
    return Table("", headings, tuple(rows), (), tuple(_notes_of_rows(asked, language)), language)


def _state(row: SizeRow) -> str:
    return "no" if not row.legal else "yes" if row.uneven else "evenly"


def _share(asked: AskedSizes, along: SizesAlong | None, row: SizeRow) -> Cell:
    """The field of the network as a share of the length."""
    groups = [along] if along else [*asked.along]
    fields = [group.field for group in groups]
    if not row.legal or row.length is None or None in fields:
        return Text("–")
    field = max(each for each in fields if each is not None)
    return Text("–") if field == inf else Share(int(field), row.length)


def _reason(row: SizeRow, language: Language) -> str:
    """The layer that cannot be made, those whose parameters are others, or those that leave a rest."""
    if row.refusal:
        return row.refusal.layer or row.refusal.op or "–"
    told = []
    if row.uneven:
        more = len(row.uneven) - 1
        told.append(say("more", language, listed=row.uneven[0], count=more) if more else row.uneven[0])
    if row.changed:
        told.append(say("other params", language, layers=_few(row.changed, language)))
    return "; ".join(told)


def _notes(asked: AskedSizes, language: Language) -> Iterator[TableNote]:
    """What holds of the summary."""
    texts = [pattern_text(each, language) for along in asked.along for each in (along.legal, along.even)]
    if any("k" in text.split(" + ")[-1] and "+" in text for text in texts):
        yield TableNote(say("k", language))
    yield TableNote(say("even convention", language))
    changing = tuple(dict.fromkeys(name for along in asked.along for name in along.changing))
    if changing:
        yield TableNote(say("changed", language, layers=_few(changing, language)))
    if len(asked.along) > 1:
        inputs = _inputs_text(asked.written, language)
        yield TableNote(say("others stay", language, inputs=inputs))
    if asked.trials.promised:
        yield TableNote(say("promised", language))
    if asked.analysis.inputs != asked.written:
        texts = [_inputs_text(shapes, language) for shapes in (asked.written, asked.analysis.inputs)]
        yield TableNote(say("built at", language, inputs=texts[0], there=texts[1]))
    if asked.trials.again is not None:
        yield TableNote(say("read again", language))
        return
    for along in asked.along:
        if not along.sizes.open:
            continue
        if (
            any(each.period == 1 for each in along.sizes.open)
            or max(along.sizes.single, default=0) < asked.last
        ):
            yield TableNote(say("cut", language))
        else:
            yield TableNote(
                say("not shown", language, lengths=axes_text(asked, along, language), last=asked.last)
            )


def _notes_of_rows(asked: AskedSizes, language: Language) -> Iterator[TableNote]:
    """Why sizes are illegal, one for each layer."""
    told: dict[str, str] = {}
    for _, row in asked.rows:
        if row.refusal and len(told) < _MOST_NAMED:
            size = ", ".join(format_sizes(shape.axes) for shape in row.inputs)
            layer, message = row.refusal.layer, row.refusal.message
            key = "refused" if layer else "refused plainly"
            told.setdefault(layer, say(key, language, size=size, layer=layer, message=message))
    yield from map(TableNote, told.values())


def _inputs_text(shapes: tuple[Shape, ...], language: Language) -> str:
    return listed_in(list(map(str, shapes)), language)
