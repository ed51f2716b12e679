"""The registry of the figures of receptive fields, with their names and meanings."""

from __future__ import annotations

from collections.abc import Callable

from rfcalc.analysis.field_values import (
    AxisView,
    FieldFigure,
    Span,
    Words,
    centre,
    centre_offset,
    effective_coverage,
    effective_field,
    effective_padding,
    effective_ratio,
    effective_sigma,
    effective_stride,
    holes,
    local_field,
    lookahead,
    mean_centre,
    phases,
    receptive_field,
    strict_field,
)


def _figure(
    value: Callable[[AxisView], Span],
    title: str,
    about: str,
    heading: Words | None = None,
    column: str = "",
    *,
    lasting: bool = False,
    share: bool = False,
) -> FieldFigure:
    """A figure called like the function of its value, whose docstring is its meaning; words in Chinese."""
    name = value.__name__
    meaning = " ".join((value.__doc__ or "").split())
    return FieldFigure(
        name,
        (name.replace("_", " "), title),
        (meaning, about),
        value,
        heading,
        column,
        share=share,
        lasting=lasting,
    )


FIELD_FIGURES = (
    _figure(receptive_field, "感受野", "理论感受野：单元所依赖的全部输入像素的范围。", lasting=True),
    _figure(
        effective_stride,
        "有效步长",
        "有效步长：相邻单元的感受野在输入上的间距。",
        ("stride", "步长"),
        "stride",
        lasting=True,
    ),
    _figure(
        effective_padding,
        "有效填充",
        "有效填充：0号单元的感受野超出输入边缘的像素数。",
        ("padding", "填充"),
        "padding",
    ),
    _figure(centre, "中心", "0号单元感受野的中心（输入坐标，0号像素位于0）。"),
    _figure(mean_centre, "平均中心", "假定各单元间距均匀时0号单元感受野的中心（对各相位取均值）。"),
    _figure(centre_offset, "中心偏移", "全部单元感受野中心的均值与输入中点之差；负值偏向起始端。"),
    _figure(holes, "空洞", "感受野范围内未被依赖的位置数（如空洞卷积所致）。"),
    _figure(phases, "相位数", "感受野形状的重复周期（上采样所致）。"),
    _figure(local_field, "局部感受野", "不计全局路径的感受野大小。", column="local", lasting=True),
    _figure(
        strict_field,
        "严格感受野",
        "计入全部路径时单元所见的最大范围（有全局路径时以输入为限）。",
        column="strict",
        lasting=True,
    ),
    _figure(
        lookahead,
        "前瞻",
        "单元所见的最后位置减去其自身位置（单元序号乘步长）；不大于0为因果。",
        ("look-ahead", "前瞻"),
        lasting=True,
    ),
    _figure(effective_field, "有效感受野", "训练前的有效感受野：占单元梯度平方95%的位置数。", lasting=True),
    _figure(effective_sigma, "有效感受野标准差", "有效感受野的标准差（位置数，取两位小数）。", lasting=True),
    _figure(
        effective_ratio,
        "有效感受野占比",
        "训练前的有效感受野占理论感受野的比例。",
        ("effective / field %", "有效占比%"),
        share=True,
    ),
    _figure(
        effective_coverage,
        "有效感受野覆盖率",
        "训练前的有效感受野占输入的比例。",
        ("effective / input %", "有效覆盖%"),
        share=True,
    ),
)
