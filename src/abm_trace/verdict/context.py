"""What is wider than one device: probes, clocks of hosts, profiles, tokens, and how far each side was read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from abm_trace.core.nouns import Fact, Origin
from abm_trace.core.packed import Packed
from abm_trace.core.products import is_another
from abm_trace.verdict.settings import Thresholds, thresholds
from abm_trace.verdict.wide import Gathering, Named, Order, Scoped, Timed, order

ABM_DOMAIN: Final = ".abm.apple.com"
CONFIGURATION_HOST: Final = "iprofiles.apple.com"
"""Where a device of the Apple dialect asks for its enrolment profile (support.apple.com/101555)."""

SIDES: Final[Mapping[str, tuple[str, ...]]] = {"apple": ("audit", "abm", "dep"), "mdm": ("mdm",), "org": ("org",)}
"""The sources of each side's confirmation. `org`, the list of the organisation's devices, confirms nothing: it says
that a device without a row in it is none of the organisation's."""

ABM_SOURCES: Final = ("audit", "abm")
"""Apple's side in the guide dialect; in its own it is the DEP service's."""

_TRUST_CODES: Final = frozenset({"10", "18", "19", "20", "21", "23"})
"""openssl's verify codes of an expired, self-signed, unknown or revoked chain (openssl-verification-options(1))."""

_UNKNOWN_CODES: Final = frozenset({"18", "19", "20", "21"})
"""Those of them that say no more than that openssl does not know the root."""


class Reach(msgspec.Struct, frozen=True):
    """How far a side was read: up to `until` (None: not at all), in which blobs, and where each of them ends.

    `server` is the MDM server whose devices were read, "" where that is not known, or all were; `source` the family
    (`audit`, `dep`, `mdm` …), and `product` the MDM product that told it, "" where it was none. `kind` is `computer` or
    `mobile` where the product has a list of each and only this one was read (Jamf).
    """

    until: int | None = None
    interval: int = 0
    origins: tuple[Origin, ...] = ()
    server: str = ""
    source: str = ""
    product: str = ""
    kind: str = ""


_ORIGINS_MAX: Final = 3
"""How many blobs stand for what was read of a family: the ones that reach furthest."""


class Server(msgspec.Struct, frozen=True):
    """What is known of an MDM server: the tries to sync that say how it fares, in order of time, and its token.

    Of thousands these are the last one, the last that succeeded or names a cause, and the newest that succeeded.
    """

    syncs: tuple[Fact, ...] = ()
    token: Fact | None = None

    def failing(self) -> Fact | None:
        """The last failure that names a cause, if no sync succeeded after it."""
        for fact in reversed(self.syncs):
            if fact.kind == "sync_ok":
                return None
            if fact.cause:
                return fact
        return None


