"""The words of input sizes in English and Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.analysis.figures import COUNTS
from rfcalc.report.words import Vocabulary, axis_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfcalc.analysis.legal_sizes import Pattern
    from rfcalc.report.input_sizes.asking import AskedSizes, SizesAlong
    from rfcalc.report.words import Language

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("{network}: sizes of the input {inputs}", "{network}：输入{inputs}的尺寸"),
    # Rows of the summary.
    "about": ("along", "沿"),
    "smallest": ("smallest", "最小"),
    "legal": ("fits", "可构建"),
    "even": ("no rest", "无余数"),
    "nearest even": ("nearest of these", "其中最近者"),
    "same": ("same parameters", "参数不变"),
    "changing": ("change them", "改变参数的层"),
    "field": ("field of the network", "网络的感受野"),
    "idle": ("layers past their border", "越界的层"),
    # Values of the summary.
    "written": ("{name} ({length})", "{name}（{length}）"),
    "of input": ("{axis} of {name}", "{name}的{axis}"),
    "all axes": ("all axes", "各轴"),
    "none": ("none", "无"),
    "any": ("any from {first}", "{first}起任意"),
    "multiples": ("multiples of {period}", "{period}的倍数"),
    "multiples from": ("multiples of {period} from {first}", "{first}起，{period}的倍数"),
    "steps": ("{first} + {period}k", "{first} + {period}k"),
    "runs": ("{runs} + {period}k", "{runs} + {period}k"),
    "many": ("{count} of {period} lengths, from {first}", "{first}起，每{period}个长度中有{count}个"),
    "range": ("{first} to {last}", "{first}至{last}"),
    "also": ("{pattern}; also {others}", "{pattern}；另有{others}"),
    "only": ("only {others}", "仅{others}"),
    "more": ("{listed} and {count} more", "{listed}等，另{count}个"),
    "open": ("not shown", "未证明"),
    "covers": ("{field}: {share} of {length}", "{field}：为{length}的{share}"),
    "global": ("all of it", "全部输入"),
    "unknown": ("?", "?"),
    "no border": ("none at {length}", "{length}处无"),
    "border": ("{count} at {length}, none from {first}", "{length}处{count}层，{first}起无"),
    # Columns.
    "axes": ("along", "沿"),
    "size": ("input", "输入"),
    "state": ("fits", "可构建"),
    "output": ("output", "输出"),
    "share": ("field %", "感受野%"),
    "past": ("past border", "越界层数"),
    "at": ("because of", "所在层"),
    "other params": ("{layers}: other params", "{layers}：参数量不同"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "evenly": ("evenly", "无余数"),
    # Notes.
    "comma": (", ", "、"),
    "and": (" and ", "与"),
    "k": ("k = 0, 1, 2, …", "k = 0、1、2、…"),
    "even convention": (
        "no rest: no division of a length leaves one, so both borders of every map are seen alike",
        "无余数：长度的除法皆整除，各图两端所见相同",
    ),
    "others stay": ("the other axes stay as they are: {inputs}", "其余各轴不变：{inputs}"),
    "read again": (
        "the model comes to other layers at other sizes: it is read again for each row, and nothing is shown "
        "of other sizes",
        "模型在不同输入尺寸下的层不同：每行均重新读取，其他尺寸未证明",
    ),
    "promised": (
        "sizes that the description states are set aside: they hold for the size it was written for",
        "描述中写明的尺寸不计：它们只对其原输入成立",
    ),
    "changed": (
        "other parameters at other sizes, which make another network: {layers}",
        "参数量随尺寸而变（成为另一个网络）：{layers}",
    ),
    "built at": (
        "it cannot be built at {inputs}; fields are those at {there}",
        "在{inputs}处不可构建；感受野取自{there}",
    ),
    "not shown": (
        "not shown for all sizes: of {lengths} only those up to {last} were built one by one",
        "未对所有尺寸证明：{lengths}只逐个构建到{last}",
    ),
    "cut": (
        "not shown: the search ended after its limit of layers; rows are built, each by itself",
        "未证明：搜索达到层数上限；所列各行均单独构建",
    ),
    "refused": ("{size}: {layer}: {message}", "{size}：{layer}：{message}"),
    "refused plainly": ("{size}: {message}", "{size}：{message}"),
    # The chart.
    "chart": ("{network}: cost at each input size", "{network}：各输入尺寸的代价"),
    "chart about": (
        "multiply-adds, activations and parameters at {count} sizes from {first} to {last}",
        "{first}至{last}间{count}个尺寸处的乘加次数、激活量与参数量",
    ),
    "length": ("length of the input", "输入长度"),
    "length along": ("length along {axis}", "{axis}长度"),
    "chart legal": ("fits", "可构建"),
    "chart even": ("no rest", "无余数"),
    "chart field": ("field {field}", "感受野{field}"),
    "chart written": ("{length}", "{length}"),
    "chart note": ("fits: {legal}; no rest: {even}", "可构建：{legal}；无余数：{even}"),
    "chart note along": ("{axis}: {note}", "{axis}：{note}"),
}

_VOCABULARY = Vocabulary(_WORDS)
say, listed_in = _VOCABULARY.say, _VOCABULARY.listed

# Of more ranges or lengths the rest are counted.
_MOST_TOLD = 4


def count_word(name: str, language: Language) -> str:
    """What a count is called over a column."""
    count = COUNTS[name]
    return (count.heading or count.title)[language == "zh"]


def axes_text(asked: AskedSizes, along: SizesAlong, language: Language) -> str:
    """What moves: `all axes`, `height`, `width of left`."""
    several = len(asked.written) > 1
    words = []
    for name, axis, rank in asked.axes_name(along):
        word = axis_name(axis, rank, language) if axis >= 0 or rank == 1 else say("all axes", language)
        words.append(say("of input", language, axis=word, name=name) if several else word)
    if (
        several
        and len(words) == len(asked.written)
        and len(along.slots) == sum(len(shape.axes) for shape in asked.written)
    ):
        return say("all axes", language)
    return listed_in(words, language)


def pattern_text(pattern: Pattern | None, language: Language) -> str:
    """A set of lengths in words: `multiples of 32`, `188 + 16k`, `29 to 32 + 32k`."""
    if pattern is None:
        return say("open", language)
    before = ranges_text(_ranges(pattern.before), language)
    if not pattern.rests:
        return say("only", language, others=before) if pattern.before else say("none", language)
    period, start = pattern.period, pattern.start
    firsts = [n for n in range(start, start + period) if pattern.holds(n)]
    first = firsts[0]
    if period == 1:
        text = say("any", language, first=first)
    elif len(firsts) == 1 and first % period == 0:
        key = "multiples" if first == period else "multiples from"
        text = say(key, language, period=period, first=first)
    elif len(firsts) == 1:
        text = say("steps", language, period=period, first=first)
    else:
        # A run that begins in the middle of a period is told from its beginning.
        following = [n for n in range(start, start + 3 * period) if pattern.holds(n)]
        runs = [run for run in _ranges(following) if run[0] < first + period]
        if len(runs) > 1 and runs[-1][1] >= first + period and runs[0][0] == first:
            # The same run, counted from the period after.
            runs = runs[1:]
        if len(runs) <= _MOST_TOLD:
            text = say("runs", language, runs=ranges_text(runs, language), period=period)
        else:
            text = say("many", language, count=len(firsts), period=period, first=first)
        leading = [n for n in range(start, runs[0][0]) if pattern.holds(n)]
        before = ranges_text(_ranges([*pattern.before, *leading]), language)
    return say("also", language, pattern=text, others=before) if before else text


def _ranges(lengths: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending numbers as ranges from the first to the last."""
    found: list[tuple[int, int]] = []
    for length in lengths:
        joined = bool(found) and found[-1][1] == length - 1
        found.append((found.pop()[0], length) if joined else (length, length))
    return found


def ranges_text(ranges: list[tuple[int, int]], language: Language) -> str:
    """Ranges in words: `224 to 239`, `1, 2 and 5`; "" for none."""
    told = [
        str(first) if first == last else say("range", language, first=first, last=last)
        for first, last in ranges
    ]
    if len(told) > _MOST_TOLD:
        comma = say("comma", language)
        few = comma.join(told[:_MOST_TOLD])
        return say("more", language, listed=few, count=len(told) - _MOST_TOLD)
    return listed_in(told, language) if told else ""
