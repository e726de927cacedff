-- Which generation of stored shapes each live process reads: a newer one is written once all of them read it. A build that does
-- not say so reads the oldest; it may run on this.
ALTER TABLE workers ADD COLUMN reads INTEGER NOT NULL DEFAULT 0;
