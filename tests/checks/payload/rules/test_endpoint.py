"""The findings of a handshake as rules: each that `check tls` can make has one."""

import re
from pathlib import Path

from abm_trace.checks import tls
from abm_trace.checks.payload import NOT_KNOWN, catalogue
from abm_trace.checks.payload.rules import endpoint


def test_every_finding_of_a_handshake_has_a_rule() -> None:
    """If this failed, a handshake that went wrong would end abm-validate with a fault of its own."""
    made = set(re.findall(r'"(tls-[a-z-]+)"', Path(tls.__file__).read_text()))
    assert {rule.id for rule in endpoint.RULES} == {*made, NOT_KNOWN}
    assert made == tls.DO.keys()
    assert made <= catalogue().keys()
