"""What a bundle says to people: notes for the verifier, and the report on its verdicts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Annotated, Final, TypeVar

import msgspec

from abm_trace.evidence._report import plain
from abm_trace.evidence.blobs import Binding
from abm_trace.evidence.redaction import Mask

_NAMES_MAX: Final = 10
_README: Final = """\
A bundle of the evidence log {origin}
{rule}

What it is
  about/report.txt        the verdicts that the log keeps, for people
  about/records.txt       the records that are shown: their paths at their source, and their devices
  about/lines/N.zst       lines of what record N keeps: `= SALT LINE` stands as it was kept, `# COMMITMENT TEXT`
                          was withheld, or has pseudonyms in it
  about/files/            files that were put in as they are
  evidence/checkpoint     the signed head of the log
  evidence/tile/          every record of the log, and the hashes that lead from them to the head; no device is named
  evidence/private/N      what opens the records that are shown: NONCE SHA256 BINDING; - for all others
  evidence/raw/           what those records keep, compressed (zstd)
Its last record is that of this bundle: what that keeps lists the contents with their digests.
{redaction}
How to check it, alone and offline
  abm-trace-verify BUNDLE --key KEY
  It needs the verifier key as the owner of the log published it. The log itself says that it is
{keys}
  which is its own word alone.

How to check it without our code
  tar xf BUNDLE, then the commands of docs/verify-by-hand.md, which need sha256sum, openssl and zstd.

What it does not prove
  That what came in was true when it came in; that nothing was kept out of the log; that the log was not written anew
  after its newest outside anchor by whoever holds its keys.
"""

_REDACTION: Final = """
What is in it, and what was withheld
  Of a log line that a verdict cites: times, processes, codes, Apple's hosts, and words that abm-trace's own signatures
  are made of. Of all other lines, of exports and of archives: nothing but how many there are, and a commitment to each.
  `[device 0123456789abcdef]` is a pseudonym: the same device has the same one, and only who holds the key of this
  redaction can tell which it is. `[…]` stands for whatever is not known to be harmless, `[withheld]` for a line.
  A line that begins with `=` stands as it was kept, and is proved. One that begins with `#` is not proved as it reads
  here: its commitment is, so whoever holds the log can open it later, line by line. Ask them by record and line.
  Neither nonces nor plain digests of what was withheld are in the bundle.
  Who wrote holds, releases, purges and keys into the log stands in it as they stated it: these entries are signed.
"""


_Kind = TypeVar("_Kind")
RecordOf = Callable[[str, str | None], int | None]
"""The record of the file of a path that has a line of this SHA-256, as the verdicts cite it."""


_Place = Annotated[int, msgspec.Meta(ge=0, lt=10**9)]
_Sure = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""Numbers are shown as they are, so none is taken that could be another thing."""


class _Origin(msgspec.Struct, frozen=True):
    path: str = ""
    by: str = ""
    line: _Place | None = None
    record: _Place | None = None
    sha256: str | None = None


class _Finding(msgspec.Struct, frozen=True):
    id: str
    text: str = ""
    layer: str | None = None
    confidence: _Sure | None = None
    evidence: tuple[_Origin, ...] = ()


