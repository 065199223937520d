"""Why a file is erased. Nothing here reads a clock or a database."""

from enum import StrEnum


class Why(StrEnum):
    REQUEST = "request"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    TERM_OVER = "term_over"
