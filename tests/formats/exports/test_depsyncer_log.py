"""Logs of DEP syncers."""

import json
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.apple import bare, claims, decoded
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats._interface import Content
from abm_trace.formats.exports import depsyncer_log
from abm_trace.formats.exports._interface import _dep

OK = (
    b"2022/07/06 22:27:18 level=info component=syncer name=mdmserver1 msg=device sync phase=fetch more=false"
    b" cursor=MTY1NzE0NzA5My0x devices=1 fetched_until=2022-07-06 15:38:13 -0700 PDT op_type_added=1\n"
)
FAILED = (
    b"2022/07/06 22:57:18 level=info component=syncer name=mdmserver1 msg=error syncing phase=sync cursor=MTY1"
    b' err=DEP HTTP error: 403 Forbidden: "T_C_NOT_SIGNED"\n'
)
NOISE = (
    b"2022/07/06 22:27:17 level=debug component=syncer name=mdmserver1 msg=starting timer duration=30m0s\n"
    b"2022/07/06 22:27:19 level=debug component=syncer name=mdmserver1 msg=cursor returned all devices previously"
    b" phase=fetch cursor=MTY1\n"
    b"2022/07/06 22:27:20 level=info msg=calling webhook err=unexpected HTTP status: 500\n"
)
STAMP = "2022/07/06 22:57:18"
SERVER = {"server": "mdmserver1"}


def test_a_sync() -> None:
    """If this fails, a server that works is not known to, or how far it read DEP."""
    assert claims(NOISE + OK, "syncer.log") == "depsyncer-log"
    facts, skipped = read(depsyncer_log, NOISE + OK)
    assert said(facts) == [
        ("sync_ok", "2022-07-06T22:27:18Z", "", SERVER),
        ("coverage", "2022-07-06T22:38:13Z", "dep", SERVER),
    ]
    assert {fact.source for fact in facts} == {"dep"}
    assert facts[0].origin.line == 4
    assert not skipped


def test_its_times_are_of_the_case_s_zone() -> None:
    """If this fails, a sync is hours away from where it was."""
    piece = Content("x", OK, ZoneInfo("America/Chicago"))
    facts, _ = read(depsyncer_log, OK, piece)
    assert [at for _, at, _, _ in said(facts)] == ["2022-07-07T03:27:18Z", "2022-07-06T22:38:13Z"]


@pytest.mark.parametrize(
    ("err", "value", "status", "cause"),
    [
        ('DEP HTTP error: 403 Forbidden: "T_C_NOT_SIGNED"', "T_C_NOT_SIGNED", "403", "terms_not_accepted"),
        (r"DEP HTTP error: 403 Forbidden: \"T_C_NOT_SIGNED\"", "T_C_NOT_SIGNED", "403", "terms_not_accepted"),
        ("DEP HTTP error: 403 Forbidden: T_C_NOT_SIGNED", "T_C_NOT_SIGNED", "403", "terms_not_accepted"),
        ("DEP HTTP error: 403 Forbidden: ACCESS_DENIED", "ACCESS_DENIED", "403", ""),
        ("transport: DEP auth error: 401 Unauthorized: oauth_problem_adviser=x", "401", "401", "token_expired"),
        ("unhandled auth error: DEP auth error: 401 Unauthorized: ", "401", "401", "token_expired"),
        ('DEP HTTP error: 400 Bad Request: "EXPIRED_CURSOR"', "EXPIRED_CURSOR", "400", "cursor_expired"),
        ("DEP HTTP error: 400 Bad Request: INVALID_CURSOR", "INVALID_CURSOR", "400", "cursor_expired"),
        ("DEP HTTP error: 429 Too Many Requests: ", "429", "429", "throttled"),
        ("DEP HTTP error: 400 Bad Request: USER_AGENT_INVALID", "USER_AGENT_INVALID", "400", ""),
        (
            "dial tcp: lookup mdmenrollment.apple.com: no such host",
            "dial tcp: lookup mdmenrollment.apple.com: no such host",
            "",
            "",
        ),
    ],
)
@pytest.mark.parametrize("form", ["std", "quoted", "logfmt", "slog", "json"])
def test_a_failure(form: str, err: str, value: str, status: str, cause: str) -> None:
    """If this fails, the reason why a server no longer syncs is not told, or is told as another."""
    quoted = json.dumps(err)
    lines = {
        "std": f"{STAMP} level=info component=syncer name=mdm 1 msg=error syncing phase=sync cursor= err={err}",
        "quoted": f"{STAMP} level=info component=syncer name=mdm 1 msg=error syncing phase=sync cursor= err={quoted}",
        "logfmt": 'level=info ts=2022-07-06T22:57:18Z component=nanodep-syncer name="mdm 1" msg="error syncing"'
        f" phase=sync cursor= err={quoted}",
        "slog": 'time=2022-07-06T22:57:18.000000000Z level=INFO msg="error syncing" component=nanodep-syncer'
        f' name="mdm 1" phase=sync cursor="" err={quoted}',
        "json": f'{{"component":"nanodep-syncer","err":{quoted},"level":"info","msg":"error syncing","name":"mdm 1",'
        '"phase":"sync","ts":"2022-07-06T22:57:18Z"}',
    }
    data = lines[form].encode()
    assert claims(data, "x.log") == "depsyncer-log"
    facts, skipped = read(depsyncer_log, data)
    attrs = {"server": "mdm 1"} | ({"status": status} if status else {})
    assert said(facts) == [("sync_failed", "2022-07-06T22:57:18Z", value, attrs)]
    assert (facts[0].layer, facts[0].cause) == ("L0" if cause else "", cause)
    assert not skipped


