"""The configuration: what it says, for which networks, and every mistake in it with its place."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from effort import lines_run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rfcalc.cli.configuration import Configurations
from rfcalc.errors import DescriptionError, Diagnostic, Source
from rfcalc.lint.configuration.configuration import Configuration
from rfcalc.lint.configuration.reader import read_configuration
from rfcalc.lint.configuration.toml_places import long_key, places, toml_source
from rfcalc.wildcards import fits

WHOLE = """
# Everything that can be said.
select = ["RF1", "RF3"]
extend-select = ["uneven-transposed"]
ignore = ["RF305"]
fail-on = "warning"
exclude = ["nets/old", "*.draft.yaml"]
baseline = "ci/figures.json"

[per-path-ignores]
"nets/exotic/*" = ["RF1"]

[[budgets]]
network = "nets/mobile/*.yaml"
require = [
    "params <= 5M",             # the flash of the device
    'share(fc*, params) < 50%',
]
max_increase = "2%"

[[budgets]]
network = "vgg*"
max_increase = { params = "0%", macs = "10k", depth = 1 }
""".replace("uneven-transposed", "checkerboard")


# More digits than Python writes in decimals.
LARGE = "0x" + "f" * 5000


def read(text: str, *, pyproject: bool = False) -> Configuration:
    found = read_configuration(Source("rfcalc.toml", text), pyproject=pyproject)
    assert found is not None
    return found


def mistakes(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(DescriptionError) as caught:
        read_configuration(Source("rfcalc.toml", text), pyproject=False)
    return caught.value.diagnostics


def marked(mistake: Diagnostic) -> str:
    """What the caret of a mistake stands under."""
    place = mistake.position
    assert place is not None
    return place.source.line(place.line)[place.column - 1 : place.end - 1]


# What it says


def test_an_empty_configuration_says_nothing() -> None:
    found = read("# nothing\n")
    assert found == Configuration(found.source)
    assert (found.select, found.extend_select, found.ignored_for("net.yaml")) == (None, (), ())
    assert found.budgets_for("net.yaml") == ()


def test_every_key_is_read() -> None:
    found = read(WHOLE)
    assert (found.select, found.ignore, found.fail_on) == (("RF1", "RF3"), ("RF305",), "warning")
    assert (found.exclude, found.baseline) == (("nets/old", "*.draft.yaml"), "ci/figures.json")
    assert len(found.extend_select) == 1
    first, second = found.budgets
    assert [line.text for line in first.require] == ["params <= 5M", "share(fc*, params) < 50%"]
    assert {limit.figure: limit.share for limit in first.increase} == dict.fromkeys(
        ("params", "macs", "other_ops", "activations"), Fraction(2, 100)
    )
    assert [(limit.figure, limit.share, limit.amount) for limit in second.increase] == [
        ("params", 0, None),
        ("macs", None, 10_000),
        ("depth", None, 1),
    ]


def test_the_table_of_pyproject_toml_says_the_same_and_its_absence_nothing() -> None:
    inside = (
        WHOLE.replace("\n[", "\n[tool.rfcalc.")
        .replace("[tool.rfcalc.[", "[[tool.rfcalc.")
        .replace("select =", "[tool.rfcalc]\nselect =", 1)
    )
    there, alone = read(f"[project]\nname = 'x'\n{inside}", pyproject=True), read(WHOLE)
    assert there.select == alone.select
    assert [budget.network for budget in there.budgets] == [budget.network for budget in alone.budgets]
    # A position is that in this file.
    assert there.budgets[0].require[0].position.line == alone.budgets[0].require[0].position.line + 3
    assert read_configuration(Source("pyproject.toml", "[tool.ruff]\n"), pyproject=True) is None
    assert read_configuration(Source("pyproject.toml", ""), pyproject=True) is None


def test_a_key_may_be_written_with_hyphens_or_underscores() -> None:
    found = read('fail_on = "info"\n[[budgets]]\nnetwork = "*"\nmax-increase = "2%"\n')
    assert (found.fail_on, len(found.budgets[0].increase)) == ("info", 4)


def test_an_increase_is_exact() -> None:
    budget = read('[[budgets]]\nnetwork = "*"\nmax_increase = {params = "0.1%", macs = "1.5k"}\n').budgets[0]
    params, macs = budget.increase
    # A thousandth of 2,999 is 2.999, of which 2 whole parameters are allowed.
    assert (params.most(3000), params.most(2999), macs.most(7)) == (3003, 3001, 1507)


@pytest.mark.parametrize("percent", range(100))
def test_a_share_of_a_hundred_is_so_many(percent: int) -> None:
    # As a binary fraction 0.29 is a little less than 29 hundredths, and 29 % of 100 would be 28.
    text = f'[[budgets]]\nnetwork = "*"\nmax_increase = {{params = "{percent}%", macs = "0.{percent:02}%"}}\n'
    params, macs = read(text).budgets[0].increase
    assert (params.most(100), macs.most(10_000)) == (100 + percent, 10_000 + percent)
    assert params.most(10**30) == 10**30 + percent * 10**28


def test_settings_hold_for_the_paths_their_globs_fit() -> None:
    found = read(WHOLE)
    assert (found.select, found.extend_select, found.ignore) == (("RF1", "RF3"), ("RF202",), ("RF305",))
    assert (found.ignored_for("nets/exotic/a.yaml"), found.ignored_for("nets/a.yaml")) == (("RF1",), ())
    assert found.excludes("nets/old/deep/a.yaml")
    assert found.excludes("x/b.draft.yaml")
    assert not found.excludes("nets/older.yaml")
    assert [budget.network for budget in found.budgets_for("nets/mobile/a.yaml")] == ["nets/mobile/*.yaml"]
    assert [budget.network for budget in found.budgets_for("vgg16")] == ["vgg*"]
    assert found.budgets_for("resnet50") == ()


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("a.yaml", "a.yaml"),
        ("a.yaml", "deep/er/a.yaml"),
        ("nets", "nets/deep/a.yaml"),
        ("nets/", "nets/deep/a.yaml"),
        ("./nets/*.yaml", "nets/a.yaml"),
        ("nets/*", "nets/deep/a.yaml"),
        ("nets/**/a.yaml", "nets/a.yaml"),
        ("nets/**/a.yaml", "nets/b/c/a.yaml"),
        ("**/a.yaml", "a.yaml"),
        ("**", "nets/a.yaml"),
        ("net?/[ab].yaml", "nets/b.yaml"),
        ("/a.yaml", "a.yaml"),
    ],
)
def test_a_glob_fits(pattern: str, path: str) -> None:
    assert fits(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("a.yaml", "b.yaml"),
        ("nets/*.yaml", "nets/deep/a.yaml"),
        ("nets", "older/netsy/a.yaml"),
        ("/a.yaml", "deep/a.yaml"),
        ("nets/**/a.yaml", "older/nets/a.yaml"),
        ("", "a.yaml"),
    ],
)
def test_a_glob_does_not_fit(pattern: str, path: str) -> None:
    assert not fits(pattern, path)


def test_a_hostile_glob_is_matched_in_time() -> None:
    assert not fits("**/" * 200 + "*a" * 200 + "b", "a/" * 200 + "a" * 200)


def test_a_key_may_have_many_words_behind_dots_in_its_text() -> None:
    words = ".a" * 100
    for text in (f"# a{words}", f"exclude = ['a{words}']", f'exclude = ["""\na{words}\n"""]'):
        read(text)


def test_nothing_is_read_behind_a_text_that_is_not_closed() -> None:
    # Each of these could begin another text, to be looked for to the end.
    text = '"""a"' + '\\"""a"' * 3000
    found, _ = lines_run(lambda: long_key(text, 50), limit=100)
    assert found is None


