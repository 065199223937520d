"""The page of one pairing: how far it has come, and the one next step for whoever looks."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.queries import names
from accounts.rules import Actor
from accounts.web import person
from children.consents.labels import PURPOSES
from children.labels import AGES, NEEDS, RISK_TAGS, RISK_TONES, SEXES, needs
from children.services import seen_elsewhere
from core import clock
from core.i18n import _
from core.show import kept, moment
from pairings.agreements.queries import may_be_signed, signing
from pairings.answers.labels import QUESTIONS
from pairings.answers.rules import Whose
from pairings.answers.services import open_to_answers
from pairings.board.undo.services import seconds_left
from pairings.endings.labels import prompt
from pairings.forms import DecideForm, EndForm
from pairings.intro.services import plannable
from pairings.keys.services import undoable
from pairings.labels import (
    DECLINE_REASONS,
    END_REASONS,
    STAGES,
    TONES,
    reason_words,
)
from pairings.letters.views import links as letter_links
from pairings.queries import Shown, handed_over
from pairings.reviews import queries as reviews
from pairings.rules import AGREED, ASKING, BEGUN, DECIDING, LIVE, Stage, city_keys
from pairings.steps.labels import Looker, bar, next_step
from pairings.steps.queries import steps, way_of
from pairings.steps.rules import Way
from pairings.voices.views import links as voice_links
from places.queries import area_names, shown
from volunteers.teams.queries import members

SHOWN_OF_CHILD = ("girl", "risk", "township_id", "needs", "care_hint")
"""What staff see of a child beside its alias tier on the board and on a pairing's page."""
WORDS = {
    "ages": AGES,
    "need_names": NEEDS,
    "needs_of": needs,
    "purposes": PURPOSES,
    "risks": RISK_TAGS,
    "risk_tones": RISK_TONES,
    "sexes": SEXES,
    "stages": STAGES,
    "tones": TONES,
    "reason_words": reason_words,
}


def pairing(seen: Shown, decision: DecideForm, ending: EndForm) -> ResponseReturnValue:
    """Show a pairing; of the two forms the one that was sent and refused, or the one that fits."""
    me, found = person(), seen.pairing
    page = render_template(
        "pairings/show.html" if seen.staff else "pairings/show_team.html",
        seen=seen,
        pairing=found,
        child=seen.child,
        history=_history(seen),
        agreed=_agreed(seen),
        places=area_names([found.county_id, found.township_id]) if seen.staff else {},
        visitable=plannable(found),
        prompt=prompt(seen.child.age_band),
        review=reviews.waits(found, me),
        undo_seconds=seconds_left(found, me, clock.now()),
        ending_now=found.stage is Stage.ENDING,
        begun=found.stage in BEGUN,
        **_way(seen, me),
        **_forms(seen, me, decision, ending),
        **WORDS,
    )
    if seen.staff:
        seen_elsewhere(seen.child.id, by=me, fields=SHOWN_OF_CHILD)
    return page, decision.status if decision.errors else ending.status


def _way(seen: Shown, me: Actor) -> dict[str, object]:
    """Return how far the pairing has come, and what whoever looks may do next."""
    found = seen.pairing
    team = members([found.team_id])[found.team_id]
    leads = any(one.leads and one.person_id == me.id for one in team)
    may_plan = (seen.plans or leads) and plannable(found)
    way = way_of(found, seen.child.risk if seen.staff else None)
    looker = Looker(
        decides=seen.decides,
        enters=seen.enters,
        signs=_signs(seen, me),
        plans=may_plan,
        ends=seen.ends,
    )
    return {
        "bar": bar(way),
        "next_step": next_step(found, way, looker),
        "links": _links(seen, way, me, looker),
        "may_plan": may_plan,
        "members": team,
        "waits_for_city": way.lacks_city or (found.stage in DECIDING and way.high_risk),
    }


def _forms(seen: Shown, me: Actor, decision: DecideForm, ending: EndForm) -> dict[str, object]:
    """Return the forms with whether each is shown."""
    found = seen.pairing
    own_proposal = found.stage in DECIDING and found.proposed_by_id == me.id
    keys_wait = seen.decides and found.stage in DECIDING
    deciding = bool(decision.errors) or (keys_wait and not ending.errors)
    may_end = seen.ends and (found.stage in LIVE - DECIDING or own_proposal)
    return {
        "deciding": deciding,
        "ending": bool(ending.errors) or (may_end and not deciding),
        "own_proposal": own_proposal,
        "decide_form": decision,
        "end_form": ending if ending.errors else ending.fits(found.stage),
    }


