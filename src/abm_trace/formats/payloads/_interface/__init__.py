"""What the payloads share: property lists and CMS envelopes, opened within bounds."""

from abm_trace.formats._plist import Node, parse_plist
from abm_trace.formats.payloads._interface._cms import Envelope, in_clear, is_cms, is_mail, open_cms

__all__ = ["Envelope", "Node", "in_clear", "is_cms", "is_mail", "open_cms", "parse_plist"]

PAYLOAD_BYTES_MAX = 8 * 1024 * 1024
"""The largest payload that is opened. Origin: ours; real profiles have some kilobytes."""
