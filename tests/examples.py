"""The worked examples of `docs/examples`, run by psql. `python -m tests.examples` writes their output anew."""

import os
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from ledger.postgres.embedded import binary
from tests.commands import url_of_engine
from tests.databases import CHECKOUT, leave_server, migrated_database

EXAMPLES = sorted((CHECKOUT / "docs" / "examples").glob("*.sql"))


def output_of(example: Path, url: str) -> str:
    """What psql shows: every statement and its answer, as the application's role."""
    plain = make_url(url).set(drivername="postgresql", query={}).render_as_string(hide_password=False)
    quiet = [
        "--no-psqlrc",
        "--quiet",
        "--echo-all",
        "--set=ON_ERROR_STOP=1",
        "--pset=null=∅",
        "--pset=footer=off",
    ]
    settings = {"PGTZ": "UTC", "PGOPTIONS": "-c role=ledger_app", "PGCLIENTENCODING": "UTF8", "LC_ALL": "C"}
    ran = subprocess.run(
        [binary("psql"), *quiet, plain],
        input=example.read_text(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | settings,
        check=False,
    )
    return ran.stdout


if __name__ == "__main__":
    for each in EXAMPLES:
        with migrated_database() as engine:
            each.with_suffix(".out").write_text(output_of(each, url_of_engine(engine)))
    leave_server()
