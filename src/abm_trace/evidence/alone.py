"""`abm-trace-verify STORE|BUNDLE|PROOF`: the check alone, out of the evidence log and core. It reaches no network."""

import argparse
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from cryptography import x509

from abm_trace.core import ending, instants
from abm_trace.core.errors import AbmTraceError, UsageError
from abm_trace.evidence import proofs
from abm_trace.evidence._report import Options, Report, counted, plain
from abm_trace.evidence.bundle_check import verify_bundle
from abm_trace.evidence.errors import EvidenceError, FormatError
from abm_trace.evidence.files import regular
from abm_trace.evidence.note import VerifierKey
from abm_trace.evidence.places import Places
from abm_trace.evidence.published import CHECKPOINT, FORMAT
from abm_trace.evidence.verify import verify

NAME: Final = "abm-trace-verify"
_SHOWN: Final = 100
"""How many problems are shown one by one. Origin: ours."""

_FILE_BYTES_MAX: Final = 1024 * 1024
_TAR_AT: Final = slice(257, 262)
"""Where a tar says that it is one. Its first name too says so here, so that no one changed byte hides a bundle."""

_PARTS: Final = (CHECKPOINT, FORMAT, "checkpoints", "stamps", "tile")
WHOLE, BROKEN, MISUSED = 0, 1, ending.MISUSED
"""The exit codes."""

EPILOG: Final = """\
For example:
  abm-trace-verify evidence --key key.txt
  abm-trace-verify evidence --key key.txt --since checkpoint-of-march --tsa-ca ca.pem
  abm-trace-verify bundle.tar --key key.txt
  abm-trace-verify record-12.tlog-proof --key key.txt --entry record-12.json
  abm-trace-verify growth --key key.txt --since checkpoint-of-march

Exit code:
  0  whole
  1  something is not as it was signed; each is named
  2  bad usage, or no evidence log
"""

_NOT_PROVED: Final = (
    "that what came in was true when it came in;",
    "that nothing was kept out of the log;",
    "that the log was not written anew after its newest outside anchor by whoever holds its keys;",
    "that others were shown the same log: hold a checkpoint that they got against this one (--since FILE).",
)


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave to check against, as typed: keys or files with a key a line, files of notes and roots."""

    keys: Sequence[str] = ()
    since: Sequence[Path] = ()
    roots: Sequence[Path] = ()
    raw: bool = True
    now: int | None = None


def check(store: Path, lock: Path | None, given: Given) -> Report:
    """The report on a store, or on a bundle. Raises UsageError for something given that is not what it should be."""
    places = Places.of(store)
    if lock is not None:
        if not lock.is_file():
            raise UsageError(
                f"--lock {lock}: is no regular file",
                hint="Name the lock database of this store, or leave --lock out.",
            )
        places = Places(places.store, lock, places.keys)
    options = Options(
        keys=[key for text in given.keys for key in _keys(text)],
        earlier=[read(path) for path in given.since],
        roots=[root for path in given.roots for root in roots(path)],
        raw=given.raw,
        now=given.now,
    )
    if _is_none(places):
        raise UsageError(
            f"{store}: is neither an evidence log, nor a bundle, nor a proof; so nothing was checked",
            hint="Name the folder of a log, such as: abm-trace-verify evidence --key key.txt",
        )
    return verify_bundle(store, options) if store.is_file() else verify(places, options)


def _is_none(places: Places) -> bool:
    """Whether nothing here is, or was, a log: no byte that every bundle begins with, no part of a store, no lock."""
    path = places.store
    if path.is_file():
        head = read(path)[: _TAR_AT.stop]
        return not head.startswith(b"about/") and head[_TAR_AT] != b"ustar"
    return path.is_dir() and not any(map(os.path.lexists, (places.lock, *(path / name for name in _PARTS))))


def _keys(text: str) -> list[VerifierKey]:
    """The key of a text, or those of a file with one a line."""
    lines = [text]
    if "+" not in text:
        lines = [line for line in read(Path(text)).decode("utf-8", "replace").splitlines() if line.strip()]
    try:
        return [VerifierKey.parse(line) for line in lines]
    except AbmTraceError as error:
        hint = "Example: --key abm-trace.example/evidence+fc8ce4c1+AQOh… or --key FILE with a key a line"
        raise UsageError(f"--key {text}: {error}", hint=hint) from error


def roots(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises UsageError."""
    try:
        return x509.load_pem_x509_certificates(read(path))
    except ValueError as error:
        raise UsageError(f"{path}: holds no certificate in PEM", hint="Give the authority's own root.") from error


