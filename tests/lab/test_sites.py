"""Files of sites and staging hosts."""

from abm_lab import payloads
from abm_lab.fleet import make_sites
from abm_lab.moments import DAY
from abm_lab.sites import host_clocks, host_probes, profile_files, token_files


def test_a_plain_host_sees_good_endpoints_and_a_foreign_host_without_staple(as_of: int) -> None:
    """Devices at good hosts would be L1, or the harmless missing staple elsewhere would not be tried."""
    site = make_sites(1)[0]
    probes = list(host_probes(site, "plain", as_of - 2 * DAY, as_of))
    assert len(probes) == 16
    assert all(probe.stapled for probe in probes if probe.host.endswith(".abm.apple.com"))
    assert not any(probe.stapled for probe in probes if not probe.host.endswith(".abm.apple.com"))


def test_only_the_skewed_host_is_off(as_of: int) -> None:
    """Every device would stand at a host with a risky clock."""
    site = make_sites(1)[0]
    offsets = {
        condition: [float(row.offset_seconds) for row in host_clocks(site, condition, as_of - 3 * DAY, as_of)]
        for condition in ("plain", "skewed")
    }
    assert all(abs(offset) < 0.1 for offset in offsets["plain"])
    assert all(offset > 5.79 for offset in offsets["skewed"])


def test_only_the_last_site_shares_a_broken_profile(as_of: int) -> None:
    """L5 of a whole site would have no proof, or befall other sites."""
    files = dict(profile_files(make_sites(4)))
    broken = [path for path, content in files.items() if content == payloads.method_lost(make_sites(4)[3].endpoint)]
    assert broken == ["profiles/clinic-04/enrollment.mobileconfig"]


def test_every_token_of_a_site_is_there(as_of: int) -> None:
    """Regions of tokens could not be compared with endpoints."""
    names = {path for path, _ in token_files(as_of)}
    assert {f"tokens/{site.token}.json" for site in make_sites(20)} == names
