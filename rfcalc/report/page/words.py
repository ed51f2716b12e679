"""The words of the one-page report in English and Chinese."""

from __future__ import annotations

from rfcalc.report.words import Vocabulary

_WORDS: dict[str, tuple[str, str]] = {
    # Places of the page.
    "skip": ("Skip to the table", "跳到表格"),
    "sections": ("Sections", "章节"),
    "overview": ("Overview", "概览"),
    "findings": ("Findings", "检查结果"),
    "where": ("Where it is spent", "开销分布"),
    "growth": ("Growth of the field", "感受野的增长"),
    "graph": ("Graph", "结构图"),
    "field": ("Field", "感受野"),
    "table": ("Layers", "各层"),
    "arithmetic": ("How the figures come about", "数值的由来"),
    "notes": ("Notes", "说明"),
    "comparison": ("Compared", "对比"),
    # First sight.
    "tensors": ("{inputs} → {outputs}", "{inputs} → {outputs}"),
    "params": ("parameters", "参数量"),
    "macs": ("multiply-adds", "乘加数"),
    "network field": ("receptive field", "感受野"),
    "at layer": ("at {layer}", "{layer}处"),
    "against input": ("input {size}", "输入{size}"),
    "peak": ("peak activations", "激活峰值"),
    "peak bytes": ("{bytes} as {dtype}", "按{dtype}计{bytes}"),
    "layers": ("layers", "层数"),
    "depth": ("{depth} with weights on the longest path", "最长路径上含权重的有{depth}层"),
    "no findings": ("The check finds nothing to mend.", "检查未发现问题。"),
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "info": ("info", "提示"),
    "severities": ("{count} {severity}", "{count}个{severity}"),
    "help": ("{hint}", "{hint}"),
    "treemap about": (
        "{count} of the blocks of {network}, as areas; the largest: {largest}",
        "{network}各模块的{count}（以面积表示）；最大者：{largest}",
    ),
    "treemap of": ("area by", "面积表示"),
    "share of": ("{name}: {share} %", "{name}：{share}%"),
    "other operators": ("other", "其他"),
    "no treemap": ("There is nothing to show of {count}.", "没有可显示的{count}。"),
    "whole network": ("whole network", "整个网络"),
    "no growth": ("No curves: {reason}", "无曲线：{reason}"),
    # Table.
    "filter": ("find a layer", "查找层"),
    "operator filter": ("operator", "操作"),
    "any operator": ("every operator", "全部操作"),
    "fold": ("fold blocks", "折叠模块"),
    "unfold": ("open blocks", "展开模块"),
    "columns": ("columns", "列"),
    "copy": ("copy as", "复制为"),
    "copied": ("copied {count} rows", "已复制{count}行"),
    "not copied": ("the browser does not allow copying", "浏览器不允许复制"),
    "rows shown": ("{shown} of {all} rows", "共{all}行，显示{shown}行"),
    "arithmetic about": (
        "Layers of one operation on inputs of one size have the same figures; each is worked out once.",
        "同一操作作用于相同大小的输入，所得数值相同，故每种只列一次。",
    ),
    "kind layers": ("{number} layers", "{number}层"),
    "kind one layer": ("1 layer: {name}", "1层：{name}"),
    "on inputs": ("on {sizes}", "输入{sizes}"),
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
