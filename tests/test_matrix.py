"""Every route, every role: one's own record, the same county's, a neighbour's and a missing one.

Everybody whose role has ended reaches nothing of it.

A new route fails here until ROUTES says what its address is made of.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from unittest.mock import patch

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from accounts.rules import Role
from core import clock
from core.access import EVERYONE, SIGNED_IN, audiences_of
from core.db import db
from tests.browser import Browser
from tests.conftest import FRAMES, NOON, begin_from, keep_as
from tests.factories import CANARY
from tests.worlds import BY_LEVEL, County, World, a_world

VISITOR = "visitor"
WHO = (VISITOR, *(role.value for role in Role))
MISSING = "A" * 22
FINE = frozenset({200, 302, 409, 422})
COUNTY_WIDE = frozenset(role.value for role in BY_LEVEL if BY_LEVEL[role] in {"county", "city"})
"""Who answers for the whole county: another village of it is theirs as well."""
FRESH = re.compile(r'name="(?:csrf_token|form_key)"[^>]*>')
Values = Callable[[County], dict[str, object]]


@dataclass(frozen=True)
class Address:
    """What a route's address is made of; without `missing` it names no record."""

    values: Values = lambda _county: {}
    county_wide: bool = False
    """The record belongs to the county as a whole, not to a village or an organisation."""
    everywhere: bool = False
    """Whoever may open the page may open every county's record."""
    outsiders: frozenset[str] = frozenset()
    """Roles in the audience who have no share in this very record."""
    citywide: frozenset[str] = frozenset()
    """Roles in the audience who answer for the neighbour's county as well."""

    @property
    def names_a_record(self) -> bool:
        return self is not PLAIN


def of(name: str, key: str = "uid", *outsiders: Role, **fixed: object) -> Address:
    """A record of a county, by its name in tests.worlds."""
    return Address(
        lambda county: {key: getattr(county, name), **fixed},
        outsiders=frozenset(role.value for role in outsiders),
    )


def across(name: str, key: str, *roles: Role) -> Address:
    """A record of a county that some roles reach in every county of the city."""
    return Address(
        lambda county: {key: getattr(county, name)},
        citywide=frozenset(role.value for role in roles),
    )


def everywhere(name: str, key: str = "uid", **fixed: object) -> Address:
    return Address(lambda county: {key: getattr(county, name), **fixed}, everywhere=True)


def _number(text: str) -> int | str:
    """Return an id as a number; a name that stands for one stays as it is."""
    return int(text) if text.isdigit() else text


PLAIN = Address()
A_TOKEN = Address(lambda _county: {"token": "B" * 43}, everywhere=True)
A_SLUG = everywhere("slug", "slug")
A_PERSON = everywhere("person")
A_GRANT = Address(lambda one: {"uid": one.person, "grant_id": one.grant}, everywhere=True)
A_SESSION = Address(lambda one: {"uid": one.person, "session_id": one.session}, everywhere=True)
CITYWIDE = frozenset({Role.CITY_COORDINATOR.value, Role.DPO.value})
A_MATCHING = Address(
    lambda one: {"uid": one.match_run}, citywide=frozenset({Role.CITY_COORDINATOR.value})
)
A_SCHOOL_TIME = across("school_time", "uid", Role.CITY_COORDINATOR)
AN_ALERT = Address(lambda one: {"uid": one.alert}, citywide=CITYWIDE)
AN_APPROVAL = Address(
    lambda one: {"uid": one.approval},
    outsiders=frozenset({Role.ADMIN.value, Role.ORG_LEAD.value}),
    citywide=CITYWIDE,
)
AN_EXPORT = of("export", "uid", Role.ORG_LEAD)
_WORKING = (Role.EDITOR, Role.SAFEGUARDING_LEAD, Role.PUBLISHER)
A_CAMPAIGNS_NUMBERS = across("open_campaign", "uid", *_WORKING)
A_REPORT = across("reported", "uid", Role.EDITOR, Role.PUBLISHER)
A_LINK = Address(lambda one: {"uid": one.consented_child, "link_uid": one.link})
A_DOMAIN = Address(
    lambda one: {"uid": one.university, "domain_id": one.student_domain},
    outsiders=frozenset({Role.CITY_COORDINATOR.value}),
)
AN_EVIDENCE = Address(lambda one: {"uid": one.volunteer, "entry": one.evidence})


