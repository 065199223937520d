"""Children's files and consent, as rules. Nothing here reads a clock or a database."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


class AgeBand(StrEnum):
    """An age in bands, never a birthday; the bounds are those the rules ask for (8, 14, 16)."""

    A0_2 = "0-2"
    A3_5 = "3-5"
    A6_7 = "6-7"
    A8_10 = "8-10"
    A11_13 = "11-13"
    A14_15 = "14-15"
    A16_17 = "16-17"

    @property
    def signs_too(self) -> bool:
        """From 14 on the child's own signature is asked for as well (domain.md §0.6)."""
        return self in {AgeBand.A14_15, AgeBand.A16_17}


class Category(StrEnum):
    """Why a child is on file (domain.md §2.5); never shown to volunteers or the public."""

    LEFT_BEHIND = "left_behind"
    IN_DIFFICULTY = "in_difficulty"
    ORPHAN = "orphan"
    DE_FACTO_UNSUPPORTED = "de_facto_unsupported"
    MIGRANT = "migrant"


class Risk(StrEnum):
    LOW = "low"
    MID_LOW = "mid_low"
    MID_HIGH = "mid_high"
    HIGH = "high"


class NeedState(StrEnum):
    """Where a child's need stands (domain.md §5.2)."""

    REPORTED = "reported"
    VERIFIED = "verified"
    OPEN = "open"
    MATCHED = "matched"
    MET = "met"
    WITHDRAWN = "withdrawn"
    AGED_OUT = "aged_out"


CLOSED = frozenset({NeedState.MET, NeedState.WITHDRAWN, NeedState.AGED_OUT})


class Need(StrEnum):
    """What a child can be helped with; a fixed list, so that nobody writes a story (§0.1)."""

    HOMEWORK = "homework"
    READING = "reading"
    SPORTS = "sports"
    ART = "art"
    COMPANY = "company"
    SAFETY = "safety"
    ONLINE_HABITS = "online_habits"
    WARM_CLOTHES = "warm_clothes"
    CAREER = "career"
    FAMILY_CALL = "family_call"


class Step(StrEnum):
    """Where files stand as those see it who have to do something about them."""

    TO_VERIFY = "to_verify"
    SENT_BACK = "sent_back"
    TO_OPEN = "to_open"
    OPEN = "open"
    MATCHED = "matched"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A time of every week, in minutes after midnight; Monday is 0."""

    weekday: int
    start: int
    end: int

    def touches(self, other: "Stretch") -> bool:
        same_day = self.weekday == other.weekday
        return same_day and self.start < other.end and other.start < self.end


PARTS = ((9 * 60, 12 * 60), (13 * 60 + 30, 16 * 60 + 30), (16 * 60 + 30, 18 * 60))
CELLS = tuple(Stretch(weekday, *part) for weekday in range(7) for part in PARTS)
"""The parts of a week that a form offers."""


def ticked(times: Iterable[Stretch]) -> frozenset[int]:
    """Return which cells of the week the times touch."""
    return frozenset(
        index for time in times for index, cell in enumerate(CELLS) if cell.touches(time)
    )


def merged(chosen: Collection[int], times: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the times after somebody has chosen cells: what is still chosen keeps its minutes."""
    kept = [time for time in times if ticked([time]) <= set(chosen)]
    new = set(chosen) - ticked(kept)
    return tuple(sorted([*kept, *(CELLS[index] for index in new)]))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says about a child."""

    girl: bool
    age_band: AgeBand
    category: Category
    risk: Risk
    boarding: bool
    needs: tuple[Need, ...]
    interests: str
    care_hint: str
    free: tuple[Stretch, ...]


CHECKED = frozenset({"girl", "age_band", "category", "risk"})
"""What the township has checked: once it has, the village does not change it alone."""


class Purpose(StrEnum):
    """What consent is given for, each by itself (domain.md §5.2)."""

    PAIRING = "pairing"
    SHARE_WITH_ORG = "share_with_org"
    ASSENT = "assent"
    PHOTO = "photo"
    PUBLICATION = "publication"


NEEDED_FOR_PAIRING = (Purpose.PAIRING, Purpose.SHARE_WITH_ORG, Purpose.ASSENT)


class ConsentState(StrEnum):
    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Signer(StrEnum):
    """Who says yes: a grandparent who cares is usually not the guardian (civil code 27)."""

    MOTHER = "mother"
    FATHER = "father"
    OTHER_GUARDIAN = "other_guardian"
    CIVIL_AFFAIRS = "civil_affairs"
    CHILD = "child"


class ConsentProof(StrEnum):
    PAPER = "paper"
    WITNESSED_CALL = "witnessed_call"
    ASKED_IN_PERSON = "asked_in_person"


WORDS = "禾麦谷豆枣梨杏桃柳松柏杨竹荷菊兰梅枫苗芽叶果米粟雨雪云星月溪泉石山川雀燕鹿兔羊鱼"
ALIAS = re.compile(f"小[{WORDS}][0-9]{{2}}")


def is_alias(text: str) -> bool:
    """Whether it is a word of nature and two digits, which cannot be anybody's name."""
    return ALIAS.fullmatch(text) is not None


