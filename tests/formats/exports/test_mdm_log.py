"""The logs of NanoMDM and MicroMDM."""

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats import recognise
from abm_trace.formats._interface import Content
from abm_trace.formats.exports import depsyncer_log, mdm_log

UDID = "A5EF1BA1-586D-4F29-B4F3-759DADAC2DDD"
NANO = f"""2021/06/01 10:11:11 level=info handler=log addr=::1 method=PUT path=/mdm agent=MDM-OSX/1.0 mdmclient/1090
2021/06/01 10:11:12 level=info service=certauth msg=cert associated enrollment=new id={UDID} hash=87325e04
2021/06/01 10:11:12 level=info service=nanomdm msg=Authenticate id={UDID} type=Device serial_number=C04W00D3HTD0
2021/06/01 10:11:14 level=info service=nanomdm msg=TokenUpdate id={UDID} type=Device
2021/06/01 10:12:14 level=info service=nanomdm msg=TokenUpdate id={UDID} type=Device
2021/06/01 10:15:14 level=info service=nanomdm msg=CheckOut id={UDID} type=Device
""".encode()
NEWER = f"""ts=2026-09-28T22:59:43+07:00 level=info handler=log method=PUT path=/mdm agent=MDM/1.0
ts=2026-09-28T22:59:43+07:00 level=info service=nanomdm id={UDID} type=Device msg=Authenticate serial_number=HG3Q25R61Y
ts=2026-09-28T22:59:44+07:00 level=info service=nanomdm id={UDID} type=Device msg=TokenUpdate
""".encode()
MICRO = b"""Jun 21 15:32:47 micromdm: transport=http method=POST status=200 user_agent=curl/7.79.1 path=/v1/dep/syncnow
Jun 21 15:32:47 micromdm: level=info component=depsync msg="explicit DEP sync requested"
Jun 21 15:32:48 micromdm: level=info component=depsync msg="DEP sync" phase=sync cursor=MTYx== fetched=2022-06-21T13:32:11Z devices=1 more=false
Jun 21 15:32:48 micromdm: level=debug msg="updating devices from DEP" device_count=1
Jun 21 15:32:48 micromdm: level=debug msg="updating devices from dep sync" op_type=added serial=C02ZZ9AAMD6M previously_known=false
Jun 21 15:33:00 micromdm: level=debug msg="enrolling new device" serial=C02ZZ9AAMD6M
Jun 21 15:34:27 micromdm: level=debug msg="updating devices from dep sync" op_type=deleted serial=C02ZZ9AAMD6N previously_known=true
Jun 21 15:35:00 micromdm: level=info component=depsync msg="error syncing DEP devices" phase=sync cursor=x err="DEP HTTP error: 403 Forbidden: \\"T_C_NOT_SIGNED\\""
"""  # noqa: E501
DEVICE = {"serial": "C04W00D3HTD0", "udid": UDID, "mdm": "nanomdm"}


def test_who_asked_nanomdm_for_commands() -> None:
    """If this fails, a device that is managed by this server is one of which its log says nothing."""
    data = f"""2021/05/30 12:32:33 level=info service=nanomdm status=Idle id={UDID} type=Device
2021/05/30 12:32:33 level=debug service=nanomdm msg=no command retrieved id={UDID}
2021/05/30 12:46:40 level=info service=nanomdm status=Acknowledged id={UDID} type=Device command_uuid=1ec2a267
2021/05/30 12:47:40 level=info service=nanomdm status=Idle id={UDID}:V type=User
""".encode()
    facts, skipped = read(mdm_log, data)
    assert said(facts) == [("connected", "2021-05-30T12:46:40Z", "", {"udid": UDID, "mdm": "nanomdm"})]
    assert not skipped


