"""The lease file of ISC's dhcpd."""

import time
from pathlib import Path

import pytest
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats import recognise
from abm_trace.formats.exports import dhcpd_leases

DATA = (Path(__file__).parents[2] / "data/formats/exports/dhcpd_leases/dhcpd.leases").read_bytes()
LEASE = b"lease 10.0.0.1 {\n  cltt 1 2026/06/01 08:00:00;\n  hardware ethernet a4:83:e7:0b:1c:2d;\n}\n"


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_the_last_transaction_is_the_sighting(ending: bytes) -> None:
    """If this failed, a device would be seen when its lease began or ended; a free lease may have no such time."""
    data = DATA.replace(b"\n", ending)
    found = recognise(head(data))
    assert found is not None
    assert found.id == "dhcpd-leases"
    facts, skipped = read(dhcpd_leases, data)
    assert not skipped
    assert said(facts) == [
        (
            "sighting", "2026-06-01T08:10:00Z", "",
            {"mac": "a4:83:e7:0b:1c:2d", "ip": "10.20.4.17", "hostname": "iPad-17", "until": "2026-06-01T09:00:00Z"},
        ),
        (
            "sighting", "2026-06-01T08:00:00Z", "",
            {"mac": "a4:83:e7:0b:1c:2e", "ip": "10.20.4.18", "until": "2026-06-01T09:00:00Z"},
        ),
        ("sighting", None, "", {"mac": "a4:83:e7:0b:1c:2f", "ip": "10.20.4.19", "until": "2026-06-01T08:30:00Z"}),
    ]  # fmt: skip


def test_a_declaration_without_its_end_costs_itself_alone() -> None:
    """If this failed, a file that is cut would take one device's address for another's."""
    facts, skipped = read(dhcpd_leases, LEASE[:-2] + LEASE + LEASE[:20])
    assert len(facts) == 1
    assert reasons(skipped) == [
        (1, "a lease is not used, it is not closed or too long"),
        (8, "a lease is not used, it is not closed or too long"),
    ]


@pytest.mark.parametrize("stamp", [b"1 2026/13/01 08:00:00", b"1 0000/01/01 08:00:00", b"1 2026/06/01 25:61:00"])
def test_an_impossible_time_is_named(stamp: bytes) -> None:
    """If this failed, a damaged stamp would stop the file, or be a time."""
    facts, skipped = read(dhcpd_leases, LEASE.replace(b"1 2026/06/01 08:00:00", stamp))
    assert [fact.at for fact in facts] == [None]
    assert skipped[0].line == 1
    assert skipped[0].reason.startswith("a time is not used: cltt, ")


def test_a_flood_of_beginnings_costs_little() -> None:
    """If this failed, each beginning would look through all that follows it."""
    data = LEASE + b"lease 1.1.1.1 {\n" * 500_000
    began = time.process_time()
    facts, skipped = read(dhcpd_leases, data)
    assert len(facts) == 1
    assert skipped[-1].reason.endswith("and 499,900 more like this, the last one here")
    assert time.process_time() - began < 10


@pytest.mark.parametrize("data", [b"", b"lease 10.0.0.1 {\n}\n", b"the lease 10.0.0.1 {\n cltt epoch 1780300800;\n"])
def test_a_miss(data: bytes) -> None:
    """If this failed, any text about leases would be a list of them."""
    assert dhcpd_leases.score(head(data)) == 0


@pytest.mark.parametrize(
    "known", [b"# a comment", b"authoring-byte-order little-endian;", b"", b"  my state normal;", b"}"]
)
def test_what_stands_between_declarations_is_no_oddity(known: bytes) -> None:
    """If this failed, every lease file would be called damaged."""
    assert read(dhcpd_leases, LEASE + known + b"\n" + LEASE)[1] == []


def test_what_is_no_declaration_is_named_with_its_line() -> None:
    """If this failed, what was pasted into the file, or became of a lease, would be dropped in silence."""
    facts, skipped = read(dhcpd_leases, LEASE + b"\n{ odd\n" + LEASE + b'ia-na "x" {\n')
    assert len(facts) == 2
    assert [each.line for each in skipped] == [6, 11]


def test_leases_without_a_client_are_named() -> None:
    """If this fails, a file of which nothing can be used is read without a word."""
    facts, skipped = read(dhcpd_leases, b"lease 10.0.0.1 {\n  starts 1 2024/01/01 00:00:00;\n}\n")
    assert not facts
    assert [thing.line for thing in skipped] == [1]
