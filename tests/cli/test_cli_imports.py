"""Start-up is a feature: what each path of the command line loads, and what it must not."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numpy", "rich", "tabulate", "json", "csv", "jsonschema", "difflib", "tempfile", "pathlib")

# What importing tabulate costs, by way of importlib.metadata, is not ours to forbid.
BY_TABULATE = ("csv", "json", "pathlib", "tempfile")

PROGRAM = """
import sys
from rfcalc.cli.main import main
code = main({arguments!r})
assert code == 0, code
print(" ".join(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that one run loads beyond those of Python's own start."""
    result = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            "import sys; sys.path[:] = " + repr(sys.path) + PROGRAM.format(arguments=arguments),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in result.stderr.splitlines()[-1].split()}


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("vgg16",), {"tabulate", *BY_TABULATE}),
        (("vgg16", "--format", "json"), {"json"}),
        (("vgg16", "--format", "csv"), {"csv"}),
        (("resnet50", "--depth", "2", "--format", "csv"), {"csv"}),
        (("vgg16", "--table", "book", "--format", "csv"), {"csv"}),
        (("spec", "vgg16"), set()),
        (("--version",), set()),
    ],
)
def test_a_path_loads_no_more_than_it_needs(arguments: tuple[str, ...], allowed: set[str]) -> None:
    found = loaded(*arguments) & set(HEAVY)
    # click may load what it likes; what it loads is not ours to forbid.
    assert found - allowed - loaded_by_click() == set()


def loaded_by_click() -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", "import sys, click, yaml; print(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in result.stdout.split()}


def test_the_piped_table_needs_no_rich_and_the_json_no_table_library() -> None:
    assert "rich" not in loaded("vgg16")
    assert not {"rich", "tabulate"} & loaded("vgg16", "--format", "json")
    assert not {"rich", "tabulate"} & loaded("vgg16", "--format", "csv")
