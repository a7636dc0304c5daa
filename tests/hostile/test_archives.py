"""Hostile archives beside a healthy rollout: bounded, named, and without a trace in the neighbours' verdicts."""

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from tests.hostile.base_case import EXPECTED, FAILED_L6, VICTIM, failing_log, text
from tests.hostile.running import Outcome, Sandbox
from tests.sources.stream.packing import CONTAINERS, PACK, tar, zipped

LOG = f"logs/{VICTIM}.log"
FACTS = text(failing_log())
MIB = 1 << 20
NEIGHBOURS = EXPECTED.keys() - {VICTIM}


def forty_two() -> bytes:
    """Sixteen zips in each of sixteen, five levels deep, a bomb in each at the bottom."""
    data = zipped({"0.dll": bytes(4 * MIB)})
    for _ in range(5):
        data = zipped({f"{n}.zip": data for n in range(16)})
    return data


def listed_often() -> bytes:
    """One kernel of zeros that a directory lists 60,000 times."""
    data = zipped({"x": bytes(16 * MIB)})
    begin, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = b"".join(data[begin : begin + 28] + struct.pack("<H", 6) + data[begin + 30 : begin + 46] + b"%06d" % n
                       for n in range(60_000))  # fmt: skip
    assert end > begin
    return data[:begin] + entries + struct.pack("<4s4xHHIIH", b"PK\x05\x06", 60_000, 60_000, len(entries), begin, 0)


def deep() -> bytes:
    """An archive in an archive, fifty times."""
    data = FACTS
    for n in range(50):
        data = tar({str(n): data}) if n % 2 else zipped({str(n): data})
    return data


def holes() -> bytes:
    """A sparse member of a terabyte that is not there."""
    info = tarfile.TarInfo("hole.log")
    info.pax_headers = {"GNU.sparse.map": f"{1 << 40},5", "GNU.sparse.size": str((1 << 40) + 5)}
    info.size = 5
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(b"here\n"))
    return out.getvalue()


def crowd() -> bytes:
    """Sixty thousand members, none of them of any use."""
    return gzip.compress(tar({f"{n}.bin": b"\x00\xff" * 8 for n in range(30_000)}, tarfile.USTAR_FORMAT) * 2, 1)


def puzzles() -> bytes:
    """Ten thousand members of which each looks like an export to many formats."""
    member = b'{"devices":[' + b'{"serial_number":"x","status":[[[[[[[]]]]]]]},' * 400
    return gzip.compress(tar({f"{n}.json": member for n in range(10_000)}, tarfile.USTAR_FORMAT), 1)


def lies() -> bytes:
    """A tar whose first member has eight exabytes, and whose extended header has a gigabyte."""
    huge, wide = tarfile.TarInfo("huge"), tarfile.TarInfo("wide")
    huge.size, wide.size, wide.type = 1 << 62, 1 << 30, tarfile.XHDTYPE
    return wide.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 20) + huge.tobuf(tarfile.GNU_FORMAT) + FACTS


def streams_in_streams() -> bytes:
    """Gigabytes as streams of an xz in a zst in a bz2."""
    return bz2.compress(PACK["zst"](lzma.compress(bytes(16 * MIB)) * 4000))


def marks() -> bytes:
    """A zip of nothing but marks of members."""
    return b"PK\x03\x04" * (2 * MIB) + b"x"


BOMBS: dict[str, Callable[[], bytes]] = {
    "forty-two.zip": forty_two,
    "listed.zip": listed_often,
    "deep.tar": deep,
    "holes.tar": holes,
    "crowd.tar.gz": crowd,
    "puzzles.tar.gz": puzzles,
    "lies.tar": lies,
    "streams.log.bz2": streams_in_streams,
    "marks.zip": marks,
    "zeros.log.xz": lambda: lzma.compress(bytes(64 * MIB), preset=1) * 64,
    "zeros.log.bz2": lambda: bz2.compress(bytes(32 * MIB)) * 64,
    "zeros.log.zst": lambda: PACK["zst"](bytes(64 * MIB)) * 64,
    "zeros.tar.zst": lambda: PACK["zst"](tar({"x.log": FACTS + bytes(64 * MIB)})) * 64,
    "line.tar.xz": lambda: lzma.compress(tar({LOG: b"A" * (128 * MIB)}), preset=0),
}


def harmless(outcome: Outcome, base: Outcome) -> None:
    """Fails where the run broke a bound, or a neighbour noticed it."""
    assert outcome.broken_bound is None
    assert outcome.code == 1, outcome.stderr.decode(errors="replace")
    assert "Traceback" not in outcome.stderr.decode(errors="replace")
    standings = outcome.standings()
    assert {serial: standings.get(serial) for serial in NEIGHBOURS} == {s: base.standings()[s] for s in NEIGHBOURS}
    assert standings.keys() == EXPECTED.keys(), "a device was invented"
    assert outcome.written == frozenset()
    assert not any("please report it" in thing.reason for thing in outcome.skipped())


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_bounded_and_named(name: str, sandbox: Sandbox, base: Outcome) -> None:
    """If this failed, a file of some kilobytes would stop the triage of a rollout."""
    (sandbox.case / name).write_bytes(BOMBS[name]())
    outcome = sandbox.triage()
    harmless(outcome, base)
    about = [thing for thing in outcome.skipped() if thing.path == name or thing.path.startswith(f"{name}/")]
    assert about
    assert len(about) < 1100


@pytest.mark.slow
@pytest.mark.parametrize("kind", CONTAINERS)
def test_what_stands_before_any_cut_is_used(kind: str, sandbox: Sandbox, base: Outcome) -> None:
    """If this failed, an archive that was cut in transfer would be lost whole, or pass for whole."""
    noise = {f"n{n}.bin": random.Random(n).randbytes(20_000) for n in range(20)}
    data = CONTAINERS[kind]({LOG: FACTS, **noise})
    for part in range(1, 20):
        (sandbox.case / f"{part}.{kind}").write_bytes(data[: len(data) * part // 20])
    outcome = sandbox.triage()
    harmless(outcome, base)
    named = {thing.path.partition("/")[0] for thing in outcome.skipped()}
    assert named >= {f"{part}.{kind}" for part in range(1, 20)}
    if kind != "tar.bz2":  # Nothing of a bzip2 block of 900 kB can be read without its end.
        assert outcome.standings()[VICTIM] == FAILED_L6


@pytest.mark.slow
@pytest.mark.parametrize("kind", CONTAINERS)
def test_an_archive_is_read_like_its_files(kind: str, sandbox: Sandbox, base: Outcome) -> None:
    """If this failed, evidence that was sent packed would give other verdicts, or cite what nobody finds."""
    (sandbox.case / "sent").write_bytes(CONTAINERS[kind]({LOG: FACTS, "case.toml": b'timezone = "Asia/Tokyo"\n'}))
    outcome = sandbox.triage()
    harmless(outcome, base)
    assert outcome.standings()[VICTIM] == FAILED_L6
    assert [thing.path for thing in outcome.skipped()] == ["sent/case.toml"]
    assert f'"path":"sent/{LOG}","line":'.encode() in outcome.stdout.replace(b'": ', b'":').replace(b", ", b",")


def test_packing_knows_what_is_tested() -> None:
    """If this failed, a way to pack would be left out of the tests above."""
    assert {"gz", "bz2", "xz", "zst"} == PACK.keys()
    assert {
        zipfile.is_zipfile(io.BytesIO(make({"x": b"1"}))) for name, make in CONTAINERS.items() if "zip" in name
    } == {True}
