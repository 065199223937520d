"""A process of the site that counts many tries at once, for tests/test_limits.py."""

import json
import sys
import threading
from pathlib import Path

from app import create_app
from core import limits
from core.db import db
from core.limits import Limit
from tests.conftest import settings_for

TEN = Limit("ten", 10, 300)


def main(told: str, tries: int) -> None:
    """Wait for a word on standard input, then try from so many threads; print what each found."""
    given = json.loads(told)
    app = create_app(settings_for(Path(given["home"]), database_url=given["database_url"]))
    gate = threading.Barrier(tries)
    found: list[str] = []

    def work() -> None:
        with app.app_context():
            gate.wait()
            found.append("fits" if limits.count(TEN.of("13800000000")) is None else "full")
            db.session.remove()

    print("ready", flush=True)  # noqa: T201 - the test waits for it
    sys.stdin.readline()
    threads = [threading.Thread(target=work) for _turn in range(tries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(*found)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
