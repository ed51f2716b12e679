"""Checking one description: its text is read, built and analysed, rules look at it, ignores silence them.

Ignores are applied to each place that a rule finds.  What is left of a rule that speaks once of a network is
put together afterwards, so that no ignore takes away more than what it stands at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.analyze import analyze_graph
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.errors import DescriptionError, Diagnostic, Related, Source, printable, quoted
from rfcalc.files import text_of
from rfcalc.graph.build import build, every_mistake
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.lint.budgets.baseline import Baseline, Previous
from rfcalc.lint.budgets.budget import Budget
from rfcalc.lint.finding import Finding
from rfcalc.lint.ignores import apply_ignores, ignore_mistakes, read_ignores
from rfcalc.lint.outcome import Checked
from rfcalc.lint.registry import find_rule
from rfcalc.lint.rule import Again, Rule, Subject, as_finding
from rfcalc.lint.rules.rf900_cannot_be_built import find as cannot_be_built
from rfcalc.lint.rules.rf901_unused_ignore import find as unused_ignore
from rfcalc.records import NamedTuple
from rfcalc.spec.document_text import LONGEST_TEXT
from rfcalc.spec.reader import read_network
from rfcalc.spec.syntax import Network

if TYPE_CHECKING:
    from rfcalc.graph.trial import Trials

# Of more places that are one finding the rest are counted: a reader who has mended so many asks again.
MOST_PLACES = 50


class Built(NamedTuple):
    """A description that has been built: its text, its syntax tree, and its analysis.

    part: whether that is the analysis of some of its layers alone.  again: its analysis with other values,
    see `Subject`; trials: how it can be built at other sizes.
    """

    source: Source
    network: Network
    analysis: NetworkAnalysis
    part: bool = False
    again: Again | None = None
    trials: Callable[[], Trials] | None = None


def build_data(data: bytes, name: str, max_layers: int = MOST_LAYERS) -> Built:
    """The bytes of a file, read, built and analysed; `name` is what its positions call it.

    max_layers: how many layers it may have.  Raises DescriptionError with every mistake, bytes that are no
    text included.
    """
    source = Source(name, text_of(data, name, LONGEST_TEXT, "a description"))
    try:
        network = read_network(source)
    except DescriptionError:
        raise every_mistake(source) from None
    return Built(source, network, analyze_graph(build(network, max_layers=max_layers)))


def run_rules(subject: Subject, codes: Iterable[str]) -> tuple[Finding, ...]:
    """What the rules of these codes find in a network, in the order of the text, each finding once."""
    return _put_together(_every_place(subject, codes), subject)


def _every_place(subject: Subject, codes: Iterable[str]) -> tuple[Finding, ...]:
    """What the rules of these codes find, place by place: rule by rule, in the order in which it reports."""
    found: dict[tuple[object, ...], Finding] = {}
    for code in codes:
        for finding in _findings(find_rule(code), subject):
            # A line that is built many times is one place to mend.
            found.setdefault((finding.code, finding.position, finding.message), finding)
    return tuple(found.values())


def _findings(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """What a rule finds; where its function fails, that too: it must cost no other rule its findings."""
    try:
        for report in rule.find(subject):
            yield as_finding(rule, report, subject)
    except Exception as error:
        yield _failure(rule, subject, error)


def _failure(rule: Rule, subject: Subject, error: Exception) -> Finding:
    what = printable(f"{type(error).__name__}: {error}")
    return find_rule("RF909").finding(
        f"the rule {rule.code} failed on this network ({what}): what it would have found is not known",
        subject.network.layers_position,
        f"this is a bug of rfcalc; --ignore {rule.code} leaves the rule out until it is mended",
    )


def _put_together(findings: Iterable[Finding], subject: Subject) -> tuple[Finding, ...]:
    """Findings in the order of the text, those of a rule that speaks once of a network as one."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    found: list[Finding] = []
    for code, alike in by_code.items():
        rule = find_rule(code)
        if rule.together is None or len(alike) == 1:
            found += alike
            continue
        try:
            whole = rule.together(alike)
        except Exception as error:
            found += [*alike, _failure(rule, subject, error)]
        else:
            found.append(whole._replace(related=whole.related + _further_places(alike[1:])))
    return tuple(sorted(found, key=place))


