-- 1 where the first line of a message was given as its draft's subject: by [Тема], or behind /new as a
-- reply. The last such line counts; drafts.subject has those that were given before.
ALTER TABLE items ADD COLUMN titles INTEGER NOT NULL DEFAULT 0 CHECK (titles IN (0, 1));
