"""Hostile CSV and JSON: manifests, MDM and audit exports, device lists, lifecycle, clock, tokens, settings."""

import base64
import json
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.hostile.base_case import (
    ANY,
    CONFIRMED,
    MANIFEST_HEADER,
    MDM_HEADER,
    NEWCOMER,
    NOT_STARTED,
    REQUESTED,
    VICTIM,
    VICTIM_BOOT_S,
    VICTIM_HOST,
    event,
    manifest_row,
    mdm_row,
    ndjson,
    stamp,
    table,
    victim_event,
)
from tests.hostile.registry import Says, add, hostile

MANIFEST = "extra/manifest.csv"
MDM = "extra/mdm.csv"
CLOCK = "extra/clock.csv"
AUDIT = "extra/audit.json"
KNOWN = (NEWCOMER, NOT_STARTED)
ENROLLED = (NEWCOMER, (ANY, ANY, "enrolled"))
ASKED = (VICTIM, REQUESTED)

ROW = manifest_row(NEWCOMER)


def many(unit: str, _: Path) -> bytes:
    """An event, and 60 MiB of one small value beside it."""
    return f'{{"events":[{EVENT}],"x":[{unit}{f",{unit}" * ((60 << 20) // (len(unit) + 1))}]}}'.encode()


GOOD = table(MANIFEST_HEADER, [ROW])
OLD = event("evt_old", "device_enrollment_requested", 6, CONFIRMED[0])
EVENT = json.dumps(victim_event())

# --- CSV -------------------------------------------------------------------------------------------------------------

for name, delimiter in (("semicolon", ";"), ("tab", "\t")):
    add(f"manifest-{name}", MANIFEST, Says.EITHER, table(MANIFEST_HEADER, [ROW], delimiter).encode(), shows=KNOWN)
    rows = [mdm_row(NEWCOMER, 400)]
    add(f"mdm-{name}", MDM, Says.EITHER, table(MDM_HEADER, rows, delimiter).encode(), shows=ENROLLED)
