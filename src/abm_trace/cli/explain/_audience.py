"""To whom a ticket goes: what concerns each of them, what each must not see, and what each is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import Fact, Finding
from abm_trace.core.redact import LABELS


@dataclass(frozen=True, slots=True)
class Audience:
    """A receiver of tickets.

    `side` is the side of the confirmation that is theirs, "" for none. Facts concern them by `sources`, or in the
    device's log by `kinds`; findings by a layer or cause in `concerns`. `ids` are the attributes that they look
    something up by, `hides` what is taken out (kinds of core/redact.py), `asks` the question for a layer or cause.
    """

    title: str
    side: str
    sources: frozenset[str]
    kinds: frozenset[str]
    concerns: frozenset[str]
    ids: tuple[str, ...]
    hides: frozenset[str]
    asks: Mapping[str, str]
    always: str

    def takes(self, fact: Fact) -> bool:
        """Whether a fact concerns them."""
        return (
            fact.source in self.sources
            or fact.kind in self.kinds
            or bool(self.concerns & {fact.layer, fact.cause} - {""})
        )  # fmt: skip

    def minds(self, finding: Finding) -> bool:
        """Whether a finding concerns them; a push without a check-in is L2, and not Apple's."""
        if finding.kind == "check":
            return finding.id == f"{self.side}-silent"
        if finding.id == "no-check-in":
            return self.side != "apple"
        if not finding.layer:
            return finding.id.startswith("tls-") and "tls_failed" in self.kinds
        return (finding.cause or finding.layer) in self.concerns


_EVERYTHING: Final = frozenset(LABELS)

AUDIENCES: Final = {
    "apple": Audience(
        title="Apple (Apple Business Manager, Automated Device Enrollment)",
        side="apple",
        sources=frozenset({"audit", "abm", "dep", "capture"}),
        kinds=frozenset(
            {
                "booted", "requested", "fetch_requested", "identifier", "accepted", "response_empty", "response_204",
                "registered", "registration_failed", "profiles_null", "request_too_soon",
            }
        ),
        concerns=frozenset(
            {
                "L2", "L4", "L6", "L7", "not_assigned", "released", "no_profile", "terms_not_accepted", "token_expired",
                "cursor_expired", "throttled", "apple_unavailable", "not_activated", "rejected",
            }
        ),
        ids=("request_id", "device_identifier", "device_id", "token_id", "server", "server_id", "profile_uuid"),
        hides=_EVERYTHING,
        asks={
            "L2": "What became of the requests named below? They were answered 202, and no registration followed.",
            "L4": "Which region does the token named below belong to, and why was the request answered 204?",
            "L6": "Why was the device identifier rejected (or not attested), and which identifiers do you hold for it?",
            "L7": "Why is the device still pending, and what would end that?",
            "not_assigned": "What do your records say of its assignment, and when did that last change?",
            "released": "When was it released from the organisation, by whom, and how can it be added again?",
            "no_profile": "Which profile does your service hold for it, and since when?",
            "terms_not_accepted": "Which terms wait for acceptance in this organisation, since when?",
            "token_expired": "When did the server token named below expire for your service?",
            "cursor_expired": "Why was the sync cursor refused, and from when on is one needed?",
            "throttled": "Which limit was reached, and when may the request be made again?",
            "apple_unavailable": "Was the service disturbed at the times below, for this organisation or for all?",
            "not_activated": "Why was the device not activated at the times below?",
            "rejected": "Why was the registration rejected? The reason that was recorded stands below.",
        },
        always="What do your records show for this serial number from {begin} to {end} (requests, answers, "
        "registration)?",
    ),
    "mdm": Audience(
        title="the MDM's administrator or vendor",
        side="mdm",
        sources=frozenset({"mdm", "dep", "profile"}),
        kinds=frozenset({"mdm_error", "pushed", "profile", "enrolled", "method_none", "booted"}),
        concerns=frozenset(
            {
                "L5", "not_assigned", "no_profile", "profile_removed", "terms_not_accepted", "token_expired",
                "cursor_expired", "throttled", "mdm_refused", "mdm_unreachable", "push_unavailable", "profile_rejected",
                "identity_certificate", "checkin_incomplete", "enrolled_by_hand",
            }
        ),
        ids=("server", "server_id", "mdm", "mdm_id", "udid", "method", "profile_uuid", "profile_name"),
        hides=_EVERYTHING,
        asks={
            "L5": "Where does the enrolment profile lose enrollmentMethod or serverUrl on its way to the device?",
            "L2": "Did any check-in of this device reach the server after the push, in its logs or in front of it?",
            "not_assigned": "Is it in the server's list from the DEP service, and when was that fetched as a whole?",
            "no_profile": "Please assign an enrolment profile to it, and say why it had none.",
            "profile_removed": "Who or what removed its enrolment profile, and when?",
            "terms_not_accepted": "Since when does the sync fail? It will go on once the terms are accepted.",
            "token_expired": "Please renew the server token, and say when it last synced.",
            "cursor_expired": "Please fetch the whole device list again: the sync cursor is expired.",
            "throttled": "How often is the profile assigned anew? Apple throttles it.",
            "mdm_refused": "Why does the server refuse it? Its own log says so at the times below.",
            "mdm_unreachable": "Did the requests reach the server at the times below, and with which certificate?",
            "push_unavailable": "Are the APNs certificate and its topic valid, and the same as at enrolment?",
            "profile_rejected": "Please mend the payload that the device refused; the error stands below.",
            "identity_certificate": "What does the SCEP or ACME server say of its request at the times below?",
            "checkin_incomplete": "What became of the check-in between Authenticate and TokenUpdate?",
            "enrolled_by_hand": "By which way was it enrolled, by whom, and can it be enrolled automatically instead?",
        },
        always="What does the server hold for this serial number (record, DEP profile, last DEP sync, check-ins) "
        "from {begin} to {end}?",
    ),
    "network": Audience(
        title="whoever runs the network of the staging site",
        side="",
        sources=frozenset({"tls", "clock", "capture"}),
        kinds=frozenset({"tls_failed", "fetch_requested", "requested", "booted", "clock_offset"}),
        concerns=frozenset(
            {"L1", "L3", "apple_unavailable", "network_blocked", "mdm_unreachable", "push_unavailable", "not_activated"}
        ),
        ids=("endpoint", "port"),
        hides=_EVERYTHING - {"address"},
        asks={
            "L1": "What stands between this segment and the hosts below, and changes, inspects or strips their TLS?",
            "L2": "Were connections from this segment to the MDM's host refused or inspected after the push?",
            "L3": "Does the segment offer NTP (DHCP option 42, UDP 123), and do devices reach it before they enrol?",
            "apple_unavailable": "Did requests from here to the hosts below leave your network, and what came back?",
            "network_blocked": "Which rule, proxy or portal stops the way to the hosts below? Please let them pass.",
            "mdm_unreachable": "Which rule or proxy stops the MDM's host from this segment? Please let it pass.",
            "push_unavailable": "Are 17.0.0.0/8 on ports 5223, 443 and 2197 open from this segment?",
            "not_activated": "Are albert.apple.com and humb.apple.com open from this segment, without inspection?",
        },
        always="What do firewall, proxy and DNS logs of this segment say of the hosts below from {begin} to {end}?",
    ),
}  # fmt: skip
