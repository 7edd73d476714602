"""The Stripe client: keys, API address and timeouts."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe
from stripe import _util

from ledger.settings import Receipts
from ledger.stripe_gateway.errors import GatewayRefused, SimulationRefused, translated

API_VERSION = "2026-10-28.endive"
API_BASE = "https://api.stripe.com"
CONNECT_AND_READ_SECONDS = (3.05, 20.0)
NETWORK_RETRIES = 2
PAGE_SIZE = 100
RETURN_URL = "http://127.0.0.1:8501/confirming"
"""Return address after the bank's page when PUBLIC_URL is not set."""
SANDBOX_KEY = "sk_test_sandbox"
TEST_KEY = re.compile(r"(sk|rk)_test_[A-Za-z0-9]+")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OBJECT_ID = re.compile(r"[a-z]{2,6}_\w{1,250}")

Json = dict[str, Any]


def network() -> stripe.HTTPClient:
    """Return the HTTP transport to Stripe, with connect and read timeouts."""
    return stripe.RequestsClient(timeout=CONNECT_AND_READ_SECONDS)


def build_client(api_key: str, transport: stripe.HTTPClient, api_base: str = API_BASE) -> stripe.StripeClient:
    """Return a client with a pinned API version, retries and no telemetry.

    Raise ValueError when `api_base` is neither Stripe nor this machine, because it would receive the key.
    """
    stripe.enable_telemetry = False
    _keep_quiet()
    return stripe.StripeClient(
        api_key,
        stripe_version=API_VERSION,
        max_network_retries=NETWORK_RETRIES,
        http_client=transport,
        base_addresses={"api": checked_base(api_base, api_key)},
    )


def _keep_quiet() -> None:
    """Disable the library's logging at any log level or STRIPE_LOG: bodies hold client secrets and names."""
    _util.STRIPE_LOG = None
    _util.logger.setLevel(logging.WARNING)


def checked_base(api_base: str, api_key: str) -> str:
    """Return `api_base` if the key may go there: Stripe itself, or loopback for keys that move no money."""
    if api_base == API_BASE:
        return api_base
    address = urlsplit(api_base)
    if address.scheme == "http" and address.hostname in LOOPBACK and is_test_key(api_key):
        return api_base
    raise ValueError(f"requests to Stripe go to {API_BASE}; with a test key also to http://127.0.0.1")


def is_test_key(api_key: str) -> bool:
    """Return True for keys that cannot move money. Unknown key types count as live."""
    return api_key == SANDBOX_KEY or TEST_KEY.fullmatch(api_key) is not None


class StripeCalls:
    """Shared base of all call groups: the client, the test-key guard and plain JSON responses."""

    def __init__(self, client: stripe.StripeClient, api_key: str, return_url: str = RETURN_URL) -> None:
        self._client = client
        self.return_url = return_url
        self.receipts: Receipts = "none"
        self.automatic_tax = False
        self.promotion_codes = False
        self._is_test = is_test_key(api_key)
        self._is_sandbox = api_key == SANDBOX_KEY

    def require_test(self) -> None:
        """Raise SimulationRefused, before any HTTP call, unless the key is a test key or the sandbox's."""
        if not self._is_test:
            raise SimulationRefused(
                "simulated payments need the sandbox or a test key; this installation is live"
            )

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        with translated():
            return dict(self._client.raw_request("get", path, **dict(params or {})).data)

    def _post(self, path: str, params: Mapping[str, Any], idempotency_key: str | None = None) -> Json:
        options = {"idempotency_key": idempotency_key} if idempotency_key else {}
        with translated():
            return dict(self._client.raw_request("post", path, **params, **options).data)


def plain(answer: stripe.StripeObject) -> Json:
    """Return the library's object as nested dictionaries for JSON."""
    return answer.to_dict(for_json=True)


def pages(first: Any) -> Iterator[Json]:
    """Yield every member of a list, fetching pages as needed."""
    with translated():
        for member in first.auto_paging_iter():
            yield plain(member)


def checked_id(value: str) -> str:
    """Return `value` if it has the form of a Stripe id, because it becomes part of a request's path."""
    if not OBJECT_ID.fullmatch(value):
        raise GatewayRefused("this is not a Stripe id", param="id", reason="resource_missing")
    return value


def dropping_none(**params: Any) -> Any:
    """Return the parameters that are not None: Stripe treats absent and empty values differently.

    The result has none of the library's types, because the sandbox validates every request against them.
    """
    return {name: value for name, value in params.items() if value is not None}
