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
    "stride": ("stride {stride}", "步长{stride}"),
    "to scale": (
        "lengths go by square roots of sizes: maps, channels and vectors each in a scale of their own; "
        "the shortest are drawn longer",
        "长度按大小的平方根绘制；特征图、通道、向量各用一种比例；过短者加长",
    ),
    "as for": ("drawn as for {symbols} = {value}", "按{symbols} = {value}绘制"),
    "last axes": ("of three axes the last two are drawn", "三个轴中绘出后两个"),
    "beside": (
        "boxes beside the longest way, which are not drawn: {count}",
        "最长路径之外未绘出的方框：{count}个",
    ),
    "several": ("{count} boxes", "{count}个方框"),
    "about volumes": (
        "{name}: {count} volumes from the input at the left to the output: {sizes}",
        "{name}：自左方的输入到输出，共{count}个体：{sizes}",
    ),
    "loop": ("a loop at the side: shortcuts within", "侧边的弧：内含捷径"),
}

_VOCABULARY = Vocabulary(_WORDS)
say = _VOCABULARY.say