class Named(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/verdict/1"):
    """Whom a kept verdict names."""

    serial: str
    site: str | None = None


class Verdict(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/verdict/1"):
    """What a kept verdict says of a device, as far as a bundle tells of it."""

    serial: str
    verdict: str
    site: str | None = None
    layer: str | None = None
    cause: str | None = None
    confidence: _Sure | None = None
    last_rung: str | None = None
    next_action: str | None = None
    findings: tuple[_Finding, ...] = ()


def verdict_of(line: bytes) -> Verdict | None:
    """The verdict of a line; None for one that names what was not used, which verdicts name too."""
    return _read(line, Verdict)


def named_by(line: bytes) -> Named | None:
    """Whom the verdict of a line names; None for a line that is none."""
    return _read(line, Named)


def _read(line: bytes, kind: type[_Kind]) -> _Kind | None:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def readme(origin: str, keys: Sequence[str], *, redacted: bool) -> str:
    """The notes for the verifier."""
    head = f"A bundle of the evidence log {origin}"
    return _README.format(
        origin=origin,
        rule="=" * len(head),
        redaction=_REDACTION if redacted else "",
        keys="\n".join(f"    {key}" for key in keys),
    )


def records(
    bindings: Iterable[tuple[int, str, bool, Binding]], mask: Mask | None, serials: Collection[str]
) -> Iterator[str]:
    """A line for each record that is shown, with its path and its devices; of those only `serials`, or all."""
    yield "record, kind, how it is shown, path at its source, devices\n"
    for index, kind, by_line, binding in bindings:
        names = [each.serial or each.udid or each.io_platform_uuid for each in binding.devices]
        listed = [name for name in names if not serials or name in serials]
        # Those of a redacted bundle in the order of their pseudonyms: that of their names would tell which is which.
        shown = (sorted(map(mask.device, listed)) if mask else listed)[:_NAMES_MAX]
        more = len(names) + binding.more - len(shown)
        devices = " ".join([*shown, *([f"and {more:,} more"] if more else [])]) or "-"
        path = (mask(binding.path) if mask else binding.path) or "-"
        yield plain(f"{index}, {kind}, {'by line' if by_line else 'as stored'}, {path}, {devices}") + "\n"


def report(
    verdicts: Iterable[tuple[int, bytes]],
    mask: Mask | None,
    serials: Collection[str],
    signatures: Mapping[str, Collection[str]] = MappingProxyType({}),
    record_of: RecordOf = lambda *_: None,
) -> Iterator[str]:
    """The verdicts of a record (index and line of each) for people, a line a device; those of `serials`, or all.

    Where a mask is given, whose reader sees no verdict itself, with their findings, in the words of the `signatures`.
    """
    record, found = None, []
    for index, line in verdicts:
        record = index
        verdict = verdict_of(line)
        if verdict is not None and (not serials or verdict.serial in serials):
            found.append(verdict)
    if record is None:
        yield "No verdicts are among the records of this bundle.\n"
        return
    hide: Callable[[str], str] = mask or str
    yield f"The verdicts of record {record}: {len(found):,} devices\n"
    counts = Counter((each.verdict, each.layer or "", each.cause or "") for each in found)
    for words, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>9,}  {plain(hide(' '.join(filter(None, words))))}\n"
    yield "\nserial, site, verdict, layer, cause, confidence, last rung: next action\n"
    for judged in sorted(found, key=lambda verdict: mask.device(verdict.serial) if mask else verdict.serial):
        named = (judged.serial, judged.site)
        if mask:
            named = (mask.device(judged.serial), mask.pseudonym("site", judged.site or ""))
        said = ("-" if word is None else hide(word) for word in (judged.verdict, judged.layer, judged.cause))
        end = ("-" if judged.confidence is None else str(judged.confidence), hide(judged.last_rung or "-"))
        text = ", ".join([*(word or "-" for word in named), *said, *end])
        yield plain(f"{text}: {hide(judged.next_action or '-')}") + "\n"
        for finding in judged.findings if mask else ():
            sure = f"{finding.confidence} " if finding.confidence is not None else ""
            layer = f"{hide(finding.layer)} " if finding.layer else ""
            own = [listed for each in finding.evidence if (listed := signatures.get(each.by)) is not None]
            seen = mask.said(finding.text, {*chain.from_iterable(own)} if own else None) if mask else ""
            yield plain(f"    {layer}{hide(finding.id)} {sure}{seen}") + "\n"
            for origin in finding.evidence:
                yield f"        {_place(origin, record_of)}\n"


def _place(origin: _Origin, record_of: RecordOf) -> str:
    """Where a finding's evidence stands: in the record of its file, or of the archive whose member it is."""
    path = origin.path
    while (found := record_of(path, origin.sha256)) is None and "/" in path:
        path = path.rpartition("/")[0]
    record = "a file that the log does not keep" if found is None else f"record {found}"
    inner = ", in an archive" if found is not None and path != origin.path else ""
    line = f", line {origin.line}" if origin.line is not None else ""
    return record + inner + line + (f", entry {origin.record} of it" if origin.record is not None else "")
