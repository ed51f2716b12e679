"""The words of diagrams in English and Chinese."""

from __future__ import annotations

from rfcalc.report.words import Vocabulary

_WORDS: dict[str, tuple[str, str]] = {
    "of network": ("{name} of {network}", "{network}的{name}"),
    "of params": ("{count} parameters", "参数量{count}"),
    "of macs": ("{count} MACs", "乘加数{count}"),
    "about": (
        "{name}: {boxes} boxes, from the input at the top to the output",
        "{name}：自上方的输入到输出，共{boxes}个方框",
    ),
    "stretch": ("{count} layers", "{count}层"),
    "outputs": ("{count} outputs: {first} … {last}", "{count}个输出：{first} … {last}"),
    "equal outputs": ("{count} outputs of {size}", "{count}个{size}的输出"),
    "output size": ("output size", "输出大小"),
    "title": ("The architecture of {names}", "{names}的结构"),
    "dashed": ("dashed: the size changes on the way", "虚线：途中大小改变"),
    "loop": ("a loop at the side: shortcuts within", "侧边的弧：内含捷径"),
}

_VOCABULARY = Vocabulary(_WORDS)
say = _VOCABULARY.say
