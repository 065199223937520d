"""Rules that hold for the whole site, so that nobody has to remember them."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Blueprint, Flask

from app import create_app
from core import access
from tests.conftest import settings_for

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "accounts",
    "campaigns",
    "children",
    "core",
    "demo",
    "messages",
    "pairings",
    "places",
    "rights",
    "visits",
    "volunteers",
)
SOURCES = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]
SOURCES += [ROOT / f"{name}.py" for name in ("app", "rooms", "commands", "frame", "jobs", "serve")]


def test_every_view_says_who_may_call_it(app: Flask) -> None:
    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not access.audiences_of(rule.endpoint)
    ]
    assert silent == []


def test_a_site_with_a_silent_view_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Blueprint("silent", __name__)
    silent.add_url_rule("/silent", view_func=lambda: "hush", endpoint="view")
    monkeypatch.setattr("rooms.BLUEPRINTS", (silent,))
    monkeypatch.setattr("core.problems.init_app", lambda _app, **_given: None)

    with pytest.raises(RuntimeError, match=r"views without an audience: silent\.view"):
        create_app(settings_for(tmp_path))


def named(source: Path) -> str:
    return str(source.relative_to(ROOT))


def test_only_core_db_commits() -> None:
    commit = [
        named(source)
        for source in SOURCES
        if source.name != "db.py"
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]
    assert commit == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        named(source)
        for source in SOURCES
        if (source.name != "__init__.py" or source.read_text())
        and not ast.get_docstring(ast.parse(source.read_text()))
    ]
    assert silent == []


def test_no_file_grows_beyond_300_lines() -> None:
    assert [named(source) for source in SOURCES if len(source.read_text().splitlines()) > 300] == []


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        (named(source), node.lineno)
        for source in SOURCES
        for function in ast.walk(ast.parse(source.read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


INLINE = re.compile(
    r"\sstyle=|\son[a-z]+=|\|\s*safe\b|<style|hx-on|javascript:"
    r"|<script(?![^>]*(src=|application/json))"
)


def test_templates_hold_nothing_inline() -> None:
    found = {named(template): INLINE.search(template.read_text()) for template in TEMPLATES}
    assert {template: words[0] for template, words in found.items() if words} == {}


def test_classes_in_templates_exist_in_the_style_sheets() -> None:
    styles = "".join(path.read_text() for path in (ROOT / "static").rglob("*.css"))
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", styles))
    used: dict[str, str] = {}
    for template in TEMPLATES:
        for value in re.findall(r'class="([^"{}]*)"', template.read_text()):
            used.update(dict.fromkeys(value.split(), str(template.relative_to(ROOT))))
    missing = {name: where for name, where in used.items() if name not in known}
    assert missing == {}


def test_the_english_catalogue_is_complete() -> None:
    messages = set()
    for folder in (*PACKAGES, "templates"):
        method = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
        found = extract_from_dir(
            str(ROOT / folder),
            method,
            keywords={"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "_n": (1, 2)},
            directory_filter=lambda _folder: True,  # else _macros/ is passed over
        )
        messages |= {entry[2] if isinstance(entry[2], str) else entry[2][0] for entry in found}
    messages |= set(_strings_of_the_menu())
    with (ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = {
            (entry.id if isinstance(entry.id, str) else entry.id[0]): entry
            for entry in read_po(file)
            if entry.id
        }
    missing = sorted(messages - {"", *(key for key, entry in catalogue.items() if entry.string)})
    assert missing == []
    for key, entry in catalogue.items():
        texts = entry.string if isinstance(entry.string, str) else "".join(entry.string or ())
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"童行|中文", "", texts)), (
            f"Chinese in English: {key}"
        )
        wanted = set(re.findall(r"%\((\w+)\)", key))
        assert set(re.findall(r"%\((\w+)\)", texts)) == wanted, f"placeholders differ: {key}"


def _strings_of_the_menu() -> list[str]:
    tree = ast.parse((ROOT / "frame.py").read_text())
    return [
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_l"
        and isinstance(node.args[0], ast.Constant)
    ]


def test_the_readmes_commands_are_the_ones_ci_runs() -> None:
    for readme in ("README.md", "README.zh.md"):
        text = (ROOT / readme).read_text()
        assert "make run" in text
        assert "make test" in text
    assert "make test" in (ROOT / ".ci/run").read_text()


def test_no_file_names_a_registry_or_this_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    hosts = re.compile(
        "|".join(
            (
                "pypi" + r"\.org",
                "pythonhosted" + r"\.org",
                "registry" + r"\.npmjs",
                "deb" + r"\.debian\.org",
                "index" + "-url",
            )
        )
    )
    texts = [
        ROOT / name
        for name in listed
        if name.endswith((".py", ".txt", ".toml", ".md", ".cfg", ".json", "Makefile", "run"))
    ]
    assert [str(path) for path in texts if path.is_file() and hosts.search(path.read_text())] == []