def test_a_failure_that_is_said_each_minute_is_understood_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the log of a server that cannot sync would take longer the longer nobody looks."""
    said: list[str] = []
    looked = _dep._CODE.findall

    def counted(text: str) -> list[str]:
        said.append(text)
        return looked(text)

    monkeypatch.setattr(_dep, "_CODE", SimpleNamespace(findall=counted))
    err = 'level=info component=syncer name=a msg=error syncing err=DEP HTTP error: 403 Forbidden: "T_C_NOT_SIGNED x"'
    data = "".join(f"2026/05/17 10:{minute:02d}:00 {err}\n" for minute in range(60)).encode()
    assert {each.cause for each in read(depsyncer_log, data)[0]} == {"terms_not_accepted"}
    assert len(said) == 1


def test_a_cursor_that_is_refused() -> None:
    """If this fails, a cursor that expired is noise."""
    data = FAILED.replace(b"error syncing", b"cursor error, retrying with empty cursor").replace(
        b"T_C_NOT_SIGNED", b"EXPIRED_CURSOR"
    )
    assert [fact.value for fact in read(depsyncer_log, data)[0]] == ["EXPIRED_CURSOR"]


@pytest.mark.parametrize("name", ["error", "Corp MDM", "msg", "a=b", "name=x", "phase", "ok err", "Büro", "syncer"])
def test_any_name(name: str) -> None:
    """If this fails, a server whose name is an odd word is given another name."""
    facts, _ = read(depsyncer_log, OK.replace(b"mdmserver1", name.encode()))
    assert [fact.attrs for fact in facts] == [{"server": name}] * 2


def test_json_and_logfmt_of_a_sync() -> None:
    """If this fails, a sync of Fleet's is not read."""
    line = {
        "level": "info", "ts": "2022-07-06T22:27:18Z", "component": "nanodep-syncer", "name": "mdmserver1",
        "msg": "device sync", "phase": "fetch", "more": False, "cursor": "x", "device-events": 1,
        "fetched_until": "2022-07-06T22:38:13Z",
    }  # fmt: skip
    logfmt = " ".join(
        f"{key}={json.dumps(value) if ' ' in str(value) else str(value).lower()}" for key, value in line.items()
    )
    logfmt = logfmt.replace("t22:", "T22:").replace("z ", "Z ").removesuffix("z") + (
        "Z" if logfmt.endswith("z") else ""
    )
    for data in (json.dumps(line).encode(), logfmt.encode(), json.dumps(line, separators=(",", ":")).encode()):
        facts, skipped = read(depsyncer_log, data)
        assert said(facts) == [
            ("sync_ok", "2022-07-06T22:27:18Z", "", SERVER),
            ("coverage", "2022-07-06T22:38:13Z", "dep", SERVER),
        ]
        assert not skipped


FLEET = {
    "cron": "apple_mdm_dep_profile_assigner", "component": "nanodep-syncer", "level": "info",
    "msg": "process device response", "serial_number": "F9F", "device_assigned_by": "it@example.org",
    "device_assigned_date": "2026-05-12T08:00:00Z", "op_date": "2026-05-12T08:10:00Z", "op_type": "modified",
    "profile_status": "pushed", "profile_assign_time": "2026-05-12T08:05:00Z", "push_push_time": "2026-05-12T08:09:00Z",
    "profile_uuid": "", "mdm_migration_deadline": "", "ts": "2026-05-12T08:11:00.8541503Z",
}  # fmt: skip


