"""The columns of the table: one record each, from which the table, its help and its reference derive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING

from rfcalc.analysis.field_values import Absent, FieldFigure, Unsure, Words
from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.figures import COUNTS, FIGURES, Count, ShapeFigure, total
from rfcalc.errors import UsageError, nearest
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple
from rfcalc.report.cells import (
    ABSENT,
    BLANK,
    DASH,
    Amount,
    AxisValue,
    CellPart,
    EachAxis,
    Extremes,
    Items,
    Percentages,
    Share,
    Sizes,
    Sortable,
    Text,
    Worded,
)
from rfcalc.report.network_table.entries import RowEntry
from rfcalc.report.network_table.fields import (
    AXIS_VALUES,
    field_cell,
    known_or_absent,
    milliseconds,
    size_cell,
)
from rfcalc.report.table import Heading, View
from rfcalc.report.words import LANGUAGES, Language, say
from rfcalc.symbolic.polynomial import Polynomial, format_number

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import AxisView, Views
    from rfcalc.analysis.figures import Figure
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.graph.ir import Node


class Context(NamedTuple):
    """What a cell may need beside its row: the network, what its layers see, and the report's settings."""

    network: NetworkAnalysis
    views: Views
    view: View


class Column(NamedTuple):
    """One column.

    name: how `--columns` and csv call it; other: a second accepted name.
    title: its heading; about: its documentation, one sentence.
    value: the cell of a row.  counted: the count it shows, or shows shares of.  default: whether it is shown
    unasked.  right: aligned to the right.  shorten: how it may become narrower on a terminal, as Heading
    says; drop: the order in which default columns go when even that is not enough (0: never).  brief: a
    shorter title, where there is little room.  timed: it is shown unasked where a rate is known.  lasting: it
    has durations, which need one.
    """

    name: str
    title: Words
    about: Words
    value: Callable[[RowEntry, Context], Sortable]
    other: str = ""
    counted: Count | None = None
    default: bool = False
    right: bool = True
    shorten: str = ""
    drop: int = 0
    brief: Words = ("", "")
    timed: bool = False
    lasting: bool = False

    @property
    def summed(self) -> bool:
        """Whether totals show it."""
        return self.counted is not None

    @property
    def subtracts(self) -> bool:
        """Whether the difference of two cells is one of what it shows; shares have none."""
        return self.counted is not None and self.name == self.counted.name

    def heading(self, language: Language) -> Heading:
        """Its head in a table."""
        title = self.title[LANGUAGES.index(language)]
        brief = self.brief[LANGUAGES.index(language)]
        return Heading(self.name, title, self.right, self.shorten, self.drop, brief)


def _operator_text(entry: RowEntry, context: Context) -> str:
    """The operator's name, or what a folded scope is called."""
    if entry.scope is not None:
        if entry.scope.kind in ("block", "turn") and entry.scope.label:
            return entry.scope.label
        if entry.turns:
            return f"{entry.scope.label} x {entry.turns}"
        return say(entry.scope.kind, context.view.language, label=entry.scope.label)
    if entry.node is None:
        return ""
    return find_operator(entry.node.op).chinese if context.view.language == "zh" else entry.node.op


def operation(name: str, node: Node, before: Mapping[str, object] = MappingProxyType({})) -> Items:
    """An operator and its attributes in the notation of a description, flags left out: `conv f=3 s=1`.

    before: the attributes that had another value, which stands before this one: `s=1→2`.
    """
    parts = []
    for key, attribute in find_operator(node.op).attributes.items():
        value = node.arguments.get(key)
        values = (before[key], value) if key in before else (value,)
        if key in before or (value is not None and not isinstance(value, bool) and attribute.tells(value)):
            # On a line a space would end the argument.
            texts = ("-" if each is None else attribute.kind.text(each).replace(" ", "") for each in values)
            last = 2 if attribute.required or key in before else int(not attribute.is_default(value))
            parts.append((f"{attribute.spelling}={'→'.join(texts)}", last))
    return Items(name, tuple(parts))


def _operation(entry: RowEntry, context: Context) -> Sortable:
    name = _operator_text(entry, context)
    return Text(name) if entry.node is None else operation(name, entry.node)


def _args(entry: RowEntry, context: Context) -> Sortable:
    if entry.node is None:
        return BLANK
    return Text(find_operator(entry.node.op).parameter_text(entry.node.arguments) or "-")


# The columns whose figures json has only on demand.
SEEN = "seen"
EFFECTIVE = frozenset(
    f"effective_{name}" for name in ("field", "sigma", "field_ms", "sigma_ms", "ratio", "coverage")
)
AHEAD = frozenset(["lookahead", "lookahead_ms"])


def _shape_cell(figure: ShapeFigure, entry: RowEntry, context: Context) -> Sortable:
    shape = figure.of_layer(entry.layers[-1]) if entry.spans else None
    return Sizes(() if shape is None else (shape,))


def _count_cell(count: Count, entry: RowEntry, context: Context) -> Sortable:
    known, complete = total(count, entry.layers, context.view.dtype)
    return Amount(known if complete or known != 0 else None, complete, count.in_bytes)


