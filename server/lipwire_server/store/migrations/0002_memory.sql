-- Everything else that is kept: faces, presets, assets, audio, renders, settings
-- depends: 0001_sessions

-- migrate: apply

-- One row for each file in the store of blobs; the file is written before the row.
CREATE TABLE blob (
    sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    byte_count bigint NOT NULL CHECK (byte_count >= 0),
    media_type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- What nothing refers to is kept for a while: somebody may be about to.
    used_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX blob_used ON blob (used_at);

CREATE TABLE config (
    -- Sorted by its bytes, whatever the database's own order is: the list is read in pages.
    key text COLLATE "C" PRIMARY KEY CHECK (key ~ '^[a-z0-9_.-]{1,100}$'),
    value jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE preset (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
    settings jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE asset (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('image', 'audio')),
    -- For people to read; never part of a path.
    filename text NOT NULL CHECK (length(filename) BETWEEN 1 AND 255),
    sha256 bytea NOT NULL REFERENCES blob (sha256),
    meta jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(meta) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);

CREATE INDEX asset_blob ON asset (sha256);
CREATE INDEX asset_listed ON asset (id DESC) WHERE deleted_at IS NULL;
CREATE INDEX asset_deleted ON asset (deleted_at) WHERE deleted_at IS NOT NULL;

-- Somebody of the application's own: a face, a voice, and how it looks at the moment.
CREATE TABLE avatar (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    -- The pack that is drawn.
    face text NOT NULL,
    voice text NOT NULL,
    asset_id uuid REFERENCES asset (id) ON DELETE SET NULL,
    preset_id uuid REFERENCES preset (id) ON DELETE SET NULL,
    state jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(state) = 'object'),
    -- Counts the changes: two that change the same version cannot both succeed.
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX avatar_asset ON avatar (asset_id) WHERE asset_id IS NOT NULL;
CREATE INDEX avatar_preset ON avatar (preset_id) WHERE preset_id IS NOT NULL;

ALTER TABLE session ADD avatar_id uuid REFERENCES avatar (id) ON DELETE CASCADE;

CREATE INDEX session_avatar ON session (avatar_id) WHERE avatar_id IS NOT NULL;
CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX session_open ON session (opened_at) WHERE ended_at IS NULL;

CREATE TABLE audio (
    id uuid PRIMARY KEY,
    utterance_id uuid NOT NULL REFERENCES utterance (id) ON DELETE CASCADE,
    sha256 bytea NOT NULL REFERENCES blob (sha256),
    codec text NOT NULL,
    sample_rate integer NOT NULL CHECK (sample_rate BETWEEN 8000 AND 192000),
    sample_count bigint NOT NULL CHECK (sample_count >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX audio_utterance ON audio (utterance_id);
CREATE INDEX audio_blob ON audio (sha256);
CREATE INDEX audio_created ON audio (created_at);

CREATE TABLE render (
    id uuid PRIMARY KEY,
    utterance_id uuid NOT NULL REFERENCES utterance (id) ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    format text NOT NULL,
    face text NOT NULL,
    size integer NOT NULL CHECK (size > 0),
    fps integer NOT NULL CHECK (fps > 0),
    emotion text,
    -- How often it was begun; who began it last is the one who renders it.
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    frames_done integer NOT NULL DEFAULT 0 CHECK (frames_done >= 0),
    frame_count integer CHECK (frame_count >= 0),
    sha256 bytea REFERENCES blob (sha256),
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((status = 'done') = (sha256 IS NOT NULL))
);

CREATE INDEX render_utterance ON render (utterance_id);
CREATE INDEX render_blob ON render (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX render_waiting ON render (id) WHERE status IN ('queued', 'running');

-- Holds until the newest secret was used: the client may not have got that one.
ALTER TABLE session ADD previous_secret_sha256 bytea
    CHECK (octet_length(previous_secret_sha256) = 32);
-- How often the session was taken up: what an earlier connection leaves behind is told by it.
ALTER TABLE session ADD epoch integer NOT NULL DEFAULT 0 CHECK (epoch >= 0);

-- What a session was told to say: all that it takes to go on with it in another process.
-- Written once, never changed: no updated_at.
CREATE TABLE speech (
    session_id uuid NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    sequence bigint NOT NULL CHECK (sequence >= 0),
    -- The client's own count; NULL where it does not count.
    number bigint CHECK (number > 0),
    utterance bigint NOT NULL CHECK (utterance >= 0),
    text text NOT NULL,
    is_last boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (session_id, sequence)
);

-- Settings that hold from a segment of an utterance on; `sequence` counts on with those above.
CREATE TABLE session_settings (
    session_id uuid NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    utterance bigint NOT NULL CHECK (utterance >= 0),
    segment integer NOT NULL CHECK (segment >= 0),
    sequence bigint NOT NULL CHECK (sequence >= 0),
    voice text NOT NULL,
    settings jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (session_id, utterance, segment)
);

CREATE TRIGGER session_settings_touched BEFORE UPDATE ON session_settings
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER config_touched BEFORE UPDATE ON config
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER preset_touched BEFORE UPDATE ON preset
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER asset_touched BEFORE UPDATE ON asset
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER avatar_touched BEFORE UPDATE ON avatar
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER render_touched BEFORE UPDATE ON render
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- migrate: rollback

DROP TABLE session_settings;
DROP TABLE speech;
DROP TABLE render;
DROP TABLE audio;
ALTER TABLE session DROP COLUMN epoch;
ALTER TABLE session DROP COLUMN previous_secret_sha256;
ALTER TABLE session DROP COLUMN avatar_id;
DROP INDEX session_open;
DROP INDEX session_ended;
DROP TABLE avatar;
DROP TABLE asset;
DROP TABLE preset;
DROP TABLE config;
DROP TABLE blob;
