"""Networks that are no descriptions: a file of another program, or a callable in Python.

Each is read at one input size, which its arithmetic of shapes depends on, and printed as the description that
everything else works on; for another size it is read again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rfcalc.errors import (
    DescriptionError,
    Diagnostic,
    Position,
    Source,
    UsageError,
    in_file,
    mistake,
    nearest,
    option,
    placed,
    printable,
    quoted,
)
from rfcalc.files import head_of, is_given
from rfcalc.graph.values import shape_of
from rfcalc.importers.formats import SCALE, Importer, importer_of, refuse_folder
from rfcalc.records import NamedTuple
from rfcalc.spec.evaluate import evaluate
from rfcalc.spec.given import size_given
from rfcalc.spec.tokens import ExpressionError

if TYPE_CHECKING:
    from rfcalc.importers.steps import ImportedNetwork
    from rfcalc.ops.attributes import Value
    from rfcalc.units import NumberFormats


# ModelSizes in numbers, spatial axes then channels, by the name of the input ("" for the only one).
ModelSizes = Mapping[str, tuple[int, ...]]


class ModelTarget(NamedTuple):
    """What is read: the path of a file and its importer, or `package.module:callable` without one.

    name: what messages call it.  python: the interpreter that runs a callable, "" for the one that runs.
    part: what of the file is meant, as it stood behind its path; "" where nothing did.
    """

    target: str
    name: str
    importer: Importer | None = None
    python: str = ""
    part: str = ""

    @property
    def kind(self) -> str:
        """What it is, with its article."""
        return self.importer.name if self.importer else "a callable in Python"


# Number formats by the types of elements.
_FORMATS: Mapping[str, str] = {
    "float16": "fp16",
    "bfloat16": "bf16",
    "int8": "int8",
    "uint8": "int8",
    "float32": "fp32",
    "float64": "fp64",
    "": "fp32",
}


def _format(element: str) -> str:
    """The number format of an element type, "" for one that bytes are not counted in."""
    return "fp8" if element.startswith("float8") else _FORMATS.get(element, "")


class Imported(NamedTuple):
    """A model that has been read, and with what; settings: the arguments of a callable, in Python's words."""

    model: ModelTarget
    sizes: ModelSizes
    settings: Mapping[str, str]
    network: ImportedNetwork

    @property
    def dtype(self) -> NumberFormats:
        """The number formats of most of its values; fp32 for one that is not counted in."""
        from rfcalc.units import NumberFormats

        return NumberFormats(*[_format(one) or "fp32" for one in self.network.elements])

    def source(self) -> Source:
        """Its description, a layer on a line, whose lines know their places in the user's file."""
        from rfcalc.importers.writing.flat import flat

        written = flat(self.network)
        places = "\n".join((*map(printable, written.places), ""))
        return Source(self.model.name, written.text, places, self.network.text)

    def remarks(self) -> tuple[Diagnostic, ...]:
        """What has to be said of how it was read."""
        name, text = self.model.name, self.network.text
        said = list(self.network.remarks)
        for what, element in zip(("parameters", "outputs of layers"), self.network.elements, strict=True):
            if not _format(element):
                said.append(
                    (f"{what} are {element}, whose bytes are counted as fp32; see {option('dtype')}", "")
                )
        return tuple(Diagnostic(told, placed(name, place, text), "note") for told, place in said)

    def again(self, inputs: Mapping[str, str], params: Mapping[str, object]) -> Imported:
        """The same model at other sizes or with other arguments where some are given, see `read_model`."""
        sizes = _in_numbers(inputs) if inputs else self.sizes
        settings = _as_python(params) if params else self.settings
        if sizes == self.sizes and settings == self.settings:
            return self
        return _read(self.model, sizes, settings)


def file_model(path: str, name: str) -> ModelTarget | None:
    """The model that a path leads to; None for a file that is none, or that cannot be looked at.

    Raises UsageError for a format that is not read.
    """
    if os.path.isdir(path):
        refuse_folder(path)
    if is_given(path):
        # What a process was given can be read once.
        return None
    path, part = part_of(path)
    name = name.removesuffix(f":{part}")
    try:
        head = head_of(path)
    except UsageError:
        # Whoever reads all of it reports that.
        return None
    importer = importer_of(path, head)
    if part and not (importer and importer.part):
        what = importer.name if importer else "a description"
        raise UsageError(f"{quoted(path)} is {what}, which has no parts; leave out {quoted(f':{part}')}")
    return ModelTarget(path, name, importer, part=part) if importer else None


def part_of(target: str) -> tuple[str, str]:
    """The path of a file, and what of it is meant: `file:part`; nothing where the file is called so."""
    path, colon, part = target.rpartition(":")
    return (path, part) if colon and not os.path.lexists(target) and os.path.isfile(path) else (target, "")


