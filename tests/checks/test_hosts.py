"""The list of hosts, as it ships and as a site writes one."""

import pytest

from abm_trace.checks.hosts import apples, read
from abm_trace.core.errors import UsageError


def test_the_list_that_ships() -> None:
    """If this failed, a host of Apple's page would not be asked, or not be known as Apple's."""
    hosts = {each.host: each for each in apples().hosts}
    assert {"albert.apple.com", "iprofiles.apple.com", "mdmenrollment.apple.com", "time-ios.apple.com"} <= hosts.keys()
    assert len(hosts) == len(apples().hosts)
    assert [str(port) for port in hosts["time.apple.com"].ports] == ["123/udp"]
    assert hosts["iprofiles.apple.com"].tls
    assert not hosts["crl.apple.com"].tls
    assert {each.origin for each in hosts.values()} == {"vendor", "unconfirmed"}


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("iprofiles.apple.com", True),
        ("setup.icloud.com", True),
        ("apple.com", True),
        ("eu-west.abm.apple.com", False),
        ("evilapple.com", False),
        ("mdm.example.org", False),
    ],
)
def test_who_issues(host: str, known: bool) -> None:
    """If this failed, an inspected host would pass, or another's server be called inspected."""
    assert bool(apples().expected(host)) is known


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[group", "no TOML"),
        ('[[group]]\nname="x"', "hosts"),
        ('[[group]]\nhosts = [{host = "a"}]', "ports"),
        ('[[group]]\nhosts = [{host = "a", ports = ["x"]}]', "'x' is no port"),
        ('[[group]]\nhosts = [{host = "a", ports = ["70000"]}]', "'70000' is no port"),
        ('[[group]]\nhosts = [{host = "a", ports = ["443"], need = "may"}]', "need"),
        ("group = 3", "as it must be"),
    ],
)
def test_a_list_that_is_none(text: str, says: str) -> None:
    """If this failed, a slip in a site's list would end in a traceback, or ask nobody."""
    with pytest.raises(UsageError, match=says):
        read(text.encode(), "mine.toml")
