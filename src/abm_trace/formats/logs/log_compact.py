"""`log stream` and `log show` with `--style compact`: milliseconds, no zone (the host's wall time).

2023-08-28 10:19:48.845 Df mdmclient[3270:3694b] [com.apple.ManagedClient:MDMAgent] text
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Layout

FORMAT = Format(id="log-compact", title="log stream|show, compact style", reference="man log(1) on macOS")
LAYOUT = Layout(
    rf"{STAMP}(?:{ZONE})? +(?P<level>[A-Z][a-z]?) +(?P<process>[^\[\]]+)\[[0-9]+:[0-9a-fA-F]+\] "
    r"(?:\([^)]*\) )?(?P<message>.*)"
)
