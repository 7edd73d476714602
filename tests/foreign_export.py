"""A company's history as another system exports it, and what those files say when they are read by nobody but this test."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2025, 11, 3, 9, tzinfo=UTC)
LAST = datetime(2026, 3, 1, tzinfo=UTC)
PACKAGES = {
    "Extra minutes Small": (60, 999),
    "Extra minutes Medium": (150, 1999),
    "Extra minutes Large": (300, 3299),
}
"""Large was sold for another price than the catalogue has."""
MONTHLY = {"Starter Monthly": 200, "Pro Monthly": 300}
MAPPING = """
["accounts.csv"]
kind = "workspaces"
delimiter = ";"
dates = "day-first"
timezone = "Europe/Berlin"
[ "accounts.csv".columns]
workspace_id = "Account"
name = "Firma"
owner_email = "E-Mail"
created_at = "Kunde seit"
seats = "Seats"

["subscriptions.csv"]
kind = "plans"
timezone = "UTC"
["subscriptions.csv".columns]
workspace_id = "Account"
plan = "Product"
billing_cycle = "Interval"
started_at = "Start (UTC)"
ended_at = "End (UTC)"
["subscriptions.csv".values.plan]
"Starter Monthly" = "starter"
"Pro Monthly" = "pro"

["calls.csv"]
kind = "uses"
delimiter = ";"
dates = "day-first"
timezone = "Europe/Berlin"
unit = "seconds"
rounding = "up"
["calls.csv".columns]
workspace_id = "Account"
key = "Call ID"
minutes = "Duration (sec)"
at = "Ended"
["calls.csv".only]
Status = ["answered"]

["payments.csv"]
kind = "purchases"
timezone = "UTC"
amounts = "decimal"
["payments.csv".columns]
workspace_id = "workspace (metadata)"
purchase_id = "id"
package = "Description"
amount_cents = "Amount"
currency = "Currency"
paid_at = "Created date (UTC)"
["payments.csv".only]
Status = ["Paid", "Refunded"]
Mode = ["Live"]

["a_refunds.csv"]
kind = "refunds"
timezone = "UTC"
amounts = "decimal"
["a_refunds.csv".columns]
purchase_id = "Payment"
refund_id = "id"
amount_cents = "Amount"
at = "Created (UTC)"
"""


def write_export(folder: Path, *, workspaces: int = 12, seed: int = 7) -> None:
    """Write five files: foreign headers, seconds, local times, copies, refunds in a file before the payments."""
    rng = random.Random(seed)
    names = [f"acc{number}" for number in range(workspaces)]
    _write(folder / "accounts.csv", ["Account", "Firma", "E-Mail", "Kunde seit", "Seats"], [
        [name, f"Firma {name}", f"{name}+team@example.com", "02.11.2025 10:00", rng.randint(1, 90)] for name in names
    ], delimiter=";", mark="\ufeff")  # fmt: skip
    plans = []
    for number, name in enumerate(names):
        start = FIRST + timedelta(days=number % 5, hours=number)
        end = "" if number % 4 else f"{start + timedelta(days=70):%Y-%m-%d %H:%M:%S}"
        plans.append([name, list(MONTHLY)[number % 2], "month", f"{start:%Y-%m-%d %H:%M:%S}", end])
    _write(
        folder / "subscriptions.csv", ["Account", "Product", "Interval", "Start (UTC)", "End (UTC)"], plans
    )
    _write_calls(folder, names, rng)
    _write_money(folder, names, rng)
    (folder / "mapping.toml").write_text(MAPPING)


def _write_calls(folder: Path, names: list[str], rng: random.Random) -> None:
    calls = []
    for number in range(len(names) * 100):
        moment = FIRST + timedelta(days=6, seconds=rng.randrange(9_000_000))
        ended = moment.astimezone(BERLIN)
        seconds = rng.randrange(1, 1800) if rng.random() < 0.9 else 0
        status = "answered" if rng.random() < 0.9 else "no answer"
        calls.append([rng.choice(names), f"c-{number:05}", seconds, f"{ended:%d.%m.%Y %H:%M}", status])
    calls += [list(call) for call in rng.sample(calls, 15)]
    rng.shuffle(calls)
    _write(
        folder / "calls.csv",
        ["Account", "Call ID", "Duration (sec)", "Ended", "Status"],
        calls,
        delimiter=";",
    )


def _write_money(folder: Path, names: list[str], rng: random.Random) -> None:
    payments, refunds = [], []
    for number in range(len(names) * 4):
        package = rng.choice(list(PACKAGES))
        cents = PACKAGES[package][1]
        paid_at = FIRST + timedelta(days=10, seconds=rng.randrange(8_000_000))
        row = [f"ch_{number}", f"{paid_at:%Y-%m-%d %H:%M:%S}", f"{cents / 100:.2f}", "usd", "Paid", "Live"]
        row[4] = "Failed" if rng.random() < 0.1 else "Paid"
        row[5] = "Test" if rng.random() < 0.1 else "Live"
        payments.append([*row, package, rng.choice(names)])
        if row[4:6] == ["Paid", "Live"] and rng.random() < 0.4:
            back = rng.choice([cents, cents // 3])
            refunded_at = paid_at + timedelta(days=rng.randrange(1, 9))
            refunds.append(
                [f"re_{number}", f"ch_{number}", f"{back / 100:.2f}", f"{refunded_at:%Y-%m-%d %H:%M:%S}"]
            )
    rng.shuffle(payments)
    header = [
        "id",
        "Created date (UTC)",
        "Amount",
        "Currency",
        "Status",
        "Mode",
        "Description",
        "workspace (metadata)",
    ]
    _write(folder / "payments.csv", header, payments)
    _write(folder / "a_refunds.csv", ["id", "Payment", "Amount", "Created (UTC)"], refunds)


def _write(
    path: Path, header: list[str], rows: list[list[object]], *, delimiter: str = ",", mark: str = ""
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(mark)
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])


@dataclass
class Reading:
    """What the files say: money in cents, minutes, and each workspace's balance and limit hits."""

    gross: int = 0
    refunded: int = 0
    sizes: list[int] = field(default_factory=list)
    unmet: int = 0
    uses: int = 0
    hits: set[tuple[str, datetime]] = field(default_factory=set)
    balances: dict[str, tuple[int, int]] = field(default_factory=dict)
    bought: list[tuple[str, datetime]] = field(default_factory=list)
    large: set[str] = field(default_factory=set)

    @property
    def conversion(self) -> float:
        """Percent of the workspaces with a hit at least 14 days old that paid within 14 days of such a hit."""
        window = timedelta(days=14)
        old = [(name, at) for name, at in self.hits if at + window <= LAST]
        buyers = {
            name
            for name, at in old
            if any(who == name and at <= paid < at + window for who, paid in self.bought)
        }
        return round(100 * len(buyers) / len({name for name, _ in old}), 1)


