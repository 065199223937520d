"""A visit as an invitation by mail (iTIP, RFC 5546): the parts only, the ledger sends them.

Answers that a calendar sends back are not read: people confirm on the site.
"""

from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy import select

from accounts.models import Person
from core.db import db
from core.errors import NotYours
from core.i18n import _
from core.show import span
from visits.feeds import queries
from visits.feeds.queries import Site
from visits.feeds.rules import Method
from visits.models import Party, Visit


def invitation(visit_uid: str, person_id: int, method: Method, *, site: Site, sender: str) -> bytes:
    """Return the body of a mail that invites somebody to a visit, or takes it back.

    A `multipart/alternative` of words and `text/calendar; method=…`; whoever sends it adds
    From, To, Subject and Message-ID. In the language of the moment; of the child nothing.
    Raises NotYours when there is no such visit, or the person has no mailbox or, invited, no part
    in it: whoever was taken off a visit is still told that it is off for them.
    """
    visit = db.session.scalar(select(Visit).where(Visit.uid == visit_uid))
    email = db.session.scalar(
        select(Person.email).where(Person.id == person_id, Person.disabled_at.is_(None))
    )
    if visit is None or not email:
        raise NotYours
    if method is Method.REQUEST and not _takes_part(visit, person_id):
        raise NotYours
    mail = EmailMessage(policy=SMTP)
    mail.set_content(_words(visit, method, site), cte="base64")
    mail.add_alternative(
        _calendar(visit, method, site, (sender, email)),
        maintype="text",
        subtype="calendar",
        cte="base64",
        params={"method": method.value, "charset": "utf-8"},
    )
    return mail.as_bytes()


def _takes_part(visit: Visit, person_id: int) -> bool:
    taking = select(Party.id).where(Party.visit_id == visit.id, Party.person_id == person_id)
    return db.session.scalar(taking) is not None


def _words(visit: Visit, method: Method, site: Site) -> str:
    when = span((visit.starts_at, visit.ends_at))
    told = _("走访时间：%(when)s", when=when)
    if method is Method.CANCEL:
        told = _("%(when)s 的走访取消了", when=when)
    return f"{told}\n{site.url(visit.uid)}\n"


def _calendar(visit: Visit, method: Method, site: Site, mailboxes: tuple[str, str]) -> bytes:
    sender, guest = mailboxes
    calendar = queries.empty()
    calendar.add("method", method.value)
    (event,) = queries.events([visit], site)
    event.add("organizer", f"mailto:{sender}")
    event.add("attendee", f"mailto:{guest}", parameters={"PARTSTAT": "NEEDS-ACTION"})
    if method is Method.CANCEL:
        event.pop("status")
        event.add("status", "CANCELLED")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
