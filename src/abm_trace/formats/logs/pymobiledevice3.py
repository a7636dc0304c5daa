"""`pymobiledevice3 syslog live`: the wall time of the computer that captures, with or without `--label`.

2026-06-23 16:41:07.512345 profiled{ManagedConfiguration}[214] <ERROR>: text
2026-06-23 16:41:07 teslad{teslad+0x1f0}[231] <NOTICE>: text [com.apple.ManagedConfiguration][DEP]
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Layout

FORMAT = Format(
    id="pymobiledevice3",
    title="pymobiledevice3 syslog live",
    reference="pymobiledevice3, pymobiledevice3/cli/syslog.py",
)
LAYOUT = Layout(
    rf"{STAMP}(?:{ZONE})? (?P<process>[^\[\]{{}}<>:]+)\{{[^{{}}]*\}}\[-?[0-9]+\] "
    r"<(?P<level>NOTICE|INFO|DEBUG|USER_ACTION|ERROR|FAULT)>: "
    r"(?P<message>.*?)(?: \[(?P<subsystem>[A-Za-z][\w-]*(?:\.[\w-]+)+)\]\[(?P<category>[^\[\]]*)\])?"
)
