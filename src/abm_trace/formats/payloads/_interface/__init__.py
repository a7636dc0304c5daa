"""What the payloads share: property lists and CMS envelopes, opened within bounds."""

from abm_trace.core.nouns import Skipped
from abm_trace.formats._interface import Content, FormatError
from abm_trace.formats._plist import A_TEXT, Kinds, Node, parse_plist
from abm_trace.formats.payloads._interface._cms import Envelope, in_clear, is_cms, is_mail, open_cms

__all__ = [
    "A_TEXT", "Envelope", "Kinds", "Node", "in_clear", "is_cms", "is_mail", "open_cms", "parse_plist", "refused",
]  # fmt: skip

PAYLOAD_BYTES_MAX = 8 * 1024 * 1024
"""The largest payload that is opened. Origin: ours; real profiles have some kilobytes."""


def refused(content: Content, error: FormatError) -> Skipped:
    """What names a payload that cannot be read; of one in an envelope no line is known, for the error counts inside."""
    plain = content.data.lstrip()[:1] == b"<"
    return Skipped(content.path, str(error), error.line if plain else None)
