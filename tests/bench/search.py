"""The search for workspaces at 100,000 of them against 2,000: what a person waits for who types three letters.

Run alone: `python -m tests.bench.search`. Two databases on one server, queried in turns, exactly as the page does.
"""

import random
import statistics
import time

import numpy as np
from sqlalchemy import Engine, text

import ledger
from dashboard.screens.search import PAGE
from ledger.demo.identity import ENDINGS, FAMILIES, FIRST, PEOPLE, SECOND, TRADES
from ledger.desk.search import SearchFilters, search_workspaces
from tests.bench.database import AT, bench_database

SIZES = (2_000, 100_000)
WORDS = 250
ROUNDS = 3
BAR = 3.0
FILL = """
WITH made AS (
    INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at)
    SELECT 'ws-' || lpad(n::text, 6, '0'), name, email, 'demo', 'bench', :at
    FROM unnest(CAST(:names AS text[]), CAST(:emails AS text[])) WITH ORDINALITY AS u (name, email, n)
    RETURNING workspace_id
)
INSERT INTO workspace_minutes (workspace_id) SELECT workspace_id FROM made
"""


def main() -> None:
    """Print the 95th percentile at both sizes and their ratio. Raises SystemExit when the bar is missed."""
    with bench_database() as small, bench_database() as large:
        words = _three_letters(_fill(small, SIZES[0]))
        _fill(large, SIZES[1])
        result: dict[Engine, list[float]] = {small: [], large: []}
        _ask(small, words[:20])
        _ask(large, words[:20])
        for _ in range(ROUNDS):
            for engine, slowest in result.items():
                slowest.append(float(np.percentile(_ask(engine, words), 95)))
    few, many = (1000 * statistics.median(each) for each in result.values())
    print(
        f"search {many / few:.2f} {many:.1f} ms p95 "
        f"({SIZES[1]:,} workspaces; {few:.1f} ms at {SIZES[0]:,}; bar <= {BAR:g})"
    )
    if many / few > BAR:
        raise SystemExit(1)


def _fill(engine: Engine, size: int) -> list[str]:
    """Put in companies named as those of the demo, and give their names."""
    rng = np.random.default_rng(1)
    drawn = [rng.choice(words, size).tolist() for words in (FIRST, SECOND, TRADES, ENDINGS, PEOPLE, FAMILIES)]
    names = [f"{a}{b} {c}{d}" for a, b, c, d, _, _ in zip(*drawn, strict=True)]
    emails = [f"{e}.{f}@{a}{b}.example".lower() for a, b, _, _, e, f in zip(*drawn, strict=True)]
    with ledger.writing(engine) as db:
        db.execute(text(FILL), {"names": names, "emails": emails, "at": AT})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("RESET ROLE"))
        db.execute(text("VACUUM ANALYZE"))
    with ledger.reading(engine) as db:
        first = ledger.verify(db) if size == min(SIZES) else []
    if first:
        raise SystemExit(f"the benchmark broke the ledger: {first[0]}")
    return names


def _three_letters(names: list[str]) -> list[str]:
    """What people type: mostly the beginning of a word, sometimes letters from inside one."""
    dice = random.Random(1)
    words = []
    while len(words) < WORDS:
        name = dice.choice(names)
        start = 0 if dice.random() < 0.6 else dice.randrange(max(1, len(name) - 3))
        part = name[start : start + 3]
        if len(part.strip()) == 3:
            words.append(part.lower())
    return words


def _ask(engine: Engine, words: list[str]) -> list[float]:
    times = []
    for word in words:
        begun = time.perf_counter()
        with ledger.reading(engine) as db:
            search_workspaces(db, word, limit=PAGE + 1, filters=SearchFilters())
        times.append(time.perf_counter() - begun)
    return times


if __name__ == "__main__":
    main()
