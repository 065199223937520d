"""Where the day begins: everything here happens in China, which keeps one time all year."""

from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
