"""The reference: a page for each layer, cause, verdict, rung and signature, made of the data that the tracer uses.

`abm-trace explain NAME` prints a page, scripts/make_reference.py sets the same one for the site.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Final, NamedTuple

from abm_trace.core.nouns import GUIDE_ONLY, RUNGS, VERDICTS
from abm_trace.exports._interface import LAYERS, MARKS, layer_name
from abm_trace.verdict import meanings, settings

if TYPE_CHECKING:
    from abm_trace.signatures import Signature

KINDS: Final = (*meanings.KINDS, "signature")

_ANY: Final = {
    "serial": "the device", "site": "its site", "host": "its staging host", "endpoint": "its ABM endpoint",
    "missing": "the missing source",
}  # fmt: skip
"""What stands in a next action where no device fills it in."""

_NEAR_MAX: Final = 3
_SIMILAR: Final = {True: 0.5, False: 0.8}
"""How like a name a word must be to be taken for it, 0 to 1, and for words as short as a layer's. Origin: ours."""


class Topic(NamedTuple):
    """What a page is about: one of KINDS, and a name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: sentences, then other pages (each with a note), then what is quoted to the letter."""

    title: str
    texts: tuple[str, ...] = ()
    topics: tuple[tuple[Topic, str], ...] = ()
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `title` names the topic in words, `lead` says in a sentence or two what it means."""

    topic: Topic
    title: str
    lead: str
    sections: tuple[Section, ...]


def names(folders: Iterable[Path] = ()) -> dict[str, tuple[str, ...]]:
    """Kind → the names that have a page, with the signatures of the user's `folders`; no rule is read for it."""
    own = Path(str(files("abm_trace.signatures"))) / "rules"
    rules = [each for folder in (own, *folders) for each in folder.rglob("*") if each.suffix in {".yml", ".yaml"}]
    causes = meanings.meanings()["cause"]
    kinds = (tuple(LAYERS), tuple(causes), VERDICTS, RUNGS, tuple(sorted({path.stem for path in rules})))
    return dict(zip(KINDS, kinds, strict=True))


def find(word: str, known: Mapping[str, tuple[str, ...]]) -> list[Topic]:
    """The topics that a word names: some names are of two kinds. Case is free.

    What stands between its words is free too, where no name is spelled just so; and a layer has a word of its own.
    """
    topics = [Topic(kind, name) for kind, each in known.items() for name in each]
    asked = word.strip().casefold()
    exact = [topic for topic in topics if topic.name.casefold() == asked]
    return exact or [
        topic
        for topic in topics
        if _folded(topic.name) == _folded(word) or (topic.kind == "layer" and LAYERS[topic.name][0] == asked)
    ]


