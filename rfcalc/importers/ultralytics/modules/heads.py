"""Heads that find objects: boxes and classes at every position of several maps, and what goes with them.

Each leaves what it predicts for all positions of all maps in a row, and before that a map for each that it
reads (`P3` for a stride of 8): what one position predicts has the field of its unit there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rfcalc.importers.ultralytics.modules.masks import proto, proto26
from rfcalc.importers.ultralytics.registry import AnchorBoxes, OneOrMore, OneOrMoreEach, WrongArgument, module
from rfcalc.importers.ultralytics.scope import RowScope
from rfcalc.ops.attributes import PerAxis

# Parts of every level: adds the parts of one, from the map of the level.
_HeadBranch = tuple[str, Callable[[RowScope, int], int]]
_Maps = Sequence[int]


def _fixed(at: RowScope, *size: int) -> int:
    return at.add("learned", size=PerAxis(size), learned=False)


def _plain_branch(c: int, out: int) -> Callable[[RowScope, int], int]:
    """Two 3x3 convolutions and one that brings the channels to those of the prediction."""

    def make(at: RowScope, x: int) -> int:
        y = at.conv("1", at.conv("0", x, c, 3), c, 3)
        return at.plain("2", y, out)

    return make


def _depthwise_branch(c: int, out: int) -> Callable[[RowScope, int], int]:
    """The same with depthwise convolutions before pointwise ones."""

    def make(at: RowScope, x: int) -> int:
        for name in ("0", "1"):
            c1 = at.channels(x)
            x = at.conv(f"{name}.1", at.conv(f"{name}.0", x, c1, 3, 1, None, c1), c)
        return at.plain("2", x, out)

    return make


class _Detection:
    """What is predicted of the maps that a head reads.

    extras: branches beside those of boxes and classes, each with its part.
    """

    def __init__(
        self,
        at: RowScope,
        maps: _Maps,
        nc: int,
        extras: Sequence[_HeadBranch] = (),
        *,
        reg_max: int,
        deep: bool,
        end2end: bool,
    ) -> None:
        self.at = at
        self.maps = maps
        self.nc = nc
        self.reg_max = reg_max
        ch0 = at.channels(maps[0])
        box = max(16, ch0 // 4, 4 * reg_max)
        score = max(ch0, min(nc, 100))
        branches: list[_HeadBranch] = [
            ("cv2", _plain_branch(box, 4 * reg_max)),
            ("cv3", (_depthwise_branch if deep else _plain_branch)(score, nc)),
            *extras,
        ]
        self.levels = self._levels(branches, "")
        copies = self._levels(branches, "one2one_") if end2end else []
        self.outputs = [*self.levels, *copies]

    def _levels(self, branches: Sequence[_HeadBranch], prefix: str) -> list[int]:
        at = self.at
        found: list[list[int]] = [[] for _ in self.maps]
        for name, make in branches:
            for number, x in enumerate(self.maps):
                found[number].append(make(at.part(f"{prefix}{name}.{number}", "Sequential"), x))
        return [
            at.part(f"{prefix}{self._level(number)}", "Concat").concat(*one)
            for number, one in enumerate(found)
        ]

    def _level(self, number: int) -> str:
        """What a map is called: by the power of two that is its stride."""
        entering, own = self.at.axes(0), self.at.axes(self.maps[number])
        for power in range(1, 12):
            if all(before == one * 2**power for before, one in zip(entering, own, strict=True)):
                return f"P{power}"
        return f"level{number}"

    def rows(self) -> int:
        """All positions of all levels in one row."""
        return _in_one_row(self.at, self.levels)

    def boxes(self, rows: int, angle: int | None = None) -> int:
        """Centres and sizes, from distances to the four sides."""
        at = self.at
        number = at.axes(rows)[0]
        sides = at.channels_of(rows, 0, 4 * self.reg_max)
        if self.reg_max > 1:
            dfl = at.part("dfl", "DFL")
            y = dfl.add("reshape", sides, to=PerAxis((number, 4, self.reg_max)))
            y = dfl.add("softmax", y)
            y = dfl.part("conv", "Conv2d").add("conv", y, kernel=1, out_channels=1, learned=False)
            sides = dfl.add("reshape", y, to=PerAxis((number, 4)))
        anchors = _fixed(at, number, 2)
        before, behind = at.halves(sides)
        if angle is None:
            first, last = at.add("sub", anchors, before), at.add("add", anchors, behind)
            centre = at.add("function", at.add("add", first, last), of="div")
            size = at.add("sub", last, first)
        else:
            centre = at.add("add", self._turned(before, behind, angle), anchors)
            size = at.add("add", before, behind)
        return at.add("mul", at.concat(centre, size), _fixed(at, number, 1))

    def _turned(self, before: int, behind: int, angle: int) -> int:
        """Where the middle of a box is from its position, by an angle."""
        at = self.at
        cosine, sine = (at.add("function", angle, of=name) for name in ("cos", "sin"))
        middle = at.add("function", at.add("sub", behind, before), of="div")
        x, y = at.halves(middle)
        across = at.add("sub", at.add("mul", x, cosine), at.add("mul", y, sine))
        along = at.add("add", at.add("mul", x, sine), at.add("mul", y, cosine))
        return at.concat(across, along)

    def scores(self, rows: int) -> int:
        """The probability of each class."""
        first = 4 * self.reg_max
        return self.at.add("sigmoid", self.at.channels_of(rows, first, first + self.nc))

    def beside(self, rows: int) -> int:
        """What the other branches leave."""
        return self.at.channels_of(rows, 4 * self.reg_max + self.nc, self.at.channels(rows))


def _in_one_row(at: RowScope, maps: _Maps) -> int:
    rows = [at.tokens(one) for one in maps]
    return at.add("concat", *rows, axis=0) if len(rows) > 1 else rows[0]


def _detection(at: RowScope, maps: _Maps, nc: int, extras: Sequence[_HeadBranch] = ()) -> _Detection:
    conventions = at.conventions
    return _Detection(
        at,
        maps,
        nc,
        extras,
        reg_max=conventions.reg_max,
        deep=not conventions.legacy,
        end2end=conventions.end2end,
    )


def _detected(found: _Detection) -> tuple[int, ...]:
    rows = found.rows()
    return *found.outputs, found.at.concat(found.boxes(rows), found.scores(rows))


@module("Detect", width="kept", several=True, original=False)
def detect(at: RowScope, maps: _Maps, nc: OneOrMore = 80) -> tuple[int, ...]:
    """Boxes, as distances to four sides, and classes."""
    return _detected(_detection(at, maps, nc))


@module("v10Detect", width="kept", several=True, original=False)
def v10_detect(at: RowScope, maps: _Maps, nc: OneOrMore = 80) -> tuple[int, ...]:
    """The head of version 10: boxes and classes, all branches twice."""
    return _detected(_Detection(at, maps, nc, reg_max=16, deep=True, end2end=True))


@module("OBB", "OBB26", width="kept", several=True, original=False)
def obb(at: RowScope, maps: _Maps, nc: OneOrMore = 80, ne: OneOrMore = 1) -> tuple[int, ...]:
    """Boxes that are turned, by an angle each."""
    c4 = max(at.channels(maps[0]) // 4, ne)
    found = _detection(at, maps, nc, [("cv4", _plain_branch(c4, ne))])
    rows = found.rows()
    angle = found.beside(rows)
    if not at.caller.classes[-1].endswith("26"):
        angle = at.add("function", at.add("sigmoid", angle), of="mul")
    boxes = found.boxes(rows, at.channels_of(angle, 0, 1) if ne > 1 else angle)
    return *found.outputs, at.concat(boxes, found.scores(rows), angle)


def _keypoints(at: RowScope, found: _Detection, rows: int, kpt_shape: OneOrMoreEach) -> int:
    """The places of points, from where their position is; how visible they are, where that is predicted."""
    points, numbers = kpt_shape
    number = at.axes(rows)[0]
    y = at.add("reshape", found.beside(rows), to=PerAxis((number, points, numbers)))
    place = at.channels_of(y, 0, 2)
    place = at.add("add", at.add("function", place, of="mul"), _fixed(at, number, 1, 2))
    place = at.add("mul", place, _fixed(at, number, 1, 1))
    if numbers == 3:
        place = at.concat(place, at.add("sigmoid", at.channels_of(y, 2, 3)))
    return at.add("reshape", place, to=PerAxis((number, points * numbers)))


def _points(kpt_shape: OneOrMoreEach) -> int:
    if len(kpt_shape) != 2 or kpt_shape[1] not in (2, 3):
        raise WrongArgument("kpt_shape is the number of points and 2 or 3 numbers of each, as [17, 3]", 1)
    return kpt_shape[0] * kpt_shape[1]


@module("Pose", width="kept", several=True, original=False)
def pose(
    at: RowScope, maps: _Maps, nc: OneOrMore = 80, kpt_shape: OneOrMoreEach = (17, 3)
) -> tuple[int, ...]:
    """Boxes, classes and points."""
    nk = _points(kpt_shape)
    c4 = max(at.channels(maps[0]) // 4, nk)
    found = _detection(at, maps, nc, [("cv4", _plain_branch(c4, nk))])
    rows = found.rows()
    points = _keypoints(at, found, rows, kpt_shape)
    return *found.outputs, at.concat(found.boxes(rows), found.scores(rows), points)


@module("Pose26", width="kept", several=True, original=False)
def pose26(
    at: RowScope, maps: _Maps, nc: OneOrMore = 80, kpt_shape: OneOrMoreEach = (17, 3)
) -> tuple[int, ...]:
    """The points of version 26, with parts that training alone uses."""
    nk = _points(kpt_shape)
    sigma = 2 * kpt_shape[0]
    c4 = max(at.channels(maps[0]) // 4, nk + sigma)
    copies = 2 if at.conventions.end2end else 1
    found = _Pose26(at, maps, nc, c4, nk)
    at.idle("cv4_sigma", "ModuleList", copies * len(maps) * (c4 + 1) * sigma)
    at.idle("flow_model", "RealNVP", _FLOW)
    rows = found.rows()
    points = _keypoints(at, found, rows, kpt_shape)
    return *found.outputs, at.concat(found.boxes(rows), found.scores(rows), points)


# Twelve networks of three linear layers, 2 to 64 to 64 to 2, of a normalising flow.
_FLOW = 12 * (2 * 64 + 64 + 64 * 64 + 64 + 64 * 2 + 2)


class _Pose26(_Detection):
    """Points whose last convolution is a part of its own, which comes when all levels are there."""

    def __init__(self, at: RowScope, maps: _Maps, nc: int, c4: int, nk: int) -> None:
        self.c4 = c4
        self.nk = nk
        conventions = at.conventions
        super().__init__(
            at,
            maps,
            nc,
            reg_max=conventions.reg_max,
            deep=not conventions.legacy,
            end2end=conventions.end2end,
        )

    def _levels(self, branches: Sequence[_HeadBranch], prefix: str) -> list[int]:
        made: dict[int, int] = {}

        def features(at: RowScope, x: int) -> int:
            made[x] = at.conv("1", at.conv("0", x, self.c4, 3), self.c4, 3)
            return made[x]

        def points(at: RowScope, x: int) -> int:
            return at.plain("", made[x], self.nk)

        found: list[list[int]] = [[] for _ in self.maps]
        for name, make in (*branches, ("cv4", features), ("cv4_kpts", points)):
            for number, x in enumerate(self.maps):
                y = make(self.at.part(f"{prefix}{name}.{number}", "Sequential"), x)
                if name != "cv4":
                    found[number].append(y)
        return [
            self.at.part(f"{prefix}{self._level(number)}", "Concat").concat(*one)
            for number, one in enumerate(found)
        ]


def _masked(at: RowScope, maps: _Maps, nc: int, nm: int) -> tuple[_Detection, int]:
    c4 = max(at.channels(maps[0]) // 4, nm)
    found = _detection(at, maps, nc, [("cv4", _plain_branch(c4, nm))])
    rows = found.rows()
    return found, at.concat(found.boxes(rows), found.scores(rows), found.beside(rows))


@module("Segment", width="kept", several=True, original=False)
def segment(
    at: RowScope, maps: _Maps, nc: OneOrMore = 80, nm: OneOrMore = 32, npr: OneOrMore = 256
) -> tuple[int, ...]:
    """Objects with factors of masks that all objects share."""
    found, done = _masked(at, maps, nc, nm)
    masks = proto(at.part("proto", "Proto"), maps[0], at.conventions.scaled(npr), nm)
    return *found.outputs, masks, done


@module("Segment26", width="kept", several=True, original=False)
def segment26(
    at: RowScope, maps: _Maps, nc: OneOrMore = 80, nm: OneOrMore = 32, npr: OneOrMore = 256
) -> tuple[int, ...]:
    """The masks of version 26, made of all maps."""
    found, done = _masked(at, maps, nc, nm)
    masks = proto26(at.part("proto", "Proto26"), maps, at.conventions.scaled(npr), nm, nc)
    return *found.outputs, masks, done


def _anchored(anchors: object, levels: int) -> int:
    """How many boxes there are at a position of a map."""
    if isinstance(anchors, int):
        return anchors
    assert isinstance(anchors, tuple)
    if len(anchors) != levels:
        raise WrongArgument(f"the anchors are of {len(anchors)} maps, the head reads {levels}", 1)
    return len(anchors[0]) // 2 if isinstance(anchors[0], tuple) else 0


@module("Detect:original", width="kept", several=True, original=True)
def original_detect(at: RowScope, maps: _Maps, nc: OneOrMore, anchors: AnchorBoxes) -> tuple[int, ...]:
    """YOLOv5's own head: one 1x1 convolution for each map."""
    out = _anchored(anchors, len(maps)) * (nc + 5)
    return tuple([at.plain(f"m.{place}", x, out) for place, x in enumerate(maps)])


@module("Segment:original", width="kept", several=True, original=True)
def original_segment(
    at: RowScope,
    maps: _Maps,
    nc: OneOrMore,
    anchors: AnchorBoxes,
    nm: OneOrMore = 32,
    npr: OneOrMore = 256,
) -> tuple[int, ...]:
    """YOLOv5's own head with factors of masks that all objects share."""
    out = _anchored(anchors, len(maps)) * (nc + 5 + nm)
    masks = proto(at.part("proto", "Proto"), maps[0], at.conventions.scaled(npr), nm)
    found = [at.plain(f"m.{place}", x, out) for place, x in enumerate(maps)]
    return *found, masks
