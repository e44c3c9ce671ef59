-- The catalogue, whole. A change here is also a migration in database.py and one more user_version.

-- What the scans know. Rebuilt by a rescan; nothing here is the user's.

CREATE TABLE bundle (
    key            INTEGER PRIMARY KEY,
    path           TEXT    NOT NULL UNIQUE,
    format         TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    vendor         TEXT    NOT NULL DEFAULT '',
    fingerprint    TEXT    NOT NULL DEFAULT '',  -- as it was when last probed
    size           INTEGER NOT NULL DEFAULT 0,   -- bytes
    modified       REAL    NOT NULL DEFAULT 0,   -- newest mtime inside, seconds since the epoch
    outcome        TEXT    NOT NULL,
    error          TEXT    NOT NULL DEFAULT '',
    stage          TEXT    NOT NULL DEFAULT '',
    signal         TEXT    NOT NULL DEFAULT '',
    elapsed_ms     INTEGER NOT NULL DEFAULT 0,
    peak_mb        REAL    NOT NULL DEFAULT 0,
    scanned_at     TEXT    NOT NULL,             -- ISO 8601, UTC
    added_at       TEXT    NOT NULL,
    missing        INTEGER NOT NULL DEFAULT 0,
    quarantined_at TEXT    NOT NULL DEFAULT '',  -- empty: not in quarantine
    reading        INTEGER NOT NULL DEFAULT 0, -- the version of the way it was read
    sandbox        TEXT    NOT NULL DEFAULT ''   -- how it was confined then; empty: not known
);

CREATE TABLE probe_log (
    bundle INTEGER PRIMARY KEY REFERENCES bundle (key) ON DELETE CASCADE,
    log    TEXT NOT NULL
);

CREATE TABLE plugin (
    key             INTEGER PRIMARY KEY,
    bundle          INTEGER NOT NULL REFERENCES bundle (key) ON DELETE CASCADE,
    id              TEXT    NOT NULL,            -- copies of one plugin share it
    name            TEXT    NOT NULL,
    vendor          TEXT    NOT NULL DEFAULT '',
    version         TEXT    NOT NULL DEFAULT '',
    raw_category    TEXT    NOT NULL DEFAULT '',
    categories      TEXT    NOT NULL DEFAULT '', -- readable ones, joined by |
    uid             TEXT    NOT NULL DEFAULT '',
    kind            TEXT    NOT NULL DEFAULT 'effect',
    name_in_file    TEXT    NOT NULL DEFAULT '',
    latency_samples INTEGER NOT NULL DEFAULT 0,
    parameter_count INTEGER NOT NULL DEFAULT 0,
    status          TEXT    NOT NULL,
    error           TEXT    NOT NULL DEFAULT '',
    probe_ms        INTEGER NOT NULL DEFAULT 0,
    added_at        TEXT    NOT NULL,
    audio_inputs     INTEGER NOT NULL DEFAULT 0, -- channels of the main audio inputs
    audio_outputs    INTEGER NOT NULL DEFAULT 0,
    sidechain_inputs INTEGER NOT NULL DEFAULT 0, -- channels of all other audio inputs
    midi_input       INTEGER NOT NULL DEFAULT 0,
    midi_output      INTEGER NOT NULL DEFAULT 0,
    program_count    INTEGER NOT NULL DEFAULT 0,
    stage            TEXT    NOT NULL DEFAULT '', -- what was being done when reading it failed
    signal           TEXT    NOT NULL DEFAULT '',
    quarantined_at   TEXT    NOT NULL DEFAULT '', -- of this plugin alone; empty: not in quarantine
    loads            INTEGER,                     -- whether pedalboard loads it; null: not tried
    load_outcome     TEXT    NOT NULL DEFAULT '', -- how that try ended
    load_error       TEXT    NOT NULL DEFAULT '',
    product          TEXT    NOT NULL DEFAULT '', -- what it has in common with its other formats
    label            TEXT    NOT NULL DEFAULT ''  -- of a LADSPA: what tells it from others in its file
);
CREATE INDEX plugin_bundle ON plugin (bundle);
CREATE INDEX plugin_id ON plugin (id);
CREATE INDEX plugin_product ON plugin (product);

-- Parameter names and units repeat a lot (600,000 parameters share 20,000 names), so each is kept once.
CREATE TABLE word (
    key  INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);

