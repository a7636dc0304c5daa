"""Writes docs/schema/: the JSON Schema of each machine format, from the very structs that are encoded.

With --check nothing is written, and the exit code is 1 if a file there is not what would be written.
"""

import re
import sys
from pathlib import Path
from typing import Any

import msgspec

from abm_trace.checks.payload import SEVERITIES
from abm_trace.cli._evidence import Act
from abm_trace.cli._marks import JUDGEMENTS, Mark
from abm_trace.cli.check._report import CheckDocument
from abm_trace.cli.check.firmware import FirmwareDocument
from abm_trace.cli.checklist._journal import AdherenceDocument, RunRecord
from abm_trace.cli.checklist._wire import ChecklistDocument
from abm_trace.cli.clock_guard import ClockDocument
from abm_trace.cli.health._wire import HealthDocument, HistoryDocument
from abm_trace.cli.licences import LicencesDocument
from abm_trace.cli.policy import PolicyDecisions, PolicyTests
from abm_trace.cli.reconcile._wire import ReconcileDocument
from abm_trace.cli.sla import SlaDocument
from abm_trace.cli.tokens import TokensDocument
from abm_trace.cli.validate._wire import RuleObject, ValidateDocument
from abm_trace.core.changes import KINDS, WHY
from abm_trace.core.nouns import RUNGS
from abm_trace.evidence.bundle_contents import Manifest
from abm_trace.exports import VERDICTS
from abm_trace.exports._interface import LAYERS, ChangeLine, FileLine, SkippedLine, VerdictLine
from abm_trace.exports.json import Document
from abm_trace.gates.guard.kept import GuardRecord
from abm_trace.views.changes import FIELDS as CHANGED
from abm_trace.views.reconcile import NAMES, SOURCES
from abm_trace.views.tokens import STATES

FOLDER = Path(__file__).parent.parent / "docs/schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MORE = "More keys are welcome: readers ignore those that they do not know. The keys that are named here stay."

STRUCTS: tuple[type[msgspec.Struct], ...] = (
    VerdictLine, SkippedLine, FileLine, ChangeLine, Document, ReconcileDocument, Mark,
    LicencesDocument, SlaDocument, ValidateDocument, RuleObject, HealthDocument, HistoryDocument, TokensDocument,
    FirmwareDocument, ClockDocument, GuardRecord, CheckDocument, ChecklistDocument, RunRecord,
    AdherenceDocument, PolicyDecisions, PolicyTests, Act, Manifest,
)  # fmt: skip
"""What stands in a file of its own: `abm-trace/verdict/1` in verdict-1.json."""

_TIME = {"format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$"}
_SHARE = {"minimum": 0, "maximum": 1}
_COUNT = {"minimum": 0}
_SCORE = {"minimum": 0, "maximum": 100}
_STATES = {"enum": ["good", "bad", "open"]}
_DECISIONS = {"enum": ["escalate", "look_here_first", "refused"]}
_GROUPED = {"enum": ["all", "site", "batch"]}

_Field = str | tuple[str, dict[str, Any]]
"""What a field means, and what of it the type does not say."""

