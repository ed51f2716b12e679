"""The columns of the table: one record each, from which the table, its help and its reference derive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rfcalc.errors import UsageError, nearest
from rfcalc.ops.registry import find_operator
from rfcalc.report.cells import BLANK, Amount, Cell, Share, Sizes, Text
from rfcalc.report.network_table.entries import Entry, Figure
from rfcalc.report.network_table.fields import (
    centre_cell,
    holes_cell,
    local_cell,
    padding_cell,
    phases_cell,
    size_cell,
    strict_cell,
    stride_cell,
)
from rfcalc.report.words import say
from rfcalc.units import BYTES


class Context(NamedTuple):
    """What a cell may need beside its row: the total it is a share of, and the report's settings."""

    total: Entry
    input_names: tuple[str, ...]
    dtype: str
    language: str


class Column(NamedTuple):
    """One column.

    name: how `--columns` and csv call it; other: a second accepted name.
    title and chinese: its heading; about and about_chinese: its documentation, one sentence.
    value: the cell of a row.  summed: whether totals show it.  default: whether it is shown unasked.
    right: aligned to the right.  shorten: how a narrow terminal may shorten it ("name", "items", "words",
    "wrap" or "" for never); drop: the order in which default columns go when even that is not enough
    (0: never).
    """

    name: str
    title: str
    chinese: str
    about: str
    about_chinese: str
    value: Callable[[Entry, Context], Cell]
    other: str = ""
    summed: bool = False
    default: bool = False
    right: bool = True
    shorten: str = ""
    drop: int = 0

    def heading(self, language: str) -> str:
        """The title in this language."""
        return self.chinese if language == "zh" else self.title

    def documentation(self, language: str) -> str:
        """The documentation in this language."""
        return self.about_chinese if language == "zh" else self.about


def _operator_text(entry: Entry, context: Context) -> str:
    """The operator's name, or what a folded scope is called."""
    if entry.scope is not None:
        if entry.scope.kind in ("block", "turn") and entry.scope.label:
            return entry.scope.label
        if entry.turns:
            return f"{entry.scope.label} x {entry.turns}"
        return say(entry.scope.kind, context.language, label=entry.scope.label)
    if entry.node is None:
        return ""
    return find_operator(entry.node.op).chinese if context.language == "zh" else entry.node.op


def _operation(entry: Entry, context: Context) -> Cell:
    """The operator and its attributes in the notation of a description, flags left out."""
    name = _operator_text(entry, context)
    if entry.node is None:
        return Text(name)
    operator = find_operator(entry.node.op)
    arguments = {key: value for key, value in entry.node.arguments.items() if not isinstance(value, bool)}
    text = operator.parameter_text(arguments)
    if not text or text == operator.printed:
        return Text(name)
    return Text(f"{name} {text.replace(' = ', '=').replace('; ', ' ')}")


def _args(entry: Entry, context: Context) -> Cell:
    if entry.node is None:
        return BLANK
    return Text(find_operator(entry.node.op).parameter_text(entry.node.arguments) or "-")


def _sizes_in(entry: Entry, context: Context) -> Cell:
    return Sizes(entry.inputs)


def _size_out(entry: Entry, context: Context) -> Cell:
    return Sizes(() if entry.output is None else (entry.output,))


def _amount(figure: Figure, factor: int = 1, *, binary: bool = False) -> Amount:
    if not figure.complete and figure.known == 0:
        return Amount(None, binary=binary)
    return Amount(figure.known * factor, figure.complete, binary)


def _share(figure: Figure, total: Figure) -> Cell:
    return Share(figure.known if figure.complete else None, total.known)


def _bytes(figure: Figure, context: Context) -> Cell:
    return _amount(figure, BYTES[context.dtype], binary=True)


def _work(kind: str) -> Callable[[Entry, Context], Cell]:
    """The cell of one kind of other operations."""
    return lambda entry, context: _amount(Figure(getattr(entry.work, kind), entry.work_complete))


def _other_work(entry: Entry, context: Context) -> Cell:
    total = entry.work.add + entry.work.multiply + entry.work.compare + entry.work.divide + entry.work.exp
    return _amount(Figure(total, entry.work_complete))


