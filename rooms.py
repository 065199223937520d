"""What each room brings to the site, and what a lower room has to know of a higher one.

A new page, job for people or parameter of a room is entered here and nowhere else.
"""

from flask import Flask
from sqlalchemy import select

import accounts.admin.actions
import accounts.admin.services
import accounts.admin.views
import accounts.approvals.actions
import accounts.approvals.rules
import accounts.approvals.services
import accounts.approvals.views
import accounts.audit.actions
import accounts.audit.services
import accounts.audit.views
import accounts.drafts.views
import accounts.exports.actions
import accounts.exports.rules
import accounts.exports.services
import accounts.exports.views
import accounts.factors.views
import accounts.passkeys.views
import accounts.queries
import accounts.sessions.services
import accounts.tries.services
import accounts.unsent.views
import accounts.views
import campaigns.actions
import campaigns.blocks.views
import campaigns.cards.views
import campaigns.exams.views
import campaigns.funnel.views
import campaigns.groups.views
import campaigns.imports.views
import campaigns.led.views
import campaigns.manage.copies.views
import campaigns.manage.preview.views
import campaigns.manage.schedule.views
import campaigns.manage.slots.views
import campaigns.manage.views
import campaigns.pages.views
import campaigns.pictures.views
import campaigns.posters.views
import campaigns.reports.views
import campaigns.secrets.services
import campaigns.services
import campaigns.signups.day.views
import campaigns.signups.own.views
import campaigns.signups.promises.views
import campaigns.signups.views
import campaigns.stories.actions
import campaigns.stories.desk.views
import campaigns.stories.faces.views
import campaigns.views
import campaigns.wishes.actions
import campaigns.wishes.desk.views
import campaigns.wishes.making.views
import campaigns.wishes.services
import campaigns.wishes.views
import children.access.actions
import children.access.denials.views
import children.access.services
import children.access.views
import children.actions
import children.consents.links.views
import children.consents.services
import children.consents.texts.views
import children.consents.views
import children.exports.queries
import children.fence.queries
import children.sealed.renewal.services
import children.sealed.services
import children.sealed.views
import children.services
import children.views
import commands
import demo.playing.views
import messages.actions
import messages.alerts.actions
import messages.alerts.views
import messages.channels.views
import messages.contacts.actions
import messages.contacts.views
import messages.delivery.receipts.services
import messages.desk.views
import messages.queries
import messages.services
import messages.views
import pairings.actions
import pairings.exports.queries
import pairings.queries
import pairings.runs.figures.services
import pairings.services
import pairings.views
import places.views
import rights.actions
import rights.erasures.queries
import rights.requests.queries
import rights.services
import rights.views
import visits.actions
import visits.answers.actions
import visits.assignments.queries
import visits.calendar.days.actions
import visits.feeds.views
import visits.pages.views
import visits.services
import volunteers.actions
import volunteers.exports.queries
import volunteers.medals.services
import volunteers.pages.views
import volunteers.services
import volunteers.students.services
import volunteers.teams.views
from accounts.audit.packing.rules import Source
from accounts.rules import Actor, Role
from core import actions, db, fences, health, parameters, sealing
from messages.alerts.rules import AlertKind
from messages.alerts.services import raise_alert
from places.queries import within
from visits.models import Visit

