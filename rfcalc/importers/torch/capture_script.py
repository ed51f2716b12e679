"""What runs in the user's Python, which has PyTorch: it makes a module, runs it and writes its calls as json.

It stands alone, with `capture_recording.py`: nothing of rfcalc is imported, and the syntax is that of Python
3.9.  It runs the user's code.  The request is json in the first argument; the answer goes to what was
standard output, while everything that the user's code prints goes to standard error.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import itertools
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

# While a module is made, tensors of more elements have no data; small ones do, since code reads their values.
_MOST_WHILE_MADE = 256
# Of so many inputs both types, fractions and whole numbers, are tried.
_MOST_TRIED = 4


class NotCaptured(Exception):
    """A request that cannot be carried out; about: what is told of it, `kind` among it."""

    def __init__(self, kind: str, **about: object) -> None:
        super().__init__(kind)
        self.about = dict(about, kind=kind)


def sibling(name: str, *wanted: str) -> list[Any]:
    """What a module beside this file defines; it is loaded by no name that another could have."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    spec = importlib.util.spec_from_file_location(f"rfcalc {name}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [getattr(module, each) for each in wanted]


def found_object(target: str) -> Any:
    """What `package.module:name` or `file.py:name` names."""
    where, _, name = target.rpartition(":")
    if where.endswith(".py"):
        if not os.path.isfile(where):
            raise NotCaptured("no file", module=where)
        sys.path.insert(0, os.path.dirname(os.path.abspath(where)))
        where = os.path.basename(where)[: -len(".py")]
    try:
        found: Any = importlib.import_module(where)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if where == missing or where.startswith(f"{missing}."):
            raise NotCaptured("no module", module=missing) from None
        raise
    for part in name.split("."):
        if not hasattr(found, part):
            names = [each for each in dir(found) if not each.startswith("_")]
            raise NotCaptured("no attribute", module=where, name=part, names=names[:2000])
        found = getattr(found, part)
    return found


def made_module(torch: Any, without_data: Any, target: str, settings: dict[str, Any]) -> Any:
    """The module that a target is, or makes when it is called with the settings.

    without_data: the mode in which it is made.
    """
    found = found_object(target)
    if not isinstance(found, torch.nn.Module):
        if not callable(found):
            raise NotCaptured("no callable", type=type(found).__name__)
        try:
            with without_data:
                made = found(**settings)
        except RuntimeError:
            # What has no data cannot do all that code may ask for, and torch says so by this or by
            # NotImplementedError, which is one of them.
            made = found(**settings)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise
            # Nothing of the user's ran: the arguments are not those that it takes.
            raise NotCaptured("settings", message=str(error), **taken(found, settings)) from None
        if not isinstance(made, torch.nn.Module):
            raise NotCaptured("no module made", type=type(made).__name__)
        found = made
    elif settings:
        raise NotCaptured("settings of a module", names=list(settings))
    # What compiles a module, or spreads it over devices, holds it.
    for kind, name in (("OptimizedModule", "_orig_mod"), ("DataParallel", "module")):
        if type(found).__name__ == kind:
            found = getattr(found, name)
    return found.eval()


