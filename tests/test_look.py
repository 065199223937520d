"""How tables stand on a phone, measured in a real browser with the site's own sheet."""

from playwright.sync_api import Browser as Chromium

from core import assets
from tests.test_house import ROOT

TABLE = """<!doctype html><html lang="en"><body><table class="data fold"><tbody><tr>
<th scope="row">A school</th>
<td class="r num" data-label="Students who count now">0</td>
<td data-label="Days"><span>28 Jun – 9 Jul 2027 <b class="tag warn">Expected</b></span></td>
<td data-label="Address"><span>http://127.0.0.1:8000/en/campaigns/a-long-name?from=abcdefg</span></td>
</tr></tbody></table></body></html>"""
LINES = "cell => cell.getBoundingClientRect().height"
ROOM = """cell => {
  const all = document.createRange();
  all.selectNodeContents(cell);
  return all.getBoundingClientRect().left - cell.getBoundingClientRect().left;
}"""


def test_on_a_phone_labels_stand_beside_what_they_name(chromium: Chromium) -> None:
    sheets = "\n".join((ROOT / "static" / name).read_text() for name in assets.SHEETS)
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    try:
        page.set_content(TABLE)
        page.add_style_tag(content=assets.lean(sheets))
        number, days, address = page.locator("td").all()
        assert number.evaluate(LINES) > 1.5 * days.evaluate(LINES), "the long label wraps"
        assert number.evaluate(ROOM) == days.evaluate(ROOM) > 80, "values stand in one column"
        assert address.evaluate("cell => cell.scrollWidth <= cell.clientWidth"), "it wraps"
        sideways = "document.documentElement.scrollWidth > 390"
        assert not page.evaluate(sideways)
    finally:
        page.close()