# The file


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "rfcalc.toml"
    path.write_bytes(b'\xef\xbb\xbffail-on = "info"\n')
    (tmp_path / "net.yaml").touch()
    nearest = Configurations().of(str(tmp_path))
    assert nearest is not None
    assert nearest.configuration.fail_on == "info"
    path.write_bytes(b"\xef\xbb\xbffail-on = 3\n")
    with pytest.raises(DescriptionError) as caught:
        Configurations().of(str(tmp_path))
    (mistake,) = caught.value.diagnostics
    assert marked(mistake) == "3"


def test_a_table_past_the_part_of_a_file_that_is_read_is_not_passed_over(tmp_path: Path) -> None:
    text = "# " + "x" * 2**20 + '\n[tool.rfcalc]\nfail-on = "info"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(DescriptionError, match="pyproject.toml:1:1: error: larger than 1 MiB") as caught:
        Configurations().of(str(tmp_path))
    assert "where there is an rfcalc.toml beside it" in caught.value.diagnostics[0].hint
    (tmp_path / "rfcalc.toml").write_text('fail-on = "error"\n')
    nearest = Configurations().of(str(tmp_path))
    assert nearest is not None
    assert nearest.configuration.fail_on == "error"


# Mistakes


@pytest.mark.parametrize(
    ("text", "message", "under", "hint"),
    [
        ('selct = ["RF1"]', "a configuration has no key 'selct'", "selct", "did you mean 'select'?"),
        ('select = "RF1"', "expected a list of rules, got the text 'RF1'", '"RF1"', 'write ["RF1"]'),
        ('select = ["RF1", "RF777"]', "no rule is selected by 'RF777'", '"RF777"', ""),
        ("ignore = [3]", "expected the code of a rule, got the number 3", "3", ""),
        ("fail-on = true", "expected a severity, got a truth value", "true", ""),
        ('fail-on = "eror"', "'eror' is no severity", '"eror"', "did you mean 'error'?"),
        ('exclude = [""]', "expected a glob, found nothing", '""', ""),
        ("baseline = 1.5", "expected the path of a file, got a number", "1.5", ""),
        ("per-path-ignores = []", "expected a table, got a list", "[]", ""),
        ('[per-path-ignores]\n"a" = ["RFX"]', "no rule is selected by 'RFX'", '"RFX"', ""),
        ("budgets = 1979-05-27", "`budgets` is written as tables, got a date", "1979-05-27", "[[budgets]]"),
        ('[[budgets]]\nrequire = ["params < 1"]', "a budget names its networks", "[[budgets]]", ""),
        ('[[budgets]]\nnetwork = "*"', "this budget limits nothing", "[[budgets]]", ""),
        (
            '[[budgets]]\nnetwork = "*"\nrequires = []\nmax_increase = "1%"',
            "a budget has no key 'requires'",
            "requires",
            "did you mean 'require'?",
        ),
        (
            '[[budgets]]\nnetwork = "*"\nrequire = ["params <= 5M", "parms(fc) < 3"]',
            "no figure of a layer is called 'parms'",
            "parms",
            "did you mean 'params'?",
        ),
        ('[[budgets]]\nnetwork = "*"\nrequire = ["params <"]', "expected a number or a name", '"', ""),
        (
            '[[budgets]]\nnetwork = "*"\nmax_increase = {parms = "2%"}',
            "no growth of 'parms' can be limited",
            "parms",
            "did you mean 'params'?",
        ),
        ('[[budgets]]\nnetwork = "*"\nmax_increase = "2"\nx.y = 1', "a budget has no key 'x'", "x.y", ""),
        ('[[budgets]]\nnetwork = "*"\nmax_increase = "-2%"', "'-2' is negative", '"-2%"', ""),
        ('[[budgets]]\nnetwork = "*"\nmax_increase = "1.5"', "'1.5' is no whole amount", '"1.5"', ""),
        ('[[budgets]]\nnetwork = "*"\nmax_increase = "5M%"', "'5M%' is no share", '"5M%"', ""),
        ('[[budgets]]\nnetwork = "*"\nmax_increase = -1', "expected a share or an amount", "-1", ""),
        ('fail-on = "info"\nfail_on = "info"', "'fail_on' is 'fail-on' again", "fail_on", ""),
        ("select = [", "this is no TOML: ", "", ""),
        ('select = ["RF1"\nignore = []', "this is no TOML: ", "", ""),
        ("a = 1\na = 2", "this is no TOML: cannot overwrite a value", "", ""),
        ("x = " + "[" * 100_000, "the configuration nests too deeply", "x", ""),
        ("x = " + "9" * 5000, "a number or a date in the configuration is out of range", "x", ""),
        ("a" + ".a" * 200 + " = 1", "a key may have 50 parts", "a", ""),
        ("a" + " . 'a b'" * 200 + " = 1", "a key may have 50 parts", "a", ""),
        ('[[a."b]"' + ".c" * 49 + "]]", "a key may have 50 parts", "a", ""),
        (f"select = {LARGE}", "expected a list of rules, got a number of more than 64 bits", LARGE, ""),
        (f"fail-on = -{LARGE}", "this is no TOML", "", ""),
        (
            f'[[budgets]]\nnetwork = "*"\nmax_increase = {LARGE}',
            "expected a share or an amount, got a number of more than 64 bits",
            LARGE,
            'write "2%", "10k" or 0',
        ),
        (f"exclude = {list(map(str, range(1001)))}", "there are 1,001 globs; there may be 1,000", "", ""),
        (
            "[per-path-ignores]\n" + "".join(f"{number} = []\n" for number in range(1001)),
            "there are 1,001 globs; there may be 1,000",
            "[per-path-ignores]",
            "",
        ),
        ("[[budgets]]\n" * 1001, "there are 1,001 budgets; there may be 1,000", "[[budgets]]", ""),
        (
            '[[budgets]]\nnetwork = "*"\nrequire = []\nmax_increase = {}',
            "this budget limits nothing",
            "[[budgets]]",
            "",
        ),
        ("\n\n[[budget]]\nnetwork = 3", "a configuration has no key 'budget'", "[[budget]]", ""),
        ("\n[tool.rfcalc]\nselect = 3", "a configuration has no key 'tool'", "[tool.rfcalc]", ""),
    ],
)
def test_a_mistake_is_marked_with_what_is_meant(text: str, message: str, under: str, hint: str) -> None:
    (mistake,) = mistakes(text)
    assert mistake.message.startswith(message)
    if under:
        assert marked(mistake) == under
    if hint:
        assert mistake.hint == hint


