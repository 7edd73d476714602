"""Signing in end to end: a real browser, a real OpenID Connect provider on this machine, our staff list."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import staff
from ledger.postgres.conf import free_port
from tests.browser.server import open_page, running, settled, wait_until_served

PEOPLE = {
    "ada": {"email": "ada@example.com", "email_verified": True},
    "vic": {"email": "vic@example.com", "email_verified": True},
    "eve": {"email": "eve@example.com", "email_verified": True},
    "mallory": {"email": "mona@example.com", "email_verified": False},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of an identity provider that knows four people; one claims an address that is not hers."""
    port = free_port(preferred=0)
    people = [
        part
        for name, claims in PEOPLE.items()
        for part in ("--user-claims", json.dumps({"sub": name, **claims}))
    ]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *people],
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until_served(process, port, ".well-known/openid-configuration")
    yield f"http://localhost:{port}"
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def company(shared: Engine) -> Engine:
    """Ada and Mona are administrators, Vic looks at metrics, Eve is not on the list; there is one customer."""
    with writing(shared) as db:
        for email, role in (("ada", "admin"), ("mona", "admin"), ("vic", "viewer")):
            staff.add_staff(db, f"{email}@example.com", role=role, actor="test", at=present())
        ledger.create_workspace(
            db, "acme", name="Acme Studio", owner_email="owner@acme.example", actor="test", at=present()
        )
    return shared


@pytest.fixture(scope="module")
def address(company: Engine, provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard that signs people in by this provider."""
    port = free_port(preferred=0)
    secrets = _secrets(tmp_path_factory.mktemp("secrets"), provider, port)
    with running(company, "--secrets", secrets, port=port):
        yield f"http://localhost:{port}"


def _secrets(folder: Path, provider: str, port: int) -> str:
    file = folder / "secrets.toml"
    file.write_text(
        "[auth]\n"
        f'redirect_uri = "http://localhost:{port}/oauth2callback"\n'
        f'cookie_secret = "{"a test secret of its own " * 2}"\n'
        'client_id = "minutes"\nclient_secret = "made up"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n'
    )
    return str(file)


def _sign_in(page: Page, name: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=name, exact=True).click()


def test_staff_sign_in_come_back_to_their_page_and_lose_it_when_they_are_deactivated(
    company: Engine, address: str, page: Page
) -> None:
    open_page(page, f"{address}/workspace?id=acme")
    expect(page.get_by_text("Sign in to see balances")).to_be_visible()
    expect(page.get_by_text("Acme Studio")).to_have_count(0)

    _sign_in(page, "ada")
    expect(page.get_by_role("heading", name="Acme Studio")).to_be_visible()
    expect(page.get_by_text("ada · admin")).to_be_visible()
    settled(page)

    with writing(company) as db:
        staff.disable_staff(db, "ada@example.com", at=present())
    page.get_by_role("tab", name="Activity").click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(page.get_by_role("heading", name="Acme Studio")).to_have_count(0)
    _sign_in(page, "ada")
    expect(page.get_by_text("is not on the staff list")).to_be_visible()
    expect(page.get_by_role("heading", name="Acme Studio")).to_have_count(0)


def test_a_role_without_the_permission_sees_it_denied_also_by_address(address: str, page: Page) -> None:
    open_page(page, f"{address}/workspace?id=acme")
    _sign_in(page, "vic")

    expect(page.get_by_text("You don't have access")).to_be_visible()
    expect(page.get_by_text("Acme Studio")).to_have_count(0)
    expect(page.get_by_role("link", name="Staff and keys")).to_have_count(0)

    settled(page).get_by_role("button", name="vic").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="End session").click()
    open_page(page, f"{address}/workspace?id=acme")
    expect(page.get_by_text("Sign in to see balances")).to_be_visible()


def test_a_copied_cookie_dies_with_the_session_and_a_download_needs_one(
    company: Engine, address: str, browser: Browser, page: Page
) -> None:
    with writing(company) as db:
        staff.add_staff(db, "ada@example.com", role="admin", actor="test", at=present())
    open_page(page, f"{address}/staff?tab=sessions")
    _sign_in(page, "ada")
    expect(page.get_by_role("tab", name="Sign-ins")).to_be_visible()
    expect(settled(page).get_by_text("A session ends twelve hours after the sign-in")).to_be_visible()
    thief = browser.new_context()
    thief.add_cookies(page.context.cookies())
    copied = thief.new_page()
    open_page(copied, f"{address}/workspace?id=acme")
    expect(copied.get_by_role("heading", name="Acme Studio")).to_be_visible()
    saved = page.context.request.get(f"{address}/media/0123.csv")
    assert saved.status == 404, "a session may ask"

    settled(page).get_by_role("button", name="ada").click()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("button", name="End session")).to_be_visible()

    copied.get_by_role("tab", name="Activity").click()
    expect(copied.get_by_text("Your session has ended")).to_be_visible()
    expect(copied.get_by_role("heading", name="Acme Studio")).to_have_count(0)
    open_page(copied, f"{address}/workspace?id=acme")
    expect(copied.get_by_text("Sign in to see balances")).to_be_visible()
    assert thief.request.get(f"{address}/media/0123.csv").status == 403
    thief.close()


@pytest.mark.parametrize("name", ["eve", "mallory"])
def test_strangers_and_unverified_addresses_get_nowhere(
    company: Engine, address: str, page: Page, name: str
) -> None:
    open_page(page, f"{address}/workspace?id=acme")
    _sign_in(page, name)

    expect(page.get_by_text("is not on the staff list")).to_be_visible()
    expect(page.get_by_text("Acme Studio")).to_have_count(0)

    with reading(company) as db:
        signed_in = {row.email for row in staff.list_staff(db) if row.subject}
    assert signed_in <= {"ada@example.com", "vic@example.com"}
