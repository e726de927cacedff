-- Applications are few among many states: they are listed by an index of their own.
CREATE INDEX states_applications ON states (stream) WHERE aggregate = 'application';

-- Which accounts changed, and in which fields that applications may see, as bits. Nothing in it is personal.
CREATE TABLE account_changes_v1 (
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    stream BLOB NOT NULL CHECK (length(stream) = 16),
    fields INTEGER NOT NULL,
    PRIMARY KEY (generation, position)
) STRICT;
CREATE INDEX account_changes_v1_stream ON account_changes_v1 (generation, stream, position);
