"""Names of places, and the time that something may take."""

import time

import pytest

from abm_trace.net.reach import Deadline, Place, ReachError, place


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("eu-west.abm.apple.com", "eu-west.abm.apple.com", 443),
        ("EU-west.abm.apple.com.:8443", "eu-west.abm.apple.com", 8443),
        ("[2001:db8::1]:993", "2001:db8::1", 993),
        ("[2001:db8::1]", "2001:db8::1", 443),
        ("2001:db8::1", "2001:db8::1", 443),
        ("192.0.2.1:80", "192.0.2.1", 80),
    ],
)
def test_a_place_as_people_write_it(text: str, host: str, port: int) -> None:
    """If this failed, another host or port would be asked than was meant."""
    found = place(text, 443)
    assert found == Place(host, port)
    assert place(str(found), 1) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":443",
        "a:",
        "a:0",
        "a:65536",
        "a:x",
        "a:²",
        "a b",
        "http://a/",
        "u@a",
        "a\r\nHost: b",
        "[::1",
        "é.de",
        "a" * 300,
    ],
)
def test_what_is_no_place(text: str) -> None:
    """If this failed, a slip, or a header that is smuggled in, would reach the wire."""
    with pytest.raises(ReachError):
        place(text, 443)


def test_a_deadline_ends() -> None:
    """If this failed, many small waits would add up to a long one."""
    deadline = Deadline(0.05)
    assert 0 < deadline.left_s("x") <= 0.05
    time.sleep(0.06)
    with pytest.raises(ReachError, match=r"x within 0.05 s") as error:
        deadline.left_s("x")
    assert error.value.why == "timeout"