def test_who_checked_in_with_nanomdm() -> None:
    """If this fails, the one place where NanoMDM says that a device enrolled is refused."""
    for data in (NANO, NEWER):
        found = recognise(head(data))
        assert found is not None
        assert found.id == "mdm-log"
    facts, skipped = read(mdm_log, NANO)
    known = {"udid": UDID, "mdm": "nanomdm"}
    assert said(facts) == [
        ("authenticate", "2021-06-01T10:11:12Z", "", DEVICE), ("token_update", "2021-06-01T10:11:14Z", "", known),
        ("token_renewed", "2021-06-01T10:12:14Z", "", known), ("checked_out", "2021-06-01T10:15:14Z", "", known),
    ]  # fmt: skip
    assert not skipped
    facts, skipped = read(mdm_log, NEWER)
    assert [fact[:2] for fact in said(facts)] == [
        ("authenticate", "2026-09-28T15:59:43Z"), ("token_update", "2026-09-28T15:59:44Z"),
    ]  # fmt: skip
    assert not skipped


def test_a_token_update_after_another_authenticate_is_an_enrolment() -> None:
    """If this fails, a device that enrols again does so for nobody."""
    facts, _ = read(mdm_log, NANO + NANO)
    assert [fact.kind for fact in facts].count("token_update") == 2


@pytest.mark.parametrize("kind", ["User", "User Enrollment (Device)", "User Enrollment", "Shared iPad", ""])
def test_a_user_is_no_device(kind: str) -> None:
    """If this fails, a user's channel enrols a device."""
    facts, _ = read(mdm_log, NANO.replace(b"type=Device", f"type={kind}".encode()))
    assert not facts


def test_what_micromdm_says_in_the_year_of_its_sync() -> None:
    """If this fails, the stamps of the journal, which have no year, stand in another one, or in none."""
    found = recognise(head(MICRO))
    assert found is not None
    assert found.id == "mdm-log"
    facts, skipped = read(mdm_log, MICRO)
    assert [(fact[0], fact[1], fact[2]) for fact in said(facts)] == [
        ("sync_ok", "2022-06-21T15:32:48Z", ""), ("coverage", "2022-06-21T13:32:11Z", "dep"),
        ("dep_record", "2022-06-21T15:32:48Z", ""), ("assigned", None, ""),
        ("synced", "2022-06-21T15:32:48Z", ""), ("authenticate", "2022-06-21T15:33:00Z", ""),
        ("dep_record", "2022-06-21T15:34:27Z", "deleted"), ("sync_failed", "2022-06-21T15:35:00Z", "T_C_NOT_SIGNED"),
    ]  # fmt: skip
    assert facts[-1].cause == "terms_not_accepted"
    assert not skipped
    assert mdm_log.score(head(MICRO)) > depsyncer_log.score(head(MICRO))


def test_a_new_year_between_the_sync_and_the_line() -> None:
    """If this fails, what happened after midnight on New Year's Eve happened a year before it."""
    data = MICRO.replace(b"2022-06-21T13:32:11Z", b"2022-12-31T23:59:00Z").replace(b"Jun 21", b"Jan  1")
    facts, _ = read(mdm_log, data)
    assert {at[:4] for kind, at, _, _ in said(facts) if at and kind != "coverage"} == {"2023"}


def test_a_sync_that_goes_on_has_reached_nothing() -> None:
    """If this fails, a sync that is half done proves that Apple has no more devices."""
    for data in (
        MICRO.replace(b"more=false", b"more=true"),
        MICRO.replace(b"2022-06-21T13:32:11Z", b"0001-01-01T00:00:00Z"),
    ):
        assert "coverage" not in [fact.kind for fact in read(mdm_log, data)[0] if fact.source == "dep"]


def test_without_a_year_there_is_no_time() -> None:
    """If this fails, a year is made up, or nobody says that the times were not used."""
    facts, skipped = read(mdm_log, MICRO.replace(b"fetched=", b"until="))
    assert {fact.at for fact in facts} == {None}
    assert ("coverage", "mdm") in [(fact.kind, fact.value) for fact in facts]
    assert {reason for _, reason in reasons(skipped)} == {"a line has no time, or none that tells its year"}


