"""Paying on the customer's page with the saved card, the bank's question, and Stripe's billing portal, without scripts."""

import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

import ledger
from dashboard.clock import present
from dashboard.installation import current
from ledger.payments.customers import ensure_customer
from ledger.payments.portal import open_portal
from ledger.payments.subscriptions import sync_subscription
from tests.dashboard.api_server import Api
from tests.dashboard.portal.test_routes import opened, submit, text_of
from tests.shop import open_shop
from tests.subscriber import publish_plans, subscribes


def saves(api: Api, workspace_id: str, method: str = "pm_card_visa") -> None:
    gateway = current().gateway()
    gateway.set_payment_method(ensure_customer(api.engine, gateway, workspace_id) or "", method)


def offers(url: str) -> requests.Response:
    return requests.get(f"{url}?buy=1", timeout=60)


def pays_by_card(url: str, package: str = "small") -> requests.Response:
    page = offers(url)
    label = re.findall(rf'value="{package}">(Buy for [^<]+)<', page.text)[0]
    return submit(page, label, pay="card")


def bought(api: Api, workspace_id: str) -> list[tuple[str, int]]:
    items = api.get("/extra-minutes/purchases", workspace_id=workspace_id).json()["items"]
    return [(each["status"], each["minutes"]) for each in items]


def link_of(page: requests.Response, text: str) -> str:
    (address,) = re.findall(rf'<a class="button" href="([^"]+)"[^>]*>{text}</a>', page.text)
    return str(address).replace("&amp;", "&")


def test_the_saved_card_is_offered_by_its_last_digits_and_pays_with_one_click(api: Api) -> None:
    acme, other = api.workspace(), api.workspace()
    saves(api, acme)
    url = opened(api, acme)
    assert "Visa ending 4242" in text_of(offers(url))
    assert "Pay with" not in text_of(offers(opened(api, other)))

    done = pays_by_card(url, "medium")

    assert "Paid. 150 minutes were added." in text_of(done)
    assert "350 min left" in text_of(requests.get(done.url, timeout=60))
    assert (bought(api, acme), bought(api, other)) == ([("paid", 150)], [])


def test_the_same_form_sent_twice_is_one_purchase(api: Api) -> None:
    acme = api.workspace()
    saves(api, acme)
    url = opened(api, acme)
    form = {"key": uuid4().hex, "package": "small", "pay": "card"}

    pages = [requests.post(f"{url}/buy", data=form, timeout=60) for _ in range(3)]

    assert {page.status_code for page in pages} == {200}
    assert bought(api, acme) == [("paid", 60)]
    assert "260 min left" in text_of(pages[-1])


def test_a_payment_page_that_is_sent_twice_says_paid_both_times(api: Api) -> None:
    acme = api.workspace()
    url = opened(api, acme)
    page = requests.post(f"{url}/buy", data={"key": "k", "package": "small"}, timeout=60)

    pages = [submit(page, "Pay with a test card") for _ in range(2)]

    assert ["Paid. 60 minutes were added." in text_of(each) for each in pages] == [True, True]
    assert bought(api, acme) == [("paid", 60)]


def test_a_form_that_names_a_card_charges_the_workspaces_own_or_nothing(api: Api) -> None:
    acme, other = api.workspace(), api.workspace()
    saves(api, other)
    theirs = current().gateway().saved_card(ensure_customer(api.engine, current().gateway(), other) or "")
    form = {"key": "k", "package": "small", "pay": "card", "payment_method": theirs and theirs.payment_method}

    refused = requests.post(f"{opened(api, acme)}/buy", data=form, timeout=60)

    assert (refused.status_code, "No card is saved" in text_of(refused)) == (422, True)
    assert (bought(api, acme), bought(api, other)) == ([], [])


