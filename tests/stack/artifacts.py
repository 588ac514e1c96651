"""Java programs by their Maven coordinates, in a cache of their own."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from .process import StackError

COPY_DEPENDENCIES = (
    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies")


class Unreachable(StackError):
    """A package registry did not give what a suite needs."""


@dataclass(frozen=True)
class Bundle:
    """Jars that make up one class path or plugin folder."""
    name: str
    coordinates: tuple[str, ...]
    without: tuple[str, ...] = ()

    def pom(self):
        dependencies = "".join(
            "<dependency><groupId>{}</groupId><artifactId>{}</artifactId>"
            "<version>{}</version></dependency>".format(
                *map(escape, coordinate.split(":")))
            for coordinate in self.coordinates)
        return ('<project xmlns="http://maven.apache.org/POM/4.0.0">'
                "<modelVersion>4.0.0</modelVersion>"
                "<groupId>sluice.tests</groupId>"
                f"<artifactId>{self.name}</artifactId><version>1</version>"
                "<packaging>pom</packaging>"
                f"<dependencies>{dependencies}</dependencies></project>")


KAFKA = Bundle("kafka", (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:connect-runtime:4.3.1",
    "org.apache.kafka:connect-json:4.3.1",
    "org.apache.kafka:connect-transforms:4.3.1",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"))

# What the worker has itself must not be in a plugin's folder again.
DEBEZIUM_POSTGRES = Bundle(
    "debezium-postgres",
    ("io.debezium:debezium-connector-postgres:3.7.0.Final",),
    without=("kafka-clients", "connect-api", "connect-json",
             "connect-runtime", "connect-transforms", "slf4j-api"))


def cache_directory():
    """Where whatever tests fetch is kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sluice"


def fetch(bundle):
    """The folder with the bundle's jars, fetched at its first use. Complete or
    not there at all, also when two processes fetch at once."""
    pom = bundle.pom()
    digest = hashlib.sha256(
        "\n".join((pom, COPY_DEPENDENCIES, *bundle.without)).encode())
    folder = cache_directory() / f"{bundle.name}-{digest.hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise Unreachable(f"no Maven to fetch {bundle.name} with: "
                          "run scripts/install-dependencies --test")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as project:
        jars = Path(project) / "jars"
        Path(project, "pom.xml").write_text(pom, encoding="utf-8")
        maven = subprocess.run(
            ["mvn", "-q", "-B", COPY_DEPENDENCIES, "-DincludeScope=runtime",
             f"-DoutputDirectory={jars}",
             f"-DexcludeArtifactIds={','.join(bundle.without)}"],
            cwd=project, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False)
        if maven.returncode != 0:
            words = next((line for line in maven.stdout.splitlines()
                          if "ERROR" in line), maven.stderr.strip())
            raise Unreachable("cannot fetch "
                              f"{', '.join(bundle.coordinates)}: {words}")
        jars.chmod(0o755)
        try:
            jars.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder
