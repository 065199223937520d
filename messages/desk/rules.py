"""Invented values that the previews of texts are filled with."""

SAMPLES: dict[str, object] = {
    "again": True, "ahead": 3, "answer": {"person": 0, "minute": 0}, "approve": 1,
    "block": "b" * 22, "by": "2026-12-01 18:00", "campaign": "冬日暖阳行",
    "campaign_en": "Winter Sunshine", "centre": "榆次区未成年人救助保护中心", "claim": "c" * 22,
    "code": "W7K2", "county": "榆次区", "county_en": "Yuci", "due": "2027-01-31", "free": 3,
    "hours": 24, "item": "画笔一盒", "lapsed": 1, "late": 2, "name": "样例", "number": "V000123",
    "org": "示范学院",
    "org_en": "Sample College", "own": True, "place": "社区活动室", "sealed": "",
    "sign_up": "s" * 22, "student_mail": "m" * 22, "team": "暖阳一组", "uid": "u" * 22,
    "unconfirmed": 2, "until": "2026-12-06 20:00", "when": "2026-12-05 10:00–12:00", "year": 2026,
}  # fmt: skip
SECRET = "x" * 43
"""What stands for the secret in a link of a preview."""
