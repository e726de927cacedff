-- Which copy of the log on NATS is the one that jobs are fed from: the epoch that it is of, its number, the position before
-- its first message, and whether its stream has been made. Number 0 stands for none yet.
CREATE TABLE relay_generation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    number INTEGER NOT NULL,
    base INTEGER NOT NULL,
    made INTEGER NOT NULL
) STRICT;
INSERT INTO relay_generation VALUES (1, 0, 0, 0, 0);
