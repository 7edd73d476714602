"""Settings of the embedded PostgreSQL server, sized to the machine and written anew at every start."""

import os
import re
import shutil
import socket
from contextlib import closing
from pathlib import Path

MEGABYTE = 1 << 20
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
SHARED_BUFFERS_MB = (64, 2048)  # an eighth of the memory, within these: the dashboard lives here too
CACHE_MB_AT_LEAST = 256
SHARED_MEMORY_MB_AT_LEAST = 512  # containers often give 64, too little for parallel queries

CONF = """\
# Written at every start by ledger/postgres/conf.py; use ALTER SYSTEM for settings of your own.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = {shared_buffers}MB
effective_cache_size = {cache}MB
dynamic_shared_memory_type = {shared_memory}
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
min_wal_size = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
autovacuum = {durable}
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
"""


def write_conf(folder: Path, *, port: int, durable: bool) -> Path:
    """Write `postgresql.conf` into the server's folder.

    `durable=False` gives up safety for speed, and statistics that come when they like for plans that stay the same.
    """
    memory = memory_bytes() // MEGABYTE
    least, most = SHARED_BUFFERS_MB
    path = folder / "postgresql.conf"
    path.write_text(
        CONF.format(
            port=port,
            shared_buffers=min(max(memory // 8, least), most),
            cache=max(memory // 2, CACHE_MB_AT_LEAST),
            shared_memory=_shared_memory_type(),
            durable="on" if durable else "off",
        )
    )
    return path


def last_port(folder: Path) -> int:
    """Return the port of the last start, 0 when there was none (initdb's own file has it commented out)."""
    match = re.search(r"^port = (\d+)", (folder / "postgresql.conf").read_text(), re.MULTILINE)
    return int(match[1]) if match else 0


def free_port(*, preferred: int) -> int:
    """Return the preferred port if it is free (open engines then find the server again), else any."""
    for port in (preferred, 0):
        with closing(socket.socket()) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    msg = "no free port on 127.0.0.1"
    raise OSError(msg)


def memory_bytes() -> int:
    """Return the memory of this machine, or of the container where that has less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in map(Path, CGROUP_LIMITS):
        if limit.is_file() and (text := limit.read_text().strip()).isdigit():
            memory = min(memory, int(text))
    return memory


def _shared_memory_type() -> str:
    folder = Path("/dev/shm")  # noqa: S108 - read for its size only
    if folder.is_dir() and shutil.disk_usage(folder).total < SHARED_MEMORY_MB_AT_LEAST * MEGABYTE:
        return "mmap"
    return "posix"