def _share_cell(count: Count, entry: RowEntry, context: Context) -> Sortable:
    part = total(count, entry.layers, context.view.dtype)
    return Share(part.known if part.complete else None, context.network.totals.sums[count.name])


def _shared(count: Count) -> Column:
    """The column of what a row has of all there is of a count."""
    heading, chinese = count.heading or count.title
    about = f"The share of all {count.unit}, in percent.", f"占全部{chinese}的百分比。"
    title = f"{heading} %", f"{chinese}占比%"
    value = partial(_share_cell, count)
    return Column(name=f"{count.name}_share", title=title, about=about, value=value, counted=count)


def _field_cell(figure: FieldFigure, entry: RowEntry, context: Context) -> Sortable:
    """A figure of the field over the first input that is seen; if that is all, what is certain."""
    if figure.name == "receptive_field":
        return size_cell(entry.seen, context.network.input_names, context.view.language)
    if figure.name in AXIS_VALUES or entry.seen is None:
        return field_cell(entry.seen, figure.name)
    views = dict(context.views.of(entry.layers[-1].place))
    return EachAxis(
        tuple(_axis_value(figure, view, context.view.language) for view in views[entry.seen.input])
    )


def _duration_cell(figure: FieldFigure, entry: RowEntry, context: Context) -> Sortable:
    """A figure of the field over the first input that is seen, along its first axis, in milliseconds."""
    if entry.seen is None or not entry.seen.axes:
        return BLANK if entry.seen is None else EachAxis(())
    from rfcalc.analysis.durations import duration

    views = dict(context.views.of(entry.layers[-1].place))[entry.seen.input]
    try:
        return EachAxis((milliseconds(duration(figure, views), context.view.language),))
    except Unsure as reason:
        return EachAxis((_unsure(views[0], reason),))


def _unsure(view: AxisView, reason: Unsure) -> AxisValue:
    """What is shown of a figure that is not known, or that there is none of."""
    return ABSENT if isinstance(reason, Absent) else known_or_absent(view.field, None)


def _lasting(figure: FieldFigure) -> Column:
    """The column of how long a figure is."""
    name, other = figure.column or figure.name, _OTHER_NAMES.get(figure.name, figure.column and figure.name)
    title, chinese = _BRIEF.get(figure.name) or figure.heading or figure.title
    return Column(
        name=f"{name}_ms",
        title=(f"{title} (ms)", f"{chinese}（毫秒）"),
        about=(
            f"The {title} in milliseconds, along the first axis of the input; it needs the rate (--rate).",
            f"以毫秒计的{chinese}（沿输入的第一维）；须给出采样率（--rate）。",
        ),
        value=partial(_duration_cell, figure),
        other=f"{other}_ms" if other else "",
        drop=_DROPPED.get(figure.name, 0),
        timed=figure.name in _TIMED,
        lasting=True,
    )


def _seen_cell(entry: RowEntry, context: Context) -> Sortable:
    if entry.seen is None or not entry.seen.axes:
        return BLANK if entry.seen is None else EachAxis(())
    try:
        return CellPart(*context.views.seen.of(entry.layers[-1].place, entry.seen.input))
    except OutOfReachError as reason:
        return CellPart(None, None, str(reason))


def _axis_value(figure: FieldFigure, view: AxisView, language: Language) -> AxisValue:
    try:
        low, high, at_most, whole = figure.value(view)
    except Unsure as reason:
        return _unsure(view, reason)
    if whole:
        return Worded(say("everything", language), inf)
    if figure.share and not (isinstance(low, Polynomial) or isinstance(high, Polynomial)):
        return Percentages(low, high)
    if isinstance(low, int) and isinstance(high, int):
        return None if at_most else Extremes(low, high)
    if isinstance(low, Polynomial) or isinstance(high, Polynomial):
        return Worded(format_number(low), low) if low == high and isinstance(low, Polynomial) else None
    if low == high:
        return Worded(format_number(low), float(low))
    return Worded(f"{format_number(low)}{DASH}{format_number(high)}", (float(low), float(high)))


# Of the columns that derive from figures: those shown unasked, the order in which these go where the terminal
# is narrow, second names, and those that have one of shares behind them.
_UNASKED = ("output", "receptive_field", "effective_stride", "params", "macs")
# Those that are shown with their durations where a rate is known.
_TIMED = ("receptive_field", "effective_stride", "lookahead")
_DROPPED = {"effective_stride": 1, "lookahead": 6, "params": 3, "macs": 4, "output": 5, "receptive_field": 6}
_BRIEF = {"receptive_field": ("field", "感受野")}
_OTHER_NAMES = {"receptive_field": "rf", "centre": "center"}
_SHARED = ("params", "macs")


