"""Which plugins of the catalogue projects use and preset files are for, kept so that lists and queries are quick."""

from __future__ import annotations

from typing import NamedTuple

from pluginary_tui.catalogue.database import readable_errors
from pluginary_tui.catalogue.matching import Matcher
from pluginary_tui.catalogue.projects import PROJECT_COLUMNS, ProjectRow
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin

_WANTED = "SELECT key, format, uid, name, vendor, file FROM used_plugin WHERE format <> 'native'"
_PRESETS = "SELECT DISTINCT format, uid FROM preset WHERE uid <> ''"
_COUNT = """
INSERT INTO plugin_usage (id, projects, last_used, presets)
SELECT id, sum(projects), max(last_used), sum(presets) FROM (
    SELECT u.plugin AS id, count(DISTINCT p.key) AS projects,
           coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', max(p.modified) / 1000000000, 'unixepoch'), '') AS last_used,
           0 AS presets
    FROM used_plugin u JOIN project_use r ON r.used = u.key JOIN project p ON p.key = r.project
    WHERE u.plugin <> '' GROUP BY u.plugin
    UNION ALL
    SELECT plugin, 0, '', count(*) FROM preset WHERE plugin <> '' GROUP BY plugin
) GROUP BY id
"""


class _Named(NamedTuple):
    """A plugin as a file names it; see `matching.Named`."""

    format: str
    uid: str
    name: str = ""
    vendor: str = ""
    file: str = ""


def refresh_usage(store: Store) -> None:
    """Tie what projects and presets name to the plugins of the catalogue anew.

    To be called when projects, presets or plugins have changed. Presets are tied by identity alone: a preset of another
    plugin with the same name would set its values to nonsense. Raises CatalogueError.
    """
    with store.writing() as db:
        used = db.execute(_WANTED).fetchall()
        presets = db.execute(_PRESETS).fetchall()
        if used or presets:
            matcher = Matcher(store.plugins())
            found = ((key, matcher.match(_Named(*named)).plugin) for key, *named in used)
            db.execute("UPDATE used_plugin SET plugin = '' WHERE plugin <> ''")
            db.executemany(
                "UPDATE used_plugin SET plugin = ? WHERE key = ?", ((plugin.id, key) for key, plugin in found if plugin)
            )
            tied = []
            for format_, uid in presets:
                match = matcher.match(_Named(format_, uid))
                id_ = match.plugin.id if match.plugin else ""
                tied.append((id_, format_, uid, id_))
            db.executemany("UPDATE preset SET plugin = ? WHERE format = ? AND uid = ? AND plugin <> ?", tied)
        db.execute("DELETE FROM plugin_usage")
        db.execute(_COUNT)


def projects_of(store: Store, plugin: Plugin) -> list[ProjectRow]:
    """The projects that use a plugin, the one that changed last first. Raises CatalogueError."""
    with readable_errors(store.path):
        rows = store.db.execute(
            f"SELECT {PROJECT_COLUMNS} FROM project WHERE key IN (SELECT r.project FROM project_use r"
            " JOIN used_plugin u ON u.key = r.used WHERE u.plugin = ?) ORDER BY modified DESC, path",
            (plugin.id,),
        )
        return [ProjectRow(*row) for row in rows]
