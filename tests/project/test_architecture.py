"""The rules of docs/architecture.md that a reader can rely on, since a machine holds the code to them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from package_source import PACKAGE, Module, imports, modules, promised_by_a_library

from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.spec.line import TAIL
from rfcalc.spec.tokens import FUNCTIONS

TESTS = Path(__file__).parents[1]

# From the bottom up: a module imports from its own level and those below.
LEVELS = (
    {"records"},
    {"errors"},
    {"symbolic", "shapes", "units", "files", "file_writing", "wildcards", "problems"},
    {"ops"},
    {"spec"},
    {"importers"},
    {"graph"},
    {"exporting"},
    {"analysis"},
    {"conditions"},
    {"lint"},
    {"report"},
    {
        "render",
        "models",
        "shown",
        "shown_pages",
        "description",
        "analysed",
        "asked",
        "compared",
        "library",
        "conversion",
        "description_text",
        "export",
    },
    {"cli", "__main__"},
)
# From the bottom up within the levels that have folders: these and their modules outside of folders.
ORDER_WITHIN = {
    "importers": (
        {"steps", "contents", "inputs", "json_text"},
        {"tracing"},
        {"caffe", "darknet", "keras", "nnunet", "onnx", "torch", "ultralytics"},
        {"writing"},
        {"formats"},
    ),
    "exporting": ({"layer"}, {"onnx", "torch"}),
    "analysis": (
        {"depth", "evenness", "existence", "fields", "liveness"},
        {"effective", "legal_sizes", "network", "productive"},
        {"energy_map", "field_values"},
        {"durations", "field_figures"},
        {"figures"},
        {"analyze"},
        {"comparison", "tiling"},
    ),
    "lint": (
        {"finding"},
        {"budgets", "outcome"},
        {"rule"},
        {"network"},
        {"rules"},
        {"registry"},
        {"ignores"},
        {"checking", "configuration"},
    ),
    "render": (
        {"formats", "layout"},
        {"escapes"},
        {"characters"},
        {"data", "findings_markdown", "findings_text", "fit", "junit"},
        {"annotations", "charts", "terminal", "text"},
        {"diagrams"},
        {"explanation", "table"},
        {"explanation_latex"},
        {"page"},
        {"finding_formats"},
    ),
    "report": (
        {"reasons"},
        {"cells", "words"},
        {"chart", "table"},
        {"network_table"},
        {
            "comparison",
            "diagram",
            "explanation",
            "findings",
            "growth",
            "input_sizes",
            "location",
            "reference",
            "solutions",
            "tiling",
        },
        {"page"},
    ),
}
# The package itself only names, late, what its users import from it.
FACADE = ""

# Where each dependency may be imported; what is not listed may be imported nowhere.
HOMES = {
    "click": {"cli"},
    "matplotlib": {"render"},
    "numpy": {"analysis", "exporting", "render"},
    # What comes with matplotlib decodes photos.
    "PIL": {"render"},
    "rich": {"render"},
    "tabulate": {"render"},
    # In what runs in the user's Python alone.
    "torch": {"importers"},
    "yaml": {"spec"},
}

LONGEST_MODULE = 420
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "types", "misc", "tools", "base"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "subprocess", "ctypes", "socket", "urllib", "http"}
# Those that run another program: git, for a file as it was at a revision that the user names; the Python that
# has the user's module of PyTorch, which the user names to be run.
RUNS_A_PROGRAM = {
    "rfcalc.cli.revision": {"subprocess"},
    "rfcalc.importers.torch.capture": {"subprocess"},
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}

# What opens files: one module reads them and knows which, one writes them and asks it; a lock is a file too,
# and so is what the system says of the process.
OPENS_FILES = {
    "rfcalc.files",
    "rfcalc.file_writing",
    "rfcalc.cli.output",
    "rfcalc.cli.locks",
    "rfcalc.cli.memory",
}
# Parts of the package itself, which importlib finds.
READS_PARTS_OF_THE_PACKAGE = {"rfcalc.cli.init", "rfcalc.cli.reference", "rfcalc.render.page.single_file"}

# What else of the language has names, some of them those of operators.
OTHER_NAMES = (
    frozenset(FUNCTIONS),
    frozenset(TAIL),
    frozenset(name for operator in map(find_operator, OPERATOR_NAMES) for name in operator.attributes),
)


def level(area: str, levels: tuple[set[str], ...] = LEVELS) -> int:
    found = [number for number, areas in enumerate(levels) if area in areas]
    assert found, f"{area!r} has no place in the layering; give it one here and in docs/architecture.md"
    return found[0]


def part(name: str) -> str:
    """The folder of a level that a module is in, or its own name where it is in none."""
    return [*name.split("."), "", ""][2]


def complaint(module: Module, line: int, text: str) -> str:
    return f"{module.path.relative_to(PACKAGE.parent)}:{line}: {text}"


def test_imports_point_down_only() -> None:
    upward = [
        complaint(module, line, f"{module.area} imports {name}")
        for module in modules()
        if module.area != FACADE
        for name, line in imports(module)
        if name.startswith("rfcalc.") and level(name.split(".")[1]) > level(module.area)
    ]
    assert not upward, "\n".join(upward)


def test_no_module_imports_the_package_facade_except_for_its_version() -> None:
    found = [
        complaint(module, node.lineno, "imports a lazy name from rfcalc; name its module instead")
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "rfcalc"
        and any(
            alias.name != "__version__" and f"rfcalc.{alias.name}" not in {m.name for m in modules()}
            for alias in node.names
        )
    ]
    assert not found, "\n".join(found)


def test_imports_within_a_level_point_down_only() -> None:
    wrong = [
        complaint(module, line, f"{part(module.name)} imports {name}")
        for module in modules()
        if module.area in ORDER_WITHIN and part(module.name)
        for name, line in imports(module)
        if name.startswith(f"rfcalc.{module.area}.") and part(name) != part(module.name)
        if not level(part(name), ORDER_WITHIN[module.area])
        < level(part(module.name), ORDER_WITHIN[module.area])
    ]
    assert not wrong, "\n".join(wrong)


def test_every_level_with_folders_has_an_order() -> None:
    folders = {module.area for module in modules() if module.path.parent.parent.parent == PACKAGE}
    assert folders == ORDER_WITHIN.keys()


def test_no_module_needs_one_that_needs_it() -> None:
    """However late it is imported: what is in a circle can only be understood, and tested, together."""
    known = {module.name for module in modules()}
    edges = {
        module.name: {name for name, _ in imports(module) if name in known and name != module.name}
        for module in modules()
        # It names, late, what its users import: whoever asks for the version needs none of that.
        if module.area != FACADE
    }
    # What imports nothing that is left cannot be on a circle, nor can what nothing left imports.
    while True:
        imported = set().union(*edges.values())
        free = [name for name, targets in edges.items() if not targets & edges.keys() or name not in imported]
        if not free:
            break
        for name in free:
            del edges[name]
    assert not edges, "\n".join(f"{name} -> {sorted(edges[name] & edges.keys())}" for name in sorted(edges))


def test_dependencies_are_imported_only_where_they_belong() -> None:
    wrong = []
    for module in modules():
        for name, line in imports(module):
            root = name.partition(".")[0]
            if root in sys.stdlib_module_names or root == "rfcalc":
                continue
            if module.area not in HOMES.get(root, set()):
                wrong.append(complaint(module, line, f"imports {root} in {module.area or 'the package'}"))
    assert not wrong, "\n".join(wrong)


def test_yaml_is_read_by_one_module() -> None:
    readers = {module.name for module in modules() for name, _ in imports(module) if name.startswith("yaml")}
    assert readers == {"rfcalc.spec.document"}


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_is_named_after_what_it_is_about(module: Module) -> None:
    assert module.path.stem not in EMPTY_NAMES
    assert module.path.parent.name not in EMPTY_NAMES


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_stays_short_enough_to_hold_one_idea(module: Module) -> None:
    lines = module.text.count("\n")
    assert lines <= LONGEST_MODULE


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_nothing_runs_code_or_programs_that_a_description_could_name(module: Module) -> None:
    wrong = [
        complaint(module, line, f"imports {name}")
        for name, line in imports(module)
        if name.partition(".")[0] in FORBIDDEN_MODULES - RUNS_A_PROGRAM.get(module.name, set())
    ]
    wrong += [
        complaint(module, node.lineno, f"calls {node.func.id}")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in FORBIDDEN_CALLS
        # A name imported from a module of this meaning (`from re import compile`) is another function.
        and f"import {node.func.id}\n" not in module.text
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_files_are_opened_where_it_is_known_which_are_read_and_nowhere_else(module: Module) -> None:
    functions = {"open", "os.open", "os.fdopen", "io.open", "mkstemp", "NamedTemporaryFile"}
    methods = {"read_bytes", "write_bytes", "write_text"}
    if module.name not in READS_PARTS_OF_THE_PACKAGE:
        methods |= {"read_text"}
    wrong = [
        complaint(module, node.lineno, f"opens a file: {ast.unparse(node)}")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and module.name not in OPENS_FILES
        if ast.unparse(node.func) in functions
        or (isinstance(node.func, ast.Attribute) and node.func.attr in methods)
    ]
    assert not wrong, "\n".join(wrong)


def outside_operators() -> Iterator[Module]:
    # An importer says which operator of ours each of another program is, an exporter how it is written.
    return (module for module in modules() if module.area not in ("ops", "importers", "exporting"))


def test_nothing_outside_the_operators_asks_which_operator_a_node_is() -> None:
    wrong = [
        complaint(module, node.lineno, f"compares an operator: {ast.unparse(node)}")
        for module in outside_operators()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Compare | ast.Match) and _names_an_operator(node)
    ]
    assert not wrong, "\n".join(wrong)


def _names_an_operator(node: ast.Compare | ast.Match) -> bool:
    """Whether `….op` is compared with a literal; "input", which no operator is called, is no operator."""
    subjects = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [node.subject]
    if not any(isinstance(part, ast.Attribute) and part.attr == "op" for part in subjects):
        return False
    words = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
    return bool(words - {"input"})


def test_nothing_outside_the_operators_names_one() -> None:
    wrong = []
    for module in outside_operators():
        others = {id(word) for node in ast.walk(module.tree) for word in _words_of_something_else(node)}
        wrong += [
            complaint(module, node.lineno, f"names the operator {node.value!r}")
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Constant) and node.value in OPERATOR_NAMES and id(node) not in others
        ]
    assert not wrong, "\n".join(wrong)


def _words_of_something_else(node: ast.AST) -> Iterable[ast.expr | None]:
    """The words of a collection that all name something else, and those compared with a key or looked up."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        return sides if any(isinstance(side, ast.Name) and side.id == "key" for side in sides) else ()
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("arguments.get"):
        return node.args[:1]
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "element":
        # The name of an element of HTML.
        return node.args[:1]
    words = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", ())
    values = {word.value if isinstance(word, ast.Constant) else None for word in words}
    return words if any(values <= names for names in OTHER_NAMES) else ()