def values_in(path: str, name: str = "") -> Mapping[str, str]:
    """The values that a file lists for a setting, with what is said of each; none where it lists none.

    name: of the setting; "" for the one whose value may stand behind the path.
    Raises DescriptionError and UsageError for a file that is not read.
    """
    model = None if is_given(path) else file_model(path, path)
    importer = model.importer if model else None
    if importer is None or (name or importer.part) not in importer.listed:
        return {}
    return importer.lister().values_in(path)


def settings_of(path: str) -> Mapping[str, str]:
    """What can be said of a file by its importer's settings; none for one that is no model."""
    model = None if is_given(path) else file_model(path, path)
    return model.importer.settings if model and model.importer else {}


def callable_model(target: str, python: str) -> ModelTarget:
    """The model that a callable makes; raises UsageError where it is called."""
    called, parenthesis, arguments = target.partition("(")
    if parenthesis:
        first = arguments.partition(",")[0].rstrip(") ")
        name, _, value = first.partition("=") if "=" in first else ("NAME", "", "VALUE")
        raise UsageError(
            f"{quoted(target)} is an expression of Python; name the callable alone and give its arguments by "
            f"{option('set')}: {called} {option('set', {name: value})}"
        )
    return ModelTarget(target, target, None, python)


def read_model(model: ModelTarget, inputs: Mapping[str, str], params: Mapping[str, object]) -> Imported:
    """Read a model at these sizes, as they are written for `--input`; a callable is run with these arguments.

    Raises DescriptionError with the place in the file, and UsageError.
    """
    return _read(model, _in_numbers(inputs), _as_python(params))


def _read(model: ModelTarget, sizes: ModelSizes, settings: Mapping[str, str]) -> Imported:
    importer = model.importer
    try:
        if importer is not None:
            own = os.path.splitext(os.path.basename(model.target))[0]
            given = settings
            if model.part:
                given = _with_part(importer.part, model.part, settings)
            for name in given:
                _refuse_unknown(importer, name)
            network = importer.reader().read(model.target, own, sizes, given)
        else:
            from rfcalc.importers.torch.capture import capture

            network = capture(model.target, settings, sizes, model.python)
    except DescriptionError as error:
        raise DescriptionError(_in_model(model, each) for each in error.diagnostics) from None
    except UsageError as error:
        raise UsageError(f"{model.name}: {error}" if model.importer else str(error)) from None
    return Imported(model, sizes, settings, network)


def _with_part(name: str, part: str, settings: Mapping[str, str]) -> Mapping[str, str]:
    """Settings with the part that stands behind the path; raises UsageError where they name another."""
    if settings.get(name, part) != part:
        raise UsageError(f":{part} is one {name}, and {option('set', {name: settings[name]})} another")
    return {**settings, name: part}


def _refuse_unknown(importer: Importer, name: str) -> None:
    if name in importer.settings:
        return
    if name == SCALE:
        raise UsageError(
            f"{option(SCALE)}: there are no scales in {importer.name}, but in one of Ultralytics"
        )
    if not importer.settings:
        raise UsageError(
            f"{option('set', {name: '…'})}: {importer.name} has no parameters; `rfcalc convert` makes a "
            "description of it, which can have some"
        )
    known = ", ".join([f"{each} ({about})" for each, about in importer.settings.items()])
    hint = nearest(name, importer.settings) or f"what can be said is {known}"
    raise UsageError(f"{option('set', {name: '…'})}: no parameter of {importer.name} is called so; {hint}")


def _in_model(model: ModelTarget, found: Diagnostic) -> Diagnostic:
    """A mistake with the name of the model, which its importer need not know."""

    def named(place: Position) -> Position:
        return place if place.source.name else place._replace(source=place.source._replace(name=model.name))

    related = tuple([each._replace(position=named(each.position)) for each in found.related])
    return found._replace(position=named(found.position or in_file("", "")), related=related)


def _as_python(params: Mapping[str, object]) -> dict[str, str]:
    """Arguments as text; what is text already is what a command line gave."""
    return {name: value if isinstance(value, str) else repr(value) for name, value in params.items()}


def _in_numbers(inputs: Mapping[str, str]) -> ModelSizes:
    """ModelSizes as they are written, in numbers; raises DescriptionError for others."""
    found: dict[str, tuple[int, ...]] = {}
    for name, size in inputs.items():
        written = size_given(size, name)
        try:
            lengths = shape_of(evaluate(written.tree, _NoNames())).sizes()
        except ExpressionError as error:
            raise mistake(error.message, written.at(error.start, error.end), error.hint) from None
        except ValueError as error:
            raise mistake(str(error), written.position) from None
        found[name] = tuple(length for length in lengths if isinstance(length, int))
    return found


class _NoNames:
    """The names of sizes that are written in numbers: there are none."""

    def spend(self, products: int) -> None:
        """Numbers cost nothing."""

    def value(self, name: str) -> Value | None:
        """No name has a value."""
        return None

    def unknown(self, name: str) -> tuple[str, str]:
        """Why there is none."""
        return (
            f"a model is read at a size in numbers, and {quoted(name)} is none",
            "`rfcalc convert` makes a description of it, which takes symbols where its layers allow them",
        )
