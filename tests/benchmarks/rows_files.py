"""Contests of the catalogue and of the commands that read and write it."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

from pluginary_tui.catalogue.database import FILE_NAME
from tests.benchmarks.contest import Contest, Peer, Sides
from tests.benchmarks.workspace import Place

_LIST = """
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    "SELECT p.name, p.vendor, p.categories, p.parameter_count, b.format, p.id FROM plugin p"
    " JOIN bundle b ON b.key = p.bundle ORDER BY p.name"
)
for row in rows:
    print(*row, sep="  ")
"""

# The standard library's fastest ways: in memory, in one piece.
_DUMP = """
import json, sys
with open(sys.argv[1]) as file:
    document = json.load(file)
began = clock()
with open(sys.argv[2], "w") as file:
    file.write(json.dumps(document, ensure_ascii=False))
print(clock() - began)
"""
_LOAD = """
import json, sys
began = clock()
with open(sys.argv[1]) as file:
    document = json.load(file)
print(clock() - began)
"""

_WRITE_OURS = """
import sys
from pathlib import Path
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from tests.benchmarks.workspace import reports
made = list(reports(int(sys.argv[2]), int(sys.argv[3])))
began = clock()
with Store.in_folder(Path(sys.argv[1]), durable=True) as store:
    journal = Journal(store)
    for report in made:
        journal.finish(report, [("Reverb",)], quarantine=False)
print(clock() - began)
"""

# The same values as rows of one table without an index, a transaction per bundle (`each`) or one for all.
_WRITE_FLAT = """
import sqlite3, sys
from tests.benchmarks.workspace import reports
made = []
for report in reports(int(sys.argv[2]), int(sys.argv[3])):
    bundle, plugin = report.bundle, report.plugins[0]
    made.append([
        (bundle.path, bundle.name, bundle.fingerprint, plugin.name, plugin.vendor, plugin.version, plugin.category,
         plugin.uid, p.name, p.unit, p.default, p.minimum, p.maximum, p.default_raw, p.steps, p.kind)
        for p in plugin.parameters
    ])
began = clock()
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA synchronous = FULL")
db.execute(f"CREATE TABLE flat ({', '.join(f'c{n}' for n in range(16))})")
each = sys.argv[4] == "each"
if not each:
    db.execute("BEGIN")
for rows in made:
    if each:
        db.execute("BEGIN")
    db.executemany(f"INSERT INTO flat VALUES ({', '.join('?' * 16)})", rows)
    if each:
        db.execute("COMMIT")
if not each:
    db.execute("COMMIT")
db.close()
print(clock() - began)
"""

_OPEN_OURS = """
import sys
from pathlib import Path
from pluginary_tui.catalogue.store import Store
began = clock()
with Store.in_folder(Path(sys.argv[1])) as store:
    store.changes()
print((clock() - began) * 1000)
"""
_OPEN_BARE = """
import sqlite3, sys
began = clock()
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA data_version").fetchone()
db.close()
print((clock() - began) * 1000)
"""

_READ_OURS = """
import sys
from pathlib import Path
from pluginary_tui.catalogue.store import Store
with Store.in_folder(Path(sys.argv[1])) as store:
    began = clock()
    store.plugins()
    print(clock() - began)
"""
_READ_BARE = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
began = clock()
db.execute("SELECT * FROM plugin p JOIN bundle b ON b.key = p.bundle ORDER BY p.name").fetchall()
print(clock() - began)
"""


