"""What `sntp` prints: the correction that the clock of its host needs, of macOS or of ntpd's own program."""

import re
from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Notes, hint, instant, lines, offset

FORMAT = Format(id="sntp", title="sntp output", reference="https://docs.ntpsec.org/latest/ntpdig.html")

# +0.012345 +/- 0.030123 time.apple.com 17.253.14.125
# 2026-05-17 03:47:12.883456 (-0500) +0.01234 +/- 0.02 time.apple.com 17.253.14.125 s1 no-leap
_LINE = re.compile(
    r"(?:(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) \(([+-]\d{4})\) +)?([+-]\S{1,64}) +\+/- +\S{1,64} +\S.*"
)
_EXCHANGE = "sntp_exchange {"
_RESULT = re.compile(r"result: (\d{1,3}) \(([^)]{1,40})\)")
# What it says besides: its version, the command, a comment.
_ASIDE = re.compile(r"sntp [\d-]|ntpdig |[$#%] |\S+[$#%] s?ntp")
# sntp: Exchange failed: Timeout · sntp: Clock select failed (macOS)
_FAILED = re.compile(r"sntp: (?:Exchange|Clock select) failed(?:: (.{1,80}))?")


def score(head: Head) -> float:
    """Sure where one of the first lines has the form of an answer, or begins the detail of an exchange."""
    first = head.data[:4096].decode("utf-8", "replace").split("\n")
    found = any(
        _LINE.fullmatch(line.strip()) or line.startswith(_EXCHANGE) or _FAILED.fullmatch(line.strip())
        for line in first[:10]
    )
    return 0.9 + hint(head, "sntp") if found else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `clock_offset` an answer; its value is device − reference, the opposite of what is printed."""
    notes = Notes(content.path)
    within = False
    for text, origin in lines(content, FORMAT.id):
        if text.startswith(_EXCHANGE) or within:  # macOS shows with -d what it measured; the answer comes behind it.
            within = text != "}"
            if (failed := _RESULT.match(text)) and failed[1] != "0":
                notes.add("a time server did not answer", failed[2], origin.line, origin.offset)
            continue
        if failed := _FAILED.fullmatch(text):
            notes.add("a time server did not answer", failed[1] or "none could be chosen", origin.line, origin.offset)
            continue
        match = _LINE.fullmatch(text)
        value = offset(match[3], opposite=True) if match else None
        if match and value is not None:
            at = None
            if match[1]:
                try:
                    at = instant(f"{match[1]}{match[2]}", content.zone)
                except ValueError as error:
                    notes.add("a time is not used", str(error), origin.line, origin.offset)
            yield Fact("clock_offset", at, "clock", value, {}, origin)
        elif not _ASIDE.match(text):
            notes.add("a line is not used, it is no answer of a time server", text[:80], origin.line, origin.offset)
    yield from notes
