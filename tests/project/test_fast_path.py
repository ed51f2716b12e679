"""What a run loads in each kind of output: start-up is imports, so this is what keeps it fast.

A run must load click, PyYAML and the library that draws its output.  What it loads beyond these, and
beyond the modules of rfcalc itself, is listed here with its reason; anything else fails.
"""

from __future__ import annotations

import errno
import os
import pty
import subprocess
import sys
from functools import cache

import pytest

from rfcalc.lint.registry import MODULE_OF

# Runs the command line after importing some libraries, and writes what it has loaded since to a file.
_PROBE = """
import sys
from importlib import import_module
_, file, libraries, *arguments = sys.argv
for name in libraries.split(","):
    import_module(name)
before = set(sys.modules)
from rfcalc.cli.main import main
code = main(arguments)
with open(file, "w") as output:
    output.write("\\n".join(sorted(set(sys.modules) - before)))
sys.exit(code)
"""

OUTPUTS = {"terminal": (), "piped": (), "json": ("--format", "json"), "csv": ("--format", "csv")}
LIBRARIES = {
    "terminal": "click,yaml,rich.console,rich.table,rich.text",
    "piped": "click,yaml,tabulate",
    "json": "click,yaml",
    "csv": "click,yaml",
}

# resnet50 holds no fraction and no wide character: nothing but its output's own module is needed.
# Where a name is in brackets, the interpreter or the library itself brings it along.
# Of contextvars, two lines over what is built in: in whose words messages are.
ALWAYS = {"contextvars", "gc", "math", "(locale)"}
PLAIN = {
    "terminal": ALWAYS | {"(rich)"},
    "piped": ALWAYS | {"unicodedata"},
    "json": ALWAYS | {"json"},
    "csv": ALWAYS | {"csv"},
}
# vgg16 has a fraction, the rate of its dropout, and Chinese characters in its source.
WITH_FRACTIONS = {"fractions", "(decimal)", "(numbers)", "unicodedata"}

RULES = "rfcalc.lint.rules.rf"

# Parts of rfcalc that are for other commands, other tables, or mistakes.
OTHER_PARTS = {
    *(
        "rfcalc.report.network_table.book",
        "rfcalc.report.reference.catalog",
        "rfcalc.report.reference.definitions",
        "rfcalc.cli.reference",
    ),
    *("rfcalc.spec.syntax_errors", "rfcalc.analysis.fields.digits", "rfcalc.ops.rearrangement"),
    *("rfcalc.analysis.fields.products", "rfcalc.analysis.fields.visible", "rfcalc.compared"),
    *("rfcalc.cli.charts", "rfcalc.report.chart", "rfcalc.render.charts"),
    *("rfcalc.cli.locate", "rfcalc.report.location", "rfcalc.report.location.asking"),
    *("rfcalc.cli.tile", "rfcalc.report.tiling", "rfcalc.report.tiling.asking", "rfcalc.analysis.tiling"),
    *("rfcalc.cli.field", "rfcalc.report.growth", "rfcalc.report.growth.points"),
    *("rfcalc.ops.attention", "rfcalc.ops.resize", "rfcalc.ops.deconv", "rfcalc.ops.join"),
}
# Parts that are for models, and for parts of networks.
FOR_MODELS = ("rfcalc.importers", "rfcalc.models", "rfcalc.conversion", "rfcalc.graph.asked")


@cache
def loaded(output: str, network: str) -> frozenset[str]:
    """The modules that a run loads beyond the libraries of its kind of output."""
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile("r", encoding="utf-8") as file:
        command = (sys.executable, "-c", _PROBE, file.name, LIBRARIES[output], network, *OUTPUTS[output])
        text = _on_terminal(command) if output == "terminal" else _on_pipe(command)
        assert b"1x1x1000" in text or b'"totals"' in text
        return frozenset(file.read().split())


