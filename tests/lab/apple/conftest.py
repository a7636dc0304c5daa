"""Units of Apple lives for the tests of their tellings."""

import random
from collections.abc import Callable

import pytest

from abm_lab.apple.life import Life
from abm_lab.apple.server import Server
from abm_lab.apple.unit import IPAD, MAC, Unit, on_calendar
from abm_lab.fleet import make_device, make_sites
from abm_lab.moments import HOUR, from_datetime
from abm_lab.scenario import load

AS_OF = from_datetime(load("apple-mixed").as_of)
BOOT_AT = AS_OF - 12 * HOUR


@pytest.fixture
def make_unit() -> Callable[..., Unit]:
    """`make_unit(life, product, dep, …)`: an iPad, or a Mac, that booted twelve hours before `as_of`."""

    def make(life: Life, product: str = "fleet", dep: str = "webhooks", *, mac: bool = False) -> Unit:
        rng = random.Random(5)
        site = make_sites(3)[0]
        device = make_device(rng, "F9F00ABC11", site, site.staging_host("plain"), BOOT_AT)
        server = Server("mdm-main", product, dep)
        return on_calendar(life, device, MAC if mac else IPAD, server, boot_at=BOOT_AT, rng=rng)

    return make


@pytest.fixture
def as_of() -> int:
    """The instant at which the rollout ends."""
    return AS_OF


@pytest.fixture
def boot_at() -> int:
    """The last boot of every unit."""
    return BOOT_AT
