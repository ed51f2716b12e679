"""What the figures of a network were before: from a baseline file, or from a revision of git."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.cli.configuration import BASELINE, Nearest
from rfcalc.cli.output import write_file
from rfcalc.cli.paths import Checkable, describes, relative, shown
from rfcalc.errors import DescriptionError, Source, UsageError, counted, quoted
from rfcalc.files import STANDARD_INPUT, bytes_of, keep, text_of
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.library import is_callable, shipped_names
from rfcalc.lint.budgets.baseline import (
    LONGEST_TEXT,
    Baseline,
    BaselineEntry,
    Previous,
    baseline_text,
    entry_of,
    read_baseline,
    updated,
)
from rfcalc.lint.budgets.budget import Budget
from rfcalc.lint.budgets.renames import NetworkContent, entry_content, renames
from rfcalc.lint.checking import stale
from rfcalc.lint.finding import Finding

if TYPE_CHECKING:
    from rfcalc.cli.renamed_files import RenamedFiles
    from rfcalc.cli.revision import Base

# The command that accepts the figures of one network, or of all that the run checks.
_Accept = Callable[[str | None], str]


class Recorded:
    """The figures in a baseline file, whose entries are called by their path from the file's folder.

    update: the figures of this run are what is compared with, and are written at its end.  given: whether
    the command line names the file, not a configuration.
    """

    def __init__(self, path: str, accept: _Accept, *, update: bool, given: bool) -> None:
        self.path = path
        self._name = shown(path)
        self._folder = os.path.dirname(os.path.abspath(path))
        self._update = update
        self._given = given
        self._accept = accept
        self._new: dict[str, BaselineEntry] = {}
        self._unchanged: str | None = None
        # The entries whose networks are gone and that no network of the run had, once that is asked for.
        self._gone: dict[str, NetworkContent] | None = None
        # What the networks of such entries are called now.
        self._became: dict[str, str] = {}
        if not update and not os.path.lexists(path):
            raise UsageError(f"there is no baseline {quoted(path)}; `{accept(None)}` writes it")
        self._baseline = self._read()
        keep(path, BASELINE)

    def previous(self, network: Checkable, analysis: NetworkAnalysis) -> Previous | None:
        """What a network's figures were; None where there is nothing to compare with."""
        if not network.file and network.kind == "input":
            return None
        key = relative(network.file, self._folder) if network.file else network.name
        if self._update:
            self._new[key] = entry_of(analysis)
        entry = self._new[key] if self._update else self._baseline.entries.get(key)
        name = ""
        if entry is None and (name := self._earlier(key, analysis)):
            entry = self._baseline.entries[name]
            self._became[name] = network.name
        # Comparing whole entries costs as much as making one, so it ends with the first that fits.
        waiting = not name and self._unchanged is None and network.kind != "input"
        if waiting and entry and entry.counts == entry_of(analysis).counts:
            self._unchanged = network.name
        return Previous(entry, self._name, self._accept(network.name), name=name)

    def _earlier(self, key: str, analysis: NetworkAnalysis) -> str:
        """The entry that was this network's, which has none, before its file was renamed; "" for none."""
        if self._gone is None:
            entries = self._baseline.entries.items()
            self._gone = {path: entry_content(entry) for path, entry in entries if not self._exists(path)}
        found = self._gone and renames(self._gone, {key: entry_content(entry_of(analysis))})
        if not found:
            return ""
        # An entry is that of one network.
        del self._gone[found[key]]
        return found[key]

    def stale(self) -> tuple[Finding, ...]:
        """A finding for each entry whose network is gone; none when they are about to be dropped."""
        if self._update:
            return ()
        # Any update drops them: where it can be, one that changes no other.
        what = "to drop it, and to accept what this run checked as it is now"
        if self._unchanged is not None:
            what = "to drop it and leave the others as they are"

        def hint(path: str) -> str:
            # To drop it alone would leave the network without figures that its growth is seen by.
            if now := self._became.get(path):
                return f"it is {now} now; to accept that with its new figures: {self._accept(now)}"
            return f"{what}: {self._accept(self._unchanged)}"

        return stale(self._baseline, self._exists, hint)

    def write(self) -> str:
        """Write the figures of this run with those that are there; what it did, in one line."""
        from rfcalc.cli.locks import locked

        with locked(self.path):
            # Others may have written to it while this run checked.
            there = self._read()
            new = updated(there, self._new, self._exists)
            text = baseline_text(new)
            if text != there.source.text:
                write_file(self.path, text)
        return f"{self._name} holds the figures of {counted(len(new.entries), 'network')}"

    def _read(self) -> Baseline:
        """What is in the file; no entries where there is none."""
        if not os.path.lexists(self.path):
            return Baseline(Source(self._name, ""))
        data = bytes_of(self.path, LONGEST_TEXT, given=self._given)
        return read_baseline(Source(self._name, text_of(data, self._name, LONGEST_TEXT, "a baseline")))

    def _exists(self, key: str) -> bool:
        """Whether there is a network of this path; of a callable that is not known without running it."""
        path = os.path.join(self._folder, key)
        return describes(path) if os.path.isfile(path) else is_callable(key) or key in shipped_names()


