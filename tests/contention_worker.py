"""A process of the site whose threads send in what many people want of a few slots at once.

Everything goes through the site's own door: cookies, tokens, limits, forms. Only what a person
reads in their mailbox or on their own page is taken from the database.
"""

import json
import random
import sys
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from app import create_app
from campaigns.seats.rules import LEAVING
from campaigns.signups.models import SignUp
from campaigns.signups.telling.services import link_secret
from core import clock
from core.db import db
from messages.models import Message
from tests.conftest import settings_for

THREADS = 4
STRIDE = 100
"""After so many posts of a process it says so, and the test looks at the slots."""


class Crowd:
    """One thread's people: some unknown, some signed in, all of them impatient."""

    def __init__(self, app: Flask, told: dict[str, Any], number: int) -> None:
        self._app, self._number = app, number
        self._client = app.test_client(use_cookies=False)
        self._chance = random.Random(number)
        self._slots: list[str] = told["slots"]
        self._stranger = self._signed_in("")
        self._known = [(one, self._signed_in(secret)) for one, secret in told["known"]]
        self._sent, self._last = 0, ("", {"name": ""})

    def act(self) -> int:
        """Send in one form; return what it was answered."""
        ways = (self._join, self._again, self._click, self._step_back, self._leave, self._confirm)
        (way,) = self._chance.choices(ways, (62, 10, 8, 6, 10, 4))
        return way()

    def _join(self) -> int:
        """A stranger signs up, often with company."""
        self._sent += 1
        path = f"/slots/{self._chance.choice(self._slots)}/join"
        form = {
            "form_key": f"{self._number:04}{self._sent:016}",
            "name": "李样例",
            "contact": f"c{self._number}-{self._sent}@example.org",
            "org": "个人",
            "agree": "y",
            "party": str(self._chance.choice((1, 1, 1, 2, 3))),
        }
        if self._chance.random() < 0.97:
            form["queue"] = "y"
        self._last = path, form
        return self._post(path, form, self._stranger)

    def _again(self) -> int:
        """The same form once more, or the same person in a form of its own."""
        path, form = self._last
        if not path:
            return self._join()
        if self._chance.random() < 0.5:
            form = form | {"form_key": f"{self._number:04}again{self._chance.getrandbits(40):013}"}
        return self._post(path, form, self._stranger)

    def _click(self) -> int:
        """Somebody signed in takes a seat or queues, perhaps in two windows at once."""
        _person, cookie = self._chance.choice(self._known)
        form = {"form_key": self._key(), "queue": "y"}
        return self._post(f"/slots/{self._chance.choice(self._slots)}/join", form, cookie)

    def _step_back(self) -> int:
        person, cookie = self._chance.choice(self._known)
        with self._app.app_context():
            own = db.session.scalars(
                select(SignUp.uid).where(SignUp.person_id == person, SignUp.state.in_(LEAVING))
            ).all()
        if not own:
            return self._click()
        path = f"/my/sign-ups/{self._chance.choice(own)}/leave"
        return self._post(path, {"form_key": self._key()}, cookie)

    def _leave(self) -> int:
        return self._by_link("leave")

    def _confirm(self) -> int:
        return self._by_link("confirm")

    def _by_link(self, what: str) -> int:
        """Use one of the last links that were sent; another thread may be using it just now."""
        with self._app.app_context():
            letters = db.session.scalars(
                select(Message.params)
                .where(Message.kind.startswith("sign_up_"))
                .order_by(Message.id.desc())
                .limit(60)
            ).all()
        if not letters:
            return self._join()
        letter = self._chance.choice(letters)
        link = link_secret(letter["sealed"], letter["sign_up"])
        return self._post(f"/sign-ups/{what}/{link}", {"form_key": self._key()}, self._stranger)

    def _key(self) -> str:
        return f"{self._number:04}{self._chance.getrandbits(60):020}"

    def _signed_in(self, secret: str) -> tuple[str, str]:
        """Return the cookie and the token of somebody's browser."""
        with self._app.test_request_context():
            if secret:
                session.update({"_user_id": secret, "_fresh": True})
            token = generate_csrf()
            signer = self._app.session_interface.get_signing_serializer(self._app)  # type: ignore[attr-defined]  # the cookie's own
            return signer.dumps(dict(session)), token

    def _post(self, path: str, form: dict[str, str], who: tuple[str, str]) -> int:
        name = self._app.config["SESSION_COOKIE_NAME"]
        answer = self._client.post(
            path,
            data=form | {"csrf_token": who[1]},
            headers={"Cookie": f"{name}={who[0]}"},
            environ_base={"REMOTE_ADDR": f"10.{self._chance.randrange(256)}."
                          f"{self._chance.randrange(256)}.{self._chance.randrange(256)}"},
        )  # fmt: skip
        return answer.status_code


def main(told: dict[str, Any]) -> None:
    """Wait for a word, then send in so many forms; say how far it is, and what was answered."""
    app = create_app(settings_for(Path(told["home"]), database_url=told["database_url"]))
    crowds = [Crowd(app, told, told["number"] * THREADS + one) for one in range(THREADS)]
    turns, lock, answers = iter(range(told["posts"])), threading.Lock(), Counter[int]()

    def work(crowd: Crowd) -> None:
        while True:
            with lock:
                turn = next(turns, None)
                if turn is None:
                    return
                if turn % STRIDE == 0:
                    print(turn, flush=True)  # noqa: T201 - the test looks at the slots then
            status = crowd.act()
            with lock:
                answers[status] += 1

    print("ready", flush=True)  # noqa: T201 - the test waits for it
    sys.stdin.readline()
    threads = [threading.Thread(target=work, args=(one,)) for one in crowds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(answers), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    moment = datetime.fromisoformat(given["now"])
    with patch.object(clock, "wall", lambda: moment):
        main(given)
