"""The columns of Console or `log show`, pasted into a ticket: date, zone, process, subsystem, type, message.

2020-08-06 09:58:35.445081 -0700 teslad com.apple.CloudConfigurationDaemon Default Retrying the request
2020-08-06 10:03:07.621823 -0700 mobileactivationd <Unknown> Performing UCRT OOB.
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import NO_LEVEL, STAMP, ZONE, Layout

FORMAT = Format(
    id="console-columns", title="Columns of Console, pasted", reference="nstrauss, Mitigating Mac Enrollment Failures"
)
LAYOUT = Layout(
    rf"{STAMP}{ZONE}[ \t]+{NO_LEVEL}"
    r"(?P<process>Setup Assistant|[^\s:()\[\]<>]+)[ \t]+"
    r"(?:<Unknown>|(?P<subsystem>[A-Za-z][\w-]*(?:\.[\w-]+)+))[ \t]+"
    r"(?:(?P<level>Default|Info|Debug|Notice|Error|Fault)[ \t]+)?(?P<message>.*)"
)
