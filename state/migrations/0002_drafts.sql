-- What a person has written and not sent yet: the opening of a ticket, a message
-- whose ticket is asked for, or the correction of one that was sent.
CREATE TABLE drafts (
    draft_id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT    NOT NULL CHECK (kind IN ('opening', 'question', 'correction')),
    chat_id         INTEGER NOT NULL,
    -- The topic that the card stands in; 0: none.
    thread_id       INTEGER NOT NULL DEFAULT 0,
    user_id         INTEGER NOT NULL,
    -- As the person has set it; '' while it is the first line's.
    subject         TEXT    NOT NULL DEFAULT '',
    -- What a correction corrects.
    submission_id   INTEGER NOT NULL DEFAULT 0,
    state           TEXT    NOT NULL CHECK (state IN ('open', 'sent', 'joined', 'cancelled', 'expired')),
    -- The bot's message with the draft's buttons; 0: not sent yet.
    card_message_id INTEGER NOT NULL DEFAULT 0,
    -- When an open draft is dropped.
    due_at          INTEGER NOT NULL,
    CHECK ((kind = 'correction') = (submission_id > 0))
) STRICT;
CREATE UNIQUE INDEX drafts_opening ON drafts (chat_id, user_id) WHERE state = 'open' AND kind = 'opening';
CREATE INDEX drafts_of_person ON drafts (chat_id, user_id, draft_id) WHERE state = 'open';
CREATE INDEX drafts_due ON drafts (due_at) WHERE state = 'open';
CREATE INDEX drafts_by_age ON drafts (due_at) WHERE state <> 'open';

-- Messages as they would go to Plusofon, kept while they may be needed: those of
-- drafts, those that a submission is made of together with others, and the items
-- of albums, so that one of them leads to the others.
CREATE TABLE items (
    chat_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    draft_id   INTEGER NOT NULL DEFAULT 0,
    album      TEXT    NOT NULL DEFAULT '',
    -- Who is named as the author, and when he wrote it; '' where nobody has to be.
    author     TEXT    NOT NULL DEFAULT '',
    author_at  INTEGER NOT NULL DEFAULT 0,
    text       TEXT    NOT NULL,
    -- 1 where the next message goes on in the middle of this one's text.
    goes_on    INTEGER NOT NULL DEFAULT 0 CHECK (goes_on IN (0, 1)),
    file_id    TEXT    NOT NULL DEFAULT '',
    file_name  TEXT    NOT NULL DEFAULT '',
    file_size  INTEGER NOT NULL DEFAULT 0,
    kept_at    INTEGER NOT NULL,
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX items_by_draft ON items (draft_id, message_id) WHERE draft_id > 0;
CREATE INDEX items_by_album ON items (chat_id, album, message_id) WHERE album <> '';
CREATE INDEX items_by_age ON items (kept_at);

-- A prompt can ask for a draft's subject as well.
CREATE TABLE prompts_anew (
    chat_id   INTEGER NOT NULL,
    user_id   INTEGER NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('opening', 'answer', 'subject')),
    ticket_id INTEGER NOT NULL DEFAULT 0,
    draft_id  INTEGER NOT NULL DEFAULT 0,
    asked_at  INTEGER NOT NULL,
    PRIMARY KEY (chat_id, user_id),
    CHECK ((kind = 'answer') = (ticket_id > 0) AND (kind = 'subject') = (draft_id > 0))
) STRICT, WITHOUT ROWID;
INSERT INTO prompts_anew (chat_id, user_id, kind, ticket_id, asked_at) SELECT chat_id, user_id, kind, ticket_id, asked_at FROM prompts;
DROP TABLE prompts;
ALTER TABLE prompts_anew RENAME TO prompts;
