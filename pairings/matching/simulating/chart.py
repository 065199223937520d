"""The report as one picture: lines of the longest wait by week, bars of what each order brought.

Plain SVG without styles or scripts, the same bytes for the same report. Words come from outside.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

WIDTH, HEIGHT = 960, 640
LEFT, RIGHT, TOP, FLOOR = 64, 940, 92, 350
"""The frame of the lines."""
ROW, BARS = 34, 430
LOOKS = (
    ("#8a5a00", "8 4"), ("#b3261e", "2 3"), ("#5b5f66", "12 4 2 4"), ("#00696b", "5 5"),
    ("#6a3ea1", "16 4"), ("#0b57d0", ""),
)  # fmt: skip
"""Colour and dashes: each order is told apart without colours, too."""
STEPS = (1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    about: str
    weeks: str
    """What runs along the bottom."""
    wait: str
    """What goes up at the side."""
    bars: str
    bar: str
    """What stands behind a bar, with {longest}, {p95} and {served}."""
    orders: Mapping[str, str]


def svg(report: Mapping[str, Any], words: Words) -> str:
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
            ' font-family="sans-serif" font-size="14" fill="#1f2328">'
        ),
        f"<title>{escape(words.title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(24, 34, words.title, 'font-size="20" font-weight="bold"'),
        _text(24, 58, words.about, 'fill="#4a4f55"'),
        *_lines(report, words),
        *_bars(report["orders"], words),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lines(report: Mapping[str, Any], words: Words) -> Iterator[str]:
    weeks = report["city"]["weeks"]
    courses = [one["course"]["longest"] for one in report["orders"]]
    most = max([1, *(value for course in courses for value in course)])
    yield _text(24, TOP - 10, words.wait, 'font-size="12" fill="#4a4f55"')
    for value in _ticks(most):
        y = _up(value, most)
        yield f'<path d="M{LEFT} {y}H{RIGHT}" stroke="#d8dce1"/>'
        yield _text(LEFT - 8, y + 4, str(value), 'text-anchor="end" font-size="12"')
    for week in _ticks(weeks):
        x = LEFT + (RIGHT - LEFT) * week // weeks
        yield _text(x, FLOOR + 18, str(week), 'text-anchor="middle" font-size="12"')
    yield _text(RIGHT, FLOOR + 38, words.weeks, 'text-anchor="end" font-size="12" fill="#4a4f55"')
    for number, course in enumerate(courses):
        points = " ".join(
            f"{LEFT + (RIGHT - LEFT) * (week + 1) // weeks},{_up(value, most)}"
            for week, value in enumerate(course)
        )
        yield f'<polyline points="{points}" fill="none" stroke-width="2" {_look(number)}/>'


def _bars(orders: Sequence[Mapping[str, Any]], words: Words) -> Iterator[str]:
    most = max([1, *(one["all"]["longest"] for one in orders)])
    yield _text(24, BARS - 20, words.bars, 'font-weight="bold"')
    for number, one in enumerate(orders):
        y = BARS + ROW * number
        colour, longest = LOOKS[number % len(LOOKS)][0], one["all"]["longest"]
        told = {"longest": longest, "p95": one["all"]["p95"], "served": one["served"]["number"]}
        yield f'<path d="M24 {y + 9}H60" stroke-width="3" {_look(number)}/>'
        yield _text(70, y + 14, words.orders[one["order"]])
        yield f'<rect x="330" y="{y}" width="{280 * longest // most}" height="18" fill="{colour}"/>'
        yield _text(340 + 280 * longest // most, y + 14, words.bar.format(**told), 'font-size="13"')


def _look(number: int) -> str:
    colour, dashes = LOOKS[number % len(LOOKS)]
    return f'stroke="{colour}"' + (f' stroke-dasharray="{dashes}"' if dashes else "")


def _up(value: int, most: int) -> int:
    return FLOOR - (FLOOR - TOP) * value // most


def _ticks(most: int) -> range:
    return range(0, most + 1, next((step for step in STEPS if most // step <= 8), most))


def _text(x: int, y: int, said: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(said)}</text>'
