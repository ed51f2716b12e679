"""Every word of a report in English and Chinese; the one place where either is written.

The Chinese terms are those of 《解析卷积神经网络》, whose tables the tool reproduces.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from rfcalc.errors import listed
from rfcalc.records import NamedTuple
from rfcalc.units import NumberFormats

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def reason_in(language: Language, reason: str) -> str:
    """Why something is not known, the end of an English sentence, in the words of a language."""
    if language == "en":
        return reason
    from rfcalc.report.reasons import chinese_reason

    return chinese_reason(reason)


class Vocabulary(NamedTuple):
    """The words of some reports, each in every language."""

    words: dict[str, tuple[str, str]]

    def say(self, key: str, language: Language, **values: object) -> str:
        """The phrase in this language, its blanks filled in; a `reason` is put into the language, too."""
        phrase = self.words[key][LANGUAGES.index(language)]
        if language != "en" and isinstance(reason := values.get("reason"), str):
            values["reason"] = reason_in(language, reason)
        return phrase.format(**values) if values else phrase

    def listed(self, names: Iterable[str], language: Language) -> str:
        """Names as a phrase: `a`, `a and b`, `a, b and c`."""
        return listed(names, self.say("comma", language), self.say("and", language))


_WORDS: dict[str, tuple[str, str]] = {
    # Rows and titles.
    "total": ("total", "合计"),
    "shown": ("shown", "所列合计"),
    "input": ("input", "输入"),
    "output": ("output", "输出"),
    "repeat": ("repeat {label}", "重复{label}次"),
    "each": ("each", "逐项"),
    "turn": ("turn", "一次"),
    "part": ("part", "部分"),
    "everything": ("all", "全部"),
    # The book's table.
    "book row": ("row", "行"),
    "book layer": ("layer", "层"),
    "book operation": ("operation", "操作类型"),
    "book parameters": ("parameters", "参数信息"),
    "book input": ("input size", "输入数据维度"),
    "book output": ("output size", "输出数据维度"),
    # Notes.
    "network field": (
        "receptive field of the network, at {layer}: {size} (stride {stride}, padding {padding})",
        "网络的感受野（{layer}处）：{size}（步长{stride}，填充{padding}）",
    ),
    "field against input": (
        "that field against the input, axis by axis: {axes}",
        "该感受野与输入之比（逐轴）：{axes}",
    ),
    "of length": ("{size} of {length}", "{size} / {length}"),
    "more outputs": ("{count} more outputs have fields of their own", "另有{count}个输出各有其感受野"),
    "no network field": (
        "receptive field of the network, at {layer}: {size}",
        "网络的感受野（{layer}处）：{size}",
    ),
    "field convention": (
        "receptive fields are theoretical: padding counts as part of the signal",
        "感受野为理论值：填充视为信号的一部分",
    ),
    "work convention": (
        "MACs: multiply-adds of convolutions, fully connected layers and matrix products; FLOPs = 2 × MACs",
        "乘加数：卷积、全连接与矩阵乘法的乘加次数；FLOPs = 2 × 乘加数",
    ),
    "collapsed": (
        "stride –: a layer reads its whole map at once, so nothing slides any more",
        "步长为–：某层一次读取整个特征图，不再滑动",
    ),
    "uneven": ("stride –: units do not advance evenly over the input", "步长为–：各单元在输入上的间距不均匀"),
    "covering": (
        "at this size the windows of {layers} cover their whole map; the field is that of a sliding window",
        "在此输入大小下{layers}的窗口覆盖整个特征图；感受野仍按滑动窗口计",
    ),
    "range": (
        "a field {low}–{high} depends on the position: its smallest and largest size",
        "感受野{low}–{high}因位置而异：分别为最小与最大值",
    ),
    "global": (
        "* a gate or a normalisation over the whole map lets a unit see an axis from end to end; "
        "the field shown leaves that path out",
        "* 门控或整图规范化使单元可见整条轴；所列感受野不计该路径",
    ),
    "main path": (
        "all: attention or a branch over the whole map lets a unit see an axis from end to end; "
        "columns local, strict",
        "全部：注意力或整图分支使单元可见整条轴；另见列local与strict",
    ),
    "extent": (
        "branches of unequal shape meet: the extent is exact, column seen counts what lies inside",
        "形状不同的分支汇合：范围精确，其中所见的位置数见列seen",
    ),
    "bound": ("≤ at most: the exact field was not followed any further", "≤ 上界：未继续精确跟踪"),
    "data-dependent": (
        "~ the positions read depend on the data: the field of the undeformed grid is shown",
        "~ 读取位置取决于数据：所列为未变形网格的感受野",
    ),
    "per-position": (
        "# the branches joined have different strides: no periodic field, "
        "smallest and largest over the positions at this input size",
        "# 汇合的分支步长不同：感受野不具周期性，所列为此输入尺寸下各位置的最小与最大值",
    ),
    "unknown field": ("field ?: not known for {layers}", "感受野为?：{layers}未知"),
    "unknown figures": (
        "?: not known for {layers}; sums that miss them are given as {mark}",
        "?：{layers}未知；缺少其数值的合计记作{mark}",
    ),
    "symbolic share": ("share ?: depends on the symbols", "占比为?：取决于符号的取值"),
    "several inputs": (
        "fields are those over the input {input}; a cell says so where a layer sees only another input",
        "感受野针对输入{input}；仅见其他输入的层另行注明",
    ),
    "folded": (
        "{rows} rows stand for {layers} layers; without {depth} each has its own row",
        "其中{rows}行代表{layers}层；去掉{depth}可逐层列出",
    ),
    "one folded": (
        "1 row stands for {layers} layers; without {depth} each has its own row",
        "其中1行代表{layers}层；去掉{depth}可逐层列出",
    ),
    "filtered": ("{shown} of {all} rows shown", "共{all}行，显示{shown}行"),
    "neutral": (
        "{shown} of {all} rows shown, as the terminal has {lines} lines: left out are {kinds}, "
        "without MACs and any change of size or field; --all shows them",
        "终端仅{lines}行，故共{all}行中显示{shown}行：略去无乘加且不改变尺寸与感受野的{kinds}；--all可全部显示",
    ),
    "batch": (
        "batch of {batch}: work and activations are those of all {batch} examples",
        "批大小{batch}：运算量与激活为全部{batch}个样本之和",
    ),
    "dtype": ("bytes of {dtype} values, {bytes} each", "按{dtype}计，每个数值{bytes}字节"),
    "dtypes": (
        "bytes of {params} parameters, {bytes} each, and of {activations} outputs, {more} each",
        "参数按{params}计，每个{bytes}字节；输出按{activations}计，每个{more}字节",
    ),
    "warning": ("warning: {message}", "警告：{message}"),
    "more warnings": ("{count} more warnings; {lists} lists all", "另有{count}条警告，见{lists}"),
    "one more warning": ("1 more warning; {lists} lists all", "另有1条警告，见{lists}"),
    "and": (" and ", "和"),
    "and more": ("{names} and {count} more", "{names}等共{total}层"),
    "comma": (", ", "、"),
    "narrow": (
        "for lack of width {what}; a wider terminal or a pipe shows all",
        "因宽度不足{what}；可加宽终端或使用管道",
    ),
    "dropped": ("left out: {columns}", "略去：{columns}"),
    "rounded": ("rounded: {columns}", "取整：{columns}"),
    "shortened": ("shortened: {columns}", "缩写：{columns}"),
    "narrowings": ("; ", "；"),
    # Symbols, and the values of one of them for which something holds.
    "exists every": ("{symbols}: any whole number from 1 up", "{symbols}：不小于1的任意整数"),
    "exists some": (
        "{symbols}: any whole number {values}; with others the network cannot be built",
        "{symbols}：{values}的任意整数；取其他值时网络无法构建",
    ),
    "exists never": (
        "{symbols}: the network cannot be built with any whole number",
        "{symbols}：取任何整数时网络都无法构建",
    ),
    "exists where": (
        "{symbols}: any whole numbers from 1 up with which the network can be built",
        "{symbols}：不小于1且使网络可以构建的任意整数",
    ),
    "values up": ("from {first} up", "不小于{first}"),
    "values between": ("from {first} to {last}", "{first}到{last}"),
    "or": (" or ", "或"),
    "rate": (
        "time is the first axis of the input, at {rate}{seen}",
        "时间为输入的第一维，采样率{rate}{seen}",
    ),
    "rate of input": (
        "time is the first axis of {input}, at {rate}{seen}",
        "{input}的第一维为时间，采样率{rate}{seen}",
    ),
    "sees and steps": (
        ": at {layer} a unit sees {field}, and the next one {stride} later",
        "：{layer}的单元所见为{field}，下一单元晚{stride}",
    ),
    "causal": (
        "causal: no unit of {layer} sees past its own position{along}",
        "因果：{layer}的单元不见其自身位置之后{along}",
    ),
    "looks ahead": (
        "look-ahead of {layer}{along}: {size}{time}",
        "{layer}的前瞻{along}：{size}{time}",
    ),
    "looks ahead at most": (
        "look-ahead of {layer}{along}: at most {size}",
        "{layer}的前瞻{along}：至多{size}",
    ),
    "along the first": (" along the first axis", "（沿第一维）"),
    "that is": (", which is {time}", "，即{time}"),
    "sees the future": (
        "not causal: a global path shows each unit of {layer} what comes later too",
        "非因果：全局路径使{layer}的每个单元也见到其后的部分",
    ),
    "unknown outlook": (
        "look-ahead of {layer}: not known, {reason}",
        "{layer}的前瞻未知：{reason}",
    ),
    "over": (" over {input}", "（对{input}）"),
    "no rate": (
        "(ms) ?: it is not said how many positions of {inputs} are a second ({option})",
        "（毫秒）?：未说明{inputs}每秒的位置数（{option}）",
    ),
    "unknown ahead": (
        "look-ahead ?: not known for {layers}: {reason}",
        "前瞻?：{layers}未知：{reason}",
    ),
    "effective convention": (
        "effective fields are those before training: the width that holds 95 % of a unit's expected squared "
        "gradient, and its standard deviation; branches that meet weigh {weights}",
        "有效感受野为训练前的网络之值：占梯度平方期望95%的宽度及其标准差；汇合的各分支{weights}",
    ),
    "weights kaiming": (
        "as Kaiming's initialisation has it ({option})",
        "按Kaiming初始化加权（{option}）",
    ),
    "weights equal": ("alike ({option})", "等权（{option}）"),
    "weights residual-only": (
        "as Kaiming's initialisation has it, of a sum the deepest alone ({option})",
        "按Kaiming初始化加权，求和处仅计最深的分支（{option}）",
    ),
    "effective elsewhere": (
        "effective fields leave out what global paths carry of the energy: up to {share}, at {layer}",
        "有效感受野不计全局路径所占的能量：至多{share}（{layer}处）",
    ),
    "unknown effective": (
        "effective field ?: not known for {layers}: {reason}",
        "{layers}的有效感受野未知：{reason}",
    ),
    "unknown seen": ("seen ?: not known for {layers}: {reason}", "{layers}所见的位置数未知：{reason}"),
    "symbolic order": (
        "rows whose order depends on the symbols stand as they would for {symbols} = {value}",
        "次序取决于符号取值的各行，按{symbols} = {value}排列",
    ),
    "no photo": (
        "the photo is not shown: in characters it needs colours, and Pillow (pip install 'rfcalc[plot]')",
        "未显示照片：以字符显示时需要颜色与Pillow（pip install 'rfcalc[plot]'）",
    ),
    "any": ("any", "任意"),
    "holds": ("holds", "成立"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "solved largest": ("the largest {symbol} is {last}", "{symbol}最大为{last}"),
    "solved smallest": ("the smallest {symbol} is {first}", "{symbol}最小为{first}"),
    "solved range": ("{symbol} is from {first} to {last}", "{symbol}为{first}到{last}"),
    "solved one": ("{symbol} is {first}, and nothing else", "{symbol}只能为{first}"),
    "solved every": ("holds for every {symbol}", "对任意{symbol}成立"),
    "solved none": ("holds for no {symbol}", "对任何{symbol}均不成立"),
    "solved grows": (
        "{figure} only grows with {symbol}, so the values shown decide for all others",
        "{figure}随{symbol}单调递增，故所列取值足以判定其余各值",
    ),
    "solved falls": (
        "{figure} only falls with {symbol}, so the values shown decide for all others",
        "{figure}随{symbol}单调递减，故所列取值足以判定其余各值",
    ),
    "solved stays": ("{figure} does not depend on {symbol}", "{figure}与{symbol}无关"),
    "solved turns": (
        "{figure} does not only grow or only fall with {symbol}: "
        "where it changes its sign was decided for every {symbol}",
        "{figure}随{symbol}并非单调：其变号之处已就全部{symbol}判定",
    ),
    "solved more": (
        "{count} more comparisons are not shown; --format json has them",
        "另有{count}项比较未列出，见--format json",
    ),
    "solved analysed": (
        "confirmed by analysing the network with {values}",
        "已代入{values}重新分析网络予以核实",
    ),
    # References.
    "column name": ("column", "列"),
    "column title": ("title", "标题"),
    "column about": ("meaning (* shown by default)", "含义（*默认显示）"),
    "operator op": ("operator", "操作"),
    "operator label": ("label", "名称"),
    "operator attributes": ("attributes", "参数"),
    "operator summary": ("summary", "说明"),
    "rule code": ("code", "代码"),
    "rule name": ("name", "名称"),
    "rule severity": ("severity", "级别"),
    "rule what": ("finds", "查什么"),
    # `rfcalc list`.
    "list title": ("{count} networks", "{count}个网络"),
    "list of one": ("1 network", "1个网络"),
    "network": ("network", "网络"),
    "source": ("source", "出处"),
    "list note": (
        "the receptive field is that of the last layer before the map collapses; "
        "rfcalc NETWORK prints a network's table",
        "感受野：特征图收缩为一点之前最后一层的感受野；rfcalc NETWORK 打印网络的表",
    ),
}

# The axes of an input of so many.
_AXES: dict[int, tuple[tuple[str, str], ...]] = {
    1: (("length", "长度"),),
    2: (("height", "高"), ("width", "宽")),
    3: (("depth", "深"), ("height", "高"), ("width", "宽")),
}

_VOCABULARY = Vocabulary(_WORDS)
say, listed_in = _VOCABULARY.say, _VOCABULARY.listed


def axis_name(axis: int, rank: int, language: Language) -> str:
    """What an axis of an input of so many axes is called."""
    named = _AXES.get(rank)
    return named[axis][LANGUAGES.index(language)] if named else str(axis)


def bytes_note(dtype: NumberFormats, language: Language) -> str:
    """What is said below a table with bytes."""
    one, two = dtype.length("params"), dtype.length("activations")
    if dtype.params == dtype.activations:
        return say("dtype", language, dtype=dtype, bytes=one)
    return say("dtypes", language, **dtype._asdict(), bytes=one, more=two)
