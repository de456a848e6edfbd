-- What the program itself remembers: the next offset, the account, the baseline.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Everybody who ever wrote to the bot. Who has no role is a stranger.
CREATE TABLE people (
    user_id  INTEGER PRIMARY KEY,
    name     TEXT    NOT NULL,
    username TEXT    NOT NULL DEFAULT '',
    language TEXT    NOT NULL DEFAULT '',
    role     TEXT    NOT NULL CHECK (role IN ('owner', 'member', 'stranger')),
    source   TEXT    NOT NULL DEFAULT '' CHECK (source IN ('', 'config', 'claim', 'invite', 'owner')),
    since_at INTEGER NOT NULL,
    -- When a stranger was last told that the bot is closed, and when he asked to be let in.
    told_at  INTEGER NOT NULL DEFAULT 0,
    asked_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One-time links. Only a hash is kept, so a copy of the database lets nobody in.
CREATE TABLE invites (
    token_hash TEXT PRIMARY KEY,
    kind       TEXT    NOT NULL CHECK (kind IN ('claim', 'invite')),
    created_by INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_by    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE chats (
    chat_id    INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL CHECK (kind IN ('private', 'group', 'supergroup')),
    title      TEXT    NOT NULL DEFAULT '',
    -- 0 once the chat has refused a reaction: words are used there.
    reactions  INTEGER NOT NULL DEFAULT 1 CHECK (reactions IN (0, 1)),
    -- When the chat answered 403; 0 while it can be written to.
    blocked_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE tickets (
    ticket_id        INTEGER PRIMARY KEY,
    subject          TEXT    NOT NULL,
    open             INTEGER NOT NULL CHECK (open IN (0, 1)),
    last_activity_at INTEGER NOT NULL DEFAULT 0,
    last_side        TEXT    NOT NULL DEFAULT '' CHECK (last_side IN ('', 'staff', 'customer')),
    -- 1 where the list says that a customer opened it.
    by_customer      INTEGER NOT NULL DEFAULT 0 CHECK (by_customer IN (0, 1)),
    -- The list that it was last seen in, and its element there: another list, or
    -- another element, means news. '' once it has left the open list and was read.
    listed           TEXT    NOT NULL DEFAULT '' CHECK (listed IN ('', 'open', 'closed')),
    fingerprint      TEXT    NOT NULL DEFAULT '',
    -- When the ticket itself, with its posts, was last read; 0: never.
    fetched_at       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX tickets_by_activity ON tickets (open, last_activity_at DESC, ticket_id DESC);
CREATE INDEX tickets_by_list ON tickets (listed);
CREATE INDEX tickets_unread ON tickets (ticket_id) WHERE open = 1 AND fetched_at = 0;

CREATE TABLE posts (
    ticket_id     INTEGER NOT NULL REFERENCES tickets,
    post_id       INTEGER NOT NULL,
    side          TEXT    NOT NULL CHECK (side IN ('staff', 'customer')),
    author_id     TEXT    NOT NULL,
    author_name   TEXT    NOT NULL,
    posted_at     INTEGER NOT NULL,
    text          TEXT    NOT NULL,
    submission_id INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (ticket_id, post_id)
) STRICT, WITHOUT ROWID;

-- The authors of this account's own posts.
CREATE INDEX posts_own ON posts (author_id, author_name) WHERE submission_id > 0;

CREATE TABLE attachments (
    ticket_id INTEGER NOT NULL,
    post_id   INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    PRIMARY KEY (ticket_id, post_id, n),
    FOREIGN KEY (ticket_id, post_id) REFERENCES posts
) STRICT, WITHOUT ROWID;

-- Which chats get a ticket's news.
CREATE TABLE bindings (
    chat_id         INTEGER NOT NULL,
    ticket_id       INTEGER NOT NULL REFERENCES tickets,
    muted           INTEGER NOT NULL DEFAULT 0 CHECK (muted IN (0, 1)),
    -- The ticket's last message there: the next one replies to it.
    last_message_id INTEGER NOT NULL DEFAULT 0,
    bound_at        INTEGER NOT NULL,
    PRIMARY KEY (chat_id, ticket_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bindings_by_ticket ON bindings (ticket_id);

-- Which ticket a message belongs to. Kept for ever: a reply may come years later.
CREATE TABLE messages (
    chat_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    ticket_id  INTEGER NOT NULL,
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;

-- The bot's open question to a person in a chat.
CREATE TABLE prompts (
    chat_id   INTEGER NOT NULL,
    user_id   INTEGER NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('opening', 'answer')),
    ticket_id INTEGER NOT NULL DEFAULT 0,
    asked_at  INTEGER NOT NULL,
    PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;

-- What a person sends to Plusofon: the opening of a ticket or an answer to one.
CREATE TABLE submissions (
    submission_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind               TEXT    NOT NULL CHECK (kind IN ('opening', 'answer')),
    chat_id            INTEGER NOT NULL,
    message_id         INTEGER NOT NULL,
    user_id            INTEGER NOT NULL,
    ticket_id          INTEGER NOT NULL DEFAULT 0,
    post_id            INTEGER NOT NULL DEFAULT 0,
    -- The opening whose ticket an answer waits for; 0: its ticket is known.
    opening_id         INTEGER NOT NULL DEFAULT 0,
    subject            TEXT    NOT NULL DEFAULT '',
    text               TEXT    NOT NULL,
    state              TEXT    NOT NULL CHECK (state IN ('queued', 'sending', 'unknown', 'doubtful', 'delivered', 'failed', 'cancelled')),
    -- A key of the catalogue and the words of the server that go with it.
    reason             TEXT    NOT NULL DEFAULT '',
    detail             TEXT    NOT NULL DEFAULT '',
    receipt_message_id INTEGER NOT NULL DEFAULT 0,
    -- The newest ticket or post known when the request was sent: what is newer may be its effect.
    sent_after         INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL,
    UNIQUE (chat_id, message_id),
    CHECK (kind = 'opening' OR ticket_id > 0 OR opening_id > 0)
) STRICT;
CREATE INDEX submissions_by_receipt ON submissions (chat_id, receipt_message_id) WHERE receipt_message_id > 0;
CREATE INDEX submissions_by_user ON submissions (user_id);
CREATE INDEX submissions_undecided ON submissions (submission_id) WHERE state IN ('failed', 'doubtful');
CREATE INDEX submissions_waiting ON submissions (opening_id) WHERE opening_id > 0 AND ticket_id = 0;
CREATE INDEX submissions_in_flight ON submissions (ticket_id) WHERE state IN ('sending', 'unknown', 'doubtful');
CREATE UNIQUE INDEX submissions_opened ON submissions (ticket_id) WHERE kind = 'opening' AND ticket_id > 0;
CREATE UNIQUE INDEX submissions_posted ON submissions (ticket_id, post_id) WHERE post_id > 0;

-- The further messages that make up a submission: the items of an album, the
-- pieces of a text that a client has split.
CREATE TABLE parts (
    chat_id       INTEGER NOT NULL,
    message_id    INTEGER NOT NULL,
    submission_id INTEGER NOT NULL REFERENCES submissions,
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX parts_by_submission ON parts (submission_id);

CREATE TABLE files (
    submission_id INTEGER NOT NULL REFERENCES submissions,
    n             INTEGER NOT NULL,
    file_id       TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    size          INTEGER NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('queued', 'delivered', 'failed')),
    reason        TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (submission_id, n)
) STRICT, WITHOUT ROWID;

-- What came in and is not yet decided about.
CREATE TABLE inbox (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT    NOT NULL UNIQUE,
    chat_id     INTEGER NOT NULL,
    -- Updates of one group are one event: the items of an album.
    group_key   TEXT    NOT NULL DEFAULT '',
    payload     TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'unreadable')),
    due_at      INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_pending ON inbox (chat_id, seq) WHERE state = 'pending';
CREATE INDEX inbox_groups ON inbox (group_key) WHERE state = 'pending' AND group_key <> '';
CREATE INDEX inbox_due ON inbox (due_at, seq) WHERE state = 'pending';
CREATE INDEX inbox_by_age ON inbox (received_at) WHERE state = 'done';
CREATE INDEX inbox_aside ON inbox (seq) WHERE state IN ('failed', 'unreadable');

-- What goes out: one row is one request.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    side       TEXT    NOT NULL CHECK (side IN ('telegram', 'plusofon')),
    -- Rows of one lane go one after another, different lanes side by side.
    lane       TEXT    NOT NULL,
    priority   INTEGER NOT NULL CHECK (priority IN (0, 1)),
    kind       TEXT    NOT NULL,
    payload    TEXT    NOT NULL,
    -- What may wait only once; NULL where it doesn't matter.
    key        TEXT,
    state      TEXT    NOT NULL CHECK (state IN ('queued', 'sending', 'unknown', 'done', 'refused', 'parked', 'cancelled')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    -- Read-backs in a row that found no trace of a request of unknown outcome.
    checks     INTEGER NOT NULL DEFAULT 0,
    due_at     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0,
    error      TEXT    NOT NULL DEFAULT '',
    CHECK ((ended_at > 0) = (state IN ('done', 'refused', 'parked', 'cancelled')))
) STRICT;
-- The open rows of a lane in the order in which they go: what is under way comes
-- before whatever waits, however urgent.
CREATE INDEX outbox_open ON outbox (side, lane, (state = 'queued'), priority, id) WHERE ended_at = 0;
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';
CREATE UNIQUE INDEX outbox_once ON outbox (key) WHERE key IS NOT NULL AND state = 'queued';
CREATE INDEX outbox_parked ON outbox (side, lane) WHERE state = 'parked';
CREATE INDEX outbox_by_age ON outbox (ended_at) WHERE ended_at > 0;
