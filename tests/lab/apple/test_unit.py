"""Lives on the calendar."""

import random
from collections import Counter
from collections.abc import Callable

from abm_lab.apple.life import Life
from abm_lab.apple.unit import Unit, as_apple
from abm_lab.fleet import make_device, make_sites
from abm_lab.moments import HOUR, SECOND


def test_a_life_has_its_instants(make_unit: Callable[..., Unit], boot_at: int) -> None:
    """Steps would lie in another order than they happened, or a source would tell what never was."""
    unit = make_unit(Life(pushed_s=60, enrolled_s=120))
    assert unit.pushed_at == boot_at + 60 * SECOND
    assert unit.last.enrolled_at == boot_at + 120 * SECOND
    assert unit.last.authenticated_at == boot_at + 111 * SECOND
    assert unit.added_at < unit.assigned_at < boot_at - HOUR + SECOND
    assert (unit.left_at, unit.last.by_hand_at) == (None, None)


def test_status_follows_the_calendar(make_unit: Callable[..., Unit], boot_at: int, as_of: int) -> None:
    """An old page would already tell of a push that came later."""
    unit = make_unit(Life(pushed_s=60))
    assert (unit.status(boot_at), unit.status(as_of)) == ("assigned", "pushed")
    removed = make_unit(Life(profile="removed", pushed_s=60))
    assert (removed.status(boot_at + 70 * SECOND), removed.status(as_of)) == ("pushed", "removed")
    deleted = make_unit(Life(org="released", profile="deleted"))
    assert deleted.left_at is not None
    assert deleted.left_at < boot_at
    assert (deleted.listed(deleted.assigned_at), deleted.listed(as_of)) == (True, False)
    assert not make_unit(Life(profile="unsynced")).listed(as_of)


def test_a_new_board_has_a_udid_of_its_own(make_unit: Callable[..., Unit], boot_at: int) -> None:
    """Re-used hardware would look like one and the same board."""
    fresh = Life(pushed_s=60, enrolled_s=120)
    unit = make_unit(Life(pushed_s=60, enrolled_s=120, earlier=fresh, gap_h=60, new_board=True))
    first, second = unit.enrolments
    assert first.udid == unit.device.udid != second.udid
    assert first.enrolled_at == boot_at - 60 * HOUR + 120 * SECOND


def test_fleets_hold_ipads_phones_and_macs() -> None:
    """A family of devices would never be tried; a Mac's UDID would not be its hardware UUID."""
    rng, site = random.Random(1), make_sites(3)[0]
    kinds: Counter[str] = Counter()
    for number in range(300):
        device, kind = as_apple(make_device(rng, f"F9F{number:07d}", site, "host", 0), rng)
        kinds[kind.family] += 1
        assert (device.udid == device.io_platform_uuid) == (kind.family == "Mac")
    assert min(kinds["iPad"], kinds["iPhone"], kinds["Mac"]) > 20
