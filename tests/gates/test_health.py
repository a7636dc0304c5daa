"""What a case says of each part of the health score."""

import json
from pathlib import Path

import pytest
from tests.gates import rollout
from tests.net import s_server

from abm_lab.serve.certificates import Authority
from abm_trace.checks.health import Health, Measurements, health
from abm_trace.core import instants
from abm_trace.gates.health import measure
from abm_trace.net.allow import Allow
from abm_trace.net.reach import Place
from abm_trace.pipeline.triage import Options, triage
from abm_trace.sources.probes.tls import Plan, probe


def measured(folder: Path, as_of: str = rollout.NOW) -> Measurements:
    """What the case says as of a time."""
    return measure(triage(folder, Options(as_of=instants.parse(as_of), jobs=1)))


def scored(folder: Path) -> Health:
    """Its health."""
    return health(measured(folder))


def test_a_sound_rollout_goes(tmp_path: Path) -> None:
    """If this failed, nothing would ever go, or a part of a sound case would not be seen."""
    found = measured(rollout.write(tmp_path))
    assert {name: [each.subject for each in of] for name, of in found.items()} == {
        "token": ["tok_used"],  # The manifest names it alone: one that lies about, expired, says nothing.
        "latency": ["us-east.abm.apple.com from clinic-01-mac01"],
        "staple": ["us-east.abm.apple.com from clinic-01-mac01"],
        "clock": ["clinic-01-mac01"],  # The device's own clock is its own matter.
        "syntax": ["profiles/enrollment.mobileconfig"],
    }
    assert found["latency"][0].value == 0.15
    assert found["token"][0].value == 365 * 86_400
    assert all(each.evidence for name in ("token", "latency", "staple", "clock") for each in found[name])
    assert health(found).decision == "go"


BROKEN = {
    "enrollmentMethod": "none", "serverUrl": "ftp://x", "mdmURL": "x", "enrollmentType": "y", "PayloadIdentifier": None,
}  # fmt: skip
"""What makes four errors and more of a sound profile."""


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("token", {"expires": rollout.NOW}, "expired"),
        ("latency", {"took_ms": (500, 1500)}, "2,000 ms"),
        ("staple", {"stapled": False}, "no OCSP answer is stapled"),
        ("clock", {"clock": -5.79}, "5.790 s behind"),
        ("syntax", {"profile": BROKEN}, "enrollmentMethod"),
    ],
)  # fmt: skip
def test_each_part_driven_to_0(name: str, changes: dict[str, object], said: str, tmp_path: Path) -> None:
    """If this failed, a dead part of a rollout would not stop it."""
    found = scored(rollout.write(tmp_path, **changes))  # type: ignore[arg-type]  # As the table has them.
    assert (found.decision, found.vetoes) == ("roll_back", (name,))
    (part,) = (each for each in found.parts if each.vetoes)
    assert part.worst is not None
    assert said in part.worst.said


@pytest.mark.parametrize("code", [9, 10, 19, 20, 26, 62, 2])
def test_no_staple_is_valid_of_a_chain_that_does_not_hold(code: int, tmp_path: Path) -> None:
    """If this failed, a rollout would go whose very probe says that no device will trust the endpoint (L1)."""
    case = rollout.write(tmp_path)
    record = json.loads((case / "tls/probes.ndjson").read_text()) | {"verify_code": code}
    (case / "tls/probes.ndjson").write_text(json.dumps(record) + "\n")
    found = scored(case)
    assert (found.decision, found.vetoes) == ("roll_back", ("staple",))
    assert [str(code) in part.worst.said for part in found.parts if part.vetoes and part.worst] == [True]


@pytest.mark.parametrize(
    ("name", "changes"),
    [("latency", {"took_ms": None}), ("staple", {"stapled": None}), ("clock", {"clock": None})],
)
def test_what_the_case_does_not_say(name: str, changes: dict[str, object], tmp_path: Path) -> None:
    """If this failed, a case without a probe would go, or be rolled back, for nothing."""
    found = scored(rollout.write(tmp_path, **changes))  # type: ignore[arg-type]  # As the table has them.
    assert (found.decision, found.missing) == ("not_known", (name,))


def test_a_profile_or_token_that_is_not_there(tmp_path: Path) -> None:
    """If this failed, a rollout whose own token nobody read would be green by another one."""
    rollout.write(tmp_path)
    (tmp_path / "tokens/tok_used.json").unlink()
    (tmp_path / "profiles/enrollment.mobileconfig").unlink()
    found = scored(tmp_path)
    assert found.missing == ("token", "syntax")
    assert found.parts[0].open[0].said == "the manifest names it, and no record of it was read"


