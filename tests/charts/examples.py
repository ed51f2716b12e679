"""Charts made by hand, of every kind of mark, that the tests of all renderers draw."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rfcalc.report.chart import Caption, Cells, Chart, Curve, Guide, Panel, Polygon, Scale, box

_DEPTH = Scale("layer", 0, 50, whole=True)


def curves() -> Chart:
    growing = tuple((float(depth), 3.0 + depth**1.5) for depth in range(51))
    slower = tuple((float(depth), 3.0 + 4 * depth) for depth in range(51))
    return Chart(
        "Receptive fields of two networks",
        (
            Panel(
                "",
                _DEPTH,
                Scale("field (positions)", 0, 400),
                (
                    Curve(growing, 0, "ResNet-18, theoretical"),
                    Curve(tuple((x, y / 2) for x, y in growing), 0, "ResNet-18, effective", "dashed"),
                    Curve(slower, 1, "VGG-16, theoretical", steps=True),
                    Curve(tuple((x, y / 3) for x, y in slower), 1, "VGG-16, effective", "dotted"),
                    Guide("y", 224, "input 224"),
                    Guide("y", 212, "input 212"),
                    Guide("x", 31, "field passes the input"),
                    Guide("x", 36, "strided"),
                ),
            ),
        ),
        "Both fields grow with depth; that of ResNet-18 passes the input of 224 at layer 36.",
        notes=("effective fields are those before training",),
    )


def logarithmic() -> Chart:
    sizes = [2**number for number in range(5, 11)]
    return Chart(
        "Cost against input size",
        (
            Panel(
                "multiply-adds",
                Scale(
                    "input size",
                    32,
                    1024,
                    logarithmic=True,
                    whole=True,
                    ticks=tuple((s, str(s)) for s in sizes),
                ),
                Scale("MACs", 1e6, 1e11, logarithmic=True),
                (Curve(tuple((float(s), 2e4 * s**2) for s in sizes), 0, "ResNet-18", dots=True),),
            ),
            Panel(
                "memory",
                Scale("input size", 32, 1024),
                Scale("bytes", 0, 2.5e8),
                (Curve(tuple((float(s), 200.0 * s**2) for s in sizes), 1, "VGG-16", "none"),),
            ),
        ),
        "Cost grows with the square of the size.",
        columns=2,
    )


def boxes() -> Chart:
    photo_like = [[float((row // 8 + column // 8) % 2) for column in range(64)] for row in range(64)]
    return Chart(
        "What a unit of pool5 sees",
        (
            Panel(
                "224 x 224 input",
                Scale("column", -50, 274),
                Scale("row", -50, 274),
                (
                    Polygon(box(0, 0, 224, 224), -1, "input"),
                    Polygon(box(-45, -45, 167, 167), 0, "theoretical field", "dashed"),
                    Polygon(box(0, 0, 122, 122), 1, "visible field", fill=0.25),
                    Caption("122 x 122", (61, 61)),
                ),
                square=True,
                downwards=True,
            ),
            Panel(
                "support with holes",
                Scale("column", 0, 64),
                Scale("row", 0, 64),
                (Cells(0, 0, photo_like, series=2, label="seen"),),
                square=True,
                downwards=True,
                framed=False,
            ),
        ),
        "The visible field is the part of the theoretical field within the input.",
        columns=2,
    )


def energy(size: int = 61) -> Chart:
    middle = (size - 1) / 2
    rows = [
        [math.exp(-((row - middle) ** 2 + (column - middle) ** 2) / (size * 2.0)) for column in range(size)]
        for row in range(size)
    ]
    return Chart(
        "Effective field of layer4",
        (
            Panel(
                "",
                Scale("column", 0, size, whole=True),
                Scale("row", 0, size, whole=True),
                (
                    Cells(0, 0, rows, label="share of the largest", scaled=True),
                    Polygon(box(size * 0.2, size * 0.2, size * 0.8, size * 0.8), 1, "95 % of the energy"),
                ),
                square=True,
                downwards=True,
            ),
        ),
        "A round spot in the middle.",
    )


def chinese() -> Chart:
    return curves()._replace(
        title="两个网络的感受野随深度的变化",
        panels=(
            Panel(
                "理论与有效感受野",
                Scale("层", 0, 50, whole=True),
                Scale("感受野（像素）", 0, 400),
                (
                    Curve(tuple((float(x), 8.0 * x) for x in range(51)), 0, "理论感受野"),
                    Curve(tuple((float(x), 4.0 * x) for x in range(51)), 1, "有效感受野"),
                    Guide("y", 224, "输入大小"),
                ),
            ),
        ),
        notes=("有效感受野为训练前的网络之值",),
        language="zh",
    )


def strip() -> Chart:
    panels = tuple(
        Panel(
            f"{name}: {2 * half + 1}",
            Scale("", 0, 32, bare=True),
            Scale("", 0, 32, bare=True),
            (
                Cells(0, 0, [[1.0] * 32] * 32, series=5),
                Cells(16 - half, 16 - half, [[1.0] * (2 * half)] * (2 * half), series=1, label="seen"),
                Polygon(box(0, 0, 32, 32), -1),
            ),
            square=True,
            downwards=True,
            framed=False,
        )
        for name, half in (("conv3", 1), ("conv2", 3), ("conv1", 7), ("input", 15))
    )
    return Chart("What a unit sees, layer by layer", panels, "Nested boxes.", columns=4)


def many() -> Chart:
    curves = tuple(
        Curve(
            tuple((x / 10, math.sin(x / 20 + number) + number) for x in range(200)),
            number,
            f"network number {number}",
        )
        for number in range(10)
    )
    return Chart("Ten series", (Panel("", Scale("x", 0, 20), Scale("y", -1, 11), curves),), "Ten waves.")


def odd() -> Mapping[str, Chart]:
    """Charts at the border of what there is to be drawn."""
    nan, inf = float("nan"), float("inf")
    unit = Scale("x", 0, 1)

    def of(*marks: object, x: Scale = unit, y: Scale = unit, square: bool = False) -> Chart:
        return Chart("odd", (Panel("", x, y, marks, square=square),), "odd")  # type: ignore[arg-type]

    noisy = tuple((number / 10_000, math.sin(number * 12.9898) / 2 + 0.5) for number in range(10_000))
    return {
        "no panels": Chart("nothing", (), "nothing"),
        "no marks": of(),
        "no title": Chart("", (Panel("", unit, unit, ()),), ""),
        "one point": of(Curve(((0.5, 0.5),), 0, "point")),
        "one value": of(Curve(((3.0, 3.0),), 0, "point"), x=Scale("x", 3, 3), y=Scale("y", 3, 3)),
        "not finite": of(Curve(((0, 0), (0.2, nan), (0.4, 0.4), (0.6, inf), (0.8, 0.8), (1, 1)), 0, "gaps")),
        "scale not finite": of(
            Curve(((0, 0), (1, 1)), 0, "line"), x=Scale("x", nan, inf), y=Scale("y", -inf, 5)
        ),
        "outside": of(
            Curve(((-5, -5), (5, 5)), 0, "through"), Polygon(box(-3, -3, 0.5, 0.5), 1, "corner", fill=0.3)
        ),
        "zero on a logarithm": of(
            Curve(((0, 0), (0.5, 0.5)), 0, "line"), x=Scale("x", 0.01, 1, logarithmic=True)
        ),
        "10,000 points": of(Curve(noisy, 0, "noise")),
        "no cells": of(Cells(0, 0, [], label="none"), Cells(0, 0, [[]], label="empty")),
        "cells not numbers": of(Cells(0, 0, [[nan, 0.5], [inf, -1]], 0.5, scaled=True, label="amount")),
        "flat and wide": of(x=Scale("x", 0, 10_000), y=Scale("y", 0, 1), square=True),
    }


def all_charts() -> dict[str, Chart]:
    named = {made.__name__: made() for made in (curves, logarithmic, boxes, energy, chinese, strip, many)}
    return named | dict(odd())
