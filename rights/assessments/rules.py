"""Impact assessments (PIPL 55, 56 [T]). Nothing here reads a clock or a database."""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class Result(StrEnum):
    """What an assessment comes to."""

    ACCEPTABLE = "acceptable"
    WITH_MEASURES = "with_measures"
    NOT_ACCEPTABLE = "not_acceptable"


TEXTS = ("title", "purposes", "involved", "necessity", "risks", "measures")
"""What the law asks an assessment to weigh: purpose and need, effect and risk, measures."""
