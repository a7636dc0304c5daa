"""The steps of the checklist: what each looks at, in the case or from here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from abm_trace.checks import audit as audit_checks
from abm_trace.checks import clock as clock_checks
from abm_trace.checks import region as region_checks
from abm_trace.checks import token as token_checks
from abm_trace.checks.hosts import apples, read
from abm_trace.cli import _tracing
from abm_trace.cli.check import _files, audit, boot_log, network, payload
from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Fact, Finding, Reading
from abm_trace.gates.checklist import Step
from abm_trace.gates.looks import Subject, clock, region, tls, together, token
from abm_trace.gates.looks.network import DO as NETWORK
from abm_trace.gates.looks.network import Preflight
from abm_trace.gates.looks.network import look as preflight
from abm_trace.net import sntp
from abm_trace.net.allow import Allow
from abm_trace.net.reach import place
from abm_trace.pipeline.triage import Triage
from abm_trace.sources.probes import abm
from abm_trace.sources.probes.tls import Plan
from abm_trace.sources.probes.wall import now_us
from abm_trace.verdict import thresholds

_SHOWN_MAX = 200
"""How many failed boots are told one by one. Origin: ours."""


@dataclass(frozen=True)
class Asked:
    """What the user named; what is not named is looked for in the case."""

    case: Path | None
    region: str
    tokens: tuple[Path, ...]
    logs: tuple[Path, ...]
    hosts: tuple[str, ...]
    servers: tuple[str, ...]
    payloads: tuple[Path, ...]
    listed: Path | None
    at: str | None
    proxy: str | None
    trust: str | None
    timeout_s: float
    loopback: bool


def do() -> dict[str, str]:
    """What to do about each finding of any step."""
    return {
        **NETWORK, **payload.do(), **token_checks.DO, **region_checks.DO, **clock_checks.DO, **audit_checks.DO,
        **boot_log.DO,
    }  # fmt: skip


def steps(asked: Asked) -> tuple[list[Step], Callable[[], object] | None]:
    """Every step, and what reads the case for them, if there is one. What stands on the case runs here, one after the
    other, and it is traced once: in one process, for others run beside it. What connects runs at the same time.
    """

    @cache
    def traced() -> Triage:
        if asked.case is None:
            raise UsageError("there is no case to look at", hint="Name it: abm-trace checklist CASE")
        return _tracing.trace(asked.case, _tracing.Tracing(jobs=1))

    every = [
        Step("token", partial(_token, asked, traced), inline=True),
        Step("boot-log", partial(_boot_log, asked, traced), inline=True),
        Step("audit", lambda: audit.look(traced()), inline=True),
        Step("tls", partial(_tls, asked)),
        Step("clock", partial(_clock, asked)),
        Step("payload", partial(_payload, asked, traced), inline=True),
        Step("network", partial(_network, asked)),
    ]
    return every, traced if asked.case is not None else None


def _readings(
    asked: Asked, given: Sequence[Path], traced: Callable[[], Triage], what: str, option: str
) -> Sequence[Reading]:
    """The readings of the files that were named, else of the case. Raises UsageError where there is neither."""
    if given:
        return _files.readings(tuple(given))
    if asked.case is None:
        raise UsageError(f"no {what} was named", hint=f"Name it, or a case that holds it: {option} FILE")
    return traced().readings


def _token(asked: Asked, traced: Callable[[], Triage]) -> Iterator[Subject]:
    as_of = now_us()
    found: list[Fact] = [
        fact
        for reading in _readings(asked, asked.tokens, traced, "token", "--token")
        for fact in reading.facts
        if fact.kind in {"token", "server_token"}
    ]
    if not found:
        yield Subject("token", problem="there is none", do="Name one: --token FILE, or put it into the case.")
    for fact in found:
        yield token.told(fact, as_of)
    if asked.region:
        yield from (
            region.token(fact, asked.region) for fact in found if fact.kind == "token" and _is_meant(fact, asked)
        )


def _is_meant(fact: Fact, asked: Asked) -> bool:
    """A case may hold tokens of other regions, too; one that was named is meant for this region."""
    return bool(asked.tokens) or fact.attrs.get("region", "") in {"", asked.region}


def _boot_log(asked: Asked, traced: Callable[[], Triage]) -> Iterator[Subject]:
    readings = _readings(asked, asked.logs, traced, "boot log", "--boot-log")
    logs = [reading for reading in readings if reading.captures]
    if not logs:
        yield Subject("boot log", problem="there is none", do="Name one: --boot-log FILE, or put it into the case.")
        return
    failed = [(reading, facts) for reading in logs if (facts := boot_log.standing(reading)[0])]
    registered = sum(bool(boot_log.standing(reading)[1]) for reading in logs)
    seen = f"{len(logs):,} read, {registered:,} with a registration, {len(failed):,} with a failure that stands"
    silent = bool(asked.logs) and not registered and not failed
    yield Subject("boot logs", seen, problem=boot_log.SILENT if silent else "")
    for reading, facts in failed[:_SHOWN_MAX]:
        origins = tuple(fact.origin for fact in facts[:3])
        finding = Finding("boot-failed", "check", facts[0].layer, "error", 100, origins, "", boot_log.FAILED)
        yield Subject(reading.path, findings=(finding,))


def _payload(asked: Asked, traced: Callable[[], Triage]) -> Sequence[Subject]:
    files = asked.payloads
    if not files:
        readings = _readings(asked, (), traced, "profile", "--payload")
        base = asked.case or Path()
        named = (base / each.path for each in readings if each.format in {"profile", "dep-profile"})
        files = tuple(path for path in named if path.is_file())
    subjects = payload.payloads(files, asked.region if asked.payloads else "")[0] if files else []
    return subjects or [
        Subject("profile", problem="there is none", do="Name one: --payload FILE, or put it into the case.")
    ]


def _tls(asked: Asked) -> Sequence[Subject]:
    names = asked.hosts or ((abm.host(asked.region),) if asked.region else ())
    if not names:
        raise UsageError("no endpoint was named", hint="Name the region or a host: --region eu-west, --host HOST")
    other = place(asked.at, 443) if asked.at else None
    through = place(asked.proxy, 3128) if asked.proxy else None
    plans = [Plan(place(each, 443), other, through, "", asked.trust, "", asked.timeout_s) for each in names]
    hosts = [each.host for each in (*(plan.endpoint for plan in plans), other, through) if each]
    allow = Allow(hosts, loopback=asked.loopback)
    return together([partial(tls.look, each, allow) for each in plans])


def _clock(asked: Asked) -> Sequence[Subject]:
    limit = thresholds().items["clock_s"]
    servers = [sntp.server(each) for each in asked.servers or clock.SERVERS]
    timeout_s = min(asked.timeout_s, sntp.TIMEOUT_S)
    return [clock.look(servers, limit.value, limit.origin, timeout_s=timeout_s, loopback=asked.loopback)[0]]


def _network(asked: Asked) -> Sequence[Subject]:
    listed = read(network.bounded(asked.listed), str(asked.listed)) if asked.listed else apples()
    through = place(asked.proxy, 3128) if asked.proxy else None
    return preflight(Preflight(listed, (), "", asked.trust, through, asked.timeout_s, asked.loopback))
