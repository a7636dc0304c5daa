"""The bytes of a device's captures: facts in their places among background lines, in one log format."""

import random
from bisect import bisect_left

from abm_lab.moments import SECOND
from abm_lab.noise import NEAR_MISSES, NearMiss, pid, ring
from abm_lab.records import Capture
from abm_lab.styles import Line, Style

Stamped = tuple[int, bytes]
# Share of captures in which one line stands twice, as relays deliver it.
_DOUBLED = 0.05


def write_capture(
    capture: Capture,
    style: Style,
    zone_s: int,
    size_bytes: int,
    rng: random.Random,
    *,
    near_misses: int = 0,
    misses: tuple[NearMiss, ...] = NEAR_MISSES,
    tag: str = "",
) -> list[Stamped]:
    """The lines of one capture in order of time, each with the stamp's instant; about `size_bytes` in all.

    `misses` are the lines that only look like facts. `tag` is appended to the lines of facts, where a shared file needs
    to say whose they are. The first line stands at the boot, because that is what dates it.
    """
    ahead = capture.ahead_us
    # Sorting by time alone keeps lines of one instant in the order in which they were told.
    facts = sorted(capture.lines, key=lambda line: line[0])
    lines = [
        (at + ahead, style.render(at + ahead, zone_s, Line(level, speaker, pid(speaker.process), text + tag)))
        for at, level, speaker, text in facts
        if at <= capture.ends_at
    ]
    for _ in range(near_misses):
        at = rng.randrange(capture.boot_at, max(capture.ends_at, capture.boot_at + 1)) + ahead
        miss = rng.choice(misses)
        line = style.render(at, zone_s, Line(miss.level, miss.speaker, pid(miss.speaker.process), miss.text))
        lines.append((at, line))
    if lines and rng.random() < _DOUBLED:
        lines.append(rng.choice(lines))
    lines.sort(key=_instant)
    room = size_bytes - sum(len(line) for _, line in lines)
    background = _background(capture, style, zone_s, room, rng)
    return _merge(background, lines)


def _background(capture: Capture, style: Style, zone_s: int, room: int, rng: random.Random) -> list[Stamped]:
    """Background lines from the boot to the end of the capture, at least the first."""
    pairs, mean_bytes = ring(style.id, zone_s)
    count = max(1, room // mean_bytes)
    place = rng.randrange(len(pairs))
    start = capture.boot_at + capture.ahead_us
    step = max(1, (capture.ends_at - capture.boot_at) // count)
    shift = rng.randrange(SECOND)
    stamp, length = style.stamp, len(pairs)
    lines = []
    at = start
    for index in range(count):
        before, after = pairs[(place + index) % length]
        lines.append((at, before + stamp(at, zone_s) + after))
        # A step of uneven length that never passes the next one: no two captures tick alike.
        at = start + (index + 1) * step + (index * 7_919 + shift) % step
    return lines


def _merge(background: list[Stamped], facts: list[Stamped]) -> list[Stamped]:
    merged: list[Stamped] = []
    begun = 0
    for fact in facts:
        place = bisect_left(background, fact[0], lo=begun, key=_instant)
        # The boot's own line stays first even where a fact bears the same instant.
        place = max(place, 1)
        merged += background[begun:place]
        merged.append(fact)
        begun = max(begun, place)
    return merged + background[begun:]


def _instant(stamped: Stamped) -> int:
    return stamped[0]
