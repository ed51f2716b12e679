"""Layers that bring images to the range that a network was trained with."""

from __future__ import annotations

from rfcalc.importers.keras.call import LayerFollowing, layer
from rfcalc.importers.keras.layers.forms import passed_on
from rfcalc.importers.keras.layers.normalisation import axes_of_entry
from rfcalc.importers.tracing import layers
from rfcalc.importers.tracing.elementwise import function
from rfcalc.importers.tracing.results import FollowedResults


def _is_nothing(call: LayerFollowing, name: str, neutral: float) -> bool:
    """Whether a number, or all of several, changes nothing."""
    entry = call.entry(name)
    if entry is None:
        return True
    items = entry.items if isinstance(entry.held, tuple) else (entry,)
    for one in items:
        if not isinstance(one.held, int | float) or isinstance(one.held, bool):
            if isinstance(one.held, dict):
                return False
            raise call.fail(f"{name} is a number, not {one.shown}", one)
    return all(one.held == neutral for one in items)


@layer("Rescaling")
def rescaling(call: LayerFollowing) -> FollowedResults:
    """Times a number, plus a number."""
    x = done = call.view()
    if not _is_nothing(call, "scale", 1):
        done = function(call.tracer, "mul", done)
    if not _is_nothing(call, "offset", 0):
        done = function(call.tracer, "add", done)
    return passed_on(call, done, x)


@layer("Normalization")
def normalisation(call: LayerFollowing) -> FollowedResults:
    """Less a mean, divided by a deviation: constants, or statistics of the data, which are buffers.

    Keras keeps with them how many examples they were taken from.
    """
    x = call.view()
    fixed = call.entry("mean") is not None
    if fixed or call.entry("axis") is None:
        name = ("mul", "add") if call.flag("invert", default=False) else ("sub", "div")
        done = function(call.tracer, name[1], function(call.tracer, name[0], x))
        if fixed:
            return done
        values = {"size": 1, "learned": False, "training": True}
        for _ in range(3):
            call.tracer.add("learned", [], values)
        return done
    (axis, *more) = axes_of_entry(call, x, -1)
    if more:
        raise call.fail("statistics along several axes are not read", call.entry("axis"))
    done = layers.of_channels(call.tracer, "bn", x, axis, {"affine": False})
    call.at("_count")
    call.tracer.add("learned", [], {"size": 1, "learned": False, "training": True})
    return done
