-- The only two ways in which the service writes the log, its keys, reservations and state rows.

-- What a batch is made of. An owner is the command's place in the batch, from 1 on.
CREATE TYPE chancery.new_command AS (
    owner        integer,
    command      uuid,
    fingerprint  bytea,
    stream       uuid,
    expected     bigint,
    decided      bigint,
    -- how many
    events       integer,
    -- the state row; no aggregate, no row
    aggregate    text,
    fold_version integer,
    state_key    uuid,
    state        bytea
);
CREATE TYPE chancery.new_event AS (
    owner          integer,
    stream         uuid,
    version        bigint,
    event_type     text,
    schema_version integer,
    decided        bigint,
    command        uuid,
    correlation    uuid,
    causing        bigint,
    actor_kind     smallint,
    actor_id       text,
    key_id         uuid,
    actor_key_id   uuid,
    network_key_id uuid,
    subject        bytea,
    inputs         bytea,
    details        bytea,
    mac_key_id     uuid,
    mac            bytea
);
CREATE TYPE chancery.stream_guard AS (owner integer, stream uuid, version bigint);
CREATE TYPE chancery.named_key AS (owner integer, id uuid, decided bigint);
CREATE TYPE chancery.new_key AS (
    owner     integer,
    id        uuid,
    class     smallint,
    key_owner uuid,
    purpose   text,
    wrapped   bytea,
    wrapper   bytea,
    created   bigint
);
CREATE TYPE chancery.named_reservation AS (owner integer, command uuid, stream uuid, kind smallint, mac bytea);

-- How many events a stream has.
CREATE FUNCTION chancery.stream_version(wanted uuid) RETURNS bigint LANGUAGE sql STABLE
RETURN coalesce((SELECT e.version FROM chancery.events e WHERE e.stream = wanted ORDER BY e.version DESC LIMIT 1), 0);

