"""The answer while something is dragged: the scenario beside the replayed baseline, in one draw, at once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.screens.pricing import facts
from dashboard.screens.pricing.runs import Run, begun
from dashboard.text import minus, money, percent, plain, points, short_money
from ledger.pricing.forecast import Band
from ledger.pricing.lab import Side, central_demand, quick
from ledger.pricing.question import Question
from ledger.pricing.snapshot import Snapshot

# name, label, unit, what it means
OUTPUTS: Sequence[tuple[str, str, str, str]] = (
    ("revenue", "Revenue", "cents", "What packages bring over the replayed history."),
    ("conversion", "Conversion", "percent", "Share of limit hits at which a package is bought."),
    ("average_minutes", "Average package", "minutes", "Minutes sold / packages sold."),
    ("average_price", "Average price", "cents", "Revenue / packages sold."),
    ("hits", "Limit hits", "count", "Times somebody wanted more than there was."),
    ("unmet", "Unmet minutes", "minutes", "Wanted and not served, because the customer waited."),
    ("liability_minutes", "Owed minutes", "minutes", "Bought and not yet used at the end of the history."),
    ("liability", "Owed money", "cents", "The same, at the price of each package."),
    ("plan_minutes", "Served by plans", "minutes", "What plans served: more of it is less to sell."),
)


CARD_WIDTH = 170  # two stand side by side on a phone, three on a desk
MILLION = 1e6
CENTS_COUNT_BELOW = 10_000  # cents


@dataclass(frozen=True)
class Live:
    """Both sides of one draw, and how long the replay of the scenario took."""

    base: Side
    scenario: Side
    milliseconds: float


def live(taken: Snapshot, question: Question) -> Live:
    """Replay everybody once. Raises the named refusals of the lab."""
    base = facts.baseline(taken, question)
    part = facts.lab(taken).only(question.segment)
    demand = central_demand(part.choices, question)
    started = time.perf_counter()
    side = quick(part.scenario(question), demand, seed=facts.SEED)
    return Live(base, side, 1000 * (time.perf_counter() - started))


def amount(value: float, unit: str, currency: str) -> str:
    """A number in its unit."""
    if unit == "cents":
        return money(round(value), currency)
    if unit == "percent":
        return percent(100 * value)
    return f"{value:,.0f}" + (" min" if unit == "minutes" else "")


def short(value: float, unit: str, currency: str) -> str:
    """A number as a card has room for: no cents from a thousand on, millions from a million on."""
    if unit == "cents":
        return short_money(value, currency)
    if unit == "percent" or abs(value) < MILLION:
        return minus(amount(value, unit, currency))
    return minus(f"{value / MILLION:,.2f}M" + (" min" if unit == "minutes" else ""))


def change(value: float, unit: str, currency: str) -> str:
    """A difference in its unit, with its sign."""
    if unit == "percent":
        return points(100 * value)
    if unit == "cents":
        text = ("+" if value >= 0 else "") + money(round(value), currency)
    else:
        text = f"{value:+,.0f}" + (" min" if unit == "minutes" else "")
    return minus(text)


def arrow(value: float, unit: str, currency: str) -> str:
    """A difference for a table cell: an arrow in front, because a leading sign could be a formula."""
    text = change(abs(value), unit, currency).lstrip("+")
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{'▲' if value > 0 else '▼'} {text}"


def brief(value: float, unit: str, currency: str) -> str:
    """A difference beside its value, which names the unit: an arrow, and no cents from a hundred on."""
    if unit == "cents" and abs(value) >= CENTS_COUNT_BELOW:
        number = short_money(abs(value), currency)
    elif unit == "cents":
        number = money(round(abs(value)), currency)
    else:
        number = f"{100 * abs(value):.1f}" if unit == "percent" else f"{abs(value):,.0f}"
    if not any(digit in number for digit in "123456789"):
        return number
    return f"{'▲' if value > 0 else '▼'}{number}"


def show(taken: Snapshot, question: Question) -> None:
    """Nine numbers of the scenario, each with its change against the replayed baseline, and the mix."""
    found, run = live(taken, question), refined(taken, question)
    with st.container(horizontal=True):
        for output in OUTPUTS:
            name = output[0]
            if run and run.comparison:
                bands = run.comparison.band(name)
                now, then = bands[0].middle, bands[1].middle
                _card(output, now, then, taken.tariff.currency, bands[2])
            else:
                now, then = (float(side.output(name)[0]) for side in (found.base, found.scenario))
                _card(output, now, then, taken.tariff.currency)
    _mix(found, question)
    part = facts.lab(taken).only(question.segment)
    st.caption(
        "Scenario beside the replayed baseline, not beside raw history"
        " · "
        + (
            f"middle of {run.done} draws, with the range of 90 in 100; packages sold: one draw"
            if run
            else f"one draw over all {part.history.size:,} workspaces, to be refined below"
        )
        + " · "
        + f"replayed in {found.milliseconds:.0f} ms"
    )


def refined(taken: Snapshot, question: Question) -> Run | None:
    """The run that has made all draws of this very question; None while it is under way, or was stopped."""
    run = begun(taken, question)
    return run if run and run.finished.is_set() and run.done == run.draws else None


def _card(
    output: tuple[str, str, str, str], now: float, then: float, currency: str, change_: Band | None = None
) -> None:
    """One output; `change_`: its change with its range, once the draws are made."""
    _name, label, unit, meaning = output
    by = then - now if change_ is None else change_.middle
    differs = round(by, 6) != 0
    ends = None
    if change_ and (change_.low or change_.high):
        ends = f"{brief(change_.low, unit, currency)} … {brief(change_.high, unit, currency)}"
    st.metric(
        label,
        short(then, unit, currency),
        delta=_delta(by, unit, currency) if differs else None,
        delta_description=ends,
        delta_color="off",
        delta_arrow=("up" if by > 0 else "down") if differs else "off",
        help=f"{meaning} Scenario: {amount(then, unit, currency)}. Baseline: {amount(now, unit, currency)}.",
        border=True,
        width=CARD_WIDTH,
    )


def _delta(value: float, unit: str, currency: str) -> str:
    if unit == "percent":
        return change(value, unit, currency)
    return ("+" if value >= 0 else "") + short(value, unit, currency)


def _mix(found: Live, question: Question) -> None:
    sold = found.scenario.mix[0]
    total = max(float(sold.sum()), 1.0)
    parts = [
        f"{plain(p.name)} **{n:,.0f}** ({100 * n / total:.0f} %)"
        for p, n in zip(question.tariff.packages, sold, strict=True)
    ]
    st.markdown("Packages sold" + ": " + " · ".join(parts))
