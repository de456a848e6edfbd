-- The chat in which a submission's receipt stands: what was written in a group before it
-- became a supergroup is told of there. 0: the submission's own.
ALTER TABLE submissions ADD COLUMN receipt_chat_id INTEGER NOT NULL DEFAULT 0;