class Finding(StrEnum):
    """What in a text could tell who a child is or lead to a private contact."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    ACCOUNT = "account"
    SCHOOL = "school"


GAP = r"[\s.\-—_·]*"
ID_NUMBER = re.compile(rf"(?<!\d)\d(?:{GAP}\d){{16}}{GAP}[\dXx](?!\d)")
PHONE = re.compile(
    rf"(?<!\d)1{GAP}[3-9](?:{GAP}\d){{9}}(?!\d)|(?<!\d)0\d{{2,3}}{GAP}\d{{7,8}}(?!\d)"
)
ACCOUNT = re.compile(
    r"(?:微信|QQ|扣扣|抖音|快手|[vV][xX])号?(?:是|为)?[:：\s]*[A-Za-z0-9_\-]{5,}", re.IGNORECASE
)
SCHOOL = re.compile(r"小学|中学|学校|幼儿园|初中|高中")
NUMBERED_SCHOOL = re.compile(
    r"[一-鿿]{2}[一二三四五六七八九十]中(?![一-鿿])|第[一二三四五六七八九十\d]+[小中]"
)
SCHOOL_CLASS = re.compile(
    r"[一二三四五六七八九\d]年级?\(?[一二三四五六七八九十\d]{1,2}\)?班|\([一二三四五六七八九十\d]{1,2}\)班"
)
BEFORE_ANY_SCHOOL = re.compile(
    r"(?:^|[^一-鿿]|[在上去读到的从是于回进爱欢怕离和与或念前后过升新好该本转完放像想入]"
    r"|寄宿|寄宿制|全日制|附近|家里)$"
)
"""What may stand before «学校» without making it a certain school's name."""


def identifying(text: str) -> tuple[Finding, ...]:
    """Return what the text gives away: the first line of defence, not the last (ux.md line 7)."""
    plain = unicodedata.normalize("NFKC", text)
    numbers = ID_NUMBER.search(plain)
    rest = ID_NUMBER.sub(" ", plain)
    found = {
        Finding.ID_NUMBER: numbers,
        Finding.PHONE: PHONE.search(rest),
        Finding.ACCOUNT: ACCOUNT.search(rest),
        Finding.SCHOOL: _names_a_school(rest),
    }
    return tuple(finding for finding, where in found.items() if where)


def _names_a_school(text: str) -> bool:
    if NUMBERED_SCHOOL.search(text) or SCHOOL_CLASS.search(text):
        return True
    befores = (text[max(0, found.start() - 4) : found.start()] for found in SCHOOL.finditer(text))
    return any(not BEFORE_ANY_SCHOOL.search(before) for before in befores)
