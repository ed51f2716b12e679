"""Small models of Ultralytics in which every kind of module stands once, for files that are damaged."""

from __future__ import annotations

# Rows that may stand behind maps of 32 and 64 channels, some at a time.
_INNER = (
    ("Conv, [128]", "PSA, [128]", "C2PSA, [128]", "C2fPSA, [128]", "AIFI, [64, 4]"),
    ("DWConv, [64, 3, 1]", "GhostConv, [64, 3, 1]", "GhostBottleneck, [64]", "ConvTranspose, [64, 3, 1, 1]"),
    ("nn.ConvTranspose2d, [64, 4, 2, 1]", "AConv, [64]", "ADown, [64]", "SCDown, [64, 3, 2]"),
    ("CBLinear, [[32, 64]]", "Index, [64]", "SPPELAN, [64, 32]", "RepNCSPELAN4, [64, 32, 16, 1]"),
    ("HGStem, [16, 32]", "HGBlock, [16, 64, 3, True, True]", "ResNetLayer, [64, 16, 1, False, 2]"),
    ("C3, [64, False]", "C3x, [64]", "C3TR, [64]", "C3Ghost, [64]", "BottleneckCSP, [64]"),
    ("C2, [64]", "C3k2, [64, True]", "C2fCIB, [64, True, True]", "RepC3, [64]", "ELAN1, [64, 32, 16]"),
    ("A2C2f, [64, True, 4]", "SPP, [64, [5, 9]]", "nn.MaxPool2d, [3, 2, 1]", "nn.AvgPool2d, [2, 2]"),
    ("nn.ZeroPad2d, [[0, 1, 0, 1]]", "nn.BatchNorm2d, []", "nn.Dropout, [0.1]", "nn.LeakyReLU, [0.1]"),
    ("C3k2, [64, False, 0.25, True]", "A2C2f, [64, False, -1]", "Bottleneck, [64, True, 2]", "C1, [64]"),
)
_HEADS = (
    "Detect, [nc]",
    "v10Detect, [nc]",
    "OBB, [nc, 1]",
    "Pose, [nc, kpt_shape]",
    "Pose26, [nc, kpt_shape]",
    "Segment, [nc, 32, 64]",
    "Segment26, [nc, 32, 64]",
    "RTDETRDecoder, [nc, 64, 30, 2, 4, 2, 64]",
    "Depth, [64]",
    "SemanticSegment, [nc]",
)
_HEAD = """\
head:
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 1], 1, Concat, [1]]
  - [-1, 1, {stage}, [64]]
  - [-1, 1, Conv, [64, 3, 2]]
  - [[-1, 2], 1, Concat, [1]]
  - [-1, 1, Conv, [128, 1]]
  - [[-4, -1], 1, {head}]
"""
_KEYS = """\
nc: 4
kpt_shape: [5, 3]
scales: # [depth, width, max_channels]
  n: [0.50, 1.00, 512]
  s: [1.00, 0.50, 512]
"""
_OLD_KEYS = """\
nc: 3
depth_multiple: 0.33
width_multiple: 0.5
anchors:
  - [10,13, 16,30, 33,23]
  - [30,61, 62,45, 59,119]
"""
_BEGIN = (
    "backbone:\n  - [-1, 1, Conv, [32, 3, 2]]\n  - [-1, 1, Conv, [64, 3, 2]]\n  - [-1, 1, Conv, [64, 3, 2]]\n"
)


def _detector(place: int) -> str:
    """Its own rows lie on both sides of the usual ones, so that the head reads what it always does."""
    wide = "PSA" in _INNER[place][1]
    rows = "".join(
        f"  - [{-1 if wide and number else 2}, 1, {row}]\n" for number, row in enumerate(_INNER[place])
    )
    last = f"  - [2, {1 + place % 3}, {'C3' if place == 5 else 'C2f'}, [64, True]]\n"
    head = "Detect, [nc, anchors]" if place == 5 else _HEADS[place]
    body = _BEGIN + rows + last + _HEAD.format(stage="C3" if place == 5 else "C2f", head=head)
    return (_OLD_KEYS if place == 5 else _KEYS) + body


_FUSED = """\
nc: 4
backbone:
  - [-1, 1, nn.Identity, []]
  - [-1, 1, Conv, [64, 3, 2]]
  - [1, 1, CBLinear, [[32, 64]]]
  - [0, 1, Conv, [64, 3, 2]]
  - [[2, -1], 1, CBFuse, [[1]]]
head:
  - [-1, 1, Classify, [nc]]
"""
_TORCHVISION = """\
nc: 10
backbone:
  - [-1, 1, TorchVision, [512, resnet18, DEFAULT, True, 2]]
head:
  - [-1, 1, Classify, [nc]]
"""
_OLD = """\
nc: 3
depth_multiple: 1.0
width_multiple: 0.5
anchors: 3
backbone:
  - [-1, 1, Focus, [32, 3]]
  - [-1, 1, Contract, [2]]
  - [-1, 1, Expand, [2]]
  - [-1, 1, CrossConv, [64, 3, 1]]
  - [-1, 1, MixConv2d, [64, [1, 3]]]
  - [-1, 1, C3SPP, [64, [5, 9]]]
  - [-1, 1, DWConvTranspose2d, [64, 2, 2]]
head:
  - [[-1], 1, Segment, [nc, anchors, 16, 32]]
"""
DETECTORS = [*map(_detector, range(len(_INNER))), _FUSED, _TORCHVISION, _OLD]
MODULES = sorted(
    {row.partition(",")[0] for rows in _INNER for row in rows}
    | {head.partition(",")[0] for head in _HEADS}
    | set(
        "Conv C2f Concat CBFuse Classify SPPF Focus Contract Expand CrossConv MixConv2d TorchVision".split()
    )
    | {"WorldDetect", "nn.Upsample", "nn.Identity", "nn.AdaptiveAvgPool2d", "nn.SiLU", "OBB26"}
)
