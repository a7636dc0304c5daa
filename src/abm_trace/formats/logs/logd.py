"""The text logs of `logd` in a sysdiagnose (`logd.0.log`): date with zone, process, no host.

2021-08-11 05:50:23-0700 logd_helper[85]: Migrating: "/private/var/db/uuidtext"
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Layout

FORMAT = Format(id="logd", title="Log of logd", reference="log2timeline/plaso, plaso/parsers/text_plugins/ios_logd.py")
LAYOUT = Layout(rf"{STAMP}{ZONE} (?P<process>[^\s:\[\]<>]+)\[[0-9]+\]: (?P<message>.*)")
