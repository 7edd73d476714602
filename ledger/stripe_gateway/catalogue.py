"""Products and prices at Stripe. Prices are immutable: a new amount is a new price."""

from collections.abc import Iterator, Mapping

from ledger.stripe_gateway.client import PAGE_SIZE, StripeCalls, checked_id, dropping_none, pages, plain
from ledger.stripe_gateway.errors import translated
from ledger.stripe_gateway.facts import PriceFacts, ProductFacts
from ledger.stripe_gateway.readers import read_price, read_product


class CatalogueCalls(StripeCalls):
    """Products and prices."""

    def create_product(
        self, name: str, *, idempotency_key: str, metadata: Mapping[str, str] | None = None
    ) -> ProductFacts:
        """Create a product for one package or plan."""
        params = dropping_none(name=name, metadata=dict(metadata) if metadata else None)
        with translated():
            return read_product(
                plain(self._client.v1.products.create(params, {"idempotency_key": idempotency_key}))
            )

    def archive_product(self, product: str) -> ProductFacts:
        """Archive a product."""
        with translated():
            return read_product(
                plain(self._client.v1.products.update(checked_id(product), {"active": False}))
            )

    def create_price(
        self,
        product: str,
        amount_cents: int,
        currency: str,
        *,
        idempotency_key: str,
        interval: str | None = None,
        interval_count: int | None = None,
        lookup_key: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> PriceFacts:
        """Create a price; `interval` (month, year) makes it recurring. `lookup_key` moves from the older price."""
        params = dropping_none(
            product=product,
            unit_amount=amount_cents,
            currency=currency.lower(),
            recurring=dropping_none(interval=interval, interval_count=interval_count) if interval else None,
            lookup_key=lookup_key,
            transfer_lookup_key=True if lookup_key else None,
            metadata=dict(metadata) if metadata else None,
        )
        with translated():
            return read_price(
                plain(self._client.v1.prices.create(params, {"idempotency_key": idempotency_key}))
            )

    def archive_price(self, price: str) -> PriceFacts:
        """Archive a price; existing subscriptions and purchases keep it."""
        with translated():
            return read_price(plain(self._client.v1.prices.update(checked_id(price), {"active": False})))

    def fetch_price(self, price: str) -> PriceFacts:
        """Return one price. Raise UnknownAtStripe when absent."""
        with translated():
            return read_price(plain(self._client.v1.prices.retrieve(checked_id(price))))

    def list_products(self, *, active: bool | None = None) -> Iterator[ProductFacts]:
        """Yield products newest first, page by page."""
        with translated():
            first = self._client.v1.products.list(dropping_none(active=active, limit=PAGE_SIZE))
        yield from map(read_product, pages(first))

    def list_prices(self, *, product: str | None = None, active: bool | None = None) -> Iterator[PriceFacts]:
        """Yield prices newest first, page by page."""
        with translated():
            first = self._client.v1.prices.list(
                dropping_none(product=product, active=active, limit=PAGE_SIZE)
            )
        yield from map(read_price, pages(first))
