"""How every benchmark tells a figure: one line with the goal beside it, read by scripts/figures.

    = name: 8.4 s (goal: at most 10 s) ok

Also what several of them need to judge times by.
"""

import math

START = "= "


def figure(name: str, value: float, unit: str = "", *, most: float | None = None,
           least: float | None = None) -> None:  # fmt: skip
    """Print what was measured, and where there is a goal whether it is reached."""
    told = f"{START}{name}: {_short(value)}{_with(unit)}"
    if most is not None:
        told += f" (goal: at most {_short(most)}{_with(unit)}) {_verdict(value <= most)}"
    elif least is not None:
        told += f" (goal: at least {_short(least)}{_with(unit)}) {_verdict(value >= least)}"
    print(told, flush=True)


def p_value(first: list[float], second: list[float]) -> float:
    """Return the two-sided p of the Mann–Whitney U test (normal approximation).

    Times are never quite equal, so ties need no correction.
    """
    ranked = sorted((value, side) for side, values in ((0, first), (1, second)) for value in values)
    ranks = sum(place for place, (_value, side) in enumerate(ranked, 1) if side == 0)
    n, m = len(first), len(second)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _with(unit: str) -> str:
    return f" {unit}" if unit else ""


def _verdict(reached: bool) -> str:  # noqa: FBT001 - the one thing it says
    return "ok" if reached else "MISSED"
