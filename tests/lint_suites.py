"""The checks of scripts/lint."""

import subprocess
import sys
from pathlib import Path

from tests.clang_tidy import check_all
from tests.suite import ROOT, Result, Suite, command
from tests.test_suites import python_suite

CLANG_FORMAT = "clang-format-16"


def tracked(*patterns):
    """Files under version control (or about to be) that match."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard", "--", *patterns], cwd=ROOT, check=True,
        capture_output=True, text=True).stdout
    return sorted(ROOT / name for name in set(listing.split("\0"))
                  if name and (ROOT / name).is_file())


def shell_scripts():
    """Every tracked file whose first line names bash or sh."""
    found = []
    for path in tracked("scripts", ".ci", "tests", "bench"):
        with open(path, "rb") as file:
            first = file.readline()
        if first.startswith(b"#!") and first.strip().endswith(
                (b"bash", b"sh")):
            found.append(path)
    return found


def one_check(name, passed):
    return Result(passed=1) if passed else Result().fail(name)


def clang_format():
    return one_check("clang-format", command(
        CLANG_FORMAT, "--dry-run", "-Werror", *tracked("*.cpp", "*.hpp"),
        quiet=True))


def shellcheck():
    return one_check("shellcheck", command("shellcheck", *shell_scripts()))


def python():
    """Every file compiles, warnings (such as a bad escape) included."""
    return one_check("python", command(
        sys.executable, "-W", "error", "-m", "compileall", "-q", "-f",
        *tracked("*.py")))


def clang_tidy():
    """One check per translation unit of the program; tests are left to the
    compilers."""
    build = ROOT / "build/tidy"
    if not command(
            "cmake", "-S", ROOT, "-B", build, "-G", "Ninja",
            "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DBUILD_TESTING=OFF",
            # clang cannot read what g++ precompiles.
            "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON", quiet=True):
        raise RuntimeError("the configuration for clang-tidy failed")
    result = Result()
    for path, complaints in check_all(build, ROOT):
        if complaints:
            print(complaints, flush=True)
            result.fail(f"clang-tidy: {Path(path).relative_to(ROOT)}")
        else:
            result.passed += 1
    return result


LINT_SUITES = (
    Suite("format", "clang-format on all C++ sources", clang_format),
    Suite("house", "the project's own rules",
          lambda: python_suite("tidy_test.py")),
    Suite("shell", "shellcheck on all scripts", shellcheck),
    Suite("python", "all Python files compile without warnings", python),
    Suite("tidy", "clang-tidy on all translation units of the program",
          clang_tidy),
)
