"""What is needed beside what everybody needs, from a day on: dated parameters add, never take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from volunteers.rules import ALWAYS, EvidenceKind

ASKED = {
    EvidenceKind.REFERENCES: "volunteers.asks_references",
    EvidenceKind.INTERVIEW: "volunteers.asks_interview",
    EvidenceKind.STUDENT: "volunteers.asks_student_status",
}


@dataclass(frozen=True, slots=True)
class Needs:
    """What is asked on a day: of everybody, and of those who come from a university."""

    everybody: frozenset[EvidenceKind]
    studies: bool

    def of(self, *, studies: bool) -> frozenset[EvidenceKind]:
        extra = {EvidenceKind.STUDENT} if studies and self.studies else set()
        return self.everybody | extra


def needs(values: Mapping[str, Any]) -> Needs:
    """Return what the dated values ask for; nothing takes away what everybody needs."""
    asked = {kind for kind, name in ASKED.items() if values[name]}
    return Needs(ALWAYS | asked - {EvidenceKind.STUDENT}, EvidenceKind.STUDENT in asked)
