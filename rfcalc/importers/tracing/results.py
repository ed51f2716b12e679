"""What following a call leaves, and the functions that follow calls, by the names of what is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeAlias, TypeVar, cast

from rfcalc.importers.tracing.attention import FollowedTensor

# A tensor, or several; None for one that is not followed.
FollowedResults: TypeAlias = "FollowedTensor | Sequence[FollowedTensor | None] | None"

_Followed = TypeVar("_Followed")


def as_several(results: FollowedResults) -> list[FollowedTensor | None]:
    """Results as several."""
    # Tensors are tuples too, of classes of their own.
    several = type(results) in (list, tuple)
    return list(cast("Sequence[FollowedTensor | None]", results if several else [results]))


class Followers(dict[str, Callable[[_Followed], FollowedResults]], Generic[_Followed]):
    """The functions that follow the calls of one format, by the name of what is called."""

    def operator(
        self, *names: str
    ) -> Callable[[Callable[[_Followed], FollowedResults]], Callable[[_Followed], FollowedResults]]:
        """Let a function follow the calls of these names."""

        def define(
            function: Callable[[_Followed], FollowedResults],
        ) -> Callable[[_Followed], FollowedResults]:
            self.update(dict.fromkeys(names, function))
            return function

        return define
