"""The errors of the evidence log."""

from abm_trace.core.errors import AbmTraceError


class EvidenceError(AbmTraceError):
    """Something of the evidence log is not as it must be, or was asked to become so."""


class FormatError(EvidenceError):
    """Bytes that are no entry, note, checkpoint, key, tile or bundle."""


class RefusedError(EvidenceError):
    """The log refuses: too early, under a hold, without a second person, or from a store that was tampered with."""


class UnreadableError(EvidenceError):
    """An input that was to be kept cannot be read; the log itself is as it was."""
