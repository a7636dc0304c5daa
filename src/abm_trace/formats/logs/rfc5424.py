"""Syslog (RFC 5424), also with the octet count of RFC 6587 before each message.

<14>1 2026-05-17T03:47:12.883Z F9FXQ1ABCD teslad 231 - [abm@32473 serial="F9FXQ1ABCD"] text
"""

from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Layout

FORMAT = Format(id="rfc5424", title="Syslog", reference="RFC 5424, RFC 6587")
LAYOUT = Layout(
    rf"(?:[0-9]{{1,7}} )?<(?P<priority>[0-9]{{1,3}})>1 {STAMP}{ZONE} "
    r"(?:-|(?P<host>\S+)) (?:-|(?P<process>\S+)) \S+ \S+ "
    r"(?:-|(?P<data>(?:\[(?:[^\]\"\n]|\"(?:[^\"\\\n]|\\.)*\")*\])+)) ?(?:\ufeff)?(?P<message>.*)"
)
