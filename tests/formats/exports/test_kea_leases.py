"""Kea's lease files."""

from pathlib import Path

from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats import recognise
from abm_trace.formats.exports import kea_leases

DATA = Path(__file__).parents[2] / "data/formats/exports/kea_leases"
HEADER = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,state\n"


def test_the_last_transaction_is_the_sighting() -> None:
    """If this failed, a device would be seen when its lease ends, which nobody saw; or a deleted lease would be one."""
    data = (DATA / "leases4.csv").read_bytes()
    found = recognise(head(data))
    assert found is not None
    assert found.id == "kea-leases"
    facts, skipped = read(kea_leases, data)
    assert not skipped
    assert said(facts) == [
        (
            "sighting", "2026-06-01T08:00:00Z", "subnet 4",
            {"ip": "10.20.4.17", "hostname": "ipad-17", "mac": "a4:83:e7:0b:1c:2d", "until": "2026-06-01T09:00:00Z"},
        ),
        (
            "sighting", "2026-06-01T07:00:00Z", "subnet 4",
            {"ip": "10.20.4.18", "mac": "a4:83:e7:0b:1c:2e", "until": "2026-06-01T08:00:00Z"},
        ),
    ]  # fmt: skip


def test_leases_of_dhcpv6_too() -> None:
    """If this failed, a network with IPv6 alone would see nobody."""
    facts, _ = read(kea_leases, (DATA / "leases6.csv").read_bytes())
    assert [(fact[1], fact[3]["ip"]) for fact in said(facts)] == [("2026-06-01T08:00:00Z", "2001:db8:4::17")]


def test_a_lease_that_never_ends_was_still_seen() -> None:
    """If this failed, 2**32 − 1 seconds would move a sighting by 136 years."""
    data = f"{HEADER}10.0.0.1,a4:83:e7:0b:1c:2d,,4294967295,{4294967295 + 1780300800},4,0\n".encode()
    assert said(read(kea_leases, data)[0])[0][1] == "2026-06-01T08:00:00Z"


def test_damage_is_named() -> None:
    """If this failed, a cut number would be a time, or a bad address a device."""
    rows = "10.0.0.1,a4:83:e7:0b:1c:2d,,x,1780300800,4,0\n10.0.0.2,zz:83,,1,1780300800,4,0\n"
    facts, skipped = read(kea_leases, (HEADER + rows).encode())
    assert [fact[1] for fact in said(facts)] == [None]
    assert reasons(skipped) == [
        (2, "a time is not used: expire, no count of seconds since 1970: 1780300800"),
        (3, "a row is not used, its MAC address is none: zz:83"),
    ]
    assert kea_leases.score(head(b"address,hwaddr\n")) == 0


def test_a_client_that_is_known_by_its_duid_alone_is_named() -> None:
    """If this failed, a lease of DHCPv6 without a MAC address would be left out in silence."""
    facts, skipped = read(kea_leases, f"{HEADER}2001:db8::1,,,3600,1780300800,6,0\n".encode())
    assert not facts
    assert "no MAC address" in skipped[0].reason