def near(word: str, known: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The names that are written nearly as the word, else those with such a part, else those whose meaning has it."""
    cutoff, asked = _SIMILAR[len(word) < 4], _folded(word)
    spelled = {_folded(name): name for each in known.values() for name in each}
    if found := difflib.get_close_matches(asked, spelled, n=_NEAR_MAX, cutoff=cutoff):
        return [spelled[key] for key in found]
    if not asked.replace("_", "").isalpha() or len(asked) < 4:  # As a serial is.
        return []
    parts = [name for key, name in spelled.items() if difflib.get_close_matches(asked, key.split("_"), 1, cutoff)]
    said = re.compile(rf"\b{re.escape(word.strip())}", re.IGNORECASE)
    meant = [name for each in meanings.meanings().values() for name, one in each.items() if said.search(one.means)]
    return (parts or list(dict.fromkeys(meant)))[:_NEAR_MAX]


def _folded(word: str) -> str:
    return re.sub(r"[-_\s]+", "_", word.strip().casefold())


def page(topic: Topic, found: "Iterable[Signature]") -> Page:
    """The page of a topic; `found` are the signatures that there are. Raises KeyError for a topic that is none."""
    rules = {each.id: each for each in found}
    if topic.kind == "signature":
        rule = rules[topic.name]
        lead, sections = rule.description, _of_signature(rule)
    else:
        meaning = meanings.meanings()[topic.kind][topic.name]
        lead, sections = meaning.means, _of_meaning(topic, meaning, rules)
    filled = tuple(each for each in sections if each.texts or each.topics or each.quotes)
    return Page(topic, heading(topic, rules), lead, filled)


def heading(topic: Topic, rules: "Mapping[str, Signature]") -> str:
    """The topic in words: its name, and what says most beside it."""
    kind, name = topic
    if kind == "layer":
        return f"{name} {LAYERS[name][0]}: {LAYERS[name][1]}"
    if kind == "cause":
        return f"{layer_name('L0', name)}: a cause of L0"
    if kind == "verdict":
        return f"{MARKS[name]} {name}: a verdict"
    if kind == "rung":
        return f"{name}: rung {RUNGS.index(name) + 1} of {len(RUNGS)}"
    return f"{name}: {rules[name].title}"


def summary(topic: Topic, rules: "Mapping[str, Signature]") -> str:
    """What a list says of the topic beside its name."""
    kind, name = topic
    if kind == "layer":
        return f"{LAYERS[name][0]}: {LAYERS[name][1]}"
    return rules[name].title if kind == "signature" else meanings.meanings()[kind][name].means


def _of_meaning(topic: Topic, meaning: meanings.Meaning, rules: "Mapping[str, Signature]") -> Iterator[Section]:
    kind, name = topic
    limits = settings.thresholds().items
    shown = {key: _limit(each) for key, each in limits.items()}
    texts = (*meaning.proof, *meaning.never)
    used = dict.fromkeys(key for text in texts for _, key, _, _ in Formatter().parse(text) if key)
    yield Section("How it is proved", tuple(text.format(**shown) for text in meaning.proof))
    if topic == Topic("layer", "L0"):
        causes = meanings.meanings()["cause"]
        yield Section("Its causes", topics=tuple((Topic("cause", each), causes[each].means) for each in causes))
    else:
        seen = (each for each in rules.values() if _says(each, topic, meaning))
        signatures = tuple((Topic("signature", each.id), f"{each.confidence} %: {each.title}") for each in seen)
        yield Section("Signatures that see it in logs", topics=signatures)
    facts = ", ".join(f"`{each}`" for each in meaning.facts)
    yield Section("Facts that it rests on", (f"{facts}: docs/facts.md",) if facts else ())
    words = ", ".join(f"`{word}`" for layer, each in settings.reasons() if layer == name for word in each)
    yield Section("Words of a rejection's reason that name it", (words,) if words else ())
    said = (f"`{key}` = {shown[key]}, origin {limits[key].origin}: {limits[key].meaning}" for key in used)
    yield Section("Limits, as they ship", tuple(said))
    yield Section("What it is not", tuple(text.format(**shown) for text in meaning.never))
    yield Section("Where it stands in the order of blocking", tuple(_place(topic)))
    yield Section("What to do", _actions(topic))
    yield Section("How sure this knowledge is", (f"{meaning.known}: {meanings.known()[meaning.known]}",))
    yield _related(("L0", *meaning.related) if kind == "cause" else meaning.related, but=topic)


def _says(rule: "Signature", topic: Topic, meaning: meanings.Meaning) -> bool:
    """Whether a match of the rule proves the topic, or makes a fact that does."""
    named = {"layer": rule.layer, "cause": rule.cause}.get(topic.kind)
    return named == topic.name or rule.fact in meaning.facts


def _limit(threshold: settings.Threshold) -> str:
    """A limit with its unit: the name ends in it."""
    value = threshold.value
    if not threshold.name.endswith("_s"):
        return f"{value:g}"
    for unit, seconds, least in (("h", 3600, 7200), ("min", 60, 300)):
        if value >= least and value % seconds == 0:
            return f"{value / seconds:g} {unit}"
    return f"{value:g} s"


def _place(topic: Topic) -> list[str]:
    """Between which layers and causes it is asked for, and where it cannot occur; nothing for what blocks nothing."""
    from abm_trace.verdict.layers import RULES

    if topic.kind not in {"layer", "cause"} or topic.name == "L0":
        return []
    order = [f"{rule.layer} {layer_name(rule.layer, rule.cause)}" for rule in RULES]
    at = next(number for number, rule in enumerate(RULES) if topic.name in {rule.layer, rule.cause})
    parts = [f"Number {at + 1} of {len(order)}"]
    parts += [f"after {order[at - 1]}"] if at else []
    parts += [f"before {order[at + 1]}"] if at + 1 < len(order) else []
    said = [", ".join(parts) + "."]
    said += ["It is asked only where nothing above it is proved."] if RULES[at].silence else []
    return said + (["It is not applicable outside the guide dialect."] if topic.name in GUIDE_ONLY else [])


def _actions(topic: Topic) -> tuple[str, ...]:
    """The catalogue's sentences for the topic; `half_confirmed` has one for each side that may lack."""
    kind, name = topic
    sentences = settings.actions().get(kind, {})
    keys = [key for key in sentences if key == name or key.startswith(f"{name}_")]
    said = [sentences[key].format(**_ANY) for key in keys]
    return tuple(text[:1].upper() + text[1:] for text in said)


def _related(words: Iterable[str], but: Topic) -> Section:
    topics = [Topic(kind, word) for word in words for kind, each in meanings.meanings().items() if word in each]
    return Section("Related", topics=tuple((each, summary(each, {})) for each in topics if each != but))


def _of_signature(rule: "Signature") -> Iterator[Section]:
    import yaml

    document = yaml.safe_load(rule.path.read_bytes())  # It has been read as a rule before: it is known to be safe.
    detection = yaml.safe_dump(document["detection"], sort_keys=False, allow_unicode=True, width=1_000_000)
    scope = (
        "The rule chooses processes itself."
        if rule.everywhere
        else "Only lines of enrolment processes are looked at, not those of another process that quotes them."
    )
    yield Section("What it matches", (scope,), quotes=tuple(detection.splitlines()))
    says = [f"A match makes a fact of the kind `{rule.fact}`: docs/facts.md."]
    named = (Topic("layer", rule.layer), Topic("cause", rule.cause))
    proves = [each for each in named if each.name in meanings.meanings()[each.kind]]
    proves += [Topic("rung", name) for name, each in meanings.meanings()["rung"].items() if rule.fact in each.facts]
    if not rule.layer:
        says.append("It proves no layer by itself.")
    yield Section("What a match says", tuple(says), topics=tuple((each, summary(each, {})) for each in proves))
    examples = {hit: tuple(_example(each) for each in rule.examples if each.matches is hit) for hit in (True, False)}
    yield Section("Lines that match", quotes=examples[True])
    yield Section("Near misses, which do not match", quotes=examples[False])
    false = document.get("falsepositives") or ["None is recorded in the rule."]
    yield Section("False positives", tuple(map(str, false if isinstance(false, list) else [false])))
    meant = (Topic("proof", rule.id), *reversed(proves))
    actions = [each for topic in meant if topic.kind != "rung" for each in _actions(topic)]
    yield Section("What to do", tuple(actions[:1]))
    sure = f"{rule.confidence} %: how surely a line that matches means this. Level {rule.level}."
    yield Section("How sure this knowledge is", (sure, *(f"Documented by: {each}" for each in rule.references)))


def _example(example: object) -> str:
    message, process = getattr(example, "message", ""), getattr(example, "process", "")
    return f"{message}   (said by {process})" if process else f"{message}"
