"""Writes a simulated case with its truth: `OUT/case/` for the tracer, `OUT/truth.json` beside it for the grader."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import msgspec

from abm_lab import chunk, sites
from abm_lab import scenario as scenarios
from abm_lab.apple import server_files
from abm_lab.chunk import Chunk, Sheaf
from abm_lab.fleet import make_sites, serial_number
from abm_lab.moments import HOUR, rfc3339
from abm_lab.plant import COLUMNS
from abm_lab.rollout import Plan
from abm_lab.strays import stray_files
from abm_lab.truth import SCHEMA

_HEADERS = {
    "manifest.csv": chunk.MANIFEST_HEADER,
    "abm/audit.csv": chunk.AUDIT_HEADER,
    "mdm/inventory.csv": chunk.MDM_HEADER,
    "clock/samples.csv": chunk.CLOCK_HEADER,
}
_README = """This folder was written by abm-lab. It is SIMULATED: no device, clinic or person in it exists.

case/       what a tracer reads
truth.json  what is true, for `abm-lab grade`; keep it away from the tracer
"""
_encode = msgspec.json.encode


class CaseError(Exception):
    """A case that cannot be written as asked; the text says what to change."""


def write_case(  # noqa: PLR0917 - the order of the command line, in which tests call it
    out: Path,
    scenario: str = "chicago",
    devices: int = 1000,
    sites: int = 20,
    seed: int = 1,
    log_kb: int = 20,
    *,
    as_of: datetime | None = None,
    jobs: int | None = None,
    planted: Mapping[str, str] | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Path:
    """Write the case and its truth below `out`, and return the path of the case folder.

    Same arguments, same bytes, whatever `jobs` is. `log_kb` is the kilobytes of log a device; 0 writes no logs and no
    captures. `planted` are manifest columns that the failing devices share. `progress` is told how many more devices
    are done. Raises CaseError or ScenarioError.
    """
    root = out / "case"
    if root.exists() or (out / "truth.json").exists():
        raise CaseError(f"{out} holds a case already; remove it, or give another folder")
    plan = make_plan(root, scenario, devices, sites, seed, log_kb, as_of=as_of, planted=planted)
    _make_folders(plan)
    (out / "README.txt").write_text(_README, encoding="utf-8", newline="\n")
    (root / "case.toml").write_text(_case_toml(plan, scenario), encoding="utf-8", newline="\n")
    hosts: set[tuple[int, str]] = set()
    begun = False
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        truth = stack.enter_context((out / "truth.json").open("wb"))
        truth.write(_truth_head(plan, scenario))
        for sheaf in stack.enter_context(_sheaves(plan, jobs or os.cpu_count() or 1)):
            for path, content in sheaf.appended.items():
                _append(plan.root, files, stack, path, content)
            truth.write(b",\n" + sheaf.truths if begun else sheaf.truths)
            begun = True
            hosts |= sheaf.hosts
            progress(sheaf.devices)
        truth.write(b"\n]}\n")
        for path, content in _case_files(plan, sorted(hosts)):
            _append(plan.root, files, stack, path, content)
    return root


def make_plan(  # noqa: PLR0917 - As write_case.
    root: Path,
    scenario: str,
    devices: int,
    sites: int,
    seed: int,
    log_kb: int,
    *,
    as_of: datetime | None = None,
    planted: Mapping[str, str] | None = None,
) -> Plan:
    """The plan of a rollout, whose arguments are those of `write_case`. Raises CaseError or ScenarioError."""
    if devices < 1 or sites < 1 or log_kb < 0 or not 0 <= seed < 1 << 40:
        raise CaseError(
            "give at least one device and one site, a log size of 0 or more, and a seed from 0 to 2**40 − 1"
        )
    chosen = scenarios.load(scenario, as_of)
    if unknown := sorted(set(planted or ()) - COLUMNS):
        raise CaseError(f"{', '.join(unknown)} cannot be planted; {', '.join(sorted(COLUMNS))} can")
    assignment = scenarios.assign(chosen, devices, seed)
    return Plan(root, chosen, seed, log_kb * 1000, sites, assignment, dict(planted or {}))


@contextmanager
def _sheaves(plan: Plan, jobs: int) -> Iterator[Iterator[Sheaf]]:
    """The sheaves of all chunks in their order, made by as many processes as there are jobs."""
    numbers = range(plan.chunks())
    jobs = min(jobs, len(numbers))
    if jobs < 2:
        yield (Chunk(plan, number).write() for number in numbers)
        return
    pools: list[ProcessPoolExecutor] = []
    try:
        pools.extend(_process(plan) for _ in range(jobs))
        begun = deque(pools[number % jobs].submit(_work, number) for number in numbers)
        yield (begun.popleft().result() for _ in numbers)
    except BrokenProcessPool as error:  # A pool of `multiprocessing` itself would wait for ever.
        raise CaseError(
            "a process that writes the case was killed, perhaps for want of memory; try --jobs 1"
        ) from error
    finally:
        for pool in pools:
            pool.shutdown(cancel_futures=True)


def _process(plan: Plan) -> ProcessPoolExecutor:
    """A process of its own. Killed in the midst of an answer, it is found out by the end of its pipe.

    Whoever else held the writing end, this process or another, would have the pool wait for the rest for ever.
    """
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _prepare, (plan,))
    pool.submit(int)  # Starts it.
    pool._result_queue._writer.close()  # type: ignore[attr-defined]  # noqa: SLF001 - No public way leads to it.
    return pool


_plans: list[Plan] = []


def _prepare(plan: Plan) -> None:
    _plans[:] = [plan]


def _work(number: int) -> Sheaf:
    return Chunk(_plans[0], number).write()


def _append(root: Path, files: dict[str, BinaryIO], stack: ExitStack, path: str, content: bytes) -> None:
    if not content:
        return
    if path not in files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        files[path] = stack.enter_context((root / path).open("wb"))
        files[path].write(_HEADERS.get(path, "").encode())
    files[path].write(content)


def _make_folders(plan: Plan) -> None:
    for folder in ("abm", "mdm", "tls", "clock", "tokens"):
        (plan.root / folder).mkdir(parents=True, exist_ok=True)
    if plan.log_bytes:
        for site in make_sites(plan.site_count):
            (plan.root / "logs" / site.id).mkdir(parents=True, exist_ok=True)


def _case_files(plan: Plan, hosts: list[tuple[int, str]]) -> Iterator[tuple[str, bytes]]:
    all_sites = make_sites(plan.site_count)
    start, _, as_of = scenarios.span(plan.scenario)
    if scenarios.has_guide(plan.scenario):
        yield from sites.token_files(as_of)
        yield from sites.profile_files(all_sites)
    if plan.scenario.servers:
        until = as_of - plan.scenario.coverage.dep * HOUR
        zone = ZoneInfo(plan.scenario.timezone)
        if plan.scenario.organisation:
            yield from server_files.org_files(plan.scenario.servers, until, as_of)
        yield from server_files.files(plan.scenario.servers, start, until, as_of, zone)
    for index, condition in hosts:
        site = all_sites[index]
        yield from sites.host_files(site, condition, as_of)
        probes = sites.host_probes(site, condition, start, as_of)
        yield "tls/probes.ndjson", b"".join(_encode(probe) + b"\n" for probe in probes)
        clocks = sites.host_clocks(site, condition, start, as_of)
        rows = (",".join(msgspec.structs.astuple(sample)) + "\n" for sample in clocks)
        yield "clock/samples.csv", "".join(rows).encode()
    if plan.log_bytes:
        serials = [serial_number(plan.seed, len(plan.assignment) + extra) for extra in range(plan.scenario.strays)]
        yield from stray_files(plan, serials)


def _case_toml(plan: Plan, name: str) -> str:
    coverage = scenarios.covered_until(plan.scenario)
    lines = [
        "# Written by abm-lab: a simulated rollout, no device in it exists.",
        "simulated = true",
        f'scenario = "{Path(name).stem}"',
        f"seed = {plan.seed}",
        f'timezone = "{plan.scenario.timezone}"',
        *(("", "[coverage]") if coverage else ()),
        *(f"{source} = {moment.isoformat().replace('+00:00', 'Z')}" for source, moment in coverage.items()),
    ]
    return "\n".join(lines) + "\n"


def _truth_head(plan: Plan, name: str) -> bytes:
    head = {
        "schema": SCHEMA,
        "simulated": True,
        "scenario": Path(name).stem,
        "proportions": plan.scenario.proportions,
        "seed": plan.seed,
        "as_of": rfc3339(scenarios.span(plan.scenario)[2]),
    }
    return _encode(head)[:-1] + b',"devices":[\n'
