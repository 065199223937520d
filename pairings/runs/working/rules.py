"""What a usual team is like: the one whose worth the recruitment map tells."""

from collections import Counter

from pairings.matching.model import Member, Team, World


def typical(world: World) -> Team | None:
    """Return a team as there are many of: two cleared adults, a woman among them.

    Free in the slots of most members, with the skills of most; None where there are no teams to
    be like and so nobody it is known of how often they could come.
    """
    members = [member for team in world.teams for member in team.members]
    if not members:
        return None
    most = len(members) // 2
    slots: Counter[int] = Counter()
    skills: Counter[str] = Counter()
    for member in members:
        slots.update(slot for slot in range(member.free.bit_length()) if member.free >> slot & 1)
        skills.update(member.skills)
    often = {slot for slot, many in slots.items() if many > most} or {
        slot for slot, _many in slots.most_common(1)
    }
    one = Member(
        cleared_from=world.term.start,
        cleared_until=world.term.end,
        woman=True,
        training=1,
        skills=frozenset(skill for skill, many in skills.items() if many > most),
        languages=frozenset(),
        free=sum(1 << slot for slot in often),
        places=1,
    )
    like = world.teams[0]
    return Team(
        id=max(team.id for team in world.teams) + 1,
        members=(one, one),
        base=like.base,
        home=like.base,
        reach=max(team.reach for team in world.teams),
        capacity=1,
        until=world.term.end,
    )
