"""Keys: one file outside the data, a ring that only grows, and a change that survives a kill."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, select, update

from app import create_app
from children.models import Child
from children.sealed import services
from children.sealed.models import ChildSealed
from children.sealed.rules import SealedField
from core import crypto, keychecks, keys, rotation, sealing
from core.config import SettingError, Settings
from core.crypto import Sealer, Unreadable, key_id_of
from core.db import Base, db, transaction, writing
from core.fences import everything
from core.keychecks import KeyCheck, WrongKey
from core.keys import KeyFileError, Ring
from core.vault import vault
from messages.models import Message
from messages.rules import Channel
from messages.services import place_of
from tests.browser import Browser
from tests.builders.children import a_child
from tests.builders.sealed import a_sealed_part, everything_of
from tests.conftest import NOON, settings_for
from tests.factories import a_number, saved
from tests.sites import ROOT

OLD, NEW = "1 " + "0a" * 32 + "\n", "2 " + "0b" * 32 + "\n"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A key file of its own, with one key."""
    path = tmp_path / "keys" / "key"
    path.parent.mkdir()
    keys.make(path)
    return path


@contextmanager
def site_with(key_file: Path, home: Path, url: str | None = None) -> Iterator[Flask]:
    """A site that reads this key file, with its tables."""
    given = {"database_url": url} if url else {}
    home.mkdir(exist_ok=True)
    settings = settings_for(
        home,
        keys=keys.load(key_file),
        key_file=key_file,
        vault=key_file.with_name("vault"),
        **given,
    )
    app = create_app(settings)
    try:
        with app.app_context():
            with writing():
                db.create_all()
            db.session.remove()
            with everything():
                yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        crypto.use_key(b"k" * 32)


def a_message(address: str) -> Message:
    """Return a ledger row to an address nobody here has."""
    uid = f"message-{a_number()}"
    return saved(
        Message(
            uid=uid,
            dedup_key=uid,
            kind="sign_up_confirm",
            channel=Channel.EMAIL,
            address=crypto.sealer().seal(address, place_of(uid)),
            params={
                "sign_up": uid,
                "sealed": crypto.sealer().seal("the secret", f"sign_ups.token/{uid}"),
            },
            due_at=NOON,
            next_at=NOON,
            expire_at=NOON,
        )
    )


# --- the file ------------------------------------------------------------------------------


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_last_key_seals_and_a_bare_one_is_the_first(tmp_path: Path) -> None:
    path = written(tmp_path / "key", "0a" * 32 + "\n" + NEW)
    ring = keys.load(path)

    assert (list(ring.keys), ring.current) == ([1, 2], 2)
    sealer, before = Sealer(ring), Sealer(bytes.fromhex("0a" * 32))
    assert key_id_of(sealer.seal("x", "p")) == 2
    assert sealer.open(before.seal("x", "p"), "p") == "x"
    assert sealer.derived_by(1, "audit") == before.derived("audit")[1]
    assert sealer.derived("audit") == (2, sealer.derived_by(2, "audit"))


@pytest.mark.parametrize(
    "text", ["", "1 abc\n", OLD + OLD, "0 " + "0a" * 32, "256 " + "0a" * 32, "x" * 64, OLD + "!"]
)
def test_a_file_that_is_no_key_file_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(KeyFileError) as refused:
        keys.load(written(tmp_path / "key", text))
    assert "0a0a" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SettingError, match=r"^TONGXING_KEY_FILE: .*chmod 600 it$"):
        Settings.from_env(tmp_path, {"TONGXING_KEY_FILE": str(written(tmp_path / "k", OLD, mode))})


def test_a_real_site_keeps_key_and_vault_outside_its_data(tmp_path: Path) -> None:
    home, apart = tmp_path / "home", tmp_path / "keys"
    for folder in (home, apart):
        folder.mkdir()
    (tmp_path / "link").symlink_to(home)
    real = {"TONGXING_DEMO": "0"}
    for inside in ({}, {"TONGXING_KEY_FILE": str(tmp_path / "link" / "key")}):
        with pytest.raises(SettingError, match=r"^TONGXING_KEY_FILE: .* outside of"):
            Settings.from_env(home, real | inside)
    good = real | {"TONGXING_KEY_FILE": str(apart / "key")}
    with pytest.raises(SettingError, match=r"^TONGXING_VAULT: .* outside of"):
        Settings.from_env(home, good | {"TONGXING_VAULT": str(home / "vault")})
    with pytest.raises(SettingError, match=r"^TONGXING_KEY_FILE: there is no folder"):
        Settings.from_env(home, real | {"TONGXING_KEY_FILE": "/nowhere/at/all"})

    settings = Settings.from_env(home, good)
    assert (settings.key_file, settings.vault) == (apart / "key", apart / "vault")
    assert not (home / "key").exists()


