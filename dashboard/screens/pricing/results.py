"""Results of scenarios as plain numbers: stored, compared side by side, exported."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.kit.labels import attribute_name
from dashboard.screens.pricing import facts
from dashboard.screens.pricing.answer import OUTPUTS, amount, arrow, brief, short
from dashboard.screens.pricing.controls import BURN_NAMES, trait_segment
from dashboard.screens.pricing.currencies import describe_left_out
from dashboard.text import decimal, minus, moment
from ledger.pricing import Band, Comparison, LeftOut, Scenario, Tariff


def of(comparison: Comparison) -> dict[str, Any]:
    """Return the bands of every output: baseline, scenario, change, each [middle, low, high]; and P(revenue up)."""
    bands = {name: [_numbers(band) for band in comparison.band(name)] for name, *_rest in OUTPUTS}
    return {"draws": comparison.draws, "chance_up": comparison.chance_up, "bands": bands}


def _numbers(band: Band) -> list[float]:
    return [band.middle, band.low, band.high]


def side_by_side(scenarios: Sequence[Scenario]) -> pd.DataFrame:
    """Return one row for each output, one column for each scenario: value and change with its range."""
    rows: list[dict[str, str]] = []
    for name, label, unit, _meaning in OUTPUTS:
        row = {"Output": label}
        for number, scenario in enumerate(scenarios, start=1):
            row[heading(number, scenario)] = _cell(scenario, name, unit)
        rows.append(row)
    up = {"Output": "Chance revenue increases"}
    for number, scenario in enumerate(scenarios, start=1):
        up[heading(number, scenario)] = f"{100 * scenario.results.get('chance_up', 0):.0f}%"
    return pd.DataFrame([*rows, up])


def heading(number: int, scenario: Scenario) -> str:
    """Return the heading of a column: number, name and version, which distinguish scenarios of one name."""
    return f"{number} · {scenario.name} v{scenario.version}"


def _cell(scenario: Scenario, name: str, unit: str) -> str:
    bands: Mapping[str, Any] = scenario.results.get("bands", {})
    if name not in bands:
        return "–"
    currency = scenario.question.tariff.currency
    _base, then, diff = bands[name]
    middle, low, high = (brief(value, unit, currency) for value in diff)
    return f"{short(then[0], unit, currency)} ({middle}; {low} … {high})"


def drift(scenario: Scenario, again: Comparison) -> pd.DataFrame:
    """Return the saved results beside those on today's data, and the drift of each change."""
    currency = scenario.question.tariff.currency
    saved: Mapping[str, Any] = scenario.results.get("bands", {})
    rows = []
    for name, label, unit, _meaning in OUTPUTS:
        if name not in saved:
            continue
        was, now = saved[name][2][0], again.band(name)[2].middle
        rows.append([
            label,
            arrow(was, unit, currency),
            arrow(now, unit, currency),
            arrow(now - was, unit, currency),
        ])  # fmt: skip
    return pd.DataFrame(rows, columns=["Output", "Change then", "Change now", "Drift"])


def parameters(scenarios: Sequence[Scenario]) -> pd.DataFrame:
    """Return the offers and assumptions of each scenario, a row for each parameter."""
    each_offer = [_offer(scenario) for scenario in scenarios]
    headings = [heading(number, scenario) for number, scenario in enumerate(scenarios, start=1)]
    rows = [[name, *(each.get(name, "–") for each in each_offer)] for name in _names(each_offer)]
    return pd.DataFrame(rows, columns=["Parameter", *headings])


def _names(offers: Sequence[Mapping[str, str]]) -> list[str]:
    """Return every name once, in the order of the scenarios."""
    names: list[str] = []
    for each in offers:
        place = 0
        for name in each:
            if name not in names:
                names.insert(place, name)
            place = names.index(name) + 1
    return names


def _offer(scenario: Scenario) -> dict[str, str]:
    question, tariff = scenario.question, scenario.question.tariff
    plans = {
        f"{facts.names().plans.get(plan, plan)}: minutes a month": decimal(minutes)
        for plan, minutes in tariff.allowances.items()
    }
    origin = "measured" if question.belief.measured else "assumed"
    return {
        "Segment": ", ".join(
            [
                facts.names().plans.get(question.segment, question.segment) or "All plans",
                *(
                    f"{attribute_name(key)}: {trait_segment(key, segment)}"
                    for key, segment in question.traits
                ),
            ]
        ),
        "Currency": tariff.currency.upper(),
        **plans,
        **_packages(tariff),
        **_rules(tariff),
        "Elasticity of conversion": minus(
            f"{question.belief.mean:.2f} ± {question.belief.spread:.2f} ({origin})"
        ),
        "Value of a needed minute": f"{question.need_weight:.4f}",
        "Usage follows the allowance by": f"{100 * question.usage_response:g}%",
        "Churn per 10% higher bill": f"{100 * question.churn_uplift:g}%",
        "Author": scenario.author,
        "Saved": moment(scenario.at),
        "Snapshot": _snapshot(scenario.snapshot),
        "Left out": _left_out(scenario.snapshot),
        "Seed · code": f"{scenario.seed} · {scenario.code_version}",
        "Note": scenario.note or "–",
    }


def _snapshot(facts: Mapping[str, Any]) -> str:
    """Return the fingerprint of the data and their end."""
    parts = [str(facts.get("fingerprint", ""))]
    if facts.get("data_to"):
        parts.append("data to {at}".format(at=moment(datetime.fromisoformat(facts["data_to"]))))
    return " · ".join(parts)


def _left_out(facts: Mapping[str, Any]) -> str:
    """Return what of other currencies is not part of the data."""
    return describe_left_out([LeftOut(**each) for each in facts.get("left_out", ())]) or "–"


def _packages(tariff: Tariff) -> dict[str, str]:
    """Return the minutes and the price of each package; two of one name are distinguished by their minutes."""
    names = [p.name for p in tariff.packages]
    return {
        "Package {name}".format(
            name=p.name if names.count(p.name) == 1 else f"{p.name} ({decimal(p.minutes)} min)"
        ): (f"{decimal(p.minutes)} min, {amount(p.amount_cents, 'cents', tariff.currency)}")
        for p in tariff.packages
    }


def _rules(tariff: Tariff) -> dict[str, str]:
    """Return the order of use, cap, carry-over and expiry."""

    def capped(limit: int | None, none: str) -> str:
        return none if limit is None else decimal(limit)

    return {
        "Order of use": BURN_NAMES[tariff.burn_order],
        "Max. packages per plan period": capped(tariff.most_packages, "no cap"),
        "Max. plan minutes carried over": capped(tariff.carry_minutes, "all"),
        "Packages expire after (plan periods)": capped(tariff.package_life, "forever"),
    }
