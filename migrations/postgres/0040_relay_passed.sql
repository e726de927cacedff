-- How far the job had come that had come furthest when the generation began: up to there its stream has still to be filled.
ALTER TABLE chancery.relay_generation ADD COLUMN passed bigint NOT NULL DEFAULT 0;
