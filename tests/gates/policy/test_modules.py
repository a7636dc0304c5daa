"""Rego modules: what they are called, and which of their rules decide or test."""

from pathlib import Path

import pytest

from abm_trace.core.errors import UsageError
from abm_trace.gates.policy.modules import Module, chosen, shipped


def test_comments_and_texts_are_no_rules() -> None:
    """If this failed, a policy that decides nothing would count as one, and allow everything."""
    module = Module(
        "p.rego", '# package no\n# deny contains "x"\npackage a.b # why\nx := `\ndeny contains y`\ny := "package z"\n'
    )
    assert module.package == "a.b"
    assert not module.decides
    assert module.tests == ()


@pytest.mark.parametrize(
    "rule",
    [
        'deny contains "x" if true',
        'deny["x"] { true }',
        "deny if input.x",
        "deny := false",
        "deny { true }",
        "default deny = true",
        'warn contains "x"',
        'unknown contains "x"',
        '  deny contains "x"',
    ],
)
def test_a_rule_that_decides_is_seen_in_each_form(rule: str) -> None:
    """If this failed, a policy would be asked nothing, and would allow everything."""
    assert Module("p.rego", f"package p\n{rule}\n").decides


def test_what_only_looks_like_one_is_none() -> None:
    """If this failed, a library would be asked for decisions."""
    assert not Module("p.rego", "package p\ndenying contains 1\nx if deny\ndeny_all := 1\n").decides


def test_tests_are_found_once() -> None:
    """If this failed, a test of two bodies would run twice, or not at all."""
    assert Module("p_test.rego", "package p\ntest_a if true\ntest_a if false\n  test_b { true }\n").tests == (
        "test_a",
        "test_b",
    )


def test_the_shipped_ones() -> None:
    """If this failed, policies would be missing from the package, or the old syntax would be mixed with the new one."""
    names = {each.path for each in shipped()}
    assert names == {
        "clock.rego", "firmware.rego", "guide.rego", "method.rego", "quarantine.rego", "region.rego", "token_age.rego",
        "version.rego",
    }  # fmt: skip
    assert {f"{name.removesuffix('.rego')}_test.rego" for name in names} < {each.path for each in shipped(tests=True)}
    (old,) = shipped("v0/guide")
    assert old.is_old
    assert not Module("v0/mine.rego", old.text).is_old  # A folder of somebody's may be called so.
    assert shipped("nothing") == []


def test_files_folders_and_names(tmp_path: Path) -> None:
    """If this failed, a policy of one's own could not stand beside the shipped ones."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/mine.rego").write_text('package mine\ndeny contains "x"\n')
    (tmp_path / "deep/mine_test.rego").write_text("package mine_test\ntest_x if true\n")
    (tmp_path / "notes.txt").write_text("no policy")
    mine = str(tmp_path / "deep/mine.rego")
    assert [each.path for each in chosen([str(tmp_path), "region"])] == [mine, "region.rego", "version.rego"]
    assert len(chosen([str(tmp_path)], tests=True)) == 3
    assert [each.path for each in chosen([mine, mine])] == [mine, "version.rego"]


def test_a_file_that_is_called_as_a_shipped_one_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the rules of one's own region.rego would never be asked, and what they deny be allowed."""
    monkeypatch.chdir(tmp_path)
    Path("region.rego").write_text("package mine\n\nimport rego.v1\n\ndeny contains 1 if true\n")
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped/all.rego").write_text("package all_is_well\n")
    for names in (["region.rego", "shipped"], ["shipped", "region.rego"], ["region", "region.rego"]):
        found = [each for each in chosen(names) if each.package == "mine"]
        assert [each.path for each in found] == ["./region.rego"], names
        assert "abm.region" in {each.package for each in chosen(names)}


@pytest.mark.parametrize("names", [["mine.rego", "region"], ["shipped", "mine.rego"]], ids=" ".join)
def test_a_package_of_the_shipped_ones_is_refused_beside_them(
    names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this failed, a rule of somebody's could take one of ours away, or close every document with an odd word."""
    monkeypatch.chdir(tmp_path)
    Path("mine.rego").write_text("package abm.region\n\nimport rego.v1\n\nunknown := set()\n")
    assert chosen(["mine.rego"])  # Alone it is nobody's business but its own.
    with pytest.raises(UsageError, match=r"mine.rego: package abm.region is that of the shipped region.rego") as caught:
        chosen(names)
    assert "package mine.region" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.rego", None, "no such file or folder, and no shipped policy"),
        ("big.rego", b"#" * 1_100_000, "larger than 1 MiB"),
        ("binary.rego", b"\xff\xfe\x00", "no text of UTF-8"),
        ("odd.rego", b'package a["b"]\ndeny contains "x"', "no package of plain names"),
        ("empty", b"DIR", "no policy there"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, content: bytes | None, says: str, tmp_path: Path) -> None:
    """If this failed, a policy that is not there would be one that allows."""
    path = tmp_path / name
    if content == b"DIR":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=says) as caught:
        chosen([str(path)])
    assert caught.value.hint
