-- Which copy of the log on NATS is the one that jobs are fed from: the epoch that it is of, its number, the position before
-- its first message, and whether its stream has been made. Number 0 stands for none yet.
CREATE TABLE chancery.relay_generation (
    one smallint PRIMARY KEY CHECK (one = 1),
    epoch bigint NOT NULL,
    number bigint NOT NULL,
    base bigint NOT NULL,
    made bigint NOT NULL
);
INSERT INTO chancery.relay_generation VALUES (1, 0, 0, 0, 0);

GRANT SELECT, UPDATE ON chancery.relay_generation TO chancery_service;
