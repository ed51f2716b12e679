"""Plans of nnU-Net in which something is wrong: what is changed in those that are right.

What is said of each stands in tests/data/nnunet/wrong.txt, which `python tests/importers/wrong_plans.py`
writes anew: read what has changed before it is committed, as it is evidence only as far as somebody thought
about it.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from rfcalc.errors import OF_OPTIONS, RfcalcError
from rfcalc.library import analyze, load

EXPECTED = Path(__file__).parents[1] / "data" / "nnunet" / "wrong.txt"

NEW = """\
{
  "dataset_name": "Dataset001_Small",
  "plans_name": "nnUNetPlans",
  "configurations": {
    "2d": {
      "patch_size": [64, 96],
      "normalization_schemes": ["ZScoreNormalization"],
      "architecture": {
        "network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
        "arch_kwargs": {
          "n_stages": 4,
          "features_per_stage": [32, 64, 128, 256],
          "conv_op": "torch.nn.modules.conv.Conv2d",
          "kernel_sizes": [[3, 3], [3, 3], [3, 3], [3, 3]],
          "strides": [[1, 1], [2, 2], [2, 2], [2, 2]],
          "n_conv_per_stage": [2, 2, 2, 2],
          "n_conv_per_stage_decoder": [2, 2, 2],
          "conv_bias": true,
          "norm_op": "torch.nn.modules.instancenorm.InstanceNorm2d",
          "norm_op_kwargs": {"eps": 1e-05, "affine": true},
          "dropout_op": null,
          "dropout_op_kwargs": null,
          "nonlin": "torch.nn.LeakyReLU",
          "nonlin_kwargs": {"inplace": true}
        },
        "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"]
      }
    },
    "2d_large": {"inherits_from": "2d", "patch_size": [128, 192]},
    "2d_cascade": {"inherits_from": "2d_large", "previous_stage": "2d"}
  }
}
"""
FLAT = """\
{
  "plans_name": "nnUNetPlans",
  "configurations": {
    "3d_fullres": {
      "patch_size": [32, 64, 64],
      "normalization_schemes": ["CTNormalization"],
      "UNet_class_name": "PlainConvUNet",
      "UNet_base_num_features": 32,
      "unet_max_num_features": 64,
      "n_conv_per_stage_encoder": [2, 2, 2],
      "n_conv_per_stage_decoder": [2, 2],
      "num_pool_per_axis": [1, 2, 2],
      "pool_op_kernel_sizes": [[1, 1, 1], [1, 2, 2], [2, 2, 2]],
      "conv_kernel_sizes": [[1, 3, 3], [3, 3, 3], [3, 3, 3]]
    }
  }
}
"""
DATASET = """\
{
  "channel_names": {"0": "MRI"},
  "labels": {"background": 0, "organ": 1, "tumour": 2}
}
"""
# What a case is called, what it changes, and for which configuration.
CASES = {
    "a list that is too short": (NEW, "[[3, 3], [3, 3], [3, 3], [3, 3]]", "[[3, 3], [3, 3], [3, 3]]", "2d"),
    "lists that agree against n_stages": (NEW, '"n_stages": 4', '"n_stages": 5', "2d"),
    "two lists that are too short": (NEW, "[32, 64, 128, 256]", "[32, 64, 128]", "2d", "[2, 2, 2, 2]", "[2]"),
    "as many counts of the decoder as stages": (NEW, "[2, 2, 2],", "[2, 2, 2, 2],", "2d"),
    "a misspelt network": (NEW, "unet.PlainConvUNet", "unet.PlainConvUnet", "2d"),
    "a network that is not read": (NEW, "unet.PlainConvUNet", "primus.PrimusM", "2d"),
    "a configuration that is not there": (NEW, "2d_large", "2d_large", "2d_lrge"),
    "an unknown parent": (NEW, '"inherits_from": "2d",', '"inherits_from": "2D_fullres",', "2d_large"),
    "a circle of parents": (NEW, '"inherits_from": "2d",', '"inherits_from": "2d_cascade",', "2d_cascade"),
    "a previous stage that is not there": (
        NEW,
        '"previous_stage": "2d"',
        '"previous_stage": "2d_low"',
        "2d_cascade",
    ),
    "a stride that does not divide": (NEW, "[64, 96]", "[64, 100]", "2d"),
    "a stride of 3": (NEW, "[[1, 1], [2, 2]", "[[1, 1], [2, 3]", "2d_large", "[128, 192]", "[128, 200]"),
    "a patch of three axes": (NEW, "[64, 96]", "[32, 64, 96]", "2d"),
    "a patch that is no list": (NEW, "[64, 96]", "64", "2d"),
    "a length in quotes": (NEW, "[64, 96]", '[64, "96"]', "2d"),
    "a fraction as features": (NEW, "[32, 64, 128, 256]", "[32, 64.0, 128, 256]", "2d"),
    "no features": (NEW, "[32, 64, 128, 256]", "[32, 0, 128, 256]", "2d"),
    "a kernel of one axis": (NEW, "[[3, 3], [3, 3],", "[[3], [3, 3],", "2d"),
    "a misspelt argument": (NEW, '"features_per_stage"', '"feature_per_stage"', "2d"),
    "an argument of the other network": (NEW, '"n_conv_per_stage":', '"n_blocks_per_stage":', "2d"),
    "a normalisation of other axes": (NEW, "InstanceNorm2d", "InstanceNorm3d", "2d"),
    "a normalisation that is not known": (
        NEW,
        "instancenorm.InstanceNorm2d",
        "normalization.GroupNorm",
        "2d",
    ),
    "an argument of the normalisation": (NEW, '"affine": true', '"afine": true', "2d"),
    "a misspelt activation": (NEW, "torch.nn.LeakyReLU", "torch.nn.LeakyRelu", "2d"),
    "a class that is not imported": (NEW, '"conv_op", "norm_op", "drop', '"conv_op", "drop', "2d"),
    "a bias that is a text": (NEW, '"conv_bias": true', '"conv_bias": "yes"', "2d"),
    "no architecture": (NEW, '"architecture"', '"architectures"', "2d"),
    "no patch": (NEW, '"patch_size": [64', '"patchsize": [64', "2d"),
    "no configurations": (NEW, '"configurations"', '"configuration"', "2d"),
    "an even kernel": (NEW, "[3, 3]],", "[4, 4]],", "2d"),
    "a comma too many": (NEW, '"inplace": true}', '"inplace": true,}', "2d"),
    "a value of Python": (NEW, '"conv_bias": true', '"conv_bias": True', "2d"),
    "a key that stands twice": (NEW, '"conv_bias": true,', '"conv_bias": true, "conv_bias": false,', "2d"),
    "several mistakes": (
        NEW,
        '"n_stages": 4',
        '"n_stages": "4"',
        "2d",
        "Conv2d",
        "Convolution",
        "[64, 96]",
        "[0, 96]",
    ),
    "an older form with a short list": (FLAT, "[[1, 1, 1], [1, 2, 2],", "[[1, 2, 2],", ""),
    "an older form without kernels": (FLAT, '"conv_kernel_sizes"', '"conv_kernel_size"', ""),
    "an older form with another network": (FLAT, '"PlainConvUNet"', '"PlainConvUNetPlus"', ""),
    "an older form whose patch is too odd": (FLAT, "[32, 64, 64]", "[33, 64, 66]", ""),
}


def changed(name: str) -> tuple[str, str]:
    """The plans of a case, and the configuration that is read of them."""
    text, old, new, configuration, *more = CASES[name]
    for before, after in ((old, new), *zip(more[::2], more[1::2], strict=True)):
        assert before in text, (name, before)
        text = text.replace(before, after, 1)
    return text, configuration


def messages(text: str, configuration: str, dataset: str = DATASET) -> str:
    """What is said of plans: their mistakes, else what has to be said of how they were read."""
    before = OF_OPTIONS.set(True)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "nnUNetPlans.json"
        path.write_text(text, "utf-8")
        path.with_name("dataset.json").write_text(dataset, "utf-8")
        try:
            description = load(f"{path}:{configuration}" if configuration else path)
            analyze(description)
        except RfcalcError as error:
            found = str(error)
        else:
            assert description.imported is not None
            found = "\n".join(map(str, description.imported.remarks()))
        finally:
            OF_OPTIONS.reset(before)
        return found.replace(f"{folder}{os.sep}", "")


def all_messages() -> str:
    return "\n".join(f"{name}\n{messages(*changed(name))}\n" for name in CASES)


if __name__ == "__main__":
    EXPECTED.write_text(all_messages(), "utf-8")
