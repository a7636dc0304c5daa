"""The log formats, against lines that the documentation quotes."""

import pytest

from abm_lab.records import Speaker
from abm_lab.styles import BY_ID, STYLES, Line

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


@pytest.mark.parametrize("style_id", sorted(BY_ID))
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
