-- What has led to a request: the same in the log from an update to its effects.
ALTER TABLE outbox ADD COLUMN trace TEXT NOT NULL DEFAULT '';
