"""From readings to devices: who is a device, which facts it gets, when it booted, and what found no owner."""

import importlib
from collections.abc import Collection
from itertools import permutations
from typing import Final

import pytest
from msgspec.structs import replace

from abm_trace.core.beginnings import Held
from abm_trace.core.nouns import Device, Fact, Origin, Reading, Skipped
from abm_trace.core.packed import Packed
from abm_trace.identity import Resolution, resolve

A, B, C = "F9FXQ1ABC2", "F9FXQ1ABC3", "F9FXQ1ABC4"
UDID = "00008103-000A11112222001E"


def manifest(*rows: dict[str, str]) -> Reading:
    """A manifest with these rows."""
    return export("manifest.csv", "manifest", *(("known", None, row) for row in rows))


def export(path: str, source: str, *rows: tuple[str, int | None, dict[str, str]]) -> Reading:
    """An export of a source with (kind, at, attrs) rows."""
    facts = tuple(
        Fact(kind, at, source, "", attrs, Origin(path, source, number, 9, number + 1, number))
        for number, (kind, at, attrs) in enumerate(rows)
    )
    return Reading(path, source, "", facts=facts)


def capture(path: str, *lines: tuple[str, int, dict[str, str]], first_at: int = 0, host: str = "") -> Reading:
    """A log with (kind, at, attrs) lines."""
    facts = tuple(
        Fact(kind, at, "log", "", attrs, Origin(path, kind, 100 + number))
        for number, (kind, at, attrs) in enumerate(lines)
    )
    return Reading(path, "article", "", facts=facts, captures=True, first_at=first_at, host=host)


def resolved(*readings: Reading, names: frozenset[str] = frozenset()) -> Resolution:
    """The devices of these readings; `names` is what a look through a whole capture finds."""
    return resolve(readings, lambda reading: names)


def only(resolution: Resolution) -> Device:
    """The one device."""
    (device,) = resolution.devices
    return device


def kinds(device: Device) -> list[str]:
    """What its facts are."""
    return sorted(fact.kind for fact in device.facts)


@pytest.mark.parametrize("source", ["manifest", "audit", "abm", "mdm", "dep"])
def test_every_device_that_a_source_names_gets_facts(source: str) -> None:
    """If this failed, a device that only one export names would get no verdict."""
    assert only(resolved(export("x.csv", source, ("known", None, {"serial": A})))).serial == A


@pytest.mark.parametrize("source", ["clock", "capture"])
def test_a_serial_that_no_naming_source_names_is_no_device(source: str) -> None:
    """If this failed, strangers would be counted as part of the rollout."""
    found = resolved(manifest({"serial": A}), export("x.csv", source, ("clock_offset", 0, {"serial": B})))
    assert only(found).serial == A
    assert [each.path for each in found.skipped] == ["x.csv"]


def test_a_strangers_log_is_named_and_not_used() -> None:
    """If this failed, a log of another rollout would make a device, or be dropped without a word."""
    found = resolved(manifest({"serial": A}), capture("logs/relay.log", ("requested", 5, {"serial": "C02STRANGE1"})))
    assert kinds(only(found)) == ["known"]
    (skipped,) = found.skipped
    assert "C02STRANGE1" in skipped.reason


def test_without_manifest_and_exports_logs_name_the_devices() -> None:
    """If this failed, a folder with nothing but logs would hold nobody."""
    found = resolved(
        capture(f"logs/{A}.log", ("requested", 5, {})),
        capture("logs/relay.log", ("requested", 5, {"serial": B}), ("requested", 6, {"host": C})),
        capture("logs/mac-01.log", ("requested", 5, {"host": "mac-01"})),
    )
    assert [device.serial for device in found.devices] == [A, B, C]


def test_a_capture_of_its_own_boots_its_device_with_its_first_line() -> None:
    """If this failed, the deadline would count from the first fact instead of the boot."""
    device = only(resolved(manifest({"serial": A}), capture(f"logs/{A}.log", ("requested", 9, {}), first_at=3)))
    assert [fact.at for fact in device.facts if fact.kind == "booted"] == [3]


def test_a_capture_without_a_fact_is_a_boot_too() -> None:
    """If this failed, a device that booted and said nothing would be "not started"."""
    device = only(resolved(manifest({"serial": A}), capture(f"logs/{A}.log", first_at=3)))
    assert kinds(device) == ["booted", "known"]


LINES: Final[tuple[tuple[str, int, dict[str, str]], ...]] = (
    ("requested", 5, {"serial": A}),
    ("requested", 4, {"serial": B}),
    ("identifier", 3, {"serial": "C02STRANGE1"}),
    ("clock_offset", 6, {"host": "mac-01"}),
    ("requested", 7, {}),
    ("accepted", 9, {"serial": A}),
)


