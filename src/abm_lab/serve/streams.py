"""What devices log and syncers post, in the order of the world's time, on its way to a receiver."""

import heapq
import random
import zlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from abm_lab.apple import dep, products, server_files
from abm_lab.apple.story import AppleStory
from abm_lab.captures import write_capture
from abm_lab.moments import HOUR, SECOND, from_datetime
from abm_lab.noise import APPLE_NEAR_MISSES, NEAR_MISSES
from abm_lab.serve.posting import Poster, Syslog
from abm_lab.serve.world import World
from abm_lab.styles import BY_ID, HOST

_BATCH = 500
# With a seed so many of a thousand lines come late, and so many twice.
_LATE, _DOUBLED = 20, 10
_LATE_S_MAX = 300
_STYLE = BY_ID["rfc5424"]


@dataclass(frozen=True, slots=True, order=True)
class Sent:
    """One line or event, released at an instant of the world; `source` and `boot` say whose log it is of."""

    at: int
    number: int
    source: str
    boot: int
    content: bytes


class _At(Protocol):
    @property
    def at(self) -> int: ...


Timed = TypeVar("Timed", bound=_At)


@dataclass(slots=True)
class Progress:
    """How far a stream has come; `failed` says why it ended early."""

    target: str
    sent: int = 0
    is_done: bool = False
    failed: str = ""


def lines(world: World, seed: int | None) -> Iterator[Sent]:
    """The log lines of all devices, each device's from a boot on, in order of time; with a seed some late or twice."""
    heap: list[Sent] = []
    for boot_at, index in world.boots:
        while heap and heap[0].at <= boot_at:
            yield heapq.heappop(heap)
        for line in _device_lines(world, index):
            for released in _disturbed(line, seed):
                heapq.heappush(heap, released)
    while heap:
        yield heapq.heappop(heap)


def events(world: World) -> list[Sent]:
    """What NanoMDM servers and depsyncers post, in order of time."""
    coverage, as_of = world.plan.scenario.coverage, world.rollout.span[2]
    posted: list[tuple[int, str, bytes]] = []
    for unit in world.units.values():
        if not unit.server.told or unit.org == "absent":
            continue
        told = [*dep.pieces(unit, as_of - coverage.dep * HOUR)]
        if unit.server.product == "nanomdm":
            told += products.discover()["nanomdm"](unit, as_of - coverage.mdm * HOUR)
        posted += [
            (_created(piece.content), piece.path, piece.content.rstrip(b"\n"))
            for piece in told
            if piece.path.endswith("webhooks.ndjson")
        ]
    for server in world.servers.values():
        last = server_files.last_webhook(server, as_of - coverage.dep * HOUR, as_of) if server.told else None
        if last is not None:
            content = msgspec.json.encode(last)
            posted.append((_created(content), server.name, content))
    return [Sent(at, number, path, 0, content) for number, (at, path, content) in enumerate(sorted(posted))]


async def send_lines(world: World, seed: int | None, target: Poster | Syslog, progress: Progress) -> None:
    """Send all lines in their time: a post for each log with what it has new, or one link for all of them."""

    async def deliver(batch: list[Sent]) -> None:
        if isinstance(target, Syslog):
            await target.send([line.content.rstrip(b"\n") for line in batch])
            progress.sent += len(batch)
            return
        logs: defaultdict[tuple[str, int], list[bytes]] = defaultdict(list)
        for line in batch:
            logs[line.source, line.boot].append(line.content)
        for (serial, boot), parts in logs.items():
            headers = {"X-Device": serial, "X-Boot": str(boot), "X-Simulated": "abm-lab"}
            await target.post(b"".join(parts), "text/plain; charset=utf-8", headers)
            progress.sent += len(parts)

    await paced(world, lines(world, seed), deliver)


async def send_events(world: World, target: Poster, progress: Progress) -> None:
    """Post all webhook events in their time."""

    async def deliver(batch: list[Sent]) -> None:
        for event in batch:
            await target.post(event.content, "application/json", {"X-Simulated": "abm-lab"})
            progress.sent += 1

    await paced(world, iter(events(world)), deliver)


async def paced(world: World, sent: Iterator[Timed], deliver: Callable[[list[Timed]], Awaitable[None]]) -> None:
    """Deliver what is due, in batches, as the world's time comes to it."""
    batch: list[Timed] = []
    for each in sent:
        if each.at > world.clock.now() or len(batch) >= _BATCH:
            await deliver(batch)
            batch = []
            await world.clock.until(each.at)
        batch.append(each)
    await deliver(batch)


def _device_lines(world: World, index: int) -> Iterator[Sent]:
    story = world.rollout.tell(index).story
    plan = world.plan
    misses = APPLE_NEAR_MISSES if isinstance(story, AppleStory) else NEAR_MISSES
    name = story.spelled("log")
    for boot, capture in enumerate(story.captures, 1):
        size = plan.log_bytes // len(story.captures)
        count = plan.scenario.near_misses
        written = write_capture(capture, _STYLE, 0, size, story.rng, near_misses=count, misses=misses)
        for number, (at, line) in enumerate(written):
            yield Sent(at - capture.ahead_us, number, name, boot, line.replace(HOST, name.encode()))


def _disturbed(line: Sent, seed: int | None) -> Iterator[Sent]:
    if seed is None:
        yield line
        return
    rng = random.Random(zlib.crc32(line.content, seed & 0xFFFFFFFF))
    late = rng.randrange(1000) < _LATE
    at = line.at + (rng.randrange(1, _LATE_S_MAX) * SECOND if late else 0)
    yield Sent(at, line.number, line.source, line.boot, line.content)
    if rng.randrange(1000) < _DOUBLED:
        yield Sent(at + SECOND, line.number, line.source, line.boot, line.content)


class _Created(msgspec.Struct):
    created_at: str


def _created(content: bytes) -> int:
    return from_datetime(datetime.fromisoformat(msgspec.json.decode(content, type=_Created).created_at))