def test_every_mistake_is_told_at_once_in_the_order_of_the_text() -> None:
    found = mistakes('ignore = ["RF777"]\nselct = 1\nfail-on = 3\n[[budgets]]\nnetwork = 3\n')
    assert [mistake.position.line for mistake in found if mistake.position] == [1, 2, 3, 5]


def test_at_most_fifty_mistakes_are_told() -> None:
    assert len(mistakes("".join(f"a{number} = 1\n" for number in range(60_000)))) == 50


def test_an_empty_list_or_table_beside_a_limit_is_no_mistake() -> None:
    assert read('[[budgets]]\nnetwork = "*"\nrequire = []\nmax_increase = "1%"\n').budgets[0].require == ()
    assert read('[[budgets]]\nnetwork = "*"\nrequire = ["params < 1"]\nmax_increase = {}\n').budgets


def test_a_thousand_budgets_are_read() -> None:
    entry = '[[budgets]]\nnetwork = "*"\nrequire = ["params < 1"]\n'
    assert len(read(entry * 1000).budgets) == 1000


def test_the_name_of_a_figure_that_may_grow_may_be_written_in_capitals() -> None:
    (limit,) = read('[[budgets]]\nnetwork = "*"\nmax_increase = {Params = "2%"}\n').budgets[0].increase
    assert limit.figure == "params"


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85"])
def test_lines_are_those_of_toml(end: str) -> None:
    (mistake,) = mistakes(f"# one{end}line{end}\nselct = '{end}'\n")
    assert mistake.position is not None
    assert mistake.position.line == 2
    assert marked(mistake) == "selct"
    (mistake,) = mistakes(f"# one{end}line\n\nselect = [\n")
    assert mistake.position is not None
    assert mistake.position.line == 3
    assert read(f"exclude = ['a{end}b']").exclude == (f"a{end}b",)