def test_a_key_that_has_gone_is_not_made_again(tmp_path: Path) -> None:
    Settings.from_env(tmp_path, {})
    (tmp_path / "key").unlink()

    with pytest.raises(SettingError, match=r"^TONGXING_KEY_FILE: .* is missing"):
        Settings.from_env(tmp_path, {})
    assert not (tmp_path / "key").exists()


# --- a wrong key ---------------------------------------------------------------------------


def test_a_wrong_key_is_noticed_at_the_start(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    keychecks.remember()
    keychecks.remember()
    assert db.session.scalars(select(KeyCheck.id)).all() == [1]

    for wrong, told in (
        (Ring({1: b"x" * 32}), "key 1 is not the one"),
        (Ring({2: b"k" * 32}), "key 1 is missing"),
    ):
        monkeypatch.setattr("core.keychecks.sealer", lambda wrong=wrong: Sealer(wrong))
        with pytest.raises(WrongKey, match=told):
            keychecks.remember()
    assert db.session.scalars(select(KeyCheck.id)).all() == [1]


@pytest.mark.parametrize("sealed", ["message", "child"])
def test_a_database_from_before_tells_a_wrong_key_by_what_it_holds(
    app: Flask, monkeypatch: pytest.MonkeyPatch, sealed: str
) -> None:
    if sealed == "message":
        a_message("a@example.org")
    else:
        a_sealed_part(a_child())
    keychecks.verify()

    wrong = Sealer(b"x" * 32)
    for module in ("keychecks", "sealing", "wrapping"):
        monkeypatch.setattr(f"core.{module}.sealer", lambda: wrong)
    with pytest.raises(WrongKey, match="does not open"):
        keychecks.remember()


def test_with_a_wrong_key_no_page_is_served_and_none_is_a_traceback(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    keychecks.remember()
    monkeypatch.setitem(app.extensions, keychecks.FITS, False)
    monkeypatch.setattr("core.keychecks.sealer", lambda: Sealer(b"x" * 32))
    visitor = Browser(app)

    for url in ("/", "/sign-in", "/help"):
        page = visitor.get(url, status=503)
        assert page.heading == "正在维护，请稍后再来"
        assert "key 1" not in page.html
    assert app.test_client().get("/healthz").status_code == 200

    monkeypatch.undo()
    monkeypatch.setitem(app.extensions, keychecks.FITS, False)
    visitor.get("/")
    assert app.extensions[keychecks.FITS]


# --- changing the key ----------------------------------------------------------------------


def quiet(_name: str, _done: int) -> None:
    """Say nothing."""


def everything_opens(messages: dict[str, str], children: dict[int, dict[SealedField, str]]) -> None:
    """Whatever was sealed can be read, and found by its index."""
    rows = db.session.scalars(select(Message).where(Message.uid.in_(messages))).all()
    assert len(rows) == len(messages)
    for row in rows:
        address = crypto.sealer().open(row.address or "", place_of(row.uid))
        assert address == messages[row.uid]
        secret = crypto.sealer().open(row.params["sealed"], f"sign_ups.token/{row.uid}")
        assert secret == "the secret"
    assert services.opened_of(children, list(SealedField)) == children
    indexes = select(ChildSealed.child_id, ChildSealed.guardian_phone_index)
    for child_id, index in db.session.execute(indexes.where(ChildSealed.child_id.in_(children))):
        phone = children[child_id].get(SealedField.GUARDIAN_PHONE)
        assert phone is None or index in services.blinds(SealedField.GUARDIAN_PHONE, phone)


def left_of(key_id: int) -> dict[str, int]:
    """Return what the key still seals."""
    return {name: counts[key_id] for name, counts in rotation.used().items() if counts[key_id]}


def test_a_change_seals_everything_anew(key_file: Path, tmp_path: Path) -> None:
    with site_with(key_file, tmp_path / "home"):
        child = a_child()
        before = a_sealed_part(child).real_name_index
        uid = a_message("new@example.org").uid
        bare = a_sealed_part(a_child(), {})

        assert rotation.rotate(key_file, quiet) == (2, True)

        everything_opens(
            {uid: "new@example.org"}, {child.id: everything_of(child), bare.child_id: {}}
        )
        assert left_of(1) == {}
        assert left_of(2) == {
            "children_sealed.data_key": 2, "messages.address": 1, "messages.params": 1,
        }  # fmt: skip
        after = db.session.scalars(
            select(ChildSealed.real_name_index).where(ChildSealed.child_id == child.id)
        ).one()
        name = everything_of(child)[SealedField.REAL_NAME]
        assert before != after == services.blind(SealedField.REAL_NAME, name)
        assert [vault().found(services.blind_name(key_id)) is None for key_id in (1, 2)] == [
            True,
            False,
        ]
        assert services.blinds(SealedField.REAL_NAME, name) == [after]
        assert db.session.scalars(select(KeyCheck.id).order_by(KeyCheck.id)).all() == [1, 2]
        assert rotation.rotate(key_file, quiet) == (3, True)


def test_no_text_anywhere_is_left_under_the_old_key(key_file: Path, tmp_path: Path) -> None:
    """Looks at every cell of every table: a sealed column nobody declared would be found here."""
    with site_with(key_file, tmp_path / "home"):
        a_sealed_part(a_child())
        a_message("new@example.org")
        rotation.rotate(key_file, quiet)
        assert _under(1) == set()
        assert _under(2) == {"children_sealed.data_key", "messages.address", "messages.params"}


def _under(key_id: int) -> set[str]:
    """Return the columns that hold a text which only this key could have sealed."""
    found = set()
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)).mappings():
            for name, cell in row.items():
                texts = cell.values() if isinstance(cell, dict) else [cell]
                if any(isinstance(one, str) and _sealed_by(one, key_id) for one in texts):
                    found.add(f"{table.name}.{name}")
    return found


