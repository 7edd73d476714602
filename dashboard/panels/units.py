"""The unit in which staff enter goals and thresholds: money in whole units of its currency."""

from dataclasses import dataclass

from sqlalchemy import Connection

from dashboard.kit import tiles
from dashboard.text import decimal
from ledger.metrics import METRICS, list_currencies
from ledger.money import digits_of, units_of

NAMES = {"percent": "%"}


@dataclass(frozen=True)
class EnteredUnit:
    """The unit of a metric as a form shows it; `currencies` is empty unless the metric is money."""

    unit: str
    currencies: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the label of the unit: `%`, `minutes`, `USD`."""
        return ", ".join(self.currencies).upper() or NAMES.get(self.unit, self.unit)

    @property
    def _digits(self) -> int:
        return digits_of(self.currencies[0]) if self.currencies else 0

    def entered(self, stored: float) -> float:
        """Return a stored number as a form shows it: 1999 cents are 19.99."""
        return float(units_of(stored, self.currencies[0])) if self.currencies else stored

    def stored(self, entered: float) -> float:
        """Return a number from a form as the ledger stores it: 19.99 are 1999 cents, and half a cent stays half."""
        return round(entered * float(10**self._digits), 6)

    def shown(self, stored: float) -> str:
        """Return a stored number as text: `$19.99`; with several currencies `19.99 EUR, USD`."""
        if len(self.currencies) > 1:
            return f"{decimal(self.entered(stored), self._digits)} {self.name}"
        return tiles.number(stored, self.unit, *self.currencies, exact=True)


def unit_of(db: Connection, slug: str) -> EnteredUnit:
    """Return the unit in which staff enter numbers of a metric."""
    unit = METRICS[slug].unit
    return EnteredUnit(unit, tuple(list_currencies(db)) if unit == "cents" else ())
