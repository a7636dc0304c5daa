"""Files of the whole case and of its sites: tokens, profiles, TLS probes and clocks of the staging hosts."""

import random
from collections.abc import Iterator

import msgspec

from abm_lab import payloads
from abm_lab.fleet import REGIONS, Site
from abm_lab.moments import DAY, HOUR, rfc3339
from abm_lab.probes import chronyc_tracking, sntp_line, transcript
from abm_lab.records import ClockSample, Probe
from abm_lab.story import make_probe

_PROBE_EVERY = 6 * HOUR
_SKEWED_HOST_S = 12.4


def token_files(as_of: int) -> Iterator[tuple[str, bytes]]:
    """One token a region, all valid."""
    for region in REGIONS:
        name = f"tok_{region.replace('-', '_')}"
        token = {
            "id": name,
            "region": region,
            "tokenExpiry": rfc3339(as_of + 300 * DAY),
            "lastUsedAt": rfc3339(as_of - 2 * HOUR),
            "createdAt": rfc3339(as_of - 20 * DAY),
        }
        yield f"tokens/{name}.json", msgspec.json.encode(token)


def profile_files(sites: list[Site]) -> Iterator[tuple[str, bytes]]:
    """The profile of each site; every seventh site also has one that says nothing of enrolment."""
    for index, site in enumerate(sites):
        folder = f"profiles/{site.id}"
        if site.shares_payload:
            yield f"{folder}/enrollment.mobileconfig", payloads.method_lost(site.endpoint)
            continue
        whole = payloads.good_binary if index % 3 == 1 else payloads.good
        yield f"{folder}/enrollment.mobileconfig", whole(site.endpoint)
        if index % 7 == 2:
            yield f"{folder}/network.mobileconfig", payloads.unrelated()


def host_files(site: Site, condition: str, as_of: int) -> Iterator[tuple[str, bytes]]:
    """What was saved by name of a staging host: transcripts and clock readings, each belonging to that host."""
    host = site.staging_host(condition)
    if condition == "plain":
        yield f"tls/{host}/{site.region}.txt", transcript(site.endpoint, as_of, stapled=True, expired=False)
        number = int(site.id.rpartition("-")[2])
        offset = (number % 9 - 4) / 1000
        if number % 2:
            yield f"clock/{host}.txt", sntp_line(as_of - DAY, offset)
        else:
            yield f"clock/{host}/tracking.txt", chronyc_tracking(as_of - DAY, offset)
    elif condition == "transcript_stapleless":
        yield f"tls/{host}/{site.region}.txt", transcript(site.endpoint, as_of, stapled=False, expired=False)
    elif condition == "transcript_expired":
        yield f"tls/{host}.txt", transcript(site.endpoint, as_of, stapled=False, expired=True)


def host_probes(site: Site, condition: str, start: int, as_of: int) -> Iterator[Probe]:
    """TLS probes of a staging host through the whole rollout, several hours apart."""
    host = site.staging_host(condition)
    for at in range(start, as_of, _PROBE_EVERY):
        if condition in {"plain", "skewed"}:
            yield make_probe(site.endpoint, host, at, stapled=True)
            # Elsewhere than at ABM's endpoints a missing staple only informs.
            yield make_probe("mdm.example.org", host, at, stapled=False)
        elif condition == "stapleless":
            yield make_probe(site.endpoint, host, at, stapled=False)
        elif condition == "stapleless_anywhere":
            for region in REGIONS:
                yield make_probe(f"{region}.abm.apple.com", host, at, stapled=False)
        elif condition == "expired":
            yield make_probe(site.endpoint, host, at, stapled=True, code=10)
        elif condition == "dst_root":
            yield make_probe(site.endpoint, host, at, stapled=True, dst_root=True)


def host_clocks(site: Site, condition: str, start: int, as_of: int) -> Iterator[ClockSample]:
    """Clock rows of a staging host; it says nothing of the devices' own clocks."""
    rng = random.Random(f"{site.id} {condition}")
    for at in range(start, as_of, 4 * _PROBE_EVERY):
        offset = _SKEWED_HOST_S if condition == "skewed" else rng.uniform(-0.02, 0.02)
        yield ClockSample("", site.staging_host(condition), rfc3339(at), f"{offset:+.3f}")
