"""Everything that the lab sends by itself."""

import asyncio
import ssl
from pathlib import Path

import pytest
from tests.lab.serve.sinks import Posts, receiving

from abm_lab.case import make_plan
from abm_lab.serve.checkins import CONTENT_TYPE
from abm_lab.serve.lab import Lab, Options
from abm_lab.serve.posting import TargetError
from abm_lab.serve.sending import Targets, streams


def _lab(tmp_path: Path) -> Lab:
    return Lab(Options(tmp_path, "mixed-dialect"), make_plan(tmp_path, "mixed-dialect", 100, 3, 1, 1))


def test_all_streams_run_to_their_end(tmp_path: Path) -> None:
    """A stream would stop early, or not say that it is done."""
    lab, sink = _lab(tmp_path), Posts()
    with receiving(sink) as port:
        base = f"http://127.0.0.1:{port}"
        targets = Targets(f"{base}/logs", f"{base}/hooks", f"{base}/mdm")
        made = streams(lab.world, targets, ssl.create_default_context(), lab.trust.devices, None)
        for stream in made:
            asyncio.run(stream.run())
    assert [(stream.progress.is_done, stream.progress.failed) for stream in made] == [(True, "")] * 3
    kinds = {path: {headers["Content-Type"] for asked, headers, _ in sink.taken if asked == path} for path in ("/mdm",)}
    assert kinds == {"/mdm": {CONTENT_TYPE}}
    assert all("Mdm-Signature" in headers for path, headers, _ in sink.taken if path == "/mdm")
    assert {path for path, _, _ in sink.taken} == {"/logs", "/hooks", "/mdm"}


def test_a_target_that_refuses_ends_its_stream_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lab would look as if it had sent everything."""
    lab, sink = _lab(tmp_path), Posts()
    sink.refuse_with, sink.asked = 403, 4
    with receiving(sink) as port:
        url = f"http://127.0.0.1:{port}/"
        made = streams(lab.world, Targets(webhooks=url), ssl.create_default_context(), lab.trust.devices, None)
        asyncio.run(made[0].run())
    assert (made[0].progress.is_done, "HTTP 403" in made[0].progress.failed) == (False, True)
    assert "nothing more is sent there" in capsys.readouterr().err


def test_what_is_no_address_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """A misspelled address would be found when the world has run for an hour."""
    lab = _lab(tmp_path)
    for targets in (Targets(logs="ftp://h/"), Targets(webhooks="syslog+tls://h/"), Targets(checkins="h")):
        with pytest.raises(TargetError):
            streams(lab.world, targets, ssl.create_default_context(), lab.trust.devices, None)
