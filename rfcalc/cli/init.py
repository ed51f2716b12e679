"""`rfcalc init`: a commented description to start from."""

from __future__ import annotations

import os

import click

from rfcalc.cli.output import emit, say
from rfcalc.cli.texts import command
from rfcalc.errors import UsageError, printable, quoted

DEFAULT_FILE = "network.yaml"

TEMPLATE = """\
# A network description.  rfcalc {file} prints its table.
name: MyNet

# Spatial sizes, then channels; --input 96x96x3 analyses it at another size.
input: 64x64x3

# Values with names: --set classes=10 changes one, --set classes=C makes it a symbol.
params: {{classes: 1000}}

# A block is a list of layers with parameters.  cin is the number of channels that enter the line.
blocks:
  conv_bn(d, f=3, s=1):
    - conv f=f s=s p=f//2 d=d bias=no
    - bn

  residual(d, s=1):
    - add:
        - [conv_bn d=d s=s, relu, conv_bn d=d]
        # The shortcut: nothing where sizes agree, else a 1x1 convolution.
        - [{{when: s != 1 or cin != d, do: [conv_bn d=d f=1 s=s]}}]
    - relu

# One layer a line: the operator, then attributes.  f kernel, s stride, p padding, d output channels,
# r dilation, g groups; `rfcalc ops` lists all operators, `rfcalc ops conv` explains one.
layers:
  - conv_bn d=64 f=7 s=2
  - relu
  - maxpool f=3 s=2 p=1 as pool1        # `as` names a layer
  - {{repeat: 2, do: [residual d=64], as: stage1}}
  - residual d=128 s=2 -> 8x8x128        # `->` states the size this row promises
  - residual d=128
  - globalavgpool
  - fc d=classes
  - softmaxloss
"""


@command(
    "init",
    "Write a description to start from.",
    ("rfcalc init", f"write {DEFAULT_FILE}"),
    ("rfcalc init nets/mine.yaml", "write another file"),
    ("rfcalc init - | rfcalc -", "print it, and read it at once"),
)
@click.argument("file", default=DEFAULT_FILE, type=click.Path(allow_dash=True))
@click.option("--force", is_flag=True, help="Overwrite FILE where it exists.")
def init(file: str, force: bool) -> None:
    """Write a commented description to start from to FILE (network.yaml), or to standard output for -."""
    if file == "-":
        emit(TEMPLATE.format(file="FILE"))
        return
    if not force and os.path.lexists(file):
        raise UsageError(f"{quoted(file)} exists; --force overwrites it")
    named = file if os.sep in file or file.endswith((".yaml", ".yml")) else os.path.join(".", file)
    emit(TEMPLATE.format(file=printable(named)), file)
    say(f"wrote {file}; now: rfcalc {named}")
