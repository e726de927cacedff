-- What the head row may become. A log whose newest event lies far ahead could record no true time until that moment has
-- come, since recorded times never go back: so no caller may bring such an event, whatever its own clock says.

-- The database's clock, in microseconds since 1970. A function of its own, so that tests can drive it.
CREATE FUNCTION chancery.clock() RETURNS bigint LANGUAGE sql VOLATILE
RETURN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

CREATE FUNCTION chancery.refuse_future() RETURNS trigger LANGUAGE plpgsql
SET search_path = chancery, pg_temp
AS $$
BEGIN
    -- Nodes refuse at 5 s by themselves; twice that leaves room for what waits in their queues.
    IF new.recorded > clock() + 10000000 THEN
        RAISE EXCEPTION 'an event of % s ahead of the database''s clock is refused', (new.recorded - clock()) / 1000000
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN new;
END
$$;
REVOKE ALL ON FUNCTION chancery.refuse_future FROM PUBLIC;
CREATE TRIGGER no_future BEFORE UPDATE ON chancery.head
    FOR EACH ROW WHEN (new.recorded > old.recorded)
    EXECUTE FUNCTION chancery.refuse_future();
ALTER TABLE chancery.head ENABLE ALWAYS TRIGGER no_future;
