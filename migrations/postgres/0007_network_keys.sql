-- A month's network key, too, is destroyed only together with the event that says so.
CREATE OR REPLACE FUNCTION chancery.refuse_silent_destruction() RETURNS trigger LANGUAGE plpgsql
SET search_path = chancery, pg_temp
AS $$
DECLARE
    before_batch bigint := (SELECT h.position FROM head h WHERE h.one = 1);
    told boolean := CASE old.class
        WHEN 3 THEN EXISTS (
            SELECT FROM events e WHERE e.position > before_batch AND e.event_type = 'network.key_destroyed')
        WHEN 4 THEN false
        ELSE EXISTS (
            SELECT FROM events e WHERE e.stream = old.owner AND e.position > before_batch
            ORDER BY e.version DESC LIMIT 1)
    END;
BEGIN
    IF NOT told THEN
        RAISE EXCEPTION 'key % is not destroyed without an event of its stream', old.id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN new;
END
$$;
