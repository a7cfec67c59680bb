-- Sessions that are watched
-- depends: 0004_replay

-- migrate: apply

-- Opens a session to those who only watch. NULL where it cannot be watched. Kept as it is, since
-- whoever takes the session up is told it again; who can read it here can read all that it opens.
ALTER TABLE session ADD watch_secret text CHECK (length(watch_secret) BETWEEN 1 AND 200);

-- migrate: rollback

ALTER TABLE session DROP COLUMN watch_secret;
