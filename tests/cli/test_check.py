"""`rfcalc check` as a user sees it: paths, exit codes, streams, and which findings make it fail."""

from __future__ import annotations

import csv
import io
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from check_runs import Ran, Runner, runner, write

from rfcalc.cli.main import main
from rfcalc.lint.registry import MODULE_OF
from rfcalc.render.finding_formats import FORMATS

CLEAN = "input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n"
# A 5x5 that a stack of 3x3 replaces (info), and a bias that bn cancels (warning).
LARGE = "input: 32x32x16\nlayers:\n  - conv f=5 p=2 d=16\n  - relu\n"
BIAS = "input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16\n  - bn\n"
BROKEN = "input: 32x32x16\nlayers:\n  - convv f=3 p=1 d=16\n"
BUDGET = '[[budgets]]\nnetwork = "*"\nrequire = ["params <= 1K"]\n'
OTHER = "services:\n  web: {image: nginx}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, outside of any workflow."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys)


RULES = ("--select", "RF401,RF501,RF9")
CONCISE = (*RULES, "--format", "concise")


def files_in(out: str) -> list[str]:
    """The files of the findings of a concise output, in order."""
    return [line.partition(":")[0] for line in out.splitlines()[:-1]]


# Exit codes


def test_of_several_networks_each_gets_the_values_and_sizes_it_knows(check: Runner, tmp_path: Path) -> None:
    write(
        {
            "a.yaml": "input: 8x8x3\nparams: {classes: 10}\nlayers: [fc d=classes]\n"
            "check: [params == 1351]\n",
            "b.yaml": "input: {left: 8x8x3}\nlayers: [relu]\ncheck: [output == 4x4x3]\n",
        }
    )
    given = ("--set", "classes=7", "--input", "left=4x4x3", "--select=RF3", "--format=concise")
    assert check("a.yaml", "b.yaml", *given).found() == []
    # One alone is told what it does not know, and so are all where none knows.
    ran = check("a.yaml", *given)
    assert (ran.code, "RF900 error the network has no input 'left'" in ran.out) == (1, True)
    ran = check("a.yaml", "b.yaml", *given, "--set", "clases=8")
    assert (ran.code, "--set clases=…: none of the networks has the parameter 'clases'" in ran.err) == (
        2,
        True,
    )


def test_nothing_found_is_one_line_and_success(check: Runner) -> None:
    write({"net.yaml": CLEAN})
    assert check(*RULES, "net.yaml") == Ran(0, "no findings in 1 description\n", "")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (CLEAN, {"error": 0, "warning": 0, "info": 0}),
        (LARGE, {"error": 0, "warning": 0, "info": 1}),
        (BIAS, {"error": 0, "warning": 1, "info": 1}),
        (BROKEN, {"error": 1, "warning": 1, "info": 1}),
    ],
)
def test_a_finding_at_the_threshold_or_above_is_failure(
    check: Runner, text: str, codes: dict[str, int]
) -> None:
    write({"net.yaml": text})
    assert {severity: check(*RULES, "--fail-on", severity).code for severity in codes} == codes
    # Warnings fail unless something else is said.
    assert check(*RULES).code == codes["warning"]


