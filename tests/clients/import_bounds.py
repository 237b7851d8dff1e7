"""Holds `import` to its bounds on any input of 1 MiB: no panic, 100 ms of processor time, 64 MiB.

    import_bounds.py target/release/lxca-conform

Each input is made here, so that nothing large is checked in: texts of the pieces that pages are
made of, in every order, and the shapes that cost a reader most. Prints the worst of each bound.
"""

import os
import random
import sys
import tempfile

SIZE = 1 << 20
MILLISECONDS = 100
MEBIBYTES = 64

HEAD = "GET /x/y\nRequest URL\nGET https://h/x/y\nResponse body\nAttributesTypeDescription\n"
PIECES = [
    "GET /a/{b}\n", "POST https://h/a\n", "\n", "Request body\n", "Response body\n", "Response codes\n",
    "Query parameters\n", "AttributesRequired / OptionalTypeDescription\n", "Attributes Type Description\n",
    "aRequiredStringText following values.\n", " bArray of objectsX\n", "  • a. b\n", "c Optional Integer Text\n",
    "A | Type | Description |\n---|---|---|\n", "a | String | b\n", "| ||\n", "For example:\n", "{\n", '"a": [1,\n',
    "}\n", "]\n", "<table><tr><td>a", "</td></tr>", "<h2>Response body</h2>", "<html>", "<pre>{}</pre>", "200OKfine\n",
    "”", "\u00a0", "é", "Required if a is “b”. C", "{x>", "action=import\n", "Table 1. A\n",
    "name\n\nOptional\n\nBoolean\n", "\t", "StringString", "RequiredOptional",
]


def filled(piece, head=""):
    text = head + piece * (SIZE // max(1, len(piece.encode())) + 1)
    return text.encode()[:SIZE]


def inputs():
    """Names and bytes."""
    for number, piece in enumerate(PIECES):
        yield f"piece {number} alone", filled(piece)
        yield f"piece {number} in a table", filled(piece, HEAD)
    for seed in range(24):
        chance = random.Random(seed)
        text = "".join(chance.choice(PIECES) for _ in range(SIZE // 8))
        yield f"pieces by chance, seed {seed}", (HEAD + text).encode()[:SIZE]
    rows = "".join(f"n{n}ObjectT\n c{n}StringX\n" for n in range(9_000))
    yield "many rows and a long example", (HEAD + rows + "The following example x.\n[" + "{}," * 200_000).encode()[:SIZE]
    few = HEAD + "aArray of objectsX\n bStringX\nThe following example x.\n"
    yield "a long list as example", (few + "[" + "{},\n" * 250_000 + "{}]\n").encode()[: SIZE - 3] + b"{}]"
    members = ",\n".join(f'"k{n}": {{"v": [{n}]}}' for n in range(40_000))
    yield "a long object as example", (few + "{" + members).encode()[: SIZE - 40].rsplit(b",", 1)[0] + b"}"
    flat = ",".join(f'"k{n}":{n}' for n in range(60_000))
    yield "a long line as example", (few + "{" + flat).encode()[: SIZE - 40].rsplit(b",", 1)[0] + b"}"
    yield "4000 rows", (HEAD + "".join(f"n{n}StringX following values.\n  • v{n}. y\n" for n in range(3_900))).encode()[:SIZE]
    yield "deep rows", (HEAD + "".join(" " * (n % 600) + f"n{n}ObjectT\n" for n in range(3_000))).encode()[:SIZE]
    yield "one line", filled("aString", "GET /x\n")
    yield "deep JSON", filled('{"a":')
    draft = '{"method":"GET","path":"/x","query":[],"request":[],"codes":[200],"response":['
    yield "a draft of many rows", filled('{"name":"a","type":"String","values":[],"children":[]},', draft)
    yield "deep HTML", filled("<div>", "<html><body>")
    yield "many cells of HTML", filled("<td>a</td>", "<html><body><h1>GET /x</h1><table><tr>")
    yield "wide spans of HTML", filled('<td colspan="999999">a</td>', "<html><h1>GET /x</h1><table><tr>")
    yield "no text at all", bytes(random.Random(1).randrange(256) for _ in range(SIZE))


def measured(binary, path):
    """Exit status, processor time in ms, peak memory in MiB, and what it said."""
    out = tempfile.TemporaryFile()
    process = os.posix_spawn(
        binary, [binary, "import", path], os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 2), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(process, 0)
    out.seek(0)
    told = out.read(2_000).decode(errors="replace")
    return os.waitstatus_to_exitcode(status), (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024, told


def main():
    binary = os.path.abspath(sys.argv[1])
    failed, slowest, largest, count = [], (0.0, ""), (0.0, ""), 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "page.txt")
        for name, content in inputs():
            with open(path, "wb") as file:
                file.write(content)
            # The best of three: other processes of the machine are not what is measured.
            runs = [measured(binary, path) for _ in range(3)]
            code, _, memory, told = runs[0]
            time = min(run[1] for run in runs)
            count += 1
            slowest, largest = max(slowest, (time, name)), max(largest, (memory, name))
            if code not in (0, 2) or "panicked" in told:
                failed.append(f"{name}: exit {code}: {told}")
            if time >= MILLISECONDS:
                failed.append(f"{name}: {time:.0f} ms")
            if memory >= MEBIBYTES:
                failed.append(f"{name}: {memory:.0f} MiB")
    print(f"{count} inputs of 1 MiB: at most {slowest[0]:.0f} ms ({slowest[1]}) and {largest[0]:.0f} MiB ({largest[1]})")
    for line in failed:
        print("FAILED", line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
