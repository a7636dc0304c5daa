"""Signatures for other systems: what a stock pySigma backend makes of them finds the lines that ours find."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from sigma.backends.sqlite.sqlite import sqliteBackend
from sigma.collection import SigmaCollection

from abm_trace import signatures
from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Record
from abm_trace.signatures import Signature, convert
from abm_trace.signatures.rule import OWN_KEYS, read

RULE = """title: Our own
id: 6f0c7d52-7a57-4c3e-9a55-000000000001
name: ours
logsource: {product: apple, category: enrollment}
detection:
  _scope:
    message|cased|startswith: 'OURMARK '
  seen:
    message|re: 'mark [0-9]+'
  condition: [1 of them or _scope]
level: high
fact: error
"""
TABLE = "CREATE TABLE logs ({})".format(
    ", ".join(f"{name} TEXT COLLATE NOCASE" for name in ("message", "process", "subsystem", "category", "level"))
)
WHERE = (
    ("teslad", ""), ("/usr/libexec/teslad", ""), ("Setup Assistant", ""), ("Teslad", ""), ("xteslad", ""),
    ("SpringBoard", ""), ("SpringBoard", "com.apple.DeviceManagement.Enrollment"), ("", "com.apple.ManagedClient"),
    ("com.apple.DeviceManagementX", ""), ("com.apple.MCX", ""), ("com.apple.MCXtra", ""), ("", "com.apple.MCX.log"),
    ("", "com.apple.CloudConfigurationDaemonX"), ("", "COM.APPLE.MCX"), ("/a/b", "com.apple.other"), ("", ""),
)  # fmt: skip
"""Processes and subsystems in and out of the scope of enrolment, and next to it."""


@pytest.fixture(scope="module")
def ours() -> list[Signature]:
    """All signatures of the release."""
    return signatures.load()[0]


@pytest.fixture(scope="module")
def records(ours: list[Signature]) -> list[Record]:
    """Each example, as it is, in capitals and in small letters; and one that matches, of every place."""
    found = []
    for signature in ours:
        for example in signature.examples:
            texts = dict.fromkeys((example.message, example.message.upper(), example.message.lower()))
            found += [Record(0, text, process=example.process or "teslad") for text in texts]
        first = next(example.message for example in signature.examples if example.matches)
        found += [Record(0, first, process=process, subsystem=subsystem) for process, subsystem in WHERE]
    return found


@pytest.fixture(scope="module")
def database(records: list[Record]) -> Iterator[sqlite3.Connection]:
    """These records in a table, as docs/adding-a-signature.md says that it must be made."""
    connection = sqlite3.connect(":memory:")
    connection.create_function("REGEXP", 2, lambda pattern, text: re.search(pattern, text) is not None)
    connection.execute(TABLE)
    connection.executemany(
        "INSERT INTO logs VALUES (?, ?, ?, ?, ?)",
        ((each.message, each.process, each.subsystem, each.category, each.level) for each in records),
    )
    yield connection
    connection.close()


def test_the_converted_find_the_same_lines(
    ours: list[Signature], records: list[Record], database: sqlite3.Connection
) -> None:
    """If this failed, a signature would mean one thing here and another one in the system that it is converted for."""
    hits = 0
    for each in convert.convert(ours, "sqlite"):
        assert (each.problem, len(each.queries)) == ("", 1)
        query = each.queries[0].replace("SELECT *", "SELECT rowid")
        theirs = {row - 1 for (row,) in database.execute(query)}
        own = {n for n, record in enumerate(records) if signatures.match(record, [each.signature], 0, 1)}
        assert theirs == own, (each.signature.id, [records[number] for number in theirs ^ own][:3])
        hits += len(own)
    assert hits > len(ours)


def test_all_are_converted(ours: list[Signature]) -> None:
    """If this failed, a signature would be left out of the other system without a word."""
    for name in ("sqlite", convert.SIGMA):
        assert [each.signature for each in convert.convert(ours, name) if each.queries] == ours


def test_plain_rules_are_stock_sigma(ours: list[Signature]) -> None:
    """If this failed, other Sigma tools would meet keys of ours, or rules that they refuse."""
    for each in convert.convert(ours, convert.SIGMA):
        document = yaml.safe_load(each.queries[0])
        assert not OWN_KEYS & document.keys()
        assert document["id"] == str(yaml.safe_load(each.signature.path.read_bytes())["id"])
        assert convert.backend("sqlite").convert(SigmaCollection.from_yaml(each.queries[0]))


def test_a_rule_that_names_processes_itself_keeps_its_own_scope(tmp_path: Path) -> None:
    """If this failed, a rule about another process could never match after its conversion."""
    (tmp_path / "ours.yml").write_text(RULE.replace("message|re:", "process: apsd\n    message|re:"))
    signature = read(tmp_path / "ours.yml")
    assert signature.everywhere
    assert convert.plain(signature)["detection"] == yaml.safe_load((tmp_path / "ours.yml").read_bytes())["detection"]


def test_the_scope_does_not_touch_the_rules_own_names(tmp_path: Path) -> None:
    """If this failed, `1 of them` would mean the scope too, or a selection of the same name would be lost."""
    (tmp_path / "ours.yml").write_text(RULE)
    signature = read(tmp_path / "ours.yml")
    detection = convert.plain(signature)["detection"]
    assert detection["condition"] == "(1 of them or _scope) and _scope_"
    assert detection["_scope"] == {"message|cased|startswith": "OURMARK "}
    (made,) = convert.convert([signature], "sqlite")
    assert "mark [0-9]+" in made.queries[0]


def test_a_backend_that_is_not_installed() -> None:
    """If this failed, a user would not learn which package brings the backend."""
    with pytest.raises(UsageError, match="--to splunk") as known:
        convert.backend("splunk")
    assert "pip install 'abm-trace[convert-splunk]'" in known.value.hint
    with pytest.raises(UsageError) as other:
        list(convert.convert([], "loki"))
    assert "pip install pysigma-backend-loki" in other.value.hint
    assert "Installed: sqlite, sigma" in other.value.hint


class NoCase(sqliteBackend):
    """A backend that does not know letters of one case alone."""

    case_sensitive_match_expression: ClassVar[Any] = None

    def convert_condition_field_eq_val_str_case_sensitive(self, cond: Any, state: Any) -> Any:  # noqa: ANN401
        """Refuse it, as pySigma's own base does."""
        message = "Case-sensitive string matching is not supported by backend. (while converting rule None)"
        raise NotImplementedError(message)


class NoExpressions(NoCase):
    """A backend that does not know regular expressions either."""

    def convert_condition_field_eq_val_re(self, cond: Any, state: Any) -> Any:  # noqa: ANN401  # As above.
        """Refuse it."""
        raise NotImplementedError


def test_what_a_backend_cannot_express_is_named(ours: list[Signature]) -> None:
    """If this failed, a rule that became wider, or none at all, would pass for the same rule."""
    by_name = {each.id: each for each in ours}
    wider = convert._converted(by_name["abm-device-registered"], NoCase())  # type: ignore[no-untyped-call]  # Its base has no types.
    assert wider.problem.endswith("its own alone: Case-sensitive string matching is not supported by backend")
    assert "message LIKE 'ABMDeviceRegistered%'" in wider.queries[0]
    lost = convert._converted(by_name["mdm-request-failed"], NoExpressions())  # type: ignore[no-untyped-call]  # As above.
    assert lost.queries == ()
    assert lost.problem
