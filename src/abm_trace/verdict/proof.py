"""What proves a layer or a cause."""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec.structs import replace

from abm_trace.core.nouns import Fact, Origin
from abm_trace.verdict.state import State

ALIKE_MAX: Final = 20
"""So many messages of one kind are told as they are; of more the number is told, and the last. Origin: ours."""


class Proof(msgspec.Struct, frozen=True):
    """One independent proof of a layer: which signature or rule gave it, how sure it is, where it stands.

    `recorded` says that it is a state that somebody recorded, and no error code or silence.
    """

    id: str
    confidence: int
    text: str
    evidence: tuple[Origin, ...]
    at: int | None = None
    cause: str = ""
    recorded: bool = False


def proofs_of(facts: Iterable[Fact], confidence: int | None = None, text: str = "") -> list[Proof]:
    """One proof a signature or format: repeats of the same message strengthen nothing. The facts are in order of time.

    It cites the first three, of very many the first two and the last.
    """
    grouped: dict[str, list[Fact]] = {}
    for fact in facts:
        grouped.setdefault(fact.origin.by, []).append(fact)
    proofs = []
    for by, each in grouped.items():
        said, cited = text or each[0].value, each[:3]
        if len(each) > ALIKE_MAX:
            said, cited = f"{said} ({len(each):,} times)", [*each[:2], each[-1]]
        evidence = tuple(fact.origin for fact in cited)
        proofs.append(Proof(by, confidence or 0, said, evidence, each[0].at, each[0].cause))
    return proofs


def weighed(state: State, facts: Iterable[Fact]) -> list[Proof]:
    """The proofs by signatures, each with its signature's confidence."""
    return [replace(proof, confidence=state.context.weights.get(proof.id, (75, ""))[0]) for proof in proofs_of(facts)]
