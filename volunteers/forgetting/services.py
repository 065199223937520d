"""What is left of a volunteer who wants to be forgotten: a number, the checks, the hours."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import clock
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from volunteers.certificates.models import Certificate
from volunteers.certificates.rules import State as Certified
from volunteers.models import FreeTime, Volunteer
from volunteers.rules import Status
from volunteers.students.models import StudentMail, StudentStatus
from volunteers.students.telling.services import forget_mail
from volunteers.teams.models import TeamMember

LEFT = (Status.APPLIED, Status.EXITED)
"""Who may be forgotten: whoever serves leaves first, and a ban stays (law on minors 62)."""


def forget(volunteer_id: int) -> int:
    """Empty a volunteer's profile, in the caller's transaction; return the person's id.

    The outcomes of checks stay, since a unit has to show that it asked (law on minors 62), and so
    do the hours, which have to be true and complete (volunteer rules 19). Certificates on paper
    can be checked as before, without a name. Raises RuleBroken.
    """
    with transaction() as session:
        member = select(TeamMember.id).where(
            TeamMember.volunteer_id == volunteer_id, TeamMember.left_on.is_(None)
        )
        person_id: int | None = session.scalar(
            update(Volunteer)
            .where(Volunteer.id == volunteer_id, Volunteer.status.in_(LEFT), ~member.exists())
            .values(
                status=Status.EXITED,
                org_id=None,
                org_text="",
                initials="",
                sex=None,
                birth_year=None,
                skills=[],
                status_reason="",
                version=Volunteer.version + 1,
            )
            .returning(Volunteer.person_id)
        )
        if person_id is None:
            raise RuleBroken(_("请先办理退出服务和小组；不得再参加的人不能注销"))
        session.execute(delete(FreeTime).where(FreeTime.volunteer_id == volunteer_id))
        _forget_studies(session, person_id)
        _forget_certificates(session, volunteer_id)
    return person_id


def _forget_certificates(session: Session, volunteer_id: int) -> None:
    """Empty what they say; a wish for one that still waits is taken back."""
    theirs = update(Certificate).where(Certificate.volunteer_id == volunteer_id)
    session.execute(theirs.values(blocks=None, signature=None, reason=""))
    waiting = theirs.where(Certificate.state == Certified.REQUESTED)
    session.execute(waiting.values(state=Certified.WITHDRAWN, ended_at=clock.now()))


def _forget_studies(session: Session, person_id: int) -> None:
    """Forget where somebody studies, and the campus address that a link is on its way to."""
    session.execute(delete(StudentStatus).where(StudentStatus.person_id == person_id))
    asked = delete(StudentMail).where(StudentMail.person_id == person_id)
    for token_hash in session.scalars(asked.returning(StudentMail.token_hash)).all():
        forget_mail(token_hash)
