"""How long plans for tiles take: `python benchmarks/tiling.py [NETWORK ...]`.

For each network the image, what has room in 2 GiB, and the seconds until halos, step, the largest tile, what
is computed twice and the proof are there.  Where PyTorch is installed, beside it stands what one run of two
convolutions on an image of 2048x2048 takes: trying sizes of tiles by hand needs many.
"""

from __future__ import annotations

import sys
from time import perf_counter

from rfcalc.description import leading_to
from rfcalc.library import analyze, load

# Names, the part that has positions, and images.
NETWORKS = {
    "unet": ("", "8204x8204x1"),
    "unet-3d": ("", "1004x1004x516x3"),
    "fcn-resnet50": ("", "8192x8192x3"),
    "yolov3": ("", "8192x8192x3"),
    "vgg16": ("conv5_3", "100000x100000x3"),
    "resnet152": ("layer4", "8192x8192x3"),
    "wavenet": ("", "1000000000x256"),
}
ROUNDS = 3


def main(names: tuple[str, ...]) -> None:
    """Print a row for each network."""
    print(f"Tiles for 2 GiB, least of {ROUNDS}\n")
    print(f"{'network':<14}{'image':>17}{'tile':>14}{'tiles':>10}{'twice':>9}{'proved':>8}{'seconds':>9}")
    for name in names:
        layer, image = NETWORKS[name]
        description = load(name)
        if layer:
            description = leading_to(description, [layer])
        network = analyze(description, input=image)
        spent = []
        for _ in range(ROUNDS):
            started = perf_counter()
            tiling = network.tile(memory="2GiB").tiling
            spent.append(perf_counter() - started)
        plan = tiling.chosen
        assert plan is not None
        tile, twice = "x".join(map(str, plan.lengths)), "?"
        if plan.macs_of_all is not None and plan.whole_macs:
            twice = f"{100 * plan.macs_of_all / plan.whole_macs - 100:.1f} %"
        shown = f"{name:<14}{image:>17}{tile:>14}{plan.number:>10,}{twice:>9}"
        print(f"{shown}{'yes' if tiling.proved else 'no':>8}{min(spent):>9.3f}")
    torch_run()


def torch_run() -> None:
    """One run of two convolutions by PyTorch, where it is installed."""
    try:
        import torch
    except ImportError:
        return
    layers = [torch.nn.Conv2d(1 if number == 0 else 64, 64, 3, padding=1) for number in range(2)]
    image = torch.ones(1, 1, 2048, 2048)
    started = perf_counter()
    with torch.no_grad():
        torch.nn.Sequential(*layers)(image)
    print(
        f"\nPyTorch, two 3x3 convolutions of 64 channels at 2048x2048: {perf_counter() - started:.2f} seconds"
    )


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or tuple(NETWORKS))