def read(path: Path) -> bytes:
    """The first MiB of a file that somebody gave. Raises UsageError."""
    hint = "Check its name: ls -l"
    try:
        with regular(path) as file:
            return file.read(_FILE_BYTES_MAX)
    except FormatError as error:
        raise UsageError(str(error), hint=error.hint) from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})", hint=hint) from error


def proved(path: Path, given: Given, entry: Path | None) -> tuple[int, str] | None:
    """Exit code, and what a proof in a file proves, or why not; None for a file that is none. Raises UsageError."""
    data = read(path) if path.is_file() else b""
    if not data.startswith((proofs.PROOF, proofs.GROWTH)):
        return None
    is_growth = data.startswith(proofs.GROWTH)
    asked = next(iter(given.since), None) if is_growth else entry
    keys = [key for text in given.keys for key in _keys(text)]
    if asked is None or not keys:
        option = "--since" if is_growth else "--entry"
        raise UsageError(f"{path}: is a proof", hint=f"It is checked with --key KEY and {option} FILE.")
    check = proofs.check_growth if is_growth else proofs.check_inclusion
    try:
        return WHOLE, f"PROVED: {plain(check(data, keys, read(asked)))}"
    except EvidenceError as error:
        return BROKEN, f"NOT PROVED: {plain(str(error))}"


def lines(report: Report, given: Given) -> Iterator[str]:
    """The report for a person, the result first; plain text, nothing in it that a terminal obeys."""
    head = report.head
    size = head.size if head else 0
    if report.problems:
        said = "is not as it was" if len(report.problems) == 1 else "are not as they were"
        yield f"BROKEN: {counted(len(report.problems), 'thing')} {said} signed"
        for each in report.problems[:_SHOWN]:
            yield f"  {plain(each.where)}: {plain(each.text)}"
        if len(report.problems) > _SHOWN:
            yield f"  and {len(report.problems) - _SHOWN:,} more"
    else:
        yield f"WHOLE: {size:,} records lead to the root that was signed"
    if head:
        yield f"log: {plain(head.origin)}, {size:,} records, root {head.root.hex()}"
    for key in report.signers:
        yield f"signed by: {plain(str(key))}"
    if report.signers and not given.keys:
        yield "  that key is the log's own word: compare it with what its owner published, or give it with --key"
    if given.raw:
        yield f"kept bytes checked: {report.kept:,} inputs, {report.kept_bytes:,} bytes"
        yield f"purged with proof: {report.purged:,}"
        yield from _shown(report)
    else:
        yield "kept bytes: not checked (--records-only)"
    yield _anchor(report)
    for remark in report.remarks:
        yield f"note: {plain(remark)}"
    yield "This does not prove:"
    for text in _NOT_PROVED:
        yield f"  {text}"


def _shown(report: Report) -> Iterator[str]:
    """What a bundle shows and what it withholds."""
    shown = report.shown
    if shown is None:
        return
    redacted = "redacted" if shown.redacted else "not redacted"
    yield f"bundle: made {plain(shown.at)} by {plain(shown.actor)}, {redacted} ({plain(shown.reason)})"
    if shown.by_line:
        yield (
            f"  by line: {shown.by_line:,} records; {shown.lines:,} lines stand as they were kept and verify,"
            f" {shown.lines_withheld:,} are withheld or have pseudonyms in them"
        )
    yield f"  withheld as a whole: {report.withheld - shown.by_line:,} records"