CREATE TABLE parameter (
    plugin      INTEGER NOT NULL REFERENCES plugin (key) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    name        INTEGER NOT NULL REFERENCES word (key),
    unit        INTEGER NOT NULL REFERENCES word (key),
    "default"   TEXT    NOT NULL DEFAULT '',
    minimum     TEXT    NOT NULL DEFAULT '',
    maximum     TEXT    NOT NULL DEFAULT '',
    default_raw REAL,
    steps       INTEGER NOT NULL DEFAULT 0,
    kind        TEXT    NOT NULL DEFAULT 'continuous',
    automatable INTEGER NOT NULL DEFAULT 1,
    id          INTEGER,                         -- by which a host addresses it
    short_name  INTEGER REFERENCES word (key),   -- null: none
    "group"     INTEGER REFERENCES word (key),   -- null: none
    initial     TEXT,                            -- value that it starts with; null: the default
    initial_raw REAL,
    choices     INTEGER REFERENCES word (key),   -- texts of all values, one a line; null: none
    read_only   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (plugin, position)
) WITHOUT ROWID;
CREATE INDEX parameter_name ON parameter (name, unit);

CREATE TABLE bus (
    plugin    INTEGER NOT NULL REFERENCES plugin (key) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    media     TEXT    NOT NULL,                  -- audio or event
    direction TEXT    NOT NULL,                  -- input or output
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

-- What plugins tried and the sandbox refused.
CREATE TABLE attempt (
    plugin INTEGER NOT NULL REFERENCES plugin (key) ON DELETE CASCADE,
    during TEXT    NOT NULL,                     -- read, load or measure
    kind   TEXT    NOT NULL,                     -- network, writes, executes, programs or other
    what   TEXT    NOT NULL,                     -- after "wanted to"
    PRIMARY KEY (plugin, during, kind, what)
) WITHOUT ROWID;

-- Texts of single plugins that are read seldom.
CREATE TABLE plugin_text (
    plugin     INTEGER PRIMARY KEY REFERENCES plugin (key) ON DELETE CASCADE,
    log        TEXT NOT NULL DEFAULT '',         -- printed while reading it failed
    load_log   TEXT NOT NULL DEFAULT '',         -- printed while pedalboard did not load it
    attributes TEXT NOT NULL DEFAULT '',         -- names of pedalboard's parameters on lines of their own
    needs      TEXT NOT NULL DEFAULT ''          -- URIs of features that its host must have, one a line
);

-- Which id belongs to which class: what has once got an id keeps it, whatever comes later under the same name.
CREATE TABLE identity (
    id   TEXT PRIMARY KEY,
    base TEXT NOT NULL,
    uid  TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX identity_base ON identity (base, uid);
CREATE INDEX identity_uid ON identity (uid);

-- Ids that plugins had before: they lead to the present one. An id that a plugin on the disk has is not among them.
CREATE TABLE alias (
    id     TEXT PRIMARY KEY,
    target TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX alias_target ON alias (target);

-- The journal: the durable to-do list of the scan that runs, and what the last one came to.

CREATE TABLE scan (
    key         INTEGER PRIMARY KEY,
    started_at  TEXT NOT NULL,
    finished_at TEXT NOT NULL DEFAULT '',  -- empty: it can be resumed
    resumed     INTEGER NOT NULL DEFAULT 0,
    summary     TEXT NOT NULL DEFAULT '{}' -- JSON, counts of bundles
);

CREATE TABLE journal (
    scan     INTEGER NOT NULL REFERENCES scan (key) ON DELETE CASCADE,
    path     TEXT    NOT NULL,
    bundle   TEXT    NOT NULL,             -- JSON: what discovery found
    state    TEXT    NOT NULL DEFAULT 'pending', -- pending, running, or an outcome
    attempts INTEGER NOT NULL DEFAULT 0,   -- probes that ended in a crash
    kills    INTEGER NOT NULL DEFAULT 0,   -- times the app died while this was in flight
    change   TEXT    NOT NULL DEFAULT '',  -- new, updated, same, bad, gone
    PRIMARY KEY (scan, path)
) WITHOUT ROWID;
CREATE INDEX journal_state ON journal (scan, state);

-- What the probes of a bundle with several plugins have sent so far: a scan that is resumed goes on behind it.
CREATE TABLE journal_part (
    scan     INTEGER NOT NULL REFERENCES scan (key) ON DELETE CASCADE,
    path     TEXT    NOT NULL,
    position INTEGER NOT NULL,             -- of the plugin; -1: the list of the bundle's plugins
    message  TEXT    NOT NULL,             -- JSON; empty: its reading has begun
    kills    INTEGER NOT NULL DEFAULT 0,   -- times the app died while this was in flight
    PRIMARY KEY (scan, path, position)
) WITHOUT ROWID;

-- Plugins that pedalboard has still to be tried with.
CREATE TABLE load_journal (
    plugin INTEGER PRIMARY KEY REFERENCES plugin (key) ON DELETE CASCADE,
    state  TEXT    NOT NULL DEFAULT 'pending', -- pending or running; what is done is gone from here
    kills  INTEGER NOT NULL DEFAULT 0
);

-- What plugins were before a scan found them changed or gone.

CREATE TABLE revision (
    id    TEXT NOT NULL,           -- of the plugin
    path  TEXT NOT NULL,           -- of its bundle
    until TEXT NOT NULL,           -- when it was found changed or gone
    facts BLOB NOT NULL,           -- JSON, packed by zlib; empty: it was not there
    PRIMARY KEY (id, path, until)
) WITHOUT ROWID;
CREATE INDEX revision_until ON revision (until);

-- What the user wrote. The key is the plugin's stable id; where a plugin gets another one, a scan moves its rows.

CREATE TABLE user_plugin (
    id        TEXT PRIMARY KEY,
    favourite INTEGER NOT NULL DEFAULT 0,
    hidden    INTEGER NOT NULL DEFAULT 0,
    rating    INTEGER NOT NULL DEFAULT 0,
    note      TEXT    NOT NULL DEFAULT '',
    uses      INTEGER NOT NULL DEFAULT 0,
    used_at   TEXT    NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- Plugins that the user joined with others as one product, or parted from them.
CREATE TABLE product_choice (
    id      TEXT PRIMARY KEY,
    product TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE user_tag (
    id  TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (id, tag)
) WITHOUT ROWID;

-- What was measured of plugins' sound and cost. Made again by `measure`; nothing here is the user's. A plugin is named
-- by what stays the same when its bundle is probed again.

CREATE TABLE passport (
    path        TEXT    NOT NULL,
    uid         TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,              -- of the bundle, as it was when measured
    method      INTEGER NOT NULL,              -- the version of the way of measuring
    outcome     TEXT    NOT NULL,              -- ok, or how the measuring process ended
    error       TEXT    NOT NULL DEFAULT '',
    log         TEXT    NOT NULL DEFAULT '',
    elapsed_ms  INTEGER NOT NULL DEFAULT 0,
    measured_at TEXT    NOT NULL,              -- ISO 8601, UTC
    figures     TEXT    NOT NULL DEFAULT '{}', -- JSON: what a query can ask for, name to number
    verdicts    TEXT    NOT NULL DEFAULT '',   -- their names, joined by |
    data        TEXT    NOT NULL DEFAULT '{}', -- JSON: the passport
    PRIMARY KEY (path, uid, name)
);

CREATE TABLE measure_journal (
    path  TEXT    NOT NULL,
    uid   TEXT    NOT NULL,
    name  TEXT    NOT NULL,
    part  TEXT    NOT NULL,                    -- sound or cost
    state TEXT    NOT NULL DEFAULT 'pending',  -- pending or running; what is done is gone from here
    kills INTEGER NOT NULL DEFAULT 0,          -- times in a row the app died while this was in flight
    PRIMARY KEY (path, uid, name, part)
) WITHOUT ROWID;

-- Projects of DAWs, and which plugins each uses. Made again by `projects scan`; nothing here is the user's. Names of
-- files and tracks are private: no report holds them.

CREATE TABLE project (
    key      INTEGER PRIMARY KEY,
    path     TEXT    NOT NULL UNIQUE,
    size     INTEGER NOT NULL,             -- bytes
    modified INTEGER NOT NULL,             -- nanoseconds since the epoch
    reading  INTEGER NOT NULL,             -- the version of the way it was read
    program  TEXT    NOT NULL DEFAULT '',  -- that wrote it, with its version
    outcome  TEXT    NOT NULL,
    error    TEXT    NOT NULL DEFAULT '',
    plugins  INTEGER NOT NULL DEFAULT 0,   -- places where it uses one that is not part of the DAW
    read_at  TEXT    NOT NULL              -- ISO 8601, UTC
);

-- Plugins as projects name them.
CREATE TABLE used_plugin (
    key    INTEGER PRIMARY KEY,
    format TEXT NOT NULL,
    uid    TEXT NOT NULL,
    name   TEXT NOT NULL,
    vendor TEXT NOT NULL,
    file   TEXT NOT NULL,
    plugin TEXT NOT NULL DEFAULT '',       -- id of the catalogue's; see usage.py
    UNIQUE (format, uid, name, vendor, file)
);
CREATE INDEX used_plugin_plugin ON used_plugin (plugin);

CREATE TABLE project_use (
    project  INTEGER NOT NULL REFERENCES project (key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    used     INTEGER NOT NULL REFERENCES used_plugin (key),
    track    TEXT    NOT NULL DEFAULT '',
    active   INTEGER,                      -- 0: bypassed or offline; null: not known
    PRIMARY KEY (project, position)
) WITHOUT ROWID;
CREATE INDEX project_use_used ON project_use (used);

-- Files with presets. Made again by `presets scan`.

CREATE TABLE preset (
    key        INTEGER PRIMARY KEY,
    path       TEXT    NOT NULL,
    item       TEXT    NOT NULL DEFAULT '',  -- which one in the file: URI of an LV2's, key of a CLAP's
    source     TEXT    NOT NULL DEFAULT '',  -- path of the `preset_bundle` that tells of it; empty: the file itself
    size       INTEGER NOT NULL,             -- bytes
    modified   INTEGER NOT NULL,             -- nanoseconds since the epoch
    reading    INTEGER NOT NULL,             -- the version of the way it was read
    outcome    TEXT    NOT NULL,
    error      TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL DEFAULT '',
    format     TEXT    NOT NULL DEFAULT '',  -- of the plugin that it asks for
    uid        TEXT    NOT NULL DEFAULT '',
    wanted     TEXT    NOT NULL DEFAULT '',  -- the plugin's name, where the file says it
    vendor     TEXT    NOT NULL DEFAULT '',
    category   TEXT    NOT NULL DEFAULT '',
    author     TEXT    NOT NULL DEFAULT '',
    plugin     TEXT    NOT NULL DEFAULT '',  -- id of the catalogue's; see usage.py
    loads      INTEGER,                      -- whether pedalboard's plugin takes it; null: not tried
    load_error TEXT    NOT NULL DEFAULT '',
    UNIQUE (path, item, uid)
);
CREATE INDEX preset_plugin ON preset (plugin);
CREATE INDEX preset_source ON preset (source);

-- LV2 bundles with presets for plugins of others, and CLAPs that may tell of presets in files.
CREATE TABLE preset_bundle (
    path     TEXT PRIMARY KEY,
    size     INTEGER NOT NULL,               -- of all that it was read from
    modified INTEGER NOT NULL,
    reading  INTEGER NOT NULL,
    outcome  TEXT    NOT NULL,
    error    TEXT    NOT NULL DEFAULT '',
    places   TEXT    NOT NULL DEFAULT ''     -- folders and files that a CLAP names, joined by line ends
) WITHOUT ROWID;

-- What the user wrote about presets: the id is the file's path (and a # and which one in it), or the
-- plugin's id, a # and the program's name.
CREATE TABLE user_preset (
    id        TEXT PRIMARY KEY,
    favourite INTEGER NOT NULL DEFAULT 0,
    tags      TEXT    NOT NULL DEFAULT '',   -- joined by spaces
    content   TEXT    NOT NULL DEFAULT ''    -- of a file that is gone: what it may be recognised by elsewhere
) WITHOUT ROWID;

-- Counts that lists need of each plugin, made anew from the tables above.
CREATE TABLE plugin_usage (
    id        TEXT PRIMARY KEY,              -- of the plugin
    projects  INTEGER NOT NULL DEFAULT 0,    -- that use it
    last_used TEXT    NOT NULL DEFAULT '',   -- when the latest of them was changed: ISO 8601, UTC
    presets   INTEGER NOT NULL DEFAULT 0     -- files for it
) WITHOUT ROWID;
