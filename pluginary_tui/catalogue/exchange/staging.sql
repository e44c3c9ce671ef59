-- Temporary tables for the entries of an import, until all of them have been read.

CREATE TEMP TABLE incoming (
    n               INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL,
    base            TEXT    NOT NULL,  -- the id derived from vendor and name; empty where they are missing
    uid             TEXT    NOT NULL,
    path            TEXT    NOT NULL,
    stem            TEXT    NOT NULL,
    format          TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    vendor          TEXT    NOT NULL,
    version         TEXT    NOT NULL,
    raw_category    TEXT    NOT NULL,
    categories      TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    name_in_file    TEXT    NOT NULL,
    latency_samples INTEGER NOT NULL,
    parameter_count INTEGER NOT NULL,
    audio_inputs    INTEGER NOT NULL,
    audio_outputs   INTEGER NOT NULL,
    sidechain_inputs INTEGER NOT NULL,
    midi_input      INTEGER NOT NULL,
    midi_output     INTEGER NOT NULL,
    program_count   INTEGER NOT NULL,
    loads           INTEGER,
    load_error      TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    error           TEXT    NOT NULL,
    probe_ms        INTEGER NOT NULL,
    scanned_at      TEXT    NOT NULL,
    added_at        TEXT    NOT NULL,
    favourite       INTEGER NOT NULL,
    hidden          INTEGER NOT NULL,
    rating          INTEGER NOT NULL,
    note            TEXT    NOT NULL,
    uses            INTEGER NOT NULL,
    used_at         TEXT    NOT NULL,
    log             TEXT    NOT NULL,
    plugin_log      TEXT    NOT NULL,
    load_log        TEXT    NOT NULL,
    attributes      TEXT    NOT NULL,
    needs           TEXT    NOT NULL,
    missing         INTEGER NOT NULL,  -- its path does not exist on this machine
    taken           INTEGER NOT NULL,  -- gets a row in the catalogue
    own             INTEGER NOT NULL   -- its id is derived from its names and its class, as those of this program are
);

CREATE TEMP TABLE incoming_tag (
    n   INTEGER NOT NULL,
    tag TEXT    NOT NULL
);

CREATE TEMP TABLE incoming_parameter (
    n           INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    unit        TEXT    NOT NULL,
    "default"   TEXT    NOT NULL,
    minimum     TEXT    NOT NULL,
    maximum     TEXT    NOT NULL,
    default_raw REAL,
    steps       INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    automatable INTEGER NOT NULL,
    id          INTEGER,
    short_name  TEXT,
    "group"     TEXT,
    initial     TEXT,
    initial_raw REAL,
    choices     TEXT,
    read_only   INTEGER NOT NULL
);

CREATE TEMP TABLE incoming_bus (
    n         INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    media     TEXT    NOT NULL,
    direction TEXT    NOT NULL,
    channels  INTEGER NOT NULL,
    main      INTEGER NOT NULL
);

CREATE TEMP TABLE incoming_program (
    n        INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name     TEXT    NOT NULL
);