class Context(msgspec.Struct, frozen=True):
    """Everything that a verdict may look at beside its device's own facts. Build it once a case with `build`."""

    thresholds: Thresholds = msgspec.field(default_factory=thresholds)
    reach: Mapping[str, Sequence[Reach]] = msgspec.field(default_factory=dict)
    probes: Scoped[tuple[str, str]] = msgspec.field(default_factory=Scoped)
    clocks: Scoped[str] = msgspec.field(default_factory=Scoped)
    profiles: Mapping[tuple[str, str], Sequence[Fact]] = msgspec.field(default_factory=dict)
    tokens: Named = msgspec.field(default_factory=Named)
    servers: Mapping[str, Server] = msgspec.field(default_factory=dict)
    weights: Mapping[str, tuple[int, str]] = msgspec.field(default_factory=dict)
    simulated: bool = False
    held: Mapping[str, str] = msgspec.field(default_factory=dict)
    """What the case holds of a side that was not read: `part` or `untold`; nothing of one that is not in it."""
    _merged: dict[tuple[str, str, tuple[str, ...], str], Reach] = msgspec.field(default_factory=dict)
    _read_for: dict[tuple[str, str], int | None] = msgspec.field(default_factory=dict)
    _servers_of: dict[str, str] = msgspec.field(default_factory=dict)
    _ends: dict[str, int] = msgspec.field(default_factory=dict)

    def side(self, name: str, server: str = "", sources: tuple[str, ...] = (), kind: str = "") -> Reach:
        """How far a side was read for the devices of an MDM server; "" for those of no known one: all that was read.

        `sources` are the families that count, all of the side if none is named; `kind` as `Reach` has it.
        """
        found = self._merged.get((name, server, sources, kind))
        if found is None:
            found = self._merged[name, server, sources, kind] = self._merge(name, server, sources, kind)
        return found

    def counts_apart(self) -> bool:
        """Whether what was read of the MDM is a list of computers, or one of mobile devices."""
        return any(each.kind for each in self.reach.get("mdm", ()))

    def read_until(self, origin: Origin) -> int | None:
        """How far the file of a record was read, None where nothing follows from what that lacks."""
        if not self._ends:
            for each in (each for side in self.reach.values() for each in side if each.until is not None):
                for end in each.origins:
                    self._ends[end.path] = max(self._ends.get(end.path, 0), each.until or 0)
        return self._ends.get(origin.path)

    def apple_read_for(self, record: Fact, server: str) -> int | None:
        """How far Apple's side was read for a device that has this record in an MDM: what other MDMs have of DEP is
        their own, and its silence says nothing (SPEC section 2: missing data never reads as failure).
        """
        own = server or record.attrs.get("server", "") or self._server_of(record.origin.path)
        asked = own, record.attrs.get("mdm", "")
        if asked not in self._read_for:
            read = [each for each in self.reach.get("apple", ()) if _tells_of(each, *asked)]
            self._read_for[asked] = max((each.until for each in read if each.until is not None), default=None)
        return self._read_for[asked]

    def _server_of(self, path: str) -> str:
        """The MDM server whose devices a file tells of, "" where that is not known."""
        if not self._servers_of:
            read = self.reach.get("mdm", ())
            self._servers_of.update((origin.path, each.server) for each in read for origin in each.origins)
        return self._servers_of.get(path, "")

    def _merge(self, name: str, server: str, sources: tuple[str, ...], kind: str) -> Reach:
        each = [
            reach
            for reach in self.reach.get(name, ())
            if (not (server and reach.server) or reach.server == server)
            and (not (sources and reach.source) or reach.source in sources)
            and (not (kind and reach.kind) or reach.kind == kind)
            and not (name == "mdm" and is_another(server, reach.product))
        ]
        known = sorted(each, key=lambda reach: (-(reach.until or 0), [each.path for each in reach.origins]))
        ends: dict[str, list[Origin]] = {}
        for reach in known:
            ends.setdefault(reach.source, []).extend(reach.origins)
        return Reach(
            max((reach.until for reach in each if reach.until is not None), default=None),
            max((reach.interval for reach in each), default=0),
            tuple(origin for of_a_family in ends.values() for origin in of_a_family[:_ORIGINS_MAX]),
            server,
        )

    def nearest(self, facts: Timed | tuple[()], at: int | None) -> list[Fact]:
        """The undated probes and, of each endpoint, the dated one nearest to `at` within the segment window.

        Of very many undated ones these are all that may prove anything.
        """
        if not facts:
            return []
        near = [] if at is None else facts.around(at, self.thresholds.us("segment_window_s"))
        return [*facts.undated(_is_problem), *near]


def _tells_of(read: Reach, server: str, product: str) -> bool:
    """Whether what was read of Apple's side tells of the devices of an MDM server and product ("" where not known)."""
    if read.source != "dep":
        return True
    if server and read.server:
        return read.server == server
    return not (product and read.product) or read.product == product


