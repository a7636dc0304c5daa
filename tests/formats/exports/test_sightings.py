"""Tables of who was seen where: one's own, and those of Cisco, Windows, Meraki, UniFi and Aruba."""

from pathlib import Path

import pytest
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats import recognise
from abm_trace.formats.exports import sightings

DATA = Path(__file__).parents[2] / "data/formats/exports/sightings"
MAC = "a4:83:e7:0b:1c:2d"
AT = "2026-06-01T08:00:00Z"


@pytest.mark.parametrize(
    ("name", "at", "place", "attrs"),
    [
        ("table.csv", AT, "Room 4", {"serial": "F9FXQ1ABCD"}),
        ("cisco.csv", AT, "Clinic 4 > Floor 1, AP-04-112", {"mac": MAC, "ip": "10.20.4.17"}),
        (
            "windows.csv", None, "10.20.4.0",
            {"mac": MAC, "ip": "10.20.4.17", "hostname": "iPad-17.clinic.example", "until": "2026-06-09T13:00:00Z"},
        ),
        ("meraki.json", AT, "AP-04-112", {"mac": MAC, "ip": "10.20.4.17", "hostname": "iPad-17"}),
        ("unifi.json", AT, "AP-04-112", {"mac": MAC, "ip": "10.20.4.17", "hostname": "iPad-17"}),
        ("aruba.json", AT, "Clinic 4, AP-04-112", {"mac": MAC, "ip": "10.20.4.17", "hostname": "iPad-17"}),
    ],
)  # fmt: skip
def test_each_product_is_read_under_its_own_names(name: str, at: str | None, place: str, attrs: dict[str, str]) -> None:
    """If this failed, the device that stands in a controller's list would stay vanished without a trace."""
    data = (DATA / name).read_bytes()
    found = recognise(head(data, name))
    assert found is not None
    assert found.id == "sightings"
    assert said(read(sightings, data)[0])[0] == ("sighting", at, place, attrs)


def test_a_time_without_a_zone_is_the_cases() -> None:
    """If this failed, a sighting would be hours off, and on the wrong side of a deadline."""
    data = (DATA / "table.csv").read_bytes()
    assert said(read(sightings, data)[0])[1] == (
        "sighting", "2026-06-01T09:30:00Z", "Ward 2, corridor", {"serial": "f9fxq1abce"},
    )  # fmt: skip


def test_a_reservation_is_nobodys_sighting_and_an_ambiguous_date_is_named() -> None:
    """If this failed, the printer's reservation would be a device in use, or 6/9 be 6 September."""
    facts, skipped = read(sightings, (DATA / "windows.csv").read_bytes())
    assert [fact.attrs["ip"] for fact in facts] == ["10.20.4.17", "10.20.4.19"]
    assert "until" not in facts[1].attrs
    assert [(thing.line, "LeaseExpiryTime".lower() in thing.reason) for thing in skipped] == [(4, True)]


def test_a_row_of_nobody_and_a_bad_address_are_named() -> None:
    """If this failed, a row would be left out in silence."""
    data = b"mac,last_seen,ap_name\n,2026-06-01T08:00:00Z,AP-1\nff:ff:ff:ff:ff:ff,2026-06-01T08:00:00Z,AP-1\n"
    facts, skipped = read(sightings, data)
    assert not facts
    assert reasons(skipped) == [
        (2, "a row is not used, it names no device"),
        (3, "a row is not used, it names no device"),
        (3, "a MAC address is none: ff:ff:ff:ff:ff:ff"),
    ]


@pytest.mark.parametrize(
    ("stamp", "at"),
    [("1780300800", AT), ("1780300800000", AT), ("0", None), ("9" * 30, None), ("yesterday", None), ("", None),
     ("2026-06-01T10:00:00+02:00", AT), ("0000-00-00", None)],
)  # fmt: skip
def test_times_of_every_kind(stamp: str, at: str | None) -> None:
    """If this failed, milliseconds would be years, or an impossible time would be one."""
    facts, _ = read(sightings, f"mac,last seen,ap\n{MAC},{stamp},AP-1\n".encode())
    assert [fact[1] for fact in said(facts)] == [at]


@pytest.mark.parametrize(
    "header",
    [
        "serial,site,staged_at",  # manifests
        "serial,site,time",
        "serial,wifi_mac,site,model,last_seen",
        "serial_number,udid,created_at,enrolled_at,enrollmentMethod",  # an inventory
        "Serial Number,Last Seen,IP Address,Enrollment Method",
        "serial,staging_host,measured_at,offset_seconds",  # clocks
        "event_type,serial_number,at,site",  # an audit
        "mac,owner,room",  # no time
        "mac,time",  # no place
        "colour,time,place",  # nobody
    ],
)
def test_lists_of_other_kinds_are_none(header: str) -> None:
    """If this failed, a manifest would be taken for sightings, and its devices would be lost."""
    assert sightings.score(head(f"{header}\na,b,c,d,e\n".encode())) == 0


@pytest.mark.parametrize(
    "data",
    [
        b'{"serial":"F9FXQ1ABCD","site":"clinic-1","verdict":"vanished","last_rung":"booted","last_seen":"2026-05-17T08:00:00Z"}\n',
        b"serial,site,verdict,last_rung,last_seen\nF9FXQ1ABCD,clinic-1,vanished,booted,2026-05-17T08:00:00Z\n",
    ],
)
def test_what_the_tool_itself_said_is_no_sighting(data: bytes) -> None:
    """Verdicts that are kept in the case would be evidence: "in use at clinic-1" of a device nobody has switched on."""
    assert sightings.score(head(data)) == 0.0
    assert sightings.score(head(data.replace(b"verdict", b"ssid"))) > 0.5
