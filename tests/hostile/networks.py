"""Hostile lists of a network: Wi-Fi clients and the lease files of DHCP servers."""

from tests.hostile.base_case import VICTIM
from tests.hostile.registry import Says, add

WIFI = "network/clients.csv"
DHCPD = "network/dhcpd.leases"
HEADER = b"serial,mac,last_seen,ap_name\n"
GOOD = f"{VICTIM},,2026-06-01T08:00:00Z,AP-4\n".encode()
LEASE = b"lease 10.0.0.1 {\n  cltt 1 2026/06/01 08:00:00;\n  hardware ethernet a4:83:e7:0b:1c:2d;\n}\n"
KEA = b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,state\n"

add("wifi-an-hour-25", WIFI, Says.NAMED, HEADER + GOOD + f"{VICTIM},,2026-06-01T25:00:00Z,AP\n".encode(), lines=(3,))
add("wifi-a-broadcast", WIFI, Says.NAMED, HEADER + GOOD + b",ff:ff:ff:ff:ff:ff,2026-06-01T08:00:00Z,AP\n", lines=(3,))
add("wifi-a-row-of-nobody", WIFI, Says.NAMED, HEADER + GOOD + b",,2026-06-01T08:00:00Z,AP\n", lines=(3,))
add(
    "wifi-strangers-are-no-complaint",
    WIFI,
    Says.READ,
    HEADER + b"LAPTOP7,a4:83:e7:0b:1c:2d,2026-06-01T08:00:00Z,AP\n" * 9,
)
add("wifi-a-place-of-escapes", WIFI, Says.EITHER, HEADER + GOOD.replace(b"AP-4", b"\x1b]0;x\x07\xe2\x80\xae=1+1"))
add("wifi-a-place-of-1-mb", WIFI, Says.EITHER, lambda _: HEADER + GOOD.replace(b"AP-4", b"A" * 1_000_000))
add("wifi-an-unclosed-quote", WIFI, Says.NAMED, HEADER + GOOD.replace(b"AP-4", b'"AP-4') + GOOD * 200)
add("wifi-100000-sightings-of-one", WIFI, Says.READ, lambda _: HEADER + b"".join(
    b"%b,,2026-06-01T08:%02d:%02dZ,AP-%d\n" % (VICTIM.encode(), n // 60 % 60, n % 60, n) for n in range(100_000)
))  # fmt: skip
add("dhcpd-cut", DHCPD, Says.NAMED, LEASE + LEASE[:40], lines=(5,))
add("dhcpd-month-13", DHCPD, Says.NAMED, LEASE.replace(b"2026/06", b"2026/13"), lines=(1,))
add("dhcpd-1000000-beginnings", DHCPD, Says.NAMED, lambda _: LEASE + b"lease 1.1.1.1 {\n" * 1_000_000)
add("dhcpd-a-lease-of-10-mb", DHCPD, Says.NAMED, lambda _: LEASE + b"lease 1.1.1.1 {\n" + b"  uid x;\n" * 1_000_000)
add("kea-a-lifetime-of-5000-digits", "network/kea.csv", Says.NAMED,
    KEA + b"10.0.0.1,a4:83:e7:0b:1c:2d,,%b,1780300800,4,0\n" % (b"9" * 5000), lines=(2,))  # fmt: skip
add("dnsmasq-a-line-of-another-kind", "network/dnsmasq.leases", Says.NAMED,
    b"1780304400 a4:83:e7:0b:1c:2d 10.20.4.17 x *\n1780304400 a4:83:e7\n", lines=(2,))  # fmt: skip
