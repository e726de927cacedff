-- Which processes run jobs, and when each was last seen to live: what a dead one took is taken over before its lease ends.
CREATE TABLE workers (
    name TEXT PRIMARY KEY,
    seen INTEGER NOT NULL
) STRICT;
