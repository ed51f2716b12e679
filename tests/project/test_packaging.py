"""What an installation holds, and that the files around the package say the same things as it does."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from package_source import PACKAGE, imports, modules

import rfcalc

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

PACKAGE_OF_DISTRIBUTION = {"PyYAML": "yaml", "pillow": "PIL"}


def names(requirements: list[str]) -> list[str]:
    return [re.split(r"[<>=!~;\[ ]", requirement, maxsplit=1)[0] for requirement in requirements]


def test_the_installed_package_is_complete() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert (PACKAGE / "report" / "report.schema.json").is_file()
    assert len(rfcalc.shipped_names()) > 30


def test_the_installed_descriptions_are_those_of_the_specs_folder() -> None:
    from rfcalc.library import shipped_text

    files = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "specs").glob("*.yaml")}
    assert {name: shipped_text(name) for name in rfcalc.shipped_names()} == files


def test_every_public_name_can_be_imported() -> None:
    for name in rfcalc.__all__:
        assert getattr(rfcalc, name) is not None, name


def test_the_installed_version_is_that_of_the_package() -> None:
    try:
        installed = metadata.version("rfcalc")
    except metadata.PackageNotFoundError:
        pytest.skip("run from a checkout that nothing has installed: there is no second version to differ")
    assert installed == rfcalc.__version__


def test_the_changelog_begins_with_this_version_or_with_what_follows_it() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\S+)", text, re.MULTILINE)
    assert sections[0] in ("Unreleased", rfcalc.__version__)
    assert next(section for section in sections if section != "Unreleased") == rfcalc.__version__


def test_the_package_declares_exactly_what_it_imports() -> None:
    imported = {name.partition(".")[0] for module in modules() for name, _ in imports(module)}
    # PyTorch is that of the user's own Python, where what records a module runs.
    imported -= {"rfcalc", "torch", *sys.stdlib_module_names}
    # What png and pdf need is an extra.
    needed = names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["plot"])
    declared = {PACKAGE_OF_DISTRIBUTION.get(name, name) for name in needed}
    assert declared == imported


@pytest.mark.parametrize(
    "name", names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]), ids=str
)
def test_the_documentation_gives_the_reason_for_every_dependency(name: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("## Dependencies")[2].partition("\n## ")[0]
    assert f"`{name}`" in section


def test_every_part_of_the_package_is_explained_in_the_documentation() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for area in sorted({module.area for module in modules()} - {"", "__main__"}):
        assert f"`{area}`" in text, area
