-- What a person has begun and not sent: several drafts of one person can be open, of
-- which one at most is in hand; the others were laid aside.
CREATE TABLE drafts_anew (
    draft_id        INTEGER PRIMARY KEY AUTOINCREMENT,
    -- 'going' gathers what goes on to a ticket, 'closed' what is held until its author
    -- says that a closed ticket may be opened again.
    kind            TEXT    NOT NULL CHECK (kind IN ('opening', 'question', 'going', 'closed', 'correction')),
    chat_id         INTEGER NOT NULL,
    -- The topic that the card stands in; 0: none.
    thread_id       INTEGER NOT NULL DEFAULT 0,
    user_id         INTEGER NOT NULL,
    -- As the person has set it; '' while it is the first line's.
    subject         TEXT    NOT NULL DEFAULT '',
    -- Where it goes by itself, or by one word; 0: that is not said yet, or it has no number.
    ticket_id       INTEGER NOT NULL DEFAULT 0,
    -- What a correction corrects, or the opening of a ticket that has no number yet.
    submission_id   INTEGER NOT NULL DEFAULT 0,
    -- 1 where the person has said that a closed ticket may be opened again by it.
    reopens         INTEGER NOT NULL DEFAULT 0 CHECK (reopens IN (0, 1)),
    state           TEXT    NOT NULL CHECK (state IN ('open', 'sent', 'joined', 'cancelled', 'expired')),
    -- The bot's message with the draft's buttons; 0: not sent yet.
    card_message_id INTEGER NOT NULL DEFAULT 0,
    begun_at        INTEGER NOT NULL DEFAULT 0,
    -- When an open draft is dropped, or what is gathered goes.
    due_at          INTEGER NOT NULL,
    CHECK (CASE kind
        WHEN 'correction' THEN submission_id > 0 AND ticket_id = 0
        WHEN 'going' THEN (ticket_id > 0) + (submission_id > 0) = 1
        WHEN 'closed' THEN ticket_id > 0 AND submission_id = 0
        ELSE ticket_id = 0 AND submission_id = 0
    END)
) STRICT;
INSERT INTO sqlite_sequence (name, seq) SELECT 'drafts_anew', seq FROM sqlite_sequence WHERE name = 'drafts';
INSERT INTO drafts_anew (draft_id, kind, chat_id, thread_id, user_id, subject, submission_id, state, card_message_id, due_at)
    SELECT draft_id, kind, chat_id, thread_id, user_id, subject, submission_id, state, card_message_id, due_at FROM drafts;
DROP TABLE drafts;
ALTER TABLE drafts_anew RENAME TO drafts;
CREATE INDEX drafts_of_person ON drafts (chat_id, user_id, draft_id) WHERE state = 'open';
CREATE INDEX drafts_by_card ON drafts (chat_id, card_message_id) WHERE card_message_id > 0;
CREATE INDEX drafts_due ON drafts (due_at) WHERE state = 'open';
CREATE INDEX drafts_by_age ON drafts (due_at) WHERE state <> 'open';

-- A message can be in the drafts of several people. Draft 0 is for what is kept without
-- one: the items of albums, and what a submission was made of at once.
CREATE TABLE items_anew (
    chat_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    draft_id   INTEGER NOT NULL DEFAULT 0,
    album      TEXT    NOT NULL DEFAULT '',
    -- Who is named as the author, and when they wrote it; '' where nobody has to be.
    author     TEXT    NOT NULL DEFAULT '',
    author_at  INTEGER NOT NULL DEFAULT 0,
    text       TEXT    NOT NULL,
    -- 1 where the next message goes on in the middle of this one's text.
    goes_on    INTEGER NOT NULL DEFAULT 0 CHECK (goes_on IN (0, 1)),
    file_id    TEXT    NOT NULL DEFAULT '',
    file_name  TEXT    NOT NULL DEFAULT '',
    file_size  INTEGER NOT NULL DEFAULT 0,
    kept_at    INTEGER NOT NULL,
    PRIMARY KEY (chat_id, message_id, draft_id)
) STRICT, WITHOUT ROWID;
INSERT INTO items_anew (chat_id, message_id, draft_id, album, author, author_at, text, goes_on, file_id, file_name, file_size, kept_at)
    SELECT chat_id, message_id, draft_id, album, author, author_at, text, goes_on, file_id, file_name, file_size, kept_at FROM items;
DROP TABLE items;
ALTER TABLE items_anew RENAME TO items;
CREATE INDEX items_by_draft ON items (draft_id, message_id) WHERE draft_id > 0;
CREATE INDEX items_by_album ON items (chat_id, album, message_id) WHERE album <> '';
CREATE INDEX items_by_age ON items (kept_at);

-- The draft that a submission was made of: its messages are the submission's. 0: none.
ALTER TABLE submissions ADD COLUMN draft_id INTEGER NOT NULL DEFAULT 0;
UPDATE submissions SET draft_id = coalesce((SELECT draft_id FROM drafts WHERE drafts.chat_id = submissions.chat_id
        AND card_message_id = receipt_message_id AND card_message_id > 0 AND drafts.state = 'sent' AND drafts.kind <> 'correction'), 0)
    WHERE receipt_message_id > 0;
CREATE INDEX submissions_by_draft ON submissions (draft_id) WHERE draft_id > 0;

-- What a person has in hand in a chat: where what they write next goes.
CREATE TABLE in_hand (
    hand_id    INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id    INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('draft', 'answer', 'opening', 'subject', 'search')),
    -- 1 for a line that was asked for: it stands in front of the other for one message.
    line       INTEGER NOT NULL AS (kind IN ('subject', 'search')) STORED,
    ticket_id  INTEGER NOT NULL DEFAULT 0,
    draft_id   INTEGER NOT NULL DEFAULT 0,
    -- 1 where the person has said that a closed ticket may be opened again by it.
    reopens    INTEGER NOT NULL DEFAULT 0 CHECK (reopens IN (0, 1)),
    -- The bot's message that asks; in a group only a reply to it counts. 0: not sent yet.
    message_id INTEGER NOT NULL DEFAULT 0,
    -- When it ends by itself; 0: with its draft.
    until_at   INTEGER NOT NULL,
    UNIQUE (chat_id, user_id, line),
    CHECK ((kind = 'answer') = (ticket_id > 0) AND (kind IN ('draft', 'subject')) = (draft_id > 0))
) STRICT;
INSERT INTO in_hand (chat_id, user_id, kind, ticket_id, draft_id, message_id, until_at)
    SELECT chat_id, user_id, kind, ticket_id, draft_id, message_id, asked_at + 3600 * 1000 FROM prompts;
DROP TABLE prompts;
-- What was being put together is in hand where nothing else was asked for since.
INSERT INTO in_hand (chat_id, user_id, kind, draft_id, until_at)
    SELECT chat_id, user_id, 'draft', draft_id, 0 FROM drafts WHERE state = 'open' AND kind = 'opening' ORDER BY draft_id
    ON CONFLICT DO NOTHING;

-- The last thing that a person wrote in a private chat and that went to a ticket: what
-- they write right behind it goes on to there.
CREATE TABLE going_on (
    chat_id       INTEGER NOT NULL,
    user_id       INTEGER NOT NULL,
    submission_id INTEGER NOT NULL,
    reopens       INTEGER NOT NULL DEFAULT 0 CHECK (reopens IN (0, 1)),
    written_at    INTEGER NOT NULL,
    PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;
