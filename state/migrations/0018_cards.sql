-- In a private chat the card of what is being gathered stays at the bottom, and a draft
-- that seems forgotten is shown once more.

-- The newest message that is known to stand where the card does: a card of a smaller
-- number is not the last one.
ALTER TABLE drafts ADD COLUMN below_message_id INTEGER NOT NULL DEFAULT 0;
-- 1 while the card is to be sent anew.
ALTER TABLE drafts ADD COLUMN moves INTEGER NOT NULL DEFAULT 0 CHECK (moves IN (0, 1));
-- When it is to be seen whether the card has to come anew; 0: not before something happens.
ALTER TABLE drafts ADD COLUMN look_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX drafts_to_look_at ON drafts (look_at) WHERE state = 'open' AND look_at > 0;