A_STORY, A_WAITING_STORY = everywhere("story"), everywhere("waiting_story")
A_STORY_CHILD = Address(
    lambda one: {"uid": one.waiting_story, "entry": _number(one.story_child)}, everywhere=True
)


def citywide(name: str, **fixed: object) -> Address:
    """A record of a county that the city's data protection officer may open too."""
    return Address(lambda one: {"uid": getattr(one, name), **fixed}, citywide=CITYWIDE)


A_CHANNEL = Address(lambda _one: {"name": "wecom"}, everywhere=True)
A_SMS = Address(lambda _one: {"name": "aliyun_sms"}, everywhere=True)
ROUTES: dict[str, Address] = {
    "arrivals.code": of("visit", "uid", Role.CHILD_SUPERVISOR),
    "certificate_batches.cancel": of("certificate_batch"),
    "certificate_batches.listing": PLAIN,
    "certificate_batches.pdf": of("certificate_batch"),
    "certificate_batches.show": of("certificate_batch"),
    "certificate_checks.ask": PLAIN,
    "certificate_checks.file": PLAIN,
    "certificate_checks.keys": PLAIN,
    "certificate_checks.scanned": everywhere("certificate_code", "code"),
    "certificates.correct": of("certificate"),
    "certificates.decline": of("asked_certificate"),
    "certificates.give": of("volunteer"),
    "certificates.issue": of("asked_certificate"),
    "certificates.listing": PLAIN,
    "certificates.mine": PLAIN,
    "certificates.pdf": of("certificate", "uid", Role.TEAM_LEADER),
    "certificates.show": of("certificate"),
    "certificates.signed": of("certificate", "uid", Role.TEAM_LEADER),
    "certificates.void": of("certificate"),
    "certificates.withdraw": of("asked_certificate", "uid", Role.TEAM_LEADER),
    "channels.edit": A_CHANNEL,
    "channels.listing": PLAIN,
    "channels.new_receipts": A_SMS,
    "channels.switch": Address(lambda _one: {"name": "wecom", "verb": "off"}, everywhere=True),
    "channels.try_out": A_CHANNEL,
    "contacts.add": A_CHANNEL,
    "contacts.change": Address(lambda _one: {"name": "email", "verb": "leave"}, everywhere=True),
    "contacts.mine": PLAIN,
    "contacts.prove": A_CHANNEL,
    "leaving.leave": A_TOKEN,
    "leaving.page": A_TOKEN,
    "receipts.take": Address(
        lambda _one: {"name": "aliyun_sms", "token": "B" * 43}, everywhere=True
    ),
    "visit_answers.ask": A_TOKEN,
    "visit_answers.give": Address(
        lambda _one: {"token": "B" * 43, "verb": "comes"}, everywhere=True
    ),
    "visit_answers.listing": PLAIN,
    "wechat.agreed": PLAIN,
    "wechat.subscribe": PLAIN,
    "accounts.account": PLAIN,
    "accounts.end_other_sessions": PLAIN,
    "accounts.end_session": Address(lambda _one: {"session_id": 10**9}),
    "accounts.home": PLAIN,
    "accounts.sign_in": PLAIN,
    "accounts.sign_in_code": PLAIN,
    "accounts.sign_in_link": A_TOKEN,
    "accounts.sign_out": PLAIN,
    "accounts.step_up": PLAIN,
    "admin.disable": A_PERSON,
    "admin.end_role": A_GRANT,
    "admin.end_session": A_SESSION,
    "admin.give_role": A_PERSON,
    "admin.make_code": A_PERSON,
    "admin.new_person": PLAIN,
    "admin.parameters_page": PLAIN,
    "admin.people": PLAIN,
    "admin.reset_factor": A_PERSON,
    "admin.set_parameter": Address(lambda _one: {"name": "visits.notice_hours"}, everywhere=True),
    "admin.show_person": A_PERSON,
    "admin.vacancies": PLAIN,
    "audit.chain": PLAIN,
    "audit.make_pack": Address(lambda _one: {"year": NOON.year}, everywhere=True),
    "audit.pack": PLAIN,
    "audit.trail": PLAIN,
    "audit.verify": PLAIN,
    "agreements.pdf": of("pairing"),
    "agreements.record": of("pairing"),
    "agreements.show": of("pairing"),
    "agreements.sign": of("pairing"),
    "agreements.void": Address(lambda one: {"uid": one.pairing, "number": one.signature}),
    "alerts.acknowledge": AN_ALERT,
    "alerts.close": AN_ALERT,
    "alerts.confirm_false_alarm": AN_ALERT,
    "alerts.decline_false_alarm": AN_ALERT,
    "alerts.listing": PLAIN,
    "alerts.propose_false_alarm": AN_ALERT,
    "alerts.show": AN_ALERT,
    "approvals.approve": AN_APPROVAL,
    "approvals.decline": AN_APPROVAL,
    "approvals.listing": PLAIN,
    "approvals.show": AN_APPROVAL,
    "approvals.withdraw": AN_APPROVAL,
    "assessments.approve": everywhere("assessment"),
    "assessments.edit": everywhere("assessment"),
    "assessments.listing": PLAIN,
    "assessments.new": PLAIN,
    "assessments.review": everywhere("assessment"),
    "assessments.show": everywhere("assessment"),
    "blocks.choose": PLAIN,
    "blocks.listing": PLAIN,
    "blocks.new": of("slot"),
    "blocks.release": of("block"),
    "blocks.show": of("block"),
    "board.drop_filters": Address(lambda _one: {"uid": "x" * 22}),
    "board.save_filters": PLAIN,
    "board_teams.listing": PLAIN,
    "board_teams.show": of("team"),
    "breaches.edit": everywhere("breach"),
    "breaches.listing": PLAIN,
    "breaches.new": PLAIN,
    "breaches.notice": everywhere("breach", whom="families"),
    "breaches.show": everywhere("breach"),
    "breaches.step": everywhere("breach", to="contained"),
    "campaigns.index": PLAIN,
    "campaigns.listing": PLAIN,
    "campaigns.show": A_SLUG,
    "cards.joined": A_SLUG,
    "cards.show": A_SLUG,
    "child_access.answer": across("grant_asked", "grant_uid", Role.CITY_COORDINATOR),
    "child_access.ask": across("child", "uid", Role.CITY_COORDINATOR),
    "child_access.log": across("child", "uid", Role.CITY_COORDINATOR, Role.AUDITOR),
    "child_access.requests": PLAIN,
    "child_access.reveal": across("child", "uid", Role.CITY_COORDINATOR),
    "child_access.revoke": Address(
        lambda one: {"grant_uid": one.grant_held},
        outsiders=frozenset({Role.CHILD_DIRECTOR.value}),
        citywide=frozenset({Role.CITY_COORDINATOR.value}),
    ),
    "children.close": of("child"),
    "children.edit": of("child"),
    "children.listing": PLAIN,
    "children.new": PLAIN,
    "children.open_need": of("child"),
    "children.send_back": of("child"),
    "children.show": of("child"),
    "children.verify": of("child"),
    "consent_texts.listing": PLAIN,
    "consent_texts.show": Address(
        lambda _one: {"version": "2026-1", "about": "pairing"}, everywhere=True
    ),
    "choosing.choose": Address(lambda one: {"child_uid": one.waiting_child, "team_uid": one.team}),
    "choosing.compare": of("waiting_child", "child_uid"),
    "choosing.refuse": of("waiting_child", "child_uid"),
    "choosing.undo": of("proposal"),
    "consents.certificate": of("child"),
    "consents.record": of("child", purpose="pairing"),
    "consents.withdraw": of("waiting_child", purpose="pairing"),
    "exams.listing": PLAIN,
    "exams.remove": everywhere("exam"),
    "exports.fetch": AN_EXPORT,
    "exports.listing": PLAIN,
    "exports.new": Address(lambda _one: {"what": "volunteers"}, everywhere=True),
    "exports.show": AN_EXPORT,
    "factors.codes": PLAIN,
    "factors.due": PLAIN,
    "factors.enrol": PLAIN,
    "factors.off": PLAIN,
    "copies.childs": citywide("child_request"),
    "copies.mine": PLAIN,
    "copies.take": Address(lambda _one: {"shape": "json"}, everywhere=True),
    "day.board": of("day_slot", "uid", Role.TEAM_LEADER, Role.VOLUNTEER),
    "day.by_link": A_TOKEN,
    "day.check_in": everywhere("day_slot"),
    "day.code": of("day_slot", "uid", Role.TEAM_LEADER, Role.VOLUNTEER),
    "day.note": Address(
        lambda one: {"uid": one.day_slot, "seat_uid": one.day_sign_up, "verb": "arrived"},
        outsiders=frozenset({Role.TEAM_LEADER.value, Role.VOLUNTEER.value}),
    ),
    "day.own": of("own_sign_up", "uid", Role.TEAM_LEADER),
    "day.paper": of("day_slot", "uid", Role.TEAM_LEADER, Role.VOLUNTEER),
    "day.times": Address(lambda one: {"uid": one.day_slot, "seat_uid": one.day_sign_up}),
    "day.today": PLAIN,
    "erasures.act": citywide("erasure"),
    "erasures.ask": of("consented_child"),
    "erasures.ask_for_request": citywide("deletion"),
    "erasures.call_off": citywide("erasure"),
    "erasures.hold": citywide("erasure"),
    "erasures.listing": PLAIN,
    "guardian_links.answer": A_TOKEN,
    "guardian_links.done": PLAIN,
    "guardian_links.make": of("child"),
    "guardian_links.revoke": A_LINK,
    "health.healthz": PLAIN,
    "health.readyz": PLAIN,
    "groups.enter": PLAIN,
    "groups.join": everywhere("block_code", "code"),
    "funnel.export": Address(
        lambda one: {"uid": one.open_campaign, "kind": "csv"},
        citywide=A_CAMPAIGNS_NUMBERS.citywide,
    ),
    "funnel.show": A_CAMPAIGNS_NUMBERS,
    "imports.confirm": of("import_run", "uid", Role.ORG_LEAD),
    "imports.failed": of("import_run", "uid", Role.ORG_LEAD, kind="csv"),
    "imports.new": of("block"),
    "imports.show": of("import_run", "uid", Role.ORG_LEAD),
    "imports.template": Address(lambda _one: {"what": "csv"}, everywhere=True),
    "imports.undo": of("import_run", "uid", Role.ORG_LEAD),
    "led.show": A_SLUG,
    "manage.edit": everywhere("campaign"),
    "manage.halt": everywhere("campaign", verb="cancel"),
    "manage.listing": PLAIN,
    "manage.move": everywhere("campaign", verb="publish"),
    "manage.new": PLAIN,
    "manage.review": everywhere("campaign"),
    "manage.show": everywhere("campaign"),
    "manage.submit": everywhere("campaign"),
    "manage.withdraw": everywhere("campaign"),
    "manage_copies.new": everywhere("campaign"),
    "manage_slots.edit": everywhere("draft_slot"),
    "manage_slots.new": everywhere("campaign"),
    "manage_slots.remove": everywhere("draft_slot"),
    "messages.inbox": PLAIN,
    "messages.ledger": PLAIN,
    "message_desk.planned": PLAIN,
    "message_desk.texts": PLAIN,
    "message_desk.release": PLAIN,
    "message_desk.about": of("visit", "ref", kind="visit"),
    "message_desk.again": of("visit", "ref", kind="visit"),
    "messages.read": of("inbox_item", "item_id", *(set(Role) - {Role.VOLUNTEER})),
    "messages.send_again": everywhere("message"),
    "overview.counties": PLAIN,
    "pages.about": PLAIN,
    "pages.accessibility": PLAIN,
    "pages.help": PLAIN,
    "pages.privacy": PLAIN,
    "pairings.board": PLAIN,
    "fairness.board": PLAIN,
    "forecast.board": PLAIN,
    "lasting.board": PLAIN,
    "letters.check": of("pairing"),
    "letters.paper": of("pairing"),
    "letters.write": of("pairing", "uid", Role.TEAM_LEADER, Role.VOLUNTEER),
    "voices.listing": PLAIN,
    "voices.paper": of("pairing", "uid", Role.TEAM_LEADER, Role.VOLUNTEER, whose="child"),
    "voices.say": of("pairing", "uid", Role.TEAM_LEADER, Role.VOLUNTEER, whose="child"),
    "voices.settle": of("voice_task"),
    "voices_due.listing": PLAIN,
    "orgs.activate": of("org_standing"),
    "orgs.end": of("org_standing"),
    "orgs.join": PLAIN,
    "orgs.listing": PLAIN,
    "orgs.sent": PLAIN,
    "orgs.show": of("org_standing"),
    "orgs.sign": of("org_standing"),
    "orgs.verify": of("org_standing"),
    "own_signups.confirm": of("own_sign_up", "uid", Role.TEAM_LEADER),
    "own_signups.ics": everywhere("slot"),
    "own_signups.leave": of("own_sign_up", "uid", Role.TEAM_LEADER),
    "own_signups.listing": PLAIN,
    "own_signups.show": of("own_sign_up", "uid", Role.TEAM_LEADER),
    "pairing_answers.record": of("pairing", whose="child"),
    "pairing_steps.step": of("pairing", deed="ending"),
    "proposals.accept": PLAIN,
    "proposals.listing": PLAIN,
    "proposals.undo": PLAIN,
    "pairings.candidates": of("waiting_child", "child_uid"),
    "pairings.decide": of("proposal"),
    "pairings.end": of("pairing"),
    "pairings.listing": PLAIN,
    "pairings.propose": of("waiting_child", "child_uid"),
    "pairings.show": of("pairing"),
    "passkeys.add": PLAIN,
    "passkeys.invitation": PLAIN,
    "passkeys.prove": PLAIN,
    "passkeys.question": PLAIN,
    "passkeys.remove": Address(lambda _one: {"passkey_id": 10**9}),
    "pictures.edit": everywhere("campaign"),
    "pictures.remove": everywhere("campaign"),
    "pictures.serve": everywhere("picture", width=480),
    "stories.picture": everywhere("story_picture", width=480),
    "manage_stories.check": A_WAITING_STORY,
    "manage_stories.edit": A_STORY,
    "manage_stories.listing": everywhere("campaign"),
    "manage_stories.name_child": A_WAITING_STORY,
    "manage_stories.new": everywhere("campaign"),
    "manage_stories.picture": A_STORY,
    "manage_stories.remove_picture": A_STORY,
    "manage_stories.send_back": A_WAITING_STORY,
    "manage_stories.show": A_STORY,
    "manage_stories.submit": A_STORY,
    "manage_stories.unname_child": A_STORY_CHILD,
    "manage_stories.waiting": PLAIN,
    "manage_stories.withdraw": A_STORY,
    "places.network": PLAIN,
    "promises.answer": A_TOKEN,
    "promises.at_risk": PLAIN,
    "promises.give": Address(lambda _one: {"token": "B" * 43, "verb": "comes"}, everywhere=True),
    "promises.give_for": of("day_sign_up", verb="comes"),
    "posters.listing": everywhere("campaign"),
    "posters.poster": everywhere("hung_place", size="a4"),
    "posters.remove": everywhere("hung_place"),
    "records.approve": of("recorded_visit"),
    "concerns.report": of("visit"),
    "records.record": of("done_visit", "uid", Role.COORDINATOR),
    "records.send_back": of("recorded_visit"),
    "reports.correct": A_REPORT,
    "reports.edit": everywhere("campaign"),
    "reports.give_up_correction": A_REPORT,
    "reports.publish_correction": A_REPORT,
    "reports.versions": A_REPORT,
    "reports.show": everywhere("reported_slug", "slug"),
    "retention.files": PLAIN,
    "retention.status": PLAIN,
    "rights.confirm": citywide("child_request"),
    "rights.end": citywide("child_request", verb="done"),
    "rights.enter": of("child"),
    "rights.letter": citywide("child_request"),
    "rights.listing": PLAIN,
    "rights.show": citywide("child_request"),
    "sealed.edit": of("child"),
    "sealed.find": PLAIN,
    "signups.choose": A_SLUG,
    "signups.confirm": A_TOKEN,
    "signups.confirm_by_call": of("sign_up"),
    "signups.drop": of("sign_up"),
    "signups.join": everywhere("slot"),
    "signups.leave": A_TOKEN,
    "signups.make_code": of("sign_up", "uid", Role.COORDINATOR),
    "signups.sent": PLAIN,
    "signups.waiting": PLAIN,
    "student_desk.add_domain": of("university", "uid", Role.CITY_COORDINATOR),
    "student_desk.clear": of("university"),
    "student_desk.end_link": of("vouch", "uid", Role.CITY_COORDINATOR),
    "student_desk.end_status": of("student", "uid", Role.CITY_COORDINATOR),
    "student_desk.listing": PLAIN,
    "student_desk.make_link": of("university"),
    "student_desk.remove_domain": A_DOMAIN,
    "student_desk.show": of("university", "uid", Role.CITY_COORDINATOR),
    "student_desk.upload": of("university"),
    "students.accept": A_TOKEN,
    "students.confirm": A_TOKEN,
    "students.confirmed": A_TOKEN,
    "students.mail": PLAIN,
    "students.me": PLAIN,
    "students.roster": PLAIN,
    "students.vouch": A_TOKEN,
    "match_runs.cancel": A_MATCHING,
    "match_runs.listing": PLAIN,
    "match_runs.show": A_MATCHING,
    "forming.accept": of("team_run"),
    "forming.cancel": of("team_run"),
    "forming.listing": PLAIN,
    "forming.refuse": of("team_run"),
    "forming.show": of("team_run"),
    "teams.dissolve": of("team"),
    "teams.lead": of("team"),
    "teams.listing": PLAIN,
    "teams.new": PLAIN,
    "teams.show": of("team"),
    "drafts.drop": PLAIN,
    "drafts.save": PLAIN,
    "preview.show": everywhere("campaign"),
    "preview.text": PLAIN,
    "schedule.drop": everywhere("campaign"),
    "schedule.edit": everywhere("campaign"),
    "unsent.drop": PLAIN,
    "unsent.show": PLAIN,
    "busy.drop": PLAIN,
    "busy.own": PLAIN,
    "days.confirm": A_SCHOOL_TIME,
    "days.confirm_day": everywhere("holiday", "day"),
    "days.holidays": PLAIN,
    "days.remove": A_SCHOOL_TIME,
    "days.remove_day": everywhere("holiday", "day"),
    "days.restore": A_SCHOOL_TIME,
    "days.restore_day": everywhere("holiday", "day"),
    "days.terms": PLAIN,
    "feeds.invitations": PLAIN,
    "feeds.make": PLAIN,
    "feeds.own": PLAIN,
    "feeds.read": A_TOKEN,
    "feeds.revoke": of("feed", "uid", *(set(Role) - {Role.VOLUNTEER})),
    "visit_calendar.show": PLAIN,
    "contracts.checked": of("pairing"),
    "contracts.edit": of("pairing"),
    "contracts.lapsed": PLAIN,
    "contracts.show": of("pairing"),
    "weather.board": PLAIN,
    "weather.lift": of("stopped_day"),
    "series.cancel": of("series_visit"),
    "series.drop": of("series"),
    "series.move": of("series_visit"),
    "series.new": of("pairing"),
    "series.refused": PLAIN,
    "series.show": of("series"),
    "visits.cancel": of("visit", "uid", Role.CHILD_SUPERVISOR),
    "visits.check_in": of("visit"),
    "visits.check_out": of("visit", "uid", Role.CHILD_SUPERVISOR, Role.COORDINATOR),
    "visits.confirm": of("visit"),
    "visits.ics": of("visit"),
    "visits.listing": PLAIN,
    "visits.move": of("visit"),
    "visits.plan": of("pairing"),
    "visits.show": of("visit"),
    "volunteers.activate": of("applicant"),
    "volunteers.bar": of("volunteer"),
    "volunteers.exit": of("volunteer", "uid", Role.TEAM_LEADER),
    "volunteers.listing": PLAIN,
    "volunteers.me": PLAIN,
    "volunteers.pause": of("volunteer", "uid", Role.TEAM_LEADER),
    "volunteers.pledge": PLAIN,
    "volunteers.profile": PLAIN,
    "volunteers.record_evidence": of("applicant", kind="screening"),
    "volunteers.resume": of("volunteer", "uid", Role.TEAM_LEADER),
    "volunteers.show": of("volunteer"),
    "volunteers.suspend": of("volunteer"),
    "volunteers.void_evidence": AN_EVIDENCE,
    "manage_wishes.approve": of("wish"),
    "manage_wishes.edit": of("wish"),
    "manage_wishes.listing": PLAIN,
    "manage_wishes.new": PLAIN,
    "manage_wishes.send_back": of("wish"),
    "manage_wishes.show": of("wish"),
    "manage_wishes.withdraw": of("wish"),
    "wish_desk.arrive": of("parcel"),
    "wish_desk.confirm_by_call": of("claim"),
    "wish_desk.drop": of("claim"),
    "wish_desk.hand_over": of("parcel"),
    "wish_desk.listing": PLAIN,
    "wish_desk.make_code": of("called_claim"),
    "wish_desk.show": of("parcel"),
    "wishes.behind": A_TOKEN,
    "wishes.claim": everywhere("open_wish"),
    "wishes.leave": A_TOKEN,
    "wishes.listing": A_SLUG,
    "wishes.sent": PLAIN,
}


