"""Errors of the pricing lab."""

from ledger.errors import LedgerError


class PricingRefused(LedgerError):
    """This pricing question can't be answered."""

    code = "pricing_refused"


class EmptyMenu(PricingRefused):
    """A menu needs at least one package."""

    code = "empty_menu"


class WrongPrice(PricingRefused):
    """A price must be a whole number of cents from 1 to 99,999,999."""

    code = "wrong_price"


class WrongPackageMinutes(PricingRefused):
    """A package must hold 1 to 1,000,000 whole minutes."""

    code = "wrong_package_minutes"


class SamePackage(PricingRefused):
    """Two packages can't have the same code or the same number of minutes."""

    code = "same_package"


class WrongAllowance(PricingRefused):
    """A plan must give 0 to 1,000,000 whole minutes a month."""

    code = "wrong_allowance"


class WrongRule(PricingRefused):
    """This burn order, cap, carry-over or package lifetime does not exist."""

    code = "wrong_rule"


class NoHistory(PricingRefused):
    """There is no history to replay."""

    code = "no_history"


class NoChoices(PricingRefused):
    """No limit hit has an outcome yet, so demand can't be calibrated."""

    code = "no_choices"


class WrongElasticity(PricingRefused):
    """The elasticity of conversion must be below 0, and its spread 0 or more."""

    code = "wrong_elasticity"


class WrongAssumption(PricingRefused):
    """Usage response and churn uplift must be from 0 to 1, draws from 20 to 5,000, and the seed 0 or above."""

    code = "wrong_assumption"


class NotIdentifiable(PricingRefused):
    """Prices have not varied, so the data show nothing about elasticity."""

    code = "not_identifiable"


class WrongTest(PricingRefused):
    """A price test needs two arms or more, a conversion between 0 and 1, and an effect that is not 0."""

    code = "wrong_price_test"


class RehearsalEnded(PricingRefused):
    """This rehearsal can't continue: it has ended, or the remaining decisions are unknown."""

    code = "rehearsal_ended"


class UnknownScenario(PricingRefused):
    """No scenario has this id."""

    code = "unknown_scenario"


class ScenarioChanged(PricingRefused):
    """Someone saved another version of this scenario since you opened it. Your version is still on screen."""

    code = "scenario_changed"


class WrongScenarioText(PricingRefused):
    """A scenario needs a name of 1 to 100 characters and a note of at most 2,000."""

    code = "wrong_scenario_name"

    def __init__(self, detail: str = "", *, what: str = "name") -> None:
        """Store `what` is wrong: the name or the note."""
        super().__init__(detail)
        self.what = what
