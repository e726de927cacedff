-- What follows the log: jobs, timers and read models. Each can be rebuilt or begun anew; none is the truth.

-- How far a job has read the log.
CREATE TABLE job_floors (
    job TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT;

-- What a job has to do because of an event. A row goes when it is done.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    job TEXT NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'dead')),
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    leased_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (job, position)
) STRICT;
CREATE INDEX jobs_due ON jobs (job, state, next_at);

-- Irreversible timers that stop above a rate.
CREATE TABLE timers (
    name TEXT PRIMARY KEY,
    window_start INTEGER NOT NULL,
    count INTEGER NOT NULL,
    stopped INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- How far a read model has read the log.
CREATE TABLE projection_cursors (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    error TEXT NOT NULL
) STRICT;

-- Sign-ins of each account, for its owner.
CREATE TABLE activity_v1 (
    position INTEGER PRIMARY KEY,
    stream BLOB NOT NULL CHECK (length(stream) = 16),
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX activity_v1_stream ON activity_v1 (stream, position);
