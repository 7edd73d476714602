"""Fit of a multinomial logit by maximum likelihood, with standard errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ledger.pricing.demand import Floats
from ledger.pricing.refusals import NoChoices, NotIdentifiable


@dataclass(frozen=True)
class ChoiceFit:
    """Coefficients, their covariance and the log-likelihood of the fit."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float

    @property
    def standard_errors(self) -> Floats:
        """Square roots of the variances."""
        errors: Floats = np.sqrt(np.diag(self.covariance))
        return errors


def fit_choices(
    design: Floats, chosen: NDArray[np.intp], weights: Floats | None = None, known: Floats | None = None
) -> ChoiceFit:
    """Fit V = known + design @ coefficients. `design[n, j, k]`, `chosen[n]` in 0..J-1, `weights[n]` = how often.

    `known[n, j]`: the part of the value that is not fitted.

    Raises NoChoices without data and NotIdentifiable when the data do not determine every coefficient.
    """
    if not len(chosen):
        raise NoChoices
    weight = np.ones(len(chosen)) if weights is None else weights
    fixed = np.zeros(design.shape[:2]) if known is None else known
    scale = np.maximum(np.abs(design).max(axis=(0, 1)), 1e-12)  # so that dollars and minutes weigh alike
    scaled = design / scale
    best = minimize(
        _loss, np.zeros(design.shape[2]), (scaled, chosen, weight, fixed), jac=True, method="BFGS",
        options={"gtol": 1e-8 * weight.sum(), "maxiter": 500},
    )  # fmt: skip
    coefficients = _newton(best.x, scaled, chosen, weight, fixed)
    information = _information(coefficients, scaled, weight, fixed)
    if np.linalg.cond(information) > 1e12:
        raise NotIdentifiable
    covariance = np.linalg.inv(information) / np.outer(scale, scale)
    return ChoiceFit(coefficients / scale, covariance, -_loss(coefficients, scaled, chosen, weight, fixed)[0])


def scores_of(coefficients: Floats, design: Floats, chosen: NDArray[np.intp], known: Floats) -> Floats:
    """Slope of the log-likelihood of one choice of each kind: [n, k]. Arguments as in `fit_choices`."""
    expected = np.einsum("nj,njk->nk", _chances(coefficients, design, known), design)
    scores: Floats = design[np.arange(len(chosen)), chosen] - expected
    return scores


def _chances(coefficients: Floats, design: Floats, known: Floats) -> Floats:
    value = known + design @ coefficients
    value -= value.max(axis=1, keepdims=True)
    weight = np.exp(value)
    chances: Floats = weight / weight.sum(axis=1, keepdims=True)
    return chances


def _loss(
    coefficients: Floats, design: Floats, chosen: NDArray[np.intp], weight: Floats, known: Floats
) -> tuple[float, Floats]:
    chances = _chances(coefficients, design, known)
    people = np.arange(len(chosen))
    likelihood = float(weight @ np.log(np.maximum(chances[people, chosen], 1e-300)))
    expected = np.einsum("nj,njk->nk", chances, design)
    gradient: Floats = weight @ (design[people, chosen] - expected)
    return -likelihood, -gradient


def _information(coefficients: Floats, design: Floats, weight: Floats, known: Floats) -> Floats:
    chances = _chances(coefficients, design, known)
    centred = design - np.einsum("nj,njk->nk", chances, design)[:, None, :]
    information: Floats = np.einsum("n,nj,njk,njl->kl", weight, chances, centred, centred, optimize=True)
    return information


def _newton(start: Floats, design: Floats, chosen: NDArray[np.intp], weight: Floats, known: Floats) -> Floats:
    """Two Newton steps: BFGS stops near the top, published digits need the top itself."""
    coefficients = start
    for _ in range(2):
        information = _information(coefficients, design, weight, known)
        if np.linalg.cond(information) > 1e12:
            break
        gradient = -_loss(coefficients, design, chosen, weight, known)[1]
        coefficients = coefficients + np.linalg.solve(information, gradient)
    return coefficients
