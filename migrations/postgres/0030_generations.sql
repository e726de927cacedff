-- A read model is rebuilt beside the live one: each row is of a generation, and the cursor says which one is asked.

ALTER TABLE chancery.projection_cursors ADD COLUMN generation bigint NOT NULL DEFAULT 0;

ALTER TABLE chancery.activity_v1 ADD COLUMN generation bigint NOT NULL DEFAULT 0;
ALTER TABLE chancery.activity_v1 DROP CONSTRAINT activity_v1_pkey, ADD PRIMARY KEY (generation, position);
DROP INDEX chancery.activity_v1_stream;
CREATE INDEX activity_v1_stream ON chancery.activity_v1 (generation, stream, position);

-- How many events of each type were recorded on each day, counted from 1970-01-01 in UTC.
CREATE TABLE chancery.event_counts_v1 (
    generation bigint NOT NULL,
    day bigint NOT NULL,
    event_type text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (generation, day, event_type)
);

-- How far the next generation of a read model has come; the row goes when it is switched to.
CREATE TABLE chancery.projection_builds (
    name text PRIMARY KEY,
    generation bigint NOT NULL,
    position bigint NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON chancery.event_counts_v1, chancery.projection_builds TO chancery_service;
