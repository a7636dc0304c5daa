"""Whose a line, a row or a file is: its host's, its file's, its own name's, or the one device's of the capture."""

import pytest

from abm_trace.core.nouns import Fact, Origin
from abm_trace.identity.owners import CASE, Owners, Scope
from abm_trace.identity.serials import Serials

A, B = "F9FXQ1ABC2", "F9FXQ1ABC3"
UDID = "00008103-000A11112222001E"


@pytest.fixture
def owners() -> Owners:
    """The names of a case with two devices, a site and a staging host; B's UDID is known."""
    made = Owners(Serials([A, B]), sites={"clinic-01": "clinic-01"}, hosts={"clinic-01-mac66": "clinic-01-mac66"})
    made.learn([_row(serial=B, udid=UDID)])
    return made


def _row(source: str = "mdm", path: str = "mdm/inventory.csv", by: str = "mdm-inventory", **attrs: str) -> Fact:
    return Fact("enrolled", 0, source, "", attrs, Origin(path, by))


def _line(path: str = "logs/relay.log", **attrs: str) -> Fact:
    return Fact("requested", 0, "log", "", attrs, Origin(path, "sending-enrollment-request"))


# Sightings


MAC = "a4:83:e7:0b:1c:2d"


def _seen(**attrs: str) -> Fact:
    return Fact("sighting", 0, "sighting", "", attrs, Origin("network/wifi.csv", "sightings"))


@pytest.mark.parametrize("kind", ["wifi_mac", "ethernet_mac", "mac_address"])
@pytest.mark.parametrize("spelled", [MAC, MAC.upper(), "a483.e70b.1c2d", "A4-83-E7-0B-1C-2D"])
def test_a_device_is_seen_under_the_address_that_a_record_names(owners: Owners, kind: str, spelled: str) -> None:
    """If this failed, orgDevices and the controller would spell one address twice, and nobody be found."""
    owners.learn([_row(serial=A, **{kind: spelled})])
    assert owners.sighted(_seen(mac=MAC)) == A
    assert owners.sighted(_seen(serial=f"s{B.lower()}", mac=MAC)) == B


@pytest.mark.parametrize(
    ("kind", "mac"), [("bluetooth_mac", MAC), ("wifi_mac", "a6:83:e7:0b:1c:2d"), ("wifi_mac", "-")]
)
def test_bluetooth_and_private_addresses_name_nobody(owners: Owners, kind: str, mac: str) -> None:
    """If this failed, an address that another device may have tomorrow would find this one."""
    owners.learn([_row(serial=A, **{kind: mac})])
    assert owners.sighted(_seen(mac=mac)) is None
    assert owners.sighted(_seen()) is None


def test_an_adapter_that_two_devices_share_names_neither(owners: Owners) -> None:
    """If this failed, the staging bench's Ethernet adapter would be the first device that was staged with it."""
    owners.learn([_row(serial=A, ethernet_mac=MAC), _row(serial=B, ethernet_mac=MAC)])
    assert owners.sighted(_seen(mac=MAC)) is None


# Lines


def test_the_syslog_host_goes_before_everything(owners: Owners) -> None:
    """If this failed, a file in the wrong folder would take another device's lines."""
    assert owners.of_line(_line(f"logs/{A}.log", host=B, serial=A), sole=A) == Scope("device", B)
    assert owners.of_line(_line(f"logs/{A}.log", host=UDID)) == Scope("device", B)


def test_the_file_or_folder_goes_before_the_lines_own_name(owners: Owners) -> None:
    """If this failed, a line that mentions another device would be given to it."""
    assert owners.of_line(_line(f"logs/{A}.log", serial=B)) == Scope("device", A)
    assert owners.of_line(_line(f"logs/{A}/boot-2.log", serial=B)) == Scope("device", A)


def test_a_host_that_is_no_device_does_not_matter(owners: Owners) -> None:
    """If this failed, `localhost` would keep a capture from its device."""
    assert owners.of_line(_line(f"logs/{A}.log", host="localhost")) == Scope("device", A)
    assert owners.of_line(_line(host="clinic-01-mac66", serial=B)) == Scope("device", B)


@pytest.mark.parametrize("name", [{"serial": B.lower()}, {"udid": UDID}, {"udid": UDID.lower()}])
def test_the_lines_own_name_goes_before_the_sole_device(owners: Owners, name: dict[str, str]) -> None:
    """If this failed, a shared file's lines would go to whoever it names elsewhere."""
    assert owners.of_line(_line(**name), sole=A) == Scope("device", B)


def test_the_sole_device_comes_last(owners: Owners) -> None:
    """If this failed, a capture that names its device once would lose its other lines."""
    assert owners.of_line(_line(), sole=A) == Scope("device", A)


def test_a_staging_hosts_line_is_its_own(owners: Owners) -> None:
    """If this failed, a Mac's own lines would be some iPad's."""
    assert owners.of_line(_line(host="CLINIC-01-MAC66")) == Scope("host", "clinic-01-mac66")


def test_a_strangers_line_is_nobodys(owners: Owners) -> None:
    """If this failed, a serial that no source names would be a device, or its lines another's."""
    assert owners.of_line(_line(serial="C02STRANGE1"), sole=A).kind == "stranger"


