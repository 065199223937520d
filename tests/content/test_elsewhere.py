"""Nobody is led elsewhere: not by an address, not by a host name, not by another site's page."""

from urllib.parse import quote, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from accounts.rules import Role
from app import create_app
from core.access import own_page
from core.config import Settings
from core.hosts import absolute, names_of
from pairings.rules import Stage
from tests.browser import Browser
from tests.builders.pairings import a_pairing
from tests.builders.people import PASSWORD, a_member_of_staff
from tests.builders.visits import a_visit, an_escort
from tests.conftest import BrowseAs, settings_for

LEADING_AWAY = (
    "https://evil.example",
    "http://evil.example/audit",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example/audit",
    "//evil.example/audit",
    "//localhost@evil.example/audit",
    "https://localhost@evil.example/audit",
    "https://localhost:80@evil.example/audit",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/audit\\@evil.example",
    "/%5Cevil.example",
    "/%255Cevil.example",
    "/%2Fevil.example",
    "/%252Fevil.example",
    "/%2F%2Fevil.example",
    "/.//evil.example",
    "/audit/..//evil.example",
    "/audit/../..//evil.example",
    "/%2E%2E//evil.example",
    "/en//evil.example",
    "/en/%2Fevil.example",
    "/en/\\evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n//evil.example",
    " //evil.example",
    "/%09/evil.example",
    "/audit%0d%0aLocation:%20https://evil.example",
    "/audit\r\nLocation: https://evil.example",
    "/audit%00//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//audit",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "/／evil.example",
    "／／evil.example",
    "。。//evil.example",
    "//evil。example",
    "//[::1]/audit",
    "//①②⑦.0.0.1/audit",
    "?next=//evil.example",
    "#//evil.example",
    "@evil.example",
    ".evil.example",
    "/nowhere",
    "/sign-out",
    "/audit?" + "a" * 5000,
    "",
    "null",
)


@pytest.mark.parametrize("target", LEADING_AWAY)
def test_nobody_is_led_elsewhere_after_signing_in(visitor: Browser, target: str) -> None:
    a_member_of_staff(Role.AUDITOR, email="deep@example.org")
    where = f"/sign-in?next={quote(target, safe='')}"
    page = visitor.get(where)
    assert all(
        urlsplit(link).netloc in {"", "www.baidu.com"} and not link.startswith(("//", "/\\"))
        for link in page.links()
    )

    sent = page.form("/sign-in") | {"login": "deep@example.org", "password": PASSWORD}
    answer = visitor.client.post(str(page.soup.select_one("form.form")["action"]), data=sent)  # type: ignore[index]  # is there

    assert (answer.status_code, answer.headers["Location"]) == (302, "/home")


@pytest.mark.parametrize("target", LEADING_AWAY)
def test_whoever_is_signed_in_is_not_led_elsewhere_either(browse_as: BrowseAs, target: str) -> None:
    browser = browse_as(a_member_of_staff(Role.AUDITOR))

    answer = browser.client.get(f"/sign-in?next={quote(target, safe='')}")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/home")


@pytest.mark.parametrize(
    "target", ["/audit", "/en/audit", "/audit?action=look&after=x%2Fy", "/campaigns/冬天", "/"]
)
def test_a_page_of_ours_is_come_back_to(app: Flask, target: str) -> None:
    asked = quote(target, safe="/?&=%")
    with app.test_request_context("/"):
        assert own_page(asked) == asked


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/%5Cevil.example", "/en//evil.example", "/en/%5C%5Cevil.example"]
)
def test_the_page_that_does_not_exist_links_to_no_other_site(app: Flask, path: str) -> None:
    answer = app.test_client().get("http://localhost" + path)

    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    links = [str(one["href"]) for one in page.select("[href]")]
    assert answer.status_code == 404
    assert len(links) > 10
    assert not [link for link in links if link.startswith(("//", "/\\", "http"))]


# --- host names ----------------------------------------------------------------------------

