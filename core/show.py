"""How moments, days and devices look on a page: template filters."""

import re
from datetime import date, datetime, timedelta

import flask_babel
from flask import Flask
from markupsafe import Markup, escape

from core import clock
from core.i18n import _, in_english
from core.zone import CHINA

WEEKDAYS = "一二三四五六日"
BROWSERS = ("MicroMessenger", "Edg", "Firefox", "Chrome", "Safari")
ISO_DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)", re.ASCII)
LINK = re.compile(r"https?://\S+")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")


def day(value: date | datetime) -> str:
    """Return a day with its weekday: 2026年11月24日 周二, Tue 24 Nov 2026."""
    if isinstance(value, datetime):
        value = value.astimezone(CHINA).date()
    if in_english():
        return f"{flask_babel.format_date(value, 'EEE')} {plain_day(value)}"
    return f"{plain_day(value)} 周{WEEKDAYS[value.weekday()]}"


def plain_day(value: date) -> str:
    """Return a day as documents write it: 2026年11月24日, 24 Nov 2026."""
    if in_english():
        return f"{flask_babel.format_date(value, 'd MMM y')}"
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """Return a day and time in China, the day in words when it is near."""
    local = value.astimezone(CHINA)
    away = (local.date() - clock.today()).days
    near = {-1: _("昨天"), 0: _("今天"), 1: _("明天")}.get(away)
    return f"{near or day(local)} {local:%H:%M}"


def second(value: datetime) -> str:
    """Return a day and time to the second, for what proves how fast something was."""
    return f"{moment(value)}:{value.astimezone(CHINA):%S}"


def span(value: tuple[datetime, datetime]) -> str:
    """Return a stretch of one day: its day, then from–to."""
    start, end = (one.astimezone(CHINA) for one in value)
    return f"{moment(start)}–{end:%H:%M}"


def hours(minutes: int) -> str:
    """Return minutes as hours with at most one decimal: 1.5."""
    return f"{minutes / 60:.1f}".removesuffix(".0")


def device(agent: str) -> str:
    """Return what a browser calls itself in two words people know."""
    browser = next((name for name in BROWSERS if name in agent), "")
    system = next((name for name in SYSTEMS if name in agent), "")
    known = {"MicroMessenger": _("微信"), "Edg": "Edge"}.get(browser, browser)
    return " · ".join(part for part in (known, system) if part) or _("未知设备")


def duration(value: timedelta) -> str:
    """Return a length of time in the largest unit that fits."""
    seconds = int(value.total_seconds())
    if seconds >= 2 * 86400:
        return _("%(n)d 天", n=seconds // 86400)
    if seconds >= 2 * 3600:
        return _("%(n)d 小时", n=seconds // 3600)
    return _("%(n)d 分钟", n=max(1, seconds // 60))


def kept(text: object) -> Markup:
    """Return a text whose days, like 2026-11-24, are not broken at a line's end."""
    return Markup(ISO_DAY.sub(r"<time>\g<0></time>", str(escape(text))))  # noqa: S704 - escaped


def listed(value: object) -> object:
    """Return several values as a line of them, none as a dash, and one as it is."""
    return (", ".join(map(str, value)) or "—") if isinstance(value, list | tuple) else value


def is_link(text: str) -> bool:
    """Whether a line is an address and nothing else."""
    return bool(LINK.fullmatch(text.strip()))


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        day=day, moment=moment, second=second, span=span, hours=hours, device=device,
        duration=duration, kept=kept, listed=listed,
    )  # fmt: skip
    app.jinja_env.tests["link"] = is_link