@cache
def loaded_by_check(*options: str) -> frozenset[str]:
    """The modules that checking a shipped network loads beyond click and PyYAML."""
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile("r", encoding="utf-8") as file:
        command = (
            sys.executable,
            "-c",
            _PROBE,
            file.name,
            "click,yaml",
            "check",
            "resnet50-v1",
            "--no-config",
        )
        command += options
        assert b"RF" in _on_pipe(command)
        return frozenset(file.read().split())


def _on_pipe(command: tuple[str, ...]) -> bytes:
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def _on_terminal(command: tuple[str, ...]) -> bytes:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"})
    os.close(theirs)
    parts: list[bytes] = []
    while not parts or parts[-1]:
        try:
            parts.append(os.read(ours, 65536))
        except OSError as error:
            # The end of a terminal's output is an error on Linux, an empty read elsewhere.
            if error.errno != errno.EIO:
                raise
            break
    os.close(ours)
    assert process.wait() == 0
    return b"".join(parts)


def unexpected(output: str, network: str, allowed: set[str]) -> set[str]:
    """The top-level modules of others that are loaded beyond those allowed; `_x` counts as x."""
    names = {name.partition(".")[0].lstrip("_") for name in loaded(output, network)}
    return names - {"rfcalc"} - {name.strip("()") for name in allowed}


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_run_loads_its_libraries_and_next_to_nothing_else(output: str) -> None:
    assert not unexpected(output, "resnet50", PLAIN[output])


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_network_with_a_fraction_loads_fractions_and_nothing_more(output: str) -> None:
    assert not unexpected(output, "vgg16", PLAIN[output] | WITH_FRACTIONS)


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_run_loads_only_the_operators_and_the_parts_it_uses(output: str) -> None:
    assert not loaded(output, "vgg16") & OTHER_PARTS


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_description_loads_nothing_that_reads_models(output: str) -> None:
    assert not [name for name in loaded(output, "vgg16") if name.startswith(FOR_MODELS)]
    assert not [name for name in loaded_by_check("--select", "RF405") if name.startswith(FOR_MODELS)]


def test_a_model_loads_its_own_importer_and_no_framework() -> None:
    network = os.path.join(os.path.dirname(__file__), "..", "data", "onnx", "alexnet-legacy.onnx")
    names = loaded("json", network)
    assert "rfcalc.importers.onnx.importing" in names
    assert not [name for name in names if name.startswith("rfcalc.importers.torch")]
    assert not {name.partition(".")[0] for name in names} & {
        "onnx",
        "torch",
        "numpy",
        "subprocess",
        "zipfile",
    }


def test_a_check_loads_the_rules_that_are_selected_and_no_others() -> None:
    rules = {name for name in loaded_by_check("--select", "RF405,RF5") if name.startswith(RULES)}
    # What cannot be built and ignores that ignore nothing are found elsewhere.
    found = {f"rf{name.removeprefix(RULES)[:3]}" for name in rules}
    assert found == {"rf405", "rf900", "rf901", *(code.lower() for code in MODULE_OF if code[:3] == "RF5")}


@pytest.mark.parametrize("options", [("--select", "RF405"), ("--fail-on", "error")])
def test_a_check_loads_no_library_of_tables_or_arrays_and_nothing_of_other_commands(
    options: tuple[str, ...],
) -> None:
    names = loaded_by_check(*options)
    roots = {name.partition(".")[0] for name in names}
    assert not roots & {
        "rich",
        "tabulate",
        "numpy",
        "json",
        "difflib",
        "subprocess",
        "tomllib",
        "glob",
        "shlex",
    }
    assert not names & (OTHER_PARTS - {"rfcalc.ops.join"})
    assert not names & {
        "rfcalc.report.network_table.columns",
        "rfcalc.report.network_table.layers",
        "rfcalc.report.findings.sarif",
        "rfcalc.cli.tables",
    }


def test_importing_the_package_alone_loads_nothing_else_of_it() -> None:
    probe = "import sys, rfcalc; print(*(name for name in sys.modules if name.startswith('rfcalc')))"
    output = subprocess.run((sys.executable, "-c", probe), stdout=subprocess.PIPE, check=True, text=True)
    assert output.stdout.split() == ["rfcalc"]
