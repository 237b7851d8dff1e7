"""Runs the commands of a page as it shows them, and holds what they print against what it shows.

    python documented.py LXCA-CONFORM PAGE.md

In a block marked `console` a line that begins with `$ ` is a command, and what follows is its output; `…` stands for anything within a
line, or alone for any lines. `lxca-conform serve --port …` goes on in the background until the next one, and must then end with exit 0. A
block of another kind after "`NAME`:" is the file NAME. The ports of the page are replaced by free ones. Exits 1 if something differs.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

PATIENCE = 120
PORTS = ("8080", "8443")


def blocks(text):
    """Files as ("file", name, content), and commands as ("command", line, output), in order."""
    for match in re.finditer(r"(?:^`([\w.-]+)`:\n\n)?^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        name, kind, content = match.groups()
        if kind == "console":
            for command in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                line, _, output = command.partition("\n")
                yield "command", line, output
        elif name:
            yield "file", name, content


def matches(expected, actual):
    pattern = ""
    for line in expected.splitlines():
        pattern += r"(?:.*\n)*?" if line == "…" else ".*".join(re.escape(part) for part in line.split("…")) + r"\n"
    return re.fullmatch(pattern, actual if actual.endswith("\n") or not actual else actual + "\n") is not None


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


class Runner:
    def __init__(self, binary, folder):
        path = os.path.dirname(os.path.abspath(binary)) + os.pathsep + os.path.dirname(sys.executable)
        self.environment = {**os.environ, "PATH": path + os.pathsep + os.environ["PATH"], "NO_COLOR": "1"}
        for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]:
            self.environment.pop(name, None)
        self.folder, self.server, self.failed, self.run = folder, None, 0, 0

    def result(self, name, right, details=""):
        self.run += 1
        self.failed += not right
        print(f"ok      {name}" if right else f"FAILED  {name}\n{details}", flush=True)

    def serve(self, line, output):
        self.stop()
        self.server = subprocess.Popen(["bash", "-c", f"exec {line}"], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True)
        first = self.server.stdout.readline()
        self.result(line, matches(output, first), f"  expected {output!r}\n  actual   {first!r}")

    def stop(self):
        if self.server is None:
            return
        self.server.send_signal(signal.SIGTERM)
        try:
            code = self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            code = "still running after 10 s"
        self.server.stdout.close()
        self.server = None
        self.result("the double ends", code == 0, f"  {code}")

    def command(self, line, output):
        done = subprocess.run(["bash", "-c", line], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        right = done.returncode == 0 and matches(output, done.stdout)
        self.result(line, right, f"  exit     {done.returncode}\n  expected {output!r}\n  actual   {done.stdout!r}\n  stderr   {done.stderr!r}")


def self_check():
    """A comparison that accepts everything would prove nothing."""
    return (
        matches("a…c\n", "abbc\n")
        and matches("a\n…\nz\n", "a\nb\nc\nz")
        and matches("", "")
        and not matches("a\n", "b\n")
        and not matches("", "a\n")
        and not matches("a\n", "")
        and not matches("a…c\n", "ab\nc\n")
    )


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as page:
        text = page.read()
    for port in PORTS:
        text = text.replace(port, free_port())
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(sys.argv[1], folder)
        runner.result("the comparison tells right from wrong", self_check())
        try:
            for kind, name, content in blocks(text):
                if kind == "file":
                    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                        file.write(content)
                elif name.startswith("lxca-conform serve --port"):
                    runner.serve(name, content)
                else:
                    runner.command(name, content)
        finally:
            runner.stop()
    print(f"{runner.run - runner.failed} passed, {runner.failed} failed")
    # A page without commands is not a page that was run.
    sys.exit(1 if runner.failed or runner.run < 10 else 0)


if __name__ == "__main__":
    main()
