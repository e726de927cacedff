-- Why the relay stopped, and in which epoch of the log: every node reads it each second, and decides nothing while it is so.
-- An epoch that begins leaves it behind.
ALTER TABLE relay_generation ADD COLUMN stopped TEXT NOT NULL DEFAULT '';
ALTER TABLE relay_generation ADD COLUMN stopped_epoch INTEGER NOT NULL DEFAULT 0;