def test_a_declined_card_charges_nothing_and_the_same_purchase_is_paid_with_another(api: Api) -> None:
    acme = api.workspace()
    saves(api, acme, "pm_card_chargeCustomerFail")

    declined = pays_by_card(opened(api, acme))
    assert "Nothing was charged" in text_of(declined)
    assert "200 min left" in text_of(declined)

    done = submit(submit(declined, "Pay with another card"), "Pay with a test card")

    assert "Paid. 60 minutes were added." in text_of(done)
    assert bought(api, acme) == [("paid", 60)]


def test_a_card_that_the_payment_page_declines_is_followed_by_another_on_the_same_page(api: Api) -> None:
    acme = api.workspace()
    page = requests.post(f"{opened(api, acme)}/buy", data={"key": "k", "package": "small"}, timeout=60)

    declined = submit(page, "Use a card that is declined")
    assert "Not paid. The card was declined. Ask the bank" in text_of(declined)
    again = submit(submit(declined, "Pay with another card"), "Use a card that is declined")
    done = submit(submit(again, "Pay with another card"), "Pay with a test card")

    assert "Paid. 60 minutes were added." in text_of(done)
    assert bought(api, acme) == [("paid", 60)]


@pytest.mark.parametrize(("answer", "left"), [("Confirm the payment", 260), ("Refuse it", 200)])
def test_the_bank_asks_in_between_and_its_answer_decides(api: Api, answer: str, left: int) -> None:
    acme, other = api.workspace(), api.workspace()
    saves(api, acme, "pm_card_authenticationRequired")
    url = opened(api, acme)

    page = pays_by_card(url)
    assert "Your bank asks you to confirm" in text_of(page)
    assert "200 min left" in text_of(page)
    later = requests.get(url, timeout=60)
    assert "Your bank asks" not in text_of(requests.get(opened(api, other), timeout=60))

    bank = requests.get(link_of(later, "Confirm with your bank"), timeout=60)
    assert "Test bank page" in text_of(bank)
    done = submit(bank, answer)

    assert f"{left} min left" in text_of(done)
    assert "Your bank asks" not in text_of(done)
    if left == 200:
        done = submit(submit(done, "Pay with another card"), "Pay with a test card")
        assert "Paid. 60 minutes were added." in text_of(done)
    assert bought(api, acme) == [("paid", 60)]


def test_a_payment_of_another_workspace_is_neither_shown_nor_answered_here(api: Api) -> None:
    acme, other = api.workspace(), api.workspace()
    saves(api, other, "pm_card_authenticationRequired")
    page = pays_by_card(opened(api, other))
    purchase = urlsplit(page.url).query.removeprefix("purchase=")
    url = opened(api, acme)

    seen = requests.get(f"{url}?purchase={purchase}&payment_intent=pi_1", timeout=60)
    answers = [
        requests.post(f"{url}/{place}", data={"purchase": purchase, "answer": "yes"}, timeout=60)
        for place in ("sandbox-bank", "confirm")
    ]

    assert "Test bank page" not in seen.text
    assert [each.status_code for each in answers] == [422, 422]
    assert bought(api, other) == [("requires_action", 60)]


def test_billing_opens_stripes_portal_where_a_card_is_saved(api: Api) -> None:
    acme = api.workspace()
    url = opened(api, acme)

    portal = submit(requests.get(url, timeout=60), "Open billing")
    assert "Test billing page" in text_of(portal)
    assert "Card saved." in text_of(submit(portal, "Save a test card"))

    assert "Visa ending 4242" in text_of(offers(url))


def test_the_form_may_send_a_customer_to_stripe_and_nowhere_else(api: Api) -> None:
    policy = requests.get(opened(api, api.workspace()), timeout=60).headers["Content-Security-Policy"]

    (sends,) = re.findall(r"form-action ([^;]+);", policy)
    assert sends == "'self' https://checkout.stripe.com https://billing.stripe.com"


