"""Building a demo company: once for each database, continued when it was interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, Engine
from tqdm import tqdm

from ledger.database import query, reading, writing
from ledger.demo.history import History
from ledger.demo.seasons import months_before
from ledger.demo.shelf import open_shelf
from ledger.demo.truth import STORY
from ledger.errors import LedgerError
from ledger.search import sources


class AnotherDemo(LedgerError):
    """This database cannot take that demo company."""

    code = "another_demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The demo company of a database. `through`: the last day that is told whole; `finished`: nothing is missing."""

    workspaces: int
    months: int
    until: date
    seed: int
    story: int = STORY
    through: date | None = None
    finished: bool = False

    @property
    def first(self) -> date:
        """The day on which its history begins."""
        return months_before(self.until, self.months)

    def arguments(self) -> dict[str, object]:
        """Give what was asked for, apart from how far it is."""
        return {name: value for name, value in asdict(self).items() if name not in ("through", "finished")}


def present_demo(db: Connection) -> Demo | None:
    """Give the demo company of this database, finished or not; None: this is no demo database."""
    row = db.execute(query("demo_history")).mappings().one_or_none()
    return None if row is None else Demo(**row)


def build(
    engine: Engine,
    *,
    workspaces: int = 2_000,
    months: int = 12,
    until: date,
    seed: int = 1,
    progress: bool = True,
) -> Demo:
    """Make a company of `workspaces` sign-ups in the `months` before `until` (its first moment ends the history).

    The same arguments make the same data; keys, ids and amounts come from `seed`, only booking times are real. An
    interrupted one is continued by the same call; a finished one is left as it is. `progress` draws a bar on stderr.
    Raises `AnotherDemo` when the database has another demo company, or workspaces of real customers, or one in the making.
    """
    if workspaces < 1 or months < 1:
        raise AnotherDemo(f"It needs a workspace and a month at least, not {workspaces} and {months}.")
    wanted = Demo(workspaces=workspaces, months=months, until=until, seed=seed)
    with _alone(engine):
        with writing(engine) as db:
            present = _begin(db, wanted)
            shelf = open_shelf(db, wanted.first, until)
        if not present.finished:
            history = History(
                engine, shelf, workspaces=workspaces, first=wanted.first, until=until, seed=seed
            )
            days = (until - wanted.first).days
            for _ in tqdm(history.days(), total=days, unit="day", desc="Demo company", disable=not progress):
                pass
            with writing(engine) as db:
                db.execute(query("finish_demo_history"))
    with reading(engine) as db:
        return present_demo(db) or wanted


def _begin(db: Connection, wanted: Demo) -> Demo:
    present = present_demo(db)
    if present is None:
        if others := {"live", "stripe_test"} & set(sources(db)):
            raise AnotherDemo(f"It holds workspaces of {' and '.join(sorted(others))}.")
        db.execute(query("begin_demo_history"), wanted.arguments())
        return wanted
    if present.arguments() != wanted.arguments():
        state = "It holds" if present.finished else "Begun and not finished is"
        raise AnotherDemo(
            f"{state} the one of --workspaces {present.workspaces} --months {present.months} --until {present.until}"
            f" --seed {present.seed}; use an empty database (another DATA_DIR or DATABASE_URL) for another one."
        )
    return present


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Hold the lock of the story teller on a connection of its own."""
    with engine.connect() as connection:
        if not connection.execute(query("lock_demo_history")).scalar_one():
            raise AnotherDemo("Another process is making its demo company right now.")
        connection.commit()
        try:
            yield
        finally:
            connection.invalidate()
