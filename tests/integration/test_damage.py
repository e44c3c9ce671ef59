"""Damage to the catalogue's file: noticed or harmless, never silently wrong, and never at the user's cost."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.integrity import backups, check, checksum, user_export
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.load_checks import LoadChecks, LoadResult
from pluginary_tui.catalogue.passports import SOUND, Entry, Passports, StoredPassport, key_of
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import Bundle, Bus, Outcome, Parameter, ProbedPlugin, Report

COPIES = 200
BACKED_UP, LATER = 50, 10
WRITTEN = 12


def scan(store: Store, plugins: Path, numbers: range) -> None:
    journal = Journal(store)
    journal.begin([])
    for n in numbers:
        path = plugins / f"Plug {n}.vst3"
        path.mkdir(parents=True)
        bundle = Bundle(str(path), "vst3", f"Plug {n}", fingerprint=f"{n}")
        knobs = [Parameter(f"Knob {i} of {n}", "dB", "0", "-60", "6", 0.5) for i in range(8)]
        knobs += [Parameter("Type", choices=("A", "B", ""), group="Main / Room", initial="B", initial_raw=0.5)] * (
            n % 3
        )
        found = ProbedPlugin(f"Plug {n}", f"Vendor {n % 7}", "1.0", "Fx|Reverb", f"{n:032X}", parameters=knobs)
        found.buses = [Bus(f"In {n}", "audio", "input", n % 3), Bus("Notes", "event", "input", 16)]
        found.programs = [f"Program {i} of {n}" for i in range(n % 4)]
        outcome = Outcome.CRASHED if n % 10 == 9 else Outcome.OK
        error = "It fell over." if outcome.bad else ""
        found.status, found.error = outcome, error
        report = Report(bundle, outcome, [found], error=error, log="said\nthis" if outcome.bad else "")
        journal.finish(report, [("Reverb",)], quarantine=outcome.bad)
    journal.end({"ok": len(numbers)})
    LoadChecks(store).finish(
        LoadResult(p.key, Outcome.FAILED, "It is mono.", "oh\nno")
        if p.key % 2
        else LoadResult(p.key, Outcome.OK, attributes=("mix", f"knob_{p.key}"))
        for p in store.plugins()
        if p.status == Outcome.OK and p.loads is None
    )
    for plugin in store.plugins():
        if plugin.name in {f"Plug {n}" for n in numbers if n % 5 == 0}:
            measured = Entry(key_of(plugin), SOUND)
            figures = {"decay": len(plugin.name) + 0.5}
            Passports(store).finish(
                measured, method=1, outcome=Outcome.OK, figures=figures, verdicts=["noisy"], data={"seed": plugin.key}
            )


def write(store: Store) -> None:
    ids = [plugin.id for plugin in store.plugins()][:WRITTEN]
    for n, id_ in enumerate(ids):
        store.set_favourite([id_], n % 2 == 0)
        store.set_hidden([id_], n % 5 == 0)
        store.set_rating([id_], n % 6)
        store.set_note([id_], f"Note {n}\nof two lines, with “marks” and 日本")
        store.add_tag([id_], f"tag-{n}")
        store.used(id_)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a backup, results that are newer than it, and what a user wrote since."""
    folder = tmp_path_factory.mktemp("original") / "data"
    plugins = folder.with_name("plugins")
    with Store.in_folder(folder) as store:
        scan(store, plugins, range(BACKED_UP))
        store.db.execute("UPDATE bundle SET scanned_at = '2025-01-01T00:00:00Z'")
        store.db.execute("UPDATE passport SET measured_at = '2025-01-01T00:00:00Z'")
    backups.rotate_backups(folder / FILE_NAME, keep=3)
    with Store.in_folder(folder) as store:
        scan(store, plugins, range(BACKED_UP, BACKED_UP + LATER))
        write(store)
    assert checksum.verify(folder / FILE_NAME) is checksum.State.SOUND
    return folder


Facts = dict[str, tuple[object, ...]]


