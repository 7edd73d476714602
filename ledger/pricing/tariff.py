"""A tariff: what the plans give, what the packages cost and how minutes are used. What a pricing question changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.pricing.refusals import (
    EmptyMenu,
    SamePackage,
    WrongAllowance,
    WrongPackageMinutes,
    WrongPrice,
    WrongRule,
)

MOST_MINUTES = 1_000_000
MOST_CENTS = 99_999_999
BURN_ORDERS = ("plan_first", "oldest_first", "extra_first")


@dataclass(frozen=True)
class TariffPackage:
    """One package of extra minutes: `minutes` whole minutes for `amount_cents` of the tariff's currency."""

    code: str
    name: str
    minutes: int
    amount_cents: int


@dataclass(frozen=True)
class Tariff:
    """What is offered.

    `allowances`: minutes a month by plan (an annual plan gives twelve times as many at once).
    `packages`: in order of minutes. `burn_order`: which minutes are used first; the baseline is fixed at what
    `ledger/sql/functions/lots/burn_order.sql` does, so who changes that file changes the default here.
    `most_packages`: cap on purchases between two credits of the plan, None = no cap.
    `carry_minutes`: most plan minutes carried over a credit, None = all of them (they never expire).
    `package_life`: credits of the plan after which a package expires, None = never.
    """

    allowances: Mapping[str, int]
    packages: tuple[TariffPackage, ...]
    currency: str = "usd"
    burn_order: str = "plan_first"
    most_packages: int | None = None
    carry_minutes: int | None = None
    package_life: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be a tariff; put the packages in order of minutes."""
        for plan, minutes in self.allowances.items():
            if not _whole(minutes, 0, MOST_MINUTES):
                raise WrongAllowance(f"{plan}: {minutes} minutes a month; 0 to {MOST_MINUTES:,} is possible.")
        _check_packages(self.packages)
        _check_rules(self)
        object.__setattr__(self, "packages", tuple(sorted(self.packages, key=lambda p: p.minutes)))


def _whole(number: object, least: int, most: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and least <= number <= most


def _check_packages(packages: tuple[TariffPackage, ...]) -> None:
    if not packages:
        raise EmptyMenu
    for package in packages:
        if not _whole(package.amount_cents, 1, MOST_CENTS):
            raise WrongPrice(
                f"{package.name}: {package.amount_cents} cents; 1 to {MOST_CENTS:,} is possible."
            )
        if not _whole(package.minutes, 1, MOST_MINUTES):
            raise WrongPackageMinutes(
                f"{package.name}: {package.minutes} minutes; 1 to {MOST_MINUTES:,} is possible."
            )
    if len({p.code for p in packages}) < len(packages):
        raise SamePackage("Two packages have the same code.")
    if len({p.minutes for p in packages}) < len(packages):
        raise SamePackage("Two packages have the same number of minutes; nobody would buy the dearer one.")


def _check_rules(tariff: Tariff) -> None:
    if tariff.burn_order not in BURN_ORDERS:
        raise WrongRule(f"{tariff.burn_order!r} is no burn order; there are {', '.join(BURN_ORDERS)}.")
    for name, number, least in (
        ("most_packages", tariff.most_packages, 0),
        ("carry_minutes", tariff.carry_minutes, 0),
        ("package_life", tariff.package_life, 1),
    ):
        if number is not None and not _whole(number, least, MOST_MINUTES):
            raise WrongRule(f"{name} = {number}; {least} to {MOST_MINUTES:,} is possible, or nothing at all.")