FIELDS: dict[str, dict[str, _Field]] = {
    "VerdictLine": {
        "serial": "The device's serial number as the manifest spells it, else in upper case.",
        "site": "The manifest's site; empty where it names none.",
        "verdict": ("What became of the device.", {"enum": list(VERDICTS)}),
        "last_rung": ("The highest rung of the ladder that is proved; null where none is.", {"enum": list(RUNGS)}),
        "last_rung_at": ("When that rung was reached; null where nothing says.", _TIME),
        "layer": (
            "The layer that stopped the device; null where none did, and where nothing is proved.",
            {"enum": list(LAYERS)},
        ),
        "cause": "The cause of an L0, by name; null for other layers.",
        "contributing": ("Other layers that are proved.", {"items": {"type": "string", "enum": list(LAYERS)}}),
        "confidence": ("How sure the verdict is.", _SHARE),
        "attempts": ("How many distinct enrolment requests the last journey shows.", _COUNT),
        "identifiers": "The device identifiers that the requests showed.",
        "first_seen": ("The time of the first event of the device; null where none has a time.", _TIME),
        "last_seen": ("The time of its last event; null where none has a time.", _TIME),
        "deadline_at": ("When both confirmations were due; null where nothing set the deadline running.", _TIME),
        "as_of": ("The time that the case was judged at.", _TIME),
        "clock_offset": "Seconds, device − reference, by which device times are corrected; null if not measured.",
        "journeys": ("How many staging journeys the evidence shows; the verdict is the last one's.", _COUNT),
        "simulated": "Whether the lab made this case.",
        "missing": "The side (`apple`, `mdm`) or the source that lacks.",
        "findings": "What signatures, rules and checks say of the device, the ones that prove its layer first.",
        "next_action": "What to do, as a sentence.",
        "exposure": "What is known of the device's protection: shown, never judged.",
        "sighting": "Where it was seen last on a network: shown, never judged; null where it was not seen.",
    },
    "FindingObject": {
        "id": "The signature, rule or check that says it.",
        "kind": ("What kind of thing says it.", {"enum": ["signature", "rule", "check"]}),
        "layer": ("The layer that it proves; null where it proves none.", {"enum": list(LAYERS)}),
        "cause": "The cause of an L0 that it proves; null where it proves none.",
        "severity": ("How bad it is; `info` for what was overcome.", {"enum": ["info", "low", "medium", "high"]}),
        "confidence": ("How surely it means what it says.", _SHARE),
        "at": ("When it happened; null where nothing says.", _TIME),
        "text": "What was seen, in words or as the evidence has it.",
        "evidence": "Where the proof stands; empty where identity alone says it.",
    },
    "EvidenceObject": {
        "path": "The file, relative to the case; a member of an archive is `archive.zip/member`.",
        "line": ("The line, from 1; null in a file without lines.", {"minimum": 1}),
        "record": ("The record, from 0; null in a file of lines.", {"minimum": 0}),
        "offset": ("Where it begins, in bytes of the decompressed file; null where that is not known.", _COUNT),
        "sha256": (
            "The digest of the cited line without its end, or of the record; null where no single line is cited.",
            {"pattern": "^[0-9a-f]{64}$"},
        ),
        "by": "The signature or format that read it.",
    },
    "SightingObject": {
        "at": ("When it was seen; null where the source does not say when (a lease that names its end alone).", _TIME),
        "place": "The access point, site or subnet, else its address; null where nothing says.",
        "ip": "The address that it had; null where nothing says.",
        "hostname": "The name that it gave itself; null where nothing says.",
        "until": ("When its lease ends, which says nothing of when it was seen; null for no lease.", _TIME),
        "evidence": "The row that says so.",
    },
    "LicencesDocument": {
        "as_of": ("The time that the case was judged at.", _TIME),
        "simulated": "Whether the lab made this case.",
        "price_usd": ("What a seat costs a device and year.", _COUNT),
        "price_origin": ("Who says so.", {"enum": ["guide", "--price"]}),
        "total": "The seats of all devices.",
        "groups": "The same by site and, where the manifest has that column, by batch; the most lost first.",
    },
    "SeatsObject": {
        "by": ("What they have in common.", _GROUPED),
        "name": "The site or batch; empty for all, and where the manifest names none.",
        "devices": ("How many devices there are.", _COUNT),
        "consumed": ("The seats that they consumed: by being synced, and by retries.", _COUNT),
        "in_use": ("The seats of devices that Apple registered or the MDM enrolled.", _COUNT),
        "leaked": ("The seats of devices that never registered, where both sides were read.", _COUNT),
        "retries": ("Further seats: a retry's identifier or MDM record of its own.", _COUNT),
        "lost": ("Leaked, and of retries.", _COUNT),
        "waiting": ("The seats of devices that have not started, or are in progress.", _COUNT),
        "not_known": ("The seats of devices of which a side was not read.", _COUNT),
        "over_provisioned": ("Lost seats as a share of those in use; null where none is in use.", _COUNT),
        "cost_usd": ("What the consumed seats cost a year.", _COUNT),
        "lost_usd": ("What the lost ones cost a year.", _COUNT),
    },
    "PredeclareDocument": {
        "simulated": "The lab made the case that was read.",
        "region": "The region that was asked for; empty for all.",
        "devices": "The devices, each with its fingerprint.",
    },
    "FingerprintObject": {
        "serial": "The device's serial number.",
        "fingerprint": ("Its composite fingerprint.", {"pattern": "^[0-9a-f]{64}$"}),
        "lacks": "The parts that nobody knows, with commas between.",
        "state": "What became of declaring it; empty where nothing was sent.",
    },
    "CheckDocument": {
        "check": "Which check it is.",
        "at": ("When it was made, by this computer's clock.", _TIME),
        "state": ("Whether nothing is wrong, something is, or it could not be told.", _STATES),
        "took_s": ("How long it took.", _COUNT),
        "simulated": "The lab made the case that was looked at.",
        "subjects": "What was looked at.",
    },
    "CheckSubject": {
        "name": "A host, a server, a token, a device or a file.",
        "state": ("Whether nothing is wrong with it, something is, or it could not be told.", _STATES),
        "seen": "What showed of it, in words; empty where nothing did.",
        "problem": "What kept it from being told; empty where nothing did.",
        "findings": "What is to be said of it, the worst first.",
    },
    "CheckFinding": {
        "id": "The name of the finding.",
        "layer": "The layer that it proves; null where it proves none.",
        "severity": ("How bad it is; an error makes the state bad.", {"enum": list(SEVERITIES)}),
        "text": "What was found, in words.",
        "do": "What to do about it.",
        "evidence": "What it rests on: path:line, or live:NAME for what was looked at then.",
    },
    "ChecklistDocument": {
        "at": ("When it was begun, by this computer's clock.", _TIME),
        "by": "Who ran it.",
        "host": "The computer that it ran on.",
        "simulated": "The lab made the case that was looked at.",
        "took_s": ("How long it took.", _COUNT),
        "complete": "Whether every step was told, or left out by name.",
        "decision": ("Whether to escalate.", _DECISIONS),
        "steps": "All steps, in the guide's order.",
    },
    "StepObject": {
        "id": "The step.",
        "title": "Its row of the specification, and its name.",
        "result": ("What became of it.", {"enum": ["good", "bad", "open", "skipped"]}),
        "began_s": ("When it began, in seconds from the beginning of all.", _COUNT),
        "took_s": ("How long it took.", _COUNT),
        "skipped_by": "Who left it out; null where nobody did.",
        "reason": "Why; null where nobody did.",
        "subjects": "What was looked at.",
    },
    "RunRecord": {
        "at": ("When it was begun, by this computer's clock.", _TIME),
        "by": "Who ran it.",
        "host": "The computer that it ran on.",
        "took_s": ("How long it took.", _COUNT),
        "complete": "Whether every step was told, or left out by name.",
        "decision": ("Whether to escalate.", _DECISIONS),
        "skipped": "The steps that were left out.",
        "left_open": "The steps that could not be told.",
    },
    "SkippedStep": {"step": "The step.", "by": "Who left it out.", "reason": "Why."},
    "AdherenceDocument": {
        "runs": ("How many checklists were run.", _COUNT),
        "complete": ("How many of them were complete.", _COUNT),
        "hours": "The hours of the day in which any was run.",
    },
    "HourObject": {
        "hour": ("The hour of the day, in the time zone of this computer.", {"minimum": 0, "maximum": 23}),
        "runs": ("How many checklists were begun in it.", _COUNT),
        "complete": ("How many of them were complete.", _COUNT),
        "skipped": "How often each step was left out.",
        "left_open": "How often each step could not be told.",
        "diagnosis_s": "The median time of those that found something; null where none did.",
    },
    "PolicyDecisions": {
        "policies": "The policies that decided, by file.",
        "allowed": ("How many documents are allowed.", _COUNT),
        "denied": ("How many are denied, or were given no answer about.", _COUNT),
        "unknown": ("Of how many a fact is missing, and none is a reason to deny.", _COUNT),
        "decisions": "What the policies say, a document each, in the order in which they were given.",
    },
    "DecisionObject": {
        "document": "The file, its number in it where there are several, and the device's serial where it has one.",
        "state": ("What came out.", {"enum": ["allowed", "denied", "unknown"]}),
        "reasons": "Why, by kind and policy; empty where no rule says anything.",
    },
    "ReasonObject": {
        "policy": "The package of the rule; empty where the policies gave no answer.",
        "kind": (
            "What kind of rule says it; closed where there was no answer.",
            {"enum": ["deny", "warn", "unknown", "closed"]},
        ),
        "message": "What it says.",
        "fix": "What to do; empty where the rule does not say.",
    },
    "PolicyTests": {
        "tests": "The tests, in the order of their files.",
        "coverage": "What the tests ran of each policy; empty where the engine tells nothing.",
    },
    "TestObject": {
        "path": "The file that the test is in.",
        "name": "Its name.",
        "state": ("What came out; closed where there was no answer.", {"enum": ["passed", "failed", "closed"]}),
        "why": "Why it did not pass; empty where it did.",
    },
    "CoverageObject": {
        "path": "The policy's file.",
        "covered": ("How many of its lines the tests ran.", _COUNT),
        "lines": ("How many lines there are to run.", _COUNT),
        "missed": "The numbers of the lines that no test ran.",
    },
    "HealthDocument": {
        "at": ("The time that the rollout was judged at.", _TIME),
        "rollout": "Its name: as it was given, else the case's folder.",
        "simulated": "Whether the lab made this case.",
        "decision": "Whether it may go on; `not_known` where what was not measured could change that.",
        "decided_by": "What decided: the sum, a part at 0 (`veto`), both, or that something was not measured.",
        "score": ("The sum; null where a part is not known.", _SCORE),
        "at_most": ("The most that the sum can be, with all that was not measured at its best.", _SCORE),
        "bar": ("Below this sum a rollout is rolled back.", _SCORE),
        "bar_origin": "Whose word the bar is.",
        "vetoes": "The parts at 0.",
        "missing": "The parts that are not known.",
        "components": "The parts, by their weight.",
    },
    "ComponentObject": {
        "name": "The part.",
        "weight": ("What it weighs in the sum, in percent.", _SCORE),
        "score": ("What it is worth; null where that is not known.", _SCORE),
        "at_most": ("The most that it can be.", _SCORE),
        "points": ("What it adds to the sum; null where that is not known.", _SCORE),
        "subject": "The worst of what was measured: a token, an endpoint, a host, a profile; empty where nothing was.",
        "said": "What it showed.",
        "measured_at": ("When; null where nothing says.", _TIME),
        "measured": ("Of how many subjects it is the worst.", _COUNT),
        "open": "The subjects of which nothing is known, and why; empty for none.",
        "meaning": "What the part is, and where it is 100 and 0.",
        "origin": "Whose word these limits are.",
        "do": "What to do, or how to measure it where it is not known.",
        "evidence": "Where the worst stands: `path:line`; empty where nothing was measured.",
    },
    "HistoryDocument": {"scores": "The scores, by their time."},
    "TokensDocument": {
        "as_of": ("The time that the case was judged at.", _TIME),
        "simulated": "Whether the lab made this case.",
        "rotation_days": ("How old a token may be.", _COUNT),
        "rotation_origin": ("Who says so.", {"enum": ["guide", "--every"]}),
        "counts": "How many tokens are in each state.",
        "tokens": "The tokens, those that must be rotated first on top.",
    },
    "TokenObject": {
        "kind": "An ABM token, or the token of an MDM server at the DEP service.",
        "name": "Its id; of a server's token the server and the last four characters of its key. Never a secret.",
        "region": "Its region; empty where nothing says, and for a server's.",
        "server": "The MDM server whose it is; empty for an ABM token.",
        "state": ("How it stands, the worst that holds.", {"enum": list(STATES)}),
        "created_at": ("When it was made; null where nothing says.", _TIME),
        "age_days": "How old it is; null where nothing says.",
        "expires_at": ("When it ends; null where nothing says.", _TIME),
        "expires_in_days": "How long it is good for, below 0 once it has ended; null where nothing says.",
        "last_used_at": ("When it was last used, a server's by its last sync; null where nothing says.", _TIME),
        "rotate_at": ("When to rotate it at the latest; null where nothing says, or nothing is to be done.", _TIME),
        "why": "Why then.",
        "warnings": "What is wrong with it; empty for nothing.",
        "evidence": "Where it stands: `path:line`; empty where no record of it was read.",
    },
    "SlaDocument": {
        "as_of": ("The time that the case was judged at.", _TIME),
        "simulated": "Whether the lab made this case.",
        "target": ("The share of devices that must register.", _SHARE),
        "total": "The rate of all devices.",
        "groups": "The same by site and, where the manifest has that column, by batch; the most failures first.",
    },
    "RateObject": {
        "by": ("What they have in common.", _GROUPED),
        "name": "The site or batch; empty for all, and where the manifest names none.",
        "registered": ("Devices that registered.", _COUNT),
        "failed": ("Devices that did not, where Apple's side was read.", _COUNT),
        "undecided": ("Devices on their way, or of which Apple's side was not read; they do not count.", _COUNT),
        "rate": ("The share of the decided that registered; null where none is decided.", _SHARE),
        "low": ("The true rate is at least this, with 95 %.", _SHARE),
        "high": ("The true rate is at most this, with 95 %.", _SHARE),
        "state": ("`unproved` where so few devices show neither.", {"enum": ["met", "missed", "unproved"]}),
        "needed": (
            "How many decided devices prove the target if no further one fails; 0 where met, null where missed.",
            _COUNT,
        ),
    },
    "ValidateDocument": {
        "as_of": ("The time that certificates were judged at.", _TIME),
        "counts": (
            "The findings by severity, and those that exceptions allow.",
            {"additionalProperties": {"type": "integer", "minimum": 0}},
        ),
        "passed_over": ("How many files of the folders are no payload.", _COUNT),
        "payloads": "What was validated, each with its findings.",
        "endpoints": "The servers that hands were shaken with; none without --staple.",
        "skipped": "What was not read, and why.",
    },
    "ValidateEndpoint": {
        "name": "Host and port.",
        "state": ("`open` could not be told.", _STATES),
        "seen": "What showed; empty where nothing did.",
        "problem": "Why nothing showed; empty where something did.",
    },
    "ValidatePayload": {
        "path": "The file, as it was named, or below the folder that was.",
        "kind": ("`allow` is the file of exceptions.", {"enum": ["profile", "dep-profile", "unreadable", "allow"]}),
        "form": "How it is written; empty where it could not be read.",
        "findings": "In the order in which they stand in it, the allowed ones last.",
    },
    "ValidateFinding": {
        "id": "The rule; docs/validate.md has a section of this name.",
        "kind": ("What says it.", {"enum": ["check"]}),
        "layer": (
            "The layer that devices with this payload stop at; null where that is not said.",
            {"enum": list(LAYERS)},
        ),
        "cause": "The cause of an L0; null for other layers.",
        "severity": ("How bad it is.", {"enum": list(SEVERITIES)}),
        "confidence": ("How sure it is.", _SHARE),
        "text": "What was found, in words.",
        "key": "The key path, such as `PayloadContent[0].ServerURL`; empty for the payload as a whole.",
        "evidence": "Where it stands; of a handshake also the record of it, as `live:HOST:PORT`.",
        "next_action": "What to do, as a sentence.",
        "allowed": "The reason of the exception that allows it; null where none does.",
    },
    "ValidatePlace": {
        "path": "The file.",
        "line": ("The line, from 1; null in a file without lines, and inside of a CMS message.", {"minimum": 1}),
        "record": ("0 where the whole payload is cited; null for a line.", _COUNT),
        "offset": ("0 where the whole payload is cited; null for a line.", _COUNT),
        "sha256": ("Of the line without its end, or of the whole payload.", {"pattern": "^[0-9a-f]{64}$"}),
        "by": "The rule.",
    },
    "RuleObject": {
        "id": "The rule.",
        "title": "What it finds, in one line.",
        "severity": ("How bad that is, if the finding does not say otherwise.", {"enum": list(SEVERITIES)}),
        "layer": (
            "The layer that devices with such a payload stop at; null where that is not said.",
            {"enum": list(LAYERS)},
        ),
        "cause": "The cause of an L0; null for other layers.",
        "source": "On whose word it stands.",
        "means": "What it means for a device.",
        "next_action": "What to do, as a sentence.",
    },
    "SkippedLine": {
        "path": "The file, relative to the case; a member of an archive is `archive.zip/member`.",
        "line": ("The line, from 1; null where it is about no line.", {"minimum": 1}),
        "offset": ("Where it begins, in bytes of the decompressed file; null where that is not known.", _COUNT),
        "reason": "Why it was not used, for people.",
    },
    "FileLine": {
        "path": "The file, relative to the case; a member of an archive is `archive.zip/member`.",
        "format": "The format that read it; null where none does.",
        "why": "Why that format was chosen, or why none was.",
        "size_bytes": ("Its size.", _COUNT),
        "lines": ("How many lines it has; 0 in a file without lines.", _COUNT),
        "facts": ("How many statements it gave.", _COUNT),
        "skipped": ("How many things of it were not used.", _COUNT),
        "first_at": ("The time of its first line or fact; null where none has a time.", _TIME),
        "last_at": ("The time of its last line or fact; null where none has a time.", _TIME),
    },
    "ChangeLine": {
        "serial": "The device.",
        "site": "The manifest's site; empty where it names none.",
        "change": (
            "`failed` was no failure before, `recovered` was one and is confirmed now, `changed` is any other change.",
            {"enum": list(KINDS)},
        ),
        "fields": (
            "Which parts of the verdict differ; empty for `new` and `gone`.",
            {"items": {"type": "string", "enum": list(CHANGED)}},
        ),
        "why": (
            "New evidence, a deadline that passed, evidence that went away, or the same evidence judged otherwise.",
            {"enum": list(WHY)},
        ),
        "text": "Why, as a sentence.",
        "earlier": "What was said before; null for `new`.",
        "later": "What is said now; null for `gone`.",
        "cited": "What the verdict rests on now and the earlier one did not cite.",
        "dropped": "What the earlier one rested on and nothing cites any more; its places are the earlier case's.",
    },
    "StandingObject": {
        "verdict": ("The verdict.", {"enum": list(VERDICTS)}),
        "last_rung": ("The highest rung that is proved; null where none is.", {"enum": list(RUNGS)}),
        "layer": ("The layer that stopped it; null where none did or is proved.", {"enum": list(LAYERS)}),
        "cause": "The cause of an L0; null for other layers.",
        "missing": "The side or source that lacks.",
        "as_of": ("The time that this was said of.", _TIME),
    },
    "GroundObject": {
        "id": "The finding, the rung, or the side that is not read far enough any more.",
        "kind": ("What it is.", {"enum": ["signature", "rule", "check", "rung", "side"]}),
        "text": "What was seen, in words.",
        "at": ("When it happened; null where nothing says.", _TIME),
        "evidence": "Where it stands; null where nothing is cited.",
    },
    "Act": {
        "by": "The account that ran the command.",
        "words": "The words behind `abm-trace check`, as they were typed.",
        "code": "Its exit code.",
        "output": "What it printed on standard output.",
    },
    "Manifest": {
        "at": ("When the bundle was made, by that computer's clock.", _TIME),
        "actor": "Who made it: an account or role.",
        "reason": "Why; it names no device and no person.",
        "redacted": "Whether pseudonyms stand in the place of devices and people.",
        "stored": "First and last index of the records whose bytes are in it as the log keeps them.",
        "by_line": "First and last index of the records of which lines are in it.",
        "withheld": ("How many other records keep something.", _COUNT),
        "files": "The parts that no entry of the log binds, by name.",
    },
    "Digest": {
        "bytes": ("The size of the part.", _COUNT),
        "sha256": ("Its SHA-256.", {"pattern": "^[0-9a-f]{64}$"}),
    },
    "Mark": {
        "at": ("When it was said.", _TIME),
        "by": "Who said it.",
        "serial": "The device.",
        "finding": "The id of the finding.",
        "judgement": ("What they said of it.", {"enum": list(JUDGEMENTS)}),
        "why": "Why they said so.",
        "digests": (
            "The SHA-256 of each line or record that proves the finding; of its id and text where it cites nothing.",
            {"items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
        ),
        "places": "Where those stood, for people.",
    },
    "Document": {
        "as_of": ("The time that the case was judged at.", _TIME),
        "time_zone": "The zone of the case.",
        "simulated": "Whether the lab made this case.",
        "devices": ("How many devices there are.", _COUNT),
        "counts": (
            "The devices by verdict; a verdict that none has is left out.",
            {"propertyNames": {"enum": list(VERDICTS)}, "additionalProperties": {"type": "integer", "minimum": 1}},
        ),
        "files_read": ("How many files some format read.", _COUNT),
        "files_refused": ("How many files no format read.", _COUNT),
        "shared": "Sentences that say what the failed have in common and the confirmed do not, the most telling first.",
        "verdicts": "A verdict a device, in order of serial.",
        "skipped": "What was not used, and why.",
        "files": "How each file was read; null unless `--files` asked for it.",
        "changes": "The devices of which something is said otherwise; null unless `--since` asked for it.",
    },
    "FirmwareDocument": {
        "simulated": "Whether the lab made this case.",
        "counts": "How many devices there are by state.",
        "needs": "The fixes that were asked about, and on whose word.",
        "devices": "The devices, in order of serial.",
    },
    "NeedObject": {
        "id": "The need.",
        "title": "The need in words.",
        "fix": "What the devices need.",
        "origin": ("Whose word it is.", {"enum": ["guide", "vendor", "standard", "measured", "ours"]}),
        "guide": "What the guide claims; empty where it says nothing.",
        "apple": "What Apple documents; empty where nothing is known of it.",
        "layer": "The layer that stops a device without it; empty for none.",
        "do": "What to do.",
        "devices": ("How many devices need it first.", _COUNT),
    },
    "FirmwareObject": {
        "serial": "The device.",
        "state": ("What is said of it.", {"enum": ["needs_fix", "unknown", "fixed", "not_affected"]}),
        "need": "The need that decided; empty for none.",
        "why": "Why, in words.",
        "model": "The first model that is said of it; empty for none.",
        "os_version": "The newest version that is said of it; empty for none.",
        "build": "The newest build that is said of it; empty for none.",
        "evidence": "Where that is written; `path:line`, with `; ` between.",
    },
    "ClockDocument": {
        "state": ("What holds now.", {"enum": ["clear", "blocked", "not_sure"]}),
        "measured": ("What this look alone says.", {"enum": ["clear", "blocked", "not_sure"]}),
        "offset_s": "This clock − the time servers', in seconds; null where nothing says.",
        "bound_s": "How far the truth may be from that; null where nothing says.",
        "limit_s": ("How far the clock may be off.", _COUNT),
        "limit_origin": "Whose limit it is; `--limit` where the user set it.",
        "interval_s": ("How often the clock is looked at.", _COUNT),
        "held_s": "How old the offset is where no server answered this time; null where one did.",
        "clock_shows": ("What this very clock showed: it may be wrong.", _TIME),
        "pid": ("The process that guards.", _COUNT),
        "servers": "What each server said.",
        "problems": "Why a server said nothing that could be used.",
    },
    "ServerObject": {
        "server": "The server as it was named.",
        "stratum": ("How far it is from a clock of reference.", _COUNT),
        "offset_s": "This clock − the server's, in seconds.",
        "bound_s": ("How far the truth may be from that.", _COUNT),
    },
    "GuardRecord": {
        "command": "The step: program and arguments.",
        "working_folder": "Where it was run.",
        "host": "The staging host's name.",
        "started_at": ("When it was begun, by this host's clock.", _TIME),
        "limit_s": ("How long a device may stay silent.", _COUNT),
        "limit_origin": "Whose limit it is; `--limit` where the user set it.",
        "rebuilt": "Whether the user said that the devices were reimaged.",
        "outcome": (
            "How it ended.",
            {"enum": ["running", "ended", "aborted", "refused", "stopped", "failed"]},
        ),
        "code": "The exit code; null while it runs.",
        "ended_at": ("When it ended, by this host's clock; null while it runs.", _TIME),
        "elapsed_s": "How long it took, by the monotonic clock; null while it runs.",
        "as_of": ("The time that the kept case was judged at; null where it was not.", _TIME),
        "devices": "The devices of the run.",
        "logs": "The logs that were kept, below `case/logs/`.",
        "ended": "The processes that were there when the step was aborted.",
        "survived": "Those of them that could not be ended.",
        "notes": "What went wrong on the way.",
    },
    "DeviceObject": {
        "device": "Its serial or UDID; empty where the log does not say.",
        "state": (
            "How far it came.",
            {"enum": ["registered", "silent", "waiting", "refused", "unseen"]},
        ),
        "log": "The log that it was seen in; null for none.",
        "waited_s": "How long it waited, by the monotonic clock; null where it was not seen.",
        "prepared": ("How often it prepared without registering; more than once is a retry.", _COUNT),
        "verdict": "The verdict of the triage; null where there was none.",
    },
    "ProcessObject": {
        "pid": ("The process.", _COUNT),
        "name": "Its name.",
    },
    "ReconcileDocument": {
        "as_of": ("The time that the case was judged at.", _TIME),
        "simulated": "Whether the lab made this case.",
        "devices": ("How many devices there are.", _COUNT),
        "differing": ("How many of them stand in at least one difference.", _COUNT),
        "sources": "What was read, in the order in which a device comes through.",
        "differences": "The comparisons, each with its devices by name.",
        "audit_inventory": "Who asked, against the MDM's rows that wait.",
    },
    "SourceObject": {
        "id": ("The source.", {"enum": list(SOURCES)}),
        "state": (
            "`in part` where it names devices and no list of it is whole: what it does not name proves nothing.",
            {"enum": ["read", "in part", "not read"]},
        ),
        "devices": ("How many devices it names.", _COUNT),
        "until": ("Up to when it was read as a whole; null where it was not.", _TIME),
    },
    "DifferenceObject": {
        "id": "The comparison.",
        "left": ("The source that says something of a device.", {"enum": list(NAMES)}),
        "right": ("The source that does not.", {"enum": list(NAMES)}),
        "title": "What is compared, in words.",
        "count": ("How many devices differ; null where nothing was compared.", _COUNT),
        "unread": "Why nothing was compared; null where something was.",
        "devices": "Those that differ, in order of serial.",
        "not_compared": "Those of which the right was not read, or read too early, with the reason.",
    },
    "AuditObject": {
        "unread": "Why nothing was compared; null where something was.",
        "window_from": ("When the first device was staged; null where nothing was compared.", _TIME),
        "window_until": ("When the last one had to be confirmed; null where nothing was compared.", _TIME),
        "requests": ("How many distinct requests the audit holds.", _COUNT),
        "both": ("How many devices asked and wait.", _COUNT),
        "requested": "The devices that asked.",
        "waiting": "Those with an MDM row without `enrolled_at` that was made in the window.",
        "undated": "Those with such a row that does not say when it was made.",
    },
    "RowObject": {
        "serial": "The device.",
        "site": "The manifest's site; empty where it names none.",
        "server": "The MDM server that it is assigned to; empty where none is known.",
        "reason": "The likely reason.",
    },
}


def schemas() -> dict[str, dict[str, Any]]:
    """File name → schema. Each stands by itself: what it refers to is inside it.

    Raises KeyError or ValueError if FIELDS and the structs do not name the same fields.
    """
    return {_file_name(struct): _schema(struct) for struct in STRUCTS}


def _file_name(struct: type[msgspec.Struct]) -> str:
    return str(struct.__struct_config__.tag).removeprefix("abm-trace/").replace("/", "-") + ".json"


def _schema(struct: type[msgspec.Struct]) -> dict[str, Any]:
    _, components = msgspec.json.schema_components([struct], ref_template="#/$defs/{name}")
    parts = {name: _described(name, part) for name, part in components.items()}
    root = parts.pop(struct.__name__)
    tag = str(struct.__struct_config__.tag)
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:{tag.replace('/', ':')}",
        "title": tag,
        **{key: value for key, value in root.items() if key != "title"},
    }
    return {**schema, "$defs": parts} if parts else schema


