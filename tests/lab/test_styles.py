"""The log formats, against lines that the documentation quotes."""

import json

import pytest

from abm_lab.records import Speaker
from abm_lab.styles import BY_ID, DEVICE_STYLES, MAC, MOBILE, STYLES, Line

_AT = 1_779_007_632_883_456  # 2026-05-17 08:47:12.883456 UTC
_CHICAGO_S = -5 * 3600
_SPEAKER = Speaker("teslad", "com.apple.DeviceManagement.Enrollment", "abm")
_URL = "https://eu-west.abm.apple.com/v1/devices"
_EXPECTED = {
    "article": f"2026-05-17 03:47:12.883 DEBUG com.apple.DeviceManagement.Enrollment [ABM] Sending to {_URL}",
    "article_utc": f"2026-05-17T08:47:12.883Z DEBUG com.apple.DeviceManagement.Enrollment [ABM] Sending to {_URL}",
    "log_default": (
        "2026-05-17 03:47:12.883456-0500 0x213f     Debug       0x0                  230    0    "
        f"teslad: [com.apple.DeviceManagement.Enrollment:abm] [ABM] Sending to {_URL}"
    ),
    "log_compact": (
        "2026-05-17 03:47:12.883 Db teslad[230:213e] "
        f"[com.apple.DeviceManagement.Enrollment:abm] [ABM] Sending to {_URL}"
    ),
    "log_syslog": (
        "2026-05-17 03:47:12.883456-0500 localhost teslad[230]: "
        f"[com.apple.DeviceManagement.Enrollment:abm] [ABM] Sending to {_URL}"
    ),
    "idevicesyslog": f"May 17 03:47:12 iPad teslad[230] <Debug>: [ABM] Sending to {_URL}",
    "idevicesyslog_new": f"May 17 03:47:12.883456 teslad(abm)[230] <Debug>: [ABM] Sending to {_URL}",
    "rfc3164": f"<31>May 17 03:47:12 \0 teslad[230]: [ABM] Sending to {_URL}",
    "rfc3164_file": f"May 17 03:47:12 \0 teslad[230]: [ABM] Sending to {_URL}",
    "rfc5424": f"<31>1 2026-05-17T08:47:12.883Z \0 teslad 230 - - [ABM] Sending to {_URL}",
}


@pytest.mark.parametrize("style_id", sorted(style.id for style in STYLES))
def test_a_line_of_each_format(style_id: str) -> None:
    """The lab would write a format that no tool writes, and the tracer would be tried on the wrong bytes."""
    line = Line("Debug", _SPEAKER, 230, f"[ABM] Sending to {_URL}")
    text = BY_ID[style_id].render(_AT, _CHICAGO_S, line).decode()
    assert text.endswith("\n")
    if style_id == "log_ndjson":
        assert '"timestamp":"2026-05-17 03:47:12.883456-0500"' in text
        assert f'"eventMessage":"[ABM] Sending to {_URL}"'.replace("/", "\\/") in text
    else:
        assert text.rstrip("\n").replace("0x213e    ", "0x213f    ") == _EXPECTED[style_id]


def test_every_format_is_listed_here() -> None:
    """A new format would have no line that it is held to."""
    assert {style.id for style in STYLES} == {*_EXPECTED, "log_ndjson"}
    assert {style.id for style in DEVICE_STYLES} == {*_TEXT, "log_json", "pymobiledevice3_json", "unifiedlog_iterator"}
    assert {*STYLES, *DEVICE_STYLES} - {*MAC, *MOBILE} == {BY_ID["article"], BY_ID["article_utc"]}


_LINE = Line("Error", Speaker("teslad", "com.apple.CloudConfigurationDaemon", "default"), 231, 'Code=34006 "a/b"')
_TEXT = {
    "pymobiledevice3": '2026-05-17 03:47:12.883456 teslad{teslad}[231] <ERROR>: Code=34006 "a/b"',
    "pymobiledevice3_label": (
        '2026-05-17 03:47:12.883456 teslad{teslad}[231] <ERROR>: Code=34006 "a/b" '
        "[com.apple.CloudConfigurationDaemon][default]"
    ),
    "console": ('2026-05-17 03:47:12.883456 -0500 teslad com.apple.CloudConfigurationDaemon Error Code=34006 "a/b"'),
}


@pytest.mark.parametrize("style_id", sorted(_TEXT))
def test_a_line_of_each_format_of_devices(style_id: str) -> None:
    """The lab would write a format that no tool writes."""
    assert BY_ID[style_id].render(_AT, _CHICAGO_S, _LINE).decode() == _TEXT[style_id] + "\n"


def test_a_full_second_has_no_fraction() -> None:
    """A reader that expects a fraction would never be tried."""
    line = BY_ID["pymobiledevice3"].render(_AT // 1_000_000 * 1_000_000, _CHICAGO_S, _LINE).decode()
    assert line.startswith("2026-05-17 03:47:12 teslad")


def test_an_array_of_entries_is_json() -> None:
    """A capture of several lines would be no JSON."""
    style = BY_ID["log_json"]
    whole = style.close(style.render(_AT, _CHICAGO_S, _LINE) + style.render(_AT, _CHICAGO_S, _LINE))
    first, second = json.loads(whole)
    assert first == second
    assert (first["timestamp"], first["eventMessage"]) == ("2026-05-17 03:47:12.883456-0500", _LINE.text)
    assert whole.startswith(b'[{\n  "timezoneName" : "",\n')
    assert b"a\\/b" in whole


def test_entries_of_each_json_format() -> None:
    """Keys or value types would be other than the tools write."""
    usb = json.loads(BY_ID["pymobiledevice3_json"].render(_AT, _CHICAGO_S, _LINE))
    assert (usb["timestamp"], usb["level"], usb["message"]) == ("2026-05-17T03:47:12.883456", "ERROR", _LINE.text)
    assert usb["label"] == {"subsystem": "com.apple.CloudConfigurationDaemon", "category": "default"}
    parsed = json.loads(BY_ID["unifiedlog_iterator"].render(_AT, _CHICAGO_S, _LINE))
    assert (parsed["timestamp"], parsed["time"]) == ("2026-05-17T08:47:12.883456000Z", _AT * 1000.0)
    assert (parsed["process"], parsed["log_type"], parsed["event_type"]) == ("/usr/libexec/teslad", "Error", "Log")