def test_places_are_those_of_the_values_in_every_way_of_writing() -> None:
    text = (
        "a.'b'.\"c\" = 1 # a = 2\nd = [ 'x', # no\n  \"\"\"y\n\"z\"\"\"\", {e = '''f''', g = [1,2]}, ]\n"
        '[[h.i]]\nj = 1979-05-27 07:32:00\n[h.i.k]\nl = -1.5e3\n[[h.i]]\nj = "\\""\n'
    )
    found = places(toml_source(Source("x.toml", text)))
    lines = text.split("\n")
    shown = {
        path: lines[place.value.line - 1][place.value.column - 1 : place.value.end - 1]
        for path, place in found.items()
    }
    assert shown["a", "b", "c"] == "1"
    assert (shown["d", 0], shown["d", 2, "e"], shown["d", 2, "g", 1]) == ("'x'", "'''f'''", "2")
    assert (shown["h", "i", 0, "j"], shown["h", "i", 0, "k", "l"]) == ("1979-05-27 07:32:00", "-1.5e3")
    assert (shown["h", "i", 1, "j"], found["h", "i", 1, "j"].inset) == ('"\\""', None)
    assert (found["d", 0].inset, found["d", 1].inset) == (1, None)


PIECES = st.sampled_from(
    ["[[budgets]]", "[", "]", "\n", "network", " = ", '"*"', "require", "max_increase", '"2%"', "{", "}", ","]
    + ["'", '"""', "select", '["RF1"]', "#", ".", "\\", "1", "true", '"params <= 5M"', "\u2028", "\r\n"]
)


@given(st.lists(PIECES, max_size=25).map("".join) | st.text())
@example('a = """\\\n"""')
@settings(max_examples=500, deadline=None)
def test_no_text_is_more_than_a_configuration_or_mistakes(text: str) -> None:
    for pyproject in (False, True):
        try:
            found = read_configuration(Source("rfcalc.toml", text), pyproject=pyproject)
        except DescriptionError as error:
            assert error.diagnostics
            assert str(error)
        else:
            assert found is None or isinstance(found, Configuration)
