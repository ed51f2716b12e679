"""Runs networks whole and tile by tile with PyTorch; run by its Python, it reads cases and prints what
differs.

A case has the layers of a network as `rfcalc --format json` prints them, at the size of the image and at that
of a tile, and where the tiles lie, as `rfcalc tile --format json` prints it.  All numbers are small whole
numbers in double precision, so that sums are exact and outputs are equal or not.
"""

import json
import sys
from itertools import product
from zlib import crc32

import torch
from torch.nn import functional as F  # noqa: N812 - as everybody calls it


def whole_numbers(shape, name):
    made = torch.Generator().manual_seed(crc32(name.encode()))
    return torch.randint(-2, 3, tuple(shape), generator=made).double()


def padded(x, padding, mode="zeros"):
    """Pads each axis before and after; negative amounts crop."""
    flat = [amount for pair in reversed(padding) for amount in pair]
    if not any(flat):
        return x
    if mode == "zeros":
        return F.pad(x, flat)
    return F.pad(x, flat, mode=mode)


def cut(x, sizes):
    """The middle of a map."""
    for axis, size in enumerate(sizes, 2):
        x = x.narrow(axis, (x.shape[axis] - size) // 2, size)
    return x


def carried_out(layer, operands):
    op, args, name = layer["op"], layer["args"], layer["name"]
    x = operands[0]
    rank = x.ndim - 2
    if op in ("conv", "dwconv"):
        groups = x.shape[1] if op == "dwconv" else args["groups"]
        made = x.shape[1] * args["multiplier"] if op == "dwconv" else args["out_channels"]
        weight = whole_numbers((made, x.shape[1] // groups, *args["kernel"]), name)
        bias = whole_numbers((made,), name + ".bias")
        x = padded(x, args["padding"], args["padding_mode"])
        run = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
        return torch.remainder(run(x, weight, bias, args["stride"], 0, args["dilation"], groups), 1009.0)
    if op == "deconv":
        assert all(before == after for before, after in args["padding"])
        padding = [before for before, _ in args["padding"]]
        weight = whole_numbers((x.shape[1], args["out_channels"], *args["kernel"]), name)
        run = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[rank - 1]
        found = run(x, weight, None, args["stride"], padding, args["output_padding"], 1, args["dilation"])
        return torch.remainder(found + 1.0, 1009.0)
    if op == "maxpool":
        run = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]
        padding = [before for before, _ in args["padding"]]
        return run(x, args["kernel"], args["stride"], padding, args["dilation"], args["ceil"])
    if op == "avgpool":
        return (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[rank - 1](x, args["kernel"], args["stride"])
    if op == "upsample":
        # Where a size is given, the factor follows from it, as it does of the whole image.
        mode = args["mode"] if args["mode"] == "nearest" else ("linear", "bilinear", "trilinear")[rank - 1]
        corners = None if mode == "nearest" else args["align_corners"]
        return F.interpolate(x, size=layer["output"][:-1], mode=mode, align_corners=corners)
    if op == "pad":
        return padded(x, args["padding"], args["mode"])
    if op == "relu":
        return torch.relu(x - 300.0)
    return {
        "pixelshuffle": lambda: F.pixel_shuffle(x, args["factor"]),
        "pixelunshuffle": lambda: F.pixel_unshuffle(x, args["factor"]),
        "concat": lambda: torch.cat(operands, 1),
        "add": lambda: torch.remainder(sum(operands), 1009.0),
        "max": lambda: torch.stack(operands).amax(0),
        "crop": lambda: cut(x, layer["output"][:-1]),
        "bn": lambda: x,
        "identity": lambda: x,
    }[op]()


def outputs_of(layers, names, image):
    values = {"input": image}
    for layer in layers:
        found = carried_out(layer, [values[name] for name in layer["reads"]])
        assert list(found.shape[2:]) == layer["output"][:-1], (layer["name"], found.shape, layer["output"])
        values[layer["name"]] = found
    return [values[name] for name in names]


def differing(case):
    """The positions of all outputs that differ, and whether one unit more of an inner tile would."""
    image = whole_numbers((1, case["channels"], *case["image"]), "image")
    whole = outputs_of(case["whole"], case["outputs"], image)
    put_together = [torch.full_like(each, float("nan")) for each in whole]
    along = case["along"]
    needless = []
    for places in product(*(range(len(axis["places"])) for axis in along)):
        chosen = [axis["places"][place] for axis, place in zip(along, places, strict=True)]
        crop = image[(..., *(slice(each["begin"], each["end"]) for each in chosen))]
        found = outputs_of(case["tile"], case["outputs"], crop)
        for number, part in enumerate(found):
            sides = [each["outputs"][number] for each in chosen]
            source = (..., *(slice(side["from"], side["to"]) for side in sides))
            target = (..., *(slice(side["begin"], side["end"]) for side in sides))
            assert put_together[number][target].isnan().all(), "two tiles give the same output"
            put_together[number][target] = part[source]
            for axis, (place, side) in enumerate(zip(places, sides, strict=True)):
                # The unit before those that are kept, and the one behind all that are exact.
                first, end = case["exact"][axis][number]
                moved = side["begin"] - side["from"]
                inner = 0 < place < len(along[axis]["places"]) - 1
                for unit in (first - 1, end):
                    if not (inner and 0 <= unit < part.shape[axis + 2]):
                        continue
                    others = [each for number_of, each in enumerate(sides) if number_of != axis]
                    here = part.select(axis + 2, unit)
                    there = whole[number].select(axis + 2, unit + moved)
                    here = here[(..., *(slice(each["from"], each["to"]) for each in others))]
                    there = there[(..., *(slice(each["begin"], each["end"]) for each in others))]
                    # Of a few numbers all may be equal by chance.
                    if here.numel() > 16 and torch.equal(here, there):
                        needless.append([axis, number, unit])
    wrong = [int((one != two).sum()) for one, two in zip(put_together, whole, strict=True)]
    return {"wrong": wrong, "compared": [each.numel() for each in whole], "needless": needless}


print(json.dumps([differing(case) for case in json.load(sys.stdin)]))
