"""Why something is not known, in Chinese: analyses give reasons as the ends of English sentences."""

from __future__ import annotations

import re
from functools import cache

# A blank stands for a name or a number.
CHINESE: dict[str, str] = {
    "a global path carries a share of it that is not known": "全局路径所占份额未知",
    "branches meet, and a global path carries a share of one that is not known": (
        "分支汇合，而其中全局路径所占份额未知"
    ),
    "a map has a symbolic size": "特征图大小含符号",
    "a map spans more than {} positions": "特征图跨越的位置多于{}",
    "a vector stands beside a map of one position": "向量与仅有一个位置的特征图并列",
    "all of it is seen by a global path": "全部由全局路径可见",
    "an axis has too many positions for a row of each": "某轴的位置过多，无法逐一列出",
    "axes are taken apart or put together": "轴被拆分或合并",
    "branches meet, and it is not stated how much of the gradient {} passes on": (
        "分支汇合，而{}传递的梯度份额未给出"
    ),
    "branches that advance at different rates meet": "步长不同的分支汇合",
    "branches that advance at different rates meet on a map of symbolic size": (
        "步长不同的分支汇合于大小含符号的特征图"
    ),
    "branches that advance at different rates meet on a map of {} positions": (
        "步长不同的分支汇合于有{}个位置的特征图"
    ),
    "branches that advance at different rates meet, and not all see something": (
        "步长不同的分支汇合，且并非每支均有所见"
    ),
    "channels of what has seen everything become positions": "已见全部者的通道变为位置",
    "each channel of a layer reads those beside it": "层的各通道读取相邻通道",
    "each position of a layer reads some of the channels": "层的各位置只读取部分通道",
    "following it position by position needs more than {} positions of a map": "逐位置追踪所需的位置多于{}",
    "following it position by position takes too long": "逐位置追踪耗时过长",
    "how its weights are spread over their taps is not stated": "其权重在各抽头上的分布未给出",
    "how much of the energy {} passes on is not known": "{}传递的能量份额未知",
    "it does not say which positions it reads": "未说明读取哪些位置",
    "it has too many phases to follow": "相位过多，无法追踪",
    "it is not known what it reads": "读取的内容未知",
    "it reads along an axis that is several put together": "沿由多轴合并而成的轴读取",
    "it spans more than 2^63 positions of the input": "跨越的输入位置多于2^63",
    "its channels do not all run along the same axes": "其各通道所沿的轴不尽相同",
    "its operands run along different axes": "其各输入所沿的轴不同",
    "its units see nothing": "其单元均无所见",
    "maps that see different positions stand one behind the other": "所见位置不同的特征图前后相接",
    "maps that stand one behind the other do not see the same": "前后相接的特征图所见不同",
    "only a bound of the field is known": "只知感受野的上界",
    "positions that are listed lie on an axis that is taken apart": "逐一列出的位置在被拆分的轴上",
    "some channels are read of those that do not all see alike": "各通道所见不同，而只读取其中一部分",
    "the energies of this network are too many to be added": "此网络的能量过多，无法相加",
    "the field is not known": "感受野未知",
    "the map it covers has a symbolic size": "所覆盖的特征图大小含符号",
    "the network has too many units": "网络的单元过多",
    "the positions it reads depend on the data": "读取的位置取决于数据",
    "the positions that are read depend on the data": "读取的位置取决于数据",
    "the units span more than {} positions": "各单元跨越的位置多于{}",
    "two axes of the input run along one": "输入的两轴沿同一轴",
    "units that stand along an axis of no input read nothing": "沿非输入轴的单元不读取任何位置",
    "what its units see is no union of few products of positions along each axis": (
        "各单元所见并非少数逐轴位置之积的并集"
    ),
    "which channels a layer reads is not known": "层读取哪些通道未知",
    "which positions it reads depends on a symbol": "读取哪些位置取决于符号",
    "{} does not depend on the input": "{}与输入无关",
    "{} does not say which positions it reads": "{}未说明读取哪些位置",
    "{} makes two axes of one": "{}将一轴变为两轴",
    "{} reads all positions with weights that are not known": "{}以未知权重读取全部位置",
    # Why there is no picture.
    "{} has symbols": "{}含符号",
    "{} has a symbolic size": "{}的大小含符号",
}


def chinese_reason(reason: str) -> str:
    """A reason in Chinese; as it is where there are no words for it."""
    if reason in CHINESE:
        return CHINESE[reason]
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(reason):
            return chinese.format(found[1])
    return reason


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    blank = re.escape("{}")
    return tuple(
        (re.compile(re.escape(english).replace(blank, "(.+)"), re.DOTALL), chinese)
        for english, chinese in CHINESE.items()
        if "{}" in english
    )