def _sealed_by(text: str, key_id: int) -> bool:
    return len(text) >= 40 and key_id_of(text) == key_id


def test_what_cannot_be_opened_any_more_does_not_stop_a_change(
    key_file: Path, tmp_path: Path
) -> None:
    """A backup has brought back somebody who was erased since."""
    with site_with(key_file, tmp_path / "home"):
        gone, child = a_child(), a_child()
        part = a_sealed_part(gone)
        a_sealed_part(child)
        vault().destroy([part.slot])

        assert rotation.rotate(key_file, quiet) == (2, True)
        everything_opens({}, {child.id: everything_of(child)})
        assert left_of(1) == {"children_sealed.data_key": 1}
        with pytest.raises(Unreadable):
            services.opened(gone.id, [SealedField.HEALTH])


def test_a_process_takes_up_a_new_key_by_itself(key_file: Path) -> None:
    crypto.use_key(keys.load(key_file), key_file)
    try:
        before = crypto.sealer().seal("x", "p")
        assert keys.add(key_file) == 2
        assert key_id_of(crypto.sealer().seal("x", "p")) == 2
        assert crypto.sealer().open(before, "p") == "x"
        ours = crypto.sealer().ring

        written(key_file, OLD)  # somebody else's
        assert crypto.sealer().ring == ours
        key_file.unlink()
        assert crypto.sealer().ring == ours
    finally:
        crypto.use_key(b"k" * 32)


def test_a_text_that_is_edited_meanwhile_is_not_written_over(
    key_file: Path, tmp_path: Path
) -> None:
    """A batch locks its rows: what somebody writes between two batches is sealed anew as it is."""
    with site_with(key_file, tmp_path / "home"):
        uids = [a_message(f"{place}@example.org").uid for place in range(3)]
        fresh = "moved@example.org"

        def edit(_name: str, _done: int) -> None:
            with transaction() as session:
                sealed = crypto.sealer().seal(fresh, place_of(uids[2]))
                session.execute(
                    update(Message).where(Message.uid == uids[2]).values(address=sealed)
                )

        rotation.rotate(key_file, edit)
        everything_opens({uids[0]: "0@example.org", uids[2]: fresh}, {})


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("pg", marks=pytest.mark.postgres)])
def test_a_change_that_is_killed_half_way_is_finished_later(
    request: pytest.FixtureRequest, key_file: Path, tmp_path: Path, engine: str
) -> None:
    url = request.getfixturevalue("postgres_url") if engine == "pg" else None
    home = tmp_path / "home"
    with site_with(key_file, home, url):
        messages, children = _a_thousand()
    env = {key: value for key, value in os.environ.items() if not key.startswith("TONGXING_")} | {
        "TONGXING_HOME": str(home),
        "TONGXING_DEMO": "1",
        "TONGXING_KEY_FILE": str(key_file),
        "TONGXING_DATABASE_URL": url or "",
        "PYTHONUNBUFFERED": "1",
    }
    for batches in (0, 4):  # before the first, and in the middle
        _killed_after(batches, env)
        with site_with(key_file, home, url):
            everything_opens(messages, children)
    assert _rotate(env).strip().endswith("no new key was made.")

    with site_with(key_file, home, url):
        everything_opens(messages, children)
        assert [left_of(key_id) for key_id in keys.load(key_file).keys][:-1] == [{}] * (
            len(keys.load(key_file).keys) - 1
        )


