"""One chunk of a fleet: some hundred devices in the order of their boots, written at once by one process.

What belongs to a file of its own is written here; what is appended to a file of the whole case is handed back.
"""

import csv
import io
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import msgspec

from abm_lab.apple import dep, org, products
from abm_lab.apple.pieces import Page, Piece, Wrap
from abm_lab.apple.story import AppleStory
from abm_lab.captures import Stamped, write_capture
from abm_lab.har import render as render_har
from abm_lab.moments import HOUR, rfc3339, zone_offset_s
from abm_lab.noise import APPLE_NEAR_MISSES, NEAR_MISSES
from abm_lab.records import Capture
from abm_lab.rollout import CHUNK_DEVICES, Plan, Rollout
from abm_lab.story import Story
from abm_lab.styles import BY_ID, HOST, MAC, MOBILE, STYLES, Style

# Share of devices whose events stand in two exports, because their times overlap.
_OVERLAP = 0.03
_SHARED_STYLES = ("rfc3164", "rfc5424")
AUDIT_HEADER = "id,event_type,occurred_at,region,token_id,request_id,serial_number,device_identifier,reason\n"
MDM_HEADER = "serial_number,udid,created_at,enrolled_at,enrollmentMethod,abmTokenId,supervised,mdm\n"
CLOCK_HEADER = "serial,staging_host,measured_at,offset_seconds\n"
MANIFEST_HEADER = (
    "serial,udid,io_platform_uuid,secure_rom_uuid,model,model_number,os_version,build,site,region,token_id,"
    "staged_at,staging_host\n"
)
_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Sheaf:
    """What one chunk hands back: bytes to append by file, truth rows, and the staging hosts that were used."""

    appended: dict[str, bytes]
    truths: bytes
    hosts: set[tuple[int, str]]
    devices: int


