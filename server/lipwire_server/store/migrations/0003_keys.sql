-- Who may come in
-- depends: 0002_memory

-- migrate: apply

CREATE TABLE api_key (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    -- Of 256 random bits: nothing slower than SHA-256 is needed.
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    -- Signs the short-lived tokens of this key: they end with it.
    token_secret bytea NOT NULL CHECK (octet_length(token_secret) = 32),
    scopes text[] NOT NULL CHECK (scopes <@ ARRAY['speak', 'read', 'write'] AND cardinality(scopes) > 0),
    characters_per_minute integer CHECK (characters_per_minute > 0),
    connections integer CHECK (connections > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

-- Names are those of what is in use: a revoked key's may be given again.
CREATE UNIQUE INDEX api_key_name ON api_key (name) WHERE revoked_at IS NULL;

-- migrate: rollback

DROP TABLE api_key;