def _anchor(report: Report) -> str:
    if report.anchor is None:
        return "newest outside anchor: none; nobody but the holder of the keys says when this was written"
    found, size, verified = report.anchor
    worth = "verified" if verified else "NOT verified: give the authority's root with --tsa-ca FILE"
    behind = (report.head.size if report.head else size) - size
    later = f"; {behind:,} later records have none" if behind > 0 else ""
    return (
        f"newest outside anchor: {instants.render(found.at)}, time stamp by {plain(found.authority)} over the first"
        f" {size:,} records ({worth}){later}"
    )


def document(report: Report) -> dict[str, object]:
    """The report for programs: `abm-trace/evidence-verify/1`."""
    head, anchor = report.head, report.anchor
    return {
        "schema": "abm-trace/evidence-verify/1",
        "whole": not report.problems,
        "origin": head.origin if head else None,
        "size": head.size if head else None,
        "root": head.root.hex() if head else None,
        "signers": [str(key) for key in report.signers],
        "problems": [{"where": each.where, "text": each.text} for each in report.problems],
        "remarks": report.remarks,
        "kept": report.kept,
        "kept_bytes": report.kept_bytes,
        "purged": report.purged,
        "bundle": _bundle(report),
        "anchor": anchor
        and {
            "at": instants.render(anchor[0].at),
            "authority": anchor[0].authority,
            "size": anchor[1],
            "verified": anchor[2],
        },
        "not_proved": list(_NOT_PROVED),
    }


def _bundle(report: Report) -> dict[str, object] | None:
    shown = report.shown
    if shown is None:
        return None
    return {
        "made_at": shown.at,
        "actor": shown.actor,
        "reason": shown.reason,
        "redacted": shown.redacted,
        "withheld": report.withheld - shown.by_line,
        "by_line": shown.by_line,
        "lines": shown.lines,
        "lines_withheld": shown.lines_withheld,
    }


def parser() -> argparse.ArgumentParser:
    """What the program takes."""
    parser = argparse.ArgumentParser(
        prog=NAME,
        description="Check an evidence log, or a bundle of one: alone, offline, without changing it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("store", type=Path, help="the folder of the log, a bundle of it, or a file with a proof")
    parser.add_argument("--key", action="append", default=[], metavar="KEY", help="a trusted key, or a file of such")
    parser.add_argument(
        "--since", action="append", default=[], type=Path, metavar="FILE", help="a checkpoint kept from earlier"
    )
    parser.add_argument(
        "--tsa-ca", action="append", default=[], type=Path, metavar="FILE", help="roots of time-stamping authorities"
    )
    parser.add_argument("--entry", type=Path, metavar="FILE", help="for a tlog-proof: the record that it is about")
    parser.add_argument("--lock", type=Path, metavar="FILE", help="the lock database, if it is not beside the store")
    parser.add_argument("--records-only", action="store_true", help="leave out the kept bytes")
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version('abm-trace')}", help="show the version"
    )
    return parser


def options() -> list[argparse.Action]:
    """Its options, as `--help` lists them."""
    return [each for each in parser()._actions if each.option_strings]  # noqa: SLF001  # No other way is public.


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; the exit code."""
    with ending.program(NAME):
        return _run(_parsed(words))


def _parsed(words: Sequence[str] | None) -> argparse.Namespace:
    """What was typed. Help is written here, for argparse passes over an output that cannot be written."""
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            return parser().parse_args(words)
    finally:
        sys.stdout.write(said.getvalue())


def _run(typed: argparse.Namespace) -> int:
    now = instants.from_datetime(datetime.now(UTC), UTC)  # noqa: TID251  # The one place here that reads the clock.
    given = Given(typed.key, typed.since, typed.tsa_ca, not typed.records_only, now)
    try:
        if found := proved(typed.store, given, typed.entry):
            sys.stdout.write(f"{found[1]}\n")
            return found[0]
        report = check(typed.store, typed.lock, given)
    except AbmTraceError as error:
        sys.stderr.write(f"{NAME}: {error.diagnostics()}\n")
        return MISUSED
    sys.stdout.write("".join(f"{line}\n" for line in lines(report, given)))
    return BROKEN if report.problems else WHOLE


if __name__ == "__main__":
    sys.exit(main())
