"""A client that calls the HTTP interface: it sends the same request until there is a definite answer."""

import random
from collections.abc import Callable
from typing import Any

import requests

import ledger
from tests.fire.client import Answer, Client, NoAnswerYet
from tests.fire.plan import Call

SECONDS_OF_PATIENCE = 15.0
SHARE_IMPATIENT = 0.15
SECONDS_IMPATIENT = (0.003, 0.03)
REPEATABLE = {429, 503}
INSUFFICIENT_MINUTES = 402


class UnexpectedResponse(ledger.LedgerError):
    """The interface refused a request that it must accept."""

    code = "unexpected_response"


class HttpClient(Client):
    """Uses, grants, plans and purchases go over HTTP; what has no address there is called in this process."""

    def __init__(self, *about: Any, address: str, secret: str) -> None:
        """`address`: where the interface is, `secret`: the key it opens with; the rest as Client."""
        super().__init__(*about)
        self.address, self.secret = address, secret
        self.impatient: set[str] = set()

    def answer(self, call: Call, chosen: dict[str, Any]) -> Answer:
        """Return the answer of one try."""
        return OVER_HTTP[call.kind](self, call) if call.kind in OVER_HTTP else super().answer(call, chosen)

    def post(self, path: str, call: Call, body: dict[str, Any]) -> requests.Response:
        """Return a definite response. Raise NoAnswerYet for any other."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        if "uses" not in body:
            headers["Idempotency-Key"] = call.key
        try:
            response = requests.post(
                f"{self.address}/api/{path}", json=body, headers=headers, timeout=self._patience(call)
            )
        except requests.RequestException as error:
            raise NoAnswerYet(str(error)) from error
        if response.status_code in REPEATABLE:
            raise NoAnswerYet(response.text)
        if response.ok or response.status_code == INSUFFICIENT_MINUTES:
            return response
        raise UnexpectedResponse(response.text)

    def _patience(self, call: Call) -> float:
        """Return the seconds to wait; some callers give up at once on their first try."""
        dice = random.Random(call.key)
        if dice.random() < SHARE_IMPATIENT and call.key not in self.impatient:
            self.impatient.add(call.key)
            return dice.uniform(*SECONDS_IMPATIENT)
        return SECONDS_OF_PATIENCE


def _use(client: HttpClient, call: Call) -> Answer:
    body = {
        "workspace_id": call.workspace_id,
        "minutes": call.arguments["minutes"],
        "require_full": call.kind == "full_use",
    }
    response = client.post("usage/track-minute", call, body)
    if response.status_code == INSUFFICIENT_MINUTES:
        return {"refused": "InsufficientMinutes", "booked_refusal": True}
    return dict(response.json())


def _batch(client: HttpClient, call: Call) -> Answer:
    uses = [
        {"workspace_id": workspace_id, "minutes": minutes, "key": f"{call.key}-{number}"}
        for number, (workspace_id, minutes) in enumerate(call.arguments["uses"])
    ]
    results = client.post("usage/track-minutes", call, {"uses": uses}).json()["results"]
    problems = [each["problem"] for each in results if "problem" in each]
    if any(each["status"] in REPEATABLE for each in problems):
        raise NoAnswerYet(str(problems))
    if problems:
        raise UnexpectedResponse(str(problems))
    return {"uses": results}


def _grant(client: HttpClient, call: Call) -> Answer:
    body = {"minutes": call.arguments["minutes"], "reason": "fire"}
    return {"lot": client.post(f"workspaces/{call.workspace_id}/grants", call, body).json()["lot_id"]}


def _plan(client: HttpClient, call: Call) -> Answer:
    body = {"plan": call.arguments["plan"], "billing_cycle": call.arguments["cycle"]}
    client.post(f"workspaces/{call.workspace_id}/plan", call, body)
    return {}


def _purchase(client: HttpClient, call: Call) -> Answer:
    body = {
        "workspace_id": call.workspace_id,
        "package": call.arguments["package"],
        "payment_method": call.arguments["card"],
    }
    bought = client.post("extra-minutes/purchase", call, body).json()
    return {"purchase": bought["purchase_id"], "status": bought["status"]}


OVER_HTTP: dict[str, Callable[[HttpClient, Call], Answer]] = {
    "use": _use,
    "full_use": _use,
    "batch": _batch,
    "grant": _grant,
    "plan": _plan,
    "purchase": _purchase,
}
