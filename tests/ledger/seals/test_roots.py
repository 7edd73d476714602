"""Roots are signed with a key outside the database, and anybody can check them without it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.database import reading
from ledger.seals.checking import roots
from ledger.seals.roots import folder_of, is_signed, merkle_root, open_key


def test_the_signature_is_of_this_key_alone_and_the_key_is_stored_private(
    tmp_path: Path, company: Engine
) -> None:
    folder = folder_of(tmp_path)
    mine, other = open_key(folder), open_key(tmp_path / "b")

    with reading(company) as db:
        (root,) = roots(db)
    assert is_signed(root, mine.public)
    assert not is_signed(root, other.public)
    assert open_key(folder).key_id == mine.key_id
    assert (folder / "key").stat().st_mode & 0o077 == 0


def test_a_merkle_root_moves_with_every_leaf() -> None:
    leaves = [bytes([n]) * 32 for n in range(1, 8)]

    assert merkle_root(leaves) == merkle_root(list(reversed(leaves)))
    assert len({merkle_root(leaves[:n]) for n in range(8)}) == 8


@pytest.mark.usefixtures("company")
def test_the_offline_checker_needs_nothing_but_the_files(tmp_path: Path) -> None:
    script = Path(__file__).parents[3] / "docs" / "check_roots.py"
    folder = folder_of(tmp_path)

    sound = subprocess.run([sys.executable, script, folder], capture_output=True, text=True, check=False)
    lines = (folder / "roots.jsonl").read_text().splitlines()
    forged = json.loads(lines[0]) | {"leaves": 1}
    (folder / "roots.jsonl").write_text(json.dumps(forged) + "\n")
    broken = subprocess.run([sys.executable, script, folder], capture_output=True, text=True, check=False)

    assert (sound.returncode, sound.stdout.strip()) == (0, "1 roots, every signature is right")
    assert broken.returncode == 1
    assert "root 1" in broken.stdout