def facts(store: Store) -> Facts:
    """All that is listed and shown of each plugin, by its path."""
    return {
        p.path: (
            replace(p, key=0, change=""), *store.parameters(p.key), *store.buses(p.key), *store.programs(p.key),
            *store.plugin_log(p.key), store.attributes(p.key), store.log(p.path),
        )
        for p in store.plugins()
    }  # fmt: skip


def passports(store: Store) -> dict[str, StoredPassport]:
    """What was measured of each plugin, by its path."""
    found = {p.path: Passports(store).get(p) for p in store.plugins()}
    return {path: kept for path, kept in found.items() if kept}


def user(store: Store) -> object:
    return {table: rows for table, rows in user_export.collect(store.db).items() if table.startswith("user_")}


def flip_bytes(raw: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 2, 16, 256))):
        raw[dice.randrange(len(raw))] ^= dice.randrange(1, 256)


def flip_one_bit_of_a_text(raw: bytearray, dice: random.Random) -> None:
    at = raw.index(f"Plug {dice.randrange(10, BACKED_UP)}".encode(), 4096)
    raw[at] ^= 1


def cut_the_tail(raw: bytearray, dice: random.Random) -> None:
    del raw[dice.randrange(len(raw)) :]


def blank_a_page(raw: bytearray, dice: random.Random) -> None:
    at = 4096 * dice.randrange(len(raw) // 4096)
    raw[at : at + 4096] = bytes(4096)


def swap_two_pages(raw: bytearray, dice: random.Random) -> None:
    one, other = (4096 * n for n in dice.sample(range(len(raw) // 4096), 2))
    raw[one : one + 4096], raw[other : other + 4096] = raw[other : other + 4096], raw[one : one + 4096]


def ruin_the_head(raw: bytearray, dice: random.Random) -> None:
    raw[dice.randrange(100)] ^= dice.randrange(1, 256)


def fill_with_rubbish(raw: bytearray, dice: random.Random) -> None:
    raw[:] = dice.randbytes(len(raw))


WAYS: list[Callable[[bytearray, random.Random], None]] = [
    flip_bytes,
    flip_bytes,
    flip_one_bit_of_a_text,
    cut_the_tail,
    cut_the_tail,
    blank_a_page,
    swap_two_pages,
    ruin_the_head,
    fill_with_rubbish,
]


def damaged_copy(original: Path, folder: Path, number: int) -> bytes:
    """Copy the data folder and damage the catalogue in it, each number in its own way. Returns the damaged bytes."""
    dice = random.Random(number)
    shutil.copytree(original, folder)
    raw = bytearray((folder / FILE_NAME).read_bytes())
    whole = bytes(raw)
    WAYS[number % len(WAYS)](raw, dice)
    if raw == whole:  # two empty pages changed places
        raw[4096] ^= 1
    (folder / FILE_NAME).write_bytes(raw)
    return bytes(raw)


def check_mended(
    folder: Path, raw: bytes, right: Facts, measured: dict[str, StoredPassport], written: object, backed_up: int
) -> None:
    with Store.in_folder(folder) as store:
        assert "damaged" in store.notice and "\n" not in store.notice, "noticed, and told in a line"
        assert user(store) == written, "what the user wrote is back"
        due = {info.path for info in store.bundles() if not info.fingerprint}
        listed = facts(store)
        wrong = {path for path in listed if path not in right or listed[path] != right[path]}
        assert wrong <= due, "what may be wrong is probed again by the next scan"
        assert len(right.keys() & listed) >= backed_up, "all of the backup is there"
        kept = passports(store)
        doubtful = {path for path in kept if path not in measured or kept[path] != measured[path]}
        assert not any(kept[path].current for path in doubtful), "what may be wrong is measured again"
        assert len(measured.keys() & kept) >= backed_up // 5, "all passports of the backup are there"
        assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (aside,) = (folder / backups.ASIDE).glob("*.db") if raw else [None]
    assert aside is None or aside.read_bytes() == raw, "the damaged file is kept as it was"
    with Store.in_folder(folder) as store:
        assert store.notice == "", "mended once and for all"


@pytest.mark.slow
def test_two_hundred_damaged_catalogues(original: Path, tmp_path: Path) -> None:
    with Store.in_folder(original) as store:
        right, measured, written = facts(store), passports(store), user(store)
    for number in range(COPIES):
        folder = tmp_path / str(number)
        raw = damaged_copy(original, folder, number)
        check_mended(folder, raw, right, measured, written, BACKED_UP)
        shutil.rmtree(folder)


def test_damage_without_a_backup_costs_only_probes(original: Path, tmp_path: Path) -> None:
    with Store.in_folder(original) as store:
        right, measured, written = facts(store), passports(store), user(store)
    salvaged = passports_salvaged = 0
    for number in range(27):
        folder = tmp_path / str(number)
        raw = damaged_copy(original, folder, number)
        shutil.rmtree(folder / check.BACKUPS)
        check_mended(folder, raw, right, measured, written, 0)
        with Store.in_folder(folder) as store:
            salvaged += len(store.plugins())
            passports_salvaged += len(passports(store))
    assert salvaged > 27 * BACKED_UP / 2, "most of what is damaged in few places can be read"
    assert passports_salvaged > 27 * len(measured) / 2


def test_damage_that_took_the_export_as_well(original: Path, tmp_path: Path) -> None:
    """Then what can be read of the catalogue counts; only what was damaged in there itself is lost."""
    with Store.in_folder(original) as store:
        written = {plugin.id for plugin in store.plugins() if plugin.tags}
    for number in range(0, 36, 4):
        folder = tmp_path / str(number)
        damaged_copy(original, folder, number)
        (folder / user_export.FILE_NAME).write_text("{")
        with Store.in_folder(folder) as store:
            assert "damaged" in store.notice
            found = {plugin.id for plugin in store.plugins() if plugin.tags}
            assert found <= written
            if WAYS[number % len(WAYS)] is flip_one_bit_of_a_text:
                assert found == written


def test_a_catalogue_that_is_gone_comes_back(original: Path, tmp_path: Path) -> None:
    with Store.in_folder(original) as store:
        written = user(store)
    folder = tmp_path / "data"
    shutil.copytree(original, folder)
    (folder / FILE_NAME).unlink()
    with Store.in_folder(folder) as store:
        assert "gone" in store.notice and user(store) == written
        assert len(store.plugins()) == BACKED_UP


def test_damage_is_noticed_without_a_seal_where_sqlite_can_see_it(original: Path, tmp_path: Path) -> None:
    """So it is after a program was killed while it had the catalogue open."""
    noticed = 0
    for number in range(40):
        folder = tmp_path / str(number)
        damaged_copy(original, folder, number)
        checksum.seal_path(folder / FILE_NAME).unlink()
        way = WAYS[number % len(WAYS)]
        if way is ruin_the_head:
            continue  # half of those bytes mean nothing, the others say that it is a stranger's file
        with Store.in_folder(folder) as store:
            store.plugins()
            noticed += bool(store.notice)
            if way in (cut_the_tail, blank_a_page, fill_with_rubbish):
                assert store.notice
    assert noticed > 20


def test_a_catalogue_damaged_while_another_program_has_it_open_is_left_alone(original: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(original, folder)
    code = (
        "import sys; from pathlib import Path; from pluginary_tui.catalogue.store import Store\n"
        "store = Store.in_folder(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout and other.stdout.readline() == "open\n"
        path = folder / FILE_NAME
        assert checksum.in_use(path)
        with path.open("r+b") as file:
            file.seek(50_000)
            file.write(b"rubbish")
        with pytest.raises(CatalogueError, match="Another program has"):
            Store.in_folder(folder)
        assert not (folder / backups.ASIDE).exists()
        other.communicate("")
    assert not checksum.in_use(path)