class Chunk:
    """Writes one chunk of the plan."""

    def __init__(self, plan: Plan, number: int) -> None:
        self.plan = plan
        self.number = number
        self.rollout = Rollout(plan)
        self.zone = ZoneInfo(plan.scenario.timezone)
        self.as_of = self.rollout.span[2]
        self.out: defaultdict[str, list[bytes]] = defaultdict(list)
        self.pages: defaultdict[str, list[bytes]] = defaultdict(list)
        self.listings: dict[str, tuple[Wrap, list[bytes]]] = {path: (wrap, []) for path, wrap in self._listings()}
        self.shared: defaultdict[str, list[Stamped]] = defaultdict(list)
        self.truths: list[bytes] = []
        self.hosts: set[tuple[int, str]] = set()

    def write(self) -> Sheaf:
        """Write the chunk's own files and return the rest."""
        first = self.number * CHUNK_DEVICES
        last = min(first + CHUNK_DEVICES, len(self.plan.assignment))
        for index in range(first, last):
            self._device(index)
        self._write_pages()
        for name, lines in self.shared.items():
            lines.sort(key=lambda stamped: stamped[0])
            self._file(f"logs/relay/{name}-{self.number + 1:05d}.log", b"".join(line for _, line in lines))
        appended = {path: b"".join(parts) for path, parts in self.out.items()}
        return Sheaf(appended, b",\n".join(self.truths), self.hosts, last - first)

    def _device(self, index: int) -> None:
        told = self.rollout.tell(index)
        story = told.story
        if told.host is not None:
            self.hosts.add(told.host)
        self._manifest(story)
        if isinstance(story, AppleStory):
            self._apple_device(story, logged=told.logged)
        else:
            self._apple(story, index)
            self._mdm(story, index)
            self._measured(story, logged=told.logged)
            if told.logged and story.captures:
                self._logs(story)
        self.truths.append(_encode(told.truth()))

    def _apple_device(self, story: AppleStory, *, logged: bool) -> None:
        """Write what each source tells of a device that enrols by Apple's own way."""
        unit, as_of, coverage = story.unit, self.as_of, self.plan.scenario.coverage
        if self.plan.scenario.organisation:
            self._pieces(org.pieces(unit, as_of))
        if unit.server.told and unit.org != "absent":
            self._pieces(dep.pieces(unit, as_of - coverage.dep * HOUR))
            self._pieces(products.discover()[unit.server.product](unit, as_of - coverage.mdm * HOUR))
        self._measured(story, logged=logged)
        if logged and story.captures:
            self._logs(story, MAC if unit.kind.family == "Mac" else MOBILE)
            saved = story.saved(zone_offset_s(self.zone, story.boot_at))
            for name, text in saved.items():
                self._file(f"logs/{story.device.site.id}/{story.device.serial}/{name}", text.encode())

    def _pieces(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if piece.wrap is None:
                self.out[piece.path].append(piece.content)
            else:
                self.listings.setdefault(piece.path, (piece.wrap, []))[1].append(piece.content)

    def _listings(self) -> Iterator[tuple[str, Wrap]]:
        scenario = self.plan.scenario
        if scenario.servers and scenario.organisation:
            yield from org.listings(scenario.servers)
        yield from dep.listings(scenario.servers, self.as_of - scenario.coverage.dep * HOUR)

    # Families of evidence

    def _manifest(self, story: Story) -> None:
        if not story.in_manifest:
            return
        device, site = story.device, story.device.site
        row = (
            story.spelled("manifest"),
            device.udid,
            device.io_platform_uuid,
            device.secure_rom_uuid,
            device.model,
            device.model_number,
            device.os_version,
            device.build,
            site.id,
            "" if isinstance(story, AppleStory) else site.region,
            "" if isinstance(story, AppleStory) else site.token,
            rfc3339(device.staged_at),
            device.staging_host,
        )
        self.out["manifest.csv"].append(as_csv([row]))

    def _apple(self, story: Story, index: int) -> None:
        events = sorted(story.audit, key=lambda event: event.occurred_at)
        kind = index % 4
        if events and story.rng.random() < _OVERLAP:
            events.append(events[-1])
            self.out["abm/audit.ndjson"] += [_encode(event) + b"\n" for event in events]
        if kind == 0:
            self.out["abm/audit.csv"].append(as_csv(msgspec.structs.astuple(event) for event in events))
        elif kind == 1:
            self.out["abm/audit.ndjson"] += [_encode(event) + b"\n" for event in events]
        else:
            self.pages["audit-page" if kind == 2 else "audit-array"] += [_encode(event) for event in events]
        if story.listed is not None:
            self.pages["devices"].append(_encode(story.listed))
        if story.lifecycle is not None:
            encoded = _encode(story.lifecycle)
            if index % 8 == 0:
                self._file(f"abm/lifecycle/{story.device_id}.json", encoded)
            else:
                self.out["abm/lifecycle.ndjson"].append(encoded + b"\n")

    def _mdm(self, story: Story, index: int) -> None:
        if story.inventoried is None:
            return
        if index % 3:
            self.out["mdm/inventory.csv"].append(as_csv([msgspec.structs.astuple(story.inventoried)]))
        else:
            self.pages["inventory"].append(_encode(story.inventoried))

    def _measured(self, story: Story, *, logged: bool) -> None:
        """Clock rows, probes, files of the device, and the captures, which the staging Mac keeps beside the log."""
        self.out["clock/samples.csv"].append(as_csv(msgspec.structs.astuple(sample) for sample in story.clocks))
        for probe in story.probes:
            self._file(f"tls/probe-{probe.segment}.json", _encode(probe))
        for path, content in story.files.items():
            self._file(path, content)
        if not logged or not story.exchanges:
            return
        if story.rng.random() < 0.5:
            self._file(f"http/{story.device.serial}.har", render_har(story.exchanges))
        else:
            self.out["http/capture.ndjson"] += [_encode(exchange) + b"\n" for exchange in story.exchanges]

    # Logs

    def _logs(self, story: Story, own: tuple[Style, ...] = ()) -> None:
        # In a shared file a device boots with its first fact, so it must have one.
        alone = story.precise or len(story.captures) > 1 or (bool(own) and not story.captures[0].lines)
        if not alone and story.rng.random() < 0.06:
            self._shared_log(story, story.captures[0])
            return
        styles = own or STYLES
        style = story.rng.choice(tuple(style for style in styles if style.digits) if story.precise else styles)
        many = len(story.captures) > 1 or story.rng.random() < 0.1
        many = many or (isinstance(story, AppleStory) and bool(story.prints or story.activation))
        packed = story.rng.random() < 0.1
        for number, capture in enumerate(story.captures, 1):
            content = self._own_log(story, capture, style)
            base = f"logs/{story.device.site.id}/{story.spelled('log')}"
            path = f"{base}/boot-{number}{style.suffix}" if many else f"{base}{style.suffix}"
            if packed:
                packer = zlib.compressobj(1, zlib.DEFLATED, 31)
                content = packer.compress(content) + packer.flush()
                path += ".gz"
            self._file(path, content)

    def _own_log(self, story: Story, capture: Capture, style: Style) -> bytes:
        lines = self._lines(story, capture, style)
        text = style.close(story.rng.choice(style.heads) + b"".join(line for _, line in lines))
        return text.replace(HOST, story.spelled("log").encode()) if style.names_host else text

    def _shared_log(self, story: Story, capture: Capture) -> None:
        """Lines in a file of many devices: their host is the device, or its staging host and each names the device."""
        rng, device = story.rng, story.device
        name = rng.choice(_SHARED_STYLES)
        by_host = rng.random() < 0.5
        tag = "" if by_host else rng.choice((f" serial={story.spelled('log')}", f" udid={device.udid}"))
        host = (story.spelled("log") if by_host else device.staging_host).encode()
        lines = self._lines(story, capture, BY_ID[name], tag)
        self.shared[name] += [(at, line.replace(HOST, host)) for at, line in lines]

    def _lines(self, story: Story, capture: Capture, style: Style, tag: str = "") -> list[Stamped]:
        zone_s = zone_offset_s(self.zone, capture.boot_at)
        size = self.plan.log_bytes // len(story.captures)
        count = self.plan.scenario.near_misses
        misses = APPLE_NEAR_MISSES if isinstance(story, AppleStory) else NEAR_MISSES
        return write_capture(capture, style, zone_s, size, story.rng, near_misses=count, misses=misses, tag=tag)

    # Files

    def _write_pages(self) -> None:
        name = f"{self.number + 1:05d}.json"
        following = f'"/v1/audit/events?cursor={self.number + 2}"'.encode()
        pages = self.pages
        if "audit-page" in pages:
            joined = b",\n".join(pages["audit-page"])
            self._file(f"abm/audit-page-{name}", b'{"events":[' + joined + b'],"next":' + following + b"}")
        if "audit-array" in pages:
            self._file(f"abm/audit-array-{name}", b"[" + b",\n".join(pages["audit-array"]) + b"]")
        if "devices" in pages:
            self._file(f"abm/devices-{name}", b'{"devices":[' + b",\n".join(pages["devices"]) + b"]}")
        if "inventory" in pages:
            self._file(f"mdm/inventory-{name}", b"[" + b",\n".join(pages["inventory"]) + b"]")

        for path, (wrap, records) in self.listings.items():
            head, tail = wrap(Page(self.number, self.number == self.plan.chunks() - 1, len(records)))
            self._file(f"{path}-{name}", head.encode() + b",\n".join(records) + tail.encode())

    def _file(self, name: str, content: bytes) -> None:
        path = self.plan.root / name
        try:
            path.write_bytes(content)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def as_csv(rows: Iterable[Iterable[object]]) -> bytes:
    """The rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
