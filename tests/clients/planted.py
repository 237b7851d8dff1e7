"""The planted client in Python: reads what tests/suite/depend/client.rs reads, and fails where that isn't there.

    LXCA_URL=http://127.0.0.1:PORT python planted.py PART...
"""

import json
import os
import sys
import urllib.request


def rows_of(part):
    with urllib.request.urlopen(f"{os.environ['LXCA_URL']}/{part}") as answer:
        return json.load(answer)["list"]


def text(value):
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def texts(rows, members):
    for row in rows:
        for member in members.split():
            text(row[member])


def reads(part):
    rows = rows_of(part)
    if not isinstance(rows, list):
        raise TypeError("no list")
    if part == "nodes":
        texts(rows, "t00 t01 t05 t11 t07")
        for row in rows:
            if row.get("state") == "Offline":
                row["reason"]
            assert isinstance(row["tags"], list) and row["tags"]
    elif part == "chassis":
        texts(rows, "t02 t03 t04 t06 t08 t09")
        for row in rows:
            assert row["state"] in ("Online", "Offline")
            assert row["inner"]["on"] is True
    elif part == "cmms":
        texts(rows, "t00 t10")
        assert sum(str(row.get("state")).lower() == "online" for row in rows) == 3
    elif part == "switches":
        texts(rows, "t01 t02 t03 t04 t05 t06")
        rows[2]["t00"]
    elif part == "fans":
        texts(rows, "t08 t09 t10 t11")
        for row in rows:
            int(text(row["slots"]))
            assert "." not in str(row.get("made", ""))
    elif part == "powerSupplies":
        texts(rows, "t00 t02 t04 t06 t08 t10")
        for row in rows:
            int(text(row.get("slots", "0")))
    elif part == "canisters":
        texts(rows, "t01 t03 t05 t07 t09 t11")
        assert len(rows) == 4
    elif part == "cabinet":
        texts(rows, "t00 t01 t02 t03 t04")
        levels = [row["inner"]["level"] for row in rows]
        assert all(type(level) is int for level in levels) and levels == sorted(levels)
        assert all(row.get("code", 200) == 200 for row in rows)
    else:
        raise SystemExit(f"no part {part}")


for name in sys.argv[1:]:
    reads(name)
