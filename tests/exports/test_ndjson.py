"""The contract's lines: schema, types, order."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.exports.building import DIGEST, POLYGLOT, healthy, report, verdict

from abm_trace.core.nouns import Skipped, Verdict
from abm_trace.core.packed import Packed
from abm_trace.exports import Report, Screen, ndjson
from abm_trace.exports.ndjson import render

GOLDEN = Path(__file__).parents[1] / "data/exports/chicago.ndjson"


def test_golden(traced: Report, golden: Callable[[Path, bytes], None]) -> None:
    """If this failed, what other programs read of a case has changed."""
    golden(GOLDEN, render(traced, Screen()))


def test_a_line_a_verdict_then_a_line_a_skipped_thing() -> None:
    """If this failed, a reader that counts devices by lines would count wrongly."""
    lines = render(report(verdict(), healthy("F9FXQ1ABCE")), Screen()).decode().splitlines()
    assert [json.loads(line)["schema"] for line in lines] == ["abm-trace/verdict/1"] * 2 + ["abm-trace/skipped/1"]
    assert json.loads(lines[2]) == {
        "schema": "abm-trace/skipped/1", "path": "audit.ndjson", "line": 3, "offset": 120, "reason": "not valid JSON",
    }  # fmt: skip


def test_packed_verdicts_make_the_same_lines() -> None:
    """If this failed, a fleet would be written otherwise than a case."""
    plain = report(verdict(), healthy("F9FXQ1ABCE"), healthy("F9FXQ1ABCF"))
    packed = replace(plain, verdicts=Packed.of(Verdict, 2, plain.verdicts))
    assert render(packed, Screen()) == render(plain, Screen())


def test_the_contract_of_a_verdict() -> None:
    """If this failed, a key of the contract would be missing, renamed or of another unit."""
    line = json.loads(render(report(), Screen()).decode().splitlines()[0])
    finding = line["findings"][0]
    assert line["confidence"] == 0.97
    assert (line["layer"], line["cause"], line["contributing"], line["missing"]) == ("L6", None, ["L3"], [])
    assert (line["attempts"], line["identifiers"]) == (2, ["9C1E"])
    assert (line["last_seen"], line["as_of"]) == ("2026-05-17T08:46:12.883Z", "2026-05-17T08:47:12.883Z")
    assert line["clock_offset"] == 19.345
    assert {"id", "kind", "layer", "severity", "confidence", "evidence"} <= finding.keys()
    assert finding["evidence"] == [
        {"path": "logs/F9FXQ1ABCD.log", "line": 41, "record": None, "offset": 565, "sha256": DIGEST,
         "by": "abm-identifier-rejected"},
    ]  # fmt: skip


def test_what_is_not_known_is_null() -> None:
    """If this failed, an empty text would stand where the contract says that there is nothing."""
    bare = verdict(
        last_rung=None, last_rung_at=None, layer=None, first_seen=None, deadline_at=None, clock_offset_us=None
    )
    line = json.loads(render(report(bare), Screen()).decode().splitlines()[0])
    assert [
        line[key] for key in ("last_rung", "last_rung_at", "layer", "first_seen", "deadline_at", "clock_offset")
    ] == [None] * 6


def test_lone_surrogates_are_replaced_and_the_rest_stays() -> None:
    """If this failed, strict readers would refuse the line, or honest text beside it would be lost."""
    line = json.loads(
        render(report(verdict(site=POLYGLOT), skipped=(Skipped("é", POLYGLOT),)), Screen()).decode().splitlines()[1]
    )
    assert line["path"] == "é"
    assert line["reason"] == POLYGLOT.replace("\udc80", "\ufffd")


def test_the_parts_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a line would be lost or cut where a large fleet is written in parts."""
    made = report(*(verdict(serial=f"F9F{number}") for number in range(5)), skipped=(Skipped("a", "b"),))
    whole = render(made, Screen())
    monkeypatch.setattr(ndjson, "_PART_LINES", 2)
    written = list(ndjson.parts(made, Screen()))
    assert [part.count(b"\n") for part in written] == [2, 2, 2]
    assert b"".join(written) == whole


def test_one_line_an_object_for_every_reader() -> None:
    """If this failed, readers that take U+2028 or NEL for a line's end, and terminals, would obey the evidence."""
    data = render(report(verdict(site=POLYGLOT + "\x7f\x85"), skipped=()), Screen()).decode()
    assert len(data.splitlines()) == 1
    assert re.findall("[\x7f-\x9f\u200b\u2028\u202e\u2066]", data) == []
    assert json.loads(data)["site"] == POLYGLOT.replace("\udc80", "\ufffd") + "\x7f\x85"