@pytest.fixture(scope="module")
def world(site: Flask) -> Iterator[World]:
    """Both counties, made once; each request starts from a copy."""
    begin_from(site, "empty.db")
    # made before the clock of a single test is set: without this, roles would begin today
    with site.app_context(), patch.object(clock, "wall", lambda: NOON):
        made = a_world()
    keep_as(site, "world.db")
    yield made
    (site.extensions["settings"].home / "world.db").unlink()


class Statements:
    """What the site asks of its database; the frame of a statement, like BEGIN, does not count."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def note(self, *context: object) -> None:
        statement = str(context[2])
        if not statement.startswith(FRAMES):
            self.asked.append(statement)


@pytest.fixture
def statements(site: Flask) -> Iterator[Statements]:
    heard = Statements()
    with site.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", heard.note)
    yield heard
    event.remove(engine, "before_cursor_execute", heard.note)


class Caller:
    """Calls routes as one person, each time on a fresh copy of the world."""

    def __init__(
        self, site: Flask, secret: str | None, statements: Statements | None = None
    ) -> None:
        self.site, self.statements = site, statements or Statements()
        browser = Browser(site, secret)
        self.token = browser.token()
        self.cookie = browser.cookie()
        self.client = browser.client

    def starts_anew(self) -> None:
        """Forget what the site has answered: signing out must not colour what follows."""
        self.client = self.site.test_client()
        self.client.set_cookie(self.site.config["SESSION_COOKIE_NAME"], self.cookie)

    def call(
        self, rule: Rule, method: str, values: dict[str, object], *, restore: bool = True
    ) -> TestResponse:
        with self.site.test_request_context():
            url = self.site.url_for(rule.endpoint, **values)  # type: ignore[arg-type]  # of a route
        self.statements.asked.clear()
        if method == "GET":
            return self.client.get(url)
        sent = {"csrf_token": self.token, "form_key": secrets.token_urlsafe(16)}
        answer = self.client.post(url, data=sent)
        if restore:
            begin_from(self.site, "world.db")
        return answer


def routes(site: Flask) -> list[tuple[Rule, str]]:
    """Return every route with every method it answers."""
    return [
        (rule, method)
        for rule in sorted(site.url_map.iter_rules(), key=lambda rule: rule.endpoint)
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
        if rule.endpoint != "static"
    ]


def test_every_route_is_listed(site: Flask) -> None:
    assert {rule.endpoint for rule, _method in routes(site)} == set(ROUTES)


def _missing(values: dict[str, object]) -> dict[str, object]:
    """Return the same address with a record that does not exist."""
    kept = {"purpose", "kind", "verb", "width", "size", "whom", "to", "whose", "deed"}
    return {
        key: value if key in kept else 10**9 if isinstance(value, int) else MISSING
        for key, value in values.items()
    }


def _told(rule: Rule, method: str, what: str, response: TestResponse) -> str:
    text = BeautifulSoup(response.get_data(as_text=True), "html.parser").get_text(" ", strip=True)
    return f"{method} {rule.endpoint} {what}: {response.status_code} {text[:120]}"


@pytest.mark.parametrize("who", WHO)
def test_everybody_reaches_exactly_their_own(
    site: Flask, world: World, statements: Statements, who: str
) -> None:
    roles = _roles_of(who)
    caller = Caller(site, world.secrets.get(who), statements)
    wrong: list[str] = []
    for rule, method in routes(site):
        address = ROUTES[rule.endpoint]
        with site.app_context():
            audience = audiences_of(rule.endpoint)
        allowed = bool(
            {EVERYONE} & audience or roles & audience or (roles and SIGNED_IN in audience)
        )
        caller.starts_anew()
        wrong += _try(caller, rule, method, _Case(world, who, address, allowed))
    assert not wrong, "\n".join(wrong)


def _roles_of(who: str) -> frozenset[str]:
    if who == Role.TEAM_LEADER.value:
        return frozenset({who, Role.VOLUNTEER.value})
    return frozenset({who}) - {VISITOR}


@dataclass(frozen=True)
class _Case:
    world: World
    who: str
    address: Address
    allowed: bool


def _try(caller: Caller, rule: Rule, method: str, case: _Case) -> list[str]:
    """Return what is wrong with how a route answers somebody."""
    mine = case.address.values(case.world.mine)
    if not case.allowed:
        answer = caller.call(rule, method, mine)
        expected = 302 if case.who == VISITOR else 403
        return [] if answer.status_code == expected else [_told(rule, method, "not theirs", answer)]
    found = _try_foreign(caller, rule, method, case)
    if rule.endpoint in PERSONAL or case.who in case.address.outsiders:
        return found
    answer = caller.call(rule, method, mine)
    wanted = FINE | ({404, 410} if rule.endpoint in TOKENS else set())
    return found + ([] if answer.status_code in wanted else [_told(rule, method, "own", answer)])


def _try_foreign(caller: Caller, rule: Rule, method: str, case: _Case) -> list[str]:
    """A missing record and the neighbour's are not there, and cost the same to look for."""
    if not case.address.names_a_record or rule.endpoint in TOKENS:
        return []
    missing = caller.call(rule, method, _missing(case.address.values(case.world.mine)))
    looked = list(caller.statements.asked)
    found = [] if missing.status_code == 404 else [_told(rule, method, "missing", missing)]
    if case.address.everywhere or rule.endpoint in PERSONAL:
        return found
    if case.who in case.address.citywide:
        return found
    strangers = {"neighbour's": case.world.others}
    if case.who not in COUNTY_WIDE and not case.address.county_wide:
        strangers["same county's"] = case.world.same
    for whose, place in strangers.items():
        theirs = caller.call(rule, method, case.address.values(place))
        unlike = _unlike(theirs, missing) + _asked_more(looked, caller.statements.asked)
        found += [f"{method} {rule.endpoint} {whose} {one}" for one in unlike]
    return found


