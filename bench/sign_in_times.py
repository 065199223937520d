"""Whether the time of a refused sign-in tells who has an account.

    PYTHONPATH=. .venv/bin/python bench/sign_in_times.py [pairs]

In one process on a fresh database: refused sign-ins, by turns of people who are known and people
who are not, a wrong password and a wrong code. Prints the means, their ratio, and the p of a
two-sided Mann–Whitney test (normal approximation): a small p would say that times differ.
"""

import re
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figures import figure, p_value
from flask.testing import FlaskClient

from accounts.links.services import make_code
from accounts.rules import SITE
from accounts.services import NewPerson, add_person
from app import create_app
from core import clock
from core.config import Settings
from core.db import db, writing
from core.keys import Ring
from core.passwords import hashed


def refused(client: FlaskClient, path: str, form: dict[str, str]) -> float:
    """Return how many milliseconds a refusal took."""
    began = time.perf_counter()
    answer = client.post(path, data=form)
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code != 422:
        raise SystemExit(f"{path}: {answer.status_code}")
    return taken


def main(pairs: int) -> None:
    moment = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            home=Path(folder),
            database_url=f"sqlite:///{folder}/bench.db",
            secret_key="bench",  # noqa: S106 - no secret
            keys=Ring({1: b"k" * 32}),
            key_file=None,
            vault=Path(folder) / "vault",
            site_url="http://localhost",
            log_level="error",
        )
        app = create_app(settings)
        with app.app_context():
            with writing():
                db.create_all()
            db.session.remove()
            stored = hashed("correct horse battery")
            people = [
                add_person(NewPerson("样例", email=f"known{n}@example.org"), password_hash=stored)
                for n in range(pairs)
            ]
        client = app.test_client()
        html = client.get("/sign-in").get_data(as_text=True)
        names = ("csrf_token", "form_key")
        found = {n: re.search(rf'name="{n}"[^>]*value="([^"]+)"', html) for n in names}
        keys = {name: match[1] for name, match in found.items() if match}
        for path, secret in (("/sign-in", "password"), ("/sign-in/code", "code")):
            times: dict[str, list[float]] = {"known": [], "nobody": []}
            for number in range(pairs):
                moment += timedelta(minutes=6)
                clock.wall = lambda now=moment: now  # type: ignore[misc]  # so that no limit is reached
                order = ("known", "nobody") if number % 2 else ("nobody", "known")
                with app.app_context():
                    make_code(people[number], by=SITE)
                for kind in order:
                    form = keys | {"login": f"{kind}{number}@example.org", secret: "00000000"}
                    times[kind].append(refused(client, path, form))
            means = {kind: statistics.fmean(taken[5:]) for kind, taken in times.items()}
            ratio = means["known"] / means["nobody"]
            p = p_value(times["known"][5:], times["nobody"][5:])
            print(f"{path}: known {means['known']:.2f} ms, nobody {means['nobody']:.2f} ms, "
                  f"ratio {ratio:.3f}, p {p:.2f}")  # fmt: skip
            gap = abs(ratio - 1) * 100
            figure(f"{path}, known against unknown, gap of means", gap, "%", most=5)
            figure(f"{path}, known against unknown, p", p, least=0.01)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
