-- What plugins were before a scan found them changed or gone.

CREATE TABLE revision (
    id    TEXT NOT NULL,           -- of the plugin
    path  TEXT NOT NULL,           -- of its bundle
    until TEXT NOT NULL,           -- when it was found changed or gone
    facts BLOB NOT NULL,           -- JSON, packed by zlib
    PRIMARY KEY (id, path, until)
) WITHOUT ROWID;
CREATE INDEX revision_until ON revision (until);
