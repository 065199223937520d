"""How waiting is told: in three bands, by weeks, and as a share of those who need somebody."""

from enum import StrEnum

from children.rules import Risk

RISKY = (Risk.MID_HIGH, Risk.HIGH)


class Band(StrEnum):
    """In the order in which children are matched (pairings.matching.weighing)."""

    OVERDUE = "overdue"
    HIGH = "high"
    OTHER = "other"
