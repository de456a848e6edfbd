-- 1 if an attempt at a submission may be at Plusofon, whatever became of it since: its outcome could
-- not be told.
ALTER TABLE submissions ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0 CHECK (doubted IN (0, 1));
UPDATE submissions SET doubted = 1 WHERE state = 'doubtful' OR state = 'cancelled' AND sent_after > 0;

-- Such an attempt may show as long as the submission is open, also while it waits to be sent again.
DROP INDEX submissions_in_flight;
CREATE INDEX submissions_in_flight ON submissions (ticket_id)
    WHERE state IN ('sending', 'unknown', 'doubtful') OR doubted = 1 AND state NOT IN ('delivered', 'cancelled');