def _of_figure(figure: Figure) -> Column:
    """The column of a figure of layers."""
    name, other, title = figure.name, _OTHER_NAMES.get(figure.name, ""), figure.title
    value: Callable[[RowEntry, Context], Sortable]
    if isinstance(figure, ShapeFigure):
        value = partial(_shape_cell, figure)
    else:
        title = figure.heading or title
        value = partial(_count_cell, figure) if isinstance(figure, Count) else partial(_field_cell, figure)
        if isinstance(figure, FieldFigure) and figure.column:
            name, other = figure.column, figure.name
    return Column(
        name=name,
        title=title,
        about=figure.about,
        value=value,
        other=other,
        counted=figure if isinstance(figure, Count) else None,
        default=figure.name in _UNASKED,
        shorten="units" if isinstance(figure, Count) else "",
        drop=_DROPPED.get(figure.name, 0),
        brief=_BRIEF.get(figure.name, ("", "")),
        timed=figure.name in _TIMED,
    )


def _derived() -> Iterator[Column]:
    """The columns of all figures: sizes, fields, counts and shares of these."""
    yield from (_of_figure(figure) for figure in FIGURES.values() if isinstance(figure, ShapeFigure))
    for figure in FIGURES.values():
        if isinstance(figure, FieldFigure):
            yield _of_figure(figure)
            if figure.lasting:
                yield _lasting(figure)
    for count in COUNTS.values():
        if count.adds_up:
            yield from map(_of_figure, (count, *count.kinds))
        if count.name in _SHARED:
            yield _shared(count)


COLUMNS: tuple[Column, ...] = (
    Column(
        name="name",
        title=("layer", "层"),
        about=(
            "The layer's hierarchical name; with --depth, the name of the block it is folded into.",
            "层的分级名称；使用--depth时为所折叠的模块名称。",
        ),
        value=lambda entry, context: Text(entry.name),
        other="layer",
        default=True,
        right=False,
        shorten="name",
    ),
    Column(
        name="operation",
        title=("operation", "操作"),
        about=(
            "The operator and its attributes as a description writes them, flags left out.",
            "操作及其参数（描述语言记法，略去开关项）。",
        ),
        value=_operation,
        default=True,
        right=False,
        shorten="items",
        drop=2,
    ),
    Column(
        name="op",
        title=("operator", "操作类型"),
        about=(
            "The operator's name; for a folded row, the name of its block.",
            "操作名称；折叠行为模块名称。",
        ),
        value=lambda entry, context: Text(_operator_text(entry, context)),
        right=False,
    ),
    Column(
        name="args",
        title=("arguments", "参数信息"),
        about=(
            "The attributes in the book's notation: f kernel, p padding, s stride, d output channels.",
            "书中记法的参数：f核大小，p填充，s步长，d核数。",
        ),
        value=_args,
        right=False,
        shorten="items",
    ),
    Column(
        name="inputs",
        title=("input", "输入"),
        about=(
            "The size of each input: spatial axes, then channels.",
            "各输入的大小：空间维在前，通道数在后。",
        ),
        value=lambda entry, context: Sizes(entry.inputs),
        other="input",
        shorten="parts",
    ),
    *_derived(),
    Column(
        name=SEEN,
        title=("seen", "所见"),
        about=(
            "The positions that the unit in the middle sees, of those in the box around them.",
            "居中单元所见的位置数，及其所在外框的位置总数。",
        ),
        value=_seen_cell,
    ),
    Column(
        name="status",
        title=("status", "状态"),
        about=(
            "How sure the receptive field is: exact, global, extent, per-position, bound, data-dependent or "
            "unknown.",
            "感受野的可靠程度：exact精确、global全局、extent仅范围精确、per-position逐位置、bound上界、"
            "data-dependent依数据而定、unknown未知。",
        ),
        value=lambda entry, context: BLANK if entry.seen is None else Text(entry.seen.status),
        right=False,
    ),
)

DEFAULT_COLUMNS = tuple(column for column in COLUMNS if column.default)
TIMED_COLUMNS = tuple(column for column in COLUMNS if column.default or column.timed)

# The columns that show something of the field; the notes about fields belong to them.
FIELD_COLUMNS = frozenset(
    [
        "status",
        SEEN,
        *(each.column or each.name for each in FIGURES.values() if isinstance(each, FieldFigure)),
        *(column.name for column in COLUMNS if column.lasting),
    ]
)


def find_column(name: str) -> Column:
    """The column of this name, `-` and `_` alike; raises UsageError with the nearest name."""
    wanted = name.strip().casefold().replace("-", "_")
    for column in COLUMNS:
        if wanted and wanted in (column.name, column.other):
            return column
    hint = nearest(wanted, [name for column in COLUMNS for name in (column.name, column.other) if name])
    every = f"columns are {', '.join(column.name for column in COLUMNS)}"
    raise UsageError(f"no column is called {name!r}; {hint or every}")


def find_columns(names: Sequence[str], *, rated: bool = False) -> tuple[Column, ...]:
    """The columns of these names, each once; the default ones when there are none.

    rated: whether the network has a rate.
    """
    return tuple(dict.fromkeys(map(find_column, names))) or (TIMED_COLUMNS if rated else DEFAULT_COLUMNS)
