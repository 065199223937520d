"""Ways in that are closed: what no module imports, no script calls, no address serves."""

import ast
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
import waitress
from flask import Flask

from tests.browser import Browser
from tests.servers import free_port
from tests.test_house import ROOT, SOURCES, named

SHIPPED = [path for path in SOURCES if "demo" not in path.parts]
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
OWN_SCRIPTS = [path for path in SCRIPTS if "vendor" not in path.parts]
RUNS_CODE = {"eval", "exec", "compile", "system", "popen", "render_template_string", "from_string"}
UNPACKS_OBJECTS = {"pickle", "marshal", "shelve", "dill", "yaml", "subprocess"}
OWN_PROCESS = {
    "core/pictures.py": "decodes a picture apart, by our own file and a word of our own",
    "core/apart.py": "matches and finds pairs apart, by our own modules",
}
REACHES_OUT = {"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "ftplib"}
WEAK = {"md5", "sha1", "new", "Random", "choice", "randint", "random", "randrange"}
MAY_SHUFFLE = {
    "messages/delivery/results/services.py": "spreads tries over time; nothing secret",
    "pairings/matching/synthetic.py": "invents people that nobody is, the same ones from one seed",
    "pairings/matching/simulating/city.py": "the same, for many weeks",
}
TALKS_TO_MAIL = {"messages/channels/smtp.py"}
ASKS_VENDORS = {"messages/channels/calls.py": "SMS and chats, at the vendors an administrator set"}


@cache
def _imports(source: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


@cache
def _called(source: Path) -> set[str]:
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call)
    }


def _turns_into_code(source: Path) -> set[str]:
    """Return the ways by which a module runs what it reads."""
    calls = _called(source) - {"compile"}  # re.compile of our own constants
    unpacks = {name.split(".")[0] for name in _imports(source)} & UNPACKS_OBJECTS
    return (calls & RUNS_CODE) | (
        unpacks - ({"subprocess"} if named(source) in OWN_PROCESS else set())
    )


def test_nothing_that_people_type_becomes_code() -> None:
    found = {named(source): _turns_into_code(source) for source in SOURCES}
    assert {source: ways for source, ways in found.items() if ways} == {}


def _ways_out(source: Path) -> set[str]:
    to_mail = set() if named(source) in TALKS_TO_MAIL else {"smtplib", "socket"}
    return _imports(source) & (REACHES_OUT | to_mail)


def test_the_site_asks_no_other_site() -> None:
    found = {named(one): _ways_out(one) for one in SHIPPED if named(one) not in ASKS_VENDORS}
    assert {source: ways for source, ways in found.items() if ways} == {}


def _weak(source: Path) -> set[str]:
    chance = set() if named(source) in MAY_SHUFFLE else {"random"}
    return (_imports(source) & ({"hashlib.md5", "hashlib.sha1"} | chance)) | (
        _called(source) & {"md5", "sha1"}
    )


def test_no_weak_hash_and_no_guessable_chance() -> None:
    found = {named(source): _weak(source) for source in SHIPPED}
    assert {source: ways for source, ways in found.items() if ways} == {}


def test_each_value_of_a_request_has_one_source() -> None:
    mixed = [
        named(source)
        for source in SHIPPED
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
        and node.attr == "values"
    ]
    assert mixed == []


WRITES_MARKUP = (
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
    "postMessage", "__proto__",
)  # fmt: skip


def test_scripts_write_text_never_markup() -> None:
    found = [
        (named(script), forbidden)
        for script in OWN_SCRIPTS
        for forbidden in WRITES_MARKUP
        if forbidden in script.read_text()
    ]
    assert found == []


def test_the_browser_keeps_nothing_but_the_text_size_and_what_is_sealed() -> None:
    kept = re.findall(
        r"(?:localStorage|sessionStorage|indexedDB)\.\w+\((\"[^\"]*\")?",
        "".join(script.read_text() for script in OWN_SCRIPTS),
    )
    assert set(kept) == {'"text-size"', '"records"'}  # sealed: tests/test_records_offline.py


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/static/",
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/css/",
        "/app.py",
        "/instance/key",
        "/console",
        "/server-status",
    ],
)
def test_only_static_files_are_served(visitor: Browser, path: str) -> None:
    visitor.get(path, status=404)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PUT", "DELETE", "PATCH", "CONNECT"])
def test_methods_that_nobody_needs_are_refused(app: Flask, method: str) -> None:
    answer = app.test_client().open("/", method=method)
    assert answer.status_code == 405
    assert "Traceback" not in answer.get_data(as_text=True)


@pytest.fixture
def address(app: Flask) -> Iterator[tuple[str, int]]:
    """The real server of the site on a loopback port."""
    server = waitress.create_server(app, host="127.0.0.1", port=free_port(), ident="tongxing")
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield "127.0.0.1", server.effective_port
    server.close()
    thread.join(timeout=10)


def _say(address: tuple[str, int], sent: bytes) -> bytes:
    """Return what the server answers; whom it cuts off while they speak hears no more."""
    answer = b""
    with socket.create_connection(address, timeout=30) as line, suppress(ConnectionError):
        line.sendall(sent)
        with suppress(OSError):  # cut off meanwhile: there is nothing to shut any more
            line.shutdown(socket.SHUT_WR)
        while part := line.recv(65536):
            answer += part
    return answer


def test_two_lengths_of_one_request_smuggle_nothing(address: tuple[str, int]) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    answer = _say(address, head % (len(smuggled) + 5) + smuggled)

    # chunked wins: what follows is either refused or a request of its own, never hidden in the body
    assert answer.count(b"HTTP/1.1 ") + answer.count(b"HTTP/1.0 ") <= 2
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"b" * 300_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 64,
    ],
    ids=["two lengths", "a space", "a version", "a chunk", "a path", "a header", "tls", "nothing"],
)
def test_a_malformed_request_is_refused_and_tells_nothing(
    address: tuple[str, int], sent: bytes
) -> None:
    answer = _say(address, sent)
    assert not answer.startswith(b"HTTP/1.1 5") or answer.startswith(b"HTTP/1.1 501")
    assert b"Traceback" not in answer
    assert b"waitress" not in answer.lower()
    assert b"python" not in answer.lower()
