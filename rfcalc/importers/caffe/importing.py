"""A prototxt of Caffe as a network of steps."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.errors import Source, UsageError, listed, nearest, option, quoted
from rfcalc.files import bytes_of, text_of
from rfcalc.importers.caffe.following import LayerFollower, needed
from rfcalc.importers.caffe.network import (
    PHASES,
    EnteringTensor,
    PhaseNetwork,
    in_phase,
    missing_size,
    stages_of,
)
from rfcalc.importers.caffe.text_format import TextMessage, TextScalar, read_message
from rfcalc.importers.caffe.values import Checker
from rfcalc.importers.inputs import by_input, in_order
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.tracing.collector import MOST_STEPS
from rfcalc.importers.tracing.tracer import MOST_CALLS, StepTracer, attempt, examples
from rfcalc.importers.tracing.views import Dimension, TensorView
from rfcalc.problems import Problems

_LONGEST_TEXT = 8 * 2**20
# Fields of a solver, which says how a network is trained.
_OF_SOLVER = frozenset("net train_net test_net base_lr lr_policy solver_type solver_mode max_iter".split())


def read(
    path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    """The network in a file, called `name`.

    settings: phase (TEST or TRAIN), stage.  Raises DescriptionError with every mistake in the file, and
    UsageError.
    """
    data = bytes_of(path, _LONGEST_TEXT, given=True)
    if b"\0" not in data and len(data) <= _LONGEST_TEXT:
        # Comments are in whatever encoding their author's editor had (GBK is frequent); Caffe does not look.
        data = data.decode("utf-8", "replace").encode()
    return imported(text_of(data, "", _LONGEST_TEXT, "a prototxt"), name, inputs, settings)


def imported(
    text: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    """The network that a text is; see `read`."""
    source = Source("", text)
    problems = Problems()
    tracer = StepTracer(text, sharing=True, most=MOST_STEPS)
    message = read_message(source, problems)
    _refuse_solver(source, message, problems)
    checker = Checker(source, problems, lambda said, place: tracer.remark(said, place.span))
    net = checker.values(message, "NetParameter", source.at(0))
    phase = _phase(settings)
    stages = [one.strip() for one in settings.get("stage", "").split(",") if one.strip()]
    network = in_phase(net, phase, stages, problems)
    named = stages_of(net)
    if not network.layers:
        hint = f"rules ask for the stages {named}: {option('set', {'stage': '…'})}" if named else ""
        problems.stop("there is no layer", source.at(0), hint or "a layer is layer { name: … type: … }")
    if len(network.layers) > MOST_CALLS:
        problems.stop(f"more than {MOST_CALLS:,} layers", network.layers[MOST_CALLS].place)
    phase = phase or net.message("state").word("phase", PHASES[0])
    if network.others:
        other = PHASES[1 - PHASES.index(phase)]
        tracer.remark(
            f"the network is that of phase {phase}; {option('set', {'phase': other})} builds the other"
        )
    if not network.entering:
        hint = f"rules ask for the stages {named}: {option('set', {'stage': '…'})}" if named else ""
        problems.stop(
            "nothing enters the network",
            network.layers[0].place,
            hint or 'as layer { type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 … } } }',
        )
    entered = _entered(network, inputs, problems)
    batch = examples([one.lengths for one in entered.values() if one.lengths][:1])
    follower = LayerFollower(tracer, network, batch, problems, phase)
    for one in network.entering:
        if one.name in follower.blobs:
            problems.add(f"{quoted(one.name)} enters twice", one.place)
            continue
        given = entered.get(one.name)
        view = None
        if given is not None and given.lengths:
            lengths = given.lengths
            view = _input(tracer, given, lengths, batch, alone=len(entered) == 1)
            if given.remark and one.name not in inputs and not inputs:
                tracer.remark(given.remark, one.place.span)
        follower.entering(one.name, view, one.place)
    outputs = follower.follow()
    problems.raise_any()
    if not outputs:
        problems.stop("no layer leaves anything that is read", network.layers[-1].place)
    said = f"Caffe, {net.word('name')}" if net.word("name") else "Caffe"
    return tracer.network(name, said, outputs, ())


def _input(
    tracer: StepTracer, one: EnteringTensor, lengths: tuple[int, ...], batch: Dimension, *, alone: bool
) -> TensorView:
    """A tensor that enters; where its first dimension counts no examples of the batch it is an axis."""
    if len(lengths) == 2 and lengths[0] > 1 and lengths[0] != max(batch[0].size if batch else 1, 1):
        view = tracer.input(one.name, (1, lengths[1], lengths[0]), "", (), alone=alone)
        return view.permuted([0, 2, 1]).without(0)
    return attempt(tracer, lambda: tracer.input(one.name, lengths, "", batch, alone=alone))


def _entered(
    network: PhaseNetwork, inputs: Mapping[str, tuple[int, ...]], problems: Problems
) -> dict[str, EnteringTensor]:
    """What enters that layers read as no label, with the sizes that are asked for."""
    read = needed(network)
    wanted = [one for one in network.entering if read[one.name]]
    if not wanted:
        return {}
    names = list(dict.fromkeys(one.name for one in wanted))
    asked = by_input(names, inputs)
    found = {}
    for one in wanted:
        lengths = one.lengths
        if one.name in asked:
            count = lengths[0] if lengths else 1
            lengths = (count, *in_order(one.name, lengths, asked[one.name]))
        if lengths is None:
            message, hint = missing_size(one)
            problems.add(message, one.place, hint)
            # Any size will do to find what else is wrong.
            problems.raise_any()
        found[one.name] = one._replace(lengths=lengths)
    return found


def _phase(settings: Mapping[str, str]) -> str:
    given = settings.get("phase", "")
    phase = given.upper()
    if phase and phase not in PHASES:
        hint = nearest(phase, PHASES) or f"it is {listed(PHASES, conjunction=' or ')}"
        raise UsageError(f"{option('set', {'phase': given})}: no phase is called so; {hint}")
    return phase


def _refuse_solver(source: Source, message: TextMessage, problems: Problems) -> None:
    fields = {field.name: field for field in message.fields}
    found = next((fields[name] for name in _OF_SOLVER if name in fields), None)
    if found is None or "layer" in fields or "layers" in fields:
        return
    net = next((fields[name] for name in ("net", "train_net", "test_net") if name in fields), None)
    at = net or found
    where = f"{quoted(net.value.text)} is its network" if net and isinstance(net.value, TextScalar) else ""
    problems.stop(
        "this is a solver, which says how a network is trained",
        source.at(at.start, at.end),
        where or "its field net names the network",
    )
