"""Every word of a comparison in English and Chinese."""

from __future__ import annotations

from rfcalc.report.words import Vocabulary

# What networks are called, in the order they are given.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_WORDS: dict[str, tuple[str, str]] = {
    # Networks and titles.
    "against": ("{names} against {base}", "{names}与{base}的比较"),
    "network": ("{letter}: {title}", "{letter}：{title}"),
    "edits title": ("From {base} to {other}, edit by edit", "由{base}到{other}的逐项改动"),
    "layers title": ("Layers of {base} and {other}", "{base}与{other}的各层"),
    "equal networks": (
        "{base} and {other} are equal layer by layer; at most names differ",
        "{other}与{base}逐层相同，至多名称不同",
    ),
    # The summary.
    "figure": ("figure", "指标"),
    "inputs": ("input size", "输入大小"),
    "outputs": ("output size", "输出大小"),
    "difference": ("{other} − {base}", "{other} − {base}"),
    "ratio": ("{other} / {base}", "{other} / {base}"),
    "equal": ("equal", "相等"),
    "times": ("{factor} x of {base}", "{base}的{factor}倍"),
    "fraction": ("{fraction} of {base}", "{base}的{fraction}"),
    "depends": ("depends on {symbols}", "取决于{symbols}"),
    "percent": ("change", "变化"),
    # What symbols decide.
    "statement": (
        "{figure}: {other} / {base} = {ratio}{percent}: {relation}",
        "{figure}：{other} / {base} = {ratio}{percent}：{relation}",
    ),
    "statement without ratio": (
        "{figure}: {other} has {amount}, {base} has {base_amount}: {relation}",
        "{figure}：{other}为{amount}，{base}为{base_amount}：{relation}",
    ),
    "percent of": (" ({percent})", "（{percent}）"),
    "smaller": ("smaller", "较小"),
    "larger": ("larger", "较大"),
    "same": ("equal", "相等"),
    "everywhere": ("{relation} for every {symbols} ≥ 1", "对任意{symbols} ≥ 1均{relation}"),
    "from": ("{relation} for every {symbol} ≥ {first}", "{symbol} ≥ {first}时{relation}"),
    "up to": ("{relation} for {symbol} ≤ {last}", "{symbol} ≤ {last}时{relation}"),
    "at one": ("{relation} for {symbol} = {first}", "{symbol} = {first}时{relation}"),
    "within": ("{relation} for {symbol} from {first} to {last}", "{symbol}从{first}到{last}时{relation}"),
    "undecided": ("which is smaller depends on {symbols}", "大小取决于{symbols}"),
    # Edits.
    "edit": ("edit", "改动"),
    "field": ("field", "感受野"),
    "inserted": ("inserted: {what}", "新增：{what}"),
    "removed": ("removed: {what}", "删除：{what}"),
    "changed": ("{op} {changes} in {places}", "{places}的{op}：{changes}"),
    "operator changed": ("{old} becomes {new} in {places}", "{places}：{old}改为{new}"),
    "moved": (
        "{attribute} {value} moves from {source} to {target}{places}",
        "{attribute} {value}由{source}移至{target}{places}",
    ),
    "moved in": (" in {places}", "（{places}）"),
    "moved also": ("{move}; {changes}", "{move}；{changes}"),
    "an input": ("input {name} {size}", "输入{name} {size}"),
    "input": ("input {old} becomes {new}", "输入由{old}改为{new}"),
    "named input": ("input {name} {old} becomes {new}", "输入{name}由{old}改为{new}"),
    "path": (
        "no edit: other layers, or another position, set the field",
        "非改动：感受野改由其他层或其他位置决定",
    ),
    "counted": ("{count} x {what}", "{count} x {what}"),
    "of places": ("{what} ({places})", "{what}（{places}）"),
    "and more": ("{names} and {count} more", "{names}等共{total}处"),
    "and": (" and ", "和"),
    "comma": (", ", "、"),
    "to": ("{first} … {last}", "{first} … {last}"),
    "own": ("its own", "自有"),
    "reads": ("reads", "读取"),
    "weights": ("weights", "权重"),
    "scaled": ("{attribute} x {factor} ({values})", "{attribute} x {factor}（{values}）"),
    "smaller edits": ("{count} smaller edits", "其余{count}项较小的改动"),
    # Layers.
    "change": ("change", "变化"),
    "number": ("edit", "改动"),
    "layer of": ("layer in {letter}", "{letter}中的层"),
    "kind inserted": ("inserted", "新增"),
    "kind removed": ("removed", "删除"),
    "kind changed": ("changed", "改变"),
    "kind resized": ("resized", "尺寸变"),
    "equal layers": ("… {count} equal", "… {count}层相同"),
    "layers of block": ("{label} ({count} layers)", "{label}（{count}层）"),
    "like": ("… {count} like {name}", "… {count}处同{name}"),
    "one like": ("… like {name}", "… 同{name}"),
    # Notes.
    "order note": (
        "edits apply in this order; each is charged with all that changes by it, in the layers behind it too",
        "各项改动依次进行；每项计入其引起的全部变化，包括其后各层",
    ),
    "field note": (
        "field: differences of (f − 1) x stride along the layers that set the receptive field",
        "感受野：决定感受野的各层之(f − 1) x 步长的差",
    ),
    "no field": (
        "field ?: one of the two is not known, only bounded, or everything",
        "感受野为?：其一未知、仅有上界或覆盖全部输入",
    ),
    "field at": (
        "the receptive field is that of the last layer before the map collapses: {layers}",
        "感受野取自特征图收缩前的最后一层：{layers}",
    ),
    "layer of networks": ("{layer} ({networks})", "{layer}（{networks}）"),
    "depth note": (
        "depth: the most weighted layers, convolutions and fully connected ones, on one path to an output",
        "深度：通往输出的一条路径上含权重的层（卷积层与全连接层）的最大数目",
    ),
    "unknown": ("?: figures of some layers of {networks} are not known", "?：{networks}中部分层的数值未知"),
    "resized note": (
        "resized: the layer itself is the same; edits before it change the sizes it works on",
        "尺寸变：层本身未变，其前的改动使其处理的尺寸改变",
    ),
    "folded note": (
        "equal layers and whole blocks are folded; {all} shows every layer",
        "相同的层与整块已折叠；{all}逐层列出",
    ),
    "unaligned": (
        "{count} layers have no counterpart since the networks are too different to look for one",
        "{count}层未对应：两网络差异过大，未逐层匹配",
    ),
}

# What became of a layer, by its word in every language.
CHANGES = {
    word: kind for kind in ("inserted", "removed", "changed", "resized") for word in _WORDS[f"kind {kind}"]
}

_VOCABULARY = Vocabulary(_WORDS)
say, listed_in = _VOCABULARY.say, _VOCABULARY.listed
