-- Applications are few among many states: they are listed by an index of their own.
CREATE INDEX states_applications ON chancery.states (stream) WHERE aggregate = 'application';

-- Which accounts changed, and in which fields that applications may see, as bits. Nothing in it is personal.
CREATE TABLE chancery.account_changes_v1 (
    generation bigint NOT NULL,
    position bigint NOT NULL,
    stream bytea NOT NULL CHECK (octet_length(stream) = 16),
    fields bigint NOT NULL,
    PRIMARY KEY (generation, position)
);
CREATE INDEX account_changes_v1_stream ON chancery.account_changes_v1 (generation, stream, position);

GRANT SELECT, INSERT, UPDATE, DELETE ON chancery.account_changes_v1 TO chancery_service;
