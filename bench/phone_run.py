"""How long somebody with a phone needs from landing on a campaign's page to a held seat.

    .venv/bin/python bench/phone_run.py [http://HOST:PORT] [runs]

A real Chromium at 390 x 844 over a slow network (400 kbit/s, 400 ms there and back, as Chromium's
developer tools imitate it), a thumb that types a sign every 300 ms, and 1.5 s to read each screen.
By default seven runs on a site of its own with the small demonstration. It takes real seats: never
run it against a site that people use.
"""

import re
import statistics
import sys
import time

from figures import figure
from playwright.sync_api import Page, sync_playwright
from served import Visitor, site_at

KEY_MS, READ_MS = 300, 1500
KBITS, ROUND_TRIP_MS = 400, 400
MOST_SECONDS = 30.0


def slowly(page: Page) -> None:
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": KBITS * 1024 / 8,
            "uploadThroughput": KBITS * 1024 / 8,
        },
    )


def read(page: Page) -> None:
    page.wait_for_load_state()
    page.wait_for_timeout(READ_MS)


def sign_up(page: Page, slug: str, number: int) -> float:
    """Return the seconds from the address to the seat."""
    began = time.perf_counter()
    page.goto(f"/campaigns/{slug}")
    read(page)
    page.locator("main a[href$='/join']").first.tap()
    read(page)
    page.locator("main .actions a").first.tap()
    read(page)
    for name, text in (
        ("name", "李样例"), ("contact", f"154{number:08}"), ("org", "示例大学"),
    ):  # fmt: skip
        page.locator(f"[name={name}]").tap()
        page.locator(f"[name={name}]").press_sequentially(text, delay=KEY_MS)
    page.locator("[name=agree]").tap()
    page.locator("main form button[type=submit]").first.tap()
    page.wait_for_url("**/sign-ups/sent**")
    return time.perf_counter() - began


def main(address: str, runs: int) -> None:
    with site_at(address) as site, sync_playwright() as driver:
        listing = Visitor(site.addresses[0]).get("/campaigns").body.decode()
        found = re.search(r'href="/campaigns/([\w-]+)"', listing)
        if found is None:
            raise SystemExit("no campaign is public there")
        browser = driver.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        taken = []
        for run in range(runs):
            context = browser.new_context(
                viewport={"width": 390, "height": 844}, locale="zh-CN", is_mobile=True,
                has_touch=True, base_url=site.addresses[0],
            )  # fmt: skip
            page = context.new_page()
            slowly(page)
            taken.append(sign_up(page, found[1], time.time_ns() // 1000 % 10**7 * 10 + run))
            context.close()
        browser.close()
    print("seconds:", ", ".join(f"{one:.1f}" for one in sorted(taken)))
    figure("from landing to a held seat, median", statistics.median(taken), "s", most=MOST_SECONDS)


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if "://" in one]
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    main(given[0] if given else "", numbers[0] if numbers else 7)
