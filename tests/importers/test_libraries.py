"""Networks of torchvision and timm, recorded as they run, where a matching pair of them is installed.

The values are the sum of `model.parameters()` and half of what `torch.utils.flop_counter` counts on the meta
device, in PyTorch 2.14.1 with torchvision 0.29.1.
"""

from __future__ import annotations

import subprocess

import pytest

from rfcalc.importers.torch.capture import capture
from rfcalc.importers.writing.flat import flat
from rfcalc.library import analyze, read_text

MEASURED = {
    ("torchvision", "vit_b_16"): (86_567_656, 17_563_828_224),
    ("torchvision", "swin_t"): (28_288_354, 4_490_566_656),
    ("torchvision", "maxvit_t"): (30_919_624, 5_558_046_720),
    ("torchvision", "convnext_tiny"): (28_589_128, 4_455_531_264),
    ("torchvision", "densenet121"): (7_978_856, 2_834_161_664),
    ("torchvision", "mnasnet0_5"): (2_218_512, 104_455_968),
    ("timm", "vit_tiny_patch16_224"): (5_717_416, 1_253_683_200),
    ("timm", "swin_tiny_patch4_window7_224"): (28_288_354, 4_490_566_656),
    ("timm", "convnext_tiny"): (28_589_128, 4_455_531_264),
    ("timm", "mobilevit_s"): (5_578_632, 2_000_831_488),
    ("timm", "pvt_v2_b0"): (3_666_760, 566_065_664),
    ("timm", "coatnet_0_rw_224"): (27_435_562, 4_406_300_928),
    ("timm", "crossvit_9_240"): (8_553_296, 1_840_796_160),
    ("timm", "davit_tiny"): (28_360_168, 4_521_801_216),
    ("timm", "focalnet_tiny_srf"): (28_427_116, 4_403_335_680),
    ("timm", "hrnet_w18_small"): (13_187_464, 1_601_508_352),
    ("timm", "dla34"): (15_742_104, 3_060_043_776),
    ("timm", "dpn68"): (12_611_602, 2_326_163_456),
    ("timm", "nfnet_f0"): (71_489_272, 6_977_003_520),
    ("timm", "resnest14d"): (10_611_688, 2_749_405_184),
    ("timm", "skresnet18"): (11_958_056, 1_814_337_536),
    ("timm", "ecaresnet26t"): (16_011_916, 3_330_405_888),
    ("timm", "res2net50_26w_4s"): (25_699_120, 4_255_166_464),
    ("timm", "xcit_nano_12_p16_224"): (3_053_224, 550_952_448),
    ("timm", "volo_d1_224"): (26_632_040, 6_918_741_504),
    ("timm", "twins_pcpvt_small"): (24_106_216, 3_809_459_968),
    ("timm", "edgenext_xx_small"): (1_327_216, 257_905_088),
    ("timm", "poolformer_s12"): (11_915_176, 1_812_267_008),
    ("timm", "gmlp_s16_224"): (19_422_656, 4_392_060_928),
    ("timm", "regnety_002"): (3_162_996, 199_514_080),
    ("timm", "ghostnet_100"): (5_182_508, 141_150_512),
    ("timm", "tf_efficientnet_b0"): (5_288_548, 385_814_752),
}
# Those that are not made for 224 by 224 pixels.
SIZES = {
    "crossvit_9_240": 240,
    "nfnet_f0": 192,
    "mobilevit_s": 256,
    "ecaresnet26t": 256,
    "edgenext_xx_small": 256,
}


@pytest.fixture(scope="module")
def zoo_python(torch_python: str) -> str:
    found = subprocess.run([torch_python, "-c", "import timm, torchvision"], capture_output=True, check=False)
    if found.returncode:
        pytest.skip("torchvision and timm that fit PyTorch are not installed")
    return torch_python


@pytest.mark.parametrize(("library", "name"), MEASURED)
def test_a_network_of_a_library_has_the_counts_measured_there(
    library: str, name: str, zoo_python: str
) -> None:
    size = SIZES.get(name, 224)
    target, settings = f"torchvision.models:{name}", {}
    if library == "timm":
        target, settings = "timm:create_model", {"model_name": name}
    network = capture(target, settings, {"": (size, size, 3)}, zoo_python)
    totals = analyze(read_text(flat(network).text)).totals
    assert (totals.params, totals.macs) == MEASURED[library, name]
