-- Which processes run jobs, and when each was last seen to live: what a dead one took is taken over before its lease ends.
CREATE TABLE chancery.workers (
    name text PRIMARY KEY,
    seen bigint NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON chancery.workers TO chancery_service;
