"""Logs of serials that no manifest, ABM or MDM names: evidence of no device of the rollout."""

import random
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from abm_lab import scenario as scenarios
from abm_lab.captures import write_capture
from abm_lab.fleet import make_device, make_sites
from abm_lab.moments import HOUR, zone_offset_s
from abm_lab.rollout import Plan
from abm_lab.story import Story
from abm_lab.styles import BY_ID, HOST


def stray_files(plan: Plan, serials: list[str]) -> Iterator[tuple[str, bytes]]:
    """A syslog file for each serial, with a request that was never answered."""
    _, last_boot, as_of = scenarios.span(plan.scenario)
    site = make_sites(plan.site_count)[0]
    style = BY_ID["rfc3164"]
    for number, serial in enumerate(serials):
        rng = random.Random(f"{plan.seed} stray {number}")
        boot_at = last_boot - (number + 1) * HOUR
        story = Story(make_device(rng, serial, site, site.staging_host("plain"), boot_at), boot_at, as_of, rng)
        story.open()
        story.answer_empty(9, story.request(6, audited=False))
        zone_s = zone_offset_s(ZoneInfo(plan.scenario.timezone), boot_at)
        lines = write_capture(story.captures[0], style, zone_s, plan.log_bytes, rng)
        yield f"logs/{site.id}/{serial}.log", b"".join(line for _, line in lines).replace(HOST, serial.encode())
