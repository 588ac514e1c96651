"""Python packages of PyPI, each set in a virtual environment of its own that
is kept in the tests' cache."""

import fcntl
import hashlib
import shutil
import subprocess
import sys

from .artifacts import Unreachable, cache_directory


def interpreter(name, *requirements):
    """The python of an environment with these requirements, made at its first
    use. Two processes that ask at once make it once."""
    digest = hashlib.sha256(
        "\n".join((sys.version, *requirements)).encode()).hexdigest()[:12]
    folder = cache_directory() / f"python-{name}-{digest}"
    python = folder / "bin" / "python3"
    complete = folder / "complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if complete.exists():
            return python
        shutil.rmtree(folder, ignore_errors=True)
        _run("venv", sys.executable, "-m", "venv", folder)
        _run(", ".join(requirements), python, "-m", "pip", "install", "-q",
             "--disable-pip-version-check", *requirements)
        complete.touch()
    return python


def _run(what, *words):
    done = subprocess.run([str(word) for word in words], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise Unreachable(f"cannot install {what}: "
                          f"{words[-1] if words else done.returncode}")
