"""The preflight as a look; the command's test has the whole of it."""

import pytest
from tests.net import crooked

from abm_trace.checks.hosts import read
from abm_trace.gates.looks.network import Preflight, look

LIST = '[[group]]\nhosts = [{host = "a.example", ports = ["80"], need = "should", who = "mdm", at = "AT"}]'


def test_whom_it_is_for_and_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a host that others need would be asked, or a proxy of this computer stay unseen."""
    monkeypatch.setenv("HTTPS_PROXY", "http://u:secret@p:1")
    with crooked.serving(crooked.silent) as (at, met):
        listed = read(LIST.replace("AT", str(at)).encode(), "x")
        (proxy,) = look(Preflight(listed, who="device", loopback=True))
        assert (proxy.findings[0].id, met) == ("net-proxy", [])
        assert "secret" not in proxy.findings[0].text
        found = look(Preflight(listed, who="mdm", loopback=True, timeout_s=2))
    assert [each.name for each in found] == ["a.example:80", "proxy"]
    assert found[0].findings == ()


def test_without_leave_nobody_inward_is_asked() -> None:
    """If this failed, a list could lead a preflight to this computer."""
    with crooked.serving(crooked.silent) as (at, met):
        (found, *_) = look(Preflight(read(LIST.replace("AT", str(at)).encode(), "x"), timeout_s=2))
    assert [each.id for each in found.findings] == ["net-inward"]
    assert met == []
