"""How often the interval of a mean package size holds the truth, by how many workspaces bought: `python -m tests.bench.coverage`.

Worlds of known mean: each workspace buys once or more (one and a Poisson number of 0.7 on average), sizes fall as in the
demo company. A world whose workspaces are all alike has no interval and is left out, as on the pages.
"""

import numpy as np

from ledger.estimates import mean_by_workspace

SIZES, SHARES = (60, 150, 300, 600), (0.5, 0.3, 0.15, 0.05)
WORLDS, SEED, RESAMPLES = 1000, 7, 999
WORKSPACES = (5, 7, 9, 12, 20, 40)


def covered(workspaces: int, worlds: int = WORLDS) -> float:
    """The share of worlds in which the interval holds the true mean."""
    dice = np.random.default_rng(SEED)
    truth = float(np.dot(SIZES, SHARES))
    inside = []
    for _ in range(worlds):
        counts = (1 + dice.poisson(0.7, workspaces)).tolist()
        totals = [float(dice.choice(SIZES, size=count, p=SHARES).sum()) for count in counts]
        result = mean_by_workspace(totals, counts, resamples=RESAMPLES)
        if result is not None:
            inside.append(result.low <= truth <= result.high)
    return float(np.mean(inside))


if __name__ == "__main__":
    for workspaces in WORKSPACES:
        print(
            f"coverage-{workspaces} {covered(workspaces):.3f} (of {WORLDS:,} worlds; said: 0.95)", flush=True
        )