def test_a_return_from_the_bank_leaves_the_payments_secret_out_of_the_address(api: Api) -> None:
    acme = api.workspace()
    saves(api, acme)
    url = opened(api, acme)
    paid = pays_by_card(url)

    page = requests.get(f"{paid.url}&payment_intent_client_secret=pi_1_secret_2", timeout=60)

    assert page.url == paid.url
    assert "Paid." in text_of(page)


@pytest.mark.parametrize("place", ["buy", "confirm", "billing", "sandbox", "sandbox-bank", "sandbox-card"])
def test_a_preview_and_an_expired_address_do_nothing(api: Api, place: str) -> None:
    acme = api.workspace()
    saves(api, acme)
    with ledger.writing(api.engine) as db:
        preview, _ = open_portal(db, acme, read_only=True, actor="staff", at=present())
    form = {"key": "k", "package": "small", "pay": "card", "method": "pm_card_visa"}

    answers = [
        requests.post(f"{api.url}/api/portal/{token}/{place}", data=form, timeout=60)
        for token in (preview, "guess")
    ]

    assert [each.status_code for each in answers] == [422, 404]
    assert bought(api, acme) == []


def test_billing_over_http_needs_the_scope_and_leads_back_to_the_customers_page(api: Api) -> None:
    acme = api.workspace()
    path = f"/workspaces/{acme}/billing-portal"

    own, named = api.post(path, {}), api.post(path, {"return_url": "https://app.example.com/billing"})

    assert (own.status_code, named.status_code) == (201, 201)
    assert "Test billing page" in text_of(requests.get(own.json()["url"], timeout=60))
    assert named.json()["url"].startswith("https://app.example.com/billing?")
    assert api.with_key("balance:read").post(path, {}).json()["code"] == "missing_scope"
    assert api.post("/workspaces/nobody/billing-portal", {}).json()["code"] == "unknown_workspace"
    assert api.post(path, {"return_url": "javascript:alert(1)"}).status_code == 422


def test_a_plan_that_is_paused_or_ends_promises_no_minutes(api: Api) -> None:
    with open_shop(api.engine, present()) as shop:
        subscription = subscribes(shop, publish_plans(shop)["starter", "monthly"]).subscription
        url = opened(api, "acme")

        shown = []
        for happens in (
            lambda: None,
            lambda: shop.gateway.pause_subscription(subscription),
            lambda: shop.gateway.resume_subscription(subscription),
            lambda: shop.gateway.cancel_subscription(subscription, at_period_end=True),
        ):
            happens()
            with ledger.writing(api.engine) as db:
                sync_subscription(db, shop.gateway, subscription, at=shop.now)
            shown.append(re.findall(r"Starter plan\. (.{5})", text_of(requests.get(url, timeout=60))))

    assert shown == [["New m"], ["Pause"], ["New m"], ["Ends "]]


def test_used_minutes_whose_money_a_plan_change_returned_are_shown_until_they_are_settled(api: Api) -> None:
    other = api.workspace()
    with open_shop(api.engine, present()) as shop:
        prices = publish_plans(shop)
        subscription = subscribes(shop, prices["pro", "annual"]).subscription
        url, shown = opened(api, "acme"), []
        for used, price in ((0, None), (600, "starter"), (0, "pro")):
            if used:
                shop.uses(used)
            if price:
                key = {"idempotency_key": price}
                shop.gateway.change_subscription(subscription, prices[price, "monthly"], **key)
                shop.later(days=31).gateway.run_due() if price == "pro" else None
            with ledger.writing(api.engine) as db:
                sync_subscription(db, shop.gateway, subscription, at=shop.now)
            owed = api.get("/extra-minutes/balance", workspace_id="acme").json()["owed_minutes"]
            shown.append(
                (owed, re.findall(r"money of (\d+) minutes", text_of(requests.get(url, timeout=60))))
            )

    assert shown[:2] == [(0, []), (400, ["400"])]
    assert shown[2][0] < 400, "the renewal settled a part"
    assert api.get("/extra-minutes/balance", workspace_id=other).json()["owed_minutes"] == 0
