"""What `capture_script.py` records with: the calls that a module makes while it runs on tensors without data.

It stands alone, in the syntax of Python 3.9, and is loaded in the user's Python.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

# While a module runs, tensors that it makes of nothing have data up to so many elements: masks, positions.
_MOST_WHILE_RUN = 2**20
# The values of so many elements are told.
_MOST_VALUES = 1024
_MOST_CALLS = 200_000

_ANY_NUMBER = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
# Methods that move a tensor, and may change the type of its elements.
_MOVES = frozenset("to cuda cpu xpu hpu pin_memory type_as".split())
# Methods that need the values of a tensor.
_TAKES_VALUES = frozenset(
    "item tolist numpy __bool__ __int__ __float__ __index__ __complex__ __array__ __format__ __repr__".split()
)
# What writes to its first operand, beside what ends in an underscore.
_WRITES = frozenset(
    """__setitem__ __iadd__ __isub__ __imul__ __idiv__ __itruediv__ __ifloordiv__ __imod__ __ipow__ __iand__
    __ior__""".split()
)
# The functions that make a tensor of nothing but sizes and numbers.
_MADE_OF_NOTHING = (
    "arange empty empty_permuted empty_strided eye full hann_window hamming_window linspace logspace normal "
    "ones rand randint randn randperm range tensor tril_indices triu_indices zeros"
).split()


class TooManyCalls(Exception):
    """A module makes more calls than are recorded."""


def made_of_nothing(torch: Any) -> set[Any]:
    """The functions that make a tensor of nothing but sizes and numbers."""
    return {getattr(torch, name) for name in _MADE_OF_NOTHING if hasattr(torch, name)}


def made(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], most: int) -> Any:
    """A tensor that a function makes of nothing: with data where it has at most so many elements."""
    kwargs = {key: each for key, each in kwargs.items() if key not in ("device", "generator", "pin_memory")}
    planned = func(*args, **dict(kwargs, device="meta"))
    return planned if planned.numel() > most else func(*args, **dict(kwargs, device="cpu"))


def small_tensors_have_data(torch: Any, most: int) -> Any:
    """A mode in which what is made of nothing has no data, but where it is small; no other device is used."""
    from torch.overrides import TorchFunctionMode

    makers = made_of_nothing(torch)

    class SmallTensorsHaveData(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if func in makers:
                return made(func, args, kwargs or {}, most)
            if name_of(func) in _MOVES - {"to", "type_as"}:
                return args[0]
            return func(*args, **(kwargs or {}))

    return SmallTensorsHaveData()


def name_of(func: Any) -> str:
    """What a function is called: of a property that is read, the property's name."""
    name = getattr(func, "__name__", "") or type(func).__name__
    return getattr(getattr(func, "__self__", None), "__name__", name) if name == "__get__" else name


