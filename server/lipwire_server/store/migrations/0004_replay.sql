-- Utterances that are spoken again: where each was flushed, and which are replays
-- depends: 0002_memory

-- migrate: apply

-- What had come by then was spoken without waiting for more.
ALTER TABLE speech ADD flushes boolean NOT NULL DEFAULT false;
-- The utterance of the same session that is spoken again, from one of its samples on.
ALTER TABLE speech ADD replays bigint CHECK (replays >= 0);
ALTER TABLE speech ADD from_sample bigint NOT NULL DEFAULT 0 CHECK (from_sample >= 0);

-- migrate: rollback

ALTER TABLE speech DROP COLUMN from_sample;
ALTER TABLE speech DROP COLUMN replays;
ALTER TABLE speech DROP COLUMN flushes;
