"""What of a quoted log line the receiver of a ticket sees: what is known to be harmless, as in a redacted bundle.

Nobody can list what a log line may hold of secrets and people, so what may be seen is listed: our words and those of
our signatures, times, processes, error codes, HTTP statuses, Apple's hosts, and the identifiers of the device that the
ticket is about, which its receiver looks up.
"""

import re
from collections.abc import Collection
from functools import cache
from typing import Final

from abm_trace.cli.evidence.bundle import harmless
from abm_trace.core.quoting import HIDDEN
from abm_trace.core.redact import LABEL, Redactor
from abm_trace.evidence.redaction import Mask

_CODE: Final = re.compile(
    r"((?:(?:ABM|CK|DMC|MC|MDM|NS)[A-Za-z]{0,40}|com\.apple(?:\.[A-Za-z]{1,40}){1,4}\.|kCF)ErrorDomain(?:CFNetwork)?)\b"
    r"(?:>?[:,]? ?(?:[Cc]ode ?[=:]? ?)?(-?\d{1,5})(?![\w.-]))?|\bHTTP/([\d.]{1,3}) ([1-5]\d\d)(?!\w)"
    r"|\b([1-5]\d\d)(?= from the )|\b[Ss]tatus(?:[ _]?[Cc]ode)?[\"']?[ =:]{1,3}([1-5]\d\d)(?!\w)"
)
"""Domains and codes of errors and statuses of HTTP as a redacted bundle has no form of: `<MCMDMErrorDomain:12001>`,
`HTTP/2 401`."""

_FIELDS: Final = frozenset(
    {
        "category", "composedMessage", "eventMessage", "eventType", "event_type", "image_name", "label", "level",
        "log_type", "message", "messageType", "pid", "process", "processID", "processImagePath", "subsystem",
        "thread_id", "threadID", "time", "timestamp",
    }
)  # fmt: skip
"""Names of fields of logs in JSON; what stands in them is shown as in any other line."""

_ESCAPED: Final = re.compile(r"\\([\"/])")
_ADDRESS: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_LABEL: Final = re.compile(rf"{LABEL.pattern}|{re.escape(HIDDEN)}")
_MARK: Final = "\ue000{}\ue001"
"""What stands for a label while a line is looked through: no word. From: Unicode, 23.5 (private use)."""

_UNKNOWN: Final = "[…]"
_DIGITS_MIN: Final = 8
"""A shorter number is no identifier of a device alone: a PIN may be the same. Origin: ours."""


class Shown:
    """Shows of the lines of logs what is known to be harmless, and counts what it hid.

    `hide` finds what is known, and gives it a label; `own` are the texts that name the device; `addresses` says whether
    IP addresses, and the words of what stands before them, may be seen.
    """

    def __init__(self, hide: Redactor, own: Collection[str], *, addresses: bool) -> None:
        self._hide, self._addresses = hide, addresses
        long = [each for each in own if not each.isdigit() or len(each) >= _DIGITS_MIN]
        self._words = {spelled for each in long for spelled in (each, each.upper(), each.lower())}
        self._words.update(_signed(), _FIELDS, ("proxy", "via") if addresses else ())
        self.hidden = 0

    def __call__(self, text: str) -> str:
        """What is shown of a line, or of what was read of it."""
        words = self._words.union(each for found in _CODE.findall(text) for each in found)
        if self._addresses:
            words.update(_ADDRESS.findall(text))
        labels: dict[str, str] = {}
        hidden = _ESCAPED.sub(r"\1", self._hide(text))  # As JSON writes quotes, which would be parts of words.
        marked = _LABEL.sub(lambda found: labels.setdefault(found[0], _MARK.format(len(labels))), hidden)
        shown = Mask(b"", words.union(labels.values()))(marked)
        self.hidden += shown.count(_UNKNOWN)
        for label, mark in labels.items():
            shown = shown.replace(mark, label)
        return shown


@cache
def _signed() -> frozenset[str]:
    """The words of all our signatures."""
    return frozenset[str]().union(*harmless()[0].values())
