"""The words of growing fields in English and Chinese."""

from __future__ import annotations

from rfcalc.report.words import Vocabulary

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("{network}: fields by depth, {inputs}", "{network}：感受野随深度的变化，{inputs}"),
    "title of several": ("fields by depth", "感受野随深度的变化"),
    "title of reached": (
        "where fields reach the input, and what lies behind",
        "感受野在何处达到输入大小，其后还有多少",
    ),
    "of input": ("input {size}", "输入{size}"),
    "of named input": ("input {name} {size}", "输入{name} {size}"),
    # Columns.
    "network": ("network", "网络"),
    "input": ("of input", "所属输入"),
    "layer": ("layer", "层"),
    "depth": ("depth", "深度"),
    "theoretical": ("theoretical", "理论"),
    "effective": ("effective", "有效"),
    "smallest": ("smallest", "最小路径"),
    "stride": ("stride", "步长"),
    "output": ("output", "输出"),
    "macs_so_far": ("MACs so far %", "累计乘加数%"),
    "params_so_far": ("params so far %", "累计参数量%"),
    "field": ("field", "感受野"),
    "size": ("input size", "输入大小"),
    "largest": ("largest", "最大"),
    "reached": ("reached at", "达到处"),
    "behind": ("layers behind", "其后层数"),
    "macs_behind": ("MACs behind %", "其后乘加数%"),
    "params_behind": ("params behind %", "其后参数量%"),
    # Fields, and axes.
    "field along": ("{field}, {axis}", "{field}（{axis}）"),
    "whole": ("whole map", "整幅特征图"),
    "comma": (", ", "、"),
    "and": (" and ", "与"),
    # Notes.
    "depth convention": (
        "depth: layers with weights on the longest path from the input, gates aside",
        "深度：自输入起最长路径上含权重的层数（门控不计）",
    ),
    "chosen": (
        "{shown} of {count} layers, where something ends on the longest path; {option} shows all",
        "共{count}层，列出最长路径上的{shown}个转折处；{option}列出全部",
    ),
    "arrow": (
        "→: the first layer whose field is as large as the input, or that covers the map whole",
        "→：感受野达到输入大小（或覆盖整幅特征图）的第一层",
    ),
    "fields convention": (
        "theoretical: by any path; smallest: by the path that shows least",
        "理论：任一路径；最小路径：所见最少的路径",
    ),
    "effective convention": (
        "effective: the width that holds 95 % of the squared gradient before training",
        "有效：训练前占梯度平方95%的宽度",
    ),
    "weights equal": ("effective fields: branches weighted alike", "有效感受野：各支路权重相同"),
    "weights residual-only": (
        "effective fields: of each sum the deepest operands alone",
        "有效感受野：求和时只计最深的支路",
    ),
    "behind convention": (
        "behind: layers whose input has a field as large already (Richter et al. 2021, of the smallest)",
        "其后：其输入的感受野已达到输入大小的层（Richter等2021，就最小路径而言）",
    ),
    "head": (
        "whole map: a layer reads all positions at once; what follows, the head, counts in this row alone",
        "整幅特征图：某层一次读取全部位置；其后的层（分类头）只计入此行",
    ),
    "gate": (
        "*: a gate or a normalisation sees the whole input; the field without it",
        "*：门控或归一化可见整个输入；所列感受野不计入",
    ),
    "all": (
        "all: from {layers} on a global path sees the whole input",
        "全部：自{layers}起，全局路径可见整个输入",
    ),
    "bound": ("≤: only a bound of the field is known", "≤：仅知感受野的上界"),
    "data-dependent": (
        "~: the positions read depend on the data: the field of the undeformed grid",
        "~：读取位置依数据而定：所列为未变形网格的感受野",
    ),
    "unknown": (
        "{field} not known from {layer} on: {reason}",
        "自{layer}起{field}未知：{reason}",
    ),
    # The picture.
    "chart title": ("Fields by depth: {networks}", "感受野随深度的变化：{networks}"),
    "about": (
        "Curves by depth: the receptive fields of {networks} with the size of the input, the stride and the "
        "size of the map, and the shares of multiply-accumulates and parameters spent so far.",
        "随深度变化的曲线：{networks}的感受野（附输入大小）、步长与特征图大小、累计乘加数与参数量占比。",
    ),
    "depth axis": ("depth: layers with weights", "深度：含权重的层"),
    "positions axis": ("positions of the input", "输入位置数"),
    "fields title": ("receptive field", "感受野"),
    "input guide": ("input {size}", "输入{size}"),
    "theoretical title": ("theoretical field", "理论感受野"),
    "effective title": ("effective field (95 %)", "有效感受野（95%）"),
    "smallest title": ("smallest field still to come", "其后仍有的最小感受野"),
    "stride title": ("stride", "步长"),
    "macs_so_far title": ("MACs so far", "累计乘加数"),
    "params_so_far title": ("parameters so far", "累计参数量"),
    "strides title": ("map and stride", "特征图与步长"),
    "strides axis": ("units; positions", "单元数；位置数"),
    "map": ("units of the map", "特征图单元数"),
    "spent title": ("spent so far", "累计开销"),
    "spent axis": ("% of all", "占总量%"),
    "fields one": ("{fields} field", "{fields}感受野"),
    "fields several": ("{fields} fields", "{fields}感受野"),
    "at layer": ("{layer} (depth {depth})", "{layer}（深度{depth}）"),
    "behind lie": (
        "; behind lie {macs} of the MACs and {params} of the parameters",
        "；其后占乘加数的{macs}、参数量的{params}",
    ),
    "note reached": (
        "{network}: {field} as large as the input from {text}",
        "{network}：{field}达到输入大小，自{text}",
    ),
    "note all": (
        "{network}: {field} of the whole input by a global path from {text}; the curve ends",
        "{network}：{field}经全局路径可见整个输入，自{text}；曲线止于此",
    ),
    "note lost": (
        "{network}: {field} not known from {text}; the curve ends",
        "{network}：{field}未知，自{text}；曲线止于此",
    ),
    "reason data-dependent": ("the positions it reads depend on the data", "读取位置依数据而定"),
    "reason bound": ("only a bound of its field is known", "仅知其感受野的上界"),
    "reason unknown": (
        "branches advance at different rates, or a layer does not say what it reads",
        "各支路步进不同，或某层未说明其读取范围",
    ),
    "rest": (
        "{share} of the MACs belong to layers behind the last one shown, of other outputs",
        "{share}的乘加数属于其他输出的层，在所列末层之后执行",
    ),
}

_VOCABULARY = Vocabulary(_WORDS)
say, listed_in = _VOCABULARY.say, _VOCABULARY.listed
