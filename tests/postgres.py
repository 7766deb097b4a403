"""A PostgreSQL cluster that lives exactly as long as the test run, shared by its workers."""

import fcntl
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

HASTY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
}
MEMORY = Path("/dev/shm")
OPTIONS = {
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


def cluster(shared: Path, run_pid: int, *, durable: bool = False) -> str:
    """The address, without a database name, of the run's cluster; started by the first to ask.

    `shared` is a directory that all workers of the run see, `run_pid` the process with whose end
    the cluster ends, however it ends. Only a `durable` one would survive a power cut.
    """
    with (shared / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = shared / "postgres.json"
        if not note.exists():
            note.write_text(json.dumps(_start(run_pid, durable)))
        return str(json.loads(note.read_text()))


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(run_pid: int, durable: bool) -> str:
    programs = _programs()
    home = Path(tempfile.mkdtemp(prefix="tonari-postgres-", dir=None if durable else _memory()))
    data, port, unprivileged = home / "data", free_port(), _unprivileged(home)
    initdb: list[str | Path] = [
        programs / "initdb",
        "--pgdata",
        data,
        "--username",
        "tonari",
        "--auth",
        "trust",
    ]
    _run(unprivileged, *initdb, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
    options = OPTIONS if durable else OPTIONS | HASTY
    with (data / "postgresql.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in options.items())
        settings.write(f"port = {port}\n")
    _run(unprivileged, programs / "pg_ctl", "start", "-w", "-D", data, "-l", home / "log")
    _end_with(run_pid, [*unprivileged, f"{programs}/pg_ctl", "stop", "-m", "immediate"], home)
    return f"postgresql://tonari@127.0.0.1:{port}"


def _memory() -> str | None:
    """The directory of files in memory, where it has room: copying a database is quick there."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 * 1024**3
    return str(MEMORY) if roomy else None


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL is not installed: apt-get install postgresql"
    return found[-1].parent


def _unprivileged(home: Path) -> list[str]:
    """What starts a command as somebody who may run PostgreSQL: root may not."""
    if os.getuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [str(shutil.which("setpriv")), *ids]


def _run(unprivileged: list[str], *command: str | Path) -> None:
    # A file, not a pipe: the server inherits it and would keep a pipe open.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [*unprivileged, *map(str, command)],
            cwd="/",
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said.seek(0)
        assert done.returncode == 0, said.read()


def _end_with(run_pid: int, stop: list[str], home: Path) -> None:
    """Stop the cluster and remove its files once the test run is over, even if it was killed."""
    script = f'tail --pid={run_pid} -f /dev/null; "$@" -D "{home}/data"; rm -rf "{home}"'
    subprocess.run(
        ["setsid", "--fork", "sh", "-c", script, "sh", *stop],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
