-- The log, the keys, the reservations, the inline states and the volatile rows.
-- Identifiers are 16 bytes, moments are microseconds since 1970, sealed things are ciphertext. The class of every
-- column stands in eventstore/src/tables.rs.

CREATE TABLE compatibility (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- The oldest build that may still run on this schema.
    oldest_build INTEGER NOT NULL
) STRICT;
INSERT INTO compatibility VALUES (1, 1);

CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    log BLOB NOT NULL CHECK (length(log) = 16),
    epoch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    recorded INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream BLOB NOT NULL CHECK (length(stream) = 16),
    version INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    decided INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    command BLOB NOT NULL,
    correlation BLOB NOT NULL,
    causing INTEGER,
    actor_kind INTEGER NOT NULL,
    actor_id TEXT NOT NULL,
    key_id BLOB,
    actor_key_id BLOB,
    network_key_id BLOB,
    subject BLOB,
    inputs BLOB,
    details BLOB,
    mac_key_id BLOB,
    mac BLOB,
    UNIQUE (stream, version)
) STRICT;

CREATE TABLE commands (
    command BLOB PRIMARY KEY CHECK (length(command) = 16),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),
    stream BLOB NOT NULL,
    first_position INTEGER NOT NULL,
    last_position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (
    kind INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    stream BLOB NOT NULL CHECK (length(stream) = 16),
    position INTEGER NOT NULL,
    PRIMARY KEY (kind, mac)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    class INTEGER NOT NULL,
    owner BLOB,
    purpose TEXT,
    wrapped BLOB,
    wrapper BLOB NOT NULL CHECK (length(wrapper) = 8),
    created INTEGER NOT NULL,
    destroyed INTEGER,
    CHECK ((wrapped IS NULL) = (destroyed IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_owner ON keys (owner) WHERE owner IS NOT NULL;
CREATE UNIQUE INDEX keys_purpose ON keys (class, purpose) WHERE purpose IS NOT NULL AND wrapped IS NOT NULL;

CREATE TABLE states (
    stream BLOB PRIMARY KEY CHECK (length(stream) = 16),
    aggregate TEXT NOT NULL,
    version INTEGER NOT NULL,
    fold_version INTEGER NOT NULL,
    key_id BLOB,
    state BLOB,
    position INTEGER NOT NULL
) STRICT;

CREATE TABLE volatile_rows (
    kind INTEGER NOT NULL,
    key BLOB NOT NULL,
    sealed BLOB NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;
CREATE INDEX volatile_rows_expires ON volatile_rows (expires);

CREATE TABLE volatile_counters (
    key BLOB PRIMARY KEY,
    count INTEGER NOT NULL,
    window_start INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX volatile_counters_expires ON volatile_counters (expires);

CREATE TABLE volatile_birth (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    born INTEGER NOT NULL
) STRICT;

-- A random identifier in the form of a version 4 UUID.
INSERT INTO head
SELECT 1, unhex(substr(h, 1, 12) || '4' || substr(h, 14, 3) || 'a' || substr(h, 18, 15)), 1, 0, 0
FROM (SELECT hex(randomblob(16)) AS h);

-- An event is never changed or removed, and comes only behind the last one. INSERT OR REPLACE removes rows without
-- firing a DELETE trigger, so what it would replace is refused by the triggers on INSERT.
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'an event is never changed'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT raise(ABORT, 'an event is never removed'); END;
CREATE TRIGGER events_next_position BEFORE INSERT ON events
WHEN new.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events)
BEGIN SELECT raise(ABORT, 'an event comes at the position behind the last one'); END;
CREATE TRIGGER events_next_version BEFORE INSERT ON events
WHEN new.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM events WHERE stream = new.stream)
BEGIN SELECT raise(ABORT, 'an event comes at the version behind its stream''s last one'); END;

CREATE TRIGGER head_one BEFORE INSERT ON head
WHEN (SELECT count(*) FROM head) > 0
BEGIN SELECT raise(ABORT, 'there is one head'); END;
CREATE TRIGGER head_no_delete BEFORE DELETE ON head
BEGIN SELECT raise(ABORT, 'the head is never removed'); END;
CREATE TRIGGER head_never_back BEFORE UPDATE ON head
WHEN new.one IS NOT old.one OR new.log IS NOT old.log OR new.epoch < old.epoch OR new.recorded < old.recorded
    OR new.position < old.position OR new.position IS NOT (SELECT coalesce(max(position), 0) FROM events)
BEGIN SELECT raise(ABORT, 'the head follows the log and never goes back'); END;

CREATE TRIGGER commands_no_replace BEFORE INSERT ON commands
WHEN EXISTS (SELECT 1 FROM commands WHERE command = new.command)
BEGIN SELECT raise(ABORT, 'a remembered command is never replaced'); END;
CREATE TRIGGER commands_no_update BEFORE UPDATE ON commands
BEGIN SELECT raise(ABORT, 'a remembered command is never changed'); END;
CREATE TRIGGER commands_no_delete BEFORE DELETE ON commands
BEGIN SELECT raise(ABORT, 'a remembered command is never forgotten'); END;

CREATE TRIGGER keys_no_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE id = new.id)
BEGIN SELECT raise(ABORT, 'a key is never replaced'); END;
CREATE TRIGGER keys_no_delete BEFORE DELETE ON keys
BEGIN SELECT raise(ABORT, 'a key''s identifier is never forgotten'); END;
CREATE TRIGGER keys_stay_destroyed BEFORE UPDATE ON keys
WHEN old.wrapped IS NULL
BEGIN SELECT raise(ABORT, 'a destroyed key never comes back'); END;
