"""Globs of configurations that fit no network: what they limit or excuse is gone, or called otherwise."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence, Set

from rfcalc.cli.configuration import Configurations, Nearest, RuleSelection
from rfcalc.cli.gitignore import Gitignore
from rfcalc.cli.paths import Search, is_searched
from rfcalc.errors import quoted
from rfcalc.library import is_callable, shipped_names
from rfcalc.lint.finding import Finding
from rfcalc.lint.registry import find_rule
from rfcalc.wildcards import fits, path_parts

_WILDCARD = re.compile(r"[*?[\\]")
_SAID = {
    "RF306": ("which has a budget", "name the networks as they are called now, or remove the budget"),
    "RF901": ("for which rules are ignored", "name the networks as they are called now, or remove it"),
}


def unused_globs(
    configurations: Configurations,
    selection: RuleSelection,
    checked: Mapping[str, Set[str]],
    words: Sequence[str],
) -> Iterator[Finding]:
    """A finding for each glob that fits none of the networks of a run, and no other that is there.

    checked: for the folder of each configuration the networks that it held for, as its globs see them.  A run
    that names single files, as an editor does, does not look around for others, and says nothing.
    """
    if not any(map(is_searched, words)):
        return
    for nearest in configurations.in_use():
        source = nearest.configuration.source.name
        codes = selection.codes(nearest, nearest.relative(source))
        known = (*checked.get(nearest.folder, ()), *shipped_names())
        for glob in nearest.configuration.globs():
            if glob.code not in codes or any(fits(glob.network, name) for name in known):
                continue
            if not _is_there(glob.network, nearest):
                what, hint = _SAID[glob.code]
                message = f"no network fits {quoted(glob.network)}, {what}"
                yield find_rule(glob.code).finding(message, glob.position, hint)


def _is_there(glob: str, nearest: Nearest) -> bool:
    """Whether a network fits a glob, or may: what git ignores comes and goes, and so does what is outside."""
    parts = path_parts(glob)
    if is_callable(glob) or os.path.isabs(glob) or os.pardir in parts:
        return True
    gitignore = Gitignore()
    for count in range(1, len(parts) + 1):
        if gitignore.ignores(os.path.join(nearest.folder, *parts[:count]), count < len(parts)):
            return True
    # Without a slash it fits in any folder; else what is before the first wildcard is where to look.
    beginning = []
    for part in parts[:-1] if "/" in glob.rstrip("/") else ():
        if _WILDCARD.search(part):
            break
        beginning.append(part)
    top = os.path.join(nearest.folder, *beginning)
    return any(fits(glob, nearest.relative(path)) for path in Search(models=True).networks(top))
