"""A saved error answer of the DEP service: a word by itself, as text, as a JSON string, or below its HTTP headers.

From: developer.apple.com/documentation/devicemanagement/interpreting-error-codes; depsim puts quotes around the word.
"""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import DEP_ERRORS, Notes, hint, lines, sync_failure

FORMAT = Format(
    id="dep-error",
    title="DEP error answer (text, JSON)",
    reference="docs/facts.md#dep-error",
)

_HEADER = re.compile(r"HTTP/[0-9.]{1,3} [1-5][0-9]{2}\b.{0,60}|[A-Za-z][A-Za-z0-9-]{0,60}:(?: .{0,1000})?")
# DEP HTTP error: 403 Forbidden: "T_C_NOT_SIGNED"
# POST /api/latest/fleet/mdm/apple/enrollmentprofiles received status 500 DEP auth error: 403 Forbidden: T_C_NOT_SIGNED
_SAID = re.compile(
    r"(?:(?:(?:GET|PATCH|POST|PUT) /api/.{0,200}|.{0,80})\bDEP (?:HTTP|auth) error: )?"
    r"[1-5][0-9]{2} [A-Z][A-Za-z ]{1,40}: ?(.*)"
)
_HEAD_LINES = 60


def score(head: Head) -> float:
    """Sure of a short text of which each line is an error's word, or a header of its HTTP answer."""
    if not head.whole or len(head.data) > 16384:
        return 0.0
    rows = [row.strip() for row in head.data.decode("utf-8", "replace").split("\n") if row.strip()][:_HEAD_LINES]
    words = [row for row in rows if _word(row)]
    if not words or any(not _word(row) and not _HEADER.fullmatch(row) for row in rows):
        return 0.0
    return 0.95 + min(hint(head, "dep", "error"), 0.05)


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `sync_failed` an answer, at the `Date` of its headers where they were saved."""
    notes = Notes(content.path)
    status, at = "", None
    for text, origin in lines(content, FORMAT.id):
        if word := _word(text):
            value, number, cause = sync_failure(text if text[:1].isdigit() or "rror" in text else f"{status} {word}")
            attrs = {"status": number} if number else {}
            yield Fact("sync_failed", at, "dep", value, attrs, origin, "L0" if cause else "", cause)
        elif not _HEADER.fullmatch(text):
            notes.add("a line is neither an error of the DEP service nor a header", text, origin.line, origin.offset)
        elif text.startswith("HTTP/"):
            status, at = text.partition(" ")[2][:3], None
        elif text[:5].lower() == "date:":
            try:
                at = instants.from_datetime(parsedate_to_datetime(text[5:].strip()), content.zone)
            except (ValueError, OverflowError, IndexError, TypeError):
                notes.add("a time is not used", text[5:60], origin.line, origin.offset)
    yield from notes


def _word(text: str) -> str:
    """The error's word in a line that holds nothing else but quotes, or an HTTP status before it; "" if none does."""
    said = _SAID.fullmatch(text[:1024])
    word = (said[1] if said else text).strip(' \t"\\')
    return word if word in DEP_ERRORS else ""
