"""A company's history as another system exports it, and what those files say when nobody but this test reads them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.history.facts import Bought, History, Lived, Period, Quarrel, lived
from tests.history.figures import MONTH_MINUTES

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2025, 11, 3, 9, tzinfo=UTC)
LAST = datetime(2026, 3, 1, tzinfo=UTC)
PACKAGES = {
    "Extra minutes Small": (60, {"usd": 999, "eur": 949}),
    "Extra minutes Medium": (150, {"usd": 1999, "eur": 1899}),
    "Extra minutes Large": (300, {"usd": 3299, "eur": 3099}),
}
"""Large was sold for another price than the catalogue has, and nothing of the catalogue is in euros."""
PRODUCTS = {
    "Starter Monthly": ("starter", "monthly"),
    "Pro Monthly": ("pro", "monthly"),
    "Starter Yearly": ("starter", "annual"),
    "Pro Yearly": ("pro", "annual"),
}
CHANNELS = ("web", "partner")
MAPPING = (Path(__file__).parent / "foreign_mapping.toml").read_text("utf-8")


def write_export(folder: Path, *, workspaces: int = 12, seed: int = 7) -> None:
    """Write seven files: foreign headers, seconds, local times, copies, a refund before its payment, two currencies."""
    rng = random.Random(seed)
    names = [f"acc{number}" for number in range(workspaces)]
    _write(folder / "accounts.csv", ["Account", "Firma", "E-Mail", "Kunde seit", "Seats", "Kanal"], [
        [name, f"Firma {name}", f"{name}+team@example.com", "02.11.2025 10:00", rng.randint(1, 90), rng.choice(CHANNELS)]
        for name in names
    ], delimiter=";", mark="\ufeff")  # fmt: skip
    plans = [row for number, name in enumerate(names) for row in _plans_of(number, name)]
    _write(
        folder / "subscriptions.csv", ["Account", "Product", "Interval", "Start (UTC)", "End (UTC)"], plans
    )
    _write_calls(folder, names, rng)
    _write_money(folder, names, rng)
    gifts = [
        [f"gift-{number}", name, number * 5, f"{FIRST + timedelta(days=20 + number % 40):%Y-%m-%d}"]
        for number, name in enumerate(names)
        if number % 6 == 1
    ]
    _write(folder / "bonus.csv", ["Bonus", "Account", "Minutes", "Day"], gifts)
    (folder / "mapping.toml").write_text(MAPPING)


def _plans_of(number: int, name: str) -> Iterable[list[object]]:
    """One plan that goes on, or ends; every fifth moves to a larger one, every seventh comes back after 20 or 40 days."""
    start = FIRST + timedelta(days=number % 5, hours=number % 20)
    product = list(PRODUCTS)[number % 2 if number % 9 else 2 + number % 2]
    interval = "year" if product.endswith("Yearly") else "month"
    middle = start + timedelta(days=50 + number % 7)
    if number % 5 == 3:
        larger = start + timedelta(days=16 + number % 9)
        yield [name, product, interval, _text(start), _text(larger)]
        yield [name, "Pro Yearly", "year", _text(larger), ""]
    elif number % 7 == 2:
        yield [name, product, interval, _text(start), _text(middle)]
        back = middle + timedelta(days=40 if number % 2 else 20)
        yield [name, product, interval, _text(back), ""]
    else:
        yield [
            name,
            product,
            interval,
            _text(start),
            "" if number % 4 else _text(start + timedelta(days=70)),
        ]


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _write_calls(folder: Path, names: list[str], rng: random.Random) -> None:
    calls = []
    busy = names + 2 * names[3::5] + 2 * names[::4]
    late = names[5::6]
    for number in range(len(names) * 150):
        name = rng.choice(busy)
        begin = 60 if name in late else 6
        moment = FIRST + timedelta(days=begin, seconds=rng.randrange((117 - begin) * 86_400))
        ended = moment.astimezone(BERLIN)
        seconds = rng.randrange(1, 1800) if rng.random() < 0.9 else 0
        status = "answered" if rng.random() < 0.9 else "no answer"
        calls.append([name, f"c-{number:05}", seconds, f"{ended:%d.%m.%Y %H:%M}", status])
    calls += [list(call) for call in rng.sample(calls, 15)]
    rng.shuffle(calls)
    _write(
        folder / "calls.csv",
        ["Account", "Call ID", "Duration (sec)", "Ended", "Status"],
        calls,
        delimiter=";",
    )


def _write_money(folder: Path, names: list[str], rng: random.Random) -> None:
    payments: list[list[object]] = []
    refunds: list[list[object]] = []
    disputes: list[list[object]] = []
    for number in range(len(names) * 3):
        package, currency = rng.choice(list(PACKAGES)), rng.choice(["usd", "usd", "eur"])
        cents = PACKAGES[package][1][currency]
        paid_at = FIRST + timedelta(days=10, seconds=rng.randrange(8_000_000))
        status = "Failed" if rng.random() < 0.1 else "Paid"
        mode = "Test" if rng.random() < 0.1 else "Live"
        fee = f"{cents / 2500 + 0.3:.2f}" if number % 3 else ""
        row = [f"ch_{number}", _text(paid_at), f"{cents / 100:.2f}", currency, status, mode, fee]
        payments.append([*row, package, rng.choice(names)])
        if (status, mode) != ("Paid", "Live"):
            continue
        luck, charge = rng.random(), f"ch_{number}"
        if luck < 0.4:
            back = rng.choice([cents, cents // 3])
            # One system's clock is a minute behind.
            refunded_at = paid_at + timedelta(days=rng.randrange(9), minutes=-1)
            refunds.append([f"re_{number}", charge, f"{back / 100:.2f}", _text(refunded_at)])
            if back < cents and rng.random() < 0.5:
                later = refunded_at + timedelta(days=6)
                refunds.append([f"rest_{number}", charge, f"{(cents - back) / 100:.2f}", _text(later)])
        elif luck < 0.55:
            opened, closed = paid_at + timedelta(days=1), paid_at + timedelta(days=9)
            outcome = rng.choice(["won", "lost"])
            disputes.append(
                [f"dp_{number}", charge, f"{cents / 100:.2f}", _text(opened), _text(closed), outcome, "15.00"]
            )
    for rows in (payments, refunds, disputes):
        rows.extend(rng.sample(rows, 1) + rows[:1])
    rng.shuffle(payments)
    header = ["id", "Created date (UTC)", "Amount", "Currency", "Status", "Mode", "Fee", "Description"]
    _write(folder / "payments.csv", [*header, "workspace (metadata)"], payments)
    _write(folder / "a_refunds.csv", ["id", "Payment", "Amount", "Created (UTC)"], refunds)
    header = ["id", "Payment", "Amount", "Opened (UTC)", "Closed (UTC)", "Outcome", "Dispute fee"]
    _write(folder / "b_chargebacks.csv", header, disputes)


def _write(
    path: Path, header: list[str], rows: list[list[object]], *, delimiter: str = ",", mark: str = ""
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(mark)
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])


def read_export(folder: Path) -> Lived:
    """Return what the files say, and what the rules make of it."""
    history = History()
    for row in _rows(folder / "accounts.csv", ";"):
        history.attributes[row["Account"]] = {"seats": row["Seats"], "channel": row["Kanal"]}
    for row in _rows(folder / "subscriptions.csv"):
        _read_plan(history, row)
    calls = {row["Call ID"]: row for row in _rows(folder / "calls.csv", ";")}
    for row in calls.values():
        minutes = -(-int(row["Duration (sec)"]) // 60)
        if row["Status"] == "answered" and minutes:
            ended = datetime.strptime(row["Ended"], "%d.%m.%Y %H:%M").replace(tzinfo=BERLIN)
            history.uses.append((row["Account"], ended.astimezone(UTC), row["Call ID"], minutes))
    for row in _rows(folder / "bonus.csv"):
        day = datetime.strptime(row["Day"], "%Y-%m-%d").replace(hour=12, tzinfo=UTC)
        history.grants.append((row["Account"], day, row["Bonus"], int(row["Minutes"])))
    _read_money(folder, history)
    return lived(history)


def _read_plan(history: History, row: dict[str, str]) -> None:
    """Twelve months' minutes at once, or a month's at the start and on the same day of each month that begins before the end."""
    plan, cycle = PRODUCTS[row["Product"]]
    start, end = _utc(row["Start (UTC)"]), _utc(row["End (UTC)"]) if row["End (UTC)"] else None
    history.periods[row["Account"]].append(Period(plan, cycle, start, end))
    minutes = MONTH_MINUTES[plan]
    if cycle == "annual":
        history.plan_minutes.append((row["Account"], start, "plan", 12 * minutes))
        return
    months = 0
    while (at := _months_later(start, months)) < (end or LAST):
        history.plan_minutes.append((row["Account"], at, "plan", minutes))
        months += 1


def _months_later(start: datetime, months: int) -> datetime:
    """Return the same day of a later month, or its last day if it has no such day."""
    first = start.replace(
        day=1, year=start.year + (start.month - 1 + months) // 12, month=(start.month - 1 + months) % 12 + 1
    )
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(start.day, last.day))


def _read_money(folder: Path, history: History) -> None:
    paid: dict[str, Bought] = {}
    for row in _rows(folder / "payments.csv"):
        if (row["Status"], row["Mode"]) == ("Paid", "Live"):
            minutes, prices = PACKAGES[row["Description"]]
            paid[row["id"]] = Bought(
                row["workspace (metadata)"],
                row["id"],
                _utc(row["Created date (UTC)"]),
                row["Description"].rsplit(" ", maxsplit=1)[-1].lower(),
                minutes,
                prices[row["Currency"]],
                row["Currency"],
                _cents(row["Fee"]) if row["Fee"] else None,
            )
    history.purchases = list(paid.values())
    for row in _once(folder / "a_refunds.csv"):
        bought = paid[row["Payment"]]
        bought.refunds.append((max(bought.at, _utc(row["Created (UTC)"])), _cents(row["Amount"])))
    for row in _once(folder / "b_chargebacks.csv"):
        opened, closed = _utc(row["Opened (UTC)"]), _utc(row["Closed (UTC)"])
        quarrel = Quarrel(
            opened, closed, _cents(row["Amount"]), row["Outcome"] == "lost", _cents(row["Dispute fee"])
        )
        paid[row["Payment"]].quarrels.append(quarrel)


def _cents(amount: str) -> int:
    return round(float(amount) * 100)


def _rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def _once(path: Path) -> Iterable[dict[str, str]]:
    """Return the rows without their copies."""
    return {row["id"]: row for row in _rows(path)}.values()


def _utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
