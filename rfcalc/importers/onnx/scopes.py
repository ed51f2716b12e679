"""The modules that a node stands in, as the two exporters of PyTorch write them down."""

from __future__ import annotations

import re

from rfcalc.importers.tracing.naming import MOST_SCOPES

# The entry of a node's metadata in which the exporter since PyTorch 2.5 names them.
NAME_SCOPES = "pkg.torch.onnx.name_scopes"

# A string as Python's `repr` writes it.
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_ESCAPED = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_SIGNS = {"n": "\n", "r": "\r", "t": "\t"}


def listed_scopes(text: str) -> tuple[str, ...]:
    """The scopes in a text such as `['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d_1']`.

    The root of all modules, which has no name, is left out, and so is the last, which is the operator and no
    module.  () for a text that is no such list.
    """
    if not (text.startswith("[") and text.endswith("]")):
        return ()
    if "\\" in text or '"' in text:
        names = [_unescaped(single or double) for single, double in _STRING.findall(text)]
    else:
        names = text[2:-2].split("', '")
    return tuple(filter(None, names[:-1]))


def path_scopes(name: str) -> tuple[str, ...]:
    """The scopes of a node's name: `layer1`, `layer1.0`, `layer1.0.conv1` of `/layer1/layer1.0/conv1/Conv`.

    The last part is the operator.  Each part before it is a module's name within the one before; that of an
    element of a sequence has the name of the sequence in front, which is left out where the part before is
    that sequence.  A module that is called again has a number behind its name (`relu_1`), which cannot be
    told from a name that ends in a number.  Of very many parts the first ones are taken.  () for any other
    name.
    """
    if not name.startswith("/"):
        return ()
    scopes: list[str] = []
    path = before = ""
    for part in name.split("/", MOST_SCOPES + 1)[1:-1]:
        own = part.removeprefix(f"{before}.") if before else part
        path = f"{path}.{own}" if path else own
        scopes.append(path)
        before = part
    return tuple(scopes)


def _unescaped(text: str) -> str:
    def sign(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        if not code:
            return _SIGNS.get(found[4], found[4])
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else found[0]

    return _ESCAPED.sub(sign, text)
