"""Names of a description as identifiers of Python: what is none is made one, and none hides another."""

from __future__ import annotations

import keyword
import re

# What every module has under these names, or what a class needs for itself.
_OF_MODULES = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict modules mtia named_buffers named_children named_modules
    named_parameters parameters register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
    register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
    zero_grad self super range torch nn functional Tensor tuple int bool annotations
    """.split()
)
_LONGEST = 60


def identifier(name: str, empty: str) -> str:
    """A name as an identifier of ASCII letters; `empty` where nothing of it is left."""
    word = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:_LONGEST].strip("_")
    if not word:
        return empty
    if word[0].isdigit():
        word = f"{empty}{word}"
    return (
        f"{word}_" if keyword.iskeyword(word) or keyword.issoftkeyword(word) or word in _OF_MODULES else word
    )


def class_name(name: str) -> str:
    """A name as that of a class: its words joined, each with a capital."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    joined = "".join(word[0].upper() + word[1:] for word in words)[:_LONGEST]
    if not joined:
        return "Network"
    if joined[0].isdigit():
        joined = f"Network{joined}"
    return f"{joined}_" if keyword.iskeyword(joined) else joined


class FreeNames:
    """Identifiers that are told apart by a number behind them."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def free(self, wanted: str) -> str:
        """The identifier, or the first with a number that nothing else has; it is taken from now on."""
        name = wanted
        between = "_" if wanted[-1:].isdigit() else ""
        while name in self._taken:
            self._next[wanted] = self._next.get(wanted, 1) + 1
            name = f"{wanted}{between}{self._next[wanted]}"
        self._taken.add(name)
        return name
