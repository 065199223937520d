"""What is sealed of a child: at its own place only, and gone for good when it is erased."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts.rules import SITE
from children.models import Child
from children.sealed import services
from children.sealed.models import ChildSealed, ErasedKey
from children.sealed.rules import SealedField, in_use, masked, normal
from core import crypto
from core.crypto import Unreadable
from core.db import db, transaction
from core.errors import RuleBroken
from core.vault import NEAR, SLOT, Vault, vault
from tests.builders.children import a_child
from tests.builders.sealed import a_sealed_part, everything_of
from tests.factories import CANARY

NAME, PHONE = SealedField.REAL_NAME, SealedField.GUARDIAN_PHONE


@pytest.fixture
def child(app: Flask) -> Child:
    return a_child()


def change(child: Child, **values: Any) -> None:
    with transaction() as session:
        session.execute(
            update(ChildSealed).where(ChildSealed.child_id == child.id).values(**values)
        )


def row_of(child: Child) -> ChildSealed:
    return db.session.scalars(select(ChildSealed).where(ChildSealed.child_id == child.id)).one()


def test_what_was_sealed_opens(child: Child) -> None:
    a_sealed_part(child)

    assert services.opened(child.id, list(SealedField)) == everything_of(child)
    assert services.opened(child.id, [NAME]) == {NAME: everything_of(child)[NAME]}


def test_a_child_with_nothing_sealed_has_nothing(child: Child) -> None:
    assert services.opened(child.id, list(SealedField)) == {}
    a_sealed_part(child, {PHONE: "15400000001"})
    assert services.opened(child.id, list(SealedField)) == {PHONE: "15400000001"}


@pytest.mark.parametrize("column", ["real_name", "guardian_phone", "data_key"])
def test_a_cell_moved_to_another_child_no_longer_opens(child: Child, column: str) -> None:
    other = a_child()
    a_sealed_part(child)
    theirs = a_sealed_part(other)
    change(child, **{column: getattr(theirs, column)})

    with pytest.raises(Unreadable):
        services.opened(child.id, list(SealedField))
    assert services.opened(other.id, [NAME]) == {NAME: everything_of(other)[NAME]}


def test_a_whole_sealed_part_moved_to_another_child_no_longer_opens(child: Child) -> None:
    other = a_child()
    a_sealed_part(child)
    theirs = a_sealed_part(other)
    moved = ("slot", "data_key", "real_name", "guardian_phone", "exact_place", "health", "family")
    change(child, **{name: getattr(theirs, name) for name in moved})

    with pytest.raises(Unreadable):
        services.opened(child.id, [NAME])


def test_a_cell_moved_to_another_column_no_longer_opens(child: Child) -> None:
    a_sealed_part(child)
    change(child, health=row_of(child).family)

    with pytest.raises(Unreadable):
        services.opened(child.id, [SealedField.HEALTH])


def test_a_changed_cell_no_longer_opens(child: Child) -> None:
    a_sealed_part(child)
    sealed = row_of(child).real_name or ""
    for broken in (sealed[:-8] + "AAAAAAA=", sealed[:20], "", "不是密文", "AQ=="):
        change(child, real_name=broken)
        with pytest.raises(Unreadable):
            services.opened(child.id, [NAME])


def test_another_key_file_opens_nothing(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    a_sealed_part(child)
    swapped = crypto.Sealer(b"x" * 32)
    monkeypatch.setattr("core.wrapping.sealer", lambda: swapped)

    with pytest.raises(Unreadable):
        services.opened(child.id, [NAME])


def test_another_vault_opens_nothing(
    child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = a_sealed_part(child)
    swapped = Vault(tmp_path / "vault")
    swapped.add([child.uid] * (part.slot + 1))
    monkeypatch.setattr("children.sealed.services.vault", lambda: swapped)

    with pytest.raises(Unreadable):
        services.opened(child.id, [NAME])


# --- erasing -------------------------------------------------------------------------------


def backup(app: Flask, path: Path) -> Path:
    """Back the database up as docs/operating.md says."""
    home: Path = app.extensions["settings"].home
    connection = sqlite3.connect(home / "tongxing.db")
    connection.execute("VACUUM INTO ?", [str(path)])
    connection.close()
    return path


def restore(app: Flask, path: Path) -> None:
    home: Path = app.extensions["settings"].home
    db.session.remove()
    db.engine.dispose()
    for leftover in home.glob("tongxing.db?*"):
        leftover.unlink()
    (home / "tongxing.db").write_bytes(path.read_bytes())


def test_an_old_backup_does_not_bring_back_what_was_erased(
    app: Flask, child: Child, tmp_path: Path
) -> None:
    kept = a_child()
    child_id, kept_id, texts = child.id, kept.id, everything_of(kept)
    a_sealed_part(child)
    a_sealed_part(kept)
    old = backup(app, tmp_path / "old.db")

    services.erase(child_id, by=SITE)
    assert services.destroy_erased() == 1
    restore(app, old)

    with pytest.raises(Unreadable):
        services.opened(child_id, [NAME])
    assert services.opened(kept_id, list(SealedField)) == texts


def test_without_destroying_the_backup_would_have_brought_it_back(
    app: Flask, child: Child, tmp_path: Path
) -> None:
    """What the test before stands on: it is the destroyed half that makes it unreadable."""
    child_id, texts = child.id, everything_of(child)
    a_sealed_part(child)
    old = backup(app, tmp_path / "old.db")
    services.erase(child_id, by=SITE)
    restore(app, old)

    assert services.opened(child_id, list(SealedField)) == texts


def test_an_erasure_that_is_taken_back_destroys_nothing(child: Child) -> None:
    a_sealed_part(child)

    def refused() -> None:
        with transaction():
            services.erase(child.id, by=SITE)
            raise RuleBroken("不行")

    with pytest.raises(RuleBroken):
        refused()
    assert services.destroy_erased() == 0
    assert services.opened(child.id, [NAME]) == {NAME: everything_of(child)[NAME]}


def test_a_half_is_destroyed_once_and_its_slot_never_used_again(child: Child) -> None:
    slot = a_sealed_part(child).slot
    services.erase(child.id, by=SITE)
    assert (services.destroy_erased(), services.destroy_erased()) == (1, 0)
    assert db.session.scalars(select(ErasedKey.slot)).all() == [slot]
    assert vault().halves([(slot, child.uid)]) == [None]

    assert a_sealed_part(child).slot > slot
    assert services.opened(child.id, list(SealedField)) == everything_of(child)


def test_erasing_what_is_not_there_is_nothing(child: Child) -> None:
    services.erase(child.id, by=SITE)
    assert services.destroy_erased() == 0


# --- the vault -----------------------------------------------------------------------------


def test_the_vault_gives_each_record_its_own_half(tmp_path: Path) -> None:
    store = Vault(tmp_path / "vault")
    slots = store.add(["a", "b"]) + store.add(["c"])

    assert slots == [0, 1, 2]
    found = store.halves(zip(slots, "abc", strict=True))
    assert len({half for half in found if half}) == 3
    assert store.halves([(0, "b"), (9, "a")]) == [None, None]
    assert (tmp_path / "vault").stat().st_mode & 0o777 == 0o600


def test_halves_are_found_however_far_apart_they_lie(tmp_path: Path) -> None:
    store = Vault(tmp_path / "vault")
    names = [str(number) for number in range(NEAR + 2)]
    store.add(names)
    store.destroy([1])

    (last,) = store.halves([(NEAR + 1, names[-1])])
    assert last is not None
    near = [(NEAR + 1, names[-1]), (NEAR, "x"), (2, names[2])]
    far = [*near, (0, names[0]), (1, names[1]), (NEAR + 9, names[0])]
    assert [half is not None for half in store.halves(near)] == [True, False, True]
    assert [half is not None for half in store.halves(far)] == [
        True,
        False,
        True,
        True,
        False,
        False,
    ]
    assert store.halves(far)[0] == store.halves(near)[0] == last
    assert store.halves([]) == []


def test_a_torn_end_of_the_vault_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "vault"
    store = Vault(path)
    store.add(["a"])
    path.write_bytes(path.read_bytes() + b"torn")

    assert store.add(["b"]) == [2]
    assert path.stat().st_size == 3 * SLOT
    assert None not in store.halves([(0, "a"), (2, "b")])


def test_a_shared_half_is_made_once_and_can_be_forgotten(tmp_path: Path) -> None:
    ours, theirs = Vault(tmp_path / "vault"), Vault(tmp_path / "vault")
    assert ours.found("index") is None
    ours.add(["a"])

    half = ours.shared("index")
    assert [theirs.shared("index"), theirs.found("index")] == [half, half]
    assert (tmp_path / "vault").stat().st_size == 2 * SLOT
    theirs.forget("index")
    theirs.forget("index")
    assert ours.found("index") is None
    assert ours.shared("index") != half


def test_key_file_and_backup_alone_do_not_tell_whose_phone_it_is(
    child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eleven digits can all be tried out; what they are tried against needs the vault."""
    a_sealed_part(child)
    kept, phone = row_of(child).guardian_phone_index, everything_of(child)[PHONE]
    assert services.blinds(PHONE, phone) == [kept]

    monkeypatch.setattr("children.sealed.services.vault", lambda: Vault(tmp_path / "vault"))
    assert services.blinds(PHONE, phone) == []
    assert services.blind(PHONE, phone) != kept


