-- What follows the log: jobs, timers and read models. Each can be rebuilt or begun anew; none is the truth.

-- How far a job has read the log.
CREATE TABLE chancery.job_floors (
    job text PRIMARY KEY,
    position bigint NOT NULL
);

-- What a job has to do because of an event. A row goes when it is done.
CREATE TABLE chancery.jobs (
    id text PRIMARY KEY,
    job text NOT NULL,
    position bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'dead')),
    attempts bigint NOT NULL,
    next_at bigint NOT NULL,
    lease_until bigint NOT NULL,
    leased_by text NOT NULL,
    reason text NOT NULL,
    created bigint NOT NULL,
    UNIQUE (job, position)
);
CREATE INDEX jobs_due ON chancery.jobs (job, state, next_at);

-- Irreversible timers that stop above a rate.
CREATE TABLE chancery.timers (
    name text PRIMARY KEY,
    window_start bigint NOT NULL,
    count bigint NOT NULL,
    stopped bigint NOT NULL,
    reason text NOT NULL
);

-- How far a read model has read the log.
CREATE TABLE chancery.projection_cursors (
    name text PRIMARY KEY,
    position bigint NOT NULL,
    error text NOT NULL
);

-- Sign-ins of each account, for its owner.
CREATE TABLE chancery.activity_v1 (
    position bigint PRIMARY KEY,
    stream bytea NOT NULL CHECK (octet_length(stream) = 16),
    version bigint NOT NULL,
    at bigint NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX activity_v1_stream ON chancery.activity_v1 (stream, position);

GRANT SELECT, INSERT, UPDATE, DELETE ON chancery.job_floors, chancery.jobs, chancery.timers,
    chancery.projection_cursors, chancery.activity_v1 TO chancery_service;
