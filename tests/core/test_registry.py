"""Tests of abm_trace.core.registry."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from abm_trace.core.errors import RegistryError
from abm_trace.core.registry import discover

Family = Callable[..., ModuleType]
ITEM = "class FORMAT:\n    id = {id!r}\n"


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Family]:
    """Makes a package of the modules given as name=text."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(**modules: str) -> ModuleType:
        folder = tmp_path / "made_family"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)
        return importlib.import_module("made_family")

    yield make
    for name in [each for each in sys.modules if each.partition(".")[0] == "made_family"]:
        del sys.modules[name]


def test_items_are_found_by_name_order_and_underscores_are_none(family: Family) -> None:
    """An item would need an entry in a shared list, or `_interface` would count as one."""
    package = family(b_two=ITEM.format(id="b-two"), a=ITEM.format(id="a"), _interface="x = 1\n")
    assert list(discover(package, "FORMAT")) == ["a", "b-two"]


@pytest.mark.parametrize("text", ["", ITEM.format(id="other"), "FORMAT = None\n"], ids=["none", "other id", "no id"])
def test_a_broken_item_is_an_error_and_says_which(family: Family, text: str) -> None:
    """A format that is skipped quietly would be missed only when it is needed."""
    with pytest.raises(RegistryError, match=r"made_family\.broken: needs an object FORMAT with id 'broken'"):
        discover(family(a=ITEM.format(id="a"), broken=text), "FORMAT")


def test_an_item_that_cannot_be_imported_is_not_skipped(family: Family) -> None:
    """As above: its format would be missing without a word."""
    with pytest.raises(ZeroDivisionError):
        discover(family(broken="1 / 0\n"), "FORMAT")