def _a_thousand() -> tuple[dict[str, str], dict[int, dict[SealedField, str]]]:
    """Return addresses by message and texts by child: five batches of each."""
    first = a_child()
    skipped = {"id", "uid", "alias"}
    same = {
        column.key: getattr(first, column.key)
        for column in inspect(Child).column_attrs
        if column.key not in skipped
    }
    with transaction() as session:
        made = [Child(alias=f"小麦{place}", **same) for place in range(1000)]
        session.add_all(made)
        session.flush()
        parts = services.new_parts([(child.uid, everything_of(child)) for child in made])
        session.add_all(
            ChildSealed(child_id=child.id, **part) for child, part in zip(made, parts, strict=True)
        )
        children = {child.id: everything_of(child) for child in made}
        session.flush()
        messages = {a_message(f"{n}@example.org").uid: f"{n}@example.org" for n in range(1000)}
    return messages, children


COMMAND = [sys.executable, "-m", "flask", "--app", "app", "keys", "rotate"]


def _killed_after(batches: int, env: dict[str, str]) -> None:
    """Begin a change and kill it for good once it has told of that many batches."""
    process = subprocess.Popen(COMMAND, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    if not batches:
        _wait_for_a_new_key(Path(env["TONGXING_KEY_FILE"]))
    for _batch in range(batches):
        assert "sealed anew" in process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=20) == -signal.SIGKILL
    process.stdout.close()


def _wait_for_a_new_key(key_file: Path) -> None:
    before = len(keys.load(key_file).keys)
    for _turn in range(3000):
        if len(keys.load(key_file).keys) > before:
            return
        threading.Event().wait(0.01)
    raise AssertionError("no key was added")


def _rotate(env: dict[str, str]) -> str:
    return subprocess.run(
        COMMAND, cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=120
    ).stdout


# --- commands ------------------------------------------------------------------------------


def test_the_commands_say_what_they_did(key_file: Path, tmp_path: Path) -> None:
    with site_with(key_file, tmp_path / "home") as app:
        a_message("new@example.org")
        runner = app.test_cli_runner()
        before = runner.invoke(args=["keys", "status"]).output
        rotated = runner.invoke(args=["keys", "rotate"]).output
        after = runner.invoke(args=["keys", "status"]).output

    assert "keys in the file: 1; current: 1\n" in before
    assert "messages.address: key 1: 1\n" in before
    assert rotated.endswith("sealed with the new key 2. Copy the key file away.\n")
    assert "messages.address: key 2: 1\n" in after
    assert "children_sealed.data_key: nothing\n" in after


@pytest.mark.parametrize("command", ["rotate", "status"])
def test_the_commands_refuse_a_wrong_key_in_one_line(
    key_file: Path, tmp_path: Path, command: str
) -> None:
    with site_with(key_file, tmp_path / "home") as app:
        keychecks.remember()
        crypto.use_key(b"x" * 32)
        done = app.test_cli_runner().invoke(args=["keys", command])

    assert done.exit_code == 1
    assert done.output == (
        "Error: TONGXING_KEY_FILE: key 1 is not the one this database was sealed with\n"
    )
    assert len(keys.load(key_file).keys) == 1


def test_a_process_without_a_key_file_changes_no_key(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["keys", "rotate"])
    assert done.output == "Error: this process was given its key without a file\n"


# --- columns -------------------------------------------------------------------------------


def test_every_column_named_as_sealed_names_a_column_of_its_row() -> None:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            row = column.info.get(sealing.SEALED_BY)
            assert row is None or (row in table.columns and "id" in table.columns), str(column)
