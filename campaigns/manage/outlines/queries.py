"""Outlines: what a campaign that comes every year says and when, to begin a draft with."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def names() -> list[str]:
    """Return which outlines there are."""
    return sorted(path.stem for path in DATA.glob("*.json"))


def outline(name: str, on: date) -> dict[str, Any]:
    """Return a campaign form's values for the next time it comes; nothing for an unknown name."""
    if name not in names():
        return {}
    given: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    begins, ends = given.pop("begins"), given.pop("ends")
    ahead = timedelta(days=given.pop("recruits_before"))
    year = on.year if date(on.year, *begins) - ahead > on else on.year + 1
    first = date(year, *begins)
    return given | {
        "recruit_from": first - ahead,
        "recruit_until": first - timedelta(days=7),
        "visits_from": first,
        "visits_until": date(year, *ends),
        "slug": f"{name.replace('_', '-')}-{year}",
        "title": f"{given['title']} {year}",
        "title_en": f"{given['title_en']} {year}",
    }
