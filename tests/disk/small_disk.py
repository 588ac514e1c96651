"""A disk that is full when a test says so."""

import os
import subprocess
import tempfile
from pathlib import Path

DISK_MIB = 128
# Too few bytes for the files of a part.
BYTES_LEFT = 16 << 10


class CannotMount(Exception):
    """Not allowed here, or not possible; with the reason."""


class SmallDisk:
    """A file system of its own, small, in memory."""

    def __init__(self, folder):
        self.folder = folder
        self._mounted = False

    def start(self):
        self.folder.mkdir(parents=True)
        self._run("mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m",
                  "sluice-test")
        self._mounted = True

    def stop(self):
        if self._mounted:
            self._run("umount", "--lazy")
            self._mounted = False

    def _run(self, *words):
        try:
            done = subprocess.run([*words, self.folder], check=False,
                                  capture_output=True, text=True)
        except OSError as error:
            raise CannotMount(error) from None
        if done.returncode != 0:
            raise CannotMount(done.stderr.strip())

    def fill(self):
        """Leaves next to nothing; clear() gives it back."""
        room = os.statvfs(self.folder)
        with open(self.folder / "ballast", "wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, max(
                1, room.f_bavail * room.f_bsize - BYTES_LEFT))

    def clear(self):
        (self.folder / "ballast").unlink()


def require():
    """CannotMount where there can be no small disk."""
    with tempfile.TemporaryDirectory() as folder:
        disk = SmallDisk(Path(folder) / "disk")
        disk.start()
        disk.stop()