def test_what_is_too_old_or_of_the_future_says_nothing(tmp_path: Path) -> None:
    """If this failed, yesterday's staple would open the gate of today."""
    for measured_at in ("2026-05-16T23:59:59Z", "2026-05-17T12:00:01Z"):
        rollout.write(tmp_path, measured=measured_at, clock=9, stapled=False)
        assert scored(tmp_path).missing == ("latency", "staple", "clock")
    rollout.write(tmp_path, measured="2026-05-17T00:00:00Z", clock=9)
    assert scored(tmp_path).vetoes == ("clock",)


def test_the_newest_measurement_of_a_subject_counts(tmp_path: Path) -> None:
    """If this failed, a clock that was set right would be held against its host for twelve hours."""
    rollout.write(tmp_path, clock=9, measured="2026-05-17T10:00:00Z")
    with (tmp_path / "clock/samples.csv").open("a") as file:
        file.write(",clinic-01-mac01,2026-05-17T11:59:00Z,0.01\n")
    (sample,) = measured(tmp_path)["clock"]
    assert sample.value == 0.01


def test_latency_of_an_http_archive_is_the_middle_of_its_exchanges(tmp_path: Path) -> None:
    """If this failed, one slow answer would stop a rollout, or a HAR would say nothing of time."""
    rollout.write(tmp_path, took_ms=None)
    entries = [
        {"startedDateTime": "2026-05-17T11:00:00Z", "time": 9000, "timings": {"wait": wait},
         "request": {"method": "GET", "url": "https://us-east.abm.apple.com/v1/health"},
         "response": {"status": 204, "content": {"text": ""}}}
        for wait in (100, 1100, 1900)
    ]  # fmt: skip
    (tmp_path / "x.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}, indent=1))
    (found,) = measured(tmp_path)["latency"]
    assert found.value == 1.1
    assert "the middle of 3 exchanges" in found.said
    assert len(found.evidence) == 3


@pytest.mark.parametrize(("days", "stapled"), [(7, 1.0), (-1, 0.0)])
def test_a_live_probe_of_a_real_endpoint_is_a_measurement(days: int, stapled: float, tmp_path: Path) -> None:
    """If this failed, what `check tls --record` keeps would not be what the score reads; a stale staple would count."""
    root = Authority("a root", s_server.AT)
    leaf = root.leaf(s_server.HOST, [s_server.HOST])
    (tmp_path / "ca.pem").write_bytes(root.identity.pem)
    folder = rollout.write(tmp_path / "case")
    staple = s_server.staple(root, leaf, days=days)
    with s_server.serving(tmp_path, leaf, [root.identity.certificate], staple) as at:
        plan = Plan(Place(s_server.HOST, 443), at, trust=str(tmp_path / "ca.pem"), segment="clinic-01")
        record = probe(plan, Allow([s_server.HOST, "127.0.0.1"], loopback=True), lambda: s_server.AT)
    (folder / "tls/probes.ndjson").write_bytes(record)
    found = measured(folder, instants.render(s_server.AT + 3600 * instants.SECOND))
    said = json.loads(record)
    (latency,) = found["latency"]
    assert latency.value == pytest.approx((said["connect_ms"] + said["handshake_ms"]) / 1000)
    assert [each.value for each in found["staple"]] == [stapled]


@pytest.mark.parametrize(
    ("expires", "decision"), [("2026-05-17T11:59:59Z", "roll_back"), ("2026-06-30T00:00:00Z", "go")]
)
def test_a_servers_token_counts_and_the_one_it_replaced_does_not(expires: str, decision: str, tmp_path: Path) -> None:
    """If this failed, a DEP token that ran out would not be seen, or last year's file would stop every rollout."""
    rollout.write(tmp_path)
    for name, end in (("a", expires), ("b", "2025-01-01T00:00:00Z")):
        token = {
            "consumer_key": "CK_" + name * 30,
            "access_secret": "x",
            "access_token_expiry": end,
            "server_name": "jamf",
        }
        (tmp_path / f"tokens/{name}.json").write_text(json.dumps(token))
    found = measured(tmp_path)
    assert [each.subject for each in found["token"]] == ["server token of jamf (…aaaa)", "tok_used"]
    assert health(found).decision == decision


def test_a_damaged_profile_is_an_error_and_hostile_numbers_are_none(tmp_path: Path) -> None:
    """If this failed, a profile that no device can read would count as sound, or a record could choose its score."""
    rollout.write(tmp_path, took_ms=(-5, -9))
    path = tmp_path / "profiles/enrollment.mobileconfig"
    path.write_bytes(path.read_bytes()[:-40])
    found = measured(tmp_path)
    assert found["latency"] == []
    assert [(each.subject, each.value) for each in found["syntax"]] == [("profiles/enrollment.mobileconfig", 1)]