@pytest.mark.parametrize("path", [f"logs/{A}.log", "logs/relay.log", "logs/mac-01.log"])
@pytest.mark.parametrize("host", ["", B, "mac-01"])
def test_a_capture_of_very_many_lines_is_given_out_as_any_other(path: str, host: str) -> None:
    """If this failed, what is packed for its size would be another device's, or be named otherwise."""
    log = capture(path, *LINES, first_at=1, host=host)
    names = manifest({"serial": A, "staging_host": "mac-01"}, {"serial": B})
    few = resolved(names, log)
    many = resolved(names, replace(log, facts=Packed.of(Fact, 2, log.facts)))
    assert list(many.devices) == list(few.devices)
    assert list(many.wide) == list(few.wide)
    assert many.skipped == few.skipped


def test_what_one_device_has_too_much_of_is_left_out_and_named() -> None:
    """If this failed, one log could fill the memory, or facts be gone without a word."""

    def thin(serial: str, facts: Collection[Held]) -> tuple[Collection[Held], Skipped | None]:
        return ([*facts][:2], Skipped("logs/x.log", f"{serial} has too many")) if len(facts) > 2 else (facts, None)

    log = capture("logs/relay.log", *LINES, first_at=1)
    for each in (log, replace(log, facts=Packed.of(Fact, 2, log.facts))):
        found = resolve([manifest({"serial": A}, {"serial": B}), each], lambda _: frozenset(), thin)
        assert [len(device.facts) for device in found.devices] == [2, 2]
        assert [skip.reason for skip in found.skipped if skip.path == "logs/x.log"] == [
            f"{serial} has too many" for serial in (A, B)
        ]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_of_many_rows_of_a_manifest_the_same_one_wins_packed_or_not(count: int) -> None:
    """400,000 rows of one device took 470 MB; in another order another of them would have won."""
    rows = [{"serial": A, "site": f"s{number}", **({"udid": UDID} if number == 1 else {})} for number in range(count)]
    seen = export("audit.json", "audit", ("requested", 5, {"serial": A}))
    for each in permutations(rows):
        plain = manifest(*each)
        packed = replace(plain, facts=Packed.of(Fact, 2, plain.facts))
        devices = [only(resolved(found, seen)) for found in (plain, packed)]
        expected = {} if not rows else rows[1] if count > 1 else rows[-1]
        assert [dict(device.attrs) for device in devices] == [expected, expected]


def test_devices_with_very_many_facts_stand_in_blocks_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, who judges one of them would decode the facts of five hundred."""
    monkeypatch.setattr(importlib.import_module("abm_trace.identity.resolve"), "BLOCK_FACTS_MAX", 5)
    log = capture("logs/relay.log", *(("requested", n, {"serial": s}) for n in range(4) for s in (A, B, C)))
    rows = manifest({"serial": A}, {"serial": B}, {"serial": C})
    found = resolved(rows, replace(log, facts=Packed.of(Fact, 2, log.facts)))
    assert isinstance(found.devices, Packed)
    assert len(found.devices.blocks) == 3
    assert list(found.devices) == list(resolved(rows, log).devices)


def test_every_capture_is_a_boot() -> None:
    """If this failed, a second boot would be no boot."""
    logs = (capture(f"logs/{A}/boot-1.log", first_at=3), capture(f"logs/{A}/boot-2.log", first_at=90))
    device = only(resolved(manifest({"serial": A}), *logs))
    assert sorted(fact.at or 0 for fact in device.facts if fact.kind == "booted") == [3, 90]


def test_a_file_of_another_devices_lines_is_no_boot() -> None:
    """If this failed, a misfiled log would start a device that nobody switched on: the host goes first."""
    log = capture(f"logs/{A}.log", ("requested", 9, {"host": B}), first_at=3, host=B)
    found = {device.serial: kinds(device) for device in resolved(manifest({"serial": A}, {"serial": B}), log).devices}
    assert found == {A: ["known"], B: ["booted", "known", "requested"]}


def test_in_a_shared_file_the_first_fact_is_the_boot() -> None:
    """If this failed, every device of a relay would boot with the relay's first line."""
    shared = capture(
        "logs/relay.log", ("requested", 9, {"host": A}), ("requested", 5, {"host": B}), ("accepted", 7, {"host": B})
    )
    found = resolved(manifest({"serial": A}, {"serial": B}), shared)
    boots = {device.serial: [fact.at for fact in device.facts if fact.kind == "booted"] for device in found.devices}
    assert boots == {A: [9], B: [5]}


