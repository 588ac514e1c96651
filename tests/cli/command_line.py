"""A test case that runs the real program. Nothing but it and libchdb is
needed."""

import shutil
import tempfile
import unittest
from pathlib import Path

from tests.stack import sluice

COMMERCE = sluice.COMMERCE


class CommandLineTestCase(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        # The registry of running nodes is this test's alone.
        runtime = self.folder / "runtime"
        runtime.mkdir(mode=0o700)
        self.env = {"XDG_RUNTIME_DIR": str(runtime)}

    def sluice(self, *arguments, env=None):
        return sluice.run(*arguments, env={**self.env, **(env or {})})

    def succeed(self, *arguments, env=None):
        done = self.sluice(*arguments, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refuse(self, code, *arguments, env=None):
        """Runs what must end with this code; returns its lines on stderr."""
        done = self.sluice(*arguments, env=env)
        self.assertEqual(done.returncode, code, done)
        lines = done.stderr.splitlines()
        self.assertTrue(lines, done)
        return lines

    def changed(self, *replacements):
        """The commerce topology with some text replaced by other text."""
        text = COMMERCE.read_text(encoding="utf-8")
        for old, new in replacements:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        path = self.folder / "changed.yaml"
        path.write_text(text, encoding="utf-8")
        return path
