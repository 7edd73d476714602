"""The parameters of the demo company, so that an analysis can be compared with what made its history.

A blocked customer chooses between waiting and the packages on offer by a multinomial logit: waiting is worth 0, a
package READINESS[plan] + NEED_WORTH x min(its minutes, minutes needed until the next credit) - PRICE_SENSITIVITY x its
price in dollars. The elasticity of conversion to one change of all prices is therefore -PRICE_SENSITIVITY x average
price paid x share that waits.
"""

from datetime import timedelta

STORY = 2
"""Goes up whenever other data come out of the same arguments."""

PRICE_SENSITIVITY = 0.07
"""Utility lost with each dollar of price."""
NEED_WORTH = 0.009
"""Utility of each minute that is needed before the next credit."""
READINESS = {"starter": -1.5, "pro": -1.2}
"""Utility of buying anything at all, by plan."""
BUYS_AHEAD = 0.05
"""Share of those who cross 80 % or 90 % and buy before they are blocked, whatever the price."""
UPGRADES_INSTEAD = 0.05
"""Share of blocked starter customers who do not buy but change to the larger plan."""
CALLS_WHILE_BLOCKED = 0.25
"""Share of its usual calls that a blocked customer still tries; the rest of the demand is not seen."""

LEAVES_A_MONTH = 0.028
"""Share of monthly customers of median use who cancel within a month, having never met the limit."""
LEAVING_AFTER_LIMIT = 2.2
"""Hazard ratio of leaving from the first limit hit on."""
LEAVING_AFTER_BUYING = 0.6
"""The true effect of buying on retention: hazard ratio of leaving, from the first purchase after a limit hit on."""
LEAVING_BY_USE = -0.25
"""Elasticity of leaving to use: who calls more leaves less, and also buys more. This is the confounder."""
LEAVING_OF_ANNUAL = 0.6
"""Hazard ratio of annual against monthly plans."""
COMES_BACK = 0.08
"""Share of those who cancel and take a plan again later."""

PRICE_TEST = "packages-up-30"
OTHER_ARM = "up-30"
OTHER_PRICES = 1.3
"""Prices of the other arm, as a multiple of the standard ones."""
TEST_LENGTH = timedelta(weeks=6)

DECLINED = 0.07
"""Share of first payments that the bank declines; TRIES_AGAIN of them use another card within minutes."""
TRIES_AGAIN = 0.7
ABANDONED = 0.015
"""Share of purchases that are begun and never paid."""
CONFIRMS = 0.02
"""Share of payments for which the bank asks the card holder; most confirm."""
REFUNDED = 0.03
"""Share of purchases that are refunded by staff, in whole or in part."""
DISPUTED = 0.012
"""Share of purchases about which the bank opens a dispute or inquires."""
GRANTS_A_MONTH = 0.006
"""Share of workspaces to which staff grant minutes within a month."""
REPORTED_LATE = 0.004
"""Share of calls that reach the ledger one to three days late."""