FOREIGN_HOSTS = (
    "evil.example", "localhost.evil.example", "evil.example:80", "localhost@evil.example",
    "evil.example@localhost", "", "localhost evil.example", "[::2]", "127.0.0.1.evil.example",
)  # fmt: skip


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_under_another_name_there_is_only_a_plain_page(app: Flask, host: str) -> None:
    answer = app.test_client().get("/sign-in", headers={"Host": host})

    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "12345" in text
    assert "<form" not in text
    assert "evil" not in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_a_site_behind_a_proxy_answers_to_its_machines_own_names(app: Flask, host: str) -> None:
    assert app.test_client().get("/healthz", headers={"Host": host}).status_code != 400


def test_a_site_answers_to_its_address_and_the_names_it_was_given(tmp_path: object) -> None:
    settings = settings_for(
        tmp_path,  # type: ignore[arg-type]  # a path
        site_url="https://Tongxing.example:8443", hosts=("tx.example",), host="0.0.0.0",  # noqa: S104
    )  # fmt: skip
    assert names_of(settings) == {"tongxing.example", "tx.example"}


def test_the_other_names_of_a_site_come_from_the_environment(tmp_path: object) -> None:
    home = tmp_path / "home"  # type: ignore[operator]  # a path
    given = Settings.from_env(home, {"TONGXING_HOSTS": "tx.example, [::1] ,"})
    assert given.hosts == ("tx.example", "[::1]")


def test_the_calendar_entry_of_a_visit_leads_to_the_configured_address(
    browse_as: BrowseAs, app: Flask
) -> None:
    pairing = a_pairing(stage=Stage.SCHEDULED_INTRO)
    escort = an_escort(pairing)
    visit = a_visit(pairing, escort_id=escort)
    browser = browse_as(escort)

    answer = browser.client.get(f"/visits/{visit.uid}.ics", headers={"Host": "localhost:4444"})

    text = answer.get_data(as_text=True).replace("\r\n ", "")
    assert f"http://localhost/visits/{visit.uid}" in text
    assert "4444" not in text
    with app.test_request_context("/", base_url="http://evil.example/en"):
        assert absolute("accounts.sign_in") == "http://localhost/en/sign-in"


# --- other sites' pages --------------------------------------------------------------------


@pytest.mark.parametrize("where", ["cross-site", "same-site"])
def test_what_another_sites_page_sends_is_refused_even_with_the_token(
    visitor: Browser, where: str
) -> None:
    a_member_of_staff(Role.AUDITOR, email="deep@example.org")
    sent = visitor.get("/sign-in").form("/sign-in")
    sent |= {"login": "deep@example.org", "password": PASSWORD}

    refused = visitor.client.post("/sign-in", data=sent, headers={"Sec-Fetch-Site": where})
    assert refused.status_code == 400

    taken = visitor.client.post("/sign-in", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert taken.status_code == 302


def test_a_link_from_another_site_opens_a_page(visitor: Browser) -> None:
    visitor.get("/campaigns", headers={"Sec-Fetch-Site": "cross-site"})


# --- headers -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/static/app.css", "/audit"])
def test_every_answer_carries_every_header(app: Flask, path: str) -> None:
    with app.test_client().get(path) as answer:
        headers = answer.headers

    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    assert path.startswith("/static") or "Cookie" in headers["Vary"]


def test_a_site_with_tls_says_that_there_is_no_way_without(tmp_path: object) -> None:
    site = create_app(settings_for(tmp_path, site_url="https://localhost"))  # type: ignore[arg-type]  # a path

    with site.test_client().get("/static/app.css", base_url="https://localhost") as answer:
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


# --- what went wrong -----------------------------------------------------------------------


def test_a_page_about_what_went_wrong_says_what_to_do(visitor: Browser, app: Flask) -> None:
    assert visitor.get("/nowhere", status=404).heading == "没有这个页面"
    assert visitor.get("/sign-out", status=405).heading == "这个地址不能这样打开"
    too_much = visitor.client.post("/sign-in", data={"login": "长" * 1_000_000})
    assert too_much.status_code == 413
    assert "请缩小文件或缩短文字" in too_much.get_data(as_text=True)
    assert visitor.client.post("/sign-in", data={}).status_code == 400