def test_every_public_method_is_documented_where_it_is_defined_or_where_it_is_promised() -> None:
    """Ruff asks for the docstring of all else.

    A method that fulfils a promise needs none: one that a library's base class makes, a protocol of the
    package or a sibling in the same module documents, or the module's own docstring.
    """
    wrong = []
    protocols = {
        name
        for module in modules()
        for owner in _classes(module)
        if "Protocol" in map(ast.unparse, owner.bases)
        for name in _documented(owner)
    }
    for module in modules():
        classes = _classes(module)
        promised = protocols.union(*map(_documented, classes))
        promised |= set(re.findall(r"\w+", ast.get_docstring(module.tree) or ""))
        wrong += [
            complaint(module, method.lineno, f"{owner.name}.{method.name} has no docstring")
            for owner in classes
            if not owner.name.startswith("_")
            for method in _methods(owner)
            if not method.name.startswith("_") and method.name not in promised
            if not promised_by_a_library(module, owner.name, method.name)
        ]
    assert not wrong, "\n".join(wrong)


def _classes(module: Module) -> list[ast.ClassDef]:
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]


def _documented(owner: ast.ClassDef) -> set[str]:
    return {method.name for method in _methods(owner) if ast.get_docstring(method)}


def _methods(owner: ast.ClassDef) -> list[ast.FunctionDef]:
    return [node for node in owner.body if isinstance(node, ast.FunctionDef)]


def test_no_test_reads_a_clock() -> None:
    # How much work something is, is counted: tests/effort.py.
    clock = re.compile(r"^\s*(?:import|from) (?:time|timeit|datetime)\b", re.MULTILINE)
    assert not [path for path in TESTS.rglob("*.py") if clock.search(path.read_text(encoding="utf-8"))]


def test_nothing_is_silenced_without_a_reason() -> None:
    silenced = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma)\b[^#]*(#\s*\w.*)?$")
    wrong = []
    for module in modules():
        reason = False
        for number, line in enumerate(module.text.splitlines(), 1):
            found = silenced.search(line)
            # Lines that follow each other share the reason of the first, or of a comment above it.
            reason = bool(found and (found[1] or reason)) or line.lstrip().startswith("# ")
            if found and not reason:
                wrong.append(complaint(module, number, line.strip()))
    assert not wrong, "\n".join(wrong)
