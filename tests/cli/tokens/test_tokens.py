"""`abm-trace tokens`: the inventory in each form, no secret in any, and a calendar that another library reads."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import icalendar
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from jsonschema import Draft202012Validator
from tests.cli.conftest import Run
from tests.gates import rollout

from abm_lab.moments import to_datetime
from abm_lab.serve.certificates import Authority
from abm_trace.core import instants
from abm_trace.exports import plain

AT = ("--as-of", rollout.NOW)
HOSTILE = "to\u202ek,;\\n\r\nBEGIN:VEVENT\x1b[2J" + "ü🪪" * 8
SERVER = {
    "consumer_key": "CK_4f5e6d7c8b9a00112233", "consumer_secret": "CS_s3cret", "access_token": "AT_s3cret",
    "access_secret": "AS_s3cret", "access_token_expiry": "2026-12-03T08:47:00Z",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case with tokens of several ages, one with a hostile name, and a server's."""
    case = rollout.write(tmp_path / "x")
    rollout.token(case, "tok_used", "2027-05-17T12:00:00Z", createdAt="2026-05-01T00:00:00Z")
    rollout.token(case, "tok_due", "2027-05-17T12:00:00Z", createdAt="2026-04-01T00:00:00Z")
    rollout.token(case, "tok_end", "2026-05-20T12:00:00Z", createdAt="2026-05-01T00:00:00Z")
    record = {"id": HOSTILE, "region": "x", "tokenExpiry": "2027-01-01T00:00:00Z", "createdAt": "2026-05-10T00:00:00Z"}
    (case / "tokens/hostile.json").write_text(json.dumps(record))
    (case / "tokens/jamf.json").write_text(json.dumps(SERVER))
    return case


