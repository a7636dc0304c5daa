"""The verdict: where a device stopped, which layer stopped it, on what evidence, and what to do next."""

from abm_trace.verdict.clocks import offset_us
from abm_trace.verdict.context import Context, Reach, build
from abm_trace.verdict.judge import judge
from abm_trace.verdict.settings import Thresholds, thresholds
from abm_trace.verdict.thinning import thinned

__all__ = ["Context", "Reach", "Thresholds", "build", "judge", "offset_us", "thinned", "thresholds"]
