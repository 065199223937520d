"""People who walk the site in a real browser: each with a browser window of their own."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.servers import ServerMissing
from tests.sites import RunningSite

QUIET = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic",
)  # fmt: skip
PATIENCE = 15_000


def chromium() -> str:
    """Return the path of an installed Chromium. Raises ServerMissing."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise ServerMissing("Chromium is not installed: apt-get install chromium fonts-noto-cjk")


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Run a real Chromium until the block ends."""
    path = chromium()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Walker:
    """Somebody at a screen of a certain width; whatever the console says is an error."""

    site: RunningSite
    browser: Browser
    width: int
    login: str = ""
    password: str = ""
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        context = self.browser.new_context(
            viewport={"width": self.width, "height": 900}, locale="zh-CN", base_url=self.site.url
        )
        context.set_default_timeout(PATIENCE)
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def open(self, path: str) -> None:
        """Go to an address; signed out meanwhile, sign in again and go on."""
        self.page.goto(path)
        if "/sign-in" in self.page.url and self.login:
            self._sign_in()
        self.look()

    def _sign_in(self) -> None:
        self.page.fill("[name=login]", self.login)
        self.page.fill("[name=password]", self.password)
        with self.page.expect_navigation():
            self.page.click("main form button[type=submit]")
        shown = self.page.locator("[data-demo-code]")
        if shown.count():
            self.page.fill("[name=code]", shown.inner_text())
            with self.page.expect_navigation():
                self.page.click("main form button[type=submit]")

    def press(self, name: str) -> None:
        """Press the button or follow the link that says this; the page may be long."""
        target = self.page.get_by_role("main").get_by_role("button", name=name, exact=True)
        if not target.count():
            target = self.page.get_by_role("main").get_by_role("link", name=name, exact=True)
        self.go(target.first)

    def submit(self) -> None:
        """Send the last form on the page: the one that is the page's purpose."""
        self.go(self.page.locator("main form button[type=submit]:not([data-draft-button])").last)

    def go(self, target: Locator) -> None:
        """Click what leads to another page, and look at that page once it is there."""
        with self.page.expect_navigation():
            target.click()
        self.look()

    def follow(self, part: str) -> None:
        """Follow the first link on the page whose text has this part."""
        self.go(self.page.get_by_role("main").get_by_role("link").filter(has_text=part).first)

    def fill(self, **values: str) -> None:
        """Fill fields by name: a list of choices takes one, the others the text."""
        for name, value in values.items():
            control = self.page.locator(f"main [name={name}]").first
            if control.evaluate("one => one.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)

    def tick(self, *pairs: tuple[str, str]) -> None:
        """Tick boxes and circles by name and value."""
        for name, value in pairs:
            self.page.locator(f'main input[name="{name}"][value="{value}"]').check()

    def look(self) -> None:
        """Hold what is on the screen to what every page promises."""
        page = self.page
        sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(sideways), f"{page.url} scrolls sideways at {self.width}"
        assert self.said == [], f"{page.url}: {self.said}"
        assert page.locator("h1").count() == 1, page.url

    def sees(self, text: str) -> bool:
        return text in self.page.locator("main").inner_text()

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()


def wait_for(found: Callable[[], bool], what: str) -> None:
    """Wait up to twenty seconds until the site has done something by itself."""
    for _turn in range(200):
        if found():
            return
        threading.Event().wait(0.1)
    raise AssertionError(f"waited in vain for {what}")


def link_in(mail: EmailMessage, site: RunningSite) -> str:
    """Return the path of the first link to the site in a mail."""
    found = re.search(re.escape(site.url) + r"(/\S+)", mail.get_content())
    assert found, mail.get_content()
    return found[1]
