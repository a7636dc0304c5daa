"""`log … --style syslog`, and syslog files with ISO stamps: date, host, process, message.

2022-08-25 15:22:01.008417+0100 localhost teslad[1766]: (sender) [subsystem:category] text
2026-05-17T03:47:12.883+00:00 F9FXQ1ABCD teslad[231]: text
2023-05-04 10:20:30-07 localhost softwareupdated[519]: text of macOS's install.log
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import NO_LEVEL, STAMP, ZONE, Layout

FORMAT = Format(id="log-syslog", title="log stream|show, syslog style", reference="man log(1) on macOS; rsyslog")
LAYOUT = Layout(
    rf"(?:<(?P<priority>[0-9]{{1,3}})>)?{STAMP}(?:{ZONE})? +{NO_LEVEL}"
    r"(?P<host>[^\s\[\]]+) "
    r"(?P<process>(?:Setup Assistant|Installer Progress|Language Chooser|[^\s:\[\]<>]+))(?:\[[0-9]+\])?"
    r"(?: \([^()\n]*\))?: (?:\([^)]*\) )?(?P<message>.*)"
)
