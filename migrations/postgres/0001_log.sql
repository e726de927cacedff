-- The log, its keys, its reservations, its inline rows and the volatile tables.
-- Everything stands in the schema `chancery` and belongs to the role that migrates. Moments are microseconds since
-- 1970. Ciphertext cannot be compressed, so its storage is EXTERNAL.

CREATE SCHEMA IF NOT EXISTS chancery;

-- The role of `serve` and `work`: it owns nothing, reads, and writes through the functions below. Roles belong to the
-- whole server, so another database may have made it, even at this moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chancery_service') THEN
        CREATE ROLE chancery_service NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

-- Which builds may run on this schema; each migration that older builds would misread raises the number.
CREATE TABLE chancery.compatibility (
    one          smallint PRIMARY KEY CHECK (one = 1),
    oldest_build integer  NOT NULL
);
INSERT INTO chancery.compatibility VALUES (1, 1);

-- The one row that every append locks.
CREATE TABLE chancery.head (
    one      smallint PRIMARY KEY CHECK (one = 1),
    log      uuid   NOT NULL,
    epoch    bigint NOT NULL,
    position bigint NOT NULL,
    recorded bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO chancery.head VALUES (1, gen_random_uuid(), 1, 0, 0);

CREATE TABLE chancery.events (
    position       bigint   PRIMARY KEY,
    stream         uuid     NOT NULL,
    version        bigint   NOT NULL,
    event_type     text     NOT NULL,
    schema_version integer  NOT NULL,
    decided        bigint   NOT NULL,
    recorded       bigint   NOT NULL,
    command        uuid     NOT NULL,
    correlation    uuid     NOT NULL,
    causing        bigint,
    actor_kind     smallint NOT NULL,
    actor_id       text     NOT NULL,
    key_id         uuid,
    actor_key_id   uuid,
    network_key_id uuid,
    subject        bytea,
    inputs         bytea,
    details        bytea,
    mac_key_id     uuid,
    mac            bytea,
    UNIQUE (stream, version)
);
ALTER TABLE chancery.events ALTER COLUMN subject SET STORAGE EXTERNAL, ALTER COLUMN inputs SET STORAGE EXTERNAL,
    ALTER COLUMN details SET STORAGE EXTERNAL;

CREATE TABLE chancery.commands (
    command        uuid   PRIMARY KEY,
    fingerprint    bytea  NOT NULL,
    stream         uuid   NOT NULL,
    first_position bigint NOT NULL,
    last_position  bigint NOT NULL
);

CREATE TABLE chancery.reservations (
    kind     smallint NOT NULL,
    mac      bytea    NOT NULL,
    stream   uuid     NOT NULL,
    position bigint   NOT NULL,
    PRIMARY KEY (kind, mac)
);

-- A destroyed key keeps its row without its bytes. What an UPDATE leaves behind in the file is reclaimed as soon as
-- one row of it is dead.
CREATE TABLE chancery.keys (
    id        uuid     PRIMARY KEY,
    class     smallint NOT NULL,
    owner     uuid,
    purpose   text,
    wrapped   bytea,
    wrapper   bytea    NOT NULL,
    created   bigint   NOT NULL,
    destroyed bigint
) WITH (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0);
CREATE UNIQUE INDEX keys_purpose ON chancery.keys (class, purpose) WHERE wrapped IS NOT NULL AND purpose IS NOT NULL;
CREATE INDEX keys_owner ON chancery.keys (owner) WHERE owner IS NOT NULL;

CREATE TABLE chancery.states (
    stream       uuid    PRIMARY KEY,
    aggregate    text    NOT NULL,
    version      bigint  NOT NULL,
    fold_version integer NOT NULL,
    key_id       uuid,
    state        bytea,
    position     bigint  NOT NULL
) WITH (fillfactor = 70);
ALTER TABLE chancery.states ALTER COLUMN state SET STORAGE EXTERNAL;

-- What may be lost is not written ahead: after a crash these are empty and their counters are born anew.
CREATE UNLOGGED TABLE chancery.volatile_rows (
    kind    smallint NOT NULL,
    key     bytea    NOT NULL,
    sealed  bytea    NOT NULL,
    expires bigint   NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX volatile_rows_expires ON chancery.volatile_rows (expires);

CREATE UNLOGGED TABLE chancery.volatile_counters (
    key          bytea   PRIMARY KEY,
    count        integer NOT NULL,
    window_start bigint  NOT NULL,
    expires      bigint  NOT NULL
);
CREATE INDEX volatile_counters_expires ON chancery.volatile_counters (expires);

CREATE UNLOGGED TABLE chancery.volatile_birth (
    one  smallint PRIMARY KEY CHECK (one = 1),
    born bigint   NOT NULL
);

-- An event is never changed, by nobody: ALWAYS, so that not even a session in replica mode passes.
CREATE FUNCTION chancery.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % is refused', tg_op, tg_table_name
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON chancery.events
    FOR EACH STATEMENT EXECUTE FUNCTION chancery.refuse_change();
ALTER TABLE chancery.events ENABLE ALWAYS TRIGGER append_only;
