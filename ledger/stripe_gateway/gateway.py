"""The gateway: one class for every mode. Only the transport under Stripe's library differs."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

from sqlalchemy import Engine

from ledger.settings import Settings
from ledger.stripe_gateway.account import AccountCalls
from ledger.stripe_gateway.billing_portal import BillingPortalCalls
from ledger.stripe_gateway.billing_simulation import BillingSimulationCalls
from ledger.stripe_gateway.catalogue import CatalogueCalls
from ledger.stripe_gateway.checkout import CheckoutCalls
from ledger.stripe_gateway.client import API_BASE, RETURN_URL, SANDBOX_KEY, build_client, network
from ledger.stripe_gateway.facts import EventEnvelope
from ledger.stripe_gateway.payments import PaymentCalls
from ledger.stripe_gateway.signatures import read_event, verify_signature
from ledger.stripe_gateway.simulation import SimulationCalls
from ledger.stripe_gateway.subscriptions import SubscriptionCalls
from ledger.stripe_sandbox import Sandbox, SandboxHTTPClient

Source = Literal["sandbox", "stripe_test", "live"]
Deliver = Callable[[bytes, str], None]
Clock = Callable[[], datetime]


class StripeGateway(
    PaymentCalls,
    CheckoutCalls,
    BillingPortalCalls,
    CatalogueCalls,
    SubscriptionCalls,
    AccountCalls,
    SimulationCalls,
    BillingSimulationCalls,
):
    """Every Stripe call of the product, returning facts. Thread-safe; build one per process and source."""

    def __init__(self, settings: Settings, source: Source, sandbox: Sandbox | None, api_base: str) -> None:
        api_key = SANDBOX_KEY if sandbox else settings.stripe_api_key or ""
        transport = SandboxHTTPClient(sandbox) if sandbox else network()
        return_url = f"{settings.public_url}/confirming" if settings.public_url else RETURN_URL
        super().__init__(build_client(api_key, transport, api_base), api_key, return_url)
        self.public_url = settings.public_url
        self.receipts = settings.stripe_receipts
        self.automatic_tax = settings.stripe_automatic_tax
        self.promotion_codes = settings.stripe_promotion_codes
        self._hang_up: Callable[[], None] = transport.close
        self.source = source
        self._masked_key = "built-in" if sandbox else f"{api_key[:8]}…{api_key[-4:]}"
        self._webhook_secrets = tuple(settings.stripe_webhook_secrets)
        self._sandbox = sandbox

    @property
    def livemode(self) -> bool:
        """Return the expected `livemode` of every response and event of this gateway."""
        return self.source == "live"

    @property
    def masked_key(self) -> str:
        """Return a recognizable part of the key: `sk_test_…abcd`, or `built-in` for the sandbox."""
        return self._masked_key

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """Return the secrets that sign this gateway's events: the configured ones and the sandbox's own.

        An HTTP endpoint without configured secrets must return 503, whatever the sandbox's own secret is.
        """
        own = (self._sandbox.webhook_secret,) if self._sandbox else ()
        return self._webhook_secrets + own

    def verify_event(
        self, raw: bytes, header: str | None, secrets: Iterable[str], now: datetime
    ) -> EventEnvelope:
        """Verify that one of `secrets` signed exactly these bytes within 300 s of `now`. Return the envelope.

        Raise BadSignature otherwise. Never trust or store anything from an unverified body.
        """
        verify_signature(raw, header, secrets, now)
        return read_event(raw)

    def read_event(self, raw: bytes) -> EventEnvelope:
        """Return the envelope of a stored body, which was verified earlier."""
        return read_event(raw)

    def close(self) -> None:
        """Close the connections to Stripe or the sandbox."""
        self._hang_up()
        if self._sandbox:
            self._sandbox.close()


Gateway = StripeGateway
"""The name under which the rest of the product knows the gateway."""


def build_gateway(
    settings: Settings,
    *,
    engine: Engine | None = None,
    source: str | None = None,
    deliver: Deliver | None = None,
    clock: Clock | None = None,
    api_base: str = API_BASE,
) -> Gateway:
    """Return the gateway for the installation's mode, or for a workspace's `source` (`demo` uses the sandbox).

    `engine`: the ledger's engine; the sandbox (which alone needs it) opens its own small pool to the same
    database. `deliver(raw, signature_header)` gets the sandbox's signed events after its commit; without it
    they wait to be fetched with `list_events`. `clock`: the sandbox's time instead of the system's.
    ValueError when the installation's mode cannot serve `source`: a live key never makes a test payment.
    """
    wanted = served_source(settings, source)
    if wanted != "sandbox":
        return StripeGateway(settings, wanted, None, api_base)
    if engine is None:
        raise ValueError("the sandbox needs the ledger's engine")
    sandbox = Sandbox(engine, deliver=deliver, clock=clock)
    return StripeGateway(settings, "sandbox", sandbox, API_BASE)


def served_source(settings: Settings, source: str | None) -> Source:
    """Return the gateway mode that serves workspaces of `source` here."""
    if source is None or source == settings.mode:
        return settings.mode
    if source in ("sandbox", "demo"):
        return "sandbox"
    raise ValueError(f"this installation is in mode {settings.mode} and cannot serve payments of {source}")
