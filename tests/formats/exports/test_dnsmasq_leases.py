"""dnsmasq's lease file, which says until when and not since when."""

from pathlib import Path

import pytest
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats import recognise
from abm_trace.formats.exports import dnsmasq_leases

DATA = (Path(__file__).parents[2] / "data/formats/exports/dnsmasq_leases/dnsmasq.leases").read_bytes()


def test_a_lease_is_a_sighting_without_a_time() -> None:
    """If this failed, the end of a lease would be said to be the time at which somebody saw the device."""
    found = recognise(head(DATA))
    assert found is not None
    assert found.id == "dnsmasq-leases"
    facts, skipped = read(dnsmasq_leases, DATA)
    assert not skipped
    assert said(facts) == [
        (
            "sighting", None, "",
            {"mac": "a4:83:e7:0b:1c:2d", "ip": "10.20.4.17", "hostname": "iPad-17", "until": "2026-06-01T09:00:00Z"},
        ),
        ("sighting", None, "", {"mac": "a4:83:e7:0b:1c:2e", "ip": "10.20.4.18"}),
    ]  # fmt: skip


def test_the_seconds_that_are_left_are_no_time() -> None:
    """If this failed, a lease of a router without a clock would have ended on the first of January 1970."""
    facts, skipped = read(dnsmasq_leases, b"56789 a4:83:e7:0b:1c:2d 10.20.4.17 iPad-17 *\n")
    assert said(facts) == [
        ("sighting", None, "", {"mac": "a4:83:e7:0b:1c:2d", "ip": "10.20.4.17", "hostname": "iPad-17"})
    ]
    assert not skipped


def test_a_line_that_is_no_lease_is_named() -> None:
    """If this failed, a damaged lease would be left out in silence."""
    assert reasons(read(dnsmasq_leases, DATA + b"1780304400 a4:83:e7 10.20.4.17\n")[1]) == [
        (5, "a line is not used, it is no lease: 1780304400 a4:83:e7 10.20.4.17"),
    ]


@pytest.mark.parametrize("line", [b"1780304400 10.20.4.17 x\n", b"hello\n", b"", b"1780304400 15 2001:db8::1 a 0\n"])
def test_a_miss(line: bytes) -> None:
    """If this failed, any list of numbers would be one of leases."""
    assert dnsmasq_leases.score(head(line)) == 0
