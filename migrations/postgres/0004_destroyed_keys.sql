-- What the append may destroy: a stream's keys only together with an event of that stream, so that nobody is forgotten
-- without a trace in the log, and a service key never. A month's network key is nobody's; its event names it.
--
-- It runs within the append, whose events are written by then while the head still stands before them.
CREATE FUNCTION chancery.refuse_silent_destruction() RETURNS trigger LANGUAGE plpgsql
SET search_path = chancery, pg_temp
AS $$
DECLARE
    before_batch bigint := (SELECT h.position FROM head h WHERE h.one = 1);
    told boolean := old.class = 3 OR old.class IN (1, 2) AND EXISTS (
        SELECT FROM events e WHERE e.stream = old.owner AND e.position > before_batch
        ORDER BY e.version DESC LIMIT 1);
BEGIN
    IF NOT told THEN
        RAISE EXCEPTION 'key % is not destroyed without an event of its stream', old.id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN new;
END
$$;
REVOKE ALL ON FUNCTION chancery.refuse_silent_destruction FROM PUBLIC;
CREATE TRIGGER no_silent_destruction BEFORE UPDATE ON chancery.keys
    FOR EACH ROW WHEN (old.wrapped IS NOT NULL AND new.wrapped IS NULL)
    EXECUTE FUNCTION chancery.refuse_silent_destruction();
ALTER TABLE chancery.keys ENABLE ALWAYS TRIGGER no_silent_destruction;
