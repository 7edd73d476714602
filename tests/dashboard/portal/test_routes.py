"""The customer's own page, used as a browser uses it: forms, redirects, no script and no key."""

import re
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import requests

import ledger
from dashboard.clock import present
from dashboard.installation import current
from ledger.experiments.holdouts import start_hold_out
from ledger.payments.customers import ensure_customer
from ledger.payments.portal import LIFETIME, open_portal, portal_link
from ledger.payments.top_ups import run_top_ups
from tests.dashboard.api_server import Api


def opened(api: Api, workspace_id: str) -> str:
    answer = api.post(f"/workspaces/{workspace_id}/portal", {"return_url": "https://app.example.com/minutes"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def text_of(page: requests.Response) -> str:
    """Return what a person reads."""
    body = re.sub(r"(?s)<head>.*?</head>|<[^>]+>", " ", page.text)
    return re.sub(r"\s+", " ", body).replace("&#39;", "'")


def uses(api: Api, workspace_id: str, minutes: int) -> None:
    body = {"workspace_id": workspace_id, "minutes": minutes, "key": f"use {uuid4()}"}
    assert api.post("/usage/track-minute", body).status_code == 200


def submit(page: requests.Response, button: str, **changes: str) -> requests.Response:
    """Submit the form whose button carries this text, as a browser without scripts does."""
    for action, inside in re.findall(r'(?s)<form method="post" action="([^"]+)">(.*?)</form>', page.text):
        if f">{button}</button>" not in inside:
            continue
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', inside))
        fields |= dict(
            re.findall(rf'<button[^>]*name="([^"]+)" value="([^"]+)">{re.escape(button)}<', inside)
        )
        url = urlsplit(page.url)._replace(path=action, query="").geturl()
        return requests.post(url, data=fields | changes, timeout=60)
    raise AssertionError(f"no form with the button {button!r}")


def test_the_page_shows_what_is_left_and_the_banner_of_its_level(api: Api) -> None:
    acme, other = api.workspace(), api.workspace("pro")
    url = opened(api, acme)
    assert "200 min left" in text_of(requests.get(url, timeout=60))

    seen = []
    for minutes in (159, 1, 20, 20):
        uses(api, acme, minutes)
        seen.append(re.findall(r'role="alert">([^<]+)', requests.get(url, timeout=60).text))

    assert [len(each) for each in seen] == [0, 1, 1, 1]
    assert ["80%" in seen[1][0], "90%" in seen[2][0], "used up" in seen[3][0]] == [True, True, True]
    assert "300 min left" in text_of(requests.get(opened(api, other), timeout=60))


def test_packages_open_by_themselves_only_when_everything_is_used(api: Api) -> None:
    acme = api.workspace()
    url = opened(api, acme)
    uses(api, acme, 199)
    assert "<dialog open" not in requests.get(url, timeout=60).text
    assert "<dialog open" in requests.get(f"{url}?buy=1", timeout=60).text

    uses(api, acme, 1)

    page = requests.get(url, timeout=60)
    assert "<dialog open" in page.text
    words = text_of(page)
    for line in ("Best for occasional overages", "Popular choice", "Better value", "Best price per minute"):
        assert line in words


def test_a_customer_buys_with_a_test_card_and_sees_the_minutes_at_once_and_only_once(api: Api) -> None:
    acme = api.workspace()
    url = opened(api, acme)

    paying = submit(requests.get(f"{url}?buy=1", timeout=60), _buy_label(url))
    assert "Test payment page" in text_of(paying)
    done = submit(paying, "Pay with a test card")

    assert "Paid. 60 minutes were added." in text_of(done)
    assert "260 min left" in text_of(done)
    assert "260 min left" in text_of(requests.get(done.url, timeout=60))
    (purchase,) = api.get("/extra-minutes/purchases", workspace_id=acme).json()["items"]
    assert (purchase["status"], purchase["minutes"]) == ("paid", 60)


def _buy_label(url: str) -> str:
    """Return the button of the smallest package, with its price as this installation writes it."""
    page = requests.get(f"{url}?buy=1", timeout=60).text
    return re.findall(r">(Buy for [^<]+)</button>", page)[0]


def test_a_declined_card_says_that_nothing_was_charged_and_the_customer_can_buy_again(api: Api) -> None:
    acme = api.workspace()
    url = opened(api, acme)
    paying = submit(requests.get(f"{url}?buy=1", timeout=60), _buy_label(url))

    declined = submit(paying, "Use a card that is declined")

    assert "Nothing was charged" in text_of(declined)
    assert "200 min left" in text_of(declined)
    again = submit(requests.get(f"{url}?buy=1", timeout=60), _buy_label(url))
    assert "Paid." in text_of(submit(again, "Pay with a test card"))


def test_auto_top_up_is_saved_with_the_card_of_a_purchase_and_a_wrong_limit_says_so(api: Api) -> None:
    acme = api.workspace()
    url = opened(api, acme)
    page = requests.get(url, timeout=60)
    choice = {"enabled": "1", "package": "small", "trigger": "90"}

    refused = submit(page, "Save auto top-up", **choice, limit="9.98")
    assert (refused.status_code, "more than the limit" in text_of(refused)) == (422, True)
    for nonsense in ("", "abc", "1e400", "-5", "9.999"):
        assert submit(page, "Save auto top-up", **choice, limit=nonsense).status_code == 422
    assert api.get(f"/workspaces/{acme}/auto-top-up").json()["code"] == "unknown_top_up"

    assert "Auto top-up saved." in text_of(submit(page, "Save auto top-up", **choice, limit="9.99"))
    saved = api.get(f"/workspaces/{acme}/auto-top-up").json()
    assert (saved["trigger"], saved["monthly_limit_cents"], saved["state"]) == (90, 999, "needs_card")
    waiting = requests.get(url, timeout=60)
    assert "No card is saved, so nothing can be charged yet." in text_of(waiting)

    assert "Card saved." in text_of(submit(submit(waiting, "Save a card"), "Save a test card"))
    assert api.get(f"/workspaces/{acme}/auto-top-up").json()["state"] == "ready"
    assert "No card is saved" not in text_of(requests.get(url, timeout=60))


def test_the_address_expires_and_a_wrong_one_opens_nothing(api: Api) -> None:
    acme, at = api.workspace(), present()
    with ledger.writing(api.engine) as db:
        token, link = open_portal(db, acme, actor="test", at=at)
        assert portal_link(db, token, at=at + LIFETIME.__class__(seconds=3599)) == link
        old, _ = open_portal(db, acme, actor="test", at=at - LIFETIME)

    pages = [requests.get(f"{api.url}/api/portal/{each}", timeout=60) for each in (token, old, "guess")]

    assert [page.status_code for page in pages] == [200, 404, 404]
    assert "expired" in text_of(pages[1])
    assert acme not in pages[2].text
    assert (
        requests.post(f"{api.url}/api/portal/{old}/buy", data={"package": "small"}, timeout=60).status_code
        == 404
    )


def test_a_preview_shows_everything_and_changes_nothing(api: Api) -> None:
    acme = api.workspace()
    with ledger.writing(api.engine) as db:
        token, _ = open_portal(db, acme, read_only=True, actor="staff", at=present())
    url = f"{api.url}/api/portal/{token}"
    page = requests.get(f"{url}?buy=1", timeout=60)

    refused = requests.post(f"{url}/buy", data={"package": "small", "key": "k"}, timeout=60)

    assert "disabled" in page.text
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert (refused.status_code, "preview" in text_of(refused)) == (422, True)
    assert api.get("/extra-minutes/purchases", workspace_id=acme).json()["items"] == []


def test_the_page_runs_no_script_is_framed_by_nobody_and_passes_its_address_to_nobody(api: Api) -> None:
    page = requests.get(opened(api, api.workspace()), timeout=60)

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("same-origin", "no-store")
    assert "<script" not in page.text


def test_a_name_with_markup_is_text_and_a_return_address_that_is_a_script_is_refused(api: Api) -> None:
    body = {"workspace_id": "evil", "name": "<img src=x onerror=1>", "owner_email": "owner@acme.example"}
    assert api.post("/workspaces", body).status_code == 201

    assert "<img" not in requests.get(opened(api, "evil"), timeout=60).text
    assert api.post("/workspaces/evil/portal", {"return_url": "javascript:alert(1)"}).status_code == 422


def test_a_session_of_another_workspace_cannot_be_completed_here(api: Api) -> None:
    acme, other = api.workspace(), api.workspace()
    paying = submit(requests.get(f"{opened(api, other)}?buy=1", timeout=60), _buy_label(opened(api, other)))
    session = parse_qs(urlsplit(paying.url).query)["sandbox_checkout"][0]

    answer = requests.post(
        f"{opened(api, acme)}/sandbox", data={"session": session, "method": "pm_card_visa"}, timeout=60
    )

    assert answer.status_code == 404


def test_a_workspace_held_out_of_the_offer_sees_no_package(api: Api) -> None:
    names = [api.workspace() for _ in range(6)]
    with ledger.writing(api.engine) as db:
        about = {"share_percent": 50, "hits_needed": 10, "reason": "test", "actor": "ann"}
        start_hold_out(db, "quiet", source="sandbox", starts_at=present(), **about)  # type: ignore[arg-type]
    pages = [requests.get(f"{opened(api, name)}?buy=1", timeout=60).text for name in names]
    offers = [api.get("/extra-minutes/packages", workspace_id=name).json()["items"] for name in names]

    assert [("Buy for" in page) for page in pages] == [bool(items) for items in offers]


@pytest.mark.parametrize("path", ["checkout", "portal", "auto-top-up"])
def test_a_key_without_the_scope_of_purchases_opens_none_of_it(api: Api, path: str) -> None:
    acme = api.workspace()
    reader = api.with_key("balance:read")
    urls = {"success_url": "https://a.example", "cancel_url": "https://a.example"}
    answer = {
        "checkout": lambda: reader.post(
            "/extra-minutes/checkout", {"workspace_id": acme, "package": "small", **urls}, key="k"
        ),
        "portal": lambda: reader.post(f"/workspaces/{acme}/portal", {}),
        "auto-top-up": lambda: reader.get(f"/workspaces/{acme}/auto-top-up"),
    }[path]()

    assert answer.json()["code"] == "missing_scope"


def test_a_checkout_over_http_answers_stripes_page_and_a_repeat_the_same_one(api: Api) -> None:
    acme = api.workspace()
    urls = {
        "success_url": "https://app.example.com/back?p={PURCHASE_ID}",
        "cancel_url": "https://app.example.com/",
    }
    body = {"workspace_id": acme, "package": "medium", **urls}

    first, again = (api.post("/extra-minutes/checkout", body, key="cart") for _ in range(2))

    assert (first.status_code, first.json()) == (201, again.json())
    assert first.json()["purchase_id"] in first.json()["url"]
    assert api.post("/extra-minutes/checkout", {**body, "success_url": "nowhere"}, key="x").status_code == 422


def test_a_payment_that_the_bank_asks_about_is_confirmed_on_the_page_and_charged_once(api: Api) -> None:
    acme, other = api.workspace(), api.workspace()
    gateway = current().gateway()
    customer = ensure_customer(api.engine, gateway, acme)
    gateway.set_payment_method(customer, "pm_card_authenticationRequired")
    body = {"package": "small", "trigger": 80, "monthly_limit_cents": 5000, "enabled": True}
    assert api.ask("PUT", f"/workspaces/{acme}/auto-top-up", json=body).status_code == 200
    uses(api, acme, 160)
    run_top_ups(api.engine, gateway, at=present())

    url = opened(api, acme)
    assert "Your bank asks you to confirm" in text_of(requests.get(url, timeout=60))
    assert "Your bank asks" not in text_of(requests.get(opened(api, other), timeout=60))
    paying = submit(requests.get(url, timeout=60), "Confirm payment")
    done = submit(paying, "Pay with a test card")

    assert "Paid. 60 minutes were added." in text_of(done)
    assert "100 min left" in text_of(done)
    assert "Your bank asks" not in text_of(done)
    (purchase,) = api.get("/extra-minutes/purchases", workspace_id=acme).json()["items"]
    assert (purchase["status"], purchase["minutes"]) == ("paid", 60)
    foreign = requests.post(
        f"{opened(api, other)}/confirm", data={"purchase": purchase["purchase_id"]}, timeout=60
    )
    assert foreign.status_code == 422
