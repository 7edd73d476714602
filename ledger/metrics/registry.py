"""The metrics: one `.sql` file each, whose header says what the number means and whose body is the rows behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ledger.database import SQL
from ledger.errors import UnknownMetric

FOLDER = SQL / "metrics"
ESTIMATES = (
    "ratio",
    "mean",
    "slow-mean",
    "sum",
    "median",
    "slow-median",
    "incidence",
    "time-to-half",
    "evidence",
)
CLOSING = ("ratio", "mean", "sum", "median")
UNITS = ("percent", "minutes", "cents", "days", "seconds")
_FIELDS = (
    "name",
    "unit",
    "estimate",
    "better",
    "of",
    "period",
    "matures",
    "rollup",
    "version",
    "example",
    "formula",
)
_HEADER = re.compile(r"^-- ([a-z]+): (.*)$")
_ROWS = re.compile(r"rows\('([a-z-]+)'\)")


@dataclass(frozen=True)
class Metric:
    """One metric, as its file declares it.

    `sql`: its rows with workspace_id, at, value, weight, pending, package, currency and part; plan, billing cycle and
    attributes are added to the rows of every metric. `segments`: the column with the moment whose plan counts.
    `of`: what `n` counts. `once`: a workspace counts once in a period, however many rows it has.
    `matures`: after how many days an outcome counts, or None. `period`: which moment must lie in the period.
    `rollup`: the slug under which its rows are summed by day, or None when they are counted on request.
    `windows`: other maturities whose sums are stored too.
    `accumulates`: the number is the sum of everything up to the end of the period. `needs_rollups`: its rows are facts
    that the rollups make. `closes`: the number of a past month stands, so that a change of it has a cause; open-ended
    sums ("since then") never do. `repeats`: one workspace may be in several rows, which are no independent cases.
    `example`: what it is on the worked example (`worked`).
    """

    slug: str
    name: str
    unit: str
    estimate: str
    better: str
    of: str
    period: str
    segments: str
    once: bool
    matures: int | None
    rollup: str | None
    accumulates: bool
    windows: tuple[int, ...]
    needs_rollups: bool
    closes: bool
    repeats: bool
    version: int
    formula: str
    example: str
    body: str
    sql: str


def _read(slug: str, script: str) -> Metric:
    header: dict[str, str] = {}
    lines = script.splitlines()
    while lines and (results := _HEADER.match(lines[0])):
        header[results[1]] = results[2].strip()
        lines.pop(0)
    missing = [field for field in _FIELDS if field not in header]
    if missing or header["estimate"] not in ESTIMATES or header["unit"] not in UNITS:
        raise ValueError(f"the header of metric {slug} is not complete: {missing}")
    rollup = {"own": slug, "none": None}.get(header["rollup"], header["rollup"])
    return Metric(
        slug=slug,
        name=header["name"],
        unit=header["unit"],
        estimate=header["estimate"],
        better=header["better"],
        of=header["of"],
        segments=header.get("segments", "at"),
        once=header.get("counts") == "workspaces",
        period=header["period"],
        matures=None if header["matures"] == "none" else int(header["matures"]),
        rollup=rollup,
        accumulates=header.get("accumulates") == "yes",
        windows=tuple(int(days) for days in header.get("windows", "").split()),
        needs_rollups=header.get("needs") == "rollups",
        closes=rollup is not None
        and header["estimate"] in CLOSING
        and not {"accumulates: yes", "closes: no"} & {f"{name}: {value}" for name, value in header.items()},
        repeats=header.get("repeats") == "yes",
        version=int(header["version"]),
        formula=header["formula"],
        example=header["example"],
        body="\n".join(lines).strip() or f"rows('{header['rows']}')",
        sql=_composed("\n".join(lines).strip()) or _body(header["rows"]),
    )


def _composed(body: str) -> str:
    """Return a body in which `rows('<slug>')` is the body of that metric."""
    return _ROWS.sub(lambda call: f"(\n{_body(call[1])}\n)", body)


def _body(slug: str) -> str:
    lines = next(FOLDER.rglob(f"{slug}.sql")).read_text("utf-8").splitlines()
    header = {results[1]: results[2] for line in lines if (results := _HEADER.match(line))}
    body = "\n".join(line for line in lines if not _HEADER.match(line)).strip()
    return _composed(body) if body else _body(header["rows"])


def _read_folder(folder: Path) -> Mapping[str, Metric]:
    return MappingProxyType(
        {path.stem: _read(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.sql"))}
    )


METRICS = _read_folder(FOLDER)
STEPS = _read_folder(FOLDER / "steps")
"""Steps of the funnel: summed by day like metrics, and not listed among them."""


def metric_of(slug: str) -> Metric:
    """Return the metric of this slug. Raises UnknownMetric."""
    try:
        return METRICS[slug]
    except KeyError:
        raise UnknownMetric(slug) from None


def metric_or_step(slug: str) -> Metric:
    """Return the metric or the step of the funnel of this slug. Raises UnknownMetric."""
    return STEPS[slug] if slug in STEPS else metric_of(slug)


def rolled() -> list[Metric]:
    """Return the metrics and steps whose rows are summed by day under their own slug."""
    return [metric for metric in (*METRICS.values(), *STEPS.values()) if metric.rollup == metric.slug]


def closing() -> list[Metric]:
    """Return the metrics whose number of a month is stored when the month closes."""
    return [metric for metric in METRICS.values() if metric.closes]


def rolled_as(metric: Metric, window_days: int | None) -> str | None:
    """Return the name of a metric's daily sums for a window (None: its own); None when they are not stored."""
    if window_days in (None, metric.matures):
        return metric.rollup
    return f"{metric.rollup}@{window_days}" if window_days in metric.windows else None
