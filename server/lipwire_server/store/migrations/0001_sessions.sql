-- Sessions and what was spoken in them
-- depends:

-- migrate: apply

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE TABLE session (
    id uuid PRIMARY KEY,
    secret_sha256 bytea NOT NULL CHECK (octet_length(secret_sha256) = 32),
    voice text NOT NULL,
    sample_rate integer NOT NULL CHECK (sample_rate > 0),
    settings jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
    opened_at timestamptz NOT NULL,
    ended_at timestamptz,
    close_code integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CHECK ((ended_at IS NULL) = (close_code IS NULL))
);

CREATE INDEX session_listed ON session (id DESC) WHERE deleted_at IS NULL;
CREATE INDEX session_deleted ON session (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TRIGGER session_touched BEFORE UPDATE ON session
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- Positions and lengths are sample numbers.
CREATE TABLE utterance (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    number bigint NOT NULL CHECK (number >= 0),
    session_position bigint NOT NULL CHECK (session_position >= 0),
    sample_count bigint NOT NULL CHECK (sample_count >= 0),
    heard_count bigint CHECK (heard_count >= 0),
    text text NOT NULL,
    voice text NOT NULL,
    rate_percent integer NOT NULL CHECK (rate_percent > 0),
    seed bigint NOT NULL,
    reason text NOT NULL CHECK (reason IN ('done', 'interrupted', 'error', 'limit', 'idle')),
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (session_id, number)
);

CREATE TRIGGER utterance_touched BEFORE UPDATE ON utterance
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- Written once, never changed: no updated_at.
CREATE TABLE segment (
    utterance_id uuid NOT NULL REFERENCES utterance (id) ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 0),
    start_sample bigint NOT NULL CHECK (start_sample >= 0),
    sample_count bigint NOT NULL CHECK (sample_count >= 0),
    text text NOT NULL,
    text_begin integer NOT NULL CHECK (text_begin >= 0),
    text_end integer NOT NULL,
    -- Kept as it was sent, byte for byte, which jsonb would not do.
    timing json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (utterance_id, number),
    CHECK (text_end >= text_begin)
);

CREATE TABLE phoneme (
    utterance_id uuid NOT NULL,
    segment_number integer NOT NULL,
    number integer NOT NULL CHECK (number >= 0),
    symbol text NOT NULL,
    viseme smallint NOT NULL CHECK (viseme >= 0),
    start_sample bigint NOT NULL CHECK (start_sample >= 0),
    sample_count integer NOT NULL CHECK (sample_count >= 0),
    -- -1 for a pause.
    word integer NOT NULL CHECK (word >= -1),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (utterance_id, segment_number, number),
    FOREIGN KEY (utterance_id, segment_number)
        REFERENCES segment (utterance_id, number) ON DELETE CASCADE
);

-- migrate: rollback

DROP TABLE phoneme;
DROP TABLE segment;
DROP TABLE utterance;
DROP TABLE session;
DROP FUNCTION touch_updated_at();
