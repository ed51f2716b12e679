"""A module of PyTorch that is made and run by the user's own code, recorded as a program.

This runs code: `package.module:name` is imported by the user's Python, called, and the module that results is
run once on tensors without data.  Nothing else here does so.  What runs there is `capture_script.py`, which
writes json; this process only reads it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from ast import literal_eval
from collections.abc import Mapping
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO

from rfcalc.errors import UsageError, counted, cut, listed, nearest, option, quoted
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.torch.following import imported
from rfcalc.importers.torch.program import (
    ArgumentValue,
    FunctionCall,
    Named,
    Program,
    ProgramLength,
    ProgramTensor,
    Stored,
)
from rfcalc.importers.torch.reading import read_program
from rfcalc.importers.torch.schema import Unexpected, of_kind, part

DEFAULT_SECONDS = 300.0
_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "capture_script.py")
_LONGEST_ANSWER = 256 * 2**20
# So much of what the user's code prints is kept, the last of it.
_LONGEST_PRINTED = 2**14
_CHUNK = 2**16


def capture(
    target: str,
    settings: Mapping[str, str],
    inputs: Mapping[str, tuple[int, ...]],
    python: str = "",
    seconds: float = DEFAULT_SECONDS,
) -> ImportedNetwork:
    """The network that a module of PyTorch is; THIS RUNS THE USER'S CODE, see `recorded`."""
    program = recorded(target, settings, inputs, python, seconds)
    return imported(program, target.rpartition(":")[2])


def recorded(
    target: str,
    settings: Mapping[str, str],
    inputs: Mapping[str, tuple[int, ...]],
    python: str = "",
    seconds: float = DEFAULT_SECONDS,
) -> Program:
    """The calls that a module of PyTorch makes; THIS RUNS THE USER'S CODE.

    target: `package.module:name` or `file.py:name`; the name is of a module, or of what makes one when it is
    called.  settings: what it is called with, by keyword, see `setting`.  inputs: their sizes, spatial axes,
    then channels, by the names that `forward` has for them, or by names that are no words ("", "0", "1") in
    its order; the batch is one example.  python: the interpreter that has PyTorch, this one where it is "".
    seconds: how long it may take.

    Raises UsageError where there is no such module, where it cannot be made or run (with the exception of
    the user's code and the line that raised it), or takes too long.
    """
    if not all(target.partition(":")):
        raise UsageError(f"{quoted(target)}: expected package.module:name, or file.py:name")
    with TemporaryDirectory(prefix="rfcalc-") as folder:
        request = {
            "target": target,
            "settings": {name: setting(text) for name, text in settings.items()},
            "inputs": [
                [name if name.isidentifier() else "", [*size[-1:], *size[:-1]]]
                for name, size in inputs.items()
            ],
            "exported": os.path.join(folder, "exported.pt2"),
        }
        answer = _answer(target, python or sys.executable, request, seconds)
        try:
            if "exported" in answer:
                return read_program(str(request["exported"]))
            if "error" in answer:
                raise _refusal(target, part(answer, "error", dict, ""))
            return program_of(part(answer, "program", dict, ""))
        except Unexpected as wrong:
            message = f"{quoted(target)}: the answer of its Python, at {cut(wrong.place.lstrip('.'))}"
            raise UsageError(f"{message}: expected {wrong.expected}") from None


