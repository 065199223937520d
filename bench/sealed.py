"""What sealing costs: a page of 50 children with four sealed fields, and a change of the key.

    PYTHONPATH=. .venv/bin/python bench/sealed.py [children]

Medians of one run, plain and sealed in turns, on a SQLite file in a folder of its own: the same
list once with four plain columns of the file, once with four sealed ones opened for it.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from figures import figure
from flask import Flask, current_app
from sqlalchemy import insert, select

from app import create_app
from children.models import Child
from children.rules import AgeBand, Category, Need, Risk
from children.sealed.models import ChildSealed
from children.sealed.rules import SealedField
from children.sealed.services import columns, new_parts, opened_rows
from core import ids, keys, rotation
from core.config import Settings
from core.db import db, transaction, writing
from core.fences import everything
from places.models import Area
from places.rules import Level

FIELDS = tuple(SealedField)[:4]
PAGE, TURNS, CHILDREN = 50, 200, 2000
MOST_MS = 1.0
LIST = """<table>{% for row in rows %}<tr>
{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"""


def a_site(home: Path) -> Flask:
    """Return a site with an empty database and a key of its own."""
    keys.make(home / "key")
    return create_app(
        Settings(
            home=home,
            database_url=f"sqlite:///{home / 'tongxing.db'}",
            secret_key="bench",  # noqa: S106 - of a site that lives a minute
            keys=keys.load(home / "key"),
            key_file=home / "key",
            vault=home / "vault",
            scheduler=False,
            log_level="error",
        )
    )


def fill(many: int) -> None:
    """Write invented children, each with a sealed part."""
    uids = [ids.uid() for _turn in range(many)]
    texts = {field: f"样例{field}的内容" for field in FIELDS}
    parts = new_parts([(uid, texts) for uid in uids])
    with transaction() as session:
        session.add(Area(id=1, level=Level.COUNTY, name="样例县", nbs_code="1"))
        session.flush()
        common = {
            "girl": True,
            "age_band": AgeBand.A8_10,
            "category": Category.LEFT_BEHIND,
            "risk": Risk.LOW,
            "needs": [Need.READING.value],
            "interests": "画画、听故事",
            "care_hint": "怕狗，先打招呼",
            "county_id": 1,
        }
        session.execute(
            insert(Child),
            [{"uid": uid, "alias": f"小禾{n}"} | common for n, uid in enumerate(uids)],
        )
        found = {row.uid: row.id for row in session.execute(select(Child.uid, Child.id))}
        session.execute(
            insert(ChildSealed),
            [{"child_id": found[uid]} | part for uid, part in zip(uids, parts, strict=True)],
        )


def plain() -> str:
    """Render 50 children with four columns of their files."""
    rows = db.session.execute(
        select(Child.id, Child.alias, Child.interests, Child.care_hint, Child.uid, Child.category)
        .order_by(Child.id)
        .limit(PAGE)
    ).all()
    return current_app.jinja_env.from_string(LIST).render(rows=rows)


def sealed() -> str:
    """Render 50 children with four fields opened for the page."""
    rows = db.session.execute(
        select(Child.id, Child.alias, *columns(FIELDS))
        .outerjoin(ChildSealed, ChildSealed.child_id == Child.id)
        .order_by(Child.id)
        .limit(PAGE)
    ).all()
    texts = opened_rows([row[2:] for row in rows], FIELDS)
    shown = [(*row[:2], *found) for row, found in zip(rows, texts, strict=True)]
    return current_app.jinja_env.from_string(LIST).render(rows=shown)


def cost(page: Callable[[], str]) -> tuple[float, float]:
    """Return milliseconds of wall clock and of processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    page()
    db.session.rollback()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def measure() -> None:
    """Print what both pages cost in turns, so that a busy machine slows both."""
    for page in (plain, sealed) * 5:
        cost(page)
    turns = [(cost(plain), cost(sealed)) for _turn in range(TURNS)]
    for place, name in enumerate(("wall clock", "processor")):
        bare = statistics.median(one[place] for one, _other in turns)
        more = statistics.median(other[place] for _one, other in turns)
        print(
            f"50 rows, 4 fields, {name}: plain {bare:.2f} ms, sealed {more:.2f} ms,"
            f" +{more - bare:.2f} ms, x{more / bare:.2f}"
        )
        figure(f"page of 50 rows, 4 fields sealed, {name}", more - bare, "ms more", most=MOST_MS)


def main(children: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = a_site(Path(folder))
        with app.app_context(), everything():
            with writing():
                db.create_all()
            db.session.remove()
            fill(children)
            measure()
            began = time.perf_counter()
            rotation.rotate(Path(folder) / "key", lambda _name, _done: None)
            took = time.perf_counter() - began
            figure("change of the key", children / took, "sealed parts a second")
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CHILDREN)
