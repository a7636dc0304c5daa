"""The two forms of the field guide's own logs.

2026-05-17 03:47:12.883 DEBUG com.apple.DeviceManagement.Enrollment [ABM] Sending enrollment request to https://…
2026-05-17T03:47:12.883Z ERROR com.apple.DeviceManagement.Enrollment ABMRegistrationFailedWithErrorDomain: …
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Layout

FORMAT = Format(id="article", title="Log of the field guide", reference="CASE.md, Device logs")
LAYOUT = Layout(
    rf"{STAMP}(?:{ZONE})? +(?P<level>(?i:DEBUG|INFO|NOTICE|DEFAULT|WARN|WARNING|ERROR|FAULT|CRITICAL|TRACE)) +"
    r"(?P<subsystem>[A-Za-z][\w-]*(?:\.[\w-]+)+)(?::(?P<category>[\w-]*))?:? +(?P<message>.*)"
)