def _further_places(findings: Sequence[Finding]) -> tuple[Related, ...]:
    """The places of findings that are told with another, each with what it would say by itself."""
    placed = [
        Related(finding.message, finding.position) for finding in findings[:MOST_PLACES] if finding.position
    ]
    if placed and len(findings) > MOST_PLACES:
        last, left = placed[-1], len(findings) - MOST_PLACES
        placed[-1] = last._replace(message=f"{last.message}; {left:,} more places are not listed")
    return tuple(placed)


def place(finding: Finding) -> tuple[str, int, int, str]:
    """The order of findings: by file, line, column and code."""
    position = finding.position
    if position is None:
        return "", 0, 0, finding.code
    return position.source.name, position.line, position.column, finding.code


def check_built(
    built: Built,
    name: str,
    codes: Collection[str],
    budgets: tuple[Budget, ...] = (),
    previous: Previous | None = None,
    ignored: Callable[[Finding], bool] = lambda _: False,
) -> Checked:
    """What the rules of these codes find in a description, in the order of its text.

    name: what reports call it.  budgets: those that hold for it.  previous: what its figures were.
    ignored: whether something beside its comments ignores what is found at one place.
    """
    source, network, analysis, part, again, trials = built
    subject = Subject(network, analysis, budgets, previous, again, trials)
    ignores = read_ignores(source, network.blocks)
    applied = tuple(code for code in sorted(codes) if find_rule(code).applies(subject))
    # Of a part it cannot be said that an ignore ignores nothing: its reason may be in the rest.
    judged = applied if not part else tuple(set(applied) & {unused_ignore.code})
    every, silenced = apply_ignores(_every_place(subject, applied), ignores, judged)
    kept = [finding for finding in every if not ignored(finding)]
    silenced += len(every) - len(kept)
    return Checked(name, source, _put_together(kept, subject), silenced, len(analysis.layers))


def unbuilt(name: str, diagnostics: Iterable[Diagnostic], codes: Collection[str] = ()) -> Checked:
    """The record of a description that cannot be built: each mistake is a finding, whatever is selected.

    codes: the rules that are looked for; mistakes of ignores are reported where the text reads as a document.
    """
    found = [
        cannot_be_built.finding(each.message, each.position, each.hint)._replace(
            related=each.related, text="" if each.position else name
        )
        for each in diagnostics
    ]
    sources = [finding.position.source for finding in found if finding.position]
    if unused_ignore.code in codes and sources:
        found += ignore_mistakes(sources[0])
    return Checked(
        name, sources[0] if sources else Source(name, ""), tuple(sorted(found, key=place)), 0, None
    )


def check_data(data: bytes, name: str, codes: Collection[str]) -> Checked:
    """What is found in the bytes of a file, which may be anything, without budgets."""
    try:
        return check_built(build_data(data, name), name, codes)
    except DescriptionError as error:
        return unbuilt(name, error.diagnostics, codes)


def stale(
    baseline: Baseline, exists: Callable[[str], bool], hint: Callable[[str], str] = lambda path: ""
) -> tuple[Finding, ...]:
    """A finding for each entry of which there is no network any more, in the order of the paths.

    exists: whether there is a network of this path.  hint: how the entry of a path is dropped.
    """
    gone = [path for path in sorted(baseline.entries) if not exists(path)]
    places = baseline.places() if gone else {}
    return tuple(
        find_rule("RF305").finding(
            f"the baseline has an entry of {quoted(path)}, where there is no network any more",
            places.get(path, baseline.source.at(0)),
            hint(path),
        )
        for path in gone
    )
