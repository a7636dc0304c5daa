"""`log stream` and `log show` in their default style.

2025-07-27 15:47:10.504275-0400 0x96aa6    Default     0x0    30612  0    teslad: (sender) [subsystem:category] text
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Layout

FORMAT = Format(id="log-default", title="log stream|show, default style", reference="man log(1) on macOS")
LAYOUT = Layout(
    rf"{STAMP}(?:{ZONE})? +0x[0-9a-fA-F]+ +(?P<level>\w+) +0x[0-9a-fA-F]+ +[0-9]+(?: +[0-9]+)? +"
    r"(?:\[spid [^\]]*\] )?(?P<process>[^:\[(]+): (?:\([^)]*\) )?(?P<message>.*)"
)
