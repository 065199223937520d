"""The ways out of the site, and what an administrator may do with them."""

import json
from collections.abc import Mapping

from sqlalchemy import select, update

from accounts.rules import Actor
from core import audit, clock, ids
from core.config import Settings
from core.crypto import Unreadable, sealer
from core.db import db, insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.limits import Limit, spend
from core.logs import log
from messages.channels.files import Files
from messages.channels.leaving.services import leave_by
from messages.channels.making import Account, made
from messages.channels.models import ChannelSetting
from messages.channels.needs import NEEDS, complete
from messages.channels.plain import Console
from messages.channels.rules import Outgoing, Sent, Way
from messages.channels.smtp import Smtp
from messages.channels.templates import parsed
from messages.rules import Channel

TESTS = Limit("channel-tests", 10, 3600)
"""Messages to oneself, each of which may cost money."""
_kept: dict[Channel, tuple[object, Way]] = {}
"""Ways of this process with what they were made of: their connections and tokens are kept."""


def ways(settings: Settings) -> dict[Channel, Way]:
    """Return the ways that are open now: ask for each pass, so that a change acts at once."""
    found: dict[Channel, Way] = {
        Channel.EMAIL: mail_way(settings),
        Channel.CONSOLE: Console(),
        Channel.FILE: Files(settings.home / "outbox", settings.mail_from, channel=Channel.FILE),
    }
    rows = db.session.scalars(select(ChannelSetting).where(ChannelSetting.enabled)).all()
    found |= {row.channel: way for row in rows if (way := _vendor(row, settings))}
    return found


def mail_way(settings: Settings) -> Way:
    """Return the way of mails: a server, or files for whoever has none yet."""
    made_of = (settings.smtp_url, settings.mail_from, settings.site_url, settings.home)
    leave = leave_by(settings.site_url)
    if Channel.EMAIL not in _kept or _kept[Channel.EMAIL][0] != made_of:
        way: Way = Files(settings.home / "outbox", settings.mail_from, leave)
        if settings.smtp_url:
            way = Smtp(settings.smtp_url, settings.mail_from, leave)
        _kept[Channel.EMAIL] = (made_of, way)
    return _kept[Channel.EMAIL][1]


def way_of(channel: Channel, settings: Settings) -> Way | None:
    """Return a vendor's way whether it is on or off; None while something is missing."""
    row = db.session.scalar(select(ChannelSetting).where(ChannelSetting.channel == channel))
    return _vendor(row, settings) if row else None


def _vendor(row: ChannelSetting, settings: Settings) -> Way | None:
    made_of = (row.uid, row.version, settings.vendor_urls.get(row.channel.value))
    if row.channel in _kept and _kept[row.channel][0] == made_of:
        return _kept[row.channel][1]
    try:
        known = opened(row)
    except Unreadable:
        log.error("secrets of a channel cannot be opened", channel=row.channel.value)
        return None
    if not complete(row.channel, known):
        return None
    way = made(Account(row.channel, known, settings.vendor_urls.get(row.channel.value, "")))
    _kept[row.channel] = (made_of, way)
    return way


def opened(row: ChannelSetting) -> dict[str, str]:
    """Return what is known of a vendor's account. Raises Unreadable."""
    if row.secrets is None:
        return {}
    return dict(json.loads(sealer().open(row.secrets, _place(row.uid))))


def _place(uid: str) -> str:
    return f"channel_settings.secrets/{uid}"


def set_secrets(channel: Channel, given: Mapping[str, str], *, by: Actor) -> None:
    """Keep what was typed of a vendor's account; what was left empty stays. Raises RuleBroken."""
    fresh = {name: given[name] for name in NEEDS[channel] if given.get(name)}
    if not fresh:
        raise RuleBroken(_("什么也没有填：留空的不变"))
    if "templates" in fresh:
        _readable(fresh["templates"])
    if not fresh.get("agent_id", "0").isdigit():
        raise RuleBroken(_("应用编号是数字"))
    with transaction() as session:
        row = _row(channel)
        try:
            known = opened(row) | fresh
        except Unreadable:
            known = fresh
        row.secrets = sealer().seal(json.dumps(known, ensure_ascii=False), _place(row.uid))
        row.version, row.set_at = row.version + 1, clock.now()
        row.enabled = row.enabled and complete(channel, known)
        session.flush()
        audit.record("channel_set", "channel", channel.value, by=by.id, fields=sorted(fresh))


def _readable(text: str) -> None:
    try:
        parsed(text)
    except ValueError as error:
        raise RuleBroken(_("模板的第 %(line)s 行看不懂", line=str(error))) from error


def switch(channel: Channel, *, enabled: bool, by: Actor) -> None:
    """Let messages go out by a channel, or no more. Raises RuleBroken."""
    with transaction():
        row = _row(channel)
        try:
            known = opened(row)
        except Unreadable as error:
            raise RuleBroken(_("原来填的打不开了，请全部重新填写")) from error
        if enabled and not complete(channel, known):
            raise RuleBroken(_("还有没填的，填齐了才能开启"))
        row.enabled, row.set_at = enabled, clock.now()
        action = "channel_opened" if enabled else "channel_closed"
        audit.record(action, "channel", channel.value, by=by.id)


def new_receipt_secret(channel: Channel, *, by: Actor) -> str:
    """Return the secret of a new address for a vendor's receipts; the old one is void."""
    secret = ids.token()
    with transaction():
        _row(channel).receipt_hash = ids.digest(secret)
        audit.record("channel_receipts_set", "channel", channel.value, by=by.id)
    return secret


def try_out(way: Way, outgoing: Outgoing, *, by: Actor) -> Sent:
    """Send a message to oneself, outside of any transaction, and keep how it went.

    Raises TooMany.
    """
    spend(TESTS.of(str(by.id)))
    sent = way.send(outgoing)
    with transaction() as session:
        session.execute(
            update(ChannelSetting)
            .where(ChannelSetting.channel == way.channel)
            .values(tested_at=clock.now(), tested=sent.outcome, tested_code=sent.code[:60])
        )
        audit.record("channel_tried", "channel", way.channel.value, by=by.id)
    return sent


def _row(channel: Channel) -> ChannelSetting:
    """Return the row of a vendor, made by whoever comes first, locked until the commit."""
    with transaction() as session:
        insert_once(
            ChannelSetting,
            uid=ids.uid(),
            channel=channel,
            enabled=False,
            version=1,
            set_at=clock.now(),
            tested_code="",
        )
        return session.scalars(
            select(ChannelSetting).where(ChannelSetting.channel == channel).with_for_update()
        ).one()
