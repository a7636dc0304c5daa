"""The network preflight from this segment: every host of the list at once, and who answers in its place (SPEC C8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from abm_trace.checks import network, tls
from abm_trace.checks.hosts import Host, Hosts, Port
from abm_trace.gates.looks import Subject, live, system_proxy, together
from abm_trace.gates.looks import tls as tls_look
from abm_trace.net.allow import Allow
from abm_trace.net.http import Way
from abm_trace.net.reach import Place, ReachError, place
from abm_trace.sources.probes import network as probes
from abm_trace.sources.probes.tls import Plan

DO = {**tls.DO, **network.DO}
_CAPTIVE = "captive portal"


@dataclass(frozen=True, slots=True)
class Preflight:
    """What to look at, and how; `who` limits the list to what they ask (`device`, `mdm`, `mac`), "" for all."""

    hosts: Hosts
    more: tuple[Place, ...] = ()
    who: str = ""
    trust: str | None = None
    proxy: Place | None = None
    timeout_s: float = 5.0
    loopback: bool = False


def look(asked: Preflight) -> tuple[Subject, ...]:
    """A subject for each port of each host, and for the captive portal and the proxy."""
    wanted = [each for each in asked.hosts.hosts if not asked.who or each.who == asked.who]
    wanted += [
        Host(each.host, (Port(each.port),), "must", "device", "", "site", "named by you", tls=True)
        for each in asked.more
    ]
    allow = _allow(wanted, asked)
    jobs: list[tuple[Host | None, Callable[[], Subject]]] = [
        (host, partial(_one, host, port, allow, asked)) for host in wanted for port in host.ports
    ]
    if asked.hosts.captive_url and not asked.proxy:
        jobs.append((None, partial(_portal, asked, allow)))
    found = together([call for _, call in jobs])
    subjects = list(_settled([host for host, _ in jobs], found))
    if proxy := system_proxy():
        subjects.append(Subject("proxy", findings=(network.proxied(proxy, live("proxy", "environment")),)))
    return tuple(subjects)


def _allow(wanted: Sequence[Host], asked: Preflight) -> Allow:
    """Nobody but who is on the list, and whoever the list says stands in for them."""
    places = [place(each.at, 443) for each in wanted if each.at]
    places += [place(asked.hosts.captive_at, 80)] if asked.hosts.captive_at else []
    names = [*(each.host for each in wanted), *(each.host for each in (*places, asked.proxy) if each)]
    captive = asked.hosts.captive_url.partition("://")[2].partition("/")[0].partition(":")[0]
    return Allow([*names, captive], loopback=asked.loopback)


def _one(host: Host, port: Port, allow: Allow, asked: Preflight) -> Subject:
    goal = Place(host.host, port.number)
    at = place(host.at, port.number) if host.at else None
    if host.tls and not port.udp and (port.number == 443 or host.origin == "site"):
        plan = Plan(goal, at, asked.proxy, trust=asked.trust, timeout_s=asked.timeout_s)
        return _handshake(host, port, plan, allow, asked.hosts)
    way = Way(proxy=asked.proxy, at=at, timeout_s=asked.timeout_s)
    name = f"{goal}/udp" if port.udp else str(goal)
    try:
        reached = (probes.time_server if port.udp else probes.port)(goal, allow, way)
    except ReachError as error:
        finding = network.unreached(host, port, error.why, str(error), live(name, "network"))
        return Subject(name, findings=(finding,))
    return Subject(name, " ".join(filter(None, (f"{reached.address} ({reached.took_ms:.0f} ms)", reached.says))))


def _handshake(host: Host, port: Port, plan: Plan, allow: Allow, known: Hosts) -> Subject:
    unreached: list[ReachError] = []
    subject = tls_look.look(plan, allow, unreached=unreached, known=known)
    if not unreached:
        return subject
    finding = network.unreached(host, port, unreached[0].why, str(unreached[0]), live(subject.name, "network"))
    return Subject(subject.name, findings=(finding,))


def _portal(asked: Preflight, allow: Allow) -> Subject:
    at = place(asked.hosts.captive_at, 80) if asked.hosts.captive_at else None
    way = Way(at=at, timeout_s=asked.timeout_s)
    try:
        answer = probes.page(asked.hosts.captive_url, allow, way)
    except ReachError as error:
        return Subject(_CAPTIVE, problem=str(error), do=tls_look.DO[error.why])
    finding = network.captive(
        answer.status, answer.headers, answer.body, asked.hosts.captive_says, live(_CAPTIVE, "network")
    )
    seen = "" if finding else f"none, {asked.hosts.captive_url} says {asked.hosts.captive_says}"
    return Subject(_CAPTIVE, seen, (finding,) if finding else ())


def _settled(wanted: Sequence[Host | None], found: Sequence[Subject]) -> Sequence[Subject]:
    """A closed port only informs where another port of the host does as well and is open."""
    open_ = {
        host.host for host, subject in zip(wanted, found, strict=True) if host and host.any and not subject.findings
    }
    settled = []
    for host, subject in zip(wanted, found, strict=True):
        if host is not None and host.host in open_ and subject.findings:
            notes = tuple(network.one_is_enough(each) for each in subject.findings)
            settled.append(Subject(subject.name, subject.seen, notes))
        else:
            settled.append(subject)
    return settled
