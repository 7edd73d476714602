"""Where each number behind an answer comes from: measured, assumed, or not identifiable from these data."""

from dataclasses import dataclass

from ledger.pricing.calibration import Belief, Choices, measure_elasticity
from ledger.pricing.question import Question
from ledger.pricing.refusals import NoChoices, NotIdentifiable

MEASURED, ASSUMED, NOT_IDENTIFIABLE = "measured", "assumed", "not identifiable"


@dataclass(frozen=True)
class Badge:
    """One parameter, its value in words, where it comes from and why."""

    parameter: str
    value: str
    origin: str
    why: str


def belief_of(choices: Choices) -> Belief:
    """The measured elasticity where prices have varied, else the assumption of -1 with a wide band."""
    try:
        return measure_elasticity(choices)
    except (NotIdentifiable, NoChoices):
        return Belief()


def badges(choices: Choices, question: Question) -> list[Badge]:
    """One badge for each parameter of the answer."""
    hits = int(choices.decided.sum())
    known = {(p.code, p.minutes) for p in choices.packages}
    new = [p.name for p in question.tariff.packages if (p.code, p.minutes) not in known]
    belief = question.belief
    shown = [
        Badge("Limit hits, use, plan mix", "history", MEASURED, "every use and credit is in the ledger"),
        Badge("Shares of waiting and packages", f"{hits:,} limit hits", MEASURED if hits else NOT_IDENTIFIABLE,
              "counted for each plan, half a choice added to each; hits of one workspace are alike, together they say"
              f" as much as {(choices.decided.sum(axis=1) / choices.alike[:, 0]).sum():,.0f} that stand alone"),
        Badge("Use lost from limit to purchase", f"{choices.days_lost:.1f} usual days",
              MEASURED if hits else NOT_IDENTIFIABLE,
              "mean of all purchases that a limit led to: the call cut short, and what is wanted until they pay"),
        _elasticity_badge(choices, belief),
        Badge("Worth of a needed minute", f"{question.need_weight:.3g}", ASSUMED,
              "the size that people chose says little about it"),
        Badge("Response of use to allowance", f"{question.usage_response:g}", ASSUMED,
              "no allowance has changed at random"),
        Badge("Leaving because of a higher bill", f"{question.churn_uplift:g} for each 10%", ASSUMED,
              "the break-even shows how much it would take"),
    ]  # fmt: skip
    if new:
        shown.append(
            Badge("Value of " + ", ".join(new), "between its neighbours", ASSUMED, "this size was never sold")
        )
    return shown


def _elasticity_badge(choices: Choices, belief: Belief) -> Badge:
    value = f"{belief.mean:.2f} ± {belief.spread:.2f}"
    if belief.measured:
        return Badge(
            "Elasticity of conversion", value, MEASURED, "prices have varied between comparable customers"
        )
    try:
        measured = measure_elasticity(choices)
    except (NotIdentifiable, NoChoices) as refused:
        return Badge(
            "Elasticity of conversion", value, NOT_IDENTIFIABLE, f"an assumption with a band: {refused}"
        )
    why = f"your own number; the data say {measured.mean:.2f} ± {measured.spread:.2f}"
    return Badge("Elasticity of conversion", value, ASSUMED, why)
