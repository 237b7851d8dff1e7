"""What the scripts of this folder share: checks that are counted, and a double on a free port."""

import contextlib
import subprocess
import sys
import threading

failed = 0
passed = 0


def check(name, actual, expected=True):
    """One line; a failure says what came."""
    global failed, passed
    if actual == expected:
        passed += 1
        print(f"ok      {name}", flush=True)
    else:
        failed += 1
        print(f"FAILED  {name}\n          expected {expected!r}\n          actual   {actual!r}", flush=True)


def end():
    """Says how many checks there were, and ends with 1 if one failed."""
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


@contextlib.contextmanager
def served(binary, faults, *options):
    """A double with faults on a free port; yields its address."""
    words = [word for fault in faults for word in ("--fault", fault)]
    server = subprocess.Popen([binary, "serve", "--port", "0", *options, *words], stdout=subprocess.PIPE, text=True)
    impatience = threading.Timer(20, server.kill)
    impatience.start()
    try:
        url = server.stdout.readline().strip()
        impatience.cancel()
        yield url
    finally:
        impatience.cancel()
        server.kill()
        server.wait()
        server.stdout.close()
