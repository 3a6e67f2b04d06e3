"""Processor time of a PostgreSQL server: what all its processes have used, those that ended included. Linux only."""

import os
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Counted from the field after the command's name, which may hold blanks. Source: proc(5), /proc/pid/stat.
PARENT, OWN_USER, OWN_SYSTEM, ENDED_USER, ENDED_SYSTEM = 1, 11, 12, 13, 14


def find_postmaster(backend_pid: int) -> int | None:
    """The parent of a backend; None where there is no /proc, or where the server runs on another machine."""
    fields = _read_fields(backend_pid)
    return int(fields[PARENT]) if fields else None


def read_server_seconds(postmaster: int) -> float:
    """User and system time in seconds of the postmaster, its children, and the children that have ended."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or not (fields := _read_fields(int(entry.name))):
            continue
        if int(entry.name) == postmaster:
            ticks += sum(int(fields[field]) for field in (OWN_USER, OWN_SYSTEM, ENDED_USER, ENDED_SYSTEM))
        elif int(fields[PARENT]) == postmaster:
            ticks += sum(int(fields[field]) for field in (OWN_USER, OWN_SYSTEM))
    return ticks / TICKS_PER_SECOND


def _read_fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # not Linux, or it ended meanwhile
        return []
