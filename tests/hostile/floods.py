"""Hostile input of the Apple dialect that is too much of something: hits, lines of messages, boots, losses, pages."""

import json
import plistlib
import random
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.apple import KINDS
from tests.hostile.base_case import ANY, VICTIM, Standing, stamp
from tests.hostile.registry import Says, add, hostile

LOG = f"logs/{VICTIM}.log"
ERROR = 'Error Domain=MCCloudConfigurationErrorDomain Code=34006 "The cloud configuration server is unavailable."'
BEGINS = "2026-05-17 08:46:01.000000+0000 0x1 Error 0x0 1 0 teslad: [com.apple.ManagedClient:x]"
UNAVAILABLE: tuple[str, Standing] = (VICTIM, (ANY, "L0", "requested"))
OF = {kind.id: kind for kind in KINDS}


def event(message: str, number: int = 0, **more: object) -> bytes:
    """An object of `log show --style ndjson`."""
    return json.dumps({
        "timestamp": f"2026-05-17 08:46:{number % 60:02d}.000000+0000",
        "eventMessage": message,
        "eventType": "logEvent",
        "processImagePath": "/usr/libexec/teslad",
        "subsystem": "com.apple.ManagedClient",
        "machTimestamp": number * 1000,
        "bootUUID": "B",
        "traceID": number,
        **more,
    }).encode()  # fmt: skip


@hostile(LOG, Says.EITHER, shows=UNAVAILABLE)
def array_on_one_line_of_30_mb(at: Path) -> Iterator[bytes]:
    """An array without a line's end, unclosed, whose first and last objects are the facts."""
    chatter = (b"," + event("chatter " + "y" * 300)) * 2000
    yield b"[" + event(ERROR)
    yield from (chatter for _ in range(25))
    yield b"," + event(ERROR, 59)


add("array-cut-in-an-object", LOG, Says.NAMED, b"[" + event(ERROR) + b"," + event(ERROR)[:-20], shows=UNAVAILABLE)
add("array-in-1000-arrays", LOG, Says.NAMED, b"[" * 1000 + event(ERROR) + b"]" * 1000)
PRETTY = b"\n},{\n".join([json.dumps(json.loads(event(ERROR, n)), indent=2).encode()[2:-2] for n in range(10_000)])
add("array-pretty-of-hits", LOG, Says.READ, b"[{\n" + PRETTY + b"\n}]\n", shows=UNAVAILABLE)
ODD: tuple[object, ...] = (0, 1, 2**63 - 1, 2**63, 2**64, 10**30, -1, 1.5, 1e300, "x", None, [], {})
TICKS = b"\n".join(event(ERROR, n, machTimestamp=ticks) for n, ticks in enumerate(ODD))
add("mach-times-that-are-none", LOG, Says.EITHER, TICKS + b"\n", shows=UNAVAILABLE)


@hostile(LOG, Says.EITHER, shows=UNAVAILABLE)
def messages_of_1_mb(at: Path) -> Iterator[bytes]:
    """Messages just below the longest line."""
    return (event(f"{ERROR} {'z' * 1_000_000}", number) + b"\n" for number in range(20))


@hostile(LOG, Says.EITHER, shows=UNAVAILABLE)
def boots_by_the_thousand(at: Path) -> Iterator[bytes]:
    """Every record is of another boot, or goes back within its own."""
    for number in range(20_000):
        clock = f"2026-05-17 08:{50 - number % 2 * 10}:00.000000+0000"
        yield event(ERROR, number + 1, bootUUID=f"B{number // 2}", timestamp=clock) + b"\n"


@hostile(LOG, Says.EITHER, shows=UNAVAILABLE)
def mach_times_that_jump(at: Path) -> Iterator[bytes]:
    """Ticks in no order at all."""
    ticks = random.Random(1)
    return (event(ERROR, number, machTimestamp=ticks.randrange(1, 2**63)) + b"\n" for number in range(10_000))


@hostile(LOG, Says.EITHER, shows=UNAVAILABLE)
def messages_of_many_hit_lines(at: Path) -> Iterator[bytes]:
    """Each message has 63 more lines, and each of them is a hit: the work must not be the square of them."""
    return (f"{BEGINS} begins\n".encode() + f"   {ERROR}\n".encode() * 63 for _ in range(200))


