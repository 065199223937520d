"""What runs by itself, and how often. APScheduler is the clock only; each job is one service call.

The scheduler keeps nothing on disk: what is due is in our own tables, so any number of processes
may run these jobs, and a process that dies loses none (reminders.md §2).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

from flask import Flask

import accounts.approvals.services
import accounts.audit.services
import accounts.drafts.services
import accounts.sessions.services
import accounts.unsent.services
import campaigns.blocks.services
import campaigns.funnel.services
import campaigns.imports.services
import campaigns.imports.steps.services
import campaigns.manage.schedule.services
import campaigns.pictures.services
import campaigns.signups.day.closing.services
import campaigns.signups.leaving.services
import campaigns.signups.promises.services
import campaigns.signups.readiness.services
import campaigns.stories.proofs.services
import campaigns.stories.proofs.views
import campaigns.stories.services
import campaigns.wishes.services
import children.access.services
import children.fence.queries
import children.sealed.services
import messages.delivery.leases.services
import messages.delivery.quotas.services
import messages.delivery.services
import messages.yearly.services
import pairings.forecast.services
import pairings.queries
import pairings.runs.services
import pairings.runs.steps.services
import places.days.services
import rights.retention.services
import visits.feeds.invitations.services
import visits.feeds.views
import visits.lapses.digest.services
import visits.lapses.ladder.services
import visits.records.overdue.services
import visits.series.services
import visits.services
import volunteers.certificates.batches.services
import volunteers.evidence.ending.services
import volunteers.orgs.services
import volunteers.services
import volunteers.students.services
import volunteers.teams.forming.services
from accounts.audit.services import check_when_due
from accounts.exports.files import services as files
from accounts.rules import Actor
from core import limits
from core.clockwork import TICK, Job, Jobs
from core.config import Settings
from core.fences import seeing
from core.health import Heartbeat
from messages.alerts.rules import AlertKind
from messages.alerts.services import raise_alert
from messages.channels.services import ways
from messages.delivery.clocks.services import Watch
from messages.delivery.rules import Invite, Pace
from messages.delivery.unknowns import services as unknowns
from messages.texts import render, speaking
from visits.feeds.queries import Site
from volunteers.teams.forming.steps import services as pairs

PATIENCE = 30.0
"""Seconds without a tick, besides three of its turns, after which the process counts as ill: a mail
server may take a while."""
BY_THE_HOUR = frozenset({"visits", "sign-ups", "promises", "day"})
"""What people notice within the day; when a demonstration plays ahead the rest is done daily."""
IN_REAL_TIME = frozenset({"match runs", "weekly match", "story proofs"})
"""Works in a process of its own or asks over the network: a clock that is moved helps neither."""


def jobs_of(settings: Settings, watch: Watch | None = None) -> tuple[Job, ...]:
    """Return what this site does by itself."""
    return (
        *_of_messages(settings, watch or Watch()),
        Job("visits", 60, visits.services.sweep),
        Job("series", 3600, visits.series.services.expand),
        Job("lapses", 86400, visits.lapses.ladder.services.climb),
        Job("digest", 3600, visits.lapses.digest.services.tell),
        Job("late records", 3600, visits.records.overdue.services.tell),
        Job("grants", 60, children.access.services.sweep),
        Job("erased keys", 60, children.sealed.services.destroy_erased),
        Job("exports", 15, lambda: files.make_due(settings.home, sight_of)),
        Job("old exports", 600, lambda: files.purge(settings.home)),
        Job("approvals", 3600, accounts.approvals.services.expire),
        Job("volunteers", 3600, volunteers.services.expire_lapsed),
        Job("clearance ends", 86400, volunteers.evidence.ending.services.tell),
        Job("organisations", 3600, volunteers.orgs.services.suspend_lapsed),
        Job("certificates", 3, volunteers.certificates.batches.services.go_on),
        Job("students", 3600, volunteers.students.services.forget_old),
        Job("team pairs", 3, lambda: pairs.go_on(pairings.queries.team_children)),
        Job("old team pairs", 3600, volunteers.teams.forming.services.forget),
        Job("match runs", 3, pairings.runs.steps.services.go_on),
        Job("weekly match", 60, pairings.runs.services.begin_weekly),
        Job("forecast", 86400, pairings.forecast.services.tell),
        Job("old matches", 600, pairings.runs.services.sweep),
        Job("audit", 10, lambda: accounts.audit.services.keep(settings.home)),
        Job("audit-check", 15, lambda: check_when_due(settings.home, _audit_broken)),
        Job("audit-package", 3600, messages.yearly.services.remind),
        Job("limits", 600, limits.purge),
        Job("unsent", 600, accounts.unsent.services.purge),
        Job("drafts", 3600, accounts.drafts.services.purge),
        Job("clock", 60, accounts.sessions.services.end_what_a_clock_set_back_would_extend),
        Job("days", 7 * 86400, places.days.services.check),
        Job("retention", 86400, rights.retention.services.run),
        *_of_campaigns(settings),
    )


def _of_messages(settings: Settings, watch: Watch) -> tuple[Job, ...]:
    pace = Pace(timedelta(seconds=settings.lease_seconds), settings.send_chunk)

    def tick() -> object:
        leaves = watch.trusted
        return messages.delivery.services.deliver(
            ways(settings), render, pace=pace, invite=inviting(settings), leaves=leaves
        )

    return (
        Job(TICK, settings.tick_seconds, tick),
        Job(
            "sweep",
            min(15.0, settings.lease_seconds),
            lambda: messages.delivery.leases.services.sweep(expires=watch.trusted),
        ),
        Job("receipts", 60, lambda: unknowns.look(ways(settings))),
        Job("repeats", 15, lambda: unknowns.repeat_elsewhere(ways(settings))),
        Job("quotas", 86400, messages.delivery.quotas.services.forget),
    )


def inviting(settings: Settings) -> Invite:
    """Return who tells which messages bring an invitation to a visit."""
    sender = settings.mail_from
    return lambda rows: visits.feeds.invitations.services.invitations(rows, _site_in, sender=sender)


@contextmanager
def _site_in(language: str) -> Iterator[Site]:
    with speaking(language):
        yield visits.feeds.views.site()


def _of_campaigns(settings: Settings) -> tuple[Job, ...]:
    pictures, stories = settings.home / "pictures", settings.home / "stories"
    visit = campaigns.stories.proofs.views.visit
    return (
        Job("publications", 30, campaigns.manage.schedule.services.publish_due),
        Job("seat blocks", 60, campaigns.blocks.services.release_due),
        Job("lists", 3, campaigns.imports.steps.services.go_on),
        Job("old lists", 3600, campaigns.imports.services.forget),
        Job("sign-ups", 60, campaigns.signups.leaving.services.expire_pending),
        Job("readiness", 3600, campaigns.signups.readiness.services.look_after),
        Job("wishes", 600, campaigns.wishes.services.expire),
        Job("promises", 300, campaigns.signups.promises.services.ask_due),
        Job("day", 300, campaigns.signups.day.closing.services.sweep),
        Job("looks", 15, campaigns.funnel.services.flush),
        Job("pictures", 3600, lambda: campaigns.pictures.services.sweep(pictures)),
        Job("stories", 10, lambda: campaigns.stories.services.sweep(stories)),
        Job("story proofs", 10, lambda: campaigns.stories.proofs.services.prove(visit)),
        Job("story pictures", 3600, lambda: campaigns.stories.services.sweep_drafts(stories)),
    )


def _audit_broken() -> None:
    """Tell those who watch that the trail of audits is not whole."""
    raise_alert(AlertKind.AUDIT_BROKEN, ref="audit", area_id=None)


def sight_of(person: Actor) -> AbstractContextManager[None]:
    """See what somebody sees, and no more, although it is the site that works."""
    return seeing(children.fence.queries.sight(person, pairings.queries.children_of(person)))


def start(app: Flask) -> Jobs:
    """Start the jobs in this process; asked again, return the ones that run."""
    already: Jobs | None = app.extensions.get("jobs")
    if already is not None:
        return already
    settings: Settings = app.extensions["settings"]
    watch = Watch()
    patience = 3 * settings.tick_seconds + PATIENCE
    running = Jobs(app, jobs_of(settings, watch), Heartbeat(stale_after=patience), watch)
    app.extensions.update(jobs=running, heartbeat=running.heartbeat)
    running.begin()
    return running
