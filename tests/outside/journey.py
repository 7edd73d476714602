"""A customer's whole journey, by an outside developer: the client is generated, nothing is known but the documentation."""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from uuid import UUID

from ledger_client import AuthenticatedClient
from ledger_client.api.extra_minutes import create_purchase, retry_purchase
from ledger_client.api.usage import check_limit, track_minute
from ledger_client.api.webhook_endpoints import create_webhook_endpoint
from ledger_client.api.workspaces import create_workspace
from ledger_client.models import (
    BillingCycle,
    CreateEndpointRequest,
    CreateWorkspaceRequest,
    EndpointSecret,
    EventType,
    Limit,
    Purchase,
    PurchaseFailedEvent,
    PurchasePaidEvent,
    PurchaseRefundedEvent,
    PurchaseRequest,
    PurchaseStatus,
    RetryPurchaseRequest,
    TrackMinuteRequest,
    UsageRefusedEvent,
    Use,
    Workspace,
)
from standardwebhooks import Webhook

T = TypeVar("T")
LEDGER = AuthenticatedClient(base_url=os.environ["MINUTES_URL"], token=os.environ["MINUTES_KEY"])
WORKSPACE = sys.argv[1]
received: list[dict[str, Any]] = []
changed = threading.Condition()
verifiers: list[Webhook] = []


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        event = verifiers[0].verify(body, dict(self.headers))
        self.send_response(204)
        self.end_headers()
        with changed:
            received.append(event)
            changed.notify_all()

    def log_message(self, *_: object) -> None:
        pass


def event(name: str) -> dict[str, Any]:
    """Wait for the first event of a type."""
    with changed:
        changed.wait_for(lambda: any(each["type"] == name for each in received), timeout=60)
        return next(each for each in received if each["type"] == name)


def expect(kind: type[T], answer: object) -> T:
    assert isinstance(answer, kind), answer
    return answer


def listen() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wanted = ("usage.threshold", "usage.limit_hit", "usage.refused", "purchase.paid", "purchase.failed")
    endpoint = create_webhook_endpoint.sync(
        client=LEDGER,
        body=CreateEndpointRequest(
            url=f"http://127.0.0.1:{server.server_port}/events",
            events=[EventType(name) for name in (*wanted, "purchase.refunded")],
        ),
    )
    verifiers.append(Webhook(expect(EndpointSecret, endpoint).secret))


def use(minutes: int, key: str, *, require_full: bool = False) -> object:
    body = TrackMinuteRequest(workspace_id=WORKSPACE, minutes=minutes, key=key, require_full=require_full)
    return track_minute.sync(client=LEDGER, body=body)


def open_account() -> None:
    made = create_workspace.sync(
        client=LEDGER,
        body=CreateWorkspaceRequest(
            workspace_id=WORKSPACE,
            name="Acme",
            owner_email="o@acme.example",
            plan="starter",
            billing_cycle=BillingCycle.MONTHLY,
        ),
    )
    assert expect(Workspace, made).total_minutes == 200


def use_everything() -> list[int]:
    warnings: list[int] = []
    for number in range(100):
        assert expect(Limit, check_limit.sync(client=LEDGER, workspace_id=WORKSPACE, minutes=2)).allowed
        warnings += expect(Use, use(2, f"call-{number}")).thresholds
    return warnings


def main() -> None:
    open_account()
    listen()
    assert use_everything() == [80, 90, 100]

    use(30, "too-much", require_full=True)
    refused = UsageRefusedEvent.from_dict(event("usage.refused"))
    assert (refused.data.unmet_minutes, refused.data.balance.total_minutes) == (30, 0)

    bought = create_purchase.sync(
        client=LEDGER,
        idempotency_key="order-1",
        body=PurchaseRequest(
            workspace_id=WORKSPACE, package="small", payment_method="pm_card_visa_chargeDeclined"
        ),
    )
    purchase = expect(Purchase, bought)
    assert purchase.status is PurchaseStatus.FAILED
    assert PurchaseFailedEvent.from_dict(event("purchase.failed")).data.purchase_id == purchase.purchase_id

    retry_purchase.sync(
        UUID(str(purchase.purchase_id)),
        client=LEDGER,
        body=RetryPurchaseRequest(payment_method="pm_card_visa", key="order-1-again"),
    )
    paid = PurchasePaidEvent.from_dict(event("purchase.paid"))
    assert (paid.data.minutes, paid.data.balance.extra_minutes) == (60, 60)
    assert expect(Use, use(10, "after", require_full=True)).from_extra == 10

    print(f"refund {purchase.purchase_id}", flush=True)  # at Stripe, by whoever runs the company
    refunded = PurchaseRefundedEvent.from_dict(event("purchase.refunded"))
    assert (refunded.data.status, refunded.data.taken_back_minutes) == (PurchaseStatus.REFUNDED, 50)
    print("done", *(each["type"] for each in received), flush=True)


if __name__ == "__main__":
    main()