COLUMNS: tuple[Column, ...] = (
    Column(
        "name",
        "layer",
        "层",
        "The layer's hierarchical name; with --depth, the name of the block it is folded into.",
        "层的分级名称；使用--depth时为所折叠的模块名称。",
        lambda entry, context: Text(entry.name),
        other="layer",
        default=True,
        right=False,
        shorten="name",
    ),
    Column(
        "operation",
        "operation",
        "操作",
        "The operator and its attributes as a description writes them, flags left out.",
        "操作及其参数（描述语言记法，略去开关项）。",
        _operation,
        default=True,
        right=False,
        shorten="items",
        drop=3,
    ),
    Column(
        "op",
        "operator",
        "操作类型",
        "The operator's name; for a folded row, the name of its block.",
        "操作名称；折叠行为模块名称。",
        lambda entry, context: Text(_operator_text(entry, context)),
        right=False,
    ),
    Column(
        "args",
        "arguments",
        "参数信息",
        "The attributes in the book's notation: f kernel, p padding, s stride, d output channels.",
        "书中记法的参数：f核大小，p填充，s步长，d核数。",
        _args,
        right=False,
        shorten="items",
    ),
    Column(
        "inputs",
        "input",
        "输入",
        "The size of each input: spatial axes, then channels.",
        "各输入的大小：空间维在前，通道数在后。",
        _sizes_in,
        other="input",
    ),
    Column(
        "output",
        "output",
        "输出",
        "The size of the output: spatial axes, then channels; - where nothing is passed on.",
        "输出的大小：空间维在前，通道数在后；-表示无输出。",
        _size_out,
        default=True,
        drop=2,
    ),
    Column(
        "receptive_field",
        "receptive field",
        "感受野",
        "The theoretical receptive field: the extent, in pixels of the input, of all a unit depends on.",
        "理论感受野：单元所依赖的全部输入像素的范围。",
        lambda entry, context: size_cell(entry.seen, context.input_names, context.language),
        other="rf",
        default=True,
    ),
    Column(
        "stride",
        "stride",
        "步长",
        "The effective stride: how far, in input pixels, the field moves from one unit to the next.",
        "有效步长：相邻单元的感受野在输入上的间距。",
        lambda entry, context: stride_cell(entry.seen),
        default=True,
        drop=1,
    ),
    Column(
        "padding",
        "padding",
        "填充",
        "The effective padding: how far the field of unit 0 reaches past the input's edge.",
        "有效填充：0号单元的感受野超出输入边缘的像素数。",
        lambda entry, context: padding_cell(entry.seen),
    ),
    Column(
        "centre",
        "centre",
        "中心",
        "The centre of the field of unit 0, in input coordinates; pixel 0 is at 0.",
        "0号单元感受野的中心（输入坐标，0号像素位于0）。",
        lambda entry, context: centre_cell(entry.seen),
        other="center",
    ),
    Column(
        "holes",
        "holes",
        "空洞",
        "Positions within the field's extent that the unit does not depend on, as dilation leaves them.",
        "感受野范围内未被依赖的位置数（如空洞卷积所致）。",
        lambda entry, context: holes_cell(entry.seen),
    ),
    Column(
        "phases",
        "phases",
        "相位数",
        "The number of positions after which the field repeats itself, as upsampling makes it differ.",
        "感受野形状的重复周期（上采样所致）。",
        lambda entry, context: phases_cell(entry.seen),
    ),
    Column(
        "params",
        "params",
        "参数量",
        "Learned parameters; those shared with an earlier layer are counted there.",
        "可学习参数的个数；共享的参数只计一次。",
        lambda entry, context: _amount(entry.params),
        summed=True,
        default=True,
    ),
    Column(
        "params_share",
        "params %",
        "参数占比%",
        "The share of all parameters, in percent.",
        "占全部参数的百分比。",
        lambda entry, context: _share(entry.params, context.total.params),
        summed=True,
    ),
    Column(
        "macs",
        "MACs",
        "乘加数",
        "Multiply-adds of convolutions, fully connected layers and matrix products, of the whole batch.",
        "卷积、全连接与矩阵乘法的乘加次数（整批）。",
        lambda entry, context: _amount(entry.macs),
        summed=True,
        default=True,
    ),
    Column(
        "macs_share",
        "MACs %",
        "乘加占比%",
        "The share of all multiply-adds, in percent.",
        "占全部乘加次数的百分比。",
        lambda entry, context: _share(entry.macs, context.total.macs),
        summed=True,
    ),
    Column(
        "flops",
        "FLOPs",
        "浮点运算数",
        "Floating-point operations: twice the MACs, exactly.",
        "浮点运算次数：恰为乘加数的两倍。",
        lambda entry, context: _amount(entry.macs, 2),
        summed=True,
    ),
    Column(
        "other_ops",
        "other operations",
        "其他运算",
        "All operations that are no MACs: biases, normalisation, activation, pooling, joins.",
        "乘加以外的全部运算：偏置、规范化、激活、汇合、逐元素运算。",
        _other_work,
        summed=True,
    ),
    *(
        Column(
            kind,
            title,
            chinese,
            f"The {about} among the other operations.",
            f"其他运算中的{chinese}次数。",
            _work(kind),
            summed=True,
        )
        for kind, title, chinese, about in (
            ("add", "adds", "加减", "additions and subtractions"),
            ("multiply", "multiplies", "乘法", "multiplications"),
            ("compare", "compares", "比较", "comparisons"),
            ("divide", "divides", "除法", "divisions and square roots"),
            ("exp", "exps", "指数", "exponentials and other transcendental functions"),
        )
    ),
    Column(
        "activations",
        "activations",
        "激活数",
        "Elements of the output, of the whole batch.",
        "输出的元素个数（整批）。",
        lambda entry, context: _amount(entry.activations),
        summed=True,
    ),
    Column(
        "activations_bytes",
        "activation bytes",
        "激活字节",
        "Bytes of the output in the number format --dtype names.",
        "按--dtype数值格式计的输出字节数。",
        lambda entry, context: _bytes(entry.activations, context),
        summed=True,
    ),
    Column(
        "params_bytes",
        "param bytes",
        "参数字节",
        "Bytes of the parameters in the number format --dtype names.",
        "按--dtype数值格式计的参数字节数。",
        lambda entry, context: _bytes(entry.params, context),
        summed=True,
    ),
    Column(
        "local",
        "local field",
        "局部感受野",
        "The size of the receptive field without global paths.",
        "不计全局路径的感受野大小。",
        lambda entry, context: local_cell(entry.seen),
    ),
    Column(
        "strict",
        "strict field",
        "严格感受野",
        "The most positions a unit sees by any path, within the input where a global path sees it.",
        "计入全部路径时单元所见的最大范围（有全局路径时以输入为限）。",
        lambda entry, context: strict_cell(entry.seen),
    ),
    Column(
        "status",
        "status",
        "状态",
        "How sure the receptive field is: exact, global, extent, bound, per-position, data-dependent or "
        "unknown.",
        "感受野的可靠程度：exact精确、global全局、extent仅范围精确、bound上界、per-position逐位置、"
        "data-dependent依数据而定、unknown未知。",
        lambda entry, context: BLANK if entry.seen is None else Text(entry.seen.status),
        right=False,
    ),
)

DEFAULT_COLUMNS = tuple(column for column in COLUMNS if column.default)

# The columns that show something of the field; the notes about fields belong to them.
FIELD_COLUMNS = frozenset(
    {"receptive_field", "stride", "padding", "centre", "holes", "phases", "local", "strict", "status"}
)


def find_column(name: str) -> Column:
    """The column of this name, `-` and `_` alike; raises UsageError with the nearest name."""
    wanted = name.strip().casefold().replace("-", "_")
    for column in COLUMNS:
        if wanted and wanted in (column.name, column.other):
            return column
    hint = nearest(wanted, [column.name for column in COLUMNS])
    every = f"columns are {', '.join(column.name for column in COLUMNS)}"
    raise UsageError(f"no column is called {name!r}; {hint or every}")


def find_columns(names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these names, each once; the default ones when there are none."""
    return tuple(dict.fromkeys(map(find_column, names))) or DEFAULT_COLUMNS