def test_a_request_that_quotes_a_check_in_says_nothing() -> None:
    """If this fails, whoever sends a request to the server enrols any device."""
    forged = b"2021/06/01 10:11:11 level=info handler=log agent=x service=nanomdm msg=Authenticate id=U type=Device\n"
    forged += (
        b'Jun 21 15:32:47 micromdm: transport=http user_agent="x" msg="enrolling new device" serial=C02ZZ9AAMD6M\n'
    )
    facts, skipped = read(mdm_log, forged)
    assert not facts
    assert [line for line, _ in reasons(skipped)] == [1]


def test_a_log_of_nobody_is_named() -> None:
    """If this fails, a server's log that tells of no device is lost without a word."""
    data = NANO.split(b"\n")[0] + b"\n"
    assert mdm_log.score(head(data)) > 0
    facts, skipped = read(mdm_log, data)
    assert not facts
    assert len(skipped) == 1


@pytest.mark.parametrize(
    "line",
    [
        f"2021/13/01 10:11:12 level=info service=nanomdm msg=Authenticate id={UDID} type=Device",
        f"ts=soon-or-later level=info service=nanomdm msg=Authenticate id={UDID} type=Device",
        f"level=info service=nanomdm msg=Authenticate id={UDID} type=Device",
        'Foo 99 25:61:99 micromdm: level=debug msg="enrolling new device" serial=C02ZZ9AAMD6M',
        'level=debug msg="enrolling new device" serial=C02ZZ9AAMD6M',
    ],
)
def test_an_impossible_time_costs_the_time_alone(line: str) -> None:
    """If this fails, a device that checked in at an odd time never did, or the time of nowhere is used."""
    facts, skipped = read(mdm_log, line.encode())
    assert [(fact.kind, fact.at) for fact in facts] == [("coverage", None), ("authenticate", None)]
    assert skipped


@pytest.mark.parametrize(
    "line",
    [
        b"level=info service=nanomdm msg=Authenticate type=Device",
        b'level=debug msg="enrolling new device" serial=',
        b'level=debug msg="updating devices from dep sync" op_type=added serial=\xff\xfe\xff\xfe',
    ],
)
def test_who_names_no_device_is_named(line: bytes) -> None:
    """If this fails, a line without a device is lost without a word, or makes one up."""
    facts, skipped = read(mdm_log, line)
    assert not [fact for fact in facts if fact.kind != "coverage"]
    assert skipped


@pytest.mark.parametrize(
    "tail",
    [b" " * 60_000 + b"!", b"a=" * 30_000, b'k="' + b"\\" * 60_000, b" x" * 30_000, b"=" * 60_000, b"a" * 70_000],
)
def test_a_hostile_line_costs_no_time(tail: bytes) -> None:
    """If this fails, one line keeps the reader for minutes."""
    for start in (b"level=info service=nanomdm msg=Authenticate ", b'level=debug msg="enrolling new device" '):
        read(mdm_log, (start + tail + b"\n") * 20)


@given(cut=st.integers(0, 900), flips=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=4))
def test_any_damage(cut: int, flips: list[tuple[int, int]]) -> None:
    """If this fails, a flipped byte or a cut breaks the reader."""
    for whole in (NANO, MICRO):
        data = bytearray(whole[: len(whole) - cut])
        for at, value in flips:
            if data:
                data[at % len(data)] = value
        assert 0 <= mdm_log.score(head(bytes(data))) <= 1
        read(mdm_log, bytes(data))


def test_a_miss() -> None:
    """If this fails, another server's log is read as one of these."""
    for data in (b"", b"level=info component=syncer msg=device sync phase=fetch", b"Jun 21 15:32:47 h sshd[1]: x\n"):
        assert mdm_log.score(head(data)) == 0