def test_a_description_that_cannot_be_built_is_a_finding_and_the_others_are_checked(check: Runner) -> None:
    write({"a.yaml": BROKEN, "b.yaml": BIAS})
    ran = check(*CONCISE)
    assert (ran.code, ran.err) == (1, "")
    assert files_in(ran.out) == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missing.yaml",), "cannot read 'missing.yaml': No such file or directory\n"),
        (("nte.yaml",), "cannot read 'nte.yaml': No such file or directory; did you mean 'net.yaml'?\n"),
        (("./nte.yaml",), "directory; did you mean 'net.yaml' in '.'?\n"),
        (("missing/",), "cannot read 'missing/'"),
        (("",), "a path is empty\n"),
        (("vgg17",), "no shipped network is called 'vgg17'; did you mean 'vgg"),
        (("empty",), "the folder 'empty' holds no description"),
        (("*.json",), "no description matches '*.json'"),
        (("models/*.onnx",), "with a top-level key `layers`; models end in .onnx, .pt2, "),
        (("**/nothing.yaml",), "no description matches"),
    ],
)
def test_what_is_not_there_is_told_and_the_rest_is_checked(
    check: Runner, arguments: tuple[str, ...], message: str
) -> None:
    write({"net.yaml": LARGE})
    Path("empty").mkdir()
    ran = check(*CONCISE, *arguments, "net.yaml")
    assert ran.code == 2
    assert message in ran.err
    assert files_in(ran.out) == ["net.yaml"]
    alone = check(*CONCISE, *arguments)
    assert (alone.code, alone.out) == (2, "nothing could be checked (1 problem)\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--select", "RF499"), "no rule is selected by 'RF499'; RF4 has RF401, RF402"),
        (("--select", "RF777"), "no rule is selected by 'RF777'; the families are RF1, RF2"),
        (("--ignore", "large-kernal"), "did you mean 'large-kernel'?"),
        (("--extend-select", "nonsense"), "`rfcalc rules` lists them"),
        (("--fail-on", "warnings"), "did you mean 'warning'?"),
        (("--format", "sariff"), "did you mean 'sarif'?"),
        (("--config", "none.toml"), "cannot read 'none.toml'"),
        (("--config", "a.toml", "--no-config"), "either --config or --no-config"),
        (("--baseline", "a", "--against", "b"), "either --baseline or --against"),
        (("--baseline", "none.json"), "there is no baseline 'none.json'"),
        (("--update-baseline",), "which baseline?"),
        (("--against", "HEAD", "--update-baseline"), "without --against"),
        (("-o", "none/report.txt"), "cannot write 'none/report.txt'"),
    ],
)
def test_a_mistake_in_the_usage_is_told(check: Runner, arguments: tuple[str, ...], message: str) -> None:
    write({"net.yaml": LARGE})
    ran = check(*arguments)
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.skipif(os.geteuid() == 0, reason="everything can be read by root")
def test_a_file_that_may_not_be_read_is_told(check: Runner) -> None:
    write({"net.yaml": LARGE, "secret.yaml": LARGE})
    Path("secret.yaml").chmod(0)
    ran = check(*CONCISE)
    assert (ran.code, files_in(ran.out)) == (2, ["net.yaml"])
    assert "cannot read 'secret.yaml': Permission denied" in ran.err


def test_a_folder_that_may_not_be_read_is_told(check: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"net.yaml": LARGE, "below/net.yaml": LARGE})
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("below"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    ran = check(*CONCISE)
    assert (ran.code, files_in(ran.out)) == (2, ["net.yaml"])
    assert "cannot read the folder './below': Permission denied" in ran.err


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_that_not_everything_was_checked(check: Runner, name: str) -> None:
    write({"net.yaml": CLEAN})
    assert "gone.yaml" not in check("--format", name, "net.yaml").out
    ran = check("--format", name, "net.yaml", "gone.yaml")
    assert ran.code == 2
    told = "not everything could be checked (1 problem)" if name in ("full", "concise") else "gone.yaml"
    assert told in ran.out
    assert "rfcalc: error: cannot read 'gone.yaml': No such file or directory\n" in ran.err


# Paths

TREE = {
    "b.yaml": LARGE,
    "a.yml": LARGE,
    "nets/z.yaml": LARGE,
    "nets/deep/er/y.yaml": LARGE,
    "nets/x.json": json.dumps({"input": "32x32x16", "layers": ["conv f=5 p=2 d=16"]}),
    "compose.yaml": OTHER,
    "nested.yaml": "model:\n  layers: [conv f=5 d=16]\n",
    "notes.txt": LARGE,
    ".hidden/net.yaml": LARGE,
    ".dotted.yaml": LARGE,
}


def test_without_paths_the_current_folder_is_searched(check: Runner) -> None:
    write(TREE)
    ran = check(*CONCISE)
    assert files_in(ran.out) == ["a.yml", "b.yaml", "nets/z.yaml", "nets/deep/er/y.yaml"]
    assert ran.err == ""


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["nets"], ["nets/z.yaml", "nets/deep/er/y.yaml"]),
        (["nets/", "b.yaml"], ["nets/z.yaml", "nets/deep/er/y.yaml", "b.yaml"]),
        (["nets/x.json"], ["nets/x.json"]),
        ([".hidden"], [".hidden/net.yaml"]),
        (["notes.txt"], []),
        (["./notes.txt"], ["notes.txt"]),
        (
            ["b.yaml", "./b.yaml", "nets/../b.yaml", "."],
            ["b.yaml", "a.yml", "nets/z.yaml", "nets/deep/er/y.yaml"],
        ),
        (["*.y*ml"], ["a.yml", "b.yaml"]),
        (["nets/**/*.yaml"], ["nets/deep/er/y.yaml", "nets/z.yaml"]),
        (["nets/*"], ["nets/deep/er/y.yaml", "nets/x.json", "nets/z.yaml"]),
        (["[ab].y?ml", "b.yaml"], ["b.yaml"]),
    ],
)
def test_paths_are_files_folders_and_patterns(check: Runner, paths: list[str], expected: list[str]) -> None:
    write(TREE)
    if paths == ["notes.txt"]:
        expected = ["notes.txt"]
    assert files_in(check(*CONCISE, *paths).out) == expected


