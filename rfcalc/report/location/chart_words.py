"""The words of the pictures of located units in English and Chinese."""

from __future__ import annotations

from rfcalc.report.words import Vocabulary

_WORDS: dict[str, tuple[str, str]] = {
    # What a kind of picture shows.
    "fields": ("fields over the input", "输入上的感受野"),
    "layers": ("what a unit sees, layer by layer", "单元逐层所见的范围"),
    "strip": ("what a unit sees, layer by layer", "单元逐层所见的范围"),
    "support": ("the positions a unit sees", "单元所见的位置"),
    "energy": ("effective field over the input", "输入上的有效感受野"),
    # Titles.
    "title": ("{layer} of {network}: {what}", "{network}的{layer}：{what}"),
    "title of several": ("{network}: {what}", "{network}：{what}"),
    "of unit": ("unit {unit}", "单元{unit}"),
    "of layer": ("{layer}, {unit}", "{layer}，{unit}"),
    "only unit": ("its one unit", "唯一的单元"),
    "of input": ("{unit}, input {input}", "{unit}，输入{input}"),
    "of axes": ("{unit}, axes {one} and {two}", "{unit}，轴{one}与{two}"),
    "and": (" and ", "与"),
    "comma": (", ", "、"),
    # Sides.
    "row": ("row", "行"),
    "column": ("column", "列"),
    "position": ("position", "位置"),
    "axis": ("axis {number}", "轴{number}"),
    # Marks.
    "theoretical": ("theoretical field", "理论感受野"),
    "visible": ("visible field", "可见感受野"),
    "effective": ("effective field, {shares}", "有效感受野，{shares}"),
    "inner": ("", ""),
    "share sized": ("{share} %: {size}", "{share}%：{size}"),
    "own place": ("the unit's own place", "单元自身的位置"),
    "centre": ("centre of the field", "感受野中心"),
    "input": ("input", "输入"),
    "sized": ("{name}, {size}", "{name}，{size}"),
    "seen": ("positions seen", "所见位置"),
    "sees": ("sees {size}", "见{size}"),
    "sees some": ("sees {count} in {size}", "在{size}中见{count}"),
    "is unit": ("the unit", "该单元"),
    "map": ("{layer} {shape}: {seen}", "{layer} {shape}：{seen}"),
    "amplitude": ("gradient amplitude", "梯度幅度"),
    "energy share": ("share of the energy", "能量占比"),
    "boxes": ("{shares} % of the energy", "能量的{shares}%"),
    # Notes.
    "nothing": ("{unit} sees nothing of the input", "{unit}看不到输入的任何位置"),
    "not seen": ("{unit}: what it sees is not known: {reason}", "{unit}：所见未知：{reason}"),
    "everything": (
        "theoretical field: by a global path it is the whole of {axes}",
        "理论感受野：因全局路径而为{axes}的全部",
    ),
    "no theoretical": ("theoretical field: not known along {axes}", "理论感受野：沿{axes}未知"),
    "no effective": ("effective field: not drawn, {reason}", "有效感受野：未绘出，{reason}"),
    "effective convention": (
        "effective field: before training, the positions along each axis that hold so much of the energy",
        "有效感受野：训练前，沿每条轴占相应能量的范围",
    ),
    "no energy": (
        "{unit}: its effective field is not known: {reason}",
        "{unit}：有效感受野未知：{reason}",
    ),
    "energy convention": (
        "energy: the expected squared gradient before training, clipped at the border of every layer; each "
        "side of a box holds its share along its axis; amplitude: its root, relative to the peak",
        "能量：训练前梯度平方的期望，逐层在边界处截断；框的每一边为该轴上占相应能量的范围；幅度：其平方根，相对于峰值",
    ),
    "lost": (
        "{unit}: {share} of its energy falls off at borders",
        "{unit}：其能量的{share}在边界处损失",
    ),
    "lost unknown": (
        "{unit}: how much of its energy falls off at borders is not known",
        "{unit}：边界处损失的能量未知",
    ),
    "elsewhere": (
        "{unit}: {share} of its energy is carried by global paths, and not drawn",
        "{unit}：其能量的{share}由全局路径携带，未绘出",
    ),
    "elsewhere unknown": (
        "{unit}: how much of its energy global paths carry is not known",
        "{unit}：全局路径携带的能量未知",
    ),
    "part": ("a part of the input of {size} is shown", "仅显示{size}输入的一部分"),
    "scaled": (
        "{image}, {width}x{height} pixels, is scaled to the {size} of the input",
        "{image}（{width}x{height}像素）已缩放至输入尺寸{size}",
    ),
    "stretched": (
        "{image}, {width}x{height} pixels, is stretched to the {size} of the input",
        "{image}（{width}x{height}像素）已拉伸至输入尺寸{size}",
    ),
    "holes": (
        "inside the boxes of {layers} some positions are not seen",
        "{layers}的框内有未见的位置",
    ),
    "next below": ("the next {count} layers that widen the field", "其下扩大感受野的{count}层"),
    "resized": (
        "shown are the layers at which the map changes its size; {option} shows the next ones one by one",
        "所示为特征图尺寸改变之处的各层；{option}可逐层显示",
    ),
    "some": (
        "shown are {count} of {all} layers that widen the field; {option} shows the next ones one by one",
        "扩大感受野的{all}层中显示{count}层；{option}可逐层显示",
    ),
    "longest": (
        "where branches meet the longest is followed, at {layers}",
        "分支汇合处沿最长者（{layers}处）",
    ),
    "left out axes": (
        "left out are layers whose axes are not those of the input: {layers}",
        "略去各轴与输入不同的层：{layers}",
    ),
    "more": ("{first} and {count} more", "{first}等{total}个"),
    "drawn wider": (
        "rows are drawn {times} times as long as columns",
        "行方向放大为列方向的{times}倍",
    ),
    "drawn narrower": (
        "columns are drawn {times} times as long as rows",
        "列方向放大为行方向的{times}倍",
    ),
}

_VOCABULARY = Vocabulary(_WORDS)
say, listed_in = _VOCABULARY.say, _VOCABULARY.listed
