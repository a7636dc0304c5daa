"""The MDM servers of a scenario: their products, how their side of automated enrolment is told, and what ails them."""

import msgspec

from abm_lab.moments import HOUR

TROUBLE_BEFORE = 26 * HOUR
"""How long before `as_of` a server's trouble begins."""
TELLINGS = frozenset({"fetch", "sync", "both", "webhooks", "list", "none"})
# Whose own list shows a push, and whose shows the sync alone: truths without a log hang on it.
_OWN_LIST = {"list": ("jamf", "kandji"), "none": ("intune", "fleet")}
TROUBLES = frozenset({"", "terms", "token", "cursor", "recovered"})


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One MDM server, as a scenario file names it; `name` is its name in ABM and at its own syncer."""

    name: str
    product: str
    dep: str = "webhooks"
    """Who tells: saved answers of `fetch`, `sync` or `both`, a syncer's `webhooks`, the product's `list`, or `none`."""
    trouble: str = ""
    """What its syncer meets in the end: `terms`, `token`, `cursor`; `recovered` met the terms and is well again."""
    told: bool = True
    """False: nothing of this server is in the case, only ABM names it."""

    @property
    def id(self) -> str:
        """Its id in ABM: made of its name, so that every page agrees."""
        return self.name.encode().hex().upper().ljust(32, "0")[:32]

    @property
    def is_told_well(self) -> bool:
        """Whether `dep` is possible for this product, so that the truths hold which hang on it."""
        return not self.told or self.product in _OWN_LIST.get(self.dep, (self.product,))

    @property
    def url(self) -> str:
        """Where devices enrol."""
        return f"https://{self.name}.example.org/mdm/enroll"

    @property
    def tells_push(self) -> bool:
        """Whether some source of the case shows that a device fetched its profile."""
        return self.told and self.dep != "none"
