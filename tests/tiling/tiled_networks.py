"""Networks that are tiled in tests, as layers of one line each; and random ones."""

from __future__ import annotations

from random import Random


def unet(up: str, depth: int = 4, *, valid: bool = False, channels: int = 2) -> str:
    """Two 3x3 convolutions a level, and nothing behind the last of them."""
    conv = f"conv f=3{'' if valid else ' p=1'} d={channels}"
    lines = []
    for level in range(depth):
        lines += [conv, f"{conv} as e{level}", "maxpool f=2 s=2"]
    lines += [conv, conv]
    for level in reversed(range(depth)):
        lines.append(f"{up} as u{level}")
        skip = f"e{level}"
        if valid:
            skip = f"c{level}"
            lines.append(f"crop like=u{level} from=e{level} as {skip}")
        lines += [f"concat from={skip}+u{level}", conv, conv]
    return "; ".join(lines)


NEAREST = "upsample scale=2"
TRANSPOSED = "deconv f=3 s=2 p=1 output_padding=1 d=2"
# Name: layers, image, tile.
NETWORKS = {
    "u-net, nearest": (unet(NEAREST, 3), "200x208x2", "112x120"),
    "u-net, bilinear": (unet(f"{NEAREST} mode=bilinear", 2), "96x112x2", "64x64"),
    "u-net, transposed": (unet(TRANSPOSED, 3), "208x200x2", "128x136"),
    "u-net, 2x2 transposed": (unet("deconv f=2 s=2 d=2", 2), "96x100x2", "64x52"),
    "u-net of 2015": (unet("deconv f=2 s=2 d=2", 2, valid=True), "156x164x1", "60x76"),
    "strided encoder": (
        "conv f=7 s=2 p=3 d=2; conv f=3 s=2 p=1 d=2; conv f=3 s=2 p=1 d=2",
        "161x130x2",
        "57x58",
    ),
    "rest of divisions": (
        "conv f=3 p=1 d=2; maxpool f=2 s=2; conv f=3 p=1 d=2; maxpool f=2 s=2",
        "71x63x2",
        "39x31",
    ),
    "rounded up": (
        "conv f=3 p=1 d=8; maxpool f=3 s=2 ceil=yes; maxpool f=2 s=2 ceil=yes",
        "71x74x2",
        "31x38",
    ),
    "dilated": ("conv f=3 p=2 r=2 d=2; conv f=3 p=4 r=4 d=2; conv f=3 p=1 d=2", "70x50x2", "30x25"),
    "pixel shuffle": (
        "conv f=3 p=1 d=4 as a; conv f=3 p=1 d=4; conv f=3 p=1 d=4 as b; add from=a+b; conv f=3 p=1 d=8; "
        "pixelshuffle factor=2; conv f=3 p=1 d=1",
        "40x44x1",
        "20x17",
    ),
    "pixel unshuffle": (
        "pixelunshuffle factor=2; conv f=3 p=1 d=4; pixelshuffle factor=2",
        "40x44x1",
        "20x16",
    ),
    "reflection": (
        "conv f=5 p=2 padding_mode=reflect d=2; conv f=3 p=1 padding_mode=replicate d=2",
        "40x38x2",
        "20x17",
    ),
    "even kernels": ("conv f=4 s=2 p=1 d=2; conv f=2 d=2; deconv f=4 s=2 p=1 d=2", "60x62x2", "20x22"),
    "causal, one axis": (
        "conv f=2 p=1:0 d=2; conv f=2 p=2:0 r=2 d=2; conv f=2 p=4:0 r=4 d=2; conv f=2 p=8:0 r=8 d=2",
        "200x2",
        "40",
    ),
    "three axes": (unet("deconv f=2 s=2 d=2", 1), "36x40x38x1", "28x30x26"),
    "two heads": (
        "conv f=3 s=2 p=1 d=2 as p2; conv f=3 s=2 p=1 d=2 as p3; upsample scale=2 as u; "
        "add from=p2+u as out2; conv f=3 p=1 d=2 as out3",
        "96x80x2",
        "48x40",
    ),
    "one position left of a map": ("conv f=2 s=2 d=2; upsample scale=2; conv f=1 d=2", "20x22x2", "2x4"),
    "one position left, interpolated": (
        "conv f=3 s=2 p=1 d=2; conv f=3 s=2 p=1 d=2; upsample scale=4 mode=bilinear; conv f=3 p=1 d=2",
        "44x41x2",
        "20x17",
    ),
    "kernel past its stride": (
        "conv f=1 s=3 d=2; conv f=3 p=1 d=2; deconv f=2 s=3 output_padding=1 d=2",
        "61x64x2",
        "25x28",
    ),
}


def random_network(seed: int) -> tuple[str, int]:
    """A network that goes down and up again, and how much of its input it halves at most."""
    draw = Random(seed)
    lines = [f"conv f={draw.choice((1, 3, 5))} p=same d=2"]
    levels, skips = draw.randint(0, 3), []
    for level in range(levels):
        lines.append(f"conv f=3 p={draw.choice(('1', '2:0', '0:2', 'same'))} d=2 as e{level}")
        skips.append(f"e{level}")
        lines.append(draw.choice(("maxpool f=2 s=2", "conv f=3 s=2 p=1 d=2", "conv f=4 s=2 p=1 d=2")))
        lines.append(f"conv f=3 p=same r={draw.choice((1, 1, 2, 3))} d=2")
    for level in reversed(range(draw.randint(0, levels), levels)):
        up = draw.choice((NEAREST, f"{NEAREST} mode=bilinear", TRANSPOSED, "deconv f=4 s=2 p=1 d=2"))
        lines.append(f"{up} as u{level}")
        if draw.random() < 0.7:
            lines.append(f"concat from={skips[level]}+u{level}")
        lines.append(f"conv f={draw.choice((1, 3))} p=same d=2")
    if draw.random() < 0.3:
        lines += ["conv f=3 p=1 d=4", "pixelshuffle factor=2", "conv f=3 p=1 d=2"]
    return "; ".join(lines), 2**levels
