"""Time along the first axis of an input: rates, durations, and what is said of looking ahead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

import rfcalc
from rfcalc.cli.main import main
from rfcalc.description import build_graph
from rfcalc.errors import DescriptionError, UsageError
from rfcalc.library import analyze, load, read_text
from rfcalc.spec.formatter import format_text, meaning
from rfcalc.spec.printer import printed
from rfcalc.spec.reader import read_network
from rfcalc.units import format_duration, parse_rate

# Unit q of `a` reads 8 samples up to its own; `c` reads 4 units of it, 4 samples each, on either side.
NETWORK = """\
input: 16000x1
layers:
  - conv f=8 s=4 p=causal d=8 as a
  - conv f=9 p=4 d=8 as c
"""


Runner = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    def run(*arguments: str | Path, code: int = 0) -> str:
        found = main([*map(str, arguments)])
        text = "".join(capsys.readouterr())
        assert found == code, text
        return text

    return run


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NETWORK)
    return path


# Rates


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("16000", 16000),
        ("16kHz", 16000),
        ("16 kHz", 16000),
        ("16k", 16000),
        ("44.1kHz", 44100),
        ("25fps", 25),
        ("29.97 fps", Fraction(2997, 100)),
        ("12.5", Fraction(25, 2)),
        ("1MHz", 1_000_000),
        ("50Hz", 50),
    ],
)
def test_a_rate_is_so_many_a_second(text: str, rate: int | Fraction) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["0", "-3", "16kz", "fast", "", "25 f p s", "1e999", "16kB"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|number|limit|negative"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (Fraction(64, 1000), "64 ms"),
        (Fraction(1, 16000), "62.5 µs"),
        (Fraction(3, 2), "1.5 s"),
        (Fraction(1024, 44100), "23.22 ms"),
        (Fraction(-1, 1000), "-1 ms"),
        (0, "0 ms"),
    ],
)
def test_a_duration_has_four_digits(seconds: int | Fraction, text: str) -> None:
    assert format_duration(seconds) == text


# In descriptions


def test_a_description_states_the_rate_of_its_input_or_of_each() -> None:
    assert build_graph(read_text(f"rate: 16kHz\n{NETWORK}")).rates == {"input": 16000}
    several = "input: {sound: 160x1, film: 9x8x8x3}\noutputs: [a, b]\nlayers: [relu from=sum as a]\n"
    several = several.replace("sum", "sound").replace("as a]", "as a, relu from=film as b]")
    assert build_graph(read_text(f"{several}rate: 50")).rates == {"sound": 50, "film": 50}
    graph = build_graph(read_text(f"{several}rate: {{film: 25fps}}"))
    assert (graph.rate(0), graph.rate(1)) == (None, 25)


@pytest.mark.parametrize(
    ("rate", "message", "hint"),
    [
        ("0", "a rate is more than 0 samples a second", ""),
        ("16kz", "'16kz' is no rate", "kHz"),
        ("[16000]", "the rate is a number, such as 16000, 16kHz or 25fps", ""),
        ("{input: [1]}", "the rate of an input is a number", ""),
        ("{inptu: 25}", "no input is called 'inptu'", "did you mean 'input'?"),
    ],
)
def test_a_wrong_rate_is_a_mistake_with_its_place(rate: str, message: str, hint: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        build_graph(read_text(f"{NETWORK}rate: {rate}"))
    (finding,) = raised.value.diagnostics
    assert message in finding.message
    assert hint in f"{finding.message}{finding.hint}"
    assert finding.position is not None
    assert finding.position.number == 5


@pytest.mark.parametrize("rate", ["16000", "44.1kHz", "{input: 25fps}"])
def test_it_is_printed_and_formatted_as_it_is_read(rate: str) -> None:
    network = read_text(f"{NETWORK}rate: {rate}\n").network
    source = network.origin
    assert meaning(read_network(source._replace(text=printed(network)))) == meaning(network)
    assert format_text(network) == source.text


# Tables


def test_a_table_has_nothing_of_time_without_a_rate(run: Runner, net: Path) -> None:
    text = run(net)
    assert "(ms)" not in text
    assert "look-ahead" not in text


def test_a_rate_brings_durations_and_the_look_ahead(run: Runner, net: Path) -> None:
    text = run(net, "--rate", "16kHz", "--format", "csv")
    assert text.splitlines() == [
        "name,operation,output,receptive_field,receptive_field_ms,stride,stride_ms,lookahead,lookahead_ms,"
        "params,macs",
        "a,conv f=8 s=4 p=7:0 d=8,4000x8,8,0.5,4,0.25,0,0,72,256000",
        "c,conv f=9 s=1 p=4 d=8,4000x8,40,2.5,4,0.25,16,1,584,2304000",
    ]


def test_the_notes_say_the_rate_and_whether_the_network_is_causal(run: Runner, net: Path) -> None:
    text = run(net, "--rate", "16kHz")
    assert "time is the first axis of the input, at 16 kHz: at c a unit sees 2.5 ms, and the next one" in text
    assert "look-ahead of c: 16, which is 1 ms" in text
    assert "causal: no unit of a sees past its own position" in run(net, "--rate", "16kHz", "--output", "a")
    assert "因果：a的单元" in run(net, "--rate", "16kHz", "--output", "a", "--lang", "zh")


def test_no_network_is_called_causal_that_sees_all_by_some_path(run: Runner, net: Path) -> None:
    net.write_text(NETWORK.replace("conv f=9 p=4", "gru") + "  - gn g=1\n")
    text = run(net, "--rate", "16kHz")
    assert "not causal: a global path shows each unit of gn1 what comes later too" in text
    assert "\ncausal" not in text


def test_what_is_not_known_is_told_with_its_reason(run: Runner, net: Path) -> None:
    text = run(net, "--columns", "name,lookahead_ms")
    assert "(ms) ?: it is not said how many positions of input are a second (--rate)" in text
    net.write_text("input: 100x1\nrate: 50\nlayers: [conv f=K p=1 d=1, relu]\n")
    net.write_text(net.read_text().replace("layers:", "symbols: [K]\nlayers:"))
    assert "look-ahead ?: not known for conv1 and relu1" in run(net)


def test_of_several_inputs_each_has_its_own_rate(run: Runner, net: Path) -> None:
    net.write_text(
        "input: {sound: 160x1, film: 9x8x8x3}\noutputs: [a, b]\n"
        "layers: [conv f=5 d=1 from=sound as a, conv f=3x1x1 d=1 from=film as b]\n"
    )
    rows = run(
        *(net, "--rate", "sound=50", "--rate", "film=25fps", "--format", "csv"),
        *("--columns", "name,receptive_field_ms"),
    ).splitlines()
    assert rows == ["name,receptive_field_ms", "a,100", "b,120"]
    assert "no input is called 'sond'; did you mean 'sound'?" in run(net, "--rate", "sond=50", code=2)
    assert "--rate is given twice" in run(net, "--rate", "50", "--rate", "25", code=2)


# Conditions


@pytest.fixture
def verdict(net: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    def verdict(condition: str, *options: str, rate: str = "rate: 16kHz\n") -> str:
        net.write_text(f"{NETWORK}{rate}check:\n  - {condition}\n")
        main(["check", str(net), "--select", "RF3", *options])
        return capsys.readouterr().out

    return verdict


@pytest.mark.parametrize(
    "condition",
    [
        "lookahead <= 40ms",
        "lookahead == 1 ms",
        "lookahead < 0.0011 s",
        "2*2ms >= lookahead",
        "lookahead(a) <= 0ms and lookahead(a) == 0",
        "receptive_field == 2.5ms",
        "effective_stride == 250us",
        "effective_stride == 250µs",
        "lookahead == 16",
    ],
)
def test_a_promise_about_time_holds(verdict: Runner, condition: str) -> None:
    assert "RF3" not in verdict(condition)


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("lookahead <= 0.5ms", "lookahead is 1 ms, 500 µs more (+100.0 %)"),
        ("lookahead == 0", "lookahead is 16, 16 more"),
        ("receptive_field >= 1s", "receptive_field is 2.5 ms, 997.5 ms less (-99.8 %)"),
        ("params <= 40ms", "params is compared with a duration and is none"),
        ("holes <= 40ms", "holes is compared with a duration and is none"),
        (
            "lookahead + 1ms <= 40ms",
            "lookahead is so many positions and cannot be computed with as a duration",
        ),
    ],
)
def test_one_that_does_not_is_told_in_units_of_time(verdict: Runner, condition: str, told: str) -> None:
    assert told in verdict(condition)


def test_without_a_rate_it_cannot_be_decided_and_says_what_is_missing(verdict: Runner) -> None:
    text = verdict("lookahead <= 40ms", rate="")
    assert "[RF302]" in text
    assert "say it: `rate: 16000` in the description, or --rate 16000" in text
    assert "RF3" not in verdict("lookahead <= 40ms", "--rate", "16kHz", rate="")
    assert "lookahead is 2 ms" in verdict("lookahead <= 1ms", "--rate", "8kHz")


def test_causal_is_no_figure_but_a_look_ahead(verdict: Runner) -> None:
    assert "write lookahead <= 0" in verdict("causal")


def test_of_a_film_a_duration_is_about_time_alone(run: Runner, net: Path) -> None:
    net.write_text(
        "input: 16x32x32x3\nrate: 25fps\nlayers: [conv f=3x3x3 p=2:0x1x1 d=4]\n"
        "check: [lookahead <= 0ms, receptive_field <= 120ms]\n"
    )
    assert "RF3" not in run("check", net, "--select", "RF3")
    assert "causal: no unit of conv1 sees past its own position along the first axis" in run(net)
    net.write_text(net.read_text().replace("0ms,", "0,"))
    assert "lookahead is 0x1x1, 1 more along axis 2, 1 more along axis 3" in run(
        "check", net, "--select", "RF3", code=1
    )


def test_a_promise_of_being_causal_fails_by_a_path_that_sees_all(run: Runner, net: Path) -> None:
    # The last unit of `a`, 3999, sees position 4 · 3999.
    net.write_text(NETWORK.replace("conv f=9 p=4 d=8 as c", "in as c") + "check: [lookahead == 0]\n")
    assert "lookahead is 15,996, 15,996 more" in run("check", net, "--select", "RF3", code=1)


# As data, and from Python


def test_json_has_the_numbers(run: Runner, net: Path) -> None:
    schema = json.loads(files("rfcalc.report").joinpath("report.schema.json").read_text("utf-8"))
    plain = json.loads(run(net, "--format", "json"))
    assert "lookahead" not in plain["layers"][1]["receptive_field"]
    asked = json.loads(run(net, "--format", "json", "--columns", "lookahead"))
    assert asked["layers"][1]["receptive_field"]["lookahead"] == {"positions": [16], "reasons": [None]}
    rated = json.loads(run(net, "--format", "json", "--rate", "16kHz"))
    assert rated["network"]["rates"] == {"input": 16000}
    field = rated["layers"][1]["receptive_field"]
    assert field["milliseconds"] == {
        "receptive_field": 2.5,
        "stride": 0.25,
        "local": 2.5,
        "strict": 2.5,
        "lookahead": 1.0,
    }
    for data in (plain, asked, rated):
        jsonschema.validate(data, schema)


def test_python_takes_a_rate(net: Path) -> None:
    network = analyze(net, rate=16000)
    assert network.rows()[1]["lookahead_ms"] == 1.0
    assert analyze(net, rate="16kHz") == network
    assert analyze(net, rate={"input": 16e3}) == network
    assert analyze(net).graph.rates == {}
    assert [finding.code for finding in rfcalc.check(net, select="RF3", rate=50)] == []
    with pytest.raises(UsageError, match="rate"):
        analyze(net, rate="soon")
    with pytest.raises(UsageError, match="rate"):
        analyze(net, rate=[16000])


def test_the_shipped_wavenet_sees_64_ms_and_nothing_ahead(run: Runner) -> None:
    # Van den Oord et al. 2016: 1024 samples; at 16 kHz, 64 ms.
    text = run("wavenet")
    assert "at conv3 a unit sees 64 ms" in text
    assert "causal: no unit of conv3" in text
    assert load("wavenet").network.rates[0].value == 16000


def test_an_explanation_says_how_long_a_field_is(run: Runner, net: Path) -> None:
    text = run("explain", net, "c", "--what", "field", "--rate", "16kHz")
    assert "Look-ahead of c: 16, which is 1 ms." in " ".join(text.split())


def test_a_comparison_has_durations_and_the_look_ahead(run: Runner, net: Path) -> None:
    other = net.with_name("other.yaml")
    other.write_text(f"rate: 16kHz\n{NETWORK.replace('f=9 p=4', 'f=9 p=causal')}")
    summary = run("compare", other, net, "--summary")
    assert re.search(r"^look-ahead +0 +16 +\+16", summary, re.MULTILINE)
    assert re.search(r"^field \(ms\) +2\.5 +\?", summary, re.MULTILINE)
    net.write_text("input: 100\nrate: 50\nlayers: [fc d=2]\n")
    assert re.search(r"^look-ahead +0 +-", run("compare", other, net, "--summary"), re.MULTILINE)
    assert "time" not in run(net)
    other.write_text(NETWORK)
    net.write_text(NETWORK)
    assert "look-ahead" not in run("compare", other, net, "--summary")
