"""What a flood of sign-ins does to everybody else's pages.

    .venv/bin/python bench/sign_in_flood.py [seconds]

Starts the site on loopback with the small demonstration, asks for the public page one after the
other, first alone, then while 16 connections try to sign in as fast as they are answered, then
the same while each of them comes from an address of its own (127.0.0.2 and so on: Linux). Prints
p50 and p99 of the page, their ratios, what the floods were answered, and the memory of the
process. Without the gate in front of the hashes: TONGXING_BENCH_NO_GATE=1.
"""

import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

from figures import figure

ROOT = Path(__file__).parent.parent
CONNECTIONS = 16
PORT = 8791
MOST_P99_MS, MOST_MB = 300.0, 400.0
SERVE = "import core.passwords as p, threading, sys; {gate}; from flask.cli import main; main()"
OPEN = "p._gate = threading.BoundedSemaphore(64)"


def start(home: str) -> "subprocess.Popen[bytes]":
    env = os.environ | {
        "TONGXING_HOME": home, "TONGXING_DEMO": "1", "TONGXING_DEMO_SIZE": "small",
        "TONGXING_LOG_LEVEL": "error", "PORT": str(PORT),
    }  # fmt: skip
    gate = OPEN if os.environ.get("TONGXING_BENCH_NO_GATE") else "None"
    code = SERVE.format(gate=gate)
    return subprocess.Popen(
        [sys.executable, "-c", code, "--app", "app", "serve"],
        cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def ask(connection: http.client.HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def wait_for_site() -> None:
    for _turn in range(600):
        try:
            if ask(http.client.HTTPConnection("127.0.0.1", PORT, timeout=5), "/healthz") == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the site did not start")


def page_times(seconds: float) -> list[float]:
    """Return how many milliseconds each of the public pages took."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    taken, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        ask(connection, "/")
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(0.01)
    return taken


def keys() -> tuple[dict[str, str], str]:
    """Return what a sign-in form needs to be taken, and the cookie that goes with it."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
    html = answer.read().decode()
    names = ("csrf_token", "form_key")
    found = {n: re.search(rf'name="{n}"[^>]*value="([^"]+)"', html) for n in names}
    return {name: match[1] for name, match in found.items() if match}, cookie


def flood(stop: threading.Event, answers: Counter[int], number: int, address: str) -> None:
    """Try to sign in again and again, each time as somebody else."""
    form, cookie = keys()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection = http.client.HTTPConnection(
        "127.0.0.1", PORT, timeout=60, source_address=(address, 0)
    )
    turn = 0
    while not stop.is_set():
        turn += 1
        login = f"p{number}-{turn}@example.org"
        body = urlencode(form | {"login": login, "password": "a wrong guess of it"})
        connection.request("POST", "/sign-in", body, headers)
        answer = connection.getresponse()
        answer.read()
        answers[answer.status] += 1


def memory(pid: int) -> float:
    """Return the memory of the process in MB."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) / 1024


def told(name: str, taken: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(taken, n=100)
    print(f"{name}: {len(taken)} pages, p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms")
    return cuts[49], cuts[98]


def under_flood(name: str, addresses: list[str], seconds: float) -> tuple[float, float]:
    """Return p50 and p99 of the page while there is one connection from each address."""
    answers, stop = Counter[int](), threading.Event()
    floods = [
        threading.Thread(target=flood, args=(stop, answers, number, address))
        for number, address in enumerate(addresses)
    ]
    for one in floods:
        one.start()
    under = told(name, page_times(seconds))
    stop.set()
    for one in floods:
        one.join()
    print(f"{name}: {sum(answers.values()) / seconds:.0f} tries a second, {dict(answers)}")
    return under


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as home:
        site = start(home)
        try:
            wait_for_site()
            page_times(2)
            alone = told("alone", page_times(seconds))
            before = memory(site.pid)
            under = under_flood("under the flood", ["127.0.0.1"] * CONNECTIONS, seconds)
            many = [f"127.0.0.{number + 2}" for number in range(CONNECTIONS)]
            spread = under_flood("from an address each", many, seconds)
            after = memory(site.pid)
        finally:
            site.terminate()
            site.wait(timeout=30)
    figure("page under a flood of sign-ins, p50 against alone", under[0] / alone[0], "times")
    figure("page under a flood of sign-ins, p99", under[1], "ms", most=MOST_P99_MS)
    figure("the same from an address each, p99", spread[1], "ms", most=MOST_P99_MS)
    print(f"memory: {before:.0f} MB before")
    figure("memory at the end of the floods", after, "MB", most=MOST_MB)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
