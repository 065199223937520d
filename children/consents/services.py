"""Asking for consent, entering the answer, and taking it back: rows are only ever added."""

from collections.abc import Callable, Collection
from datetime import date

from sqlalchemy import func, select

from accounts.rules import SITE, Actor, Role
from children.consents.labels import told
from children.consents.models import Consent
from children.consents.rules import Answer, answer_problems, months_later
from children.consents.texts.queries import current_version, original
from children.models import Child
from children.rules import NEEDED_FOR_PAIRING, ConsentState, Purpose
from children.services import locked
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.parameters import value_on

ENTERING = (Role.CHILD_DIRECTOR, Role.COORDINATOR)
TAKING_BACK = (*ENTERING, Role.CHILD_SUPERVISOR, Role.SAFEGUARDING_LEAD)
MOST_MONTHS = 60
REVOCABLE = frozenset({ConsentState.GIVEN, ConsentState.REQUESTED})


def record(child_uid: str, purpose: Purpose, answer: Answer, *, seen: int, by: Actor) -> None:
    """Enter what the family, or the child, said.

    `seen` is the number of the newest row that was on the page: of two people who enter an answer
    at the same time one is told to look again. Raises NotYours, RuleBroken.
    """
    with transaction():
        child = locked(child_uid, by, *ENTERING)
        last = _last(child.id, purpose)
        number = last.number if last else 0
        if number != seen:
            raise RuleBroken(_("刚刚有人登记过这一项，请看最新的一条再填"))
        if answer.state is not ConsentState.GIVEN and in_force(last):
            raise RuleBroken(
                _("现在的同意还有效。家里改了主意请用“撤回同意”，续签直接登记新的同意")
            )
        ends = _checked(child, purpose, answer)
        _add(child, purpose, answer, number=number + 1, ends=ends, by=by)


def withdraw(
    child_uid: str, purpose: Purpose, by: Actor, then: Callable[[int, Actor], None]
) -> None:
    """Take a consent back at once, with everything that rested on it. Raises NotYours, RuleBroken.

    `then` ends what a pairing needs this consent for, in the same transaction.
    """
    with transaction():
        child = locked(child_uid, by, *TAKING_BACK)
        last = _last(child.id, purpose)
        if last is None or last.state not in REVOCABLE:
            raise RuleBroken(_("这一项现在没有可撤回的同意"))
        taken_back = Answer(ConsentState.WITHDRAWN, clock.today())
        _add(child, purpose, taken_back, number=last.number + 1, ends=None, by=by)
        if purpose in NEEDED_FOR_PAIRING:
            then(child.id, by)


def say_no(
    child_id: int, purposes: Collection[Purpose], then: Callable[[int, Actor], None]
) -> list[Purpose]:
    """Refuse what is asked and take back what was given, as a guardian says it over a link.

    Returns what has changed; what stood at a no before stays as it is. Nobody's rights are asked:
    the link is. In the caller's transaction.
    """
    with transaction() as session:
        child = session.scalars(select(Child).where(Child.id == child_id).with_for_update()).one()
        changed = [purpose for purpose in purposes if _said_no(child, purpose)]
        if set(changed) & set(NEEDED_FOR_PAIRING):
            then(child.id, SITE)
    return changed


def _said_no(child: Child, purpose: Purpose) -> bool:
    last = _last(child.id, purpose)
    if last is None or last.state not in REVOCABLE:
        return False
    given = last.state is ConsentState.GIVEN
    no = Answer(ConsentState.WITHDRAWN if given else ConsentState.REFUSED, clock.today())
    _add(child, purpose, no, number=last.number + 1, ends=None, by=SITE)
    return True


def consent_months() -> int:
    """Return for how many months a yes may hold that is given today."""
    return min(int(value_on("children.consent_months", clock.today())), MOST_MONTHS)


def _last(child_id: int, purpose: Purpose) -> Consent | None:
    of_purpose = (Consent.child_id == child_id) & (Consent.purpose == purpose)
    last = select(func.max(Consent.number)).where(of_purpose).scalar_subquery()
    with transaction() as session:
        return session.scalar(select(Consent).where(of_purpose, Consent.number == last))


def in_force(consent: Consent | None) -> bool:
    if consent is None or consent.state is not ConsentState.GIVEN:
        return False
    return consent.valid_until is not None and consent.valid_until >= clock.today()


def _checked(child: Child, purpose: Purpose, answer: Answer) -> date | None:
    """Return until when a yes holds. Raises RuleBroken with what stands against the answer."""
    today = clock.today()
    months = consent_months()
    problems = answer_problems(answer, purpose, child.age_band, today=today, months=months)
    if problems:
        raise RuleBroken(*(told(problem, months) for problem in problems))
    if answer.state is not ConsentState.GIVEN:
        return None
    return answer.valid_until or months_later(answer.dated, months)


def _shown(purpose: Purpose, answer: Answer) -> tuple[str, str]:
    """Return version and digest of the text the family was shown. Raises RuleBroken.

    A yes needs a text to say yes to; a no or a withdrawal holds whatever became of the text.
    """
    version = current_version()
    text = original(version, purpose)
    if text is None and answer.state is ConsentState.GIVEN:
        raise RuleBroken(_("没有版本 %(version)s 的同意书，请管理员核对规则参数", version=version))
    return version[:20], text.digest if text else ""


def _add(
    child: Child, purpose: Purpose, answer: Answer, *, number: int, ends: date | None, by: Actor
) -> None:
    version, digest = _shown(purpose, answer)
    made = insert_once(
        Consent,
        child_id=child.id,
        purpose=purpose,
        number=number,
        state=answer.state,
        text_version=version,
        text_digest=digest,
        signer=answer.signer,
        proof=answer.proof,
        proof_reference=answer.reference[:60],
        dated=answer.dated,
        valid_until=ends,
        entered_by_id=by.id,
        entered_at=clock.now(),
    )
    if made is None:
        raise RuleBroken(_("刚刚有人登记过这一项，请看最新的一条再填"))
    audit.record(f"consent_{answer.state}", "child", child.uid, by=by.id, fields=[purpose])
