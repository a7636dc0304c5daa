"""The rollout itself: who its devices are and what befell each of them, before any source tells of it.

The case and the server both ask here, so that one world has one truth.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from abm_lab import scenario as scenarios
from abm_lab.apple.story import AppleStory
from abm_lab.fates._interface import Fate, Truth
from abm_lab.fleet import make_device, make_sites, serial_number
from abm_lab.moments import SECOND
from abm_lab.plant import plant
from abm_lab.story import Story
from abm_lab.truth import DeviceTruth

CHUNK_DEVICES = 250


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the devices of a rollout share; `root` is the folder of the case that is written of it."""

    root: Path
    scenario: scenarios.Scenario
    seed: int
    log_bytes: int
    site_count: int
    assignment: bytes
    planted: Mapping[str, str] = field(default_factory=dict)

    def chunks(self) -> int:
        """The number of chunks."""
        return -(-len(self.assignment) // CHUNK_DEVICES)


@dataclass(frozen=True, slots=True)
class Told:
    """One device of the rollout with its story; `logged` says whether its own log was kept."""

    story: Story
    fate: Fate
    logged: bool
    host: tuple[int, str] | None
    """Number of its site and condition of its staging host, where it shares that host with others of the guide."""

    def truth(self) -> DeviceTruth:
        """What is true of the device."""
        story = self.story
        known: Truth = self.fate.truth if self.logged else self.fate.unlogged
        return DeviceTruth(
            serial=story.device.serial,
            site=story.device.site.id if story.in_manifest else None,
            fate=self.fate.id,
            logged=self.logged,
            verdict=known.verdict,
            layer=known.layer,
            cause=known.cause,
            last_rung=known.last_rung,
            contributing=list(known.contributing),
            missing=list(known.missing),
            attempts=story.attempts_logged if self.logged else story.attempts_audited,
        )


class Rollout:
    """Tells the devices of a plan by their index, in any order and any process the same."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.sites = make_sites(plan.site_count)
        self.rows = scenarios.rows(plan.scenario)
        self.span = scenarios.span(plan.scenario)

    def tell(self, index: int) -> Told:
        """The device with that index, in the order in which the rollout boots them."""
        plan = self.plan
        rng = random.Random((plan.seed << 40) + index)
        row = self.rows[plan.assignment[index]]
        fate = row.fate
        site_index = self._site_index(rng, fate)
        site = self.sites[site_index]
        boot_at = self._boot_at(rng, fate, index)
        host = f"{site.id}-kit{index + 1}" if fate.own_host else site.staging_host(fate.condition)
        device = make_device(rng, serial_number(plan.seed, index), site, host, boot_at)
        device = plant(device, fate, plan.planted, (plan.seed << 40) + index)
        logged = plan.log_bytes > 0 and not row.logs_lost
        if fate.life is not None:
            server = row.servers[index % len(row.servers)]
            apple = AppleStory(device, fate.life, server, boot_at, as_of=self.span[2], rng=rng)
            return Told(apple, fate, logged, None)
        story = Story(device, boot_at, self.span[2], rng)
        fate.write(story)
        return Told(story, fate, logged, None if fate.own_host else (site_index, fate.condition))

    def _site_index(self, rng: random.Random, fate: Fate) -> int:
        last = len(self.sites) - 1
        if not self.sites[last].shares_payload:
            return rng.randrange(last + 1)
        return last if fate.shared_payload else rng.randrange(last)

    def _boot_at(self, rng: random.Random, fate: Fate, index: int) -> int:
        start, end, as_of = self.span
        before_s = fate.boot_before(rng)
        if before_s is not None:
            return as_of - round(before_s * SECOND)
        devices = len(self.plan.assignment)
        return (
            start + (end - start) * index // devices + rng.randrange(max(1, min(60 * SECOND, (end - start) // devices)))
        )
