-- Plugins read through their own interfaces: connections, programs, and whether pedalboard loads them.

ALTER TABLE bundle ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plugin ADD COLUMN audio_inputs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plugin ADD COLUMN audio_outputs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plugin ADD COLUMN sidechain_inputs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plugin ADD COLUMN midi_input INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plugin ADD COLUMN midi_output INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plugin ADD COLUMN program_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plugin ADD COLUMN stage TEXT NOT NULL DEFAULT '';
ALTER TABLE plugin ADD COLUMN signal TEXT NOT NULL DEFAULT '';
ALTER TABLE plugin ADD COLUMN quarantined_at TEXT NOT NULL DEFAULT '';
ALTER TABLE plugin ADD COLUMN loads INTEGER;
ALTER TABLE plugin ADD COLUMN load_outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE plugin ADD COLUMN load_error TEXT NOT NULL DEFAULT '';
ALTER TABLE parameter ADD COLUMN id INTEGER;
ALTER TABLE parameter ADD COLUMN short_name INTEGER REFERENCES word (key);
ALTER TABLE parameter ADD COLUMN "group" INTEGER REFERENCES word (key);
ALTER TABLE parameter ADD COLUMN initial TEXT;
ALTER TABLE parameter ADD COLUMN initial_raw REAL;
ALTER TABLE parameter ADD COLUMN choices INTEGER REFERENCES word (key);
ALTER TABLE parameter ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0;
CREATE TABLE bus (
    plugin    INTEGER NOT NULL REFERENCES plugin (key) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    media     TEXT    NOT NULL,
    direction TEXT    NOT NULL,
    channels  INTEGER NOT NULL,
    main      INTEGER NOT NULL,
    PRIMARY KEY (plugin, position)
) WITHOUT ROWID;
CREATE TABLE program (
    plugin   INTEGER NOT NULL REFERENCES plugin (key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name     INTEGER NOT NULL REFERENCES word (key),
    PRIMARY KEY (plugin, position)
) WITHOUT ROWID;
CREATE TABLE plugin_text (
    plugin     INTEGER PRIMARY KEY REFERENCES plugin (key) ON DELETE CASCADE,
    log        TEXT NOT NULL DEFAULT '',
    load_log   TEXT NOT NULL DEFAULT '',
    attributes TEXT NOT NULL DEFAULT ''
);
CREATE TABLE journal_part (
    scan     INTEGER NOT NULL REFERENCES scan (key) ON DELETE CASCADE,
    path     TEXT    NOT NULL,
    position INTEGER NOT NULL,
    message  TEXT    NOT NULL,
    kills    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scan, path, position)
) WITHOUT ROWID;
CREATE TABLE load_journal (
    plugin INTEGER PRIMARY KEY REFERENCES plugin (key) ON DELETE CASCADE,
    state  TEXT    NOT NULL DEFAULT 'pending',
    kills  INTEGER NOT NULL DEFAULT 0
);
