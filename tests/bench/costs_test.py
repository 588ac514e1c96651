"""What is read from /proc."""

import os
import unittest

from bench.costs import (TICKS_A_SECOND, cpu_seconds, parse_stat,
                         parse_status, peak_bytes, resident_bytes)

STAT = ("4242 (a name) with (parentheses) S 1 4242 4242 0 -1 4194560 1 2 3 4 "
        "100 20 3 1 20 0 9 0 12345 1000 200 18446744073709551615")


class CostsTest(unittest.TestCase):
    def test_user_and_system_time_of_it_and_its_children_count(self):
        self.assertEqual(parse_stat(STAT), 124 / TICKS_A_SECOND)

    def test_memory_is_in_bytes(self):
        text = "Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t1024 kB\n"
        self.assertEqual(parse_status(text, "VmHWM"), 2 << 20)
        self.assertEqual(parse_status(text, "VmRSS"), 1 << 20)
        self.assertEqual(parse_status("Name:\tx\n", "VmHWM"), 0)

    def test_this_process_has_cost_something(self):
        self.assertGreater(cpu_seconds(os.getpid()), 0)
        self.assertGreaterEqual(peak_bytes(os.getpid()),
                                resident_bytes(os.getpid()) // 2)


if __name__ == "__main__":
    unittest.main()
