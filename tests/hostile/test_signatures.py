"""User rules under --signatures: a bad one is named with file and line and skipped, the good one beside it works."""

import pytest
from tests.hostile.base_case import EXPECTED, FAILED_L6, VICTIM, failing_log, log_line, text, write_base
from tests.hostile.running import Outcome, Sandbox

HEAD = """title: {name}
id: 6f0c7d52-7a57-4c3e-9a55-{number:012d}
status: experimental
logsource:
  product: macos
layer: L6
level: high
detection:
  selection:
"""
FOOT = "  condition: selection\n"
FIRST_LINE = HEAD.count("\n") + 1
MARK = "USERMARK seen"
GOOD = f"    message|startswith: '{MARK}'\n"

# What stands under `selection:`, all of it on the first line there, which is the one that must be named.
BAD_PATTERNS = {
    "look-ahead": "message|re: 'ABM(?=Registration)'",
    "negative-look-ahead": "message|re: 'ABM(?!Registration)'",
    "look-behind": "message|re: '(?<=ABM)Registration'",
    "back-reference": r"message|re: '(A|B)\1'",
    "named-back-reference": "message|re: '(?P<x>A|B)(?P=x)'",
    "nested-plus": "message|re: '(a+)+$'",
    "nested-star": "message|re: '(a*)*b'",
    "nested-open-count": "message|re: '(a{1,}){2,}b'",
    "nested-behind-a-group": "message|re: '(x(y*)z)+$'",
    "no-regex": "message|re: '(unclosed'",
    "huge-count": "message|re: 'a{1,100000000}'",
    "counts-of-counts": "message|re: 'USERMARK((a{1000}){1000}){1000}'",
    "counts-of-anything": "message|re: 'USERMARK.{1,1000}x'",
    "unknown-field": "EventID: 4625",
    "unknown-modifier": "message|windash: 'x'",
    "yaml-alias": "message: [&text 'x', *text]",
    "yaml-python-tag": "message: !!python/object/apply:os.getcwd []",
    "yaml-local-tag": "message: !secret x",
}

# Whole files; each is named, at a line where the fault has one place.
BAD_FILES: dict[str, tuple[bytes, int | None]] = {
    "no-yaml": (b"title: [unclosed\nlayer: L6\n", None),
    "no-layer": (HEAD.replace("layer: L6\n", "").encode() + (GOOD + FOOT).encode(), None),
    "unknown-layer": (HEAD.replace("layer: L6", "layer: L99").encode() + (GOOD + FOOT).encode(), 6),
    "no-condition": ((HEAD + GOOD).encode(), None),
    "condition-of-nothing": ((HEAD + GOOD + "  condition: selection and absent\n").encode(), FIRST_LINE + 1),
    "a-list": (b"- title: x\n- layer: L6\n", None),
    "a-word": (b"rule\n", None),
    "empty": (b"", None),
    "no-text": (b"\x00\xff\xfe" * 100, None),
    "billion-laughs": (
        b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + b"".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n".encode() for n in range(1, 10)),
        1,
    ),
    "100000-brackets": (b"title: " + b"[" * 100_000, None),
}

EXPECTED_LINES = {**dict.fromkeys(BAD_PATTERNS, FIRST_LINE), **{name: line for name, (_, line) in BAD_FILES.items()}}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """One run with every bad rule and one good rule, over a case in whose log the good one's words stand."""
    sandbox = Sandbox.make(tmp_path_factory.mktemp("signatures"))
    write_base(sandbox.case)
    marked = [*failing_log(), log_line(390, MARK)]
    (sandbox.case / "logs" / f"{VICTIM}.log").write_bytes(text(marked))
    rules = sandbox.aside / "rules"
    rules.mkdir()
    for number, (name, pattern) in enumerate(BAD_PATTERNS.items()):
        (rules / f"{name}.yml").write_text(HEAD.format(name=name, number=number) + f"    {pattern}\n{FOOT}")
    for number, (name, (body, _)) in enumerate(BAD_FILES.items(), 100):
        filled = body.replace(b"{name}", name.encode()).replace(b"{number:012d}", f"{number:012d}".encode())
        (rules / f"{name}.yml").write_bytes(filled)
    (rules / "good_rule.yml").write_text(HEAD.format(name="good_rule", number=999) + GOOD + FOOT)
    return sandbox.triage("--signatures", str(rules))


def test_bad_rules_stop_nothing(outcome: Outcome) -> None:
    """If this failed, one bad rule of a user would cost the whole triage."""
    assert outcome.broken_bound is None
    assert outcome.code == 1, outcome.stderr.decode()
    assert b"Traceback" not in outcome.stderr
    assert outcome.standings() == {**EXPECTED, VICTIM: FAILED_L6}
    assert outcome.written == frozenset()


@pytest.mark.parametrize("name", EXPECTED_LINES)
def test_bad_rule_is_named(name: str, outcome: Outcome) -> None:
    """If this failed, a user's rule would be dropped in silence, or named at a line where nothing is wrong."""
    about = [thing for thing in outcome.skipped() if thing.path.rpartition("/")[2] == f"{name}.yml"]
    assert about, outcome.skipped()[:3]
    line = EXPECTED_LINES[name]
    assert line is None or line in {thing.line for thing in about}, about


def test_good_rule_beside_bad_ones_fires(outcome: Outcome) -> None:
    """If this failed, a bad rule would take the good ones of its folder with it."""
    assert [thing for thing in outcome.skipped() if "good_rule" in thing.path] == []
    findings = outcome.verdicts()[VICTIM]["findings"]
    assert isinstance(findings, list)
    names = {"good_rule", "6f0c7d52-7a57-4c3e-9a55-000000000999"}
    assert any(finding["id"] in names for finding in findings), findings