# Files


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        (f"logs/clinic-01/{A}.log", Scope("device", A)),
        (f"logs/{A.lower()}.log.gz", Scope("device", A)),
        (f"logs/{A}-2.log", Scope("device", A)),
        (f"logs/[{A}].log", Scope("device", A)),
        (f"logs/console ({A}).log", Scope("device", A)),
        (f"logs/2026-05-17_{A}.txt", Scope("device", A)),
        (f"logs/{UDID}.log", Scope("device", B)),
        (f"profiles/{A}/enrollment.mobileconfig", Scope("device", A)),
        ("profiles/clinic-01/enrollment.mobileconfig", Scope("site", "clinic-01")),
        ("tls/clinic-01-mac66.txt", Scope("host", "clinic-01-mac66")),
        ("tls/CLINIC-01-MAC66/us-east.txt", Scope("host", "clinic-01-mac66")),
        ("tls/openssl.txt", CASE),
        ("tls/clinic-011.txt", CASE),
    ],
)
def test_what_a_path_is_named_after(owners: Owners, path: str, scope: Scope) -> None:
    """If this failed, a file would speak for the wrong device, site or host."""
    assert owners.by_path(path) == scope


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("tls/clinic-01_us-east.txt", Scope("site", "clinic-01")),
        ("tls/2026-05-17-clinic-01.txt", Scope("site", "clinic-01")),
        ("tls/clinic-01-mac66 (2).txt", Scope("host", "clinic-01-mac66")),
        ("clock/chronyc-clinic-01-mac66.txt", Scope("host", "clinic-01-mac66")),
    ],
)
def test_a_name_with_a_dash_is_seen_inside_a_file_name(owners: Owners, path: str, scope: Scope) -> None:
    """If this failed, a probe of one segment would speak for the whole case and put L1 on every device of it."""
    assert owners.by_path(path) == scope


# Rows, probes, payloads


def test_a_row_is_its_serials(owners: Owners) -> None:
    """If this failed, an export's row would not find its device."""
    assert owners.of_export(_row(serial=f" s{A.lower()} ")) == Scope("device", A)
    assert owners.of_export(_row(serial="C02STRANGE1")).kind == "stranger"


def test_a_row_without_a_serial_follows_its_surest_key(owners: Owners) -> None:
    """If this failed, a row that has only a UDID would be lost."""
    assert owners.of_export(_row(udid=UDID.lower())) == Scope("device", B)


def test_a_har_is_its_files_device_first(owners: Owners) -> None:
    """If this failed, a capture's bodies would give one device's exchange to another."""
    har = _row("capture", f"http/{A}.har", "capture-har", serial=B)
    assert owners.of_export(har) == Scope("device", A)
    assert owners.of_export(_row("capture", "http/staging.har", "capture-har", serial=B)) == Scope("device", B)


def test_a_probes_segment_is_a_host_or_a_site(owners: Owners) -> None:
    """If this failed, a probe would speak for nobody, or for all."""
    assert owners.of_export(_row("tls", segment="CLINIC-01-MAC66")) == Scope("host", "clinic-01-mac66")
    assert owners.of_export(_row("tls", segment="Clinic-01")) == Scope("site", "clinic-01")
    assert owners.of_export(_row("clock", staging_host="clinic-01-mac66")) == Scope("host", "clinic-01-mac66")
    assert owners.of_export(_row("tls", "tls/openssl.txt")) == CASE


def test_a_key_of_two_devices_is_a_conflict_and_leads_nowhere(owners: Owners) -> None:
    """If this failed, one UDID on two serials would melt them, or give one's facts to the other."""
    owners.learn([_row(serial=A, udid=UDID)])
    assert owners.of_export(_row(udid=UDID)) != Scope("device", A)
    assert owners.of_export(_row(udid=UDID)) != Scope("device", B)
    assert owners.by_name(A) == A
    assert owners.conflicts == {("udid", UDID.replace("-", "")): {A, B}}


@pytest.mark.parametrize("kind", ["udid", "io_platform_uuid", "mdm_id", "request_id", "device_identifier"])
@pytest.mark.parametrize("left_out", ["N/A", "-", "unknown", "00000000-0000-0000-0000-000000000000"])
def test_what_stands_for_no_key_leads_nowhere(owners: Owners, kind: str, left_out: str) -> None:
    """If this failed, an export without UDIDs would be a conflict of all, and a row of nobody the one device's."""
    owners.learn([_row(serial=A, **{kind: left_out})])
    assert owners.of_export(_row(**{kind: left_out})) == CASE
    owners.learn([_row(serial=B, **{kind: left_out})])
    owners.link({kind: left_out}, A)
    assert owners.conflicts == {}


MAC_UDID = "E6058196-2052-5C53-9225-7A508E7B6073"


@pytest.mark.parametrize(
    "name",
    [
        MAC_UDID, f"{MAC_UDID.lower()}.log", f"{MAC_UDID}.ndjson.zst", f"{MAC_UDID}_2026-05-17.log",
        f"{MAC_UDID}.idevicesyslog.log", f"boot-{MAC_UDID}.jsonl.xz", MAC_UDID.replace("-", ""),
    ],
)  # fmt: skip
def test_a_file_that_is_named_after_a_macs_udid(name: str) -> None:
    """If this failed, the capture of a Mac would be nobody's."""
    made = Owners(Serials([A, B]))
    made.learn([_row(serial=B, udid=MAC_UDID)])
    assert made.by_path(f"logs/{name}") == Scope("device", B)