def test_the_one_device_that_a_capture_names_owns_all_of_it() -> None:
    """If this failed, a nameless capture that says `serial=` once would be nobody's."""
    log = capture("logs/staging.log", ("requested", 5, {}), first_at=1)
    device = only(resolved(manifest({"serial": A}), log, names=frozenset({A})))
    assert kinds(device) == ["booted", "known", "requested"]


def test_a_capture_that_names_two_devices_gives_its_nameless_lines_to_nobody() -> None:
    """If this failed, one device's error would be told of another."""
    log = capture("logs/staging.log", ("error", 5, {}))
    found = resolved(manifest({"serial": A}, {"serial": B}), log, names=frozenset({A, B}))
    assert all(kinds(device) == ["known"] for device in found.devices)
    assert found.skipped[0].path == "logs/staging.log"
    assert "SERIAL.log" in found.skipped[0].reason
    stranger = resolved(
        manifest({"serial": A}), capture("logs/C02STRANGE1.log", ("error", 5, {})), names=frozenset({A, B})
    )
    assert all("SERIAL.log" not in each.reason for each in stranger.skipped)


def test_a_staging_hosts_clock_is_wider_than_a_device() -> None:
    """If this failed, a Mac's own measure would be lost, or be an iPad's."""
    log = capture("logs/mac.log", ("clock_offset", 5, {"host": "mac-01", "offset": "8"}))
    found = resolved(manifest({"serial": A, "staging_host": "mac-01", "site": "s"}), log)
    assert [(scope.kind, scope.name, fact.kind) for scope, fact in found.wide] == [("host", "mac-01", "clock_offset")]
    assert kinds(only(found)) == ["known"]


def test_spellings_are_one_device_and_all_its_facts_are_there() -> None:
    """If this failed, hygiene would hold for names but lose facts."""
    found = resolved(
        manifest({"serial": "f9fxq1abco"}),
        export("audit.csv", "audit", ("requested", 5, {"serial": "SF9FXQ1ABC0"})),
        export("mdm.csv", "mdm", ("enrolled", 30, {"serial": " F9FX QIABC0"})),
    )
    device = only(found)
    assert device.serial == "f9fxq1abco"
    assert kinds(device) == ["enrolled", "known", "requested"]


def test_a_row_without_a_serial_finds_its_device_by_other_keys() -> None:
    """If this failed, an audit event that names only a UDID or a request would be nobody's."""
    found = resolved(
        manifest({"serial": A, "udid": UDID}),
        capture(f"logs/{A}.log", ("accepted", 8, {"request_id": "req_1"})),
        export("audit.csv", "audit", ("requested", 5, {"udid": UDID}), ("registered", 9, {"request_id": "req_1"})),
    )
    assert kinds(only(found)) == ["accepted", "booted", "known", "registered", "requested"]


def test_one_device_with_two_udids_stays_one() -> None:
    """If this failed, a replaced board would make a second device of a serial."""
    device = only(
        resolved(
            manifest({"serial": A, "udid": UDID}),
            export("mdm.csv", "mdm", ("enrolled", 30, {"serial": A, "udid": "OTHER"})),
        )
    )
    assert kinds(device) == ["enrolled", "known"]


def test_the_fuller_row_of_a_doubled_manifest_describes_the_device() -> None:
    """If this failed, the order of two manifests would choose a device's site."""
    bare, full = manifest({"serial": A}), manifest({"serial": A, "site": "clinic-01"})
    assert only(resolved(bare, full)).attrs == only(resolved(full, bare)).attrs == {"serial": A, "site": "clinic-01"}


def test_tokens_are_wider_than_a_device() -> None:
    """If this failed, a token would be a stranger's row."""
    found = resolved(manifest({"serial": A}), export("tok.json", "token", ("token", None, {"region": "us-east"})))
    assert [(scope.kind, fact.kind) for scope, fact in found.wide] == [("case", "token")]


def test_the_order_of_readings_does_not_matter() -> None:
    """If this failed, a folder's order on disk would change who is who."""
    readings = (
        manifest({"serial": A, "udid": UDID, "site": "s", "staging_host": "mac-01"}, {"serial": B, "udid": UDID}),
        export("audit.csv", "audit", ("requested", 5, {"serial": f"S{C}", "request_id": "req_1"})),
        capture("logs/relay.log", ("requested", 5, {"host": A}), ("requested", 6, {"serial": B})),
        capture(f"logs/{C}.log", ("accepted", 8, {"request_id": "req_1"}), first_at=2),
        export("tls.json", "tls", ("tls_probe", 0, {"segment": "mac-01"})),
    )
    seen = set()
    for order in permutations(readings):
        found = resolved(*order)
        devices = tuple(
            (device.serial, tuple(kinds(device)), tuple(each.value for each in device.conflicts))
            for device in found.devices
        )
        seen.add((devices, tuple(sorted(scope for scope, _ in found.wide))))
    assert len(seen) == 1