@pytest.mark.parametrize(
    "line",
    [
        b"transport=http method=PUT status=200 proto=HTTP/1.1 host=::1 user_agent=MDM/1.0 path=/mdm/checkin\n",
        b"component=scep op=GetCACert error=null took=12.5us\n",
        b'method=PKIOperation err="invalid data len 0" took=4.2ms\n',
    ],
    ids=["http", "scep", "pki"],
)
def test_lines_of_micromdm_without_a_stamp_are_its_log(line: bytes) -> None:
    """If this fails, MicroMDM's log of requests is of no format, and nobody says what lacks."""
    found = recognise(head(line))
    assert found is not None
    assert found.id == "mdm-log"
    facts, (note,) = read(mdm_log, line)
    assert not facts
    assert "no line of this log" in note.reason


SHIPPED = {
    "journal": "Jun  1 10:11:12 mdm01 nanomdm[812]: {}",
    "journal-precise": "Jun  1 10:11:12.123456 mdm01 nanomdm[812]: {}",
    "priority": "<30>Jun  1 10:11:12 mdm01 nanomdm[812]: {}",
    "short-iso": "2021-06-01T10:11:12+0000 mdm01 nanomdm[812]: {}",
    "rsyslog": "2021-06-01T10:11:12.123456+00:00 mdm01 nanomdm: {}",
    "rfc5424": "<30>1 2021-06-01T10:11:12.000Z mdm01 nanomdm 812 - - {}",
    "rfc5424-data": '<30>1 2021-06-01T10:11:12.000Z mdm01 nanomdm 812 - [a@1 b="c\\]"] {}',
    "compose": "nanomdm-1  | {}",
    "compose-colours": "\x1b[36mnanomdm-1  | \x1b[0m{}",
    "compose-times": "nanomdm-1  | 2021-06-01T10:11:12.123456789Z {}",
    "docker-times": "2021-06-01T10:11:12.123456789Z {}",
    "cri": "2021-06-01T10:11:12.123456789Z stderr F {}",
}


def shipped(form: str, data: bytes) -> bytes:
    """The lines as this form of shipping writes them."""
    rows = data.decode().splitlines()
    if form == "json-file":
        return "".join(
            json.dumps({"log": row + "\n", "stream": "stderr", "time": "2021-06-01T10:11:12.1Z"}) + "\n" for row in rows
        ).encode()
    if form == "journal-json":
        stamp = {"__REALTIME_TIMESTAMP": "1622542272000000", "_HOSTNAME": "mdm01"}
        return "".join(json.dumps({**stamp, "MESSAGE": row}) + "\n" for row in rows).encode()
    return "".join(SHIPPED[form].replace("{}", row) + "\n" for row in rows).encode()


@pytest.mark.parametrize("form", [*SHIPPED, "json-file", "journal-json"])
def test_what_ships_a_log_changes_nothing_of_it(form: str) -> None:
    """If this fails, a server's log loses its facts on its way through journald, syslog, Docker or Kubernetes."""
    for data in (NANO, NEWER):
        sent = shipped(form, data)
        found = recognise(head(sent))
        assert found is not None
        assert found.id == "mdm-log"
        facts, skipped = read(mdm_log, sent)
        assert said(facts) == said(read(mdm_log, data)[0])
        assert not skipped


@pytest.mark.parametrize(
    "form",
    [form for form in (*SHIPPED, "json-file", "journal-json") if form not in {"compose", "compose-colours"}],
)
def test_the_time_of_the_prefix_serves_where_a_line_has_none(form: str) -> None:
    """If this fails, what MicroMDM says, which writes no time, has none although what shipped it wrote one."""
    lines = b'level=info component=depsync msg="DEP sync" fetched=2021-06-01T10:00:00Z more=true\n'
    lines += b'level=debug msg="enrolling new device" serial=C02ZZ9AAMD6M\n'
    facts, skipped = read(mdm_log, shipped(form, lines))
    assert [(kind, (at or "")[:19]) for kind, at, _, _ in said(facts)] == [
        ("sync_ok", "2021-06-01T10:11:12"), ("authenticate", "2021-06-01T10:11:12"),
    ]  # fmt: skip
    assert not skipped


