"""Sample lines of every log format and the records that they are: what each test of the family starts from.

Real lines come from Apple's and libimobiledevice's public material (docs/facts.md); the rest are CASE.md's.
"""

from datetime import UTC, tzinfo
from types import ModuleType

from abm_trace import formats
from abm_trace.core import instants
from abm_trace.core.nouns import Record
from abm_trace.formats.logs._interface import Stamps

REQUEST = "Sending enrollment request to https://eu-west.abm.apple.com/v1/devices"
REJECTED = (
    'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "Device identifier rejected: unstable, duplicate,'
    ' or missing" UserInfo={…}'
)


def at(text: str, zone: tzinfo = UTC) -> int:
    """The instant of a stamp."""
    return instants.parse(text, zone)


def read(module: ModuleType, line: str, zone: tzinfo = UTC) -> Record | None:
    """The record that a format makes of a line."""
    return formats.frame(module)(line, Stamps(zone))


SAMPLES: dict[str, list[str]] = {
    "article": [
        f"2026-05-17 03:47:12.883 DEBUG com.apple.DeviceManagement.Enrollment [ABM] {REQUEST}",
        f"2026-05-17T03:47:12.883Z ERROR com.apple.DeviceManagement.Enrollment {REJECTED}",
        *(
            f"2026-05-17 03:47:12.883 {level} com.apple.DeviceManagement.Enrollment: Preparing for enrollment…"
            for level in ("INFO", "NOTICE", "DEFAULT", "WARN", "WARNING", "FAULT", "CRITICAL", "TRACE")
        ),
    ],
    "console-columns": [
        "2020-08-06 09:58:35.445081 -0700 teslad com.apple.CloudConfigurationDaemon Default Retrying the request",
        "2020-08-06 10:03:07.621823 -0700 mobileactivationd <Unknown> Performing UCRT OOB.",
        (
            "2020-08-06 10:00:00.000000 -0700 dasd com.apple.duetactivityscheduler scoring"
            " 0:com.apple.mobileactivationd.UCRT.OOB:D65047:[ ] FinalDecision: Absolutely Must Not Proceed}"
        ),
        "2026-05-17 03:47:12.883 -0500\tSetup Assistant\tcom.apple.ManagedClient\tError\tPreparing for enrollment…",
    ],
    "idevicesyslog": [
        "Jun  7 13:42:14 iPhone chmod[9705] <Notice>: MS:Notice: Injecting: (null) [chmod] (1556.00)",
        "Sep 21 21:32:38 TestPhone Passbook(PassKitUI)[1234] <Notice>: Dashboard loading (0x12345678): x",
        "Oct  1 10:00:00.000000 SpringBoard(FrontBoardServices)[1] <Notice>: [...]",
        "Mar 11 19:26:45 osx-machine sockerfilterfw[1985] <Info>: launchd Allow TCP LISTEN (in:0 out:2)",
        "May 17 03:47:12 F9FXQ1ABCD Setup Assistant(ManagedConfiguration)[77] <Error>: Preparing for enrollment…",
        "May 17 03:47:12 Sam’s old iPad (2) teslad(CloudConfiguration)[231] <Notice>: Preparing for enrollment…",
    ],
    "lockdownd": [
        "10/13/21 07:57:42.865446 pid=69 set_response_error: handle_get_value MissingValue",
        "05/17/26 03:47:12.883000 pid=71 handle_get_value: AMPDevicesAgent attempting to get [SerialNumber]",
    ],
    "logd": [
        '2021-08-11 05:50:23-0700 logd_helper[85]: Migrating: "/private/var/db/diagnostics/timesync"',
        "2021-08-11 05:50:23-0700 logd[29]: libtrace_kic=1",
    ],
    "log-compact": [
        (
            "2023-08-28 10:19:48.845 Df mdmclient[3270:3694b] [com.apple.ManagedClient:MDMAgent]"
            " [501:MDMAgent:<0x3694b>] Installed configuration profile: Test05 for jbrower (Source: Manual)"
        ),
        "2023-08-28 10:19:48.845 E  teslad[231:1f3] (CloudConfiguration) Preparing for enrollment…",
        "2023-08-28 10:19:48.845 I  Setup Assistant[12:ab] Preparing for enrollment…",
    ],
    "log-default": [
        (
            "2025-07-27 15:43:14.280885-0400 0x95366    Default     0x0                  29005  0    "
            "SSMenuAgent: setAgentInactive method called"
        ),
        (
            "2025-07-27 15:47:10.504275-0400 0x96aa6    Default     0x0                  30612  0    "
            "screencapture: [com.apple.screencapture:default] Capturing image"
        ),
        (
            "2022-08-25 15:22:01.008417+0100 0x1590e Signpost 0x0 1766 0 [spid 0x291385ea6c83b460, process, begin] "
            "bluetoothd: [com.apple.bluetooth:HIDProfileDispatch] HIDInterruptData: Before Dispatch"
        ),
        (
            "2025-07-27 15:47:10.504275-0400 0x96aa6    Error       0x0                  231    0    "
            "teslad: (CloudConfiguration) [com.apple.CloudConfigurationDaemon:daemon] Preparing for enrollment…"
        ),
        (
            "2025-07-27 15:47:10.504275-0400 0x96aa6    Error       0x0                  231    0    "
            "Setup Assistant: Preparing for enrollment…"
        ),
    ],
    "log-json": [
        (
            r'{"timezoneName":"","messageType":"Default","eventType":"logEvent","source":null,"formatString":"Capturing'
            r' image","userID":501,"activityIdentifier":0,"subsystem":"com.apple.screencapture","category":"default",'
            r'"threadID":617126,"processImagePath":"\/usr\/sbin\/screencapture","senderImagePath":"\/usr\/sbin\/screen'
            r'capture","timestamp":"2025-07-27 15:47:10.504275-0400","machTimestamp":2030766390595,"eventMessage":'
            r'"Capturing image","processID":30612}'
        ),
        (
            r'{"timestamp":"2026-05-17 03:47:12.883000-0500","processImagePath":"\/usr\/libexec\/teslad",'
            r'"eventMessage":"Sending enrollment request to https:\/\/eu-west.abm.apple.com\/v1\/devices"}'
        ),
    ],
    "mobileactivationd": [
        "Wed May 24 13:08:13 2023 [135] <debug> (0x16f1db000) MA: main: build_version: 19H349",
        "Fri Dec  2 11:32:19 2022 [84816] <err> (0x16afff000) MA: Performing UCRT OOB.",
        "Wed May 24 13:05:30 2023 [72] <notice> (0x16be43000) _containermanagerd_init_block_invoke: cleanup complete",
    ],
    "pymobiledevice3": [
        "2026-06-23 16:41:07.512345 profiled{ManagedConfiguration}[214] <ERROR>: message",
        (
            "2026-06-23 16:41:07.512345 teslad{teslad+0x1f0}[231] <NOTICE>: Preparing for enrollment…"
            " [com.apple.ManagedConfiguration][DEP]"
        ),
        "2026-06-23 16:41:07 Setup Assistant{}[77] <USER_ACTION>: [not a label] at all",
    ],
    "pymobiledevice3-json": [
        (
            '{"pid": 231, "procid": 231, "thread_id": 2801165, "timestamp": "2026-06-23T16:41:07.512345", "level":'
            ' "ERROR", "image_name": "/System/Library/PrivateFrameworks/CloudConfiguration"'
            ', "image_offset": 56968, "image_uuid": null, "process_image_uuid": null, "filename":'
            ' "/usr/libexec/teslad", "mach_timestamp": 1, "message": "Preparing for enrollment…", "label": {'
            '"subsystem": "com.apple.ManagedConfiguration", "category": "DEP"}}'
        ),
        (
            '{"pid": 1, "procid": 1, "thread_id": 2, "timestamp": "2026-06-23T16:41:07", "level": "NOTICE",'
            ' "image_name": "", "image_offset": 0, "image_uuid": null, "process_image_uuid": null, "filename": "",'
            ' "mach_timestamp": 2, "message": "x", "label": null}'
        ),
    ],
    "unifiedlog-csv": [
        (
            "2026-05-17T08:47:12.883Z,Log,Error,com.apple.CloudConfigurationDaemon,5,231,0,"
            "/System/Library/x,UUID,0,0,daemon,/usr/libexec/teslad,UUID,Preparing for enrollment…,%@,BOOT,Chicago"
        ),
        (
            "2026-05-17T08:47:12.883Z,Log,Default,com.apple.ManagedClient,5,231,0,/x,UUID,0,MDM,"
            '/usr/libexec/mdmclient,UUID,"said ""no"", twice",%@,BOOT,Chicago'
        ),
        (
            "2026-05-17T08:47:12.883Z,Log,Default,,5,231,0,/x,UUID,0,0,,/usr/libexec/mdmclient,UUID,"
            '"the first line of several'
        ),
    ],
    "unifiedlog-json": [
        (
            '{"subsystem":"com.apple.CloudConfigurationDaemon","thread_id":5,"pid":231,"euid":0,"library":"/x",'
            '"library_uuid":"U","activity_id":0,"time":1779007632883000000.0,"category":"daemon","event_type":"Log",'
            '"log_type":"Error","process":"/usr/libexec/teslad","process_uuid":"P","message":'
            '"Preparing for enrollment…","raw_message":"%@","boot_uuid":"B","timezone_name":"Chicago",'
            '"message_entries":[],"timestamp":"2026-05-17T08:47:12.883000000Z"}'
        ),
        (
            '{"subsystem":"","thread_id":5,"pid":231,"euid":0,"library":"/x","activity_id":0,"time":'
            '1779007632883000000.0,"event_type":"Log","log_type":"Default","process":"/usr/libexec/mdmclient",'
            '"message":"older","boot_uuid":"B"}'
        ),
    ],
    "log-syslog": [
        (
            "2022-08-25 15:22:01.008417+0100 localhost bluetoothd[1766]: [spid 0x291385ea6c83b460, process, begin] "
            "[com.apple.bluetooth:HIDProfileDispatch] HIDInterruptData: Before Dispatch"
        ),
        "2026-05-17T03:47:12.883+00:00 F9FXQ1ABCD teslad[231]: (CloudConfiguration) Preparing for enrollment…",
        "<14>2026-05-17T03:47:12.883Z F9FXQ1ABCD Setup Assistant[231]: Preparing for enrollment…",
    ],
    "rfc3164": [
        "<14>May 17 03:47:12 F9FXQ1ABCD teslad[231]: Preparing for enrollment…",
        "Mar 11 19:26:39 osx-machine kernel[0]: AppleThunderboltNHIType2::prePCIWake - power up complete - took 1 us",
        "May  7 03:47:12 stage-host-01 Setup Assistant: Preparing for enrollment…",
    ],
    "rfc5424": [
        (
            '<14>1 2026-05-17T03:47:12.883Z F9FXQ1ABCD teslad 231 - [abm@32473 serial="F9FXQ1ABCD"] Preparing for'
            " enrollment…"
        ),
        "<15>1 2021-03-06T04:07:38.251122+00:00 hostname log_tag - 123 -  this is debug",
        "<78>1 2021-03-06T04:07:38.268395+00:00 hostname cron 18898 - -  (CRON) INFO (pidfile fd = 3)",
        "92 <11>1 2026-05-17T03:47:12Z F9FXQ1ABCD teslad - - - \ufeffPreparing for enrollment…",
    ],
}
"""Lines of each format; the first of each is the one of its module's docstring or of its public source."""