def seen(path: str, *rows: tuple[int | None, str, dict[str, str]]) -> Reading:
    """A list of a network with (at, place, attrs) rows."""
    facts = tuple(
        Fact("sighting", at, "sighting", place, attrs, Origin(path, "sightings", number, 9, number + 1, number))
        for number, (at, place, attrs) in enumerate(rows)
    )
    return Reading(path, "sightings", "", facts=facts)


MAC = "a4:83:e7:0b:1c:2d"


def test_sightings_stand_beside_the_facts_of_their_device() -> None:
    """If this failed, a sighting would be judged, or the last one not be the last."""
    made = manifest({"serial": A, "site": "clinic-01", "wifi_mac": MAC})
    lists = seen("network/wifi.csv", (5, "AP-2", {"mac": MAC}), (None, "AP-3", {"serial": A}), (2, "", {"mac": MAC}))
    device = only(resolved(lists, made))
    assert device.facts == only(resolved(made)).facts
    assert [(fact.at, fact.value) for fact in device.sightings] == [(None, "AP-3"), (2, ""), (5, "AP-2")]


def test_who_is_seen_alone_is_no_device_and_no_complaint() -> None:
    """If this failed, each laptop of a hospital would get a verdict, or a line of complaint."""
    strangers = seen("network/wifi.csv", (1, "AP", {"mac": MAC}), (1, "AP", {"serial": B, "mac": "a6:83:e7:0b:1c:2d"}))
    found = resolved(manifest({"serial": A}), strangers)
    assert only(found).sightings == ()
    assert not found.skipped
    assert not resolved(strangers).devices
    log = capture("x.log", ("requested", 1, {"serial": C}))
    assert only(resolved(strangers, log)).serial == C


def test_a_lease_without_a_place_is_at_the_site_of_its_file() -> None:
    """If this failed, one dhcpd.leases a clinic would not say at which clinic a device is."""
    made = manifest({"serial": A, "site": "clinic-01", "wifi_mac": MAC})
    row = (1, "", {"mac": MAC, "ip": "10.0.0.7"})
    assert only(resolved(made, seen("dhcp/clinic-01/dhcpd.leases", row))).sightings[0].value == "clinic-01"
    assert only(resolved(made, seen("dhcp/dhcpd.leases", row))).sightings[0].value == "10.0.0.7"


def test_a_shared_adapter_is_shown() -> None:
    """If this failed, nobody would learn why the network's list finds neither of two devices."""
    rows = [{"serial": serial, "ethernet_mac": MAC} for serial in (A, B)]
    found = resolved(manifest(*rows), seen("wifi.csv", (1, "AP", {"mac": MAC})))
    assert [[each.kind for each in device.conflicts] for device in found.devices] == [["shared"] * 2] * 2
    assert not any(device.sightings for device in found.devices)


def test_a_log_of_a_numbered_machine_makes_no_device() -> None:
    """If this failed, a server's log in a case without manifest would be a device that vanishes."""
    said: tuple[str, int, dict[str, str]] = ("requested", 5, {})
    assert not resolved(capture("logs/server01.log")).devices
    assert only(resolved(capture("logs/server01.log", said))).serial == "SERVER01"
    assert only(resolved(capture(f"{A}/capture.txt", said))).serial == A
    assert only(resolved(capture(f"logs/floor_{A}-2026.log", said))).serial == A
    assert not resolved(capture("20260517T0847/sysdiagnose_iPhone15_21F90.txt", said)).devices
    assert not resolved(capture(f"{A}/capture.txt")).devices, "it says nothing, and may be of any machine"
    assert only(resolved(capture(f"logs/{A}.log"))).serial == A


@pytest.mark.parametrize(
    ("path", "source", "hinted"),
    [("answers/profiles.txt", "log", True), (f"answers/{C}.txt", "log", False), ("mdm/list.json", "mdm", False)],
)
def test_what_a_nameless_device_answered_is_told_how_to_name_it(path: str, source: str, *, hinted: bool) -> None:
    """If this failed, whoever saved what a Mac answered would not learn why it is not used, or what is of no file."""
    found = resolved(manifest({"serial": A}), export(path, source, ("posture", None, {}), ("posture", None, {})))
    assert [("name the file" in thing.reason) for thing in found.skipped] == [hinted]
