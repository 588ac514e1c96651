"""A test case with servers of its own."""

import unittest

from tests.stack.stack import Stack, exit_on_signals


def problems(result):
    return len(result.failures) + len(result.errors)


class StackTestCase(unittest.TestCase):
    """`self.stack` is closed after each test, and its folder is kept when the
    test has failed."""

    def run(self, result=None):
        exit_on_signals()
        result = result or self.defaultTestResult()
        before = problems(result)
        self.stack = Stack(type(self).__name__)
        ended = False
        try:
            super().run(result)
            ended = True
        finally:
            if not ended or problems(result) > before:
                self.stack.failed()
            self.stack.close()
        return result