def test_fleet_s_records_of_devices() -> None:
    """Fleet's log is the only place where it says what Apple told it of a device: a removed profile would be unseen."""
    logfmt = " ".join(f'{key}="{value}"' if " " in value else f"{key}={value}" for key, value in FLEET.items())
    for data in (json.dumps(FLEET).encode(), logfmt.encode()):
        facts, skipped = read(depsyncer_log, data)
        assert [(kind, at, value) for kind, at, value, _ in said(facts)] == [
            ("dep_record", "2026-05-12T08:10:00Z", "pushed"),
            ("assigned", "2026-05-12T08:00:00Z", ""),
            ("synced", "2026-05-12T08:10:00Z", ""),
            ("pushed", "2026-05-12T08:09:00Z", ""),
        ]
        assert facts[0].attrs["serial"] == "F9F"
        assert not skipped


@pytest.mark.parametrize(("operation", "status"), [("deleted", "deleted"), ("modified", "removed")])
def test_fleet_s_record_of_a_device_that_is_gone(operation: str, status: str) -> None:
    """If this fails, a device that Apple no longer has passes for one that is assigned."""
    gone = {"op_type": operation, "profile_status": "removed", "push_push_time": "0001-01-01T00:00:00Z"}
    facts, _ = read(depsyncer_log, json.dumps(FLEET | gone).encode())
    assert facts[0].value == status
    assert "pushed" not in {fact.kind for fact in facts}


def test_a_run_of_fleet_s_that_failed_as_a_whole() -> None:
    """It has no message but an error: terms that nobody signed would not be named."""
    line = (
        b'level=error ts=2026-05-12T16:41:08Z cron=apple_mdm_dep_profile_assigner err="403 Forbidden: T_C_NOT_SIGNED"'
    )
    (fact,) = read(depsyncer_log, OK + line)[0][2:]
    assert (fact.kind, fact.value, fact.layer, fact.cause) == (
        "sync_failed",
        "T_C_NOT_SIGNED",
        "L0",
        "terms_not_accepted",
    )


def test_a_page_that_others_follow_and_an_empty_time_prove_no_reach() -> None:
    """If this fails, the first of several pages passes for the whole list."""
    for data in (
        OK.replace(b"more=false", b"more=true"),
        OK.replace(b"2022-07-06 15:38:13 -0700 PDT", b"0001-01-01 00:00:00 +0000 UTC"),
        OK.replace(b" fetched_until=2022-07-06 15:38:13 -0700 PDT", b""),
    ):
        facts, skipped = read(depsyncer_log, data)
        assert [fact.kind for fact in facts] == ["sync_ok"]
        assert not skipped


def test_an_assignment() -> None:
    """If this fails, devices that were given no profile are not named, or a server's failure is not seen."""
    head_ = b"2022/07/06 22:57:18 level=info component=assigner name=mdmserver1 profile_uuid=P1 msg="
    facts, skipped = read(depsyncer_log, head_ + b"profile assigned devices=3 success=2 not_accessible=1\n")
    assert not facts
    assert reasons(skipped) == [(1, "a profile was not given to devices that the log does not name: 1 not_accessible")]
    facts, skipped = read(
        depsyncer_log, head_ + b"assign profile devices=3 err=DEP HTTP error: 403 Forbidden: T_C_NOT_SIGNED\n"
    )
    assert [(fact.kind, fact.cause) for fact in facts] == [("sync_failed", "terms_not_accepted")]
    facts, skipped = read(depsyncer_log, head_ + b"assign profile devices=3 err=EOF\n")
    assert not facts
    assert not skipped


def test_impossible_times_and_long_lines_are_named() -> None:
    """If this fails, a damaged stamp is dated anyhow, or a long line is silently dropped."""
    facts, skipped = read(depsyncer_log, OK.replace(b"2022/07/06", b"2022/13/06").replace(b"15:38:13", b"25:38:13"))
    assert said(facts) == [("sync_ok", None, "", SERVER)]
    assert [thing.line for thing in skipped] == [1, 1]
    facts, skipped = read(depsyncer_log, FAILED.rstrip() + b"x" * 70_000 + b"\n" + OK)
    assert len(facts) == 2
    assert reasons(skipped)[0][0] == 1
    facts, skipped = read(depsyncer_log, OK.replace(b"2022/07/06 22:27:18 ", b""))
    assert facts[0].at is None
    assert reasons(skipped) == [(1, "a line has no time")]


def test_encodings_and_order() -> None:
    """If this fails, a log is read in one encoding alone, or its lines depend on each other."""
    whole = bare(read(depsyncer_log, OK + NOISE + FAILED)[0])
    assert len(whole) == 3
    assert bare(read(depsyncer_log, FAILED + NOISE + OK)[0]) == whole
    assert bare(read(depsyncer_log, FAILED)[0] + read(depsyncer_log, OK)[0]) == bare(
        read(depsyncer_log, FAILED + OK)[0]
    )
    text = (OK + NOISE + FAILED).decode()
    for encoding in ("utf-16", "utf-16-le", "utf-8-sig"):
        assert bare(read(depsyncer_log, decoded(text.encode(encoding)))[0]) == whole
    assert bare(read(depsyncer_log, text.replace("\n", "\r\n").encode())[0]) == whole
    assert bare(read(depsyncer_log, decoded(text.replace("\n", "\r").encode()))[0]) == whole


