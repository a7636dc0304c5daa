"""`idevicesyslog` of an attached device: both stamps, with and without the device's name; macOS system.log too.

`pymobiledevice3 syslog live-old` prints the same lines. A name may have up to five words (`Sam's iPad`).

Sep 21 21:32:38 TestPhone teslad(ManagedConfiguration)[1234] <Notice>: text
Oct  1 10:00:00.000000 profiled[1] <Error>: text
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import BSD_STAMP, Layout

FORMAT = Format(id="idevicesyslog", title="idevicesyslog", reference="libimobiledevice, tools/idevicesyslog.c")
LAYOUT = Layout(
    rf"{BSD_STAMP} (?:(?P<host>[^\s\[\]<>]+(?: [^\s\[\]<>]+){{0,4}}?) )??"
    r"(?P<process>Setup Assistant|[^\s:(\[\]<>]+)(?:\([^)]*\))?\[[0-9]+\] "
    r"<(?P<level>[A-Za-z]+)>: (?P<message>.*)"
)
