"""What a process remembers: by version, few, and not longer than somebody asks for it."""

import threading
import time
from collections.abc import Callable

from core.remembering import Remembered


def soon(true: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 5
    while time.monotonic() < ends and not true():
        threading.Event().wait(0.01)
    return true()


def test_a_thing_is_made_once_for_each_version() -> None:
    remembered = Remembered[str](most=4, lasts=60)
    made: list[int] = []

    def make() -> str:
        made.append(len(made))
        return f"made {len(made)}"

    assert [remembered.get("one", 1, make) for _turn in range(3)] == ["made 1"] * 3
    assert remembered.get("one", 2, make) == "made 2"
    assert remembered.get("one", 1, make) == "made 3"


def test_the_one_asked_for_longest_ago_goes_first() -> None:
    remembered = Remembered[str](most=2, lasts=60)
    for name in ("one", "two", "one", "three"):
        remembered.get(name, 1, lambda: "old")

    assert remembered.get("one", 1, lambda: "new") == "old"
    assert remembered.get("two", 1, lambda: "new") == "new"


def test_what_nobody_asks_for_any_more_goes_by_itself() -> None:
    remembered = Remembered[str](most=4, lasts=0.4)
    remembered.get("asked once", 1, lambda: "")
    began = time.monotonic()
    while time.monotonic() - began < 1:
        remembered.get("asked again and again", 1, lambda: "")
        threading.Event().wait(0.05)

    assert remembered.get("asked again and again", 1, lambda: "new") == ""
    assert len(remembered) == 1
    assert soon(lambda: len(remembered) == 0)


def test_all_of_it_can_be_let_go_of() -> None:
    remembered = Remembered[str](most=4, lasts=60)
    remembered.get("one", 1, lambda: "old")
    remembered.forget()

    assert len(remembered) == 0
    assert remembered.get("one", 1, lambda: "new") == "new"


def test_something_that_cannot_be_made_is_not_remembered() -> None:
    remembered = Remembered[float](most=4, lasts=60)
    for _turn in range(2):
        try:
            remembered.get("one", 1, lambda: 1 / 0)
        except ZeroDivisionError:
            continue
        raise AssertionError("no error")

    assert len(remembered) == 0
