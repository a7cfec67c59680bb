-- Cuts the table of phonemes into months. docs/partitioning.md says who wants that, and how.

BEGIN;

ALTER TABLE phoneme RENAME TO phoneme_whole;
ALTER TABLE phoneme_whole RENAME CONSTRAINT phoneme_pkey TO phoneme_whole_pkey;

CREATE TABLE phoneme (
    LIKE phoneme_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (utterance_id, segment_number, number),
    FOREIGN KEY (utterance_id, segment_number)
        REFERENCES segment (utterance_id, number) ON DELETE CASCADE
) PARTITION BY RANGE (utterance_id);

-- Whatever no month was made for. It is as good as the others, but it cannot be dropped.
CREATE TABLE phoneme_rest PARTITION OF phoneme DEFAULT;

-- The first UUIDv7 of a moment: its milliseconds since 1970 are its first 48 bits.
CREATE FUNCTION first_uuid(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
            || repeat('0', 20))::uuid
$$;

-- Makes the month (of UTC) that a day is in, unless it is there.
CREATE FUNCTION add_phoneme_month(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month timestamp := date_trunc('month', day::timestamp);
BEGIN
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF phoneme FOR VALUES FROM (%L) TO (%L)',
        'phoneme_' || to_char(month, 'YYYY_MM'),
        first_uuid(month AT TIME ZONE 'UTC'),
        first_uuid((month + interval '1 month') AT TIME ZONE 'UTC')
    );
END
$$;

-- From the oldest phoneme to a year from now.
SELECT add_phoneme_month(month::date) FROM generate_series(
    (SELECT date_trunc('month', coalesce(min(created_at), now())) - interval '1 month'
     FROM phoneme_whole),
    now() + interval '1 year',
    '1 month'
) AS month;

INSERT INTO phoneme SELECT * FROM phoneme_whole;
DROP TABLE phoneme_whole;

COMMIT;

ANALYZE phoneme;
