"""Sightings in a whole case: they say where the vanished are, whatever wrote them, and change nothing else."""

import csv
import io
import shutil
from collections.abc import Callable
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from click.testing import CliRunner

from abm_lab.case import write_case
from abm_trace import cli
from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Origin, Verdict
from abm_trace.formats import formats
from abm_trace.formats._interface import Content
from abm_trace.identity.owners import Owners
from abm_trace.identity.serials import Serials
from abm_trace.pipeline.triage import Options, Triage, triage
from abm_trace.verdict.sightings import IN_USE
from abm_trace.views.sightings import sighted

pytestmark = pytest.mark.slow

SCENARIOS = ("chicago", "apple-mixed", "poisoned", "unknown")
SEEN_AT = 1_780_300_800
"""2026-06-01 08:00 UTC, two weeks after the rollouts."""


class Lab(NamedTuple):
    """A case whose manifest names MAC addresses, and how it was traced."""

    folder: Path
    before: Triage
    macs: dict[str, str]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Lab]:
    """`lab(scenario)`: a case of 120 devices."""

    @cache
    def write(scenario: str) -> Lab:
        folder = write_case(tmp_path_factory.mktemp(scenario), scenario, 120, 4, 7, 2, jobs=1)
        rows = list(csv.DictReader(io.StringIO((folder / "manifest.csv").read_text())))
        macs = {row["serial"]: f"a4:83:e7:00:{n >> 8:02x}:{n & 255:02x}" for n, row in enumerate(rows)}
        text = io.StringIO()
        writer = csv.DictWriter(text, [*rows[0], "wifi_mac"])
        writer.writeheader()
        writer.writerows({**row, "wifi_mac": macs[row["serial"]].upper()} for row in rows)
        (folder / "manifest.csv").write_text(text.getvalue())
        return Lab(folder, triage(folder, Options(jobs=1)), macs)

    return write


def wifi(macs: list[str]) -> str:
    """A controller's clients."""
    rows = [f"{mac.replace(':', '-')},2026-06-01T08:00:00Z,AP-{n % 3}" for n, mac in enumerate(macs)]
    return "\n".join(["Client MAC Address,Last Seen,AP Name", *rows, "a6:00:00:00:00:01,2026-06-01T08:00:00Z,AP-9"])


def dhcpd(macs: list[str]) -> str:
    """ISC's lease file."""
    return "".join(
        f"lease 10.0.0.{n % 250} {{\n  cltt epoch {SEEN_AT};\n  hardware ethernet {mac};\n}}\n"
        for n, mac in enumerate(macs)
    )


def kea(macs: list[str]) -> str:
    """Kea's lease file."""
    rows = [f"10.0.0.{n % 250},{mac},,3600,{SEEN_AT + 3600},4,0,0,,0,,0" for n, mac in enumerate(macs)]
    return "\n".join(
        ["address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id",
         *rows]
    )  # fmt: skip


def dnsmasq(macs: list[str]) -> str:
    """The lease file of dnsmasq, which does not say when."""
    return "".join(f"{SEEN_AT + 3600} {mac} 10.0.0.{n % 250} * *\n" for n, mac in enumerate(macs))


WRITERS: dict[str, Callable[[list[str]], str]] = {
    "wifi.csv": wifi, "clinic-01/dhcpd.leases": dhcpd, "kea-leases4.csv": kea, "dnsmasq.leases": dnsmasq,
}  # fmt: skip


def traced_with(lab: Lab, to: Path, *names: str) -> Triage:
    """The case traced with these lists of its network in it."""
    shutil.copytree(lab.folder, to)
    for name in names:
        path = to / "network" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WRITERS[name](list(lab.macs.values())))
    return triage(to, Options(jobs=1))


def without(verdict: Verdict) -> Verdict:
    """The verdict as it was before anybody looked at the network."""
    kept = tuple(finding for finding in verdict.findings if finding.id != IN_USE)
    return msgspec.structs.replace(verdict, sighting=None, findings=kept)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_lists_of_the_network_change_no_verdict(scenario: str, lab: Callable[[str], Lab], tmp_path: Path) -> None:
    """If this failed, a device would vanish or come back because somebody exported the DHCP leases."""
    made = lab(scenario)
    after = traced_with(made, tmp_path / "case", *WRITERS)
    assert after.as_of == made.before.as_of
    assert [without(verdict) for verdict in after.verdicts] == list(made.before.verdicts)
    assert [each for each in after.skipped if each.path.startswith("network/")] == []
    assert [each for each in after.skipped if each in made.before.skipped] == list(made.before.skipped)
    assert all(verdict.sighting for verdict in after.verdicts if verdict.serial in made.macs)


