"""One pricing question: what is changed, for whom, and under which assumptions."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ledger.pricing.calibration import Belief
from ledger.pricing.refusals import PricingRefused, WrongAssumption
from ledger.pricing.tariff import Tariff, TariffPackage

MOST_NEED_WEIGHT = 1.0


@dataclass(frozen=True)
class Question:
    """`tariff`: what would be offered. `segment`: one plan, or "" for all. `traits`: all that its workspaces have.

    A trait is a pair of billing cycle or attribute and its segment.
    Assumptions: `belief` of the elasticity; `need_weight`: worth of a needed minute at a limit hit;
    `usage_response`: percent more use for each percent more allowance; `churn_uplift`: share of those with a
    higher bill who leave, for each 10% it rises.
    """

    tariff: Tariff
    belief: Belief = field(default_factory=Belief)
    segment: str = ""
    need_weight: float = 0.0
    usage_response: float = 0.0
    churn_uplift: float = 0.0
    traits: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse assumptions that mean nothing."""
        if not 0 <= self.usage_response <= 1 or not 0 <= self.churn_uplift <= 1:
            raise WrongAssumption(f"usage response {self.usage_response}, churn uplift {self.churn_uplift}.")
        if not 0 <= self.need_weight <= MOST_NEED_WEIGHT:
            raise WrongAssumption(f"the worth of a needed minute is {self.need_weight}; 0 to 1 is possible.")

    def with_belief(self, belief: Belief) -> "Question":
        """The same question under another belief."""
        return replace(self, belief=belief)

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are stored."""
        plain = asdict(self)
        plain["tariff"]["allowances"] = dict(self.tariff.allowances)
        plain["tariff"]["packages"] = [asdict(p) for p in self.tariff.packages]
        return plain


def question_of(stored: Mapping[str, Any]) -> Question:
    """The question that was stored. Raises PricingRefused when it is none."""
    try:
        tariff = dict(stored["tariff"])
        packages = tuple(TariffPackage(**package) for package in tariff.pop("packages"))
        rest = {name: stored[name] for name in ("segment", "need_weight", "usage_response", "churn_uplift")}
        rest["traits"] = tuple((str(key), str(segment)) for key, segment in stored.get("traits", ()))
        return Question(Tariff(packages=packages, **tariff), Belief(**stored["belief"]), **rest)
    except (KeyError, TypeError, ValueError) as error:
        raise PricingRefused("What is stored is no pricing question.") from error
