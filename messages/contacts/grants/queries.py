"""What WeChat's page has to be told of our account."""

from sqlalchemy import select

from core.crypto import Unreadable
from core.db import db
from messages.channels.models import ChannelSetting
from messages.channels.services import opened
from messages.rules import Channel


def account() -> dict[str, str] | None:
    """Return what is known of the service account; None while the channel is off."""
    row = db.session.scalar(
        select(ChannelSetting).where(
            ChannelSetting.channel == Channel.WECHAT, ChannelSetting.enabled
        )
    )
    try:
        return opened(row) if row else None
    except Unreadable:
        return None
