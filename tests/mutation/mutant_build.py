"""Builds the program with some sources mutated: those alone are compiled again,
as the release build compiles them, and linked before the rest."""

import json
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

from tests.suite import ROOT

BUILD = ROOT / "build" / "release"
MUTANTS = BUILD / "mutants"
PROGRAM = "sluice"


class Unbuildable(Exception):
    """The sources have changed under a mutant."""


def mutated(text, edit, mutant):
    """The text of a file with an edit of a mutant."""
    found = text.count(edit.before)
    if found != 1:
        raise Unbuildable(
            f"mutant {mutant.name}: its text occurs {found} times in "
            f"{edit.path} instead of once; write the mutant anew in "
            f"tests/mutation/mutants.py:\n{edit.before}")
    return text.replace(edit.before, edit.after)


def mutated_sources(mutant):
    """By path, the whole text of each source that the mutant changes."""
    result = {}
    for edit in mutant.edits:
        text = result.get(edit.path)
        if text is None:
            text = (ROOT / edit.path).read_text(encoding="utf-8")
        result[edit.path] = mutated(text, edit, mutant)
    return result


def run(command, mutant):
    done = subprocess.run(command, cwd=BUILD, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unbuildable(f"mutant {mutant.name} does not build:\n"
                          f"{done.stdout}{done.stderr}")


def compile_command(path):
    """How the release build compiles a source, its last two words missing:
    the object's name and the source's."""
    listing = json.loads(
        (BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    words = next(shlex.split(each["command"]) for each in listing
                 if each["file"] == str(ROOT / path))
    if words[-4] != "-o" or words[-2] != "-c":
        raise Unbuildable(f"unknown form of a compilation: {words}")
    return words[:-4]


def link_command():
    """How the release build links the program, as one line of shell."""
    listing = subprocess.run(
        ["ninja", "-t", "commands", PROGRAM], cwd=BUILD, check=True,
        capture_output=True, text=True).stdout
    return listing.splitlines()[-1]


def build(mutant):
    """Builds a mutant; returns its program. The release build is up to date."""
    folder = MUTANTS / mutant.name
    objects = []
    for path, text in mutated_sources(mutant).items():
        source = folder / path
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text, encoding="utf-8")
        objects.append(f"{source}.o")
        run([*compile_command(path), "-o", objects[-1], "-c", str(source)],
            mutant)
    program = folder / PROGRAM
    place = f" -o {PROGRAM} "
    command = link_command()
    if command.count(place) != 1:
        raise Unbuildable(f"unknown form of the link: {command}")
    # What the mutated objects define is not looked for in the libraries.
    words = " ".join(map(shlex.quote, [*objects, "-o", str(program)]))
    run(["sh", "-c", command.replace(place, f" {words} ")], mutant)
    return program


def build_all(mutants):
    """Builds the mutants, some at once; each one's program, or what kept it
    from being built, by name."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        building = {each.name: pool.submit(build, each) for each in mutants}
    return {name: each.exception() or each.result()
            for name, each in building.items()}
