-- Projects of DAWs, and which plugins each uses.

CREATE TABLE project (
    key      INTEGER PRIMARY KEY,
    path     TEXT    NOT NULL UNIQUE,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    reading  INTEGER NOT NULL,
    program  TEXT    NOT NULL DEFAULT '',
    outcome  TEXT    NOT NULL,
    error    TEXT    NOT NULL DEFAULT '',
    plugins  INTEGER NOT NULL DEFAULT 0,
    read_at  TEXT    NOT NULL
);
CREATE TABLE used_plugin (
    key    INTEGER PRIMARY KEY,
    format TEXT NOT NULL,
    uid    TEXT NOT NULL,
    name   TEXT NOT NULL,
    vendor TEXT NOT NULL,
    file   TEXT NOT NULL,
    UNIQUE (format, uid, name, vendor, file)
);
CREATE TABLE project_use (
    project  INTEGER NOT NULL REFERENCES project (key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    used     INTEGER NOT NULL REFERENCES used_plugin (key),
    track    TEXT    NOT NULL DEFAULT '',
    active   INTEGER,
    PRIMARY KEY (project, position)
) WITHOUT ROWID;
CREATE INDEX project_use_used ON project_use (used);
