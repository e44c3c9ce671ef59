-- Files with presets, what the user wrote about presets, and how often each plugin is used in projects.

CREATE TABLE preset (
    key        INTEGER PRIMARY KEY,
    path       TEXT    NOT NULL UNIQUE,
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
    load_error TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX preset_plugin ON preset (plugin);
CREATE TABLE user_preset (
    id        TEXT PRIMARY KEY,
    favourite INTEGER NOT NULL DEFAULT 0,
    tags      TEXT    NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE plugin_usage (
    id        TEXT PRIMARY KEY,
    projects  INTEGER NOT NULL DEFAULT 0,
    last_used TEXT    NOT NULL DEFAULT '',
    presets   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
ALTER TABLE used_plugin ADD COLUMN plugin TEXT NOT NULL DEFAULT '';
CREATE INDEX used_plugin_plugin ON used_plugin (plugin);