def _described(name: str, part: dict[str, Any]) -> dict[str, Any]:
    """A struct's own part of the schema, with what FIELDS says of its fields."""
    says = FIELDS[name]
    fields = {key: value for key, value in part["properties"].items() if key != "schema"}
    if unknown := says.keys() ^ fields.keys():
        message = f"{name}: FIELDS and the struct do not agree about {', '.join(sorted(unknown))}"
        raise ValueError(message)
    properties = {key: _field(value, says[key]) for key, value in fields.items()}
    if "schema" in part["properties"]:
        tag = {"description": "What this object is, and the version of its form.", "const": _tag(part)}
        properties = {"schema": tag, **properties}
    summary = re.sub(r"\s+", " ", part.get("description", "")).strip()
    return {
        "description": f"{summary} {MORE}",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": True,
    }


def _tag(part: dict[str, Any]) -> str:
    (tag,) = part["properties"]["schema"]["enum"]
    return str(tag)


def _field(value: dict[str, Any], says: _Field) -> dict[str, Any]:
    text, limits = (says, {}) if isinstance(says, str) else says
    branches = value.get("anyOf", [])
    if not branches:
        return {"description": text, **value, **limits}
    (kind,) = (each for each in branches if each != {"type": "null"})
    limited = {**kind, **limits}
    return {"description": text, "anyOf": [limited, {"type": "null"}]}


def encoded(schema: dict[str, Any]) -> bytes:
    """The bytes of a schema's file."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def main(*, check: bool) -> int:
    """Write the files, or say which of them differ."""
    wanted = {FOLDER / name: encoded(schema) for name, schema in schemas().items()}
    wrong = [path for path, data in wanted.items() if not path.is_file() or path.read_bytes() != data]
    wrong += sorted(set(FOLDER.glob("*.json")) - wanted.keys())
    for path in wrong:
        if check:
            print(f"{path.name} is not what the structs say; run scripts/make_schemas.py and read the diff")
        elif path in wanted:
            path.write_bytes(wanted[path])
    return int(check and bool(wrong))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
