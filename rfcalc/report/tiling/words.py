"""The words of tiles in English and Chinese."""

from __future__ import annotations

from rfcalc.analysis.tiling.translation import ObstacleKind
from rfcalc.report.words import Vocabulary

# Why a layer of a tile is not that part of the layer of the image: the end of a message.
OBSTACLES: dict[ObstacleKind, str] = {
    "global": "each unit sees the whole image",
    "circular": "its padding joins the two ends of the image",
    "resized": "which positions it reads depends on the size of the image",
    "positions": "what it adds or has learned depends on the position in the image",
    "rates": "branches that advance at different rates meet",
    "apart": "axes of the image are taken apart",
    "data": "the positions it reads depend on the data",
    "unknown": "it does not say which positions it reads",
}

_WORDS: dict[str, tuple[str, str]] = {
    "facts title": ("{network} in tiles: image {image}", "{network}分块运行：图像{image}"),
    "plan title": ("{count} tiles of {size}", "{count}块，每块{size}"),
    "plan of one": ("one tile: the whole image", "仅一块：整幅图像"),
    "options title": ("tiles of several sizes", "若干分块大小"),
    # Columns.
    "axis": ("axis", "轴"),
    "output": ("output", "输出"),
    "image": ("image", "图像"),
    "halo_before": ("halo before", "前方外扩"),
    "halo_after": ("halo after", "后方外扩"),
    "left_out_before": ("left out before", "前端略去"),
    "left_out_after": ("left out after", "后端略去"),
    "step": ("step", "步进"),
    "overlap": ("overlap", "重叠"),
    "least": ("least tile", "最小块"),
    "tile": ("tile", "块"),
    "tiles": ("tiles", "块数"),
    "twice": ("computed twice %", "重复计算%"),
    "peak_activations": ("peak activations", "激活峰值"),
    "memory": ("peak memory", "内存峰值"),
    "place": ("tile no.", "块号"),
    "begins": ("begins", "起"),
    "ends": ("ends", "止"),
    "from": ("kept from", "保留自"),
    "first": ("output first", "输出起"),
    "last": ("output last", "输出止"),
    # Notes.
    "halo": (
        "halo: what a unit sees beyond its own place, the most over the phases; the place of a unit of a "
        "strided output is its block of positions",
        "外扩：单元在自身位置之外所见的位置数（取各相位最大值）；步长输出的单元，其位置为对应的一段位置",
    ),
    "at most": ("≤: a bound; less may do", "≤：仅为上界，可能更小"),
    "left out": (
        "left out: the output begins and ends so many positions inside the image, as padding is missing",
        "略去：因无填充，输出两端比图像各少这些位置",
    ),
    "step of": (
        "a tile begins at a multiple of the step, and is by a multiple of the step shorter than the image",
        "每块的起点为步进的倍数，其长度比图像短步进的若干倍",
    ),
    "one axis": ("axis {axes}", "轴{axes}"),
    "several axes": ("axes {axes}", "轴{axes}"),
    "places": (
        "{axes}: {number} tiles begin every {advance} from 0, the last at {last}; {shown}",
        "{axes}：{number}块自0起每隔{advance}一块，末块起于{last}；{shown}",
    ),
    "places of one": ("{axes}: one tile", "{axes}：一块"),
    "kept": (
        "of {output} one inside the image keeps {number} units from unit {start} on",
        "图像内部的块自{output}的{start}号单元起保留{number}个",
    ),
    "kept one": (
        "of its output one inside the image keeps {number} units from unit {start} on",
        "图像内部的块自输出的{start}号单元起保留{number}个",
    ),
    "largest": (
        "the largest tile that has room in {memory} is {largest}; as many of {size} overlap less",
        "{memory}容得下的最大块为{largest}；同样块数时{size}重叠较少",
    ),
    "largest itself": ("no larger tile has room in {memory}", "{memory}容不下更大的块"),
    "memory of": (
        "peak memory: bytes of parameters and peak activations ({formats}); frameworks need workspace too",
        "内存峰值：参数与激活峰值的字节数（{formats}）；框架另需工作区",
    ),
    "twice of": (
        "computed twice: the MACs of all tiles beyond those of the whole image, as a share of these",
        "重复计算：各块乘加数之和超出整幅图像的部分所占比例",
    ),
    "exact": (
        "exact: kept is what reads nothing of a tile's own padding; where the image ends, a tile is padded "
        "as the image is. But for rounding the outputs are those of the whole image",
        "精确：只保留未读到块自身填充的单元；在图像边缘，块与整幅图像同样填充。"
        "除浮点舍入外，输出与整幅图像一致",
    ),
    "ignored": (
        "not exact: left out are paths over the whole image, of {layers}",
        "并非精确：未计{layers}的全局路径",
    ),
    "and more": ("{first} and {count} more", "{first}等{count}个"),
    "proof halo": (
        "proved by sweeping back through the network: none sees past the halo, and with one position less "
        "some would",
        "经逐层回扫证明：所见皆不出外扩，若少一个位置则有超出",
    ),
    "proof tile": (
        "{axes}: proved likewise, of a tile's {length} positions what is kept sees {first} to {last}",
        "{axes}：同样证明，每块{length}个位置中，所保留者所见为{first}至{last}",
    ),
    "proof fails": (
        "the sweep does NOT find what was worked out: please report this network",
        "回扫结果与推算不符：请报告此网络",
    ),
    "no proof": ("not proved by sweeping back: {reason}", "未经回扫证明：{reason}"),
    "too short": (
        "{axes}: the image is too short to be tiled; all of a tile would be overlap",
        "{axes}：图像过短，无法分块；重叠将占满整块",
    ),
    "comma": (", ", "、"),
    "and": (" and ", "与"),
}

_VOCABULARY = Vocabulary(_WORDS)
say, listed_in = _VOCABULARY.say, _VOCABULARY.listed
