"""An auditor's sample: the same for everybody who draws it."""

import gzip
import io
import subprocess
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from tests.evidence import building

from abm_trace.evidence import blobs, sample
from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.published import Published
from abm_trace.evidence.store import Writer

RECORD = '{"serial":"F9F00000","näme":[1,2]}'.encode()
PAGE = b'{"devices":[{"serial":"F9F00001"},' + RECORD + b"]}"
LINE = b"2026-05-17 03:47:12.883 DEBUG boot of a device"


def kept(tmp_path: Path, devices: int = 40) -> Published:
    """A log with verdicts on so many devices, one of which cites lines."""
    log = building.make(tmp_path)
    evidence = [
        {"path": name, "line": 2, "sha256": sha256(LINE).hexdigest()} for name in ("a.log", "b.log.gz", "gone.log")
    ]
    evidence += [
        {"path": name, "record": 1, "offset": PAGE.index(RECORD), "sha256": sha256(RECORD).hexdigest()}
        for name in ("page.json", "page.json.gz")
    ]
    evidence.append({"path": "c.zip/x.json", "record": 3, "offset": 10, "sha256": "ab" * 32})
    findings = [{"id": "abm-rejected", "layer": "L6", "evidence": evidence}]
    verdicts = b"".join(
        msgspec.json.encode({"schema": "abm-trace/verdict/1", "serial": f"F9F{number:05}", "verdict": "vanished",
                             "findings": findings if number == 0 else []}) + b"\n"
        for number in range(devices)
    )  # fmt: skip
    pages = (("page.json", PAGE), ("page.json.gz", gzip.compress(PAGE)))
    text = b"first\n" + LINE + b"\r\nlast\n"
    with Writer(log) as writer:
        for name, data in (("a.log", text), ("b.log.gz", gzip.compress(text)), ("c.zip", b"PK"), *pages):
            ids = (blobs.Ids("F9F00000"),)
            pending = writer.keep(
                "raw", io.BytesIO(data), now=building.START, origin="x", binding=blobs.Binding(name, ids)
            )
            writer.append([pending])
        for data in (b"", verdicts):
            pending = writer.keep(
                "verdict", io.BytesIO(data), now=building.START, origin="x", binding=blobs.Binding("v")
            )
            writer.append([pending])
        writer.checkpoint()
    return Published(Folder(log.store))


def test_the_draw_hangs_on_seed_and_verdicts_alone(tmp_path: Path) -> None:
    """If this failed, an auditor could not draw again, or somebody could choose the devices."""
    log = kept(tmp_path)
    place = sample.kept(log).verdicts
    assert place.record == 8
    found = sample.draw(log, place, 5, "seed")
    digest = sha256(b"".join(log.content(8))).hexdigest()
    ranks = sorted((sha256(f"seed:{digest}:F9F{number:05}".encode()).hexdigest(), number) for number in range(40))
    assert [(rank, verdict.serial) for rank, verdict in found.drawn] == [(r, f"F9F{n:05}") for r, n in ranks[:5]]
    assert sample.draw(log, place, 5, "other").drawn != found.drawn
    assert len(sample.draw(log, place, 99, "seed").drawn) == 40


def test_a_sheet_gives_only_commands_that_hold(tmp_path: Path) -> None:
    """If this failed, an auditor would compare with something that cannot come out."""
    log = kept(tmp_path)
    everything = sample.kept(log)
    found = sample.draw(log, everything.verdicts, 40, "seed")
    number = next(n for n, (_, verdict) in enumerate(found.drawn, 1) if verdict.serial == "F9F00000")
    text = "\n".join(sample.sheet(log, everything, found, number, "ev"))
    assert "FINDING abm-rejected (L6)" in text
    assert "| sed -n '2{s/\\r$//;p;q}' | tr -d '\\n' | sha256sum" in text
    assert "| gzip -dc | sed -n '2{" in text
    assert "gone.log, line 2\n    the log keeps no file of this name" in text
    for unpack in ("", "gzip -dc | "):
        assert f"| {unpack}tail -c +{PAGE.index(RECORD) + 1} | head -c {len(RECORD)} | sha256sum" in text
    commands = [line.removeprefix("    [ ] ") for line in text.splitlines() if line.startswith("    [ ] zstd")]
    digests = [line.split()[1] for line in text.splitlines() if line.startswith("          prints")]
    assert len(commands) == len(digests) == 9
    for command, digest in zip(commands, digests, strict=True):
        done = subprocess.run(
            ["sh", "-c", command.replace("ev/", f"{log.folder.root}/")], capture_output=True, check=True
        )
        assert done.stdout.decode().split()[0] == digest, command
    assert "by eye: byte 10 of it" in text
    assert "KEPT FILES that speak of it: 5" in text


def test_no_verdicts(tmp_path: Path) -> None:
    """If this failed, a sample would be drawn from nothing."""
    log = Published(Folder(building.make(tmp_path, 1).store))
    with pytest.raises(EvidenceError, match="no verdicts"):
        sample.kept(log)
    with pytest.raises(EvidenceError, match="as record 2"):
        sample.kept(log, 2)