-- Writes a batch of commands, none of which shares a stream, a reservation or a command id with another, or guards a
-- stream that another writes.
--
-- It first writes as if every command were good: the unique indexes and the state rows' versions are the check. After a
-- violation all of that is undone, each command is judged, and the good ones are written.
--
-- base, raised: the head's position and recorded time before the batch. verdicts: NULL if all were written, else one a
-- command: 0 written, 1 duplicate, 2 key gone, 3 wrong version, 100 + kind: reservation taken. known_…: what is
-- remembered of the duplicates, NULL for the others.
CREATE FUNCTION chancery.append(
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
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    judged boolean := false;
    states_due bigint;
    states_new bigint;
    states_old bigint;
    claims_new bigint;
BEGIN
    SELECT h.position, h.recorded INTO STRICT base, raised FROM head h WHERE h.one = 1 FOR UPDATE;
    LOOP
        BEGIN
            -- What no index would notice. A stream without a state row may be written beyond its end.
            IF NOT judged AND (
                cardinality(guards) > 0 AND EXISTS (
                    SELECT FROM (SELECT DISTINCT g.stream, g.version FROM unnest(guards) g) g
                    WHERE stream_version(g.stream) <> g.version)
                OR cardinality(sealing) > 0 AND EXISTS (
                    SELECT FROM (SELECT DISTINCT k.id FROM unnest(sealing) k) k
                    WHERE NOT EXISTS (SELECT FROM keys WHERE keys.id = k.id AND keys.wrapped IS NOT NULL))
                OR EXISTS (
                    SELECT FROM unnest(batch) c
                    WHERE c.aggregate IS NULL AND c.expected <> 0 AND NOT EXISTS (
                        SELECT FROM events e WHERE e.stream = c.stream AND e.version = c.expected))
            ) THEN
                RAISE EXCEPTION USING ERRCODE = 'CH001';
            END IF;

            INSERT INTO commands (command, fingerprint, stream, first_position, last_position)
                SELECT c.command, c.fingerprint, c.stream,
                       base + 1 + sum(c.events) OVER earlier - c.events, base + sum(c.events) OVER earlier
                FROM unnest(batch) WITH ORDINALITY c WINDOW earlier AS (ORDER BY c.ordinality ROWS UNBOUNDED PRECEDING);

            INSERT INTO events
                SELECT base + e.ordinality, e.stream, e.version, e.event_type, e.schema_version, e.decided,
                       greatest(raised, max(e.decided) OVER (ORDER BY e.ordinality ROWS UNBOUNDED PRECEDING)),
                       e.command, e.correlation, e.causing, e.actor_kind, e.actor_id, e.key_id, e.actor_key_id,
                       e.network_key_id, e.subject, e.inputs, e.details, e.mac_key_id, e.mac
                FROM unnest(new_events) WITH ORDINALITY e;

            states_due := (SELECT count(*) FROM unnest(batch) c WHERE c.aggregate IS NOT NULL);
            IF states_due > 0 AND judged THEN
                -- A state row that was missing, or of another version, comes back with its stream's next command.
                INSERT INTO states (stream, aggregate, version, fold_version, key_id, state, position)
                    SELECT c.stream, c.aggregate, c.expected + c.events, c.fold_version, c.state_key, c.state,
                           written.last_position
                    FROM unnest(batch) c JOIN commands written ON written.command = c.command
                    WHERE c.aggregate IS NOT NULL
                    ON CONFLICT (stream) DO UPDATE SET
                        aggregate = excluded.aggregate, version = excluded.version,
                        fold_version = excluded.fold_version, key_id = excluded.key_id, state = excluded.state,
                        position = excluded.position;
            ELSIF states_due > 0 THEN
                UPDATE states SET
                        aggregate = c.aggregate, version = c.expected + c.events, fold_version = c.fold_version,
                        key_id = c.state_key, state = c.state, position = c.last_position
                    FROM (SELECT c.*, base + sum(c.events) OVER (ORDER BY c.ordinality ROWS UNBOUNDED PRECEDING)
                                 AS last_position
                          FROM unnest(batch) WITH ORDINALITY c) c
                    WHERE states.stream = c.stream AND states.version = c.expected AND c.expected > 0
                      AND c.aggregate IS NOT NULL;
                GET DIAGNOSTICS states_old = ROW_COUNT;
                IF states_old < states_due THEN
                    INSERT INTO states (stream, aggregate, version, fold_version, key_id, state, position)
                        SELECT c.stream, c.aggregate, c.expected + c.events, c.fold_version, c.state_key, c.state,
                               c.last_position
                        FROM (SELECT c.*, base + sum(c.events) OVER (ORDER BY c.ordinality ROWS UNBOUNDED PRECEDING)
                                     AS last_position
                              FROM unnest(batch) WITH ORDINALITY c) c
                        WHERE c.expected = 0 AND c.aggregate IS NOT NULL;
                    GET DIAGNOSTICS states_new = ROW_COUNT;
                    IF states_old + states_new < states_due THEN
                        RAISE EXCEPTION USING ERRCODE = 'CH001';
                    END IF;
                END IF;
            END IF;

            IF cardinality(releases) > 0 THEN
                DELETE FROM reservations held USING unnest(releases) l
                    WHERE held.kind = l.kind AND held.mac = l.mac AND held.stream = l.stream;
            END IF;
            IF cardinality(claims) > 0 THEN
                INSERT INTO reservations (kind, mac, stream, position)
                    SELECT r.kind, r.mac, r.stream, written.first_position
                    FROM unnest(claims) r JOIN commands written ON written.command = r.command
                    ON CONFLICT (kind, mac) DO NOTHING;
                GET DIAGNOSTICS claims_new = ROW_COUNT;
                IF claims_new < cardinality(claims) AND NOT judged THEN
                    RAISE EXCEPTION USING ERRCODE = 'CH001';
                END IF;
            END IF;
            IF cardinality(new_keys) > 0 THEN
                INSERT INTO keys (id, class, owner, purpose, wrapped, wrapper, created)
                    SELECT n.id, n.class, n.key_owner, n.purpose, n.wrapped, n.wrapper, n.created
                    FROM unnest(new_keys) n;
            END IF;
            IF cardinality(to_destroy) > 0 THEN
                UPDATE keys SET wrapped = NULL, destroyed = d.decided FROM unnest(to_destroy) d
                    WHERE keys.id = d.id AND keys.wrapped IS NOT NULL;
            END IF;

            UPDATE head SET position = base + cardinality(new_events),
                            recorded = greatest(raised, (SELECT max(c.decided) FROM unnest(batch) c))
                WHERE one = 1;
            RETURN;
        EXCEPTION WHEN unique_violation OR SQLSTATE 'CH001' THEN
            -- What was judged good and still violates is a bug, not a refusal.
            IF judged THEN
                RAISE;
            END IF;
        END;

        judged := true;
        SELECT array_agg(j.verdict ORDER BY j.owner), array_agg(j.fingerprint ORDER BY j.owner),
               array_agg(j.first_position ORDER BY j.owner), array_agg(j.last_position ORDER BY j.owner)
            INTO verdicts, known_fingerprints, known_firsts, known_lasts
            FROM (
                SELECT c.owner, known.fingerprint, known.first_position, known.last_position,
                    CASE
                        WHEN known.command IS NOT NULL THEN 1
                        WHEN EXISTS (
                            SELECT FROM unnest(sealing) k
                            WHERE k.owner = c.owner
                              AND NOT EXISTS (SELECT FROM keys WHERE keys.id = k.id AND keys.wrapped IS NOT NULL)
                        ) OR EXISTS (
                            -- Another node made the key of this purpose first: as good as gone.
                            SELECT FROM unnest(new_keys) n
                            WHERE n.owner = c.owner AND (
                                EXISTS (SELECT FROM keys WHERE keys.id = n.id)
                                OR EXISTS (SELECT FROM keys WHERE keys.class = n.class AND keys.purpose = n.purpose
                                                              AND keys.wrapped IS NOT NULL))
                        ) THEN 2
                        WHEN stream_version(c.stream) <> c.expected OR EXISTS (
                            SELECT FROM unnest(guards) g
                            WHERE g.owner = c.owner AND stream_version(g.stream) <> g.version
                        ) THEN 3
                        ELSE coalesce((
                            SELECT min(100 + r.kind)
                            FROM unnest(claims) r JOIN reservations held ON held.kind = r.kind AND held.mac = r.mac
                            WHERE r.owner = c.owner AND held.stream <> c.stream
                        ), 0)
                    END::smallint AS verdict
                FROM unnest(batch) c LEFT JOIN commands known ON known.command = c.command
            ) j;
        IF NOT 0 = ANY (verdicts) THEN
            RETURN;
        END IF;

        -- Only the good commands go on, and their events close ranks.
        batch := ARRAY(SELECT c FROM unnest(batch) c WHERE verdicts[c.owner] = 0 ORDER BY c.owner);
        new_events := ARRAY(SELECT e FROM unnest(new_events) e WHERE verdicts[e.owner] = 0 ORDER BY e.owner, e.version);
        new_keys := ARRAY(SELECT n FROM unnest(new_keys) n WHERE verdicts[n.owner] = 0);
        claims := ARRAY(SELECT r FROM unnest(claims) r WHERE verdicts[r.owner] = 0);
        releases := ARRAY(SELECT l FROM unnest(releases) l WHERE verdicts[l.owner] = 0);
        to_destroy := ARRAY(SELECT d FROM unnest(to_destroy) d WHERE verdicts[d.owner] = 0);
    END LOOP;
END
$$;

-- Adds a service or network key, unless there is a living one of this class and purpose; returns the living one.
CREATE FUNCTION chancery.add_key(
    new_id uuid, new_class smallint, new_owner uuid, new_purpose text, new_wrapped bytea, new_wrapper bytea,
    new_created bigint
)
RETURNS SETOF chancery.keys LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = chancery, pg_temp
AS $$
BEGIN
    IF new_purpose IS NULL OR new_class NOT IN (3, 4) THEN
        RAISE EXCEPTION 'only service and network keys, which have a purpose, are added without an event'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO keys (id, class, owner, purpose, wrapped, wrapper, created)
        VALUES (new_id, new_class, new_owner, new_purpose, new_wrapped, new_wrapper, new_created)
        ON CONFLICT (class, purpose) WHERE wrapped IS NOT NULL AND purpose IS NOT NULL DO NOTHING;
    RETURN QUERY SELECT * FROM keys k
        WHERE k.class = new_class AND k.purpose = new_purpose AND k.wrapped IS NOT NULL;
END
$$;

-- The service reads everything, executes these two, and writes volatile rows only. Nobody else gets anything.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA chancery FROM PUBLIC;
REVOKE ALL ON SCHEMA chancery FROM PUBLIC;
GRANT USAGE ON SCHEMA chancery TO chancery_service;
GRANT SELECT ON ALL TABLES IN SCHEMA chancery TO chancery_service;
GRANT INSERT, UPDATE, DELETE ON chancery.volatile_rows, chancery.volatile_counters, chancery.volatile_birth
    TO chancery_service;
GRANT EXECUTE ON FUNCTION chancery.append, chancery.add_key TO chancery_service;
