-- Ids that plugins had before they were renamed, so that what was written under them follows.

CREATE TABLE alias (
    id     TEXT PRIMARY KEY,
    target TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX alias_target ON alias (target);
CREATE INDEX identity_uid ON identity (uid);
