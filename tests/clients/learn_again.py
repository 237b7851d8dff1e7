"""Learns again what the clients in recipes/clients depend on, and compares with the profiles that are checked in.

    python learn_again.py LXCA-CONFORM [--write] [CLIENT...]

Needs what requirements.txt names, curl and jq. Prints a line for each client, and exits 1 if one depends on something else now.
With --write the profiles are written instead.
"""

import difflib
import os
import shutil
import subprocess
import sys
import tempfile

FOLDER = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "recipes", "clients"))
CLIENTS = {
    "nightly": (["--compare", "stdout"], ["./nightly.sh", "{url}"]),
    "user_list": ([], ["python", "user_list.py"]),
    "firmware_compliance": ([], ["python", "firmware_compliance.py"]),
    "nodes_inventory": ([], ["python", "nodes_inventory.py"]),
}
# What differs each time, or with each change of the contract.
PASSING = ("learned = ", "contract = ", "by = ")


def kept(path):
    with open(path, encoding="utf-8") as file:
        return [line for line in file if not line.startswith(PASSING)]


def main():
    binary = os.path.abspath(sys.argv[1])
    write = "--write" in sys.argv
    wanted = [name for name in sys.argv[2:] if name != "--write"] or list(CLIENTS)
    # The clients call `python`: the one that runs this.
    environment = dict(os.environ, PATH=os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])
    failed = 0
    for name in wanted:
        options, command = CLIENTS[name]
        profile = os.path.join(FOLDER, f"{name}.toml")
        with tempfile.TemporaryDirectory() as room:
            again = profile if write else os.path.join(room, "again.toml")
            line = [binary, "depend", "-j", "2", "--quiet", "--out", again, *options, "--", *command]
            # pylxca writes a log where it runs.
            shutil.copytree(FOLDER, work := os.path.join(room, "clients"))
            run = subprocess.run(line, cwd=work, env=environment, capture_output=True, text=True, timeout=1800)
            if run.returncode != 0:
                failed += 1
                print(f"FAILED  {name}: exit code {run.returncode}\n{run.stdout}{run.stderr}", flush=True)
                continue
            before, now = kept(profile), kept(again)
        if before == now:
            print(f"ok      {run.stdout.splitlines()[0]}", flush=True)
        else:
            failed += 1
            print(f"FAILED  {name} depends on something else now", flush=True)
            sys.stdout.writelines(difflib.unified_diff(before, now, f"{name}.toml", "learned again"))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
