"""Did a device register? What its verdict says of Apple's side alone: the question of licences and of the SLA."""

from abm_trace.core.nouns import Verdict


def registered(verdict: Verdict) -> bool | None:
    """Whether Apple's side confirmed the device; None while it is on its way, or where that side was not read.

    A device that vanished by its own log alone, or whose missing side was not read, is no failure to register.
    """
    match verdict.verdict:
        case "confirmed":
            return True
        case "rejected":
            return False
        case "vanished":
            return None if "apple" in verdict.missing else False
        case "unknown":  # Past its deadline without a failure: a side that is read is confirmed.
            return None if "apple" in verdict.missing else True
        case "half_confirmed":
            if "apple" not in verdict.missing:
                return True
            return False if any(finding.id == "apple-silent" for finding in verdict.findings) else None
        case _:
            return None
