-- 1 if an attempt at a submission may be at Plusofon, whatever became of it since: its outcome could
-- not be told.
ALTER TABLE submissions ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0 CHECK (doubted IN (0, 1));
UPDATE submissions SET doubted = 1 WHERE state = 'doubtful' OR state = 'cancelled' AND sent_after > 0;
