"""The rights desk of the demonstration: requests, an incident that is over, an assessment."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from children.consents.rules import months_later
from demo.staff import trace
from demo.world import County, World
from places.days.queries import due_after
from rights.assessments.models import Assessment
from rights.assessments.rules import Result
from rights.assessments.rules import State as AssessmentState
from rights.breaches.models import Breach, BreachStep
from rights.breaches.rules import Kind
from rights.breaches.rules import State as BreachState
from rights.requests.models import RightsRequest
from rights.requests.rules import Asker, Channel, RequestKind, State

CONFIRM_DAYS, FINISH_DAYS, REVIEW_MONTHS = 3, 15, 12
OVER = frozenset({State.DONE, State.REFUSED})


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as it came in so many days ago, and what became of it; people by their login."""

    kind: RequestKind
    asker: Asker
    channel: Channel
    days_ago: int
    said: str
    entered_by: str
    state: State = State.RECEIVED
    worked_by: str = "coordinator"
    outcome: str = ""


HERE = (
    Wish(
        RequestKind.ACCESS,
        Asker.GUARDIAN,
        Channel.IN_PERSON,
        1,
        "样例：想看看档案里记了什么",
        "director",
    ),
    Wish(
        RequestKind.COPY,
        Asker.GUARDIAN,
        Channel.PHONE,
        6,
        "样例：想要一份纸质的复制件",
        "coordinator2",
        State.CONFIRMED,
    ),
    Wish(
        RequestKind.CORRECT,
        Asker.CHILD,
        Channel.IN_PERSON,
        40,
        "样例：现在更喜欢画画",
        "director",
        State.DONE,
        outcome="样例：喜欢什么已改好，读给孩子听过",
    ),
    Wish(
        RequestKind.DELETE,
        Asker.GUARDIAN,
        Channel.PAPER,
        25,
        "样例：想把档案删掉",
        "coordinator",
        State.REFUSED,
        "dpo",
        "样例：孩子还需要关爱服务，登记档案是法定职责，现在不能删；撤回结对的同意随时可以",
    ),
)
NEXT_DOOR = Wish(
    RequestKind.ACCESS, Asker.GUARDIAN, Channel.PHONE, 2, "样例：想知道谁看过档案", "pingyao"
)
OWN = Wish(
    RequestKind.CORRECT,
    Asker.VOLUNTEER,
    Channel.ACCOUNT,
    12,
    "样例：学校名称写错了一个字",
    "volunteer",
    State.DONE,
    outcome="样例：已改正",
)
DETECTED_DAYS, ASSESSED_DAYS = 60, 45
STEPS = (
    (BreachState.CONTAINED, 0, "样例：一小时内停用了账号，手机随后找到，没有被打开过"),
    (BreachState.REPORTED, 1, "样例：已向主管部门报告"),
    (BreachState.NOTIFIED, 2, "样例：两户家庭都已当面告知"),
    (BreachState.CLOSED, 9, "样例：值班手机改为离开十五秒就锁屏"),
)


def keep_desk(world: World) -> None:
    """Add what a data protection officer and the coordinators have on their desks."""
    here, next_door = world.counties[:2]
    kids = world.kids[here.id]
    for number, wish in enumerate(HERE):
        _request(world, here, wish, township_id=kids[number].village.township_id,
                 village_id=kids[number].village.id, child_id=kids[number].id)  # fmt: skip
    kid = world.kids[next_door.id][0]
    _request(world, next_door, NEXT_DOOR, township_id=kid.village.township_id,
             village_id=kid.village.id, child_id=kid.id)  # fmt: skip
    own = next(one for one in world.helpers if one.person_id == world.staff["volunteer"])
    _request(world, own.county, OWN, volunteer_id=own.id)
    _breach(world)
    _assessment(world)


def _request(world: World, county: County, wish: Wish, **about: int) -> None:
    received = world.today - timedelta(days=wish.days_ago)
    deeds = [("entered", wish.entered_by)]
    values: dict[str, Any] = {}
    if wish.state is not State.RECEIVED:
        deeds.append(("confirmed", wish.worked_by))
        values |= _done(world, "confirmed", wish, received + timedelta(days=1))
    if wish.state in OVER:
        deeds.append((wish.state.value, wish.worked_by))
        values |= _done(world, "closed", wish, received + timedelta(days=7))
    uid = world.bulk.secret(16)
    world.bulk.add(
        RightsRequest,
        uid=uid,
        kind=wish.kind,
        asker=wish.asker,
        channel=wish.channel,
        county_id=county.id,
        said=wish.said,
        received_on=received,
        confirm_by=due_after(received, CONFIRM_DAYS),
        finish_by=due_after(received, FINISH_DAYS),
        state=wish.state,
        entered_by_id=world.staff[wish.entered_by],
        entered_at=world.past(received),
        outcome=wish.outcome,
        **values,
        **about,
    )
    for deed, login in deeds:
        trace(world, f"rights_request_{deed}", "rights_request", uid, by=login)


def _done(world: World, deed: str, wish: Wish, day: date) -> dict[str, Any]:
    return {f"{deed}_by_id": world.staff[wish.worked_by], f"{deed}_at": world.past(day)}


def _breach(world: World) -> None:
    day, by = world.today - timedelta(days=DETECTED_DAYS), world.staff["dpo"]
    uid, breach_id = world.bulk.secret(16), world.bulk.reserve(Breach)
    world.bulk.add(
        Breach,
        id=breach_id,
        uid=uid,
        title="样例：值班手机遗失半天",
        kind=Kind.LOST,
        involved="样例：两份档案的代号、年龄段和走访时间",
        cause="样例：走访途中落在车上",
        harm="样例：手机没有解锁过，没有发现被人看到",
        measures="样例：停用账号，退出所有设备，找回手机",
        advice="样例：不用做什么；接到自称工作人员的陌生电话，请先打 12345 核实",
        people=3,
        children=2,
        state=BreachState.CLOSED,
        detected_at=world.past(day),
        entered_by_id=by,
        entered_at=world.past(day),
        version=1 + len(STEPS),
    )
    trace(world, "breach_entered", "breach", uid, by="dpo")
    for state, later, note in STEPS:
        world.bulk.add(
            BreachStep,
            breach_id=breach_id,
            state=state,
            note=note,
            at=world.at(day + timedelta(days=later), 18),
            by_id=by,
        )
        trace(world, f"breach_{state}", "breach", uid, by="dpo")


def _assessment(world: World) -> None:
    day, uid = world.today - timedelta(days=ASSESSED_DAYS), world.bulk.secret(16)
    world.bulk.add(
        Assessment,
        uid=uid,
        title="样例：结对陪伴中的儿童信息",
        purposes="样例：让两名志愿者在工作人员陪同下定期看望孩子",
        involved="样例：代号、年龄段、需要、喜欢什么、方便见面的时间",
        necessity="样例：少了任何一项就不能安排合适的陪伴；姓名和电话志愿者用不到，不提供",
        risks="样例：志愿者转述、名单外传、有人好奇翻看",
        measures="样例：只用代号，敏感信息密封，查看要写事由并留痕，导出要两个人",
        conclusion=Result.WITH_MEASURES,
        state=AssessmentState.APPROVED,
        written_by_id=world.staff["dpo"],
        written_at=world.past(day),
        approved_by_id=world.staff["safeguarding"],
        approved_at=world.past(day + timedelta(days=5)),
        review_on=months_later(day + timedelta(days=5), REVIEW_MONTHS),
        version=2,
    )
    trace(world, "assessment_written", "assessment", uid, by="dpo")
    trace(world, "assessment_approved", "assessment", uid, by="safeguarding")
