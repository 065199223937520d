"""A process that says once how far it is, and then nothing for a long time."""

import sys
import time

from core.apart import say

if __name__ == "__main__":
    sys.stdin.read()
    say({"at": ["pairs", 1]})
    time.sleep(120)
