"""What `count` promises."""

import subprocess
import unittest


def count(text):
    return int(subprocess.run(["./count"], input=text, capture_output=True, check=True, timeout=10).stdout)


class CountTest(unittest.TestCase):
    def test_nothing_has_no_words(self):
        self.assertEqual(count(b""), 0)

    def test_white_space_separates(self):
        self.assertEqual(count(b"  one\ttwo\nthree "), 3)

    def test_agrees_with_wc(self):
        text = b"a b  c\n\n d" * 1000
        wanted = subprocess.run(["wc", "-w"], input=text, capture_output=True, check=True, timeout=10).stdout
        self.assertEqual(count(text), int(wanted))


if __name__ == "__main__":
    unittest.main()
