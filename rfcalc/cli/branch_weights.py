"""The option --branch-weights: apart from the others, since not all commands know of fields."""

from __future__ import annotations

import click

from rfcalc.analysis.fields.figures import BRANCH_WEIGHTS
from rfcalc.cli.options import OneOf

BRANCH_WEIGHTS_OPTION = click.option(
    "--branch-weights",
    type=OneOf(BRANCH_WEIGHTS),
    default="kaiming",
    show_default=True,
    help="How branches that meet are weighted in effective fields: as Kaiming's initialisation has it, "
    "alike, or the deepest ones of each sum alone.",
)
