-- Why the relay stopped, and in which epoch of the log: every node reads it each second, and decides nothing while it is so.
-- An epoch that begins leaves it behind.
ALTER TABLE chancery.relay_generation
    ADD COLUMN stopped text NOT NULL DEFAULT '',
    ADD COLUMN stopped_epoch bigint NOT NULL DEFAULT 0;
