"""What a process has cost so far, from /proc."""

import os

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def parse_stat(text):
    """CPU seconds in a /proc/PID/stat: of the process and of its children that
    have ended and were waited for."""
    # The name, in parentheses, may contain anything.
    fields = text.rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS_A_SECOND


def parse_status(text, field):
    """Bytes of a field (VmHWM, VmRSS) in a /proc/PID/status; 0 without it."""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * 1024
    return 0


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return parse_stat(file.read())


def _status(pid, field):
    with open(f"/proc/{pid}/status", encoding="utf-8",
              errors="replace") as file:
        return parse_status(file.read(), field)


def peak_bytes(pid):
    """Largest resident memory since the process began."""
    return _status(pid, "VmHWM")


def resident_bytes(pid):
    return _status(pid, "VmRSS")