@given(st.lists(st.sampled_from([OK[:40], OK, FAILED, b"name=", b"err=", b'"', b"\\", b"msg=device sync ", b"phase", b"\n", b"\xff", b'{"msg":"error syncing","name":', b"}", b"ts=", b"fetched_until="]), max_size=24).map(b"".join))  # fmt: skip  # noqa: E501
def test_any_lines(data: bytes) -> None:
    """If this fails, some line breaks the reader, or a fact does not lead back to its bytes."""
    assert 0 <= depsyncer_log.score(head(data)) <= 1
    facts, _ = read(depsyncer_log, data)
    assert {fact.kind for fact in facts} <= {"sync_ok", "sync_failed", "coverage"}


def test_long_lines_are_read_in_linear_time() -> None:
    """If this fails, a line of a hostile log takes minutes."""
    for piece in (b"name=", b' err="', b"\\", b"level=info ", b"msg=device sync ", b'"', b"0/"):
        data = b"msg=device sync phase " + piece * (60_000 // len(piece))
        depsyncer_log.score(head(data))
        read(depsyncer_log, (data + b"\n") * 20)


def test_a_server_s_log_without_a_syncer_is_named() -> None:
    """If this fails, a log of which nothing is used looks as if it had been read."""
    data = b"level=info ts=2022-07-06T22:27:18Z component=http method=GET uri=/api took=1ms\n"
    assert claims(data, "fleet.log") == "depsyncer-log"
    assert reasons(read(depsyncer_log, data)[1]) == [(1, "no line of a DEP syncer stands in this log")]


def test_a_miss() -> None:
    """If this fails, another log is taken for a syncer's."""
    for data in (
        b"2026-05-17 03:47:12.883 DEBUG com.apple.DeviceManagement [ABM] device sync phase\n",
        b"May 17 03:47:12 host syncer[1]: device sync phase=fetch\n",
        b"",
        b'{"msg":"x"}',
    ):
        assert depsyncer_log.score(head(data)) == 0


def test_a_log_that_was_pasted_a_line_a_key_is_named() -> None:
    """If this fails, a log is read, says nothing, and nobody learns of it."""
    data = b"{\n   component: nanodep-syncer\n   msg: devices to assign DEP profiles\n}\n"
    facts, skipped = read(depsyncer_log, data)
    assert not facts
    assert [thing.line for thing in skipped] == [2]


@pytest.mark.parametrize(
    "prefix",
    [
        "Jul  6 22:57:19 mdm01 depsyncer[77]: ", "2022-07-06T22:57:19+0000 mdm01 depsyncer[77]: ", "depsyncer-1  | ",
        "<30>1 2022-07-06T22:57:19Z mdm01 depsyncer 77 - - ", "2022-07-06T22:57:19.123456789Z stderr F ",
        "log", "MESSAGE",
    ],
)  # fmt: skip
def test_what_ships_a_log_changes_nothing_of_it(prefix: str) -> None:
    """If this fails, terms that nobody signed are not seen in a log that comes by journald, Docker or Kubernetes."""
    fleet = json.dumps(FLEET, separators=(",", ":")).encode() + b"\n"
    for data in (FAILED, OK, fleet):
        text = data.decode().rstrip("\n")
        sent = json.dumps({prefix: text, "stream": "stderr"}) if prefix in {"log", "MESSAGE"} else prefix + text
        assert claims(sent.encode(), "x") == "depsyncer-log"
        facts, skipped = read(depsyncer_log, sent.encode())
        assert said(facts) == said(read(depsyncer_log, data)[0])
        assert not skipped


def test_a_device_in_the_log_of_a_server_is_named() -> None:
    """If this fails, what a device says below a syncer's lines is lost without a word."""
    line = b"Jul  6 22:57:19 F9FXQ1ABCD teslad(CloudConfigurationDaemon)[231] <Notice>: Retrying the request\n"
    _, skipped = read(depsyncer_log, OK + line)
    assert [number for number, _ in reasons(skipped)] == [2]


def test_a_line_that_only_repeats_the_one_above_it_is_passed_over() -> None:
    """400,000 times one error took 25 s; what stands behind them would be lost, or cited at another place."""
    again = b'2026/05/17 08:27:19 level=info component=syncer name=hx msg=error syncing err="T_C_NOT_SIGNED"\n'
    other = again.replace(b"08:27:19", b"08:28:19")
    facts, skipped = read(depsyncer_log, again * 3 + other + again)
    assert [fact.origin.line for fact in facts] == [1, 4, 5]
    assert not skipped