def build(
    wide: Iterable[tuple[str, str, Fact]],
    reach: Mapping[str, Sequence[Reach]],
    limits: Thresholds,
    weights: Mapping[str, tuple[int, str]],
    *,
    simulated: bool = False,
    held: Mapping[str, str] | None = None,
) -> Context:
    """The context of a case from its facts that are wider than a device: (scope, name, fact)."""
    probes = Gathering(tuple[str, str])
    clocks = Gathering(str)
    tokens = Gathering(str, as_they_came=True)
    profiles: dict[tuple[str, str], list[Fact]] = {}
    syncs: dict[str, dict[str, tuple[Order, Fact]]] = {}
    server_tokens: dict[str, Fact] = {}
    for kind, name, fact in wide:
        if fact.kind == "tls_probe":
            probes.add((kind, name), fact)
        elif fact.kind == "clock_offset":
            clocks.add(name, fact)
        elif fact.kind == "enrolment_profile":
            profiles.setdefault((kind, name), []).append(fact)
        elif fact.kind == "token":
            tokens.add(fact.value, fact)
        elif kind == "server" and fact.kind in {"sync_ok", "sync_failed"}:
            _try_to_sync(syncs.setdefault(name, {}), fact)
        elif kind == "server" and fact.kind == "server_token":
            known = server_tokens.get(name)
            server_tokens[name] = (
                fact if known is None else max(known, fact, key=lambda each: each.attrs.get("expires_at", ""))
            )
    for group in profiles.values():
        group.sort(key=order)
    servers = {
        name: Server(_in_order(syncs.get(name, {})), server_tokens.get(name)) for name in {*syncs, *server_tokens}
    }
    scoped = probes.scoped(), clocks.scoped(), profiles
    return Context(limits, reach, *scoped, _one_each(tokens), servers, weights, simulated, held or {})


def _try_to_sync(known: dict[str, tuple[Order, Fact]], fact: Fact) -> None:
    """Note a server's try to sync as what it may be the last of."""
    found = order(fact), fact
    succeeded = fact.kind == "sync_ok"
    roles = {"newest": succeeded and fact.at is not None, "telling": succeeded or fact.cause, "last": True}
    for role, holds in roles.items():
        if holds and (role not in known or known[role][0] <= found[0]):
            known[role] = found


def _in_order(tries: Mapping[str, tuple[Order, Fact]]) -> tuple[Fact, ...]:
    """The tries to sync in order of time, each of them once."""
    return tuple(sorted({id(fact): fact for _, fact in tries.values()}.values(), key=order))


def _one_each(tokens: Gathering[str]) -> Named:
    """Of each token what says most of it."""
    names: list[str] = []

    def fullest() -> Iterator[Fact]:
        for name, each in tokens.grouped():
            names.append(name)
            first, *others = each
            yield max(first, *others, key=lambda fact: sorted(fact.attrs.items())) if others else first

    facts = tokens.sequence()
    facts.extend(fullest())
    if isinstance(facts, Packed):
        facts.close()
    return Named(facts, names)


def trust_problem(probe: Fact) -> str:
    """What a TLS probe proves of L1, "" if nothing: staple, chain or root of an ABM endpoint (SPEC, L1)."""
    attrs = probe.attrs
    endpoint = attrs.get("endpoint", "")
    if endpoint and not endpoint.endswith(ABM_DOMAIN) and endpoint != CONFIGURATION_HOST:
        return ""
    if attrs.get("ocsp_status", "").casefold() == "revoked":
        return "the OCSP answer says revoked"
    if attrs.get("expired"):
        return f"expired in the chain: {attrs['expired']}"
    code = attrs.get("verify_code", "")
    if code in _TRUST_CODES and not (code in _UNKNOWN_CODES and _of_apple_s_root(attrs)):
        return f"verify code {code}"
    if attrs.get("stapled") == "no" and endpoint != CONFIGURATION_HOST:  # Elsewhere a missing staple only informs.
        return "no OCSP staple"
    return ""


def _is_problem(probe: Fact) -> bool:
    return bool(trust_problem(probe))


def _of_apple_s_root(attrs: Mapping[str, str]) -> bool:
    """Whether a certificate is of Apple's own root, which devices hold and openssl's store does not.

    From: public transcripts of gdmf.apple.com, whose verify code is 19 or 20 where all is well (macadmins/sofa wiki).
    """
    issuer = attrs.get("issuer", "").replace(" ", "")
    return "O=AppleInc." in issuer and not attrs.get("endpoint", "").endswith(ABM_DOMAIN)


def profile_problem(profile: Fact) -> str:
    """What a decoded enrolment profile lost, "" if nothing (SPEC, L5)."""
    attrs = profile.attrs
    method = attrs.get("enrollment_method")
    if method is None:
        return "enrollmentMethod is missing"
    if method.casefold() == "none":
        return "enrollmentMethod is none"
    if not attrs.get("server_url"):
        return "serverUrl is missing"
    return ""


def region_of(endpoint: str) -> str:
    """The region in an ABM endpoint's host, "" for any other host."""
    return endpoint.removesuffix(ABM_DOMAIN) if endpoint.endswith(ABM_DOMAIN) else ""