# --- canaries ------------------------------------------------------------------------------


def bytes_on_disk(app: Flask) -> bytes:
    home: Path = app.extensions["settings"].home
    return b"".join(path.read_bytes() for path in home.glob("tongxing.db*"))


def test_nothing_sealed_can_be_read_in_the_file_the_log_or_a_backup(
    app: Flask, tmp_path: Path
) -> None:
    phones = []
    for _turn in range(20):
        one = a_child()
        a_sealed_part(one)
        phones.append(everything_of(one)[PHONE])

    seen = {"file and log": bytes_on_disk(app)}
    assert any(path.stat().st_size for path in app.extensions["settings"].home.glob("*.db-wal"))
    seen["backup"] = backup(app, tmp_path / "backup.db").read_bytes()
    seen["vault"] = vault().path.read_bytes()
    for where, found in seen.items():
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            assert CANARY.encode(encoding) not in found, (where, encoding)
        assert not [phone for phone in phones if phone.encode() in found], where
        assert b"k" * 32 not in found


# --- rules ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        (NAME, "王小样例", "王＊＊"),
        (NAME, "欧阳样例", "欧阳＊＊"),
        (NAME, "阿依古丽·样例", "阿＊＊"),
        (NAME, "欧阳", "欧＊＊"),
        (PHONE, "15400001234", "154****1234"),
        (PHONE, "1234", ""),
        (SealedField.HEALTH, "哮喘", ""),
    ],
)
def test_masks_show_no_more_than_staff_know_already(
    field: SealedField, text: str, shown: str
) -> None:
    assert masked(field, text) == shown


def test_a_text_is_looked_up_however_it_is_written() -> None:
    assert normal(" 王　小 样例\u200b") == normal("王小样例")
    assert normal("１５４") == "154"


@pytest.mark.parametrize("given", [[], None, "real_name", ["nickname"], 7])
def test_a_parameter_that_names_no_field_lets_nothing_in(given: object) -> None:
    assert in_use(given) == ()


def test_fields_in_use_keep_their_order() -> None:
    assert in_use(["guardian_phone", "real_name", "x"]) == (NAME, PHONE)
