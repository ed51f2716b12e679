"""An exported program (`.pt2`), read as a program.

The layout is that of torch/_export/serde/schema.py, major version 8 and, as far as the same fields are there,
earlier ones.  A part of the json that is not as expected is an error that says where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from rfcalc.errors import cut, mistake, quoted
from rfcalc.importers.torch.archive import EXPORT, Archive, archive
from rfcalc.importers.torch.constants import ELEMENTS, shared_parameters, stored_values
from rfcalc.importers.torch.program import (
    ArgumentValue,
    FunctionCall,
    Named,
    Program,
    ProgramTensor,
    Stored,
)
from rfcalc.importers.torch.schema import (
    LISTS,
    PLAIN,
    Unexpected,
    given_in,
    kind_of,
    length,
    name_in,
    names_in,
    of_kind,
    part,
    shown,
    union,
)

Modules: TypeAlias = tuple[tuple[str, str], ...]

# Whose functions have no namespace before their name here.
_OWN = re.compile(
    r"(?:torch\.ops\.(?:aten|prims?|higher_order)\.|_operator\.|math\.|torch\.)(\w+)(?:\.(\w+))?"
)
_OTHER = re.compile(r"torch\.ops\.(\w+)\.(\w+)(?:\.(\w+))?")
# Operators that carry out the one graph they are given, on the operands behind it.
_RUN_ONCE = frozenset(
    """wrap wrap_with_set_grad_enabled wrap_with_autocast wrap_activation_checkpoint tag_activation_checkpoint
    invoke_subgraph strict_mode""".split()
)
# What stands in a stack for calls that an exporter added itself.
_NO_MODULE = "_empty_nn_module_stack_from_metadata_hook"
# How paths were written before PyTorch 2.3: L['self'].layer1[0], getattr(L['self'].layer1, '0').
_SELF = "L['self']"
_OLD_INDEX = re.compile(r"getattr\((.*), '(\w+)'\)|\[(\d+)\]")


def read_program(path: str) -> Program:
    """The program in an exported file of PyTorch, its calls in the file's order.

    A nested graph that runs once stands in its place.  The program is named after the class of the outermost
    module, "" where the file names none.
    Raises UsageError where the file cannot be opened, DescriptionError where it is not what it should be.
    """
    with archive(path) as opened:
        return _program(opened, path)


def _program(opened: Archive, path: str) -> Program:
    """The program of an archive.  path: of its file, in errors."""
    try:
        try:
            return _ProgramReader(opened, of_kind(opened.program(), dict, "")).program()
        except RecursionError:
            raise Unexpected("", "less deeply nested graphs") from None
    except Unexpected as wrong:
        where = f"{quoted(path)}: {quoted(opened.member)} in the archive"
        at = f", at {cut(wrong.place.lstrip('.'), 200)}" if wrong.place else ""
        raise mistake(f"{where}{at}: expected {wrong.expected}", None, hint=wrong.hint) from None


class _GraphNames:
    """The tensors of one graph: what the file says of each, and what else its names stand for.

    place: of the graph.  renamed: by the name in this graph what it is called in the program, or the argument
    that a nested graph was given for it.
    """

    def __init__(self, graph: Mapping[str, object], place: str) -> None:
        self.place = place
        self.tensors = part(graph, "tensor_values", dict, place)
        self.numbers = {
            name: kind
            for kind, key in (("int64", "sym_int"), ("bool", "sym_bool"), ("float64", "sym_float"))
            for name in of_kind(graph.get(f"{key}_values") or {}, dict, f"{place}.{key}_values")
        }
        self.renamed: dict[str, ArgumentValue] = {}

    def tensor(self, name: str, called: str, place: str) -> ProgramTensor:
        """A tensor, or number, of the graph.  called: its name in the program."""
        if name in self.numbers:
            return ProgramTensor(called, (), self.numbers[name])
        if name not in self.tensors:
            raise Unexpected(place, f"a tensor of {self.place.lstrip('.')}.tensor_values, not {quoted(name)}")
        where = f"{self.place}.tensor_values.{name}"
        about = of_kind(self.tensors[name], dict, where)
        sizes = part(about, "sizes", list, where)
        lengths = tuple(length(size, where, number) for number, size in enumerate(sizes))
        return ProgramTensor(called, lengths, ELEMENTS.get(part(about, "dtype", int, where), "unknown"))

    def examples(self, tensor: ProgramTensor) -> dict[str, int]:
        """The numbers that dynamic lengths of a tensor had when the program was made."""
        sizes = self.tensors.get(tensor.name, {}).get("sizes", [])
        found = {}
        for size, called in zip(sizes, tensor.lengths, strict=False):
            if isinstance(called, str) and isinstance(hint := size["as_expr"].get("hint"), dict):
                number = hint.get("as_int")
                if type(number) is int and number > 0:
                    found[called] = number
        return found


class _ProgramReader:
    """The state of reading one program: what was read so far."""

    def __init__(self, opened: Archive, parsed: Mapping[str, object]) -> None:
        self._archive = opened
        self._parsed = parsed
        self._calls: list[FunctionCall] = []
        self._known: set[str] = set()
        self._used: set[str] = set()
        # Paths of tensors whose values may matter: not those of weights, running statistics and counters.
        self._tables: set[str] = set()
        self._examples: dict[str, int] = {}
        self._stacks: dict[str, Modules] = {}
        self._root = ""

    def program(self) -> Program:
        """The program."""
        place = ".graph_module"
        module = part(self._parsed, "graph_module", dict, "")
        graph = part(module, "graph", dict, place)
        scope = _GraphNames(graph, f"{place}.graph")
        signature = part(module, "signature", dict, place)
        if "input_specs" not in signature:
            expected = "input_specs, which PyTorch writes since version 2.2"
            raise Unexpected(f"{place}.signature", expected, EXPORT)
        inputs, held = self._inputs(signature, scope)
        self._run(graph, scope)
        outputs = self._outputs(signature, scope)
        version = self._parsed.get("torch_version", "")
        return Program(
            self._root,
            version if isinstance(version, str) else "",
            inputs,
            self._stored(held),
            tuple(self._calls),
            outputs,
            self._examples,
        )

    def _inputs(
        self, signature: Mapping[str, object], scope: _GraphNames
    ) -> tuple[tuple[ProgramTensor, ...], list[Stored]]:
        """What a user gives, and what is stored."""
        inputs: list[ProgramTensor] = []
        held: list[Stored] = []
        where = ".graph_module.signature.input_specs"
        for number, spec in enumerate(part(signature, "input_specs", list, where.rpartition(".")[0])):
            place = f"{where}[{number}]"
            kind, value = union(spec, place)
            about = of_kind(value, dict, f"{place}.{kind}")
            place = f"{place}.{kind}"
            if kind == "user_input":
                name = name_in(about.get("arg"), f"{place}.arg")
            elif kind in ("parameter", "buffer", "tensor_constant"):
                name = part(part(about, "arg", dict, place), "name", str, f"{place}.arg")
            else:
                # Objects and tokens are no tensors; constants stand in the calls.
                if kind in ("custom_obj", "token"):
                    self._known.add(part(part(about, "arg", dict, place), "name", str, f"{place}.arg"))
                continue
            if not name:
                continue
            self._known.add(name)
            tensor = scope.tensor(name, name, place)
            if kind == "user_input":
                inputs.append(tensor)
                self._examples.update(scope.examples(tensor))
            else:
                path = part(about, f"{kind}_name", str, place)
                held.append(Stored(tensor, path, kind == "parameter"))
                whole = bool(tensor.lengths) and tensor.element.startswith(("int", "uint", "bool"))
                if kind == "tensor_constant" or (kind == "buffer" and whole):
                    self._tables.add(path)
        return tuple(inputs), held

    def _stored(self, held: list[Stored]) -> dict[str, Stored]:
        """What is stored, by the name that calls use: under its first path, small tables with values."""
        # An exporter names what modules share several times, and uses one of the names.
        paths = [each.path for each in held if each.learned]
        unused = any(each.learned and each.tensor.name not in self._used for each in held)
        owners = shared_parameters(self._archive, paths) if unused else {}
        values = stored_values(self._archive, frozenset(self._tables))
        return {
            each.tensor.name: each._replace(
                path=owners.get(each.path, each.path), values=values.get(each.path)
            )
            for each in held
        }

    def _outputs(self, signature: Mapping[str, object], scope: _GraphNames) -> tuple[str, ...]:
        where = ".graph_module.signature"
        outputs: list[str] = []
        for number, spec in enumerate(part(signature, "output_specs", list, where)):
            place = f"{where}.output_specs[{number}]"
            kind, value = union(spec, place)
            if kind not in ("user_output", "loss_output"):
                continue
            argument = part(of_kind(value, dict, f"{place}.{kind}"), "arg", dict, f"{place}.{kind}")
            argument = argument if kind == "user_output" else {"as_tensor": argument}
            if "as_tensor" in argument:
                # What a nested graph hands through is known by another name.
                value = self._value(argument, scope, f"{place}.{kind}.arg")
                if isinstance(value, Named):
                    outputs.append(value.name)
        return tuple(outputs)

    def _run(self, graph: Mapping[str, object], scope: _GraphNames) -> None:
        """Note the calls of a graph."""
        for number, node in enumerate(part(graph, "nodes", list, scope.place)):
            place = f"{scope.place}.nodes[{number}]"
            self._call(of_kind(node, dict, place), scope, place)

    def _call(self, node: Mapping[str, object], scope: _GraphNames, place: str) -> None:
        target = part(node, "target", str, place)
        function, overload = _function(target, place)
        inputs = part(node, "inputs", list, place)
        if function in _RUN_ONCE and (found := _only_graph(inputs)) is not None:
            self._run_nested(node, inputs, found, scope, place)
            return
        arguments: dict[str, ArgumentValue] = {}
        for number, each in enumerate(inputs):
            at = f"{place}.inputs[{number}]"
            given = of_kind(each, dict, at)
            name = given.get("name")
            key = name if name and isinstance(name, str) else str(number)
            arguments[key] = self._value(given.get("arg"), scope, f"{at}.arg")
        results = self._results(part(node, "outputs", list, place), scope, place)
        place = place.removeprefix(".")
        self._calls.append(FunctionCall(function, overload, arguments, results, self._modules(node), place))

    def _results(self, outputs: list[object], scope: _GraphNames, place: str) -> tuple[ProgramTensor, ...]:
        """What a call makes; a result that is left out has no name."""
        results: list[ProgramTensor] = []
        for number, output in enumerate(outputs):
            at = f"{place}.outputs[{number}]"
            for name in names_in(output, at):
                if not name:
                    results.append(ProgramTensor("", (), ""))
                    continue
                called = name
                while called in self._known:
                    # Nested graphs use names again.
                    called = f"{called}.{len(self._calls)}"
                if called != name:
                    scope.renamed[name] = Named(called)
                self._known.add(called)
                if kind_of(output) in ("as_custom_obj", "as_operator", "as_token"):
                    results.append(ProgramTensor(called, (), "object"))
                else:
                    results.append(scope.tensor(name, called, at))
        return tuple(results)

    def _run_nested(
        self, node: Mapping[str, object], inputs: list[object], found: int, scope: _GraphNames, place: str
    ) -> None:
        """Note the calls of a graph that is given to an operator, which runs it once."""
        where = f"{place}.inputs[{found}].arg.as_graph"
        holder = of_kind(given_in(inputs[found])["as_graph"], dict, where)
        graph = part(holder, "graph", dict, where)
        inner = _GraphNames(graph, f"{where}.graph")
        names = part(graph, "inputs", list, inner.place)
        if len(inputs) - found - 1 < len(names):
            raise Unexpected(f"{place}.inputs", f"{len(names)} operands of the graph")
        first = len(inputs) - len(names)
        given = [
            self._value(given_in(each), scope, f"{place}.inputs[{first + number}].arg")
            for number, each in enumerate(inputs[first:])
        ]
        for number, (argument, value) in enumerate(zip(names, given, strict=True)):
            for name in names_in(argument, f"{inner.place}.inputs[{number}]"):
                inner.renamed[name] = value
        self._run(graph, inner)
        made = [
            self._value(output, inner, f"{inner.place}.outputs[{number}]")
            for number, output in enumerate(part(graph, "outputs", list, inner.place))
        ]
        called = [
            name
            for number, output in enumerate(part(node, "outputs", list, place))
            for name in names_in(output, f"{place}.outputs[{number}]")
        ]
        if len(called) != len(made):
            raise Unexpected(f"{place}.outputs", f"{len(made)} results, as the graph has, not {len(called)}")
        scope.renamed.update(zip(called, made, strict=True))

    def _value(self, argument: object, scope: _GraphNames, place: str) -> ArgumentValue:
        """The value of an argument: a union of the schema, whose key says what it is."""
        kind, value = union(argument, place)
        read = PLAIN.get(kind)
        if read is not None:
            return read(value, f"{place}.{kind}")
        place = f"{place}.{kind}"
        if kind in ("as_tensor", "as_custom_obj", "as_token"):
            return self._named(of_kind(value, dict, place).get("name"), scope, place)
        if kind in ("as_sym_int", "as_sym_bool", "as_sym_float"):
            return self._symbolic(value, scope, place)
        if kind == "as_optional_tensor":
            return self._value(value, scope, place)
        if kind == "as_graph":
            return part(of_kind(value, dict, place), "name", str, place)
        if kind == "as_string_to_argument":
            parts = of_kind(value, dict, place)
            return tuple((key, self._value(each, scope, f"{place}.{key}")) for key, each in parts.items())
        if kind not in LISTS:
            raise Unexpected(place, f"an argument of a kind that is known, not {quoted(kind)}")
        inner = LISTS[kind]
        return tuple(
            self._value({inner: each} if inner else each, scope, f"{place}[{number}]")
            for number, each in enumerate(of_kind(value, list, place))
        )

    def _symbolic(self, value: object, scope: _GraphNames, place: str) -> ArgumentValue:
        """A number that is computed, by its name, or one that is not."""
        kind, found = union(value, place)
        if kind == "as_name":
            return self._named(found, scope, place)
        if kind in ("as_int", "as_float", "as_bool") and isinstance(found, int | float):
            return found
        raise Unexpected(place, f"a number or its name, not {shown(value)}")

    def _named(self, name: object, scope: _GraphNames, place: str) -> ArgumentValue:
        """What a name stands for; it has to have been made before."""
        name = of_kind(name, str, f"{place}.name")
        if name in scope.renamed:
            return scope.renamed[name]
        if name not in self._known:
            raise Unexpected(place, f"an input or a result of an earlier node, not {quoted(name)}")
        self._used.add(name)
        return Named(name)

    def _modules(self, node: Mapping[str, object]) -> Modules:
        """The modules that a node ran in, the outermost, which has no path, left out."""
        metadata = node.get("metadata")
        stack = metadata.get("nn_module_stack") if isinstance(metadata, dict) else None
        if not isinstance(stack, str):
            return ()
        if stack not in self._stacks:
            modules = [found for part in stack.split(";") if (found := _module(part))]
            if not self._root:
                self._root = next((kind for path, kind in modules if not path), "")
            self._stacks[stack] = tuple(found for found in modules if found[0])
        return self._stacks[stack]


def _module(part: str) -> tuple[str, str] | None:
    """The path and the class of a module: `KEY,PATH,package.Class`."""
    fields = part.split(",")
    if len(fields) < 3 or fields[2] == _NO_MODULE or fields[1] == _NO_MODULE:
        return None
    path = ",".join(fields[1:-1])
    if _SELF in path:
        while (
            shorter := _OLD_INDEX.sub(lambda found: f"{found[1] or ''}.{found[2] or found[3]}", path)
        ) != path:
            path = shorter
        path = path.removeprefix(_SELF).removeprefix(".")
    # A module that is called again has a number behind its path.
    return path.partition("@")[0], fields[-1].rpartition(".")[2]


def _function(target: str, place: str) -> tuple[str, str]:
    """The name and the overload of a function, from `torch.ops.aten.add.Tensor`."""
    if found := _OWN.fullmatch(target):
        name, overload = found[1], found[2]
    elif found := _OTHER.fullmatch(target):
        name, overload = f"{found[1]}::{found[2]}", found[3]
    else:
        name, overload = target.rpartition(".")[2], ""
    if not name:
        raise Unexpected(f"{place}.target", f"the name of a function, not {quoted(target)}")
    return name, "" if overload in (None, "default") else overload


def _only_graph(inputs: list[object]) -> int | None:
    """The number of the one graph among arguments; None where there are several, or none."""
    found = [number for number, each in enumerate(inputs) if "as_graph" in given_in(each)]
    return found[0] if len(found) == 1 else None
