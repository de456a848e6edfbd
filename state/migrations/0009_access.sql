-- Who may use the bot, and what its owners can see, end and forget.

-- When somebody's access was taken away; 0: never, or they have it again. They are
-- refused in groups too, where everybody else may speak.
ALTER TABLE people ADD COLUMN removed_at INTEGER NOT NULL DEFAULT 0;
UPDATE people SET removed_at = since_at WHERE role = 'stranger' AND since_at > 0;
CREATE INDEX people_removed ON people (removed_at) WHERE removed_at > 0;
CREATE INDEX people_with_role ON people (role = 'owner' DESC, since_at, user_id) WHERE role <> 'stranger';
CREATE INDEX people_owners ON people (since_at, user_id) WHERE role = 'owner';
-- What strangers were told lately is remembered while the program runs, and of those who
-- were only told nothing is kept.
ALTER TABLE people DROP COLUMN told_at;
CREATE INDEX people_asking ON people (asked_at) WHERE asked_at > 0;

-- One-time links that are open. Only a hash is kept, so that a copy of the database lets
-- nobody in. A link that was used or withdrawn is gone; the audit tells of it.
CREATE TABLE open_invites (
    invite_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL CHECK (kind IN ('claim', 'invite')),
    -- Whose word it is; it is worth nothing without their rights. 0: the program's.
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CHECK ((kind = 'claim') = (created_by = 0))
) STRICT;
INSERT INTO open_invites (token_hash, kind, created_by, created_at, expires_at)
    SELECT token_hash, kind, created_by, expires_at - iif(kind = 'claim', 15 * 60, 24 * 3600) * 1000, expires_at FROM invites WHERE used_by = 0;
DROP TABLE invites;
ALTER TABLE open_invites RENAME TO invites;

-- Who did what to whose access, and who sent what where: numbers and times, no words and
-- no names.
CREATE TABLE audit (
    audit_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    event     TEXT    NOT NULL,
    -- Who did it; 0: the configuration, or nobody who is known.
    by_id     INTEGER NOT NULL DEFAULT 0,
    -- To whom.
    person_id INTEGER NOT NULL DEFAULT 0,
    chat_id   INTEGER NOT NULL DEFAULT 0,
    ticket_id INTEGER NOT NULL DEFAULT 0,
    -- Which setting, by its name in the program.
    detail    TEXT    NOT NULL DEFAULT ''
) STRICT;

-- What strangers do waits behind what people with access do.
ALTER TABLE inbox ADD COLUMN stranger INTEGER NOT NULL DEFAULT 0 CHECK (stranger IN (0, 1));
CREATE INDEX inbox_next ON inbox (stranger, due_at, seq) WHERE state = 'pending';
CREATE INDEX inbox_strangers ON inbox (received_at) WHERE state = 'done' AND stranger = 1;
-- And what they are told behind the news: priority 2. A CHECK is part of the table's text
-- alone, and SQLite documents this way to change it where nothing that is stored changes
-- (lang_altertable, section 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (priority IN (0, 1))', 'CHECK (priority IN (0, 1, 2))') WHERE type = 'table' AND name = 'outbox';
PRAGMA writable_schema = RESET;
CREATE INDEX outbox_strangers ON outbox (ended_at) WHERE priority = 2 AND ended_at > 0;

-- When the words of a ticket that has been closed for long were erased; 0: they are there.
ALTER TABLE tickets ADD COLUMN blanked_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tickets_to_blank ON tickets (iif(last_activity_at > 0, last_activity_at, fetched_at)) WHERE open = 0 AND blanked_at = 0;
CREATE INDEX submissions_to_blank ON submissions (created_at) WHERE state = 'cancelled' AND text <> '';
-- Where the words of a ticket's posts stand in the index.
CREATE INDEX post_words_by_ticket ON post_words_content (c1ticket_id, c2post_id);
