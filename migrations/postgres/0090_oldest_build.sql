-- Builds before the generations of read models write rows without one.
UPDATE chancery.compatibility SET oldest_build = greatest(oldest_build, 2);
