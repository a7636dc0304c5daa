#!/bin/sh
# Turns systemd-timesyncd off where another program keeps the time; without one it does nothing. Linux alone.
set -eu

if [ "$(id -u)" != 0 ]; then
    echo "timesyncd-off: run it as root: sudo $0" >&2
    exit 1
fi
for each in chrony chronyd ntpsec ntpd ntp; do
    if systemctl is-active --quiet "$each.service"; then
        systemctl disable --now systemd-timesyncd.service
        echo "timesyncd-off: $each keeps the time, systemd-timesyncd is off"
        exit 0
    fi
done
echo "timesyncd-off: neither chrony nor ntpd is running, so systemd-timesyncd stays on" >&2
exit 1