def setting(text: str) -> object:
    """The value of a setting: `yes`, `no`, a number, list or other literal of Python, else the text."""
    words = {"yes": True, "no": False}
    if text in words:
        return words[text]
    try:
        value: object = literal_eval(text)
        json.dumps(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
    return value


def _answer(target: str, python: str, request: Mapping[str, object], seconds: float) -> dict[str, object]:
    """What the script answers when a Python runs it."""
    try:
        # What is started is the Python that the user names, with a script of this package.
        process = subprocess.Popen(  # noqa: S603  # a list that no shell reads
            [python, _SCRIPT, json.dumps(request)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot run {quoted(python)}: {reason}") from None
    answer, printed = bytearray(), bytearray()
    assert process.stdout
    assert process.stderr
    readers = [
        Thread(target=_collect, args=(process.stdout, answer, _LONGEST_ANSWER, False), daemon=True),
        Thread(target=_collect, args=(process.stderr, printed, _LONGEST_PRINTED, True), daemon=True),
    ]
    try:
        for reader in readers:
            reader.start()
        status = process.wait(seconds)
        for reader in readers:
            # What the user's code started itself may hold the pipes open for longer.
            reader.join(1)
    except subprocess.TimeoutExpired:
        message = f"{quoted(target)}: it was made and run for {seconds:g} s, the limit, without an end"
        raise UsageError(message) from None
    finally:
        _end(process)
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        raise UsageError(_crash(target, python, status, printed, len(answer))) from None
    if not isinstance(found, dict):
        raise UsageError(f"{quoted(target)}: {quoted(python)} answered {cut(str(found))}; expected an object")
    return found


def _collect(pipe: IO[bytes], held: bytearray, most: int, last: bool) -> None:
    """Read a pipe to its end and keep its first bytes, or its last."""
    with pipe:
        while data := os.read(pipe.fileno(), _CHUNK):
            if last:
                held += data
                del held[:-most]
            elif len(held) <= most:
                held += data


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and what it has started, where it still runs."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()


def _crash(target: str, python: str, status: int, printed: bytearray, length: int) -> str:
    """What is said where a Python ended without an answer."""
    if length > _LONGEST_ANSWER:
        return f"{quoted(target)}: its program is larger than {_LONGEST_ANSWER // 2**20} MiB, the limit"
    how = f"by signal {-status}" if status < 0 else f"with exit code {status}"
    lines = printed.decode("utf-8", "replace").strip().splitlines()
    said = f"; the last it printed: {quoted(lines[-1], 200)}" if lines else ""
    return f"{quoted(target)}: {quoted(python)} ended {how} before the module had run{said}"


def _refusal(target: str, about: Mapping[str, object]) -> UsageError:
    """The error that says why a module was not made or run."""
    kind = about.get("kind")
    names = [str(name) for name in part(about, "names", list, "error")] if "names" in about else []
    text = {key: str(value) for key, value in about.items()}
    if kind == "failure":
        where = f"{text['file']}:{text['line']}: " if text.get("file") else ""
        line = f"\n  {text['text']}" if text.get("text") else ""
        return UsageError(
            f"{where}{quoted(target)} failed: {text.get('type')}: {cut(text.get('message', ''), 500)}{line}"
        )
    if kind == "no attribute":
        hint = nearest(text["name"], names)
        return UsageError(f"{quoted(text['module'])} has no {quoted(text['name'])}{hint and f' ({hint})'}")
    if kind == "no input":
        hint = nearest(text["name"], names)
        there = f"its inputs: {listed(names)}" if names else "it has none"
        return UsageError(f"{quoted(target)} has no input {quoted(text['name'])}; {hint or there}")
    if kind == "inputs":
        return UsageError(
            _inputs_wanted(target, names, part(about, "given", int, "error"), about.get("first"))
        )
    if kind == "settings":
        unknown, lacking = (
            [str(name) for name in part(about, key, list, "error")] for key in ("unknown", "lacking")
        )
        return UsageError(_settings_wanted(target, names, unknown, lacking, text.get("message", "")))
    messages = {
        "no torch": f"there is no PyTorch in {quoted(text.get('python', ''), 200)} ({text.get('message')}); "
        f"{option('python', 'PATH')} names the Python that has it",
        "no module": f"there is no Python module {quoted(text.get('module', ''))} "
        "(looked for from the current folder, and among what that Python has installed)",
        "no file": f"there is no file {quoted(text.get('module', ''))}",
        "no callable": f"{quoted(target)} is of type {text.get('type')}; "
        "expected a torch.nn.Module, or what makes one",
        "no module made": f"{quoted(target)} makes what is of type {text.get('type')}; "
        "expected a torch.nn.Module",
        "settings of a module": f"{quoted(target)} is a module that is already made: there is nothing to set "
        f"({listed(names)})",
        "too many calls": f"{quoted(target)} makes more than {text.get('limit')} calls, the limit",
    }
    return UsageError(messages.get(str(kind), f"{quoted(target)}: {cut(str(kind))}"))


def _inputs_wanted(target: str, names: list[str], given: int, first: object) -> str:
    """What is said where inputs have no sizes, or there are too many."""
    takes = (
        f"{quoted(target)} has {counted(len(names), 'input')} ({listed(names)})" if names else quoted(target)
    )
    layer = ""
    if isinstance(first, list) and len(first) == 3:
        layer = f"; its first layer with weights is a {first[0]} with {first[1]} = {first[2]}"
    sizes = option("input", dict.fromkeys(names[:4], "SIZE") if len(names) > 1 else "SIZE")
    got = f"{given or 'no'} {'size is' if given == 1 else 'sizes are'} given"
    return f"{takes}; {got}{layer}: {sizes}, where a SIZE is such as 3,224,224 or 224x224x3"


def _settings_wanted(
    target: str, names: list[str], unknown: list[str], lacking: list[str], message: str
) -> str:
    """What is said where a callable does not take the arguments that it is given."""
    if unknown and names:
        hint = nearest(unknown[0], names) or f"it has {cut(listed(names))}"
        return f"{quoted(target)} has no argument {quoted(unknown[0])}; {hint}"
    if lacking:
        settings = option("set", dict.fromkeys(lacking, "VALUE"))
        return f"{quoted(target)} needs {counted(len(lacking), 'argument')} ({listed(lacking)}): {settings}"
    return f"{quoted(target)} cannot be called with these arguments: {cut(message, 500)}"


def program_of(about: Mapping[str, object]) -> Program:
    """The program that the script tells of; raises Unexpected where a part is not as it should be."""
    stored = {}
    for number, each in enumerate(part(about, "stored", list, "program")):
        place = f"program.stored[{number}]"
        tensor, path, learned, values = _fields(each, 4, place)
        found = _tensor(tensor, place)
        known = (
            tuple(_number(value, place) for value in of_kind(values, list, place))
            if values is not None
            else None
        )
        stored[found.name] = Stored(found, of_kind(path, str, place), of_kind(learned, bool, place), known)
    calls = []
    for number, each in enumerate(part(about, "calls", list, "program")):
        place = f"program.calls[{number}]"
        function, arguments, results, modules = _fields(each, 4, place)
        given = {key: _argument(value, place) for key, value in of_kind(arguments, dict, place).items()}
        made = tuple(_tensor(result, place) for result in of_kind(results, list, place))
        stack = [_fields(module, 2, place) for module in of_kind(modules, list, place)]
        ran = tuple((of_kind(path, str, place), of_kind(kind, str, place)) for path, kind in stack)
        calls.append(FunctionCall(of_kind(function, str, place), "", given, made, ran, f"call {number + 1}"))
    return Program(
        part(about, "name", str, "program"),
        part(about, "version", str, "program"),
        tuple(_tensor(each, "program.inputs") for each in part(about, "inputs", list, "program")),
        stored,
        tuple(calls),
        tuple(of_kind(name, str, "program.outputs") for name in part(about, "outputs", list, "program")),
    )


def _fields(value: object, count: int, place: str) -> list[object]:
    fields = of_kind(value, list, place)
    if len(fields) != count:
        raise Unexpected(place, f"{count} parts, not {len(fields)}")
    return fields


def _tensor(value: object, place: str) -> ProgramTensor:
    name, lengths, element = _fields(value, 3, place)
    sizes: list[ProgramLength] = [of_kind(length, int, place) for length in of_kind(lengths, list, place)]
    return ProgramTensor(of_kind(name, str, place), tuple(sizes), of_kind(element, str, place))


def _number(value: object, place: str) -> int | float | bool:
    if isinstance(value, int | float):
        return value
    raise Unexpected(place, "a number")


def _argument(value: object, place: str) -> ArgumentValue:
    if isinstance(value, list):
        return tuple(_argument(each, place) for each in value)
    if isinstance(value, dict):
        return Named(part(value, "tensor", str, place))
    if value is None or isinstance(value, int | float | str):
        return value
    raise Unexpected(place, "an argument")
