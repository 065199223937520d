"""The fence holds in the sources too: who may look over it, and who asks whose a record is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.event import listen, remove

from accounts.queries import actor_for
from accounts.rules import Role
from children.consents.models import Consent
from children.models import Child, ChildFreeTime
from core.db import Base, db
from core.errors import NotYours
from core.fences import Fenced, fenced_models
from core.scopes import find, scopes
from pairings.models import Pairing
from places.rules import Level
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.test_house import SOURCES, named

UNFENCED = {
    "pairings": "scoped by place and by team, and shown to the team",
    "visit_holds": "ids and times for the constraint that no two visits overlap; no page reads it",
    "guardian_links": "found by a secret, before anybody knows which child it is about",
    "rights_requests": "the city's data protection officer handles them by number",
    "erasures": "as the requests that lead to them",
}


def test_every_table_that_names_a_child_is_fenced() -> None:
    fenced = {model.__tablename__ for model in fenced_models()}  # type: ignore[attr-defined]  # mapped
    naming = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "children" and not table.name.startswith("test_")
    }

    assert naming - fenced == set(UNFENCED)
    assert "children" in fenced


def test_every_fenced_table_but_the_children_names_its_child() -> None:
    for model in fenced_models():
        assert model is Child or "child_id" in inspect(model).columns


MAY_SEE_EVERYTHING = {
    "core/clockwork.py": "what runs by itself looks after everybody's rows",
    "demo/playing/services.py": "does the site's own work while a demonstration is played ahead",
    "demo/services.py": "fills an empty site with invented children",
    "children/sealed/search/services.py": "whether the county has a file of that name and phone",
    "children/queries.py": "numbers a county, and whether an alias or a uid is any child's",
    "pairings/fairness/queries.py": "how many wait in each county, for the city: numbers",
    "pairings/runs/world/teams/queries.py": "the ages a team is used to, wherever: no child",
    "children/access/queries.py": "requests and logs for the city and auditors, who see no child",
    "children/access/planting/services.py": "plants decoys in every county",
    "campaigns/stories/faces/queries.py": "asks whether the children of a story agree: numbers and"
    " stories come back, never a child",
    "campaigns/pages/queries.py": "likewise, for the version of what is public",
    "core/rotation.py": "changes the key of everything that is sealed",
    "core/keychecks.py": "tries whether what is sealed opens, and gives nothing back",
    "serve.py": "compares keys and vault with the database before anybody comes",
    "rights/retention/queries.py": "numbers of what is over its term, for the DPO and the job",
}
FORBIDDEN = {
    "sqlalchemy.text",
    "sqlalchemy.literal_column",
    "sqlalchemy.table",
    "sqlalchemy.Table",
    "from_statement",
    "bulk_insert_mappings",
    "bulk_update_mappings",
    "bulk_save_objects",
    "exec_driver_sql",
    "__table__",
    "get_bind",
}
"""Ways past the second wall: raw SQL, and statements on tables instead of models."""
MAY_GO_PAST = {
    "campaigns/seats/services.py": "counts seats in the row of a pool, which is never a child's",
    "campaigns/funnel/services.py": "asks which engine it is, for an upsert of mere counters",
    "campaigns/numbers/services.py": "asks which engine it is, for an upsert of public numbers",
    "pairings/fairness/queries.py": "asks which engine it is, for the day in China of a moment",
    "core/db.py": "opens connections and transactions",
    "core/audit.py": "creates the triggers that keep audit rows",
    "core/policies.py": "creates the third wall",
    "visits/holds/models.py": "creates the constraints that no two visits overlap",
    "core/extensions.py": "asks PostgreSQL for what it has to bring along",
    "core/checking.py": "streams audit rows, which hold names of fields and no values",
    "core/heads.py": "audit rows too",
    "core/seals.py": "audit rows too",
    "core/indexes.py": "the conditions of partial indexes",
    "core/limits.py": "counts tries by upsert; keys are digests",
    "core/tiers.py": "declares the tier of each column",
    "messages/planning/bulk/services.py": "adds many messages in one statement, reads none",
    "messages/delivery/quotas/services.py": "asks which engine it is, for an upsert of counters",
    "places/days/services.py": "asks which engine it is, to fill gaps in the list of holidays",
    "demo/bulk.py": "writes invented rows by table, reads none of them",
}


def _calls(source: Path) -> set[str]:
    tree = ast.parse(source.read_text())
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    return called | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _imported(source: Path) -> set[str]:
    return {
        f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


def _past_the_models(source: Path) -> set[str]:
    """Return what a module imports or calls that does not go through the models."""
    return (_imported(source) | _calls(source)) & FORBIDDEN


def _looks_over(source: Path) -> bool:
    text = source.read_text()
    return "fences.everything" in text or "core.fences.everything" in _imported(source)


def test_nobody_else_looks_over_the_fence() -> None:
    looking = {named(source) for source in SOURCES if _looks_over(source)}
    assert looking - set(MAY_SEE_EVERYTHING) == set()


def test_nobody_else_speaks_to_the_database_past_the_models() -> None:
    index = {"sqlalchemy.text"}  # the condition of a partial index
    found = {
        named(source): _past_the_models(source) - (index if source.name == "models.py" else set())
        for source in SOURCES
        if named(source) not in MAY_GO_PAST
    }
    assert {source: ways for source, ways in found.items() if ways} == {}


UNSEEN_BY_THE_FENCE = {"over", "within_group", "filter"}
"""Of a function with one of these, SQLAlchemy does not see which model it is about."""


def _counting_unseen(source: Path, fenced: set[str]) -> Iterator[str]:
    """Name the functions that count in parts, of a module that names a fenced model."""
    tree = ast.parse(source.read_text())
    if not fenced & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            used = {one.attr for one in ast.walk(function) if isinstance(one, ast.Attribute)}
            if used & UNSEEN_BY_THE_FENCE and "select_from" not in used:
                yield f"{named(source)}: {function.name}"


def test_whoever_counts_in_parts_names_what_is_counted() -> None:
    fenced = {model.__name__ for model in fenced_models()}
    assert [one for source in SOURCES for one in _counting_unseen(source, fenced)] == []


def test_no_child_is_loaded_by_its_bare_key() -> None:
    fenced = {model.__name__ for model in fenced_models()}
    bare = [
        (named(source), node.lineno)
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"get", "get_one", "refresh", "merge"}
        and any(isinstance(word, ast.Name) and word.id in fenced for word in node.args)
    ]

    assert bare == []


def test_a_fenced_model_says_so_by_its_base() -> None:
    assert {Child, ChildFreeTime, Consent} <= set(fenced_models())
    assert all(issubclass(model, Fenced) for model in fenced_models())
    assert not issubclass(Pairing, Fenced)
    assert Level.COUNTY in Level


# -- one way to every record

PUBLIC_NAMES = {
    "Attendance": "nobody asks for a day by its name: hours say by it what they were credited for",
    "Assessment": "a register that everybody in its audience may read whole",
    "Breach": "likewise",
    "MatchDocument": "taken out at the machine only, by the name of its run",
    "TeamProposal": "found with its run",
    "GuardianLink": "found with its child",
    "CampaignPicture": "public while its campaign is; found with the campaign by its editors",
    "CampaignPlace": "found with the campaign by those who work on it",
    "ExamPeriod": "examinations are no secret; the desk's editors keep those of the whole city",
    "Organisation": "organisations are public",
    "Activity": "found with its campaign, as its slots are",
    "Slot": "found with its campaign: by everybody while people join, by its editors before",
    "SavedFilter": "nobody sees another's: the one service that drops it asks whose it is",
    "SigningKey": "public halves are published whole; the name stands on every certificate",
    "Person": "only administrators open people, and they may open all",
    "ChannelSetting": "only administrators set channels up; nobody asks for one by its name",
    "ContactPoint": "found with its person, who alone asks for it",
    "Message": "only administrators send again, and they see no content",
}
LOOKED_UP = {
    "accounts/admin/queries.py": {"person"},
    "accounts/admin/services.py": {"give_role", "disable", "reset_factor"},
    "accounts/approvals/services.py": {"_named"},
    "accounts/saved/services.py": {"drop"},
    "accounts/exports/files/services.py": {"_claim"},
    "accounts/exports/services.py": {"_wait_for_somebody_else", "approved"},
    "campaigns/signups/queries.py": {"joining", "standing"},
    "campaigns/exams/services.py": {"remove"},
    "campaigns/signups/own/queries.py": {"own"},
    "campaigns/signups/own/services.py": {"confirm"},
    "campaigns/signups/confirming/services.py": {"confirm_by_call"},
    "campaigns/manage/services.py": {"why_not"},
    "campaigns/blocks/queries.py": {"slot"},
    "campaigns/funnel/queries.py": {"asked"},
    "children/queries.py": {"exists"},
    "campaigns/signups/day/codes/queries.py": {"own_day", "door"},
    "campaigns/signups/day/queries.py": {"named"},
    "campaigns/signups/day/services.py": {"enter_times", "note", "note_by_code"},
    "campaigns/signups/leaving/services.py": {"leave_own"},
    "campaigns/wishes/queries.py": {"cards", "wanted"},
    "messages/services.py": {"send_again"},
    "messages/channels/leaving/services.py": {"reader_of"},
    "messages/contacts/services.py": {"prove"},
    "visits/answers/queries.py": {"question"},
    "visits/answers/services.py": {"answer"},
    "messages/delivery/receipts/services.py": {"receipt"},
    "pairings/queries.py": {"exists"},
    "visits/assignments/queries.py": {"exists"},
    "visits/feeds/invitations/services.py": {"_visits"},
    "children/consents/links/services.py": {"revoke"},
    "rights/assessments/queries.py": {"assessment"},
    "rights/assessments/services.py": {"rewrite", "approve", "_find"},
    "rights/breaches/queries.py": {"breach"},
    "rights/breaches/services.py": {"amend", "_step", "step", "edit"},
    "rights/requests/queries.py": {"exists"},
    "rights/erasures/queries.py": {"exists"},
    "rights/requests/services.py": {"_move", "_close", "_moved"},
    "pairings/proposals/services.py": {"_team"},
    "pairings/runs/services.py": {"_pairing_id"},
    "pairings/runs/storing/services.py": {"document_of"},
    "pairings/services.py": {"locked_where"},
    "volunteers/teams/forming/services.py": {"_formed", "refuse"},
    "volunteers/teams/services.py": {"lead"},
    "volunteers/queries.py": {"name_of"},
}
"""Where a record is looked up by its public name after its scope has been asked, or has none."""
SCOPING = {
    "visible", "within", "find", "in_reach", "without_a_way_in", "own_or_under", "led_teams",
    "may_plan",
}  # fmt: skip


def test_every_record_with_a_public_name_says_who_may_see_it() -> None:
    named = {
        mapper.class_.__name__
        for mapper in Base.registry.mappers
        if "uid" in mapper.columns and not mapper.class_.__tablename__.startswith("test_")
    }
    scoped = {model.__name__ for model in scopes()}

    assert named - scoped == set(PUBLIC_NAMES)


def _looks_up(function: ast.FunctionDef) -> bool:
    """Whether a function compares a model's public name with what somebody sent."""
    return any(
        isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr == "uid"
        and isinstance(node.left.value, ast.Name)
        and node.left.value.id[0].isupper()
        and isinstance(node.ops[0], ast.Eq)
        for node in ast.walk(function)
    )


def _unasked(source: Path) -> Iterator[str]:
    """Name the functions that look a record up and ask nobody whose it is."""
    explained = LOOKED_UP.get(named(source), set())
    for function in ast.walk(ast.parse(source.read_text())):
        if not isinstance(function, ast.FunctionDef) or not _looks_up(function):
            continue
        asked = {
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
        }
        if not asked & SCOPING and function.name not in explained:
            yield f"{named(source)}: {function.name}"


def test_whoever_looks_a_record_up_asks_whose_it_is() -> None:
    assert [one for source in SOURCES for one in _unasked(source)] == []


@pytest.mark.parametrize("model", scopes(), ids=lambda model: model.__name__)
def test_a_missing_and_a_foreign_record_cost_the_same_work(app: Flask, model: type[Base]) -> None:
    nobody = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    asked: list[str] = []

    def note(*context: object) -> None:
        asked.append(str(context[2]))

    listen(db.engine, "before_cursor_execute", note)
    try:
        with pytest.raises(NotYours):
            find(model, "A" * 22, nobody)
    finally:
        remove(db.engine, "before_cursor_execute", note)
    assert len(asked) == 1, "one statement, whether the record is missing or another's"
