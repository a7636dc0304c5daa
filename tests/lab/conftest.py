"""Stories of single devices and small cases for the tests of the lab."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from abm_lab.case import write_case
from abm_lab.fates import discover
from abm_lab.fleet import make_device, make_sites
from abm_lab.moments import DAY, SECOND, from_datetime
from abm_lab.scenario import load
from abm_lab.story import Story

AS_OF = from_datetime(load("chicago").as_of)
Tell = Callable[..., Story]


@pytest.fixture
def as_of() -> int:
    """The instant at which every told story ends."""
    return AS_OF


@pytest.fixture
def tell() -> Tell:
    """`tell(fate id, seed)`: the story of one device with that fate, told in a rollout that ends at `as_of`."""

    def tell_story(fate_id: str, seed: int = 0) -> Story:
        fate = discover()[fate_id]
        rng = random.Random(seed)
        before_s = fate.boot_before(rng)
        boot_at = AS_OF - (3 * DAY if before_s is None else round(before_s * SECOND))
        site = make_sites(3)[2 if fate.shared_payload else 0]
        device = make_device(rng, "F9F00ABC11", site, site.staging_host(fate.condition), boot_at)
        story = Story(device, boot_at, AS_OF, rng)
        fate.write(story)
        return story

    return tell_story


@pytest.fixture
def messages() -> Callable[[Story], list[str]]:
    """What the device's own log says, in order of time, without the optional prefix."""

    def listed(story: Story) -> list[str]:
        lines = [line for capture in story.captures for line in capture.lines]
        return [text.removeprefix("[ABM] ") for _, _, _, text in sorted(lines, key=lambda line: line[0])]

    return listed


@pytest.fixture(scope="session")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small *poisoned* case with its truth."""
    out = tmp_path_factory.mktemp("poisoned")
    write_case(out, "poisoned", 300, 4, 3, 4, jobs=1)
    return out


@pytest.fixture(scope="session")
def apple_mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small *apple-mixed* case with its truth."""
    out = tmp_path_factory.mktemp("apple-mixed")
    write_case(out, "apple-mixed", 300, 4, 3, 2, jobs=1)
    return out
