import random
from datetime import timedelta
from tests.builders.children import a_consented_child, a_child, consented
from tests.builders.volunteers import a_team, an_active_volunteer
from tests.builders.pairings import a_pairing
from tests.test_axe import Onlooker
from tests.test_matrix import Caller
from children.rules import *
from pairings.rules import Stage
from volunteers.rules import Sex
from core import clock
from core.db import db, transaction
class C:
    def __init__(self, client): self.client = client
def test_x(coordinator, village, county, child, made, chromium):
    r = random.Random(3); today = clock.today()
    risks = list(Risk); needs=[n.value for n in Need]
    for n in range(38):
        a_consented_child(village, risk=r.choice(risks), needs=r.sample(needs, r.randint(1,3)), open_since=today-timedelta(days=r.randint(1,120)), girl=r.random()<.5)
    consented(a_child(village), but=Purpose.ASSENT)
    for n in range(16): a_team(county, members=[an_active_volunteer(county, sex=Sex.FEMALE if n%3 else Sex.MALE, skills=r.sample(["homework","reading","sports","art"],2), capacity=2) for _ in "ab"])
    for st in (Stage.ACTIVE, Stage.PAUSED, Stage.RENEWING, Stage.ENDING, Stage.APPROVED):
        a_pairing(a_consented_child(village, state=NeedState.MATCHED), a_team(county), stage=st)
    a_pairing(a_consented_child(village, state=NeedState.MATCHED), a_team(county), stage=Stage.ACTIVE, ends_on=today+timedelta(days=10))
    o = Onlooker(chromium); o.caller = C(coordinator.client)
    def shot(name, url, lang="", widths=(390,1440)):
        o.window.goto(lang+url)
        for w in widths:
            o.window.set_viewport_size({"width":w,"height":900})
            o.window.screenshot(path=f"/tmp/shots/{name}_{w}.png", full_page=True)
    import os; os.makedirs("/tmp/shots", exist_ok=True)
    shot("board_norun","/board", widths=(1440,))
    made()
    shot("board","/board"); shot("board_en","/board?need=reading","/en")
    page = coordinator.get("/board")
    kids = [str(a["href"]) for a in page.soup.select(".kids a.kid")]
    nobody = None
    for k in kids:
        p = coordinator.get(k)
        if "为什么还没有人" in p.text: nobody = k
    shot("kid", kids[0]); shot("kid_en", kids[3], "/en")
    if nobody: shot("nobody", nobody)
    p = coordinator.get(kids[0])
    teams = [str(i["value"]) for i in p.soup.select("input[name=team]")]
    shot("compare", kids[0]+f"/compare?team={teams[0]}&team={teams[1]}")
    shot("choose", kids[0]+f"/choose?team={teams[0]}")
    shot("proposals","/board/proposals"); shot("proposals_en","/board/proposals","/en", (390,))
    shot("teams","/board/teams")
    t = coordinator.get("/board/teams").soup.select("a.kid")[0]["href"]
    shot("team", str(t))
    o.window.emulate_media(media="print"); o.window.goto(kids[0]); o.window.set_viewport_size({"width":794,"height":1123}); o.window.screenshot(path="/tmp/shots/print.png", full_page=True)
