"""Small stories of the demonstration: about volunteers and things, and one about a child."""

from datetime import timedelta
from typing import Any

from campaigns.rules import CURRENT, REPORTED
from campaigns.stories.models import Story, StoryChild
from campaigns.stories.rules import State
from children.rules import ConsentProof, NeedState, Purpose
from demo.consents import agree
from demo.world import Edition, Kid, World

TEXTS = (
    (
        (
            "志愿者背着一箱旧书走进儿童之家，在窗边摆成了小小的书角。\n"
            "第二次来的时候，书脊上多了一张手写的借书卡。"
        ),
        (
            "Volunteers carried a box of books into the children's home and made a corner at the"
            " window.\nWhen they came again, somebody had written a lending card."
        ),
    ),
    (
        "下雪那天，小组改用电话读了一个故事。\n约好了就不让人白等，是大家最先学会的事。",
        (
            "On the day of the snow the team read a story over the phone.\n"
            "Nobody waits in vain: that was the first thing everybody learnt."
        ),
    ),
)
OF_A_CHILD = (
    "今天换成小朋友来读，志愿者来听。\n读完最后一页，屋里响起了掌声。",
    "Today the child read and the volunteers listened.\nAfter the last page there was applause.",
)
WAITING = ("志愿者和乡亲一起修好了儿童之家的书架。", "Volunteers and neighbours mended the shelf.")
IMPACT = "示例：鼓励更多人来陪读；没有名字、地方和岁数，认不出是谁"


def tell(world: World) -> None:
    """Add stories to the current editions and to those that have a report."""
    current = [one for one in world.editions if one.stage in CURRENT]
    for edition in (*current, *(one for one in world.editions if one.stage in REPORTED)):
        for text in TEXTS:
            _story(world, edition, text)
    if not current:
        return
    _story(world, current[0], WAITING, state=State.FIRST_CHECK)
    kid = next((one for kids in world.kids.values() for one in kids if _willing(world, one)), None)
    if kid is not None:
        agree(world, kid, Purpose.PUBLICATION)
        story_id = _story(world, current[0], OF_A_CHILD, children=1, impact=IMPACT)
        world.bulk.add(
            StoryChild,
            story_id=story_id,
            child_id=kid.id,
            agreed_on=world.today - timedelta(days=3),
            proof=ConsentProof.PAPER,
            entered_by_id=world.staff["safeguarding"],
        )


def _willing(world: World, kid: Kid) -> bool:
    if kid.state is not NeedState.MATCHED or kid.agreed is None or kid.withdrawn_on:
        return False
    return kid.agreed[1] >= world.today


def _story(world: World, edition: Edition, text: tuple[str, str], **given: Any) -> int:
    """Add a story, public since two days unless told otherwise."""
    at = world.past(world.today - timedelta(days=2))
    fields = {
        "campaign_id": edition.id,
        "text": text[0],
        "text_en": text[1],
        "state": State.PUBLISHED,
        "author_id": world.staff["editor"],
        "edited_at": at,
    } | given
    if fields["state"] is State.PUBLISHED:
        fields |= {
            "first_by_id": world.staff["publisher"],
            "second_by_id": world.staff["safeguarding"],
            "published_by_id": world.staff["publisher"],
            "published_at": at,
        }
    return world.bulk.add(Story, **fields)
