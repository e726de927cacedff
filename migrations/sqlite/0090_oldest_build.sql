-- Builds before the generations of read models write rows without one.
UPDATE compatibility SET oldest_build = max(oldest_build, 2);