def test_a_file_that_is_named_is_taken_at_its_word(check: Runner) -> None:
    write({"compose.yaml": OTHER})
    ran = check(*CONCISE, "compose.yaml")
    assert (ran.code, files_in(ran.out)) == (1, ["compose.yaml", "compose.yaml"])
    assert "the folder '.' holds no description" in (err := check().err)
    assert err.rstrip().endswith("; models are named, or matched by a pattern such as 'nets/*.onnx'")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("layers: [relu]\n", True),
        ("\ufeff# note\n---\n\nlayers:\n", True),
        ("name: x\r\nlayers:\r\n", True),
        ("name: x\rlayers: [relu]\r", True),
        ("'layers' : [relu]\n", True),
        ('"layers": [relu]\n', True),
        ("  input: 1x1x1\n  layers: [relu]\n", True),
        ("{input: 1x1x1, layers: [relu]}\n", True),
        ('# note\n{\n  "input": "1x1x1",\n  "layers": []}', True),
        ("input: 1x1x1\nlayers: [relu\n", True),
        ("input: 1x1x1\nlayers: [\tconvv: }\n", True),
        ("", False),
        ("# layers:\n", False),
        ("text: |\n  layers: [relu]\n", False),
        ("model:\n  layers: [relu]\n", False),
        ("- layers: [relu]\n", False),
        ("sublayers: [relu]\n", False),
        ("layers\n", False),
        ("layersize: 3\n", False),
        ("{sublayers: []}\n", False),
    ],
)
def test_a_description_is_a_file_with_a_top_level_key_layers_though_it_may_be_wrong(
    check: Runner, text: str, found: bool
) -> None:
    Path("net.yaml").write_bytes(text.encode())
    assert ("no description" not in check(*CONCISE).err) == found


def test_what_was_passed_over_is_counted_when_nothing_is_found(check: Runner) -> None:
    write({"a.yaml": OTHER, "b.yaml": OTHER})
    assert "YAML files without it: 2" in check().err


def test_a_shipped_network_is_checked_by_its_name_unless_a_path_is_called_so(check: Runner) -> None:
    ran = check(*CONCISE, "--select", "RF402", "vgg16")
    assert ran.code == 0
    assert ran.out.startswith("vgg16:")
    assert "RF402 info fc6 holds 102,764,544 of 138,357,544" in ran.out
    write({"vgg16/net.yaml": LARGE, "vgg19": LARGE})
    assert files_in(check(*CONCISE, "vgg16", "vgg19").out) == ["vgg16/net.yaml", "vgg19"]


def test_standard_input_is_called_as_asked(check: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    for options, name in (((), "<stdin>"), (("--stdin-filename", "./nets/net.yaml"), "nets/net.yaml")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LARGE.encode())))
        ran = check(*CONCISE, *options, "-")
        assert ran.out.startswith(f"{name}:3:5: RF401 info ")