def read_export(folder: Path) -> Reading:
    """Return what the files say, by a plain loop over each workspace's events."""
    reading = Reading()
    events: dict[str, list[tuple[datetime, int, str, object]]] = defaultdict(list)
    for row in _rows(folder / "subscriptions.csv"):
        start, end = _utc(row["Start (UTC)"]), _utc(row["End (UTC)"]) if row["End (UTC)"] else LAST
        month = start
        while month < end:
            events[row["Account"]].append((month, 0, "plan", MONTHLY[row["Product"]]))
            month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    reading.large = {row["Account"] for row in _rows(folder / "accounts.csv", ";") if int(row["Seats"]) > 40}
    calls = {row["Call ID"]: row for row in _rows(folder / "calls.csv", ";")}
    for row in calls.values():
        minutes = -(-int(row["Duration (sec)"]) // 60)
        if row["Status"] == "answered" and minutes:
            reading.uses += 1
            ended = datetime.strptime(row["Ended"], "%d.%m.%Y %H:%M").replace(tzinfo=BERLIN)
            events[row["Account"]].append((ended.astimezone(UTC), 2, row["Call ID"], minutes))
    _money(folder, events, reading)
    for workspace_id, mine in events.items():
        reading.balances[workspace_id] = live(workspace_id, sorted(mine, key=lambda each: each[:3]), reading)
    return reading


def _money(
    folder: Path, events: dict[str, list[tuple[datetime, int, str, object]]], reading: Reading
) -> None:
    paid = {}
    for row in _rows(folder / "payments.csv"):
        if (row["Status"], row["Mode"]) == ("Paid", "Live"):
            minutes, cents = PACKAGES[row["Description"]]
            at, workspace_id = _utc(row["Created date (UTC)"]), row["workspace (metadata)"]
            events[workspace_id].append((at, 1, row["id"], minutes))
            paid[row["id"]] = (workspace_id, minutes, cents)
            reading.gross += cents
            reading.bought.append((workspace_id, at))
            reading.sizes.append(minutes)
    for row in _rows(folder / "a_refunds.csv"):
        workspace_id, minutes, cents = paid[row["Payment"]]
        back = round(float(row["Amount"]) * 100)
        reading.refunded += back
        target = minutes if back == cents else minutes * back // cents
        events[workspace_id].append((_utc(row["Created (UTC)"]), 3, row["Payment"], target))


def live(
    workspace_id: str, events: list[tuple[datetime, int, str, object]], reading: Reading
) -> tuple[int, int]:
    """Plan minutes first, then extra minutes oldest first; a hit is the first moment of an epoch with nothing left.

    Kinds of events: 0 plan minutes, 1 a purchase, 2 a use, 3 a purchase that is refunded, 4 plan minutes that go back.
    """
    plan, lots, hit = 0, {}, False
    for at, kind, name, value in events:
        minutes = int(str(value))
        if kind == 0:
            plan, hit = plan + minutes, False
        elif kind == 1:
            lots[name], hit = minutes, False
        elif kind == 3:
            lots[name] -= min(lots[name], minutes)
        elif kind == 4:
            plan -= minutes
        else:
            from_plan = min(plan, minutes)
            plan, left = plan - from_plan, minutes - from_plan
            for lot, remaining in lots.items():
                taken = min(remaining, left)
                lots[lot], left = remaining - taken, left - taken
            reading.unmet += left
            if plan + sum(lots.values()) == 0 and not hit:
                hit = True
                reading.hits.add((workspace_id, at))
    return plan, sum(lots.values())


def _rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def _utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
