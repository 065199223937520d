"""A process of the site that keeps pages ready, for tests/test_shelf.py.

Reads one path a line, and says as one line of JSON what it was answered.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from app import create_app
from core import clock
from tests.conftest import settings_for


def main(home: str, database_url: str, now: str) -> None:
    moment = datetime.fromisoformat(now)
    with patch.object(clock, "wall", lambda: moment):
        app = create_app(settings_for(Path(home), database_url=database_url, page_seconds=3600))
        client = app.test_client()
        for line in sys.stdin:
            answer = client.get(line.strip())
            told = {"status": answer.status_code, "text": answer.get_data(as_text=True)}
            print(json.dumps(told), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(*sys.argv[1:])
