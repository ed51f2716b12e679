"""Model files of Ultralytics in which something was changed at random."""

from __future__ import annotations

import random
import re

_TOKEN = re.compile(r"[\[\]:,-]|\n *")
_VALUE = re.compile(r"(?<=[\[ ])-?(?:\d+(?:\.\d+)?|[A-Za-z][\w.]*)(?=[\],\n])")
_VALUES = (
    "0 1 -1 -2 2 3 4 7 16 -99 99 1000000 99999999999999999 0.5 -0.25 1e308 .nan True False None null nc two "
    "[] [1] [-1,2] [0,1] [[1,2],[3]] {} 'x' nearest Conv C2f C3k2 Concat Detect CBLinear CBFuse A2C2f C2PSA "
    "PSA AIFI RTDETRDecoder HGBlock ResNetLayer TorchVision Index nn.Upsample nn.ZeroPad2d Segment Pose26 "
    "Segment26 Focus GhostConv C3TR SPP SPPF Classify Depth WorldDetect OBB v10Detect RepNCSPELAN4 C2fCIB "
    "nn.MaxPool2d anchors kpt_shape resnet18"
).split(" ")
_SIGNS = ("[", "]", ":", ",", "-", "?", "!", "&", "*", "#", "|", ">", "%", "@", "`", "é", "\t", "\0", " ")


def damaged(text: str, seed: int) -> str:
    """A text with some of its parts changed, taken away, moved or doubled."""
    choice = random.Random(seed)
    signs = choice.random() < 0.2
    for _ in range(choice.randint(1, 3)):
        text = _changed(text, choice, signs=signs)
    return text


def _changed(text: str, choice: random.Random, *, signs: bool) -> str:
    tokens = list((_TOKEN if signs else _VALUE).finditer(text))
    way = choice.random()
    if not tokens or way > 0.9:
        lines = text.split("\n")
        place = choice.randrange(len(lines))
        lines[place : place + choice.randrange(2)] = [choice.choice(lines)] * choice.randrange(2)
        return "\n".join(lines)
    one = choice.choice(tokens)
    part = choice.choice(tokens)[0] if way < 0.3 else choice.choice(_SIGNS if signs else _VALUES)
    return text[: one.start()] + part + text[one.end() :]
