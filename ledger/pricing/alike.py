"""Limit hits of one workspace are alike: how much less they say than as many limit hits of different workspaces."""

import numpy as np
from scipy.sparse import coo_array

from ledger.pricing.demand import Floats
from ledger.pricing.history import Numbers


def pairs_of(kind: Numbers, workspace: Numbers, kinds: int) -> Floats:
    """For every two kinds of limit hit: hits of the one times hits of the other, summed over workspaces: [kind, kind].

    `kind[h]` in 0..kinds-1 and `workspace[h]`, any number that distinguishes workspaces, for every hit.
    """
    names, column = np.unique(workspace, return_inverse=True)
    hits = coo_array((np.ones(len(kind)), (kind, column)), shape=(kinds, max(len(names), 1))).tocsr()
    pairs: Floats = (hits @ hits.T).toarray()
    return pairs


def design_effect(counts: Floats, pairs: Floats, values: Floats) -> float:
    """Variance of the mean of `values[kind]` over hits, as a multiple of that of independent hits; at least 1.

    `counts[kind]` hits fell on each kind; `pairs` as `pairs_of` gives them: one matrix serves any values, of which the
    lab draws many. `estimates.share_by_workspace` is of the same idea (Kish's), for values 0 and 1 and with the
    corrections that few workspaces need.
    """
    hits = counts.sum()
    off = values - (counts @ values) / max(hits, 1)
    alone = float(counts @ off**2)
    return max(float(off @ pairs @ off) / alone, 1.0) if alone > 0 else 1.0