MIXED = b"May 17 03:47:12 mdm01 CRON[811]: (root) CMD (run-parts /etc/cron.hourly)\n"
TOLD = b"May 17 03:47:12 F9FXQ1ABCD teslad[231]: ABMRegistrationStarted\n"
SERVER = shipped("journal", NANO)


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (MIXED + SERVER, "mdm-log"),
        (TOLD + SERVER, "rfc3164"),
        (TOLD.replace(b"F9FXQ1ABCD", b"mdm01") + SERVER, "rfc3164"),
        (MIXED * 20 + SERVER, "rfc3164"),
        (SERVER + MIXED.replace(b"mdm01", b"gate"), "rfc3164"),
        (b"<14>1 2021-06-01T10:11:12Z mdm01 teslad 231 - - text\n" + shipped("rfc5424", NANO), "rfc5424"),
    ],
    ids=["own", "device", "same host", "few", "relay", "rfc5424"],
)
def test_a_syslog_is_the_server_s_where_nobody_else_speaks(data: bytes, form: str) -> None:
    """If this fails, devices' lines are lost in a server's log, or a server's lines in that of its host."""
    found = recognise(head(data))
    assert found is not None
    assert found.id == form


def test_a_device_in_the_log_of_a_server_is_named() -> None:
    """If this fails, what a device says below a server's lines is lost without a word."""
    data = SERVER + TOLD + TOLD
    _, skipped = read(mdm_log, data, Content("x", data, UTC))
    assert [line for line, reason in reasons(skipped) if "a line of a device" in reason] == [7, 8]


BODY = f"""<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>MessageType</key><string>Authenticate</string>
<key>SerialNumber</key><string>C04W00D3HTD0</string><key>UDID</key><string>{UDID}</string></dict></plist>
"""
DEBUG = f"""<string>https://push.example.com/mdm/checkin</string>
PUT /mdm/checkin HTTP/1.1
Content-Type: application/x-apple-aspen-mdm-checkin

{BODY}HTTP/1.1 200 OK
transport=http method=PUT status=200 proto=HTTP/1.1 host=::1 user_agent=MDM/1.0 path=/mdm/checkin
""".encode()


@pytest.mark.parametrize("before", [b"", BODY.encode().replace(b"Authenticate", b"GetBootstrapToken")])
def test_the_requests_that_micromdm_shows(before: bytes) -> None:
    """If this fails, a check-in that stands in a log with -http-debug is lost, or the log is taken for a message."""
    data = before + DEBUG
    found = recognise(head(data))
    assert found is not None
    assert found.id == "mdm-log"
    facts, skipped = read(mdm_log, data)
    assert [fact[:3] for fact in said(facts)] == [("coverage", None, "mdm"), ("authenticate", None, "")]
    assert facts[1].attrs == {"serial": "C04W00D3HTD0", "udid": UDID}
    assert not skipped


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ((b"</plist>", b""), "it has no end"),
        ((b"</dict>", b""), "a message in this log is not read"),
        ((b"SerialNumber", b"Serial"), ""),
        ((b"<key>UDID", b"<key>Topic"), ""),
    ],
)
def test_a_request_that_cannot_be_read_is_named(damage: tuple[bytes, bytes], reason: str) -> None:
    """If this fails, a message is lost without a word."""
    facts, skipped = read(mdm_log, DEBUG.replace(*damage))
    assert bool(facts) == (not reason)
    assert reasons(skipped)[0][0] == 6 if reason else not skipped
    assert not reason or reason in skipped[0].reason


@pytest.mark.parametrize("piece", [b"<plist MessageType", b"<plist MessageType</plist>", BODY.encode()])
def test_a_flood_of_requests_costs_no_time(piece: bytes) -> None:
    """If this fails, a log of nothing but messages, or of halves of them, keeps the reader for minutes."""
    read(mdm_log, b"PUT /mdm/checkin HTTP/1.1\n" + piece * 2_000)
