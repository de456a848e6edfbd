-- A state says what is, and a reason, where there is one, why. What was kept as
-- one state with several reasons, by the words that it was kept by:
CREATE TABLE meanings (
    was    TEXT PRIMARY KEY, -- state and reason
    state  TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meanings (was, state, reason) VALUES
    ('failed mention', 'held', 'mention'),
    ('failed not_found', 'refused', 'not_found'),
    ('failed refused', 'refused', 'refused'),
    ('failed no_access', 'refused', 'no_access'),
    ('failed no_opening', 'failed', 'no_opening'),
    ('failed fails', 'failed', 'fails'),
    ('failed gave_up', 'parked', 'gave_up'),
    ('queued waiting', 'waiting', ''),
    ('sending waiting', 'sending', ''),
    ('cancelled mention', 'cancelled', 'mention'),
    ('cancelled not_found', 'cancelled', ''),
    ('cancelled refused', 'cancelled', ''),
    ('cancelled no_access', 'cancelled', ''),
    ('cancelled no_opening', 'cancelled', ''),
    ('cancelled fails', 'cancelled', ''),
    ('cancelled gave_up', 'cancelled', '');

CREATE TABLE submissions_anew (
    submission_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind               TEXT    NOT NULL CHECK (kind IN ('opening', 'answer')),
    chat_id            INTEGER NOT NULL,
    message_id         INTEGER NOT NULL,
    -- Where in the chat that message stands; 0: in no topic.
    thread_id          INTEGER NOT NULL DEFAULT 0,
    user_id            INTEGER NOT NULL,
    ticket_id          INTEGER NOT NULL DEFAULT 0,
    post_id            INTEGER NOT NULL DEFAULT 0,
    -- The opening whose ticket an answer waits for; 0: its ticket is known.
    opening_id         INTEGER NOT NULL DEFAULT 0,
    subject            TEXT    NOT NULL DEFAULT '',
    text               TEXT    NOT NULL,
    state              TEXT    NOT NULL CHECK (state IN ('held', 'queued', 'waiting', 'sending', 'unknown', 'doubtful',
                                   'parked', 'refused', 'failed', 'delivered', 'cancelled')),
    -- Why it is held, parked, refused or failed. What was held and is cancelled
    -- keeps its reason: what was meant for a colleague is none of the ticket's.
    reason             TEXT    NOT NULL DEFAULT '',
    -- The server's words that go with the reason.
    detail             TEXT    NOT NULL DEFAULT '',
    receipt_message_id INTEGER NOT NULL DEFAULT 0,
    -- The newest ticket or post known when the request was sent: what is newer may be its effect.
    sent_after         INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL,
    UNIQUE (chat_id, message_id),
    CHECK (kind = 'opening' OR ticket_id > 0 OR opening_id > 0),
    CHECK (CASE state
        WHEN 'held' THEN reason IN ('mention', 'reply', 'closed')
        WHEN 'parked' THEN reason IN ('gave_up')
        WHEN 'refused' THEN reason IN ('not_found', 'refused', 'no_access')
        WHEN 'failed' THEN reason IN ('no_opening', 'fails')
        WHEN 'cancelled' THEN reason IN ('', 'mention', 'reply', 'closed')
        ELSE reason = ''
    END)
) STRICT;
INSERT INTO sqlite_sequence (name, seq) SELECT 'submissions_anew', seq FROM sqlite_sequence WHERE name = 'submissions';
INSERT INTO submissions_anew (submission_id, kind, chat_id, message_id, thread_id, user_id, ticket_id, post_id, opening_id, subject, text,
        state, reason, detail, receipt_message_id, sent_after, created_at)
    SELECT submission_id, kind, chat_id, message_id, thread_id, user_id, ticket_id, post_id, opening_id, subject, text,
        coalesce(m.state, s.state), coalesce(m.reason, iif(s.state = 'failed', 'fails', '')), detail, receipt_message_id, sent_after, created_at
    FROM submissions AS s LEFT JOIN meanings AS m ON m.was = s.state || ' ' || s.reason;

-- Both refer to submissions, so that they are made anew as well.
CREATE TABLE parts_anew (
    chat_id       INTEGER NOT NULL,
    message_id    INTEGER NOT NULL,
    submission_id INTEGER NOT NULL REFERENCES submissions_anew,
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;
INSERT INTO parts_anew (chat_id, message_id, submission_id) SELECT chat_id, message_id, submission_id FROM parts;

CREATE TABLE files_anew (
    submission_id INTEGER NOT NULL REFERENCES submissions_anew,
    n             INTEGER NOT NULL,
    file_id       TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    size          INTEGER NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('queued', 'delivered', 'failed', 'doubtful')),
    -- Why it has failed.
    reason        TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (submission_id, n),
    CHECK (CASE state WHEN 'failed' THEN reason IN ('too_big', 'gone', 'refused', 'fails', 'gave_up') ELSE reason = '' END)
) STRICT, WITHOUT ROWID;
INSERT INTO files_anew (submission_id, n, file_id, name, size, state, reason)
    SELECT submission_id, n, file_id, name, size, iif(state = 'failed' AND reason = 'file_doubtful', 'doubtful', state),
        CASE
            WHEN state <> 'failed' OR reason = 'file_doubtful' THEN ''
            WHEN reason IN ('file_too_big', 'file_gone', 'file_refused', 'file_gave_up') THEN substr(reason, length('file_') + 1)
            ELSE 'fails'
        END
    FROM files;

DROP TABLE parts;
DROP TABLE files;
DROP TABLE submissions;
ALTER TABLE submissions_anew RENAME TO submissions;
ALTER TABLE parts_anew RENAME TO parts;
ALTER TABLE files_anew RENAME TO files;

CREATE INDEX submissions_by_receipt ON submissions (chat_id, receipt_message_id) WHERE receipt_message_id > 0;
CREATE INDEX submissions_by_user ON submissions (user_id);
CREATE INDEX submissions_undecided ON submissions (submission_id) WHERE state IN ('held', 'doubtful', 'parked', 'refused', 'failed');
CREATE INDEX submissions_waiting ON submissions (opening_id) WHERE opening_id > 0 AND ticket_id = 0;
CREATE INDEX submissions_in_flight ON submissions (ticket_id) WHERE state IN ('sending', 'unknown', 'doubtful');
CREATE UNIQUE INDEX submissions_opened ON submissions (ticket_id) WHERE kind = 'opening' AND ticket_id > 0;
CREATE UNIQUE INDEX submissions_posted ON submissions (ticket_id, post_id) WHERE post_id > 0;
CREATE INDEX parts_by_submission ON parts (submission_id);

CREATE TABLE outbox_anew (
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
    -- How often nobody could tell what came of its request.
    unknowns   INTEGER NOT NULL DEFAULT 0,
    -- Read-backs in a row that found no trace of the request.
    checks     INTEGER NOT NULL DEFAULT 0 CHECK (checks >= 0),
    -- 1 once the request was answered with success: its effect is looked for, and
    -- the request is never repeated.
    succeeded  INTEGER NOT NULL DEFAULT 0 CHECK (succeeded IN (0, 1)),
    due_at     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0,
    error      TEXT    NOT NULL DEFAULT '',
    -- What has led to the request: the same in the log from an update to its effects.
    trace      TEXT    NOT NULL DEFAULT '',
    CHECK (kind IN ('call', 'file') AND side = 'telegram' OR kind IN ('open', 'answer', 'attach', 'fetch') AND side = 'plusofon'),
    CHECK (succeeded = 0 OR state NOT IN ('queued', 'sending')),
    CHECK ((ended_at > 0) = (state IN ('done', 'refused', 'parked', 'cancelled')))
) STRICT;
INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox_anew', seq FROM sqlite_sequence WHERE name = 'outbox';
-- A request that was answered with success had its read-backs counted from -2.
INSERT INTO outbox_anew (id, side, lane, priority, kind, payload, key, state, attempts, unknowns, checks, succeeded,
        due_at, created_at, ended_at, error, trace)
    SELECT id, side, lane, priority, kind, payload, key, state, attempts, unknowns, iif(checks < 0, max(checks + 2, 0), checks), checks < 0,
        due_at, created_at, ended_at, error, trace
    FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_anew RENAME TO outbox;

-- The open rows of a lane in the order in which they go: what is under way comes
-- before whatever waits, however urgent.
CREATE INDEX outbox_open ON outbox (side, lane, (state = 'queued'), priority, id) WHERE ended_at = 0;
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';
CREATE UNIQUE INDEX outbox_once ON outbox (key) WHERE key IS NOT NULL AND state = 'queued';
CREATE INDEX outbox_parked ON outbox (side, lane) WHERE state = 'parked';
CREATE INDEX outbox_by_age ON outbox (ended_at) WHERE ended_at > 0;

-- What a ticket is read for is one value and not a flag for each.
UPDATE outbox SET payload = json_set(json_remove(payload, '$.edit', '$.follow', '$.export', '$.waits'), '$.purpose', CASE
        WHEN payload ->> '$.waits' THEN 'wait'
        WHEN payload ->> '$.follow' THEN 'follow'
        WHEN payload ->> '$.export' THEN 'export'
        WHEN payload ->> '$.edit' THEN 'page'
        ELSE 'history'
    END)
    WHERE kind = 'fetch' AND json_valid(payload);

-- A receipt that waits to be sent names the state that it tells of.
UPDATE outbox SET payload = json_set(payload, '$.stage', m.state || ' ' || m.reason || substr(staged.stage, length(m.was) + 1))
    FROM meanings AS m, (SELECT id, payload ->> '$.stage' AS stage FROM outbox WHERE kind = 'call' AND json_valid(payload)) AS staged
    WHERE outbox.id = staged.id AND substr(staged.stage, 1, length(m.was) + 1) = m.was || ' ';
DROP TABLE meanings;
