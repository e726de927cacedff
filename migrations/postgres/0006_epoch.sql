-- Epochs. The epoch changes only together with the event that says why.

-- A connection of the service names the epoch that it works in, so that a process of the one before writes nothing more.
CREATE FUNCTION chancery.refuse_other_epoch() RETURNS trigger LANGUAGE plpgsql
SET search_path = chancery, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the log is in epoch %, and this connection is of another', old.epoch USING ERRCODE = 'CH002';
END
$$;
REVOKE ALL ON FUNCTION chancery.refuse_other_epoch FROM PUBLIC;
CREATE TRIGGER one_epoch BEFORE UPDATE ON chancery.head
    FOR EACH ROW WHEN (nullif(current_setting('chancery.epoch', true), '')::bigint <> old.epoch)
    EXECUTE FUNCTION chancery.refuse_other_epoch();
ALTER TABLE chancery.head ENABLE ALWAYS TRIGGER one_epoch;

-- Appends one command, on the log's own stream, as the first of a new epoch.
CREATE FUNCTION chancery.begin_epoch(
    next       bigint,
    batch      chancery.new_command[],
    new_events chancery.new_event[],
    guards     chancery.stream_guard[],
    sealing    chancery.named_key[],
    new_keys   chancery.new_key[],
    claims     chancery.named_reservation[],
    releases   chancery.named_reservation[],
    to_destroy chancery.named_key[],
    OUT base bigint, OUT raised bigint, OUT verdicts smallint[],
    OUT known_fingerprints bytea[], OUT known_firsts bigint[], OUT known_lasts bigint[]
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = chancery, pg_temp
AS $$
BEGIN
    IF cardinality(batch) <> 1 OR cardinality(new_events) <> 1 OR new_events[1].event_type <> 'log.epoch_begun'
        OR new_events[1].stream <> batch[1].stream
        -- The bytes of "chancery-the-log".
        OR batch[1].stream <> '6368616e-6365-7279-2d74-68652d6c6f67'
        OR next <= (SELECT h.epoch FROM head h WHERE h.one = 1)
    THEN
        RAISE EXCEPTION 'a higher epoch begins with its own event' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT a.* INTO base, raised, verdicts, known_fingerprints, known_firsts, known_lasts
        FROM append(batch, new_events, guards, sealing, new_keys, claims, releases, to_destroy) a;
    IF verdicts IS NULL OR verdicts[1] = 0 THEN
        UPDATE head SET epoch = next WHERE one = 1;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION chancery.begin_epoch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION chancery.begin_epoch TO chancery_service;
