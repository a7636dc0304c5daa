"""The only place that knows the order of the stages."""

from abm_trace.pipeline.triage import NothingReadable, Options, Triage, triage

__all__ = ["NothingReadable", "Options", "Triage", "triage"]