class Histories:
    """The histories of a run: a revision or a baseline that is named, else what each configuration names.

    given: the options with their values that networks are built with.  build: what builds a description as
    they say, given its bytes and its name; raises DescriptionError.
    """

    def __init__(
        self,
        baseline: str | None,
        revision: str | None,
        config: str | None,
        paths: Sequence[str],
        max_layers: int,
        given: Sequence[tuple[str, str]],
        build: Callable[[bytes, str], NetworkAnalysis],
        *,
        update: bool,
    ) -> None:
        if baseline is not None and revision is not None:
            raise UsageError("either --baseline or --against, not both")
        if update and revision is not None:
            raise UsageError(
                "--update-baseline writes the figures of the files as they are, without --against"
            )
        self._update = update
        self._revision: Base | None = None
        self._renamed: RenamedFiles | None = None
        if revision is not None:
            from rfcalc.cli.revision import Base

            self._revision = Base(revision)
        self._looked_up = False
        self._build = build
        limit = None if max_layers == MOST_LAYERS else str(max_layers)
        every = (("--config", config), ("--baseline", baseline), ("--max-layers", limit), *given)
        self._options = [word for option, value in every if value is not None for word in (option, value)]
        self._paths = paths
        self._recorded: dict[str, Recorded] = {}
        self._named = None if baseline is None else self._of_file(baseline, given=True)

    def previous(
        self,
        nearest: Nearest | None,
        network: Checkable,
        analysis: NetworkAnalysis,
        budgets: tuple[Budget, ...],
        files: Sequence[str],
        *,
        model: bool = False,
    ) -> Previous | None:
        """What the figures of a network were that a configuration, or none, and these budgets hold for.

        files: all that the run checks.  model: whether it was read from a model.  None where there is nothing
        to compare with.  Raises UsageError.
        """
        revision = self._revision
        if revision is None:
            recorded = self.of(nearest)
            return recorded.previous(network, analysis) if recorded else None
        if not network.file:
            return None
        # Asking git takes longer than all the rest.  It is asked for what is compared alone, and for the
        # first file: a revision that does not exist is reported though nothing is compared with it.
        limited = any(budget.increase for budget in budgets)
        if not limited and self._looked_up:
            return None
        where = revision.look_up(network.file).called
        self._looked_up = True
        if not limited:
            return None
        if model:
            return Previous(None, where, "", "models are not read from git; a baseline keeps figures")
        return self._at_revision(revision, network, where, files)

    def _at_revision(
        self, revision: Base, network: Checkable, where: str, files: Sequence[str]
    ) -> Previous | None:
        """What the figures of a network were at a revision, also under another name."""
        from rfcalc.cli.renamed_files import RenamedFiles
        from rfcalc.cli.revision import NotAtRevision, TooMuch

        name = ""
        try:
            data = revision.content(network.file)
        except NotAtRevision:
            self._renamed = self._renamed or RenamedFiles(revision, files)
            try:
                earlier = self._renamed.earlier(network.file)
            except TooMuch:
                reason = "it is not there, and too many files are gone to look for it under another name"
                return Previous(None, where, "", reason)
            if earlier is None:
                return Previous(None, where, "")
            name, data = earlier
        try:
            return Previous(entry_of(self._build(data, name or network.name)), where, "", name=name)
        except DescriptionError as error:
            first = error.diagnostics[0]
            return Previous(None, where, "", f"{first.position or network.name}: {first.message}")

    def of(self, nearest: Nearest | None) -> Recorded | None:
        """The baseline for a network that a configuration holds for, or none."""
        configured = nearest.baseline if nearest else None
        if self._revision is not None or self._named is not None or configured is None:
            return self._named
        return self._of_file(configured, given=False)

    def recorded(self) -> tuple[Recorded, ...]:
        """Every baseline of the run; raises UsageError when one is to be written and none is named."""
        if self._update and not self._recorded:
            raise UsageError("which baseline? name it with --baseline FILE or with `baseline` in rfcalc.toml")
        return tuple(self._recorded.values())

    def write(self) -> Iterable[str]:
        """Write every baseline of the run, if it is to be; what was done, a line for each."""
        return [recorded.write() for recorded in self._recorded.values() if self._update]

    def _accepting(self, path: str | None) -> str:
        """The command that accepts figures, so that it does what the run did that it follows."""
        from shlex import join

        paths = self._paths if path is None else (path,)
        words = (f"./{word}" if word.startswith("-") and word != STANDARD_INPUT else word for word in paths)
        return join(("rfcalc", "check", *words, *self._options, "--update-baseline"))

    def _of_file(self, path: str, *, given: bool) -> Recorded:
        key = os.path.abspath(path)
        if key not in self._recorded:
            self._recorded[key] = Recorded(path, self._accepting, update=self._update, given=given)
        return self._recorded[key]
