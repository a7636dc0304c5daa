"""What a chunk of devices writes."""

import csv
import gzip
import json
from pathlib import Path

from abm_lab.truth import read_truth


def test_every_family_of_evidence_is_written(poisoned: Path) -> None:
    """A reader of the tracer would never be tried by the lab."""
    names = {str(path.relative_to(poisoned / "case")) for path in (poisoned / "case").rglob("*") if path.is_file()}
    expected = {
        "case.toml",
        "manifest.csv",
        "abm/audit.csv",
        "abm/audit.ndjson",
        "abm/audit-page-00001.json",
        "abm/audit-array-00001.json",
        "abm/devices-00001.json",
        "abm/lifecycle.ndjson",
        "mdm/inventory.csv",
        "mdm/inventory-00001.json",
        "clock/samples.csv",
        "clock/clinic-01-mac01.txt",
        "clock/clinic-02-mac01/tracking.txt",
        "tls/probes.ndjson",
        "tls/clinic-01-mac01/us-east.txt",
        "tokens/tok_us_east.json",
        "profiles/clinic-01/enrollment.mobileconfig",
        "http/capture.ndjson",
    }
    assert expected <= names
    assert any(name.startswith("http/") and name.endswith(".har") for name in names)
    assert any(name.startswith("logs/relay/rfc") for name in names)
    assert any(name.startswith("tls/probe-clinic-") for name in names)
    assert any(name.endswith(".log.gz") for name in names)


def test_exports_parse_and_name_their_devices(poisoned: Path) -> None:
    """The lab would write JSON or CSV that is none."""
    case = poisoned / "case"
    page = json.loads((case / "abm/audit-page-00001.json").read_bytes())
    array = json.loads((case / "abm/audit-array-00001.json").read_bytes())
    lines = [json.loads(line) for line in (case / "abm/audit.ndjson").read_bytes().splitlines()]
    with (case / "abm/audit.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    events = [*page["events"], *array, *lines, *rows]
    assert page["next"].startswith("/v1/audit/events?")
    assert all(event["serial_number"].strip() and event["event_type"] and event["occurred_at"] for event in events)
    with (case / "manifest.csv").open(newline="") as file:
        manifest = list(csv.DictReader(file))
    unlisted = [device for device in read_truth(poisoned / "truth.json").devices if device.site is None]
    assert unlisted
    assert len(manifest) == 300 - len(unlisted)
    assert all(row["staging_host"].startswith(f"{row['site']}-") for row in manifest)
    assert all(row["token_id"] == f"tok_{row['region'].replace('-', '_')}" for row in manifest)
    assert all(None not in row and row["staged_at"].endswith("Z") for row in manifest)


def test_a_lost_log_is_nowhere(poisoned: Path) -> None:
    """The truth would speak of a lost log that is in the case."""
    truth = read_truth(poisoned / "truth.json")
    logs = [path for path in (poisoned / "case/logs").rglob("*") if path.is_file()]
    texts = b"".join(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in logs)
    names = " ".join(str(path) for path in logs)
    lost = [device for device in truth.devices if not device.logged]
    assert len(lost) > 30
    assert not any(device.serial in names or device.serial.encode() in texts for device in lost)
