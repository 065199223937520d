"""The next edition: an earlier campaign's texts, activities and slots, moved to other days."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.rules import Actor, Role
from campaigns.manage.queries import campaign as campaign_of
from campaigns.manage.queries import partner_ids
from campaigns.manage.services import Draft, create
from campaigns.models import Activity, Campaign, Slot
from core.db import transaction

DAYS = ("recruit_from", "recruit_until", "training_on", "visits_from", "visits_until")
ALIKE = (
    "county_id", "place", "role", "from_minute", "until_minute", "capacity", "changeover", "least",
    "most_party", "with_children", "trained", "screened", "least_women", "least_experienced",
)  # fmt: skip


def copy(uid: str, slug: str, title: str, begins: date, *, by: Actor) -> str:
    """Begin a draft as another campaign was, its visits from that day on; return the draft's uid.

    All days move alike; nobody who signed up comes along. Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        source = campaign_of(uid, by, Role.EDITOR)
        by_days = begins - source.visits_from
        values = {
            name: getattr(source, name) for name in Draft.__dataclass_fields__ if name != "title_en"
        }
        values |= {name: values[name] + by_days for name in DAYS if values[name] is not None}
        draft = Draft(**values | {"title": title, "title_en": ""})
        partners = [int(one) for one in partner_ids(source.id)]
        made = create(slug, draft, partners, by=by)
        _copy_slots(session, source, campaign_of(made, by, Role.EDITOR), by_days)
        return made


def _copy_slots(session: Session, source: Campaign, target: Campaign, by_days: timedelta) -> None:
    activities = session.scalars(select(Activity).where(Activity.campaign_id == source.id)).all()
    for activity in activities:
        anew = Activity(
            campaign_id=target.id,
            kind=activity.kind,
            timing=activity.timing,
            title=activity.title,
            title_en=activity.title_en,
        )
        session.add(anew)
        session.flush()
        slots = session.scalars(select(Slot).where(Slot.activity_id == activity.id)).all()
        session.add_all(
            Slot(
                campaign_id=target.id,
                activity_id=anew.id,
                starts_on=slot.starts_on + by_days,
                ends_on=slot.ends_on + by_days,
                **{name: getattr(slot, name) for name in ALIKE},
            )
            for slot in slots
        )
