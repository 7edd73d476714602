"""docs/payments.md: its examples run, and its lists are those of the code."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.api import ROOMS
from dashboard.portal.answers import POLICY
from dashboard.portal.routes import router as portal_router
from ledger.command_line import read
from ledger.payments.billing_start import BillingStart
from ledger.payments.plan_minutes import KnownPrice, Trial, minutes_of_invoice
from ledger.settings import Settings
from ledger.stripe_gateway.client import API_VERSION
from ledger.stripe_gateway.gateway import StripeGateway
from ledger.webhooks.handlers import HANDLERS
from tests.databases import CHECKOUT
from tests.ledger.payments.test_plan_minutes import invoice, line

DOCUMENT = (CHECKOUT / "docs" / "payments.md").read_text()
ROW = re.compile(r"^\| ([^|]+) \| (\d+) \| (\d+) \| (\d+) \| (\d*) \| (\d*) \| (\d+) \|$", re.MULTILINE)
VERBS = "create|update|retrieve|list|cancel|confirm|capture|pay|attach|detach|expire"
CALL = re.compile(rf"_client\.v1\.([a-z_.]+)\.({VERBS})\b")
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("row", ROW.findall(DOCUMENT), ids=lambda row: row[0].strip())
def test_every_worked_example_is_what_the_rules_give(row: tuple[str, ...]) -> None:
    _, plan, quantity, months, covered, full, minutes = row
    price = KnownPrice(plan="plan", billing_cycle="monthly", month_minutes=int(plan), months=int(months))
    end = BEGIN + timedelta(seconds=int(full or 2678400))
    begin = end - timedelta(seconds=int(covered)) if covered else BEGIN

    result = minutes_of_invoice(
        invoice(
            line("price", quantity=int(quantity), proration=bool(covered), period_start=begin, period_end=end)
        ),
        {"price": price},
        periods=[(BEGIN, end)],
        trial=Trial(),
        start=BillingStart(starts_at=BEGIN - timedelta(days=9)),
    )

    assert [each.minutes for each in result.lines] == [int(minutes)]


def test_the_examples_the_events_and_the_version_are_those_of_the_code() -> None:
    events = re.search(r"<!-- events -->(.*?)<!-- /events -->", DOCUMENT, re.DOTALL)

    assert len(ROW.findall(DOCUMENT)) == 7
    assert events
    assert re.findall(r"`([a-z_.]+)`", events[1]) == sorted(HANDLERS)
    assert f"`{API_VERSION}`" in DOCUMENT


def test_a_restricted_key_needs_exactly_what_the_gateway_calls() -> None:
    needs: dict[str, str] = {}
    for path in Path(CHECKOUT / "ledger" / "stripe_gateway").glob("*.py"):
        if "simulation" in path.name:
            continue
        for resource, verb in CALL.findall(path.read_text()):
            reads = verb in ("retrieve", "list") and needs.get(resource) != "write"
            needs[resource] = "read" if reads else "write"

    assert dict(re.findall(r"^\| `([a-z_.]+)` \| (read|write) \|$", DOCUMENT, re.MULTILINE)) == needs


def test_the_commands_of_moving_in_are_those_that_there_are() -> None:
    commands = re.findall(r"`(stripe [a-z-]+[^`]*)`", DOCUMENT)

    assert len(commands) >= 8
    for command in commands:
        words = re.sub(r"\[[^]]*\]", "", command).replace(" T", " 2026-03-01T00:00Z").split()
        cycled = [
            "annual" if word == "C" and words[n - 1] == "--cycle" else word for n, word in enumerate(words)
        ]
        assert read(cycled).command == "stripe"


def test_the_paths_of_moving_in_are_those_of_the_interface() -> None:
    paths = set(re.findall(r"`(GET|PUT|POST) (/api/[a-z_/{}-]+)`", DOCUMENT))
    served = {
        (method, route.path)
        for room in ROOMS
        for route in room.router.routes
        for method in getattr(route, "methods", None) or ()
    }

    assert len(paths) >= 9
    assert paths <= served


def test_customers_come_back_to_the_addresses_that_the_document_names() -> None:
    settings = Settings(
        data_dir=Path(".data"), stripe_api_key="sk_test_1", public_url="https://minutes.example.com"
    )
    gateway = StripeGateway(settings, "stripe_test", None, "https://api.stripe.com")
    named = re.findall(r"\| `PUBLIC_URL(?:` \+ `)?(/[^`]+)` \|", DOCUMENT)

    assert named[0] == gateway.return_url.removeprefix("https://minutes.example.com")
    assert named[1] in {route.path for route in portal_router.routes}
    gateway.close()


def test_no_page_of_ours_shows_elements_and_the_pages_that_do_are_the_ones_the_document_names() -> None:
    section = DOCUMENT.split("Where customers come back to")[1].split("\n## ")[0]
    sends = POLICY.split("form-action")[1].split(";")[0]
    files = [each for each in (CHECKOUT / "dashboard").rglob("*") if each.suffix in (".py", ".html", ".js")]

    assert set(re.findall(r"`([a-z]+\.stripe\.com)`", section)) == set(
        re.findall(r"https://([a-z]+\.stripe\.com)", sends)
    )
    assert len(files) > 100
    assert [each for each in files if "js.stripe.com" in each.read_text()] == []
    assert [row[-1] for row in re.findall(r"^\|(.*)\|(.*)\|(.*)\|$", section, re.MULTILINE)[2:4]] == [
        " none "
    ] * 2
