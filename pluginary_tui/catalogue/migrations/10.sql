-- Presets of LV2 bundles and of CLAPs: several in one file, and files that a bundle tells of.

ALTER TABLE preset RENAME TO preset_before;
CREATE TABLE preset (
    key        INTEGER PRIMARY KEY,
    path       TEXT    NOT NULL,
    item       TEXT    NOT NULL DEFAULT '',
    source     TEXT    NOT NULL DEFAULT '',
    size       INTEGER NOT NULL,
    modified   INTEGER NOT NULL,
    reading    INTEGER NOT NULL,
    outcome    TEXT    NOT NULL,
    error      TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL DEFAULT '',
    format     TEXT    NOT NULL DEFAULT '',
    uid        TEXT    NOT NULL DEFAULT '',
    wanted     TEXT    NOT NULL DEFAULT '',
    vendor     TEXT    NOT NULL DEFAULT '',
    category   TEXT    NOT NULL DEFAULT '',
    author     TEXT    NOT NULL DEFAULT '',
    plugin     TEXT    NOT NULL DEFAULT '',
    loads      INTEGER,
    load_error TEXT    NOT NULL DEFAULT '',
    UNIQUE (path, item, uid)
);
INSERT INTO preset (path, size, modified, reading, outcome, error, name, format, uid, wanted, vendor, category, author,
                    plugin, loads, load_error)
SELECT path, size, modified, reading, outcome, error, name, format, uid, wanted, vendor, category, author,
       plugin, loads, load_error
FROM preset_before;
DROP TABLE preset_before;
CREATE INDEX preset_plugin ON preset (plugin);
CREATE INDEX preset_source ON preset (source);
CREATE TABLE preset_bundle (
    path     TEXT PRIMARY KEY,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    reading  INTEGER NOT NULL,
    outcome  TEXT    NOT NULL,
    error    TEXT    NOT NULL DEFAULT '',
    places   TEXT    NOT NULL DEFAULT ''
) WITHOUT ROWID;
