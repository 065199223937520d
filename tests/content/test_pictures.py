"""Of a picture only what it shows is kept; a file made to do harm is not even decoded."""

import io
import os
import threading
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from core import pictures, shrinking
from core.errors import RuleBroken
from core.pictures import drawn_anew, file_of, forget_all_but, kept, looked_at
from tests.content.hostile_pictures import (
    HOSTILE,
    SECRET_TEXT,
    a_photo_with_its_place,
    a_picture,
    a_png,
)

TELLING = (SECRET_TEXT, b"Exif", b"EXIF", b"GPS", b"XMP ", b"ICCP", b"xmpmeta", b"http")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_size_of_a_photo_tells_where_it_was_taken(app: Flask, kind: str) -> None:
    photo = a_photo_with_its_place(kind)
    assert SECRET_TEXT in photo

    sizes = drawn_anew(photo)

    assert [(one.width, one.height) for one in sizes] == [(480, 960), (960, 1920), (1000, 2000)]
    for one in sizes:
        assert not [word for word in TELLING if word in one.file]
        with Image.open(io.BytesIO(one.file)) as opened:
            assert opened.format == "WEBP"
            assert opened.size == (one.width, one.height)
            assert not dict(opened.getexif())
            assert not {"exif", "xmp", "icc_profile", "comment"} & set(opened.info)


def test_a_photo_stands_upright_and_is_never_enlarged(app: Flask) -> None:
    """The gradient runs from dark above to light below: turned by the camera, it runs sideways."""
    (only,) = drawn_anew(a_picture("PNG", (300, 240)))
    assert (only.width, only.height) == (300, 240)

    turned = drawn_anew(a_photo_with_its_place(turned=6))[0]
    with Image.open(io.BytesIO(turned.file)) as opened:
        grey = opened.convert("L").tobytes()
    line = grey[480 * 400 : 480 * 401]
    assert line[10] > line[470] + 100


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_colour_becomes_plain_colour(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (2000, 1000)).save(out, "PNG")

    found = list(shrinking.sizes(out.getvalue(), "PNG"))

    assert [width for width, _height, _file in found] == [480, 960, 1600]
    with Image.open(io.BytesIO(found[0][2])) as opened:
        assert opened.mode == "RGB"


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_picture_is_refused_in_words(app: Flask, what: str) -> None:
    reason, made = HOSTILE[what]
    with pytest.raises(RuleBroken, match=reason):
        drawn_anew(made())


def test_a_picture_spoilt_anywhere_is_refused_or_drawn_but_never_fails(app: Flask) -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = a_picture(kind)
        for at in range(0, min(len(whole), 600), 7):
            spoilt = bytearray(whole)
            spoilt[at] ^= 0x55
            try:
                assert looked_at(bytes(spoilt)) in {"JPEG", "PNG", "WEBP"}
            except RuleBroken:
                continue


def test_a_decoder_that_takes_too_long_is_ended(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "SECONDS", 0.001)
    with pytest.raises(RuleBroken, match="打不开"):
        drawn_anew(a_picture())


def test_the_decoder_does_not_know_the_sites_secrets(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told.py"
    told.write_text("import os, sys\nsys.exit(0 if not os.environ.get('TONGXING_KEY_FILE') else 3)")
    monkeypatch.setattr(pictures, "WORKER", told)
    monkeypatch.setenv("TONGXING_KEY_FILE", "/secret")
    assert drawn_anew(a_picture()) == []


def test_a_second_picture_waits_and_then_is_asked_to_come_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    monkeypatch.setattr(pictures, "_gate", gate := threading.Lock())
    with gate, pytest.raises(pictures.Busy):
        drawn_anew(a_picture())
    assert drawn_anew(a_picture())


def test_a_kept_picture_has_a_name_nobody_gave_it(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    sizes = drawn_anew(a_picture())

    name, other = kept(folder, sizes), kept(folder, sizes)

    assert name != other
    assert len(name) == 22
    for one in sizes:
        file = file_of(folder, name, one.width)
        assert file.read_bytes() == one.file
        assert file.stat().st_mode & 0o077 == 0
    assert not list(folder.glob("*.part"))


def test_files_of_forgotten_pictures_go_but_not_those_just_coming(
    app: Flask, tmp_path: Path
) -> None:
    sizes = drawn_anew(a_picture())
    known, forgotten, coming = (kept(tmp_path, sizes) for _turn in range(3))
    for one in sizes:
        for name in (known, forgotten):
            os.utime(file_of(tmp_path, name, one.width), (0, 0))

    assert forget_all_but(tmp_path, {known}) == len(sizes)
    assert {file.name.partition(".")[0] for file in tmp_path.iterdir()} == {known, coming}
    assert forget_all_but(tmp_path / "nowhere", set()) == 0


def test_a_black_png_of_our_own_making_is_a_picture(app: Flask) -> None:
    """So that what is refused above is refused for its fault and not for our clumsiness."""
    assert drawn_anew(a_png(300, 300))
