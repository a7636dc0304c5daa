"""What a bundle says to people: notes for the verifier, and the report on its verdicts."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from abm_trace.core.redact import Redactor
from abm_trace.evidence.blobs import Binding

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
What was taken out
  Identifiers of devices, hardware and people, addresses and secrets. `[device 0123456789abcdef]` is a pseudonym: the
  same device has the same one, and only who holds the key of this redaction can tell which it is. A line that has one
  is not proved as it reads here: its commitment is, so its owner can show it later. `[withheld]` stands for a line of
  which nothing is shown. Neither nonces nor plain digests of what was taken out are in the bundle.
"""


class _Verdict(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/verdict/1"):
    serial: str
    verdict: str
    site: str | None = None
    layer: str | None = None
    cause: str | None = None
    confidence: float | None = None
    last_rung: str | None = None
    next_action: str | None = None


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
    bindings: Iterable[tuple[int, str, bool, Binding]], redactor: Redactor, serials: Collection[str]
) -> Iterator[str]:
    """A line for each record that is shown, with its path and its devices; of those only `serials`, or all."""
    yield "record, kind, how it is shown, path at its source, devices\n"
    for index, kind, by_line, binding in bindings:
        names = [each.serial or each.udid or each.io_platform_uuid for each in binding.devices]
        listed = [name for name in names if not serials or name in serials][:_NAMES_MAX]
        more = len(names) + binding.more - len(listed)
        devices = " ".join([*listed, *([f"and {more:,} more"] if more else [])]) or "-"
        how = "by line" if by_line else "as stored"
        yield redactor(_plain(f"{index}, {kind}, {how}, {binding.path or '-'}, {devices}")) + "\n"


def report(verdicts: Iterable[tuple[int, bytes]], redactor: Redactor, serials: Collection[str]) -> Iterator[str]:
    """The verdicts of a record (index and line of each) for people, a line a device; those of `serials`, or all."""
    record, found = None, []
    for index, line in verdicts:
        record = index
        try:
            verdict = msgspec.json.decode(line, type=_Verdict)
        except msgspec.MsgspecError:
            continue  # Something that was not used, which the verdicts name too.
        if not serials or verdict.serial in serials:
            found.append(verdict)
    if record is None:
        yield "No verdicts are among the records of this bundle.\n"
        return
    yield f"The verdicts of record {record}: {len(found):,} devices\n"
    counts = Counter((each.verdict, each.layer or "", each.cause or "") for each in found)
    for words, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>9,}  {_plain(' '.join(filter(None, words)))}\n"
    yield "\nserial, site, verdict, layer, cause, confidence, last rung: next action\n"
    for each in sorted(found, key=lambda verdict: verdict.serial):
        said = (each.serial, each.site, each.verdict, each.layer, each.cause, each.confidence, each.last_rung)
        text = ", ".join("-" if word is None else _plain(str(word)) for word in said)
        yield redactor(f"{text}: {_plain(each.next_action or '-')}") + "\n"


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
