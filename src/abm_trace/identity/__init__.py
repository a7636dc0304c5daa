"""Identity: which facts are one device. One device a physical unit, whatever names it shows."""

from abm_trace.identity.owners import Owners, Scope
from abm_trace.identity.resolve import Resolution, resolve
from abm_trace.identity.serials import Serials, canonical

__all__ = ["Owners", "Resolution", "Scope", "Serials", "canonical", "resolve"]