@pytest.mark.parametrize(
    ("name", "at", "place"),
    [
        ("wifi.csv", SEEN_AT, None),
        ("clinic-01/dhcpd.leases", SEEN_AT, "clinic-01"),
        ("kea-leases4.csv", SEEN_AT, "subnet 4"),
        ("dnsmasq.leases", None, None),
    ],
)
def test_each_says_where_the_vanished_are(
    name: str, at: int | None, place: str | None, lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    """If this failed, the list of one product would find nobody; or an end of a lease would be a sighting."""
    made = lab("chicago")
    after = traced_with(made, tmp_path / "case", name)
    vanished = [verdict for verdict in after.verdicts if verdict.verdict == "vanished"]
    found = sighted(after.verdicts, after.devices, after.readings)
    assert found.seen == found.vanished == len(vanished) > 10
    assert (found.strange, found.private) == ((1, 1) if name == "wifi.csv" else (0, 0))
    assert found.in_use == (0 if at is None else len(vanished))
    for verdict in vanished:
        assert verdict.sighting is not None
        assert verdict.sighting.at == (None if at is None else at * instants.SECOND)
        assert place is None or verdict.sighting.value == place
        assert verdict.sighting.origin.path == f"network/{name}"
        assert len(verdict.sighting.origin.sha256) == 64


def test_explain_says_where_it_was_seen_last(lab: Callable[[str], Lab], tmp_path: Path) -> None:
    """If this failed, the engineer would not learn where to fetch the device."""
    made = lab("chicago")
    after = traced_with(made, tmp_path / "case", "wifi.csv")
    verdict = next(each for each in after.verdicts if each.verdict == "vanished")
    words = ["explain", verdict.serial, "--case", str(tmp_path / "case")]
    page = CliRunner().invoke(cli.main, words, prog_name="abm-trace", env={"COLUMNS": "160"}).stdout
    assert verdict.sighting is not None
    place = verdict.sighting.value
    assert f"last seen   {place}, 2026-06-01 08:00:00 UTC" in page
    assert f"sighting seen: {place}" in page
    assert f"network/wifi.csv:{verdict.sighting.origin.line}" in page
    assert f"security: in use at {place}" in page


NAMED = "a4:83:e7:0b:1c:2d"
RECORDS: dict[str, object] = {
    "org-devices": {"type": "orgDevices", "id": "F9FXQ1ABCD", "attributes": {"wifiMacAddress": NAMED}},
    "intune": {"serialNumber": "F9FXQ1ABCD", "deviceEnrollmentType": "appleBulkWithUser", "wiFiMacAddress": NAMED},
    "jamf": {
        "mobileDeviceId": "1", "hardware": {"serialNumber": "F9FXQ1ABCD", "wifiMacAddress": NAMED},
        "general": {"managed": True},
    },
    "simplemdm": {
        "type": "device", "id": 1,
        "attributes": {"serial_number": "F9FXQ1ABCD", "status": "enrolled", "wifi_mac": NAMED},
    },
    "mosyle": {"serial_number": "F9FXQ1ABCD", "deviceudid": "U", "date_enroll": "1", "wifi_mac_address": NAMED},
    "fleet": {"hardware_serial": "F9FXQ1ABCD", "platform": "ipados", "primary_mac": NAMED, "mdm": {
        "enrollment_status": "On (automatic)",
    }},
    "kandji": {
        "general": {"serial_number": "F9FXQ1ABCD", "device_id": "d", "last_enrollment": "2026-05-17T08:47:00Z"},
        "network": {"mac_address": NAMED},
    },
    "mdm-inventory": {"serial_number": "F9FXQ1ABCD", "enrolled_at": "2026-05-17T08:47:00Z", "wifi_mac": NAMED},
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_each_products_record_names_the_address_that_the_network_sees(name: str) -> None:
    """If this failed, the devices of that product would stay unseen wherever a list has no serial numbers."""
    content = Content("x.json", msgspec.json.encode([RECORDS[name]]), UTC)
    owners = Owners(Serials(["F9FXQ1ABCD"]))
    owners.learn(each for each in formats()[name][1].read(content) if isinstance(each, Fact))
    seen = Fact("sighting", None, "sighting", "", {"mac": NAMED}, Origin("wifi.csv", "sightings"))
    assert owners.sighted(seen) == "F9FXQ1ABCD"
