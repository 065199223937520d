"""Adding a picture to a draft, taking it off, and clearing away files that nothing knows any more.

A picture is part of what is reviewed: it changes in drafts only, and whoever changed it neither
reviews nor publishes. Files are written before their row and deleted after it, so that a row
without files cannot be; what a broken-off request leaves behind is swept up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select, update

from accounts.rules import Actor, Role
from campaigns.manage.queries import campaign as campaign_of
from campaigns.models import Campaign
from campaigns.pictures.models import CampaignPicture
from campaigns.rules import Stage
from core import audit, clock, pictures
from core.db import db, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.pictures import Drawn


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in its sizes, and what it shows, in words for people who do not see it."""

    sizes: Sequence[Drawn]
    alt: str
    alt_en: str


def add(uid: str, picture: Picture, folder: Path, *, by: Actor) -> None:
    """Give a draft this picture instead of the one it had. Raises RuleBroken and NotYours."""
    with transaction() as session:
        campaign_id = _edited(uid, by)
        forget(campaign_id)
        session.add(
            CampaignPicture(
                uid=pictures.kept(folder, picture.sizes),
                campaign_id=campaign_id,
                alt=picture.alt,
                alt_en=picture.alt_en,
                sizes=[[one.width, one.height] for one in picture.sizes],
                added_by_id=by.id,
            )
        )
        audit.record("add_picture", "campaign", uid, by=by.id, fields=["unrecognisable"])


def remove(uid: str, *, by: Actor) -> None:
    """Take the picture off a draft. Raises RuleBroken and NotYours."""
    with transaction():
        if forget(_edited(uid, by)):
            audit.record("remove_picture", "campaign", uid, by=by.id)


def forget(campaign_id: int) -> bool:
    """Forget a campaign's picture, whether it had one; part of the caller's transaction."""
    gone = delete(CampaignPicture).where(CampaignPicture.campaign_id == campaign_id)
    return db.session.scalar(gone.returning(CampaignPicture.id)) is not None


def _edited(uid: str, by: Actor) -> int:
    """Lock a draft for a change by that person; return its id."""
    seen = campaign_of(uid, by, Role.EDITOR)
    changed: int | None = db.session.scalar(
        update(Campaign)
        .where(Campaign.id == seen.id, Campaign.stage == Stage.DRAFT)
        .values(edited_by_id=by.id, edited_at=clock.now())
        .returning(Campaign.id)
    )
    if changed is None:
        raise RuleBroken(_("活动现在的阶段不能这样做，请刷新页面看看"))
    return changed


def sweep(folder: Path) -> int:
    """Delete the files of pictures that are no longer known; return how many."""
    known = set(db.session.scalars(select(CampaignPicture.uid)))
    return pictures.forget_all_but(folder, known)
