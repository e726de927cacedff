-- A read model is rebuilt beside the live one: each row is of a generation, and the cursor says which one is asked.

ALTER TABLE projection_cursors ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

CREATE TABLE activity_of_generations (
    position INTEGER NOT NULL,
    stream BLOB NOT NULL CHECK (length(stream) = 16),
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (generation, position)
) STRICT;
INSERT INTO activity_of_generations SELECT position, stream, version, at, sealed, 0 FROM activity_v1;
DROP TABLE activity_v1;
ALTER TABLE activity_of_generations RENAME TO activity_v1;
CREATE INDEX activity_v1_stream ON activity_v1 (generation, stream, position);

-- How many events of each type were recorded on each day, counted from 1970-01-01 in UTC.
CREATE TABLE event_counts_v1 (
    generation INTEGER NOT NULL,
    day INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (generation, day, event_type)
) STRICT;

-- How far the next generation of a read model has come; the row goes when it is switched to.
CREATE TABLE projection_builds (
    name TEXT PRIMARY KEY,
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT;
