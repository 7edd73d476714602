"""What one use takes on the disk, with its indexes and draws: `python -m tests.bench.sizes`.

Uses of one minute come in batches with random keys of 32 characters, as clients send them. Credits that the workspaces
got before are not counted. Fresh indexes are as full as inserts in random order leave them.
"""

import secrets
from datetime import timedelta

from sqlalchemy import Engine, text

import ledger
from ledger.database import reading, writing
from tests.bench.database import AT, bench_database, make_workspaces, settle

WORKSPACES, BATCHES, A_BATCH = 1_000, 20, 10_000
BAR = 300
RELATIONS = """
    SELECT c.relname AS name, pg_table_size(c.oid) AS bytes FROM pg_class c
    WHERE c.oid IN ('entries'::regclass, 'stored_draws'::regclass)
       OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN ('entries'::regclass, 'stored_draws'::regclass))
"""


def main() -> None:
    """Print the bytes of a use by table and index. Raises SystemExit when they are above the bar."""
    with bench_database() as engine:
        names = make_workspaces(engine, WORKSPACES)
        before = _sizes(engine)
        for number in range(BATCHES):
            at = AT + timedelta(hours=number)
            uses = [
                {"workspace_id": secrets.choice(names), "key": secrets.token_hex(16), "at": at}
                for _ in range(A_BATCH)
            ]
            with writing(engine) as db:
                ledger.track_uses(db, uses)
        settle(engine)
        each = {name: (size - before[name]) / (BATCHES * A_BATCH) for name, size in _sizes(engine).items()}
    whole = sum(each.values())
    parts = ", ".join(f"{name} {size:.0f}" for name, size in sorted(each.items(), key=lambda one: -one[1]))
    print(f"bytes-per-use {whole / BAR:.2f} {whole:.0f} bytes ({parts}; bar <= {BAR})", flush=True)
    if whole > BAR:
        raise SystemExit(1)


def _sizes(engine: Engine) -> dict[str, int]:
    with reading(engine) as db:
        return {row.name: row.bytes for row in db.execute(text(RELATIONS))}


if __name__ == "__main__":
    main()