BLUEPRINTS = (
    health.bp,
    campaigns.views.bp,
    campaigns.led.views.bp,
    campaigns.cards.views.bp,
    campaigns.pages.views.bp,
    campaigns.signups.views.bp,
    campaigns.signups.own.views.bp,
    campaigns.signups.day.views.bp,
    campaigns.signups.promises.views.bp,
    campaigns.blocks.views.bp,
    campaigns.groups.views.bp,
    campaigns.imports.views.bp,
    campaigns.manage.views.bp,
    campaigns.manage.slots.views.bp,
    campaigns.manage.copies.views.bp,
    campaigns.manage.preview.views.bp,
    campaigns.manage.schedule.views.bp,
    campaigns.pictures.views.bp,
    campaigns.wishes.views.bp,
    campaigns.wishes.making.views.bp,
    campaigns.wishes.desk.views.bp,
    campaigns.posters.views.bp,
    campaigns.exams.views.bp,
    campaigns.funnel.views.bp,
    campaigns.reports.views.bp,
    campaigns.stories.faces.views.bp,
    campaigns.stories.desk.views.bp,
    places.views.bp,
    accounts.views.bp,
    accounts.factors.views.bp,
    accounts.passkeys.views.bp,
    accounts.unsent.views.bp,
    accounts.drafts.views.bp,
    accounts.admin.views.bp,
    accounts.audit.views.bp,
    accounts.approvals.views.bp,
    accounts.exports.views.bp,
    messages.views.bp,
    messages.alerts.views.bp,
    *messages.channels.views.BLUEPRINTS,
    *messages.contacts.views.BLUEPRINTS,
    messages.desk.views.bp,
    *volunteers.pages.views.BLUEPRINTS,
    children.views.bp,
    children.consents.views.bp,
    children.access.views.bp,
    children.consents.links.views.bp,
    children.consents.texts.views.bp,
    children.sealed.views.bp,
    *pairings.views.BLUEPRINTS,
    *visits.pages.views.BLUEPRINTS,
    *rights.views.BLUEPRINTS,
)
WAITING = (
    messages.alerts.actions.next_actions,
    rights.actions.next_actions,
    visits.actions.next_actions,
    visits.answers.actions.next_actions,
    visits.calendar.days.actions.next_actions,
    volunteers.actions.next_actions,
    children.actions.next_actions,
    children.access.actions.next_actions,
    pairings.actions.next_actions,
    campaigns.actions.next_actions,
    campaigns.wishes.actions.next_actions,
    campaigns.stories.actions.next_actions,
    messages.actions.next_actions,
    messages.contacts.actions.next_actions,
    accounts.approvals.actions.next_actions,
    accounts.exports.actions.next_actions,
    accounts.admin.actions.next_actions,
    accounts.audit.actions.next_actions,
)
PACK: tuple[Source, ...] = ()
PARAMETERS = (
    *accounts.audit.services.PARAMETERS,
    *accounts.approvals.services.PARAMETERS,
    *accounts.exports.services.PARAMETERS,
    *accounts.sessions.services.PARAMETERS,
    *messages.services.PARAMETERS,
    *children.services.PARAMETERS,
    *children.access.services.PARAMETERS,
    *children.sealed.services.PARAMETERS,
    *volunteers.services.PARAMETERS,
    *volunteers.medals.services.PARAMETERS,
    *volunteers.students.services.PARAMETERS,
    *pairings.services.PARAMETERS,
    *pairings.runs.figures.services.PARAMETERS,
    *campaigns.services.PARAMETERS,
    *campaigns.wishes.services.PARAMETERS,
    *visits.services.PARAMETERS,
    *rights.services.PARAMETERS,
)
MATTERS = (*accounts.admin.services.MATTERS, accounts.exports.services.MATTER)
"""What takes two people."""
EXPORTS = (
    volunteers.exports.queries.ROSTER,
    volunteers.exports.queries.HOURS,
    children.exports.queries.FILES,
    pairings.exports.queries.PAIRINGS,
)


SEALED = (
    children.sealed.renewal.services.SealedParts(),
    sealing.inside(
        db.Base.metadata.tables["messages"].c.params, "sealed", campaigns.secrets.services.place_in
    ),
)
"""What is sealed otherwise than a column's `info` tells."""
ALERT_PAGES = {
    AlertKind.CONCERN: "concerns.report",
    AlertKind.CHILD_NOT_WELL: "contracts.show",
    AlertKind.DECOY_OPENED: "child_access.log",
}


def init_app(app: Flask) -> None:
    """Put the rooms together: each is told what it may not import."""
    fences.init_app(app, of=sight)
    parameters.declare(*PARAMETERS)
    sealing.declare(*SEALED)
    actions.init_app(app, WAITING)
    accounts.approvals.rules.declare(*MATTERS)
    accounts.exports.rules.declare(*EXPORTS)
    health.init_app(app, {"oldest_overdue_seconds": messages.queries.oldest_overdue})
    accounts.admin.views.init_app(app, code_made=messages.services.tell_of_a_code)
    accounts.exports.views.init_app(app, flooded=_export_flood)
    accounts.tries.services.alert_with(_sign_in_flood)
    accounts.audit.views.init_app(app, tables=PACK)
    messages.alerts.views.init_app(app, pages=ALERT_PAGES)
    messages.channels.views.init_app(app, receipt=messages.delivery.receipts.services.receipt)
    messages.desk.views.init_app(app, reach={"visit": _visits_of})
    children.consents.views.init_app(app, withdrawn=visits.services.consent_withdrawn)
    children.access.views.init_app(app, assigned=visits.assignments.queries.assigned)
    children.access.denials.views.init_app(
        app, pairing=pairings.queries.exists, visit=visits.assignments.queries.exists,
        rights_request=rights.requests.queries.exists, erasure=rights.erasures.queries.exists,
    )  # fmt: skip
    volunteers.teams.views.init_app(app, pairings.queries.team_children, visits.services.team_gone)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if app.extensions["settings"].demo:
        app.register_blueprint(demo.playing.views.bp)
    for command in commands.COMMANDS:
        app.cli.add_command(command)


def sight(me: Actor) -> fences.Sight:
    """Return what somebody may see of the tables about children."""
    return children.fence.queries.sight(me, pairings.queries.children_of(me))


def _visits_of(person: Actor) -> db.AnySelect:
    """Return the names of the visits somebody answers for."""
    return select(Visit.uid).where(within(Visit, person.reaches(Role.COORDINATOR)))


def _export_flood(person: Actor, area_id: int | None) -> None:
    raise_alert(AlertKind.EXPORT_FLOOD, ref="exports", area_id=area_id, about_id=person.id)


def _sign_in_flood(person_id: int) -> None:
    areas = [one.area_id for one in accounts.queries.actor_for(person_id).grants if one.area_id]
    area_id = min(areas, default=None)
    raise_alert(AlertKind.SIGN_IN_FLOOD, ref="sign-in", area_id=area_id, about_id=person_id)
