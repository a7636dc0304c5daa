"""How likely it is by chance alone that so many of the failed have something in common."""

from math import exp, lgamma


def at_least(failed: int, failed_of: int, healthy: int, healthy_of: int) -> float:
    """How likely at least `failed` of the failed would have it, had chance dealt it out among failed and healthy.

    Fisher's exact test, one-sided (R. A. Fisher, Statistical Methods for Research Workers, section 21.02).
    """
    having, every = failed + healthy, failed_of + healthy_of
    total = 0.0
    for number in range(max(failed, failed_of - (every - having)), min(having, failed_of) + 1):
        ways = _choose(having, number) + _choose(every - having, failed_of - number) - _choose(every, failed_of)
        total += exp(ways)
        if exp(ways) < total * 1e-15:  # The terms only fall from here.
            break
    return min(1.0, total)


def _choose(of: int, number: int) -> float:
    return lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)
