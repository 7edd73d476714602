"""The parameters of the demo company, so an analysis can be compared with the true values.

A blocked customer chooses between waiting and the packages on offer by a multinomial logit: waiting is worth 0, a
package READINESS[plan] + NEED_WORTH x min(its minutes, minutes needed until the next credit) - PRICE_SENSITIVITY x its
price in dollars. The elasticity of conversion to one change of all prices is therefore -PRICE_SENSITIVITY x average
price paid x share that waits.
"""

from datetime import timedelta

STORY = 3
"""Increase it whenever the same arguments create different data."""

PRICE_SENSITIVITY = 0.07
"""Utility lost per dollar of price."""
NEED_WORTH = 0.009
"""Utility of each minute needed before the next credit."""
READINESS = {"starter": -1.5, "pro": -1.2}
"""Utility of buying anything at all, by plan."""
BUYS_AHEAD = 0.05
"""Share of customers at 80% or 90% who buy before they are blocked, whatever the price."""
UPGRADES_INSTEAD = 0.05
"""Share of blocked starter customers who move to the larger plan instead of buying."""
CALLS_WHILE_BLOCKED = 0.25
"""Share of its usual calls that a blocked customer still tries; the rest of the demand is unobserved."""

LEAVES_A_MONTH = 0.028
"""Share of monthly customers with median usage who cancel within a month, before any limit hit."""
LEAVING_AFTER_LIMIT = 2.2
"""Hazard ratio of leaving after the first limit hit."""
LEAVING_AFTER_BUYING = 0.6
"""True effect of buying on retention: hazard ratio of leaving after the first purchase that follows a limit hit."""
LEAVING_BY_USE = -0.25
"""Elasticity of leaving to usage: heavier users leave less and buy more. This is the confounder."""
LEAVING_OF_ANNUAL = 0.6
"""Hazard ratio of annual versus monthly plans."""
COMES_BACK = 0.08
"""Share of canceled customers who return to a plan later."""

PRICE_TEST = "packages-up-30"
OTHER_ARM = "up-30"
OTHER_PRICES = 1.3
"""Prices of the other arm, as a multiple of the standard ones."""
TEST_LENGTH = timedelta(weeks=6)

DECLINED = 0.07
"""Share of first payments that the bank declines; TRIES_AGAIN of them use another card within minutes."""
TRIES_AGAIN = 0.7
ABANDONED = 0.015
"""Share of purchases that are started and never paid."""
CONFIRMS = 0.02
"""Share of payments that the bank asks the cardholder to confirm; most do."""
REFUNDED = 0.03
"""Share of purchases that staff refund, in full or in part."""
DISPUTED = 0.012
"""Share of purchases with a bank dispute or inquiry."""
GRANTS_A_MONTH = 0.006
"""Share of workspaces that receive a staff grant within a month."""
REPORTED_LATE = 0.004
"""Share of calls that reach the ledger one to three days late."""
