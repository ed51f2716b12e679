"""The words of located units in English and Chinese."""

from __future__ import annotations

from rfcalc.report.words import Vocabulary

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("{layer} of {network}: {units}, input {inputs}", "{network}的{layer}：{units}，输入{inputs}"),
    "units of": ("{shape} units", "{shape}个单元"),
    "one unit": ("one unit without a position", "一个无位置的单元"),
    # Columns.
    "unit": ("unit", "单元"),
    "input": ("input", "输入"),
    "visible": ("visible field", "可见感受野"),
    "first": ("from", "起"),
    "last": ("to", "止"),
    "positions": ("positions seen", "所见位置数"),
    "theoretical": ("theoretical field", "理论感受野"),
    "theoretical_first": ("its start", "理论起点"),
    "centre": ("centre", "中心"),
    "padding": ("in padding %", "填充占比%"),
    "of_field": ("of field %", "占理论%"),
    "of_image": ("of input %", "占输入%"),
    "region": ("region", "区域"),
    "units": ("units that", "单元"),
    "touches": ("see some of it", "可见其一部分"),
    "inside": ("see nothing else", "所见尽在其中"),
    "number": ("number", "个数"),
    "of_layer": ("of layer %", "占该层%"),
    # Notes.
    "comma": (", ", "、"),
    "and": (" and ", "与"),
    "scope": ("{text} is a block; its last layer is {layer}", "{text}为模块，其末层为{layer}"),
    "visible convention": (
        "visible: what is real, clipped at the border of every layer; "
        "theoretical: padding counts as part of the signal",
        "可见：逐层在边界处截断，只计真实存在的位置；理论：填充视为信号的一部分",
    ),
    "everything": (
        "all: a global path sees the whole axis; what is seen counts by all paths",
        "全部：某条全局路径看到整条轴；所见按全部路径计",
    ),
    "left out": (
        "gates and statistics of normalisations see the whole input and are left out; {option} counts them",
        "门控与归一化统计量可见整个输入，此处不计；{option}则计入",
    ),
    "strict": (
        "gates and statistics of normalisations count, which see the whole input",
        "门控与归一化统计量计入，它们可见整个输入",
    ),
    "unknown": ("?: not known for {units}: {reason}", "?：{units}未知：{reason}"),
    "several": ("{first} and {count} more", "{first}等{count}个"),
    "holes": (
        "fewer positions than the box has: some between the first and the last are not seen",
        "所见位置数少于外框：首末之间有未见的位置",
    ),
}

_VOCABULARY = Vocabulary(_WORDS)
say, listed_in = _VOCABULARY.say, _VOCABULARY.listed