def leaves_of(value: Any) -> Iterator[Any]:
    """The parts of tuples, lists, dictionaries, slices and data classes, from left to right."""
    if isinstance(value, dict):
        value = list(value.values())
    elif isinstance(value, slice):
        value = [value.start, value.stop, value.step]
    elif hasattr(value, "__dataclass_fields__"):
        value = [getattr(value, name) for name in value.__dataclass_fields__]
    if not isinstance(value, (tuple, list)):
        yield value
        return
    for each in value:
        yield from leaves_of(each)


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """A structure as `leaves_of` takes it apart, each part replaced."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(mapped(each, change) for each in value))
    if isinstance(value, (tuple, list)):
        changed = [mapped(each, change) for each in value]
        return changed if isinstance(value, list) else _as_tuple(value, changed)
    if isinstance(value, dict):
        return {key: mapped(each, change) for key, each in value.items()}
    if isinstance(value, slice):
        return slice(*(mapped(each, change) for each in (value.start, value.stop, value.step)))
    return change(value)


def _as_tuple(like: tuple[Any, ...], parts: list[Any]) -> tuple[Any, ...]:
    """The parts as a tuple of the same kind: results with names are made of one sequence."""
    kind = type(like)
    return tuple(parts) if kind is tuple or not hasattr(kind, "n_fields") else kind(parts)


class Recording:
    """What is known while a module runs: the names of tensors, and the calls so far.

    A tensor is followed where its values depend on an input or a parameter, or where it has no data.
    Whatever else there is, is constant: it is computed as the code says, without a record, and stored where a
    tensor that is followed meets it.
    """

    def __init__(self, torch: Any, module: Any) -> None:
        self.torch = torch
        self.stored: list[list[Any]] = []
        self.calls: list[list[Any]] = []
        self.running: list[Any] = []
        self._names: dict[int, str] = {}
        self._followed: set[int] = set()
        self._used: set[str] = set()
        # Objects are known by their numbers: they are kept, so that no other gets the number.
        self._kept: list[Any] = []
        self._without_data: dict[int, Any] = {}
        self._signatures: dict[Any, Any] = {}
        self._made_of_nothing = made_of_nothing(torch)
        self._paths = {id(each): path for path, each in module.named_modules()}
        for path, tensor in (*module.named_parameters(), *module.named_buffers()):
            self._store(tensor, path)

    def follow(self, tensor: Any, wanted: str) -> list[Any]:
        """Give a tensor a name that none had before, and return what is told of it: name, size, type."""
        name, number = wanted, 0
        while name in self._used:
            number += 1
            name = f"{wanted}_{number}"
        self._used.add(name)
        self._names[id(tensor)] = name
        self._followed.add(id(tensor))
        self._kept.append(tensor)
        return [name, list(tensor.shape), str(tensor.dtype).replace("torch.", "")]

    def told(self, outputs: Any) -> dict[str, Any]:
        """What the answer holds: the tensors that are stored, the calls, the names of the outputs."""
        names = [self._names.get(id(each)) for each in leaves_of(outputs)]
        return {"stored": self.stored, "calls": self.calls, "outputs": [name for name in names if name]}

    def _store(self, tensor: Any, path: str) -> None:
        """Note a tensor that was there before the module ran, or was computed of none that is followed."""
        learned = isinstance(tensor, self.torch.nn.Parameter)
        about = self.follow(tensor, path or "constant")
        values = None
        if not learned and not tensor.is_meta:
            self._followed.discard(id(tensor))
            # What has a path and fractions is a running statistic, unless it is one number.
            most = 1 if path and tensor.is_floating_point() else _MOST_VALUES
            if tensor.numel() <= most and not tensor.is_complex() and not tensor.is_sparse:
                values = tensor.detach().reshape(-1).tolist()
        self.stored.append([about, path or about[0], learned, values])

    def _is_followed(self, tensor: Any) -> bool:
        return id(tensor) in self._followed or tensor.is_meta or isinstance(tensor, self.torch.nn.Parameter)

    def _bare(self, value: Any) -> Any:
        """The tensor without data that stands for one; anything else as it is."""
        if not isinstance(value, self.torch.Tensor) or value.is_meta:
            return value
        if id(value) not in self._without_data:
            self._without_data[id(value)] = value.detach().to("meta")
            self._kept.append(value)
        return self._without_data[id(value)]

    def call(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Carry out a call, and record it where it makes tensors of some that are followed."""
        name = name_of(func)
        if func in self._made_of_nothing or name.startswith("new_") or name.endswith("_like"):
            return made(func, args, kwargs, _MOST_WHILE_RUN)
        if name in _MOVES:
            kind = self._element_type(args, kwargs)
            if kind is None or kind == args[0].dtype:
                return args[0]
            func, args, kwargs = self.torch.Tensor.to, args[:1], {"dtype": kind}
        tensors = [each for each in leaves_of([args, kwargs]) if isinstance(each, self.torch.Tensor)]
        constant = not any(map(self._is_followed, tensors))
        if constant or (name in _TAKES_VALUES and not args[0].is_meta):
            return func(*args, **kwargs)
        originals = {id(self._bare(each)): each for each in tensors}
        result = func(*mapped(args, self._bare), **mapped(kwargs, self._bare))
        if name == "__iter__":
            result = tuple(result)
        outcome = [args[0]] if name == "__setitem__" else result
        if not any(isinstance(each, self.torch.Tensor) for each in leaves_of(outcome)):
            return result
        arguments = {key: self._argument(value) for key, value in self._by_name(func, args, kwargs).items()}
        writes = name in _WRITES or (name.endswith("_") and not name.endswith("__"))
        writes = writes or kwargs.get("out") is not None or arguments.get("inplace") is True
        results: list[list[Any]] = []

        def settled(value: Any) -> Any:
            if not isinstance(value, self.torch.Tensor):
                results.append(["", [], ""])
                return value
            if name == "__setitem__":
                results.append(self.follow(value, "setitem"))
                return value
            if id(value) in originals:
                # What is written to stays what it is; what is handed back unchanged becomes another object.
                value = originals[id(value)] if writes else value.detach()
            results.append(self.follow(value, name.strip("_")))
            return value

        outcome = mapped(outcome, settled)
        if len(self.calls) >= _MOST_CALLS:
            raise TooManyCalls(_MOST_CALLS)
        self.calls.append([name, arguments, results, self._stack()])
        return None if name == "__setitem__" else iter(outcome) if name == "__iter__" else outcome

    def _element_type(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The type of elements that a call which moves a tensor gives it; None where it gives none."""
        for each in (*args[1:], *kwargs.values()):
            if isinstance(each, self.torch.dtype):
                return each
            if isinstance(each, self.torch.Tensor):
                return each.dtype
        return None

    def _by_name(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a call by name, or by number where Python knows no names."""
        if func not in self._signatures:
            known = None
            if inspect.isfunction(func):
                with contextlib.suppress(TypeError, ValueError):
                    known = inspect.signature(func)
                # One that hands on whatever it gets tells nothing.
                if known and {each.kind for each in known.parameters.values()} & _ANY_NUMBER:
                    known = None
            self._signatures[func] = known
        known = self._signatures[func]
        if known is not None:
            with contextlib.suppress(TypeError):
                return dict(known.bind(*args, **kwargs).arguments)
        return dict({str(number): each for number, each in enumerate(args)}, **kwargs)

    def _argument(self, value: Any) -> Any:
        """An argument as json: a tensor by its name, a slice as a list behind the word."""
        if isinstance(value, self.torch.Tensor):
            if id(value) not in self._names:
                self._store(value, "")
            return {"tensor": self._names[id(value)]}
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, (tuple, list)):
            return [self._argument(each) for each in value]
        if isinstance(value, dict):
            return [[str(key), self._argument(each)] for key, each in value.items()]
        if isinstance(value, slice):
            return ["slice", *map(self._argument, (value.start, value.stop, value.step))]
        if value is Ellipsis:
            return "..."
        with contextlib.suppress(Exception):
            # A number of another library.
            return float(value) if not float(value).is_integer() else int(value)
        return str(value).replace("torch.", "")[:200]

    def _stack(self) -> list[list[str]]:
        """The paths and classes of the modules that run, those that the outermost one holds."""
        known = [(self._paths.get(id(module), ""), type(module).__name__) for module in self.running]
        return [[path, kind] for path, kind in known if path]


def recorded(torch: Any, module: Any, args: list[Any], kwargs: list[Any]) -> dict[str, Any]:
    """The program that a module is when it is called; args, kwargs: [name, tensor] of the inputs."""
    from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
    from torch.overrides import TorchFunctionMode

    recording = Recording(torch, module)
    inputs = [recording.follow(tensor, name) for name, tensor in (*args, *kwargs)]

    class Records(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return recording.call(func, args, kwargs or {})

    def enter(running: Any, _arguments: Any) -> None:
        recording.running.append(running)

    def leave(_running: Any, _arguments: Any, _result: Any) -> None:
        recording.running.pop()

    hooks = [register_module_forward_pre_hook(enter), register_module_forward_hook(leave)]
    try:
        with Records():
            outputs = module(*(tensor for _, tensor in args), **dict(kwargs))
    finally:
        for hook in hooks:
            hook.remove()
    about = {"name": type(module).__name__, "version": str(torch.__version__), "inputs": inputs}
    return dict(recording.told(outputs), **about)
