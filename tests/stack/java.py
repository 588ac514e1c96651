"""How the Java servers are started: small, quick to start, logging to stdout."""

import shutil

from .process import Process, StackError

LOG_CONFIGURATION = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
"""


def command(libraries, folder, main_class, *arguments, heap_mb=512,
            long_lived=False):
    """argv for `main_class` with the jars of `libraries` as class path. Not
    `long_lived`: compiled for a quick start rather than for speed."""
    java = shutil.which("java")
    if java is None:
        raise StackError(
            "no Java: run scripts/install-dependencies --test")
    configuration = folder / "log4j2.properties"
    configuration.write_text(LOG_CONFIGURATION, encoding="utf-8")
    tuning = [] if long_lived else ["-XX:TieredStopAtLevel=1"]
    return [java, f"-Xmx{heap_mb}m", "-Xms64m", "-XX:+UseSerialGC",
            *tuning, "-XX:-UsePerfData",
            f"-Dlog4j2.configurationFile={configuration}",
            "-cp", f"{libraries}/*", main_class, *map(str, arguments)]


def run(name, argv, log, seconds=60):
    """Runs a short-lived Java program to its end."""
    process = Process(name, argv, log)
    try:
        code = process.wait(seconds)
    finally:
        process.stop()
    if code != 0:
        raise StackError(f"{name} ended with {code}:\n{process.output()}")


def properties(path, values):
    """Writes a .properties file."""
    path.write_text("".join(f"{key}={value}\n" for key, value in
                            values.items()), encoding="utf-8")
    return path