for codec, mark in (("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("utf-16-le", ""), ("utf-16-be", "")):
    marked = "with-bom" if mark else "without-bom"
    add(f"manifest-{codec}-{marked}", MANIFEST, Says.EITHER, (mark + GOOD).encode(codec), shows=KNOWN)
    array = f"{mark}[{EVENT}]".encode(codec)
    add(f"audit-{codec}-{marked}", AUDIT, Says.EITHER, array, shows=ASKED)
add("manifest-utf-8-bom", MANIFEST, Says.READ, b"\xef\xbb\xbf" + GOOD.encode(), shows=KNOWN)
add("manifest-crlf", MANIFEST, Says.READ, GOOD.replace("\n", "\r\n").encode(), shows=KNOWN)
add("manifest-cr-only", MANIFEST, Says.EITHER, GOOD.replace("\n", "\r").encode(), shows=KNOWN)
add("manifest-header-alone", MANIFEST, Says.EITHER, table(MANIFEST_HEADER, []).encode())
add("manifest-bad-utf-8", MANIFEST, Says.EITHER, GOOD.encode().replace(b"iPad", b"iP\xffd"), shows=KNOWN)
add("manifest-nul", MANIFEST, Says.EITHER, GOOD.encode().replace(b"iPad", b"iP\x00d"), shows=KNOWN)
add("csv-unknown-header", "extra/what.csv", Says.NAMED, b"colour,taste\nred,sweet\n")
add("csv-no-header", "extra/what.csv", Says.NAMED, b"1,2,3\n4,5,6\n")
add("csv-row-too-long", MANIFEST, Says.NAMED, (GOOD + "A,B,C,D,E,F,G,H,I,J\n").encode(), lines=(3,), shows=KNOWN)
add("csv-row-too-short", MANIFEST, Says.EITHER, (GOOD + f"{CONFIRMED[0]},iPad16\n").encode())
add("csv-row-without-serial", MANIFEST, Says.NAMED, (GOOD + ",iPad16,,,,,\n").encode(), lines=(3,), shows=KNOWN)
add("csv-unclosed-quote", MANIFEST, Says.NAMED, (GOOD + f'{CONFIRMED[0]},"iPad\n' + "x,y\n" * 9).encode(), shows=KNOWN)
add(
    "csv-field-of-10-mb",
    MANIFEST,
    Says.NAMED,
    lambda _: (GOOD + "x" * 10_000_000 + ",a,b,c,d,e,f\n").encode(),
    lines=(3,),
)
add("csv-quoted-field-of-10-mb", MANIFEST, Says.NAMED, lambda _: (GOOD + '"' + "y\n" * 5_000_000 + '",a,b\n').encode())
add(
    "csv-50000-columns",
    MANIFEST,
    Says.EITHER,
    (",".join(["serial", *(f"c{n}" for n in range(50_000))]) + "\n").encode(),
)
add("csv-header-twice", MANIFEST, Says.NAMED, f"serial,site,serial\n{NEWCOMER},clinic-99,{VICTIM}\n".encode())
add("csv-newline-in-a-field", MANIFEST, Says.READ, GOOD.replace("iPad16,3", "iPad\n16,3").encode(), shows=KNOWN)
for what, bad in (
    ("year-0000", "0000-01-01T00:00:00Z"),
    ("zone-plus-99", "2026-05-17T08:47:00+99:00"),
    ("hour-25", "2026-05-17T25:61:61Z"),
    ("feb-30", "2026-02-30T08:47:00Z"),
    ("no-time", "soon"),
):
    row = (NEWCOMER, "", bad, bad, "abm", "tok_1", "true", "jamf")
    add(f"mdm-stamp-{what}", MDM, Says.NAMED, table(MDM_HEADER, [mdm_row(CONFIRMED[0], 40), row]).encode(), lines=(3,))
    audit = ndjson([OLD, {**OLD, "occurred_at": bad}, victim_event()])
    add(f"audit-stamp-{what}", AUDIT, Says.NAMED, audit, lines=(2,), shows=ASKED)
add("audit-stamp-leap-second", AUDIT, Says.EITHER, ndjson([{**OLD, "occurred_at": "2026-05-16T23:59:60Z"}]))
OFFSETS = ("NaN", "inf", "-Infinity", "1e400", "", "fast")
samples = [(VICTIM, VICTIM_HOST, stamp(VICTIM_BOOT_S), offset) for offset in OFFSETS]
clock = table(("serial", "staging_host", "measured_at", "offset_seconds"), samples)
add("clock-offsets-that-are-no-numbers", CLOCK, Says.NAMED, clock.encode(), lines=(2, 3, 4, 5, 6, 7))
add(
    "sntp-not-a-number",
    f"clock/{VICTIM}.txt",
    Says.NAMED,
    b"2026-05-17 08:46:00.1 (+0000) +nan +/- inf time.apple.com 17.253.4.125 s1\n",
)

# --- JSON ------------------------------------------------------------------------------------------------------------

add("json-array-cut", AUDIT, Says.NAMED, f'[{EVENT}, {{"id":"ev'.encode())
add("json-page-cut", AUDIT, Says.NAMED, f'{{"events":[{EVENT},{EVENT}],"next":"cur'.encode())
add("json-100000-brackets", AUDIT, Says.NAMED, b"[" * 100_000 + b"]" * 100_000)
add("json-100000-open-brackets", AUDIT, Says.NAMED, b'{"a":' * 100_000)
DEEP = EVENT.removesuffix("}") + ',"x":' + "[" * 100_000 + "]" * 100_000 + "}"
add("json-deep-unknown-field", AUDIT, Says.EITHER, DEEP.encode(), shows=ASKED)
TWICE = json.dumps(OLD).removesuffix("}") + f', "serial_number": "{VICTIM}"}}'
add("json-repeated-keys", AUDIT, Says.NAMED, f"{json.dumps(OLD)}\n{TWICE}\n{EVENT}\n".encode(), lines=(2,), shows=ASKED)
add("json-repeated-keys-in-an-array", AUDIT, Says.NAMED, f"[{TWICE}, {EVENT}]".encode())
for literal in ("NaN", "Infinity", "-Infinity"):
    odd = json.dumps(OLD).removesuffix("}") + f', "latency": {literal}}}'
    add(f"json-{literal.lower()}", AUDIT, Says.NAMED, f"{odd}\n{EVENT}\n".encode(), lines=(1,), shows=ASKED)
for what, literal in (("1e999", "1e999"), ("huge-integer", "9" * 5000), ("a-list", "[]"), ("null", "null")):
    odd = json.dumps({**OLD, "occurred_at": 0}).replace('"occurred_at": 0', f'"occurred_at": {literal}')
    add(f"json-time-is-{what}", AUDIT, Says.NAMED, f"{odd}\n{EVENT}\n".encode(), lines=(1,), shows=ASKED)
add(
    "json-huge-integer-unknown-field",
    AUDIT,
    Says.EITHER,
    (EVENT.removesuffix("}") + f', "n": {"9" * 100_000}}}').encode(),
    shows=ASKED,
)
LONE = json.dumps(victim_event(reason="\ud800", region="us-east\udc00"))
add("json-lone-surrogates", AUDIT, Says.EITHER, LONE.encode(), shows=ASKED)
add("json-lone-surrogate-serial", AUDIT, Says.NAMED, ndjson([{**OLD, "serial_number": "F9FX\ud834HK2C"}]))
add(
    "json-serial-is-a-number",
    AUDIT,
    Says.NAMED,
    ndjson([{**OLD, "serial_number": 17}, victim_event()]),
    lines=(1,),
    shows=ASKED,
)
add("json-string-of-20-mb", AUDIT, Says.NAMED, lambda _: ndjson([{**OLD, "note": "A" * 20_000_000}, victim_event()]))
add(
    "ndjson-damaged-in-the-middle",
    AUDIT,
    Says.NAMED,
    f'{json.dumps(OLD)}\n{{"id":"evt_x",\n{EVENT}\n'.encode(),
    lines=(2,),
    shows=ASKED,
)
add("ndjson-last-line-cut", AUDIT, Says.NAMED, f"{EVENT}\n{json.dumps(OLD)[:60]}".encode(), lines=(2,), shows=ASKED)
add(
    "ndjson-of-other-values",
    AUDIT,
    Says.NAMED,
    f'{EVENT}\n17\nnull\n"text"\n[]\n'.encode(),
    lines=(2, 3, 4),
    shows=ASKED,
)
add("ndjson-blank-lines", AUDIT, Says.READ, f"\n{EVENT}\n\n\r\n".encode(), shows=ASKED)
add("json-values-in-a-row", AUDIT, Says.EITHER, f"{json.dumps(OLD)}{EVENT}".encode(), shows=ASKED)
add("json-trailing-garbage", AUDIT, Says.NAMED, f"[{EVENT}] and more".encode())
add("json-array-of-other-values", AUDIT, Says.NAMED, f'[17, null, "x", [[]], {EVENT}]'.encode(), shows=ASKED)
add("json-scalar", AUDIT, Says.NAMED, b"42")
add("json-object-that-says-nothing", AUDIT, Says.NAMED, b'{"colour": "red"}')
add("json-page-of-no-list", AUDIT, Says.NAMED, b'{"events": {"id": "evt_1"}, "next": 7}')
add("audit-unknown-event-type", AUDIT, Says.READ, ndjson([event("evt_u", "device_repainted", 400, VICTIM)]))
add("audit-same-id-other-contents", AUDIT, Says.READ, ndjson([victim_event("evt_0requested")]), shows=ASKED)
add(
    "audit-page-on-one-long-line",
    AUDIT,
    Says.EITHER,
    lambda _: json.dumps({"events": [OLD] * 25_000 + [victim_event()], "next": None}).encode(),
    shows=ASKED,
)


@hostile(AUDIT, Says.NAMED, lines=(2, 100_001), shows=ASKED)
def ndjson_of_100000_damaged_lines(at: Path) -> Iterator[bytes]:
    """More damage than anybody wants to read, all of which is named, and one good line behind it."""
    yield ndjson([OLD])
    yield b'{"id":\n' * 100_000
    yield ndjson([victim_event()])


@hostile(AUDIT, Says.NAMED, lines=(2,), shows=ASKED)
def ndjson_of_two_million_empty_objects(at: Path) -> Iterator[bytes]:
    """Rows that say nothing, all of which are counted, and one good line behind them."""
    yield ndjson([OLD])
    yield b"{}\n" * 2_000_000
    yield ndjson([victim_event()])


@hostile(MDM, Says.NAMED, lines=(2,), shows=ENROLLED)
def csv_of_two_million_rows_without_serial(at: Path) -> Iterator[bytes]:
    """The same of a table."""
    yield (",".join(MDM_HEADER) + "\n").encode()
    yield b",,2026-05-17T08:47:00Z,,abm,,,\n" * 2_000_000
    yield (",".join(mdm_row(NEWCOMER, 400)) + "\n").encode()


@hostile("extra/audit.csv", Says.NAMED, lines=(2,), shows=ASKED)
def csv_of_fields_of_60_kb(at: Path) -> Iterator[bytes]:
    """84 MB of long fields, none of them alike."""
    letters = base64.b64encode(random.Random(1).randbytes(3_000_000)).decode()
    yield b"id,event_type,occurred_at,serial_number,request_id\n"
    for number in range(1400):
        text = letters[number * 1000 : number * 1000 + 60_000]
        yield f"e{number},device_enrollment_requested,{stamp(VICTIM_BOOT_S + 5)},{VICTIM},{text}\n".encode()


@hostile(AUDIT, Says.READ, shows=ASKED)
def audit_event_repeated_100000_times(at: Path) -> bytes:
    """A flood of one event is one event."""
    return ndjson([victim_event()]) * 100_000


@hostile("extra/mixed.ndjson", Says.READ)
def serial_variants(at: Path) -> bytes:
    """Case, blanks, O for 0, I for 1 and the barcode's S are spellings of one device, not devices."""
    known = CONFIRMED[0]
    folded = known.replace("0", "O").replace("1", "I")
    spellings = (known.lower(), f" {known} ", f"{known[:4]} {known[4:]}", folded, f"S{known}", f"s{folded.lower()}")
    return ndjson(
        event(f"evt_s{n}", "device_enrollment_requested", 6, spelling) for n, spelling in enumerate(spellings)
    )


DEVICES = "extra/devices.json"
add(
    "devices-of-wrong-types",
    DEVICES,
    Says.NAMED,
    b'{"devices": [null, 1, [], {"serial_number": []}, {"serial_number": {}}]}',
)
add("devices-are-no-list", DEVICES, Says.NAMED, b'{"devices": {"serial_number": "F9FXQ8HK2C"}}')
STATE = {
    "device_id": "dev_8",
    "serial_number": VICTIM,
    "registrationStatus": {"state": "exploded", "timestamp": stamp(400)},
}
add("lifecycle-unknown-state", "extra/lifecycle.json", Says.NAMED, json.dumps(STATE).encode())
add(
    "lifecycle-of-wrong-types",
    "extra/lifecycle.json",
    Says.NAMED,
    json.dumps({**STATE, "registrationStatus": "registered"}).encode(),
)
TOKEN = {"id": "tok_9", "region": ["us-east"], "tokenExpiry": 12345, "lastUsedAt": {}, "createdAt": True}
add("token-of-wrong-types", "tokens/tok_9.json", Says.NAMED, json.dumps(TOKEN).encode())
FUTURE = {"id": "tok_9", "region": "us-east", "tokenExpiry": "2036-01-01T00:00:00Z"}
add("token-expires-in-ten-years", "tokens/tok_9.json", Says.READ, json.dumps(FUTURE).encode())
add(
    "mdm-json-of-wrong-types",
    "extra/mdm.json",
    Says.NAMED,
    json.dumps([{"serial_number": VICTIM, "enrolled_at": [], "enrollmentMethod": 3}]).encode(),
)

# --- documents below 64 MiB whose tiny values would become a gigabyte of objects --------------------------------------

for name, unit in (("objects", "{}"), ("numbers", "0"), ("texts", '"ab"')):
    add(f"audit-of-many-{name}", AUDIT, Says.NAMED, partial(many, unit), shows=ASKED)

# --- the case's own settings -----------------------------------------------------------------------------------------

add("settings-no-toml", "case.toml", Says.NAMED, b'timezone = "America/Chicago\n')
add("settings-unknown-zone", "case.toml", Says.NAMED, b'timezone = "../../etc/passwd"\n')
add("settings-coverage-is-no-time", "case.toml", Says.NAMED, b'[coverage]\naudit = "never"\nabm = 3\n')