@hostile(LOG, Says.NAMED)
def one_message_of_50000_lines(at: Path) -> bytes:
    """A message that never ends, a hit in each of its lines."""
    return f"{BEGINS} begins\n".encode() + f"   {ERROR}\n".encode() * 50_000


@hostile(LOG, Says.EITHER, shows=UNAVAILABLE)
def one_apple_error_repeated(at: Path) -> bytes:
    """The same error 60,000 times."""
    return f"{BEGINS} {ERROR}\n".encode() * 50_000


add(
    "losses-by-the-hundred-thousand",
    LOG,
    Says.NAMED,
    f"{BEGINS} lost 12 unreliable messages from x\n".encode() * 100_000,
)

# --- documents -------------------------------------------------------------------------------------------------------

EMPTY_PAGE = b'{"devices":[],"cursor":"c","more_to_follow":%b,"fetched_until":"2026-05-17T08:55:%02dZ"}\n'
add("dep-pages-that-never-end", "dep/pages.ndjson", Says.NAMED, EMPTY_PAGE % (b"true", 0) * 60_000)
ENDED = b"".join(EMPTY_PAGE % (b"false", second) for second in range(60))
add("coverage-60000-times", "dep/pages.ndjson", Says.READ, ENDED * 1000)
ROW = OF["org-devices"].row(VICTIM, stamp(60))
NEXT = json.dumps({"data": [ROW], "links": {"self": "https://x/v1/orgDevices", "next": "https://x/v1/orgDevices?c"}})
add("abm-pages-that-never-end", "abm/pages.json", Says.NAMED, f"[{NEXT}{f',{NEXT}' * 8_000}]".encode())
add("one-row-30000-times", "abm/rows.ndjson", Says.READ, (json.dumps(ROW) + "\n").encode() * 30_000)
AROUND = json.dumps({"data": [ROW], "links": {"self": "https://x/v1/orgDevices"}, "zz": "x" * 20_000_000}).encode()
add("abm-page-with-20-mb-around", "abm/page.json", Says.NAMED, AROUND)
KEYS = ",".join(f'"k{number}":1' for number in range(300_000))
add(
    "abm-row-of-300000-keys",
    "abm/page.json",
    Says.EITHER,
    ('{"data":[{"type":"orgDevices","id":"F9FXQ8HK2C",' + KEYS + "}]}").encode(),
)
add("fdesetup-200000-times", f"checks/{VICTIM}.txt", Says.READ, b"FileVault is Off.\n" * 200_000)


def webhook(raw: bytes) -> bytes:
    """A check-in that NanoMDM passed on, with this property list in it."""
    event = {"udid": "U-1", "raw_payload": b64encode(raw).decode()}
    return json.dumps({"topic": "mdm.Authenticate", "created_at": stamp(60), "checkin_event": event}).encode() + b"\n"


def references(levels: int, width: int) -> bytes:
    """A binary property list: lists of which each holds the next one many times."""
    lists = [bytes([0xAF, 0x10, width]) + bytes([number + 1]) * width for number in range(levels)] + [b"\x54AAAA"]
    places = [8 + sum(map(len, lists[:number])) for number in range(len(lists))]
    table = b"".join(place.to_bytes(2, "big") for place in places)
    sizes = (len(lists), 0, 8 + sum(map(len, lists)))
    return (
        b"bplist00" + b"".join(lists) + table + bytes(6) + b"\x02\x01" + b"".join(n.to_bytes(8, "big") for n in sizes)
    )


GOOD = webhook(plistlib.dumps({"MessageType": "Authenticate", "SerialNumber": VICTIM, "UDID": "U-2"}))
REGISTERED: tuple[str, Standing] = (VICTIM, (ANY, ANY, "registered"))
BOMBS = webhook(references(60, 200)) * 500
add("nanomdm-bplist-bombs", "mdm/webhooks.ndjson", Says.NAMED, BOMBS + GOOD, lines=(1,), shows=REGISTERED)
add(
    "nanomdm-base64-of-20-mb",
    "mdm/webhooks.ndjson",
    Says.NAMED,
    webhook(b"A" * 15_000_000) + GOOD,
    lines=(1,),
    shows=REGISTERED,
)
