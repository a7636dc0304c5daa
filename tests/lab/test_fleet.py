"""Sites and devices."""

from abm_lab.fates import discover
from abm_lab.fleet import make_sites, serial_number


def test_serials_never_collide_even_after_folding() -> None:
    """Two devices would be one to a reader that forgives O/0, I/1 and a barcode's S."""
    serials = {serial_number(seed, index) for seed in (1,) for index in range(20_000)}
    assert len(serials) == 20_000
    assert not any({"O", "I"} & set(serial) or serial.startswith("S") for serial in serials)


def test_only_one_of_several_sites_has_a_broken_shared_profile() -> None:
    """Devices of other fates would share a broken profile, and be L5 against their truth."""
    assert [site.shares_payload for site in make_sites(5)] == [False] * 4 + [True]
    assert not any(site.shares_payload for site in make_sites(2))


def test_conditions_never_share_a_staging_host() -> None:
    """The probes of a bad host would speak of devices staged at a good one."""
    conditions = {fate.condition for fate in discover().values()}
    site = make_sites(1)[0]
    assert len(conditions) > 5
    assert len({site.staging_host(condition) for condition in conditions}) == len(conditions)