def contests() -> list[Contest]:
    many = partial(Place.catalogue, plugins=100_000, parameters=4)
    full = partial(Place.catalogue, plugins=10_000, parameters=60)
    small = partial(Place.catalogue, plugins=2_000, parameters=20)
    return [
        Contest("list", "list of 100,000 plugins", "s", partial(_list, many, ["list"])),
        Contest("list-json", "list --json of 100,000 plugins", "s", partial(_list, many, ["list", "--json"])),
        Contest("export", "export of 100,000 plugins, 400,000 parameters", "s", partial(_export, many), rounds=3),
        Contest("import", "import of the same into an empty catalogue", "s", partial(_import, many), rounds=3),
        Contest("write", "writing 10,000 plugins, 600,000 parameters", "s", partial(_write, 10_000, 60), rounds=3),
        Contest("size", "size of that on disk", "MB", _size, rounds=1),
        Contest("open", "opening that", "ms", partial(_open, full)),
        Contest("read", "reading its 10,000 plugins", "s", partial(_read, full)),
        *(
            Contest(f"memory-{n}", f"memory of {words}, 10,000 plugins", "MB", partial(_memory, full, words), rounds=3)
            for n, words in enumerate(("list", "list --json", "list reverb", "export -"), 1)
        ),
        Contest("short-list", "list of 2,000 plugins", "s", partial(_list, small, ["list"]), guard=True),
        Contest("short-export", "export of 2,000 plugins, 40,000 parameters", "s", partial(_export, small), guard=True),
        Contest("short-import", "import of the same into an empty catalogue", "s", partial(_import, small), guard=True),
        Contest("short-write", "writing 500 plugins, 10,000 parameters", "s", partial(_write, 500, 20), guard=True),
        Contest("short-memory", "memory of list, 2,000 plugins", "MB", partial(_memory, small, "list"), guard=True),
    ]


Made = partial[Path]
"""Given a place, the folder of a catalogue in it."""


def _list(made: Made, words: list[str], place: Place) -> Sides:
    data = made(place)
    peer = Peer(
        "sqlite3 and print",
        lambda number: place.run([sys.executable, "-c", _LIST, data / FILE_NAME]),
        note="a bare interpreter prints six columns as they come",
    )
    return Sides(lambda number: place.run(place.ours(*words), data=data), [peer])


def _export(made: Made, place: Place) -> Sides:
    data = made(place)
    document = place.made(f"{data.name}.json", lambda path: place.run(place.ours("export", path), data=data))
    copy = place.folder / "copy.json"
    peer = Peer("json.dumps", lambda number: place.inside(_DUMP, document, copy), note="of the same document in memory")
    return Sides(lambda number: place.run(place.ours("export", place.fresh("out.json")), data=data), [peer])


def _import(made: Made, place: Place) -> Sides:
    data = made(place)
    document = place.made(f"{data.name}.json", lambda path: place.run(place.ours("export", path), data=data))
    peer = Peer("json.load", lambda number: place.inside(_LOAD, document), note="of the same document into memory")
    return Sides(lambda number: place.run(place.ours("import", document), data=place.fresh("data")), [peer])


def _write(plugins: int, parameters: int, place: Place) -> Sides:
    size = (str(plugins), str(parameters))

    def flat(how: str) -> float:
        return place.inside(_WRITE_FLAT, place.fresh("flat.db"), *size, how)

    return Sides(
        lambda number: place.inside(_WRITE_OURS, place.fresh("data"), *size),
        [
            Peer("one flat table, as many commits", lambda number: flat("each"), note="no index, each bundle durable"),
            Peer("one flat table, one commit", lambda number: flat("all"), note="no index, all or nothing"),
        ],
    )


def _size(place: Place) -> Sides:
    data = place.catalogue(10_000, 60)

    def flat(number: int) -> float:
        path = place.fresh("flat.db")
        place.inside(_WRITE_FLAT, path, "10000", "60", "all")
        return path.stat().st_size / 1e6

    def ours(number: int) -> float:
        path = data / FILE_NAME
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return path.stat().st_size / 1e6

    return Sides(ours, [Peer("one flat table", flat, note="no index")])


def _open(made: Made, place: Place) -> Sides:
    data = made(place)
    peer = Peer("sqlite3.connect", lambda number: place.inside(_OPEN_BARE, data / FILE_NAME), note="opened and closed")
    return Sides(lambda number: place.inside(_OPEN_OURS, data), [peer])


def _read(made: Made, place: Place) -> Sides:
    data = made(place)
    peer = Peer("fetchall", lambda number: place.inside(_READ_BARE, data / FILE_NAME), note="the same rows as tuples")
    return Sides(lambda number: place.inside(_READ_OURS, data), [peer])


def _memory(made: Made, words: str, place: Place) -> Sides:
    data = made(place)
    peer = Peer("--version", lambda number: place.peak_mb("--version"))
    return Sides(lambda number: place.peak_mb(*words.split(), data=data), [peer], below=50.0)