def test_links_to_folders_are_not_followed_so_that_no_loop_is_walked(check: Runner, here: Path) -> None:
    write({"nets/net.yaml": LARGE})
    Path("nets/loop").symlink_to(here, target_is_directory=True)
    Path("nets/linked.yaml").symlink_to("net.yaml")
    Path("nets/gone.yaml").symlink_to("none.yaml")
    assert files_in(check(*CONCISE).out) == ["nets/linked.yaml", "nets/net.yaml"]
    # A link that is named is followed.
    assert files_in(check(*CONCISE, "nets/loop").out) == [
        "nets/loop/nets/linked.yaml",
        "nets/loop/nets/net.yaml",
    ]


def test_what_is_no_file_is_not_read_when_it_is_found(check: Runner) -> None:
    write({"net.yaml": LARGE, "folder.yaml/net.yaml": LARGE})
    os.mkfifo("pipe.yaml")
    assert files_in(check(*CONCISE).out) == ["net.yaml", "folder.yaml/net.yaml"]


def test_deep_folders_are_no_trouble(check: Runner, here: Path) -> None:
    path = here
    for _ in range(300):
        path /= "a"
    path.mkdir(parents=True)
    (path / "net.yaml").write_text(LARGE, encoding="utf-8")
    assert len(files_in(check(*CONCISE).out)) == 1


def test_the_order_is_that_of_the_names_whatever_the_order_of_the_files(
    check: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{folder}/n{number}.yaml" for folder in ("b", "a") for number in (3, 1, 2)]
    write(dict.fromkeys(names, LARGE))
    expected = sorted(names)
    assert files_in(check(*CONCISE).out) == expected
    scandir = os.scandir

    class Shuffled:
        def __init__(self, path: str) -> None:
            self.entries = list(scandir(path))
            random.Random(len(path)).shuffle(self.entries)

        def __iter__(self) -> Iterator[os.DirEntry[str]]:
            return iter(self.entries)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            return iter(self.entries)

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(os, "scandir", Shuffled)
    assert files_in(check(*CONCISE).out) == expected


# Selection


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--select", "RF4"], ["RF401"]),
        (["--select", "RF401", "--select", "RF501"], ["RF401", "RF501"]),
        (["--select", "RF401,RF501"], ["RF401", "RF501"]),
        (["--select", "large-kernel"], ["RF401"]),
        (["--select", "RF4", "--ignore", "RF401"], []),
        (["--select", "RF4", "--extend-select", "RF5", "--ignore", "RF401"], ["RF501"]),
        (["--ignore", "ALL", "--extend-select", "RF501"], ["RF501"]),
        (["--select", "ALL", "--ignore", "ALL"], []),
    ],
)
def test_rules_are_selected(check: Runner, options: list[str], expected: list[str]) -> None:
    write({"net.yaml": LARGE.replace("relu", "bn")})
    out = check(*options, "--format", "concise").out
    assert [line.split()[1] for line in out.splitlines()[:-1]] == expected


def test_comments_silence_and_are_counted(check: Runner) -> None:
    write({"net.yaml": LARGE.replace("d=16\n", "d=16  # rfcalc: ignore[RF401] the paper has it\n")})
    assert check(*RULES) == Ran(0, "no findings in 1 description; 1 ignored\n", "")


def test_statistics_count_the_findings_of_each_rule(check: Runner) -> None:
    write({"a.yaml": LARGE + "  - conv f=5 p=2 d=16\n", "b.yaml": BIAS})
    lines = check(*CONCISE, "--statistics").out.splitlines()
    assert [line.split() for line in lines[-3:-1]] == [
        ["2", "RF401", "large-kernel"],
        ["1", "RF501", "cancelled-bias"],
    ]


# Output


def test_the_source_line_is_shown_with_a_caret(check: Runner) -> None:
    write({"net.yaml": LARGE})
    out = check(*RULES).out
    assert out.startswith("net.yaml:3:5: info[RF401]: ")
    assert "\n  3 |   - conv f=5 p=2 d=16\n    |     ^^^^^^^^^^^^^^^^^\n" in out


