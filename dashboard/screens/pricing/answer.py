"""The live answer: the scenario beside the replayed baseline, from one draw."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.kit import tables, template
from dashboard.screens.pricing import facts, verdict
from dashboard.screens.pricing.runs import Run, begun
from dashboard.text import decimal, minus, money, percent, plain, points, short_money
from ledger.money import digits_of, units_of
from ledger.pricing import Band, Comparison, Question, Side, Snapshot, central_demand, changed_bills, quick

# name, label, unit, what it means
OUTPUTS: Sequence[tuple[str, str, str, str]] = (
    ("revenue", "Replayed revenue", "cents", "Package revenue over the replayed history."),
    (
        "conversion",
        "Conversion per hit, replayed",
        "percent",
        "Share of limit hits at which a package is bought.",
    ),
    ("average_minutes", "Average package, replayed", "minutes", "Minutes sold / packages sold."),
    ("average_price", "Average price", "cents", "Revenue / packages sold."),
    ("hits", "Limit hits", "count", "Requests for more minutes than were left."),
    ("unmet", "Unmet minutes", "minutes", "Minutes requested but not served, because the customer waited."),
    (
        "liability_minutes",
        "Owed minutes, replayed",
        "minutes",
        "Bought and not yet used at the end of the history.",
    ),
    ("liability", "Owed money, replayed", "cents", "Owed minutes at the price of each package."),
    (
        "plan_minutes",
        "Served by plans",
        "minutes",
        "Minutes served by plans. The more, the less there is to sell.",
    ),
)

NUMBER_WIDTH, RANGE_WIDTH = 96, 176  # pixels: the whole range can be read on a laptop


TILE_WIDTH = 170  # pixels
MILLION = 1e6
CENTS_COUNT_BELOW = 10_000  # cents


@dataclass(frozen=True)
class Live:
    """Both sides of one draw, and how long the replay of the scenario took."""

    base: Side
    scenario: Side
    milliseconds: float


def live(taken: Snapshot, question: Question) -> Live:
    """Replay every workspace once. Raises the errors of the lab."""
    base = facts.baseline(taken, question)
    part = facts.part_of(taken, question)
    demand = central_demand(part.choices, question)
    started = time.perf_counter()
    side = quick(part.scenario(question), demand, seed=facts.SEED)
    return Live(base, side, 1000 * (time.perf_counter() - started))


def amount(value: float, unit: str, currency: str) -> str:
    """Return a number in its unit."""
    if unit == "cents":
        return money(round(value), currency)
    if unit == "percent":
        return percent(100 * value)
    return decimal(value) + (" min" if unit == "minutes" else "")


def short(value: float, unit: str, currency: str) -> str:
    """Return a number that fits a card: no cents from a thousand on, millions from a million on."""
    if unit == "cents":
        return short_money(value, currency)
    if unit == "percent" or abs(value) < MILLION:
        return minus(amount(value, unit, currency))
    return minus(f"{decimal(value / MILLION, 2)}M" + (" min" if unit == "minutes" else ""))


def change(value: float, unit: str, currency: str) -> str:
    """Return a difference in its unit, with its sign."""
    if unit == "percent":
        return points(100 * value)
    if unit == "cents":
        text = ("+" if value >= 0 else "") + money(round(value), currency)
    else:
        text = f"{value:+,.0f}" + (" min" if unit == "minutes" else "")
    return minus(text)


def arrow(value: float, unit: str, currency: str) -> str:
    """Return a difference for a table cell: an arrow in front, because a leading sign could be a formula."""
    text = change(abs(value), unit, currency).lstrip("+")
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{'▲' if value > 0 else '▼'} {text}"


def brief(value: float, unit: str, currency: str) -> str:
    """Return a difference beside its value, which names the unit: an arrow, and no cents from a hundred on."""
    if unit == "cents":
        digits = 0 if abs(value) >= CENTS_COUNT_BELOW else digits_of(currency)
        number = f"{units_of(round(abs(value)), currency):,.{digits}f}"
    else:
        number = f"{100 * abs(value):.1f}" if unit == "percent" else decimal(abs(value))
    if not any(digit in number for digit in "123456789"):
        return number
    return f"{'▲' if value > 0 else '▼'}{number}"


def show(taken: Snapshot, question: Question) -> None:
    """Draw the verdict, and each output today, in the scenario and its change, all from the same draws."""
    live_sides, run = live(taken, question), begun(taken, question)
    comparison = run.comparison if run else None
    changed = question.tariff != taken.tariff
    if run and comparison and changed:
        template.answer(verdict.sentence(answered(taken, run, comparison)))
    elif changed:
        template.answer("**Simulating…** The first numbers below are one draw.")
    else:
        template.answer(
            "**This is today's tariff.** Change a price or allowance, or pick an example, to see the impact."
        )
    currency = taken.currency
    lines = [
        line(output, comparison.band(output[0]), currency)
        if comparison
        else _one_draw(output, live_sides, currency)
        for output in OUTPUTS
    ]
    tables.show(
        pd.DataFrame(lines),
        key="pr_outputs",
        file_name="scenario.csv",
        columns={
            "output": tables.text("Output"),
            "today": tables.text("Today", alignment="right", width=NUMBER_WIDTH),
            "scenario": tables.text("Scenario", alignment="right", width=NUMBER_WIDTH),
            "change": tables.text("Change", alignment="right", width=NUMBER_WIDTH),
            "range": tables.text("90% range", alignment="right", width=RANGE_WIDTH),
        },
        height="content",
    )
    _mix(live_sides, question)
    st.caption(f"{_state(run)} · both sides replay the same history · {live_sides.milliseconds:.0f} ms")


def answered(taken: Snapshot, run: Run, comparison: Comparison) -> verdict.Answered:
    """Return the result of the draws so far, for the verdict."""
    changed = changed_bills(comparison)
    return verdict.Answered(
        revenue=comparison.band("revenue")[2],
        chance_up=comparison.chance_up,
        months=len(taken.months),
        pay_less=int((changed < 0).sum()),
        pay_more=int((changed > 0).sum()),
        currency=taken.currency,
        swings=run.swings,
    )


def line(output: tuple[str, str, str, str], bands: tuple[Band, Band, Band], currency: str) -> dict[str, str]:
    """Return a line of the table: middles of all draws, and the range of the change."""
    _name, label, unit, _meaning = output
    base, scenario, diff = bands
    moves = bool(round(diff.low, 6) or round(diff.high, 6))
    low, high = (arrow(end, unit, currency) for end in (diff.low, diff.high))
    return {
        "output": label,
        "today": amount(base.middle, unit, currency),
        "scenario": amount(scenario.middle, unit, currency),
        "change": arrow(diff.middle, unit, currency) if moves else "",
        "range": f"{low} to {high}" if moves else "",
    }


def _one_draw(output: tuple[str, str, str, str], sides: Live, currency: str) -> dict[str, str]:
    """Return the same line from one draw, until there are more."""
    name, label, unit, _meaning = output
    now, then = (float(side.output(name)[0]) for side in (sides.base, sides.scenario))
    return {
        "output": label,
        "today": amount(now, unit, currency),
        "scenario": amount(then, unit, currency),
        "change": arrow(then - now, unit, currency) if round(then - now, 6) else "",
        "range": "",
    }


def _state(run: Run | None) -> str:
    """Return the number of draws behind the numbers, and whether they still change."""
    if run is None or not run.done:
        return "Refining: one draw so far, these numbers will move"
    if run.is_running:
        return f"Refining: {run.done} of {run.draws} draws, these numbers will move"
    return f"Middle of {run.done} draws"


def _mix(sides: Live, question: Question) -> None:
    sold = sides.scenario.mix[0]
    total = max(float(sold.sum()), 1.0)
    parts = [
        f"{plain(p.name)} **{decimal(n)}** ({100 * n / total:.0f}%)"
        for p, n in zip(question.tariff.packages, sold, strict=True)
    ]
    st.markdown("Packages sold" + ": " + " · ".join(parts))
