"""Receptive fields of published networks that take channels apart, or attend in windows."""

from __future__ import annotations

from itertools import chain

import pytest

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze, load, read_text


def _swin(depths: tuple[int, ...]) -> str:
    """Swin-T up to the end of a stage; windows in cyclically shifted places stand for shifted windows.

    Source: Liu et al. 2021.
    """

    def half(attention: str, width: int) -> str:
        return (
            f"{{add: [[], [ln, {attention}]]}}, "
            f"{{add: [[], [ln, conv f=1 d={4 * width}, gelu, conv f=1 d={width}]]}}"
        )

    text = "input: 896x896x3\nlayers:\n  - conv f=4 s=4 d=96\n  - ln\n"
    shifted = "pad p=4:3 mode=circular, attention window=7, crop p=4:3"
    for stage, depth in enumerate(depths):
        width = 96 * 2**stage
        if stage:
            text += f"  - pixelunshuffle factor=2\n  - ln\n  - conv f=1 d={width}\n"
        pair = f"{half('attention window=7', width)}, {half(shifted, width)}"
        text += f"  - repeat: {depth // 2}\n    do: [{pair}]\n"
    return text + "  - identity as end\n"


def _res2net50() -> str:
    """Res2Net-50, 26 channels by 4 parts.  Source: Gao et al. 2021."""
    lines = ["conv f=7 s=2 p=3 d=64", "maxpool f=3 s=2 p=1 as x0"]
    before = 0
    for stage, depth in enumerate((3, 4, 6, 3)):
        width, out = 26 * 2**stage, 256 * 2**stage
        for block in range(depth):
            stride = 2 if stage and not block else 1
            n = before + 1
            lines.append(f"conv f=1 d={4 * width} from=x{before} as w{n}")
            for part in range(3):
                lines.append(f"slice channels={part * width}:{(part + 1) * width} from=w{n} as s{n}_{part}")
                if block and part:
                    lines.append(f"{{add: [], from: s{n}_{part}+y{n}_{part - 1}}}")
                lines.append(f"conv f=3 s={stride} p=1 d={width} as y{n}_{part}")
            lines.append(f"slice channels={3 * width}:{4 * width} from=w{n} as y{n}_3")
            if not block:
                lines[-1] = lines[-1].replace(f"as y{n}_3", "").rstrip()
                lines.append(f"avgpool f=3 s={stride} p=1 as y{n}_3")
            lines.append(f"{{concat: [], from: y{n}_0+y{n}_1+y{n}_2+y{n}_3}}")
            lines.append(f"conv f=1 d={out} as z{n}")
            short = f"x{before}"
            if not block:
                lines.append(f"conv f=1 s={stride} d={out} from={short} as short{n}")
                short = f"short{n}"
            lines.append(f"{{add: [], from: z{n}+{short}, as: x{n}}}")
            before = n
    return "input: 224x224x3\nlayers:\n" + "".join(f"  - {line}\n" for line in lines)


def _cspdarknet53() -> str:
    """CSPDarknet-53, whose stages work on half of their channels.  Source: Wang et al. 2020."""
    lines = ["conv f=3 p=1 d=32 as end0"]
    for stage, depth in enumerate((1, 2, 8, 8, 4), start=1):
        width = 32 * 2**stage
        lines += [
            f"conv f=3 s=2 p=1 d={width}",
            f"conv f=1 d={2 * width} as both{stage}",
            f"slice channels=0:{width} as kept{stage}",
            f"slice channels={width}:{2 * width} from=both{stage}",
        ]
        block = f"{{add: [[], [conv f=1 d={width // 2}, conv f=3 p=1 d={width}]]}}"
        lines += [
            *chain([block] * depth),
            f"conv f=1 d={width} as worked{stage}",
            f"{{concat: [], from: kept{stage}+worked{stage}}}",
            f"conv f=1 d={width} as end{stage}",
        ]
    return "input: 256x256x3\nlayers:\n" + "".join(f"  - {line}\n" for line in lines)


def _statuses(analysis: NetworkAnalysis) -> set[str]:
    return {axis.status for layer in analysis.layers for axes in layer.field.inputs for axis in axes or ()}


@pytest.mark.parametrize(
    ("text", "size", "stride"), [(_res2net50(), 1131, 32), (_cspdarknet53(), 725, 32)], ids=["res2net", "csp"]
)
def test_parts_of_the_channels_are_followed_exactly(text: str, size: int, stride: int) -> None:
    analysis = analyze(read_text(text))
    (axes,) = analysis.layers[-1].field.inputs
    assert axes is not None
    assert [(axis.size, axis.stride, axis.status) for axis in axes] == [((size, size), stride, "exact")] * 2
    assert _statuses(analysis) == {"exact"}


def test_shufflenet_v2_is_followed_exactly() -> None:
    assert _statuses(analyze(load("shufflenet-v2-x1.0"))) == {"exact"}


def test_shifted_windows_see_840_of_which_half_lies_inside_at_a_corner() -> None:
    (axes,) = analyze(read_text(_swin((2, 2, 6)))).layer("end").field.inputs
    assert axes is not None
    for axis in axes:
        assert (axis.size, axis.stride, axis.status) == ((840, 840), 16, "exact")
        first = axis.offsets[0]
        assert first is not None
        # Of the unit in the corner, what lies inside the image.
        assert first + 840 == 420
        middle = axis.offsets[28 % axis.phases]
        assert middle is not None
        start = middle + 28 // axis.phases * axis.phases * 16
        assert start >= 0
        assert start + 840 <= 896