@pytest.mark.parametrize("name", ["json", "sarif", "gitlab"])
def test_a_format_for_programs_has_standard_output_for_itself(check: Runner, name: str) -> None:
    write({"net.yaml": BIAS})
    ran = check(*RULES, "--format", name)
    assert json.loads(ran.out)
    assert (ran.code, ran.err) == (1, "1 finding (1 warning) in 1 description\n")


@pytest.mark.parametrize(
    ("file", "start"), [("a.json", "{"), ("a.sarif", "{"), ("a.xml", "<?xml"), ("a.txt", "net.yaml:3")]
)
def test_a_file_is_written_in_the_format_of_its_suffix(
    check: Runner, file: str, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"net.yaml": BIAS})
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    ran = check(*RULES, "-o", file)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "1 finding (1 warning) in 1 description\n"
    assert Path(file).read_text(encoding="utf-8").startswith(start)


def test_github_has_its_annotations_and_the_summary_of_the_step(
    check: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"net.yaml": BIAS, "summary.md": "before\n"})
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    ran = check(*RULES)
    assert "::warning file=net.yaml,line=3," in ran.out
    summary = Path("summary.md").read_text(encoding="utf-8")
    assert summary.startswith("before\n")
    assert "RF501" in summary
    # Another format that is named is a choice.
    assert check(*CONCISE).out.startswith("net.yaml:3:5: RF501")
    assert Path("summary.md").read_text(encoding="utf-8") == summary


def test_annotations_name_files_from_the_root_of_the_repository(
    check: Runner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({".git/HEAD": "", "sub/nets/net.yaml": BIAS})
    monkeypatch.chdir(here / "sub")
    assert "::warning file=sub/nets/net.yaml,line=3," in check(*RULES, "--format", "github").out


def test_a_path_in_the_repository_is_the_same_however_it_is_named(
    check: Runner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"work/.git/HEAD": "", "work/sub/nets/net.yaml": BIAS, "work/rfcalc.toml": BUDGET})
    Path("linked").symlink_to("work")
    found = set()
    for start in (here / "work" / "sub", here / "linked" / "sub"):
        monkeypatch.chdir(start)
        monkeypatch.setenv("PWD", str(start))
        for path in ("nets", str(start / "nets"), "../sub/nets/net.yaml"):
            found.add(check("--select", "RF3,RF501", "--format", "gitlab", path).out)
            log = check("--select", "RF303", "--format", "sarif", path).out
            assert str(here) not in log
            assert '"uri": "rfcalc.toml"' in log
            annotations = check("--select", "RF303", "--format", "github", path).out
            assert "::error file=sub/nets/net.yaml,line=" in annotations
            assert "%0Anote: rfcalc.toml:3:" in annotations
    (issues,) = found
    assert {issue["location"]["path"] for issue in json.loads(issues)} == {"sub/nets/net.yaml"}


@pytest.mark.parametrize(
    "options", [(), ("--format", "concise"), ("--format", "markdown"), ("--format", "junit")]
)
def test_an_output_without_unicode_is_written_in_other_characters(
    options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"net.yaml": "symbols: [C]\ninput: 32x32xC\nlayers:\n  - conv f=5 p=2 d=C\n"})
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", output)
    assert main(["check", *RULES, *options]) == 0
    output.flush()
    assert b"RF401" in output.buffer.getvalue()


def test_a_name_that_commands_a_terminal_is_made_harmless(check: Runner) -> None:
    write({"a\x1b[31m\nb.yaml": BIAS})
    ran = check(*RULES)
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "cancelled" in ran.out


