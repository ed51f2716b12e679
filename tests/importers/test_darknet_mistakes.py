"""What is wrong in a configuration of darknet, told with its place in the file; and files that mean harm.

`PYTHONPATH=tests python tests/importers/test_darknet_mistakes.py` writes the messages; read what has
changed.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from effort import lines_run

from rfcalc.errors import DescriptionError, RfcalcError, UsageError
from rfcalc.importers.darknet.importing import LONGEST, imported
from rfcalc.importers.darknet.reading import MOST_SECTIONS
from rfcalc.importers.writing.folded import folded
from rfcalc.library import analyze, load

DATA = Path(__file__).parents[1] / "data"
WRONG = DATA / "wrong-cfg"
RIGHT = sorted((DATA / "models" / "darknet").glob("*.cfg"))
SMALL = [path.read_text() for path in RIGHT if path.stat().st_size < 3000]
NET = "[net]\nwidth=32\nheight=32\nchannels=3\n"


def messages(path: Path) -> str:
    """What is said of a configuration, with the name of its file alone."""
    with pytest.raises(DescriptionError) as found:
        load(path)
    return f"{found.value}\n".replace(f"{path.parent}/", "")


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_what_is_right(path: Path) -> None:
    assert analyze(load(path)).layers


def test_that_strides_do_not_divide_an_input_is_said_where_maps_do_not_fit() -> None:
    tiny = DATA / "models" / "darknet" / "yolov3-tiny.cfg"
    assert analyze(load(tiny, input="448x416x3")).layers
    with pytest.raises(DescriptionError) as found:
        load(tiny, input="417x416x3")
    assert "28x26x128, 27x26x256" in str(found.value)
    assert "help: the input is 417x416; take lengths that are multiples of the largest stride" in str(
        found.value
    )
    with pytest.raises(UsageError, match="height, width and channels, as 416x416x3"):
        load(tiny, input="416")


@pytest.mark.parametrize("path", sorted(WRONG.glob("*.cfg")), ids=lambda path: path.stem)
def test_each_mistake_is_told_where_it_stands(path: Path) -> None:
    assert messages(path) == path.with_suffix(".txt").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NET, "it has no layers: [net] alone"),
        ("# nothing\n", "a configuration of darknet without a section"),
    ],
)
def test_what_has_no_layers(text: str, message: str) -> None:
    with pytest.raises(UsageError) as found:
        imported(text, "net", {})
    assert str(found.value) == message


@pytest.mark.parametrize(
    "text",
    [
        NET + "[maxpool]\n" * (MOST_SECTIONS + 1),
        NET + "[route]\nlayers=0" + ",0" * 2000,
        NET + "[convolutional]\n" + "".join(f"o{number}=1\n" for number in range(50_000)),
        NET + "".join(f"[o{number}]\n" for number in range(10_000)),
        NET + "".join(f"o{number}\n" for number in range(50_000)),
        NET + "[convolutional]\nfilters=" + "9" * 50_000,
        NET + "[upsample]\nstride=-999999999\n",
        NET + "[dropout]\n[route]\nlayers=-1,-1\n" * 70,
        NET + "[dropout]\n" * 900 + ("[route]\nlayers=" + ",".join(map(str, range(900))) + "\n") * 60,
        NET + "[upsample]\nstride=999999999\n" * 5,
        "[" * 500_000,
        NET + "[yolo]\nanchors=" + "1," * 50_000,
        NET + "[crop]\ncrop_width=-1\n[dropout]\nprobability=1e99\n",
    ],
    ids=range(13),
)
def test_what_is_absurd_is_refused_soon(text: str) -> None:
    def refused() -> None:
        with pytest.raises(RfcalcError):
            imported(text, "net", {})

    lines_run(refused, 4_000_000)


def test_what_is_absurd_and_fits_is_read() -> None:
    convolution = "[convolutional]\nfilters=999999999\nsize=999999999\npad=1\nactivation=linear\n"
    network = imported(NET + convolution * 3, "net", {})
    assert str(network.steps[-1].shape) == "32x32x999999999"


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.cfg"
    path.write_text(NET + "#" * LONGEST)
    with pytest.raises(DescriptionError, match="larger than 1 MiB"):
        load(path)


def test_comments_are_in_any_encoding_and_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.cfg"
    path.write_bytes("# 训练\n".encode("gbk") + f"{NET}[convolutional]\nfilters=8\n".encode())
    assert analyze(load(path)).outputs
    path.write_bytes(NET.encode() + b"\0")
    with pytest.raises(UsageError, match="it is no text"):
        load(path)


def changed(text: str, random: Random) -> str:
    """A configuration with a few lines changed, left out, doubled, exchanged, or from another one."""
    lines = text.splitlines()
    for _ in range(random.choice((1, 1, 2, 5))):
        at = random.randrange(len(lines))
        other = random.choice(random.choice(SMALL).splitlines() or [""])
        name, equals, value = lines[at].partition("=")
        kind = random.randrange(8)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, random.choice((other, lines[at])))
        elif kind == 2:
            lines[at] = other
        elif kind == 3:
            values = ("0", "-1", "999999999", "", "x", "1,2", "3,", "1e9", "é", "\0", "-3", "7", "1" * 40)
            lines[at] = f"{name}{equals}{random.choice(values)}"
        elif kind == 4:
            place = random.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + random.choice("[]=,#; x9\t\x85\u2028") + lines[at][place:]
        elif kind == 5:
            lines[at] = lines[at][: random.randrange(len(lines[at]) + 1)]
        elif kind == 6:
            lines = lines[at:] + lines[:at]
        else:
            lines[at] = f"{value}{equals}{name}"
        if not lines:
            return ""
    return "\n".join(lines)


def followed(text: str) -> bool:
    """Whether a configuration is read, and written as a description; else it is refused in our words."""
    try:
        network = imported(text, "net", {})
    except DescriptionError as error:
        assert all(each.position and str(each) for each in error.diagnostics)
        return False
    except UsageError:
        return False
    assert folded(network)
    return True


@pytest.mark.parametrize("seed", range(8))
def test_damaged_configurations_end_in_no_traceback(seed: int) -> None:
    random = Random(seed)
    read = [followed(changed(random.choice(SMALL), random)) for _ in range(40)]
    assert any(read)
    assert not all(read)


if __name__ == "__main__":
    for wrong in sorted(WRONG.glob("*.cfg")):
        wrong.with_suffix(".txt").write_text(messages(wrong))
