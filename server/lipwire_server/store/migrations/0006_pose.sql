-- How the face of a session looks
-- depends: 0005_watching

-- migrate: apply

-- What it was told last; NULL before that.
ALTER TABLE session ADD pose jsonb CHECK (jsonb_typeof(pose) = 'object');

-- migrate: rollback

ALTER TABLE session DROP COLUMN pose;
