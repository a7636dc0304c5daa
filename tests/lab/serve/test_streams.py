"""What devices log and syncers post, received and traced."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.lab.serve.sinks import Frames, Posts, receiving
from tests.lab.serve.test_lab import traced

from abm_lab.case import make_plan, write_case
from abm_lab.serve.certificates import Authority
from abm_lab.serve.clock import real_now
from abm_lab.serve.files import write_private
from abm_lab.serve.lab import Lab, Options
from abm_lab.serve.run import serving
from abm_lab.serve.sending import Targets
from abm_lab.serve.streams import events, lines


@contextmanager
def _sending(
    tmp_path: Path, scenario: str, *, logs_to: str = "", webhooks_to: str = "", sink: Frames | None = None
) -> Iterator[Lab]:
    """A lab that has sent everything; a sink of syslog trusts its client certificate and no other."""
    folder = tmp_path / "lab"
    trusted = None if sink is None else tmp_path / "ca.pem"
    options = Options(folder, scenario, targets=Targets(logs_to, webhooks_to), trusted=trusted)
    lab = Lab(options, make_plan(folder, scenario, 300, 6, 11, 1))
    if sink is not None:
        sink.context.load_verify_locations(folder / "client-ca.pem")
    with serving(lab):
        until = time.monotonic() + 120
        streams = [stream.progress for stream in lab.streams]
        while not all(stream.is_done or stream.failed for stream in streams) and time.monotonic() < until:
            time.sleep(0.05)
        assert [(stream.is_done, stream.failed) for stream in streams] == [(True, "")] * len(streams)
        yield lab


def test_lines_are_in_order_and_with_a_seed_some_late_and_twice(mixed: Lab) -> None:
    """A receiver's order and duplicates could not be tried, or a line would be lost."""
    told = list(lines(mixed.world, None))
    assert [line.at for line in told] == sorted(line.at for line in told)
    disturbed = list(lines(mixed.world, 5))
    assert {line.content for line in disturbed} == {line.content for line in told}
    assert len(told) * 1.001 < len(disturbed) < len(told) * 1.03
    assert [line.at for line in disturbed] == sorted(line.at for line in disturbed)
    order = {line.content: number for number, line in enumerate(told)}
    places = [order[line.content] for line in disturbed]
    assert places != sorted(places)


def test_events_are_those_of_the_case(mixed: Lab, tmp_path: Path) -> None:
    """Webhooks would tell of another world than the case."""
    case = write_case(tmp_path, "mixed-dialect", 300, 6, 11, 1, jobs=1)
    written = [line for path in case.rglob("webhooks.ndjson") for line in path.read_bytes().splitlines()]
    told = events(mixed.world)
    assert sorted(event.content for event in told) == sorted(written)
    assert [event.at for event in told] == sorted(event.at for event in told)


@pytest.mark.slow
def test_a_case_of_what_was_received_is_judged_alike(tmp_path: Path) -> None:
    """The logs that devices send, or the events that syncers post, would prove something else than the case's."""
    case = write_case(tmp_path, "mixed-dialect", 300, 6, 11, 1, jobs=1)
    written, _ = traced(case)
    sink = Posts()
    with receiving(sink) as port:
        base = f"http://127.0.0.1:{port}"
        with _sending(tmp_path, "mixed-dialect", logs_to=f"{base}/logs", webhooks_to=f"{base}/hooks"):
            pass
    for path in (*(case / "logs").rglob("*.*"), *case.rglob("webhooks.ndjson")):
        if path.is_file() and path.name not in {"profiles-show.txt", "mobileactivationd.log"}:
            path.unlink()
    for asked, headers, body in sink.taken:
        assert headers["X-Simulated"] == "abm-lab"
        if asked == "/logs":
            kept = case / "logs" / headers["X-Device"] / f"boot-{headers['X-Boot']}.log"
        else:
            event = json.loads(body)
            kept = case / "dep" / event.get("device_response_event", {}).get("dep_name", "nanomdm") / "webhooks.ndjson"
        end = b"" if asked == "/logs" else b"\n"
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.open("ab") as file:
            file.write(body + end)
    received, graded = traced(case)
    assert received == written
    assert graded.macro_f1_with_causes >= 0.99


def test_syslog_frames_come_over_mutual_tls(tmp_path: Path) -> None:
    """A receiver of RFC 5425 could not be tried: it would not see whole frames, or not who sends them."""
    root = Authority("receiver", real_now())
    leaf = root.leaf("receiver", ["127.0.0.1"])
    for name, content in (("ca.pem", root.identity.pem), ("own.pem", leaf.pem), ("own.key", leaf.key_pem)):
        write_private(tmp_path / name, content)
    sink = Frames(tmp_path / "own.pem", tmp_path / "own.key")
    with receiving(sink) as port:
        with _sending(tmp_path, "healthy", logs_to=f"syslog+tls://127.0.0.1:{port}", sink=sink) as lab:
            expected = [line.content.rstrip(b"\n") for line in lines(lab.world, None)]
        until = time.monotonic() + 10
        while not sink.links and time.monotonic() < until:
            time.sleep(0.05)
    (told,) = sink.links
    frames = []
    while told:
        length, _, told = told.partition(b" ")
        frames.append(told[: int(length)])
        told = told[int(length) :]
    assert frames == expected
    assert "abm-client-cert-v2" in str(sink.senders)
