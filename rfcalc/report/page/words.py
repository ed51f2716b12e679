"""The words of the one-page report in English and Chinese."""

from __future__ import annotations

from rfcalc.report.words import Vocabulary

_WORDS: dict[str, tuple[str, str]] = {
    # Places of the page.
    "sections": ("Sections", "章节"),
    "overview": ("Overview", "概览"),
    "findings": ("Findings", "检查结果"),
    "where": ("Where it is spent", "开销分布"),
    "growth": ("Growth of the field", "感受野的增长"),
    "graph": ("Graph", "结构图"),
    "field": ("Field", "感受野"),
    "table": ("Layers", "各层"),
    "arithmetic": ("How the figures come about", "数值的由来"),
    "comparison": ("Compared", "对比"),
    # First sight.
    "tensors": ("{inputs} → {outputs}", "{inputs} → {outputs}"),
    "network field": ("receptive field", "感受野"),
    "at layer": ("at {layer}", "{layer}处"),
    "against input": ("input {size}", "输入{size}"),
    "in bytes": ("{bytes} as {dtype}", "按{dtype}计{bytes}"),
    "longest path": ("{depth} with weights on the longest path", "最长路径上含权重的有{depth}层"),
    "no findings": ("The check finds nothing to mend.", "检查未发现问题。"),
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "info": ("info", "提示"),
    "severities": ("{count} {severity}", "{count}个{severity}"),
    "treemap about": (
        "{count} of the blocks of {network}, as areas; the largest: {largest}",
        "{network}各模块的{count}（以面积表示）；最大者：{largest}",
    ),
    "other operators": ("other", "其他"),
    "no treemap": ("There is nothing to show of {count}.", "没有可显示的{count}。"),
    "whole network": ("whole network", "整个网络"),
    "no growth": ("No curves: {reason}", "无曲线：{reason}"),
    # What units see.
    "no fields": ("No picture: {reason}", "无图：{reason}"),
    "field command": ("Any unit of any layer:", "任意层的任意单元："),
    "field layer": ("layer", "层"),
    "field input": ("input", "输入"),
    "unit axis": ("unit, axis {number}", "单元，轴{number}"),
    "unit row": ("row", "行"),
    "unit column": ("column", "列"),
    "map of units": ("units of the layer: click one, or use the arrow keys", "该层的单元：点击，或用方向键"),
    "over input": (
        "the input: click a position to see which units see it",
        "输入：点击一个位置，看哪些单元可见它",
    ),
    "visible": ("visible field", "可见感受野"),
    "theoretical": ("theoretical field", "理论感受野"),
    "effective": ("effective field, 95 %", "有效感受野，95%"),
    "own place": ("the unit's own place", "单元自身的位置"),
    "box from to": ("{size}, {first} to {last}", "{size}，{first}至{last}"),
    "positions seen": ("{count} positions, {share} % of the input", "{count}个位置，占输入{share}%"),
    "in padding": ("{share} % of it in padding", "其中{share}%在填充中"),
    "beyond": ("it reaches beyond the picture", "超出图的范围"),
    "sees nothing": ("nothing", "无"),
    "field unknown": ("? ({reason})", "未知（{reason}）"),
    "no such field": ("none: some axis is seen whole, or not known", "无：某轴可见全部，或未知"),
    "seen by": ("position {place} is seen by", "可见位置{place}的单元"),
    "units seeing": ("{count} units, {share} % of the layer", "{count}个单元，占该层{share}%"),
    # Table.
    "filter": ("find a layer", "查找层"),
    "operator filter": ("operator", "操作"),
    "any operator": ("every operator", "全部操作"),
    "close blocks": ("fold blocks", "折叠模块"),
    "open blocks": ("open blocks", "展开模块"),
    "columns": ("columns", "列"),
    "copy": ("copy as", "复制为"),
    "copied": ("copied {count} rows", "已复制{count}行"),
    "not copied": ("the browser does not allow copying", "浏览器不允许复制"),
    "rows shown": ("{shown} of {all} layers", "共{all}层，显示{shown}层"),
    "arithmetic about": (
        "Layers of one operation on inputs of one size have the same figures; each is worked out once.",
        "同一操作作用于相同大小的输入，所得数值相同，故每种只列一次。",
    ),
    "kind layers": ("{number} layers", "{number}层"),
    "kind one layer": ("1 layer: {name}", "1层：{name}"),
    "on inputs": ("on {sizes}", "输入{sizes}"),
    "graph too large": (
        "Not drawn: even with its blocks folded it has {boxes} boxes.",
        "未绘制：折叠模块后仍有{boxes}个方框。",
    ),
    "blocks left out": ("{count} more forms of blocks are not drawn.", "另有{count}种模块未绘制。"),
    "more blocks": ("{count} more", "另外{count}个"),
    "sizes of": ("{names}; sizes are those of {name}", "{names}；尺寸取自{name}"),
    # The panel of a layer.
    "close": ("close", "关闭"),
    "reads": ("reads", "读取"),
    "read by": ("read by", "被读取"),
    "described": ("line of the description", "描述中的行号"),
    "field step": ("field: before + extent · stride", "感受野：此前 + 跨度 · 步长"),
    "previous": ("previous layer", "上一层"),
    "next": ("next layer", "下一层"),
    "keys": (
        "keys: / find, ← → layers, Esc close",
        "按键：/ 查找，← → 切换层，Esc 关闭",
    ),
    "made by": ("made by rfcalc {version}", "由rfcalc {version}生成"),
    "comma": (", ", "、"),
    "and": (" and ", "和"),
}

_VOCABULARY = Vocabulary(_WORDS)
say, listed_in = _VOCABULARY.say, _VOCABULARY.listed