def _signs(seen: Shown, me: Actor) -> bool:
    if seen.staff or not may_be_signed(seen.pairing):
        return False
    return signing(seen.pairing, seen.child.age_band, me.id).own is not None


def _links(seen: Shown, way: Way, me: Actor, who: Looker) -> list[tuple[str, str, str]]:
    """Return (words, address, tone) of what may be done now, the most urgent first."""
    found, uid = seen.pairing, seen.pairing.uid
    links: list[tuple[str, str, str]] = []

    def step(deed: str, words: str, tone: str = "ghost") -> None:
        links.append((words, url_for("pairing_steps.step", uid=uid, deed=deed), tone))

    if way.lacks_city and found.stage not in DECIDING and who.decides and city_keys(me):
        step("city-key", _("市级审批"), "")
    links += _asking(seen) + voice_links(seen) + letter_links(seen)
    if seen.ends:
        if found.stage is Stage.RENEWING and seen.plans:
            step("renew", _("完成续期"), "")
        if found.stage is Stage.ACTIVE:
            step("renewing", _("续期"))
            step("pause", _("暂停陪伴"))
        if found.stage in {Stage.PAUSED, Stage.RENEWING, Stage.ENDING}:
            step("go-on", _("恢复陪伴"))
        if found.stage in BEGUN - {Stage.ENDING}:
            step("ending", _("开始结束"))
        if found.stage is Stage.ENDED:
            step("review", _("写回顾"), "")
        if undoable(found, me):
            step("take-back", _("收回“不批准”"))
    return links


def _asking(seen: Shown) -> list[tuple[str, str, str]]:
    """Return the links to answers and signatures."""
    found, links = seen.pairing, []
    if seen.enters and open_to_answers(found.stage):
        asking = found.stage in {*ASKING, Stage.RENEWING}
        for side, said in (
            (Whose.GUARDIAN, found.guardian_yes_on),
            (Whose.CHILD, found.child_yes_on),
        ):
            url = url_for("pairing_answers.record", uid=found.uid, whose=side)
            missing = said is None or (found.renewing_since or said) > said
            links.append((str(QUESTIONS[side]), url, "" if asking and missing else "ghost"))
    if found.stage in AGREED or may_be_signed(found):
        tone = "" if found.agreed_on is None and not found.agreed_before else "ghost"
        links.append((_("结对协议"), url_for("agreements.show", uid=found.uid), tone))
    return links


def _history(seen: Shown) -> list[tuple[str, str, str]]:
    """Return what happened to a pairing, for those who may know who did it."""
    if not seen.staff:
        return []
    found, first, way = [], True, steps(seen.pairing.id)
    for one, name in way:
        who = name or _("系统")
        said = (
            _("%(name)s 提出", name=who)
            if first
            else _("%(name)s：%(stage)s", name=who, stage=STAGES[one.stage])
        )
        text = one.reason
        if one is way[-1][0] and one.stage is Stage.DECLINED and seen.pairing.decline_reason:
            text = _("：").join(
                part for part in (str(DECLINE_REASONS[seen.pairing.decline_reason]), text) if part
            )
        if one.stage in {Stage.ENDED, Stage.TERMINATED_SAFEGUARDING} and seen.pairing.end_reason:
            text = _("：").join(
                part for part in (str(END_REASONS[seen.pairing.end_reason]), text) if part
            )
        found.append((moment(one.at), said, text))
        first = False
    return found


def _agreed(seen: Shown) -> list[tuple[str, str]]:
    """Return what was agreed: for how long, within which campaign, who answers for it."""
    found, campaign = seen.pairing, seen.campaign
    told: list[tuple[str, str]] = [(_("约定"), kept(f"{found.starts_on} – {found.ends_on}"))]
    before = handed_over(found)
    if before:
        told.append((_("上一组留下的交接"), before))
    if campaign:
        told.append((_("活动"), shown(campaign.title, campaign.title_en)))
    if not seen.staff:
        return told
    if found.supervisor_id:
        told.append((_("负责的督导员"), names([found.supervisor_id])[found.supervisor_id]))
    days = (
        (_("监护人同意"), found.guardian_yes_on),
        (_("孩子愿意"), found.child_yes_on),
        (_("协议签齐"), found.agreed_on),
        (_("首访"), found.introduced_on),
        (_("告别"), found.goodbye_on),
    )
    told += [(said, kept(day)) for said, day in days if day]
    if found.agreed_before:
        told.append((_("同意和签字"), _("此前按一般同意结对，没有分别登记；续期时补办")))
    told += [(said, text) for said, text in ((_("交接"), found.handover),) if text]
    return told
