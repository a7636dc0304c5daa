"""BSD syslog (RFC 3164), with or without its priority, also with the octet count of RFC 6587.

<14>May 17 03:47:12 F9FXQ1ABCD teslad[231]: text
May 17 03:47:12 localhost com.apple.xpc.launchd[1] (com.apple.mdmclient.daemon[91]): text
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import BSD_STAMP, Layout

FORMAT = Format(id="rfc3164", title="BSD syslog", reference="RFC 3164")
LAYOUT = Layout(
    rf"(?:(?:[0-9]{{1,7}} )?<(?P<priority>[0-9]{{1,3}})>)?{BSD_STAMP} (?P<host>\S+) "
    r"(?P<process>Setup Assistant|Installer Progress|Language Chooser|[^\s:\[\]<>]+)(?:\[[^\]]*\])?"
    r"(?: \([^()\n]*\))?: ?(?P<message>.*)"
)
