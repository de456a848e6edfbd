-- Reads of a ticket are numbered in the order in which they begin; this is the number of
-- the one that the row goes by. 0: of the time before they were numbered.
ALTER TABLE tickets ADD COLUMN as_of INTEGER NOT NULL DEFAULT 0;
-- How many reads in a row have said that there is no such ticket.
ALTER TABLE tickets ADD COLUMN not_found INTEGER NOT NULL DEFAULT 0;
-- When it was found to be in neither list either: merged or deleted. 0: it is there.
ALTER TABLE tickets ADD COLUMN gone_at INTEGER NOT NULL DEFAULT 0;
-- 1 where it was only read for somebody who asked for it: its posts are stored, and what of
-- them is news is decided when a poll reads it.
ALTER TABLE tickets ADD COLUMN undecided INTEGER NOT NULL DEFAULT 0 CHECK (undecided IN (0, 1));
CREATE INDEX tickets_not_found ON tickets (ticket_id) WHERE not_found > 0 AND gone_at = 0;
-- Where lists show no sign of activity, tickets are read in turn.
CREATE INDEX tickets_by_reading ON tickets (fetched_at, ticket_id DESC) WHERE open = 1;

-- News on their way to the chats that hear of a ticket: by descending chat_id, a portion at a time.
CREATE TABLE news (
    news_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES tickets,
    payload   TEXT    NOT NULL,
    -- The last chat that was told; NULL: none so far.
    told_to   INTEGER
) STRICT;
CREATE INDEX news_by_ticket ON news (ticket_id);