_COMMANDING = "\x1b]0;x\x07\u202e\x9b\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "bad{}.yaml"),
        ("check", "none{}.yaml"),
        ("check", "net{}.yaml", "--no-config", "--baseline", "b{}.json"),
        ("check", "net{}.yaml", "--no-config", "--baseline", "new{}.json", "--update-baseline"),
        ("check", "net{}.yaml", "--config", "c{}.toml"),
        ("check", "net{}.yaml", "--config", "wrong{}.toml"),
        ("check", "net{}.yaml", "--no-config", "--against", "HEAD{}"),
        ("check", "net{}.yaml", "-o", "none{}/report"),
        ("./bad{}.yaml",),
        ("./none{}.yaml",),
        ("explain", "./bad{}.yaml"),
        ("compare", "./bad{}.yaml", "./net{}.yaml"),
        ("fmt", "--check", "net{}.yaml"),
        ("fmt", "--diff", "net{}.yaml"),
        ("fmt", "bad{}.yaml"),
    ],
)
def test_no_name_commands_the_terminal_whichever_command_shows_it(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, data in {
        "bad{}.yaml": BROKEN,
        "net{}.yaml": CLEAN.replace("d=16", "out_channels=16"),
        "b{}.json": "{",
        "c{}.toml": "\udcff",
        "wrong{}.toml": "zork = 1",
    }.items():
        Path(name.format(_COMMANDING)).write_bytes(data.encode("utf-8", "surrogateescape"))
    main([argument.format(_COMMANDING) for argument in arguments])
    said = "".join(capsys.readouterr())
    assert said
    assert said.replace("\n", "").isprintable()
    # What a name's line break would put at the start of a line.
    assert not any(line.startswith((".yaml", ".json", ".toml")) for line in said.splitlines())


@pytest.mark.parametrize("name", FORMATS)
def test_a_name_that_is_no_text_harms_no_format(
    check: Runner, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path(os.fsdecode(b"\xff.yaml")).write_text(BIAS, encoding="utf-8")
    assert check(*RULES, "--format", name, "-o", "report").code == 1
    assert "RF501" in Path("report").read_text(encoding="utf-8")


def test_a_current_folder_that_is_gone_is_told(check: Runner, here: Path) -> None:
    Path("gone").mkdir()
    os.chdir("gone")
    Path("../gone").rmdir()
    ran = check("vgg16")
    os.chdir(here)
    assert (ran.code, ran.err) == (2, "rfcalc: error: the current folder is gone\n")


# What everything says of itself


def test_every_rule_has_a_page_and_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines() if line.startswith("RF")] == list(MODULE_OF)
    # On a pipe too its lines can be read.
    assert max(map(len, out.splitlines())) <= 100
    assert main(["rule", *MODULE_OF]) == 0
    page = capsys.readouterr().out
    assert [line.split()[1] for line in page.splitlines() if line.startswith("## ")] == list(MODULE_OF)
    assert main(["rules", "--format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)["rules"]
    assert [entry["code"] for entry in entries] == list(MODULE_OF)
    # What is looked for only when it is asked for is said wherever the rule is shown.
    asked = "looked for only when it is asked for"
    assert [entry["code"] for entry in entries if entry["asked"]] == ["RF403"]
    assert page.count(f"info · cost · {asked}: `--extend-select RF403`\n") == page.count(asked) == 1
    assert " ".join(out.split()).count(f"({asked})") == 1


def test_the_row_of_a_rule_is_its_first_sentence_and_a_reference_ends_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rules", "--format", "csv"]) == 0
    rows = {row["code"]: row["what"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert rows["RF102"] == (
        "Two layers or more with kernels that read a map whose fields are as large as the input, even on "
        "the path that shows them least: the layers past the border of Richter et al. (2021)"
    )
    assert rows["RF104"].endswith("have a rule of their own, RF405")
    assert not any(row.endswith("et al") or ". (The" in row for row in rows.values())


def test_the_page_of_a_rule_shows_examples_as_they_stand_and_what_is_said_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rule", "Checkerboard"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("## RF202 checkerboard\n\nwarning · size and alignment\n")
    assert "```yaml\ninput: 8x8x4\nlayers:\n  - deconv f=3 s=2 p=1 d=4\n```\n\n- line 3: " in page
    assert max(map(len, page.splitlines())) <= 100
    assert main(["rule", "RF202", "--format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["rules"]
    assert (entry["code"], entry["name"], entry["family"]) == ("RF202", "checkerboard", "size and alignment")


def test_a_rule_that_does_not_exist_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "checkerbord"]) == 2
    assert "did you mean 'checkerboard'?" in capsys.readouterr().err


def test_a_name_for_standard_input_is_refused_where_it_is_not_checked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "vgg16", "--stdin-filename", "net.yaml"]) == 2
    assert "--stdin-filename names standard input" in capsys.readouterr().err
