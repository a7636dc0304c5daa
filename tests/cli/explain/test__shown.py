"""What of a log line a ticket shows: what is known to be harmless, and nothing else."""

import json

import pytest

from abm_trace.cli.explain._shown import Shown
from abm_trace.core.redact import LABELS, Redactor

OWN, OTHER = "F9FXQ1ABCD", "F9FOTHER12"
HEAD = "2026-05-12 12:00:42.883-0500 teslad[123]: "
ERROR = 'Error Domain=MCMDMErrorDomain Code=12004 "The push certificate is invalid."'


def shown(*, addresses: bool = False) -> Shown:
    """What shows the lines about one device to somebody who must not see the other."""
    hides = LABELS.keys() - ({"address"} if addresses else set())
    return Shown(Redactor(hides, others={OTHER}, keep={OWN}), [OWN, "req_8a3f1b2c", "4938"], addresses=addresses)


# What stands behind the bar must not be seen. Most of it no list of secrets would find.
LISTED = r"""
FileVault recovery key QZWX-4T7K-M2PA-9LKD|QZWX
PersonalRecoveryKey = "QZWX-4T7K-M2PA-9LKD"|QZWX
activation lock bypass code: A1B2C-3D4E5-F6G7|A1B2C
ActivationLockBypassCode=A1B2C3D4E5F6|A1B2C3D4E5F6
SCEP challenge: hunter2tiger|hunter2tiger
Challenge = "hunter2tiger"|hunter2tiger
otp=493817|493817
PIN: 493817|493817
pin=4938|4938
passcode 493817 accepted|493817
pwd=hunter2tiger|hunter2tiger
pass=hunter2tiger|hunter2tiger
credentials: jdoe/hunter2tiger|hunter2tiger
X-ADM-Auth-Session: hunter2tigerhunter|hunter2tiger
JSESSIONID=hunter2tiger|hunter2tiger
GET /enroll?code=hunter2tiger|hunter2tiger
GET /enroll?sig=hunter2tiger&x=1|hunter2tiger
oauth_signature="hunter2tiger"|hunter2tiger
shared secret hunter2tiger|hunter2tiger
EAPPassword hunter2tiger|hunter2tiger
<key>Password</key><string>hunter2tiger</string>|hunter2tiger
<password>hunter2tiger</password>|hunter2tiger
push token <a1b2c3d4 e5f60718 293a4b5c>|293a4b5c
PushMagic 1F2E3D4C-1111-2222-3333-444455556666|1F2E3D4C
server_token: AT_O1234abcd|AT_O1234abcd
ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 jdoe@host|AAAAB3Nza
jane.doe at example dot com|jane.doe
Managed Apple Account: jane.doe|jane.doe
logged in as jane.doe|jane.doe
uid=501(jdoe)|jdoe
Jane Doe's iPad|Jane
deviceName = "Jane Doe's iPad"|Jane
hostname=Janes-iPad|Janes
/private/var/mobile/jdoe|jdoe
C:\Users\jdoe\x|jdoe
(415) 555-0137|0137
415.555.0137|0137
+1-415-555-0137|0137
0170/1234567|1234567
MSISDN 14155550137|14155550137
IMEI2: 35-209900-176148-1|176148
imeisv 3520990017614801|3520990017614801
MEID: A1000000 9296F2|9296F2
IMSI 310150123456789|310150123456789
wifi a483e7112233|a483e7112233
10.20.30.40|10.20
http://jenkins:8080/|jenkins
\\fileserver\share|fileserver
ssid "Doe Family"|Doe
joined network Doe Family|Doe
F9FOTHER12|F9FOTHER12
RjlGT1RIRVIxMg==|RjlGT1RIRVIxMg
SSN 078-05-1120|1120
patient Doe, Jane MRN 123456|123456
Authorization Bearer hunter2tiger|hunter2tiger
Cookie sid=hunter2tiger|hunter2tiger
-u jdoe:hunter2tiger|hunter2tiger
https://jdoe:hunter2tiger@us-east.abm.apple.com/|hunter2tiger
https://us-east.abm.apple.com/v1/hunter2tiger?t=hunter2tiger|hunter2tiger
password%3Dhunter2tiger|hunter2tiger
p a s s w o r d = hunter2tiger|hunter2tiger
contraseña=hunter2tiger|hunter2tiger
mot de passe: hunter2tiger|hunter2tiger
"""
CASES = [line.rpartition("|")[::2] for line in LISTED.strip().splitlines()]


@pytest.mark.parametrize(("text", "secret"), CASES, ids=[f"{at}" for at in range(len(CASES))])
@pytest.mark.parametrize("place", ["{0} {1}", "{1} {0}"], ids=["before", "behind"])
def test_nothing_unknown(text: str, secret: str, place: str) -> None:
    """If this failed, a ticket would print a password, a token or a person that stands in a cited line."""
    said = shown()(HEAD + place.format(text, ERROR))
    assert secret not in said
    assert said.startswith(HEAD)


@pytest.mark.parametrize("text", [case[0] for case in CASES], ids=[f"{at}" for at in range(len(CASES))])
def test_the_error_is_read_before_it(text: str) -> None:
    """If this failed, a secret in a line would take with it what the receiver has to know."""
    assert shown()(f"{HEAD}{ERROR}, {text}").startswith(HEAD + ERROR)


@pytest.mark.parametrize(
    "text",
    [
        ERROR,
        '2026-05-17T03:45:03.000Z DEBUG ABM response: 202 {"status":"accepted","requestId":"req_8a3f1b2c"}',
        "<MCCloudConfigurationErrorDomain:34000> and MCCloudConfigErrorDomain, code 33001",
        "Sending enrollment request to https://eu-west.abm.apple.com/v1/devices",
        f"check-in failed: 401 from the MDM server, HTTP/1.1 503, {OWN} {OWN.lower()}",
        "NSURLErrorDomain Code=-1001, kCFErrorDomainCFNetwork",
    ],
    ids=["error", "response", "codes", "host", "statuses", "domains"],
)
def test_what_is_needed_is_whole(text: str) -> None:
    """If this failed, Apple could not find the request, or read the error, that the ticket is about."""
    show = shown()
    assert (show(text), show.hidden) == (text, 0)


def test_of_json_the_message() -> None:
    """If this failed, a log in JSON would prove nothing to its receiver, for its message would be a field's value."""
    line = json.dumps(
        {"user": "will", "timestamp": "2026-05-13 22:59:36.139452-0500", "eventMessage": f"{ERROR} pwd=x1y2"}
    )
    assert shown()(line) == (
        f'{{"user": "[person 1]", "timestamp": "2026-05-13 22:59:36.139452-0500", "eventMessage": "{ERROR} […]"}}'
    )


def test_what_is_known_keeps_its_label() -> None:
    """If this failed, a reader could not tell one other device from another, nor what was hidden by whom."""
    show = shown()
    assert show(f"TLS handshake failed beside {OTHER} pwd=[hidden]") == (
        "TLS handshake failed beside [other device 1] […]"
    )  # fmt: skip
    assert show("\ue0000\ue001 TLS") == "[…] TLS"
    assert show.hidden == 2


def test_the_networks_own_addresses() -> None:
    """If this failed, whoever runs the network could not find the connection."""
    text = "TLS handshake failed: unknown issuer proxy=10.1.2.3"
    assert shown(addresses=True)(text) == text
    assert "10.1" not in shown()(text)