PERSONAL = frozenset({"accounts.end_session", "board.drop_filters", "passkeys.remove"})
"""What is one's own: nobody in the world has any, so only the missing one is asked for."""
TOKENS = frozenset(
    {
        "accounts.sign_in_link",
        "day.by_link",
        "feeds.read",
        "guardian_links.answer",
        "signups.confirm",
        "signups.leave",
        "wishes.behind",
        "wishes.leave",
        "leaving.leave",
        "leaving.page",
        "promises.answer",
        "promises.give",
        "receipts.take",
        "visit_answers.ask",
        "visit_answers.give",
        "students.accept",
        "students.confirm",
        "students.confirmed",
        "students.vouch",
    }
)


def _unlike(theirs: TestResponse, missing: TestResponse) -> list[str]:
    """A stranger's record is not there: the same page as a missing one, to the byte."""
    if theirs.status_code != 404:
        return [f"answers {theirs.status_code}"]
    found = []
    if _bare(theirs) != _bare(missing):
        changed = list(unified_diff(_bare(missing).split("\n"), _bare(theirs).split("\n"), n=0))
        found.append(f"looks unlike a missing one: {changed}")
    if CANARY in theirs.get_data(as_text=True):
        found.append("leaks")
    return found


def _asked_more(looked: list[str], asked: list[str]) -> list[str]:
    """Time tells what bytes do not: looking for a stranger's record is the same work."""
    if len(looked) == len(asked):
        return []
    changed = [line for line in unified_diff(looked, asked, n=0) if line[:3] not in {"---", "+++"}]
    return [f"asks {len(asked)} times, for a missing one {len(looked)}: {changed}"]


@pytest.mark.parametrize("who", [role.value for role in Role])
def test_whoever_held_a_role_until_yesterday_reaches_nothing_of_it(
    site: Flask, world: World, who: str
) -> None:
    caller = Caller(site, world.ended[who])
    wrong: list[str] = []
    for rule, method in routes(site):
        with site.app_context():
            audience = audiences_of(rule.endpoint)
        if {EVERYONE, SIGNED_IN} & audience or rule.endpoint in TOKENS:
            continue
        answer = caller.call(rule, method, ROUTES[rule.endpoint].values(world.mine), restore=False)
        if answer.status_code != 403 or CANARY in answer.get_data(as_text=True):
            wrong.append(_told(rule, method, "ended", answer))
    assert not wrong, "\n".join(wrong)


def _bare(response: TestResponse) -> str:
    """Return the page without its address, its fresh tokens and the number it is quoted by."""
    text = FRESH.sub("", response.get_data(as_text=True))
    text = text.replace(response.headers["X-Request-ID"], "")
    return text.replace(response.request.path, "")
