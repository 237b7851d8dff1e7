#!/usr/bin/env python3
"""Holds two builds against each other: do they judge the same?

    same_verdicts.py OLD NEW

Both play the catalogue against their own double, the self-test (each fault and each variant), ten faults over a
socket, and the gate from the right double to each of the ten. Compared are exit codes, every value of report.json,
gate.json and self-test that isn't a sentence, and of report.md its outline: headings, tables, ids. Sentences, times,
ports and digests may differ. Exit status 0 if all is the same, 1 with the differences if not, 2 for usage.

Knows: the command line and the forms of reports. Must not know: what is right. Python 3.11, standard library only.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FAULTS = [
    "aicc-runlevel-string", "aicc-text-html", "auth-off", "backup-uuid-missing", "backups-bare",
    "lock-component-unknown", "locks-500-empty", "locks-status-202", "locks-text-html", "task-percentage-string",
]
# What differs from run to run, or from build to build, without being a verdict.
UNSTEADY = {
    "digest", "sha256", "url", "started", "finished", "elapsed_ms", "median_ms", "p95_ms", "max_ms", "code", "contract",
    "catalogue", "timings", "proof", "seed", "path", "source", "from", "content-length", "date",
}
PASSWORD = {"LXCA_PASSWORD": "PASSW0RD"}


def steady(value):
    """The value without sentences and without what changes from run to run."""
    if isinstance(value, dict):
        return {key: steady(inner) for key, inner in sorted(value.items()) if key not in UNSTEADY}
    if isinstance(value, list):
        return [steady(inner) for inner in value]
    if isinstance(value, str):
        if re.search(r"\s", value):
            return "(a sentence)"
        return re.sub(r"[0-9a-f]{16,}|\d{4}-\d\d-\d\dT[\d:.]+Z?|:\d{4,5}\b", "#", value)
    return value


def outline(text):
    """Of a Markdown report: what kinds of lines follow each other, and the ids that they name."""
    lines = []
    for line in text.splitlines():
        ids = re.findall(r"[a-z-]+\.[a-z]+(?:/|::)[a-z0-9/*-]+", line)
        kind = re.match(r"#+|\||[-*] |```|$", line)
        lines.append(((kind.group(0) if kind else "text"), ids))
    return lines


def call(binary, *words, env=None):
    done = subprocess.run([binary, *words], capture_output=True, text=True, env={**os.environ, **(env or {})}, timeout=900)
    return done.returncode, done.stdout


def played(binary, folder, fault):
    """A read-only run against a served double with one fault, or with none."""
    words = [binary, "serve", "--quiet"] + (["--fault", fault] if fault else [])
    served = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = served.stdout.readline().strip()
        if not url.startswith("http"):
            return "not served"
        return call(binary, "run", "--url", url, "--user", "USERID", "--quiet", "--out", str(folder), env=PASSWORD)[0]
    finally:
        served.kill()
        served.wait()


def seen(binary):
    """All that a build shows, by name."""
    shown = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        shown["run: exit"] = call(binary, "run", "--quiet", "--out", str(folder / "double"))[0]
        keep(shown, "run", folder / "double")
        code, text = call(binary, "self-test", "--format", "json")
        shown["self-test: exit"] = code
        shown["self-test"] = steady(json.loads(text))
        for fault in [None, *FAULTS]:
            name = fault or "right"
            shown[f"{name}: exit"] = played(binary, folder / name, fault)
            keep(shown, name, folder / name)
        for fault in FAULTS:
            code, text = call(binary, "gate", "--baseline", str(folder / "right"), "--candidate", str(folder / fault),
                              "--format", "json")
            shown[f"gate to {fault}: exit"] = code
            shown[f"gate to {fault}"] = steady(json.loads(text)) if text.strip().startswith("{") else text
    return shown


def keep(shown, name, folder):
    report = folder / "report.json"
    if report.exists():
        shown[f"{name}: report.json"] = steady(json.loads(report.read_text()))
        shown[f"{name}: report.md"] = outline((folder / "report.md").read_text())


def differences(old, new, place=""):
    if type(old) is not type(new):
        yield f"{place}: {old!r:.80} -> {new!r:.80}"
    elif isinstance(old, dict):
        for key in sorted(old.keys() | new.keys()):
            if key not in old or key not in new:
                yield f"{place}/{key}: only in the {'new' if key not in old else 'old'} build"
            else:
                yield from differences(old[key], new[key], f"{place}/{key}")
    elif isinstance(old, list):
        if len(old) != len(new):
            yield f"{place}: {len(old)} -> {len(new)} entries"
        for index, (left, right) in enumerate(zip(old, new)):
            yield from differences(left, right, f"{place}/{index}")
    elif old != new:
        yield f"{place}: {old!r:.80} -> {new!r:.80}"


def main():
    if len(sys.argv) != 3:
        print(__doc__.strip().splitlines()[2].strip(), file=sys.stderr)
        return 2
    old, new = seen(sys.argv[1]), seen(sys.argv[2])
    found = list(differences(old, new))
    for line in found[:60]:
        print(line)
    compared = len(old.keys() | new.keys())
    print(f"{compared} things compared, {len(found)} differences")
    return 1 if found else 0


sys.exit(main())
