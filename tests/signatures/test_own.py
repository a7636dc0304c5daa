"""Tests of abm_trace.signatures.own: our own signatures, as they were parsed before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.signatures.building import HEAD, record

from abm_trace.signatures import SignatureError, own, rule

ONE = HEAD + "  selection:\n    message|startswith: 'OURMARK one'\n  condition: selection\n"


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release of one rule whose byte code is kept in a folder of its own; the file in which it keeps the rule."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/one.yml").write_text(ONE)
    monkeypatch.setattr(own, "RULES", tmp_path / "rules")
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "code"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return own._place()


def is_parsed() -> bool:
    """Whether loading parses a rule."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(rule, "parse")
        try:
            own.load()
        except AttributeError:
            return True
    return False


def test_the_second_time_nothing_is_parsed(kept: Path) -> None:
    """Each start would take a fifth of a second longer; or what was kept would say something else."""
    (first,) = own.load()
    assert not is_parsed()
    assert own.load() == [first]
    assert first.test(record("OURMARK one"))
    assert not first.test(record("OURMARK two"))
    assert [each.name for each in kept.parent.iterdir()] == [kept.name]


def test_without_need_the_parser_is_not_imported(tmp_path: Path) -> None:
    """It takes most of the time."""
    command = "import sys; from abm_trace import signatures; signatures.load(); print('sigma' in sys.modules)"
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    runs = [
        subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, env=environment)
        for _ in range(2)
    ]
    assert [each.stdout for each in runs] == [b"True\n", b"False\n"]


@pytest.mark.parametrize("change", ["a rule", "its name", "a new rule", "the program", "python", "msgspec"])
def test_what_changed_is_parsed_anew(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old rule would decide, or what an older version understood of it."""
    own.load()
    assert not is_parsed()
    if change == "a rule":
        (tmp_path / "rules/one.yml").write_text(ONE.replace("one", "two"))
    elif change == "its name":
        (tmp_path / "rules/one.yml").rename(tmp_path / "rules/two.yml")
    elif change == "a new rule":
        (tmp_path / "rules/two.yml").write_text(ONE.replace("one", "two"))
    elif change == "the program":
        (tmp_path / "changed").mkdir()
        (tmp_path / "changed/own.py").write_text("changed")
        monkeypatch.setattr(own, "__file__", str(tmp_path / "changed/own.py"))
    elif change == "python":
        monkeypatch.setattr(sys, "version", "another")
    else:
        monkeypatch.setattr("msgspec.__version__", "another")
    assert is_parsed()


def test_what_is_damaged_is_made_anew(kept: Path) -> None:
    """A torn file would end each command, or change what a rule asks."""
    first = own.load()
    whole = kept.read_bytes()
    for place in range(len(whole)):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert is_parsed()
    for data in (b"", whole[:-1], whole[:40]):
        kept.write_bytes(data)
        assert own.load() == first
        assert kept.read_bytes() == whole


@pytest.mark.parametrize("how", ["not wanted", "no folder", "no byte code at all"])
def test_where_nothing_is_kept_all_goes_on(how: str, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the program cannot write beside itself nothing would be traced."""
    if how == "not wanted":
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
    elif how == "no folder":
        Path(str(sys.pycache_prefix)).write_text("a file")
    else:
        monkeypatch.setattr(sys.implementation, "cache_tag", None)
    assert [each.id for each in own.load()] == ["one"]
    assert not kept.exists()


def test_a_broken_rule_is_told_each_time(tmp_path: Path) -> None:
    """A fault of the release would be passed over."""
    (tmp_path / "rules/two.yml").write_text(ONE.replace("condition: selection", "condition: absent"))
    for _ in range(2):
        with pytest.raises(SignatureError, match="absent"):
            own.load()