def taken(called: Any, settings: dict[str, Any]) -> dict[str, list[str]]:
    """The arguments that a callable takes by name, those that are lacking, and the settings that are none."""
    try:
        known = list(inspect.signature(called).parameters.values())
    except (TypeError, ValueError):
        return {"names": [], "lacking": [], "unknown": []}
    named = [each for each in known if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    names = [each.name for each in named]
    return {
        "names": names,
        "lacking": [each.name for each in named if each.default is each.empty and each.name not in settings],
        "unknown": [name for name in settings if name not in names],
    }


def planned_inputs(module: Any, sizes: list[Any]) -> tuple[list[Any], int]:
    """The inputs, [name, size], those by position first, and how many these are.

    sizes: [name, size] as they were asked for, the name "" where they are in the order of `forward`.
    """
    known = list(inspect.signature(module.forward).parameters.values())
    ordered = [each.name for each in known if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    required = [each.name for each in known if each.name in ordered and each.default is each.empty]
    by_name = [name for name, _ in sizes if name]
    for name in by_name:
        if name not in [each.name for each in known] and not any(
            each.kind == each.VAR_KEYWORD for each in known
        ):
            raise NotCaptured("no input", name=name, names=[each.name for each in known])
    unnamed = [size for name, size in sizes if not name]
    left = [name for name in ordered if name not in by_name]
    for each in known:
        if each.kind == each.VAR_POSITIONAL:
            left += [f"{each.name}_{number}" for number in range(len(unnamed))]
    missing = [name for name in required if name not in by_name and name not in left[: len(unnamed)]]
    if missing or len(unnamed) > len(left) or not sizes:
        raise NotCaptured("inputs", names=required or ordered, given=len(sizes), first=first_layer(module))
    by_position = [[name, size] for name, size in zip(left, unnamed)]
    return by_position + [[name, size] for name, size in sizes if name], len(unnamed)


def first_layer(module: Any) -> list[Any]:
    """The class of the first layer that says how many channels it reads, under which name, and how many."""
    for each in module.modules():
        for key in ("in_channels", "in_features", "num_embeddings"):
            if isinstance(getattr(each, key, None), int):
                return [type(each).__name__, key, getattr(each, key)]
    return []


def captured(request: dict[str, Any]) -> dict[str, Any]:
    """What is told of the module that is asked for."""
    try:
        import torch
    except ImportError as error:
        raise NotCaptured("no torch", message=str(error), python=sys.executable) from None
    small_tensors_have_data, recorded, too_many_calls = sibling(
        "capture_recording.py", "small_tensors_have_data", "recorded", "TooManyCalls"
    )
    with torch.no_grad():
        without_data = small_tensors_have_data(torch, _MOST_WHILE_MADE)
        module = made_module(torch, without_data, request["target"], request["settings"])
        planned, given = planned_inputs(module, request["inputs"])
        failed: list[tuple[Exception, list[Any]]] = []
        for inputs in tried(torch, planned):
            try:
                return {"program": recorded(torch, module, inputs[:given], inputs[given:])}
            except too_many_calls as error:
                raise NotCaptured("too many calls", limit=error.args[0]) from None
            except Exception as error:
                failed.append((error, inputs))
        first, inputs = failed[0]
        with contextlib.suppress(Exception):
            export(torch, module, inputs[:given], inputs[given:], request["exported"])
            return {"exported": True}
        raise first


def tried(torch: Any, planned: list[Any]) -> Any:
    """The inputs in all the forms that are tried: with a batch of one and without, of either type.

    What reads a table takes whole numbers; which of the inputs those are shows where others are refused.
    """
    for batch in ((1,), ()):
        for kinds in itertools.product((torch.float32, torch.int64), repeat=len(planned[:_MOST_TRIED])):
            every = kinds + (torch.float32,) * (len(planned) - len(kinds))
            yield [
                [name, torch.empty((*batch, *size), dtype=kind, device="meta")]
                for (name, size), kind in zip(planned, every)
            ]


def export(torch: Any, module: Any, args: list[Any], kwargs: list[Any], path: str) -> None:
    """Write an exported program of a module, by PyTorch's own tracing."""
    tensors = tuple(tensor for _, tensor in args)
    program = torch.export.export(module.to("meta"), tensors, dict(kwargs), strict=False)
    torch.export.save(program, path)


def failure(error: BaseException) -> dict[str, Any]:
    """What is told of an exception of the user's code: its type, its message, and where it was raised."""
    ours = (os.path.dirname(os.path.abspath(__file__)), "<frozen")
    frames = [
        each for each in traceback.extract_tb(error.__traceback__) if not each.filename.startswith(ours)
    ]
    near = [
        each
        for each in frames
        if not each.filename.startswith(os.path.dirname(os.__file__))
        and f"{os.sep}site-packages{os.sep}" not in each.filename
    ]
    told = {"kind": "failure", "type": type(error).__name__, "message": str(error)[:2000]}
    for last in (near or frames)[-1:]:
        told.update(file=last.filename, line=str(last.lineno), text=last.line or "")
    if isinstance(error, SyntaxError):
        told.update(file=error.filename or "", line=str(error.lineno), text=(error.text or "").strip())
    return told


def main(request: dict[str, Any], answer: Callable[[dict[str, Any]], None]) -> None:
    """Carry out a request and give the answer to a function."""
    try:
        answer(captured(request))
    except NotCaptured as error:
        answer({"error": error.about})
    except BaseException as error:  # also what ends a process: the user's code may say `sys.exit()`
        answer({"error": failure(error)})


if __name__ == "__main__":
    written = os.dup(1)
    os.dup2(2, 1)
    # Not the folder of this file, whose modules have names that others have.
    sys.path[0] = os.getcwd()

    def write(answer: dict[str, Any]) -> None:
        """Write the answer to what was standard output."""
        data = json.dumps(answer).encode()
        while data:
            data = data[os.write(written, data) :]

    main(json.loads(sys.argv[1]), write)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads and exit functions of the user's code are not waited for.
    os._exit(0)
