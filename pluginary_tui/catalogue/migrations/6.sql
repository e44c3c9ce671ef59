-- How bundles were confined while they were read, and what plugins tried that was refused.

ALTER TABLE bundle ADD COLUMN sandbox TEXT NOT NULL DEFAULT '';

CREATE TABLE attempt (
    plugin INTEGER NOT NULL REFERENCES plugin (key) ON DELETE CASCADE,
    during TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    what   TEXT    NOT NULL,
    PRIMARY KEY (plugin, during, kind, what)
) WITHOUT ROWID;
