"""clang-tidy on many translation units. A unit that was clean is not checked
again until it, a header of ours that it includes, or the checks change."""

import hashlib
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.stack.artifacts import cache_directory

CLANG_TIDY = "clang-tidy-16"
_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def our_files(path, root, seen=None):
    """`path` and every file of ours that it includes, directly or not."""
    seen = {} if seen is None else seen
    if path in seen:
        return seen
    text = seen[path] = path.read_text(encoding="utf-8")
    for name in _INCLUDE.findall(text):
        for candidate in (path.parent / name, root / name):
            if candidate.is_file():
                our_files(candidate.resolve(), root, seen)
                break
    return seen


def fingerprint(entry, root, checks):
    """Changes with everything of ours that the outcome depends on; places of
    the checkout do not count."""
    digest = hashlib.sha256(checks)
    command = entry["command"].replace(str(root), "")
    digest.update(command.encode())
    for path, text in sorted(our_files(Path(entry["file"]), root).items()):
        digest.update(f"{path.relative_to(root)}\0{text}\0".encode())
    return digest.hexdigest()


def check(path, build):
    """What clang-tidy complains about; empty when it is clean."""
    done = subprocess.run(
        [CLANG_TIDY, "--quiet", "-p", build, path], capture_output=True,
        text=True, errors="replace", check=False)
    if done.returncode == 0:
        return ""
    return done.stdout.strip() or done.stderr.strip() or "clang-tidy failed"


def check_all(build, root):
    """Yields (path, complaints) for every unit of a compilation database."""
    database = json.loads(
        (build / "compile_commands.json").read_text(encoding="utf-8"))
    checks = subprocess.run([CLANG_TIDY, "--version"], capture_output=True,
                            check=True).stdout
    checks += (root / ".clang-tidy").read_bytes()
    clean = cache_directory() / "clang-tidy"
    clean.mkdir(parents=True, exist_ok=True)

    def outcome(entry):
        path = Path(entry["file"])
        mark = clean / fingerprint(entry, root, checks)
        if mark.exists():
            mark.touch()
            return path, ""
        complaints = check(path, build)
        if not complaints:
            mark.touch()
        return path, complaints

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(outcome, database)