def test_the_inventory_is_the_same_in_each_form(folder: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, a token would be in the page and not in the table, or a secret in either."""
    document = json.loads(run("tokens", folder, *AT, "--format", "json").stdout)
    schema = json.loads((Path(__file__).parents[3] / "docs/schema/tokens-1.json").read_bytes())
    Draft202012Validator(schema).validate(document)
    states = {each["name"]: each["state"] for each in document["tokens"]}
    assert [states[f"tok_{name}"] for name in ("old", "due", "end", "used")] == [
        "expired", "overdue", "expiring", "good",
    ]  # fmt: skip
    assert len(states) == 6
    run("tokens", folder, *AT, "--format", "csv", "--out", tmp_path / "t.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text(), newline="")))
    assert [row["state"] for row in rows] == [each["state"] for each in document["tokens"]]
    page = run("tokens", folder, *AT, COLUMNS="160").stdout
    assert "✗ 6 tokens: 1 expired, 1 overdue for rotation, 1 about to expire, 1 not known, 2 good" in page
    assert "every 30 days (origin: guide)" in page
    assert "tok_due: it is 46.5 days old, rotation is due every 30 [tokens/tok_due.json:1]" in page
    for shown in (page, json.dumps(document), (tmp_path / "t.csv").read_text()):
        assert "s3cret" not in shown
        assert "4f5e" not in shown
        assert "\x1b" not in shown
        assert "2233" in shown


def test_the_calendar_is_read_by_another_library(folder: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, a calendar would refuse the file, or show another day or text than the inventory."""
    done = run("tokens", folder, *AT, "--ics", tmp_path / "r.ics")
    assert "wrote" in done.stderr
    data = (tmp_path / "r.ics").read_bytes()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert data.count(b"\n") == data.count(b"\r\n")
    found = icalendar.Calendar.from_ical(data)
    assert not found.errors
    events = list(found.walk("VEVENT"))
    plan = json.loads(run("tokens", folder, *AT, "--format", "json").stdout)["tokens"]
    assert [event.decoded("dtstart") for event in events] == [
        date.fromisoformat(each["rotate_at"][:10]) for each in plan
    ]
    assert len({event["uid"] for event in events}) == len(plan) == 6
    assert all(event.errors == [] for event in found.walk())
    by_name = {str(event["summary"]): event for event in events}
    due = by_name["Rotate the ABM token tok_due"]
    assert "Why then: since 2026-05-01T00:00:00Z: 30 days old." in str(due["description"])
    assert "tokens/tok_due.json:1" in str(due["description"])
    triggers = {name: event.walk("VALARM")[0].decoded("trigger") for name, event in by_name.items()}
    assert triggers["Rotate the ABM token tok_due"] == timedelta(hours=9)  # It is late: on the day itself.
    assert triggers["Rotate the ABM token tok_used"] == -timedelta(days=2, hours=15)
    assert f"Rotate the ABM token {plain(HOSTILE)}" in by_name


def test_a_later_calendar_moves_the_same_events(folder: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, each month would add an event beside the old one."""

    def ids() -> dict[str, str]:
        run("tokens", folder, *AT, "--ics", tmp_path / "r.ics")
        found = icalendar.Calendar.from_ical((tmp_path / "r.ics").read_bytes())
        return {str(each["summary"]): str(each["uid"]) for each in found.walk("VEVENT")}

    before = ids()
    rollout.token(folder, "tok_due", "2028-05-17T12:00:00Z", createdAt="2026-05-16T00:00:00Z")
    assert ids() == before


def test_exit_codes(folder: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, a nightly job would sleep through an expiry, or an empty folder would look like good tokens."""
    assert run("tokens", folder, *AT).returncode == 0
    assert run("tokens", folder, *AT, "--fail-on", "expired").returncode == 1
    for name in ("tok_old", "tok_due", "tok_end"):
        (folder / f"tokens/{name}.json").unlink()
    assert run("tokens", folder, *AT, "--fail-on", "due").returncode == 0
    assert run("tokens", folder, *AT, "--fail-on", "due", "--every", "10").returncode == 1
    assert run("tokens", folder, "--every", "0").returncode == 2
    for path in (folder / "tokens").iterdir():
        path.unlink()
    (folder / "manifest.csv").write_text("serial\nF9FXQ1ABCD\n")
    done = run("tokens", folder, *AT)
    assert done.returncode == 3
    assert "GET /v1/tokens/{id}" in done.stderr


def test_what_the_lab_made_is_labelled(case: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, a training case would fill somebody's calendar."""
    assert run("tokens", case, "--ics", tmp_path / "r.ics").stdout.startswith("SIMULATED")
    assert b"SUMMARY:SIMULATED: " in (tmp_path / "r.ics").read_bytes()


def test_client_certificates_stand_among_the_tokens(folder: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, the certificate that ABM demands would end without a day in the plan."""
    at = instants.parse(rollout.NOW)
    root = Authority("clients", at)
    one = root.leaf("mdm client", purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    old = root.leaf("old", ended=to_datetime(at) - timedelta(days=2), purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    (tmp_path / "one.pem").write_bytes(one.pem + one.key_pem)
    (tmp_path / "old.pem").write_bytes(old.pem + old.key_pem)
    words = ["--certificate", tmp_path / "one.pem", "--certificate", tmp_path / "old.pem"]
    done = run("tokens", folder, *AT, *words, "--ics", tmp_path / "r.ics", "--format", "json")
    document = json.loads(done.stdout)
    schema = json.loads((Path(__file__).parents[3] / "docs/schema/tokens-1.json").read_bytes())
    Draft202012Validator(schema).validate(document)
    rows = {each["name"]: each for each in document["tokens"] if each["kind"] == "certificate"}
    assert {name: row["state"] for name, row in rows.items()} == {"mdm client": "good", "old": "expired"}
    assert (rows["mdm client"]["age_days"], rows["mdm client"]["expires_in_days"]) == (90, 397)
    assert "Rotate the client certificate mdm client" in (tmp_path / "r.ics").read_text().replace("\n ", "")
    assert run("tokens", folder, *AT, *words, "--fail-on", "expired").returncode == 1
    (tmp_path / "cut.pem").write_bytes(one.pem[:100])
    assert run("tokens", folder, *AT, "--certificate", tmp_path / "cut.pem").returncode == 2
