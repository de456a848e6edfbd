-- What was chosen for a chat; a chat without a row has the defaults.
CREATE TABLE chat_settings (
    chat_id       INTEGER PRIMARY KEY,
    -- '': as the person's Telegram says.
    language      TEXT    NOT NULL DEFAULT '' CHECK (language IN ('', 'ru', 'en')),
    news          TEXT    NOT NULL DEFAULT 'bound' CHECK (news IN ('bound', 'all', 'none')),
    -- Hours of the day; equal: no quiet hours.
    quiet_from    INTEGER NOT NULL DEFAULT 0 CHECK (quiet_from BETWEEN 0 AND 23),
    quiet_to      INTEGER NOT NULL DEFAULT 0 CHECK (quiet_to BETWEEN 0 AND 23),
    -- '': the zone of the configuration.
    zone          TEXT    NOT NULL DEFAULT '',
    -- After how many working hours of the staff's silence it is told of; 0: never.
    waiting_hours INTEGER NOT NULL DEFAULT 4 CHECK (waiting_hours BETWEEN 0 AND 90)
) STRICT;
CREATE INDEX chat_settings_all ON chat_settings (chat_id) WHERE news = 'all';

-- 1: the chat hears of the ticket only while it hears of all tickets; the row is
-- there for the ticket's last message and its sound.
ALTER TABLE bindings ADD COLUMN as_all INTEGER NOT NULL DEFAULT 0 CHECK (as_all IN (0, 1));

-- The tickets in which somebody waits for the staff since his post.
CREATE TABLE waits (
    ticket_id INTEGER PRIMARY KEY REFERENCES tickets,
    post_id   INTEGER NOT NULL,
    chat_id   INTEGER NOT NULL,
    user_id   INTEGER NOT NULL,
    since_at  INTEGER NOT NULL,
    -- When he was last told that it takes long; 0: never.
    told_at   INTEGER NOT NULL DEFAULT 0,
    -- When to look whether he still waits, and tell him; 0: not at all.
    due_at    INTEGER NOT NULL,
    -- 1: he does not want to hear of it until his next post.
    dismissed INTEGER NOT NULL DEFAULT 0 CHECK (dismissed IN (0, 1)),
    CHECK (dismissed = 0 OR due_at = 0)
) STRICT;
CREATE INDEX waits_due ON waits (due_at) WHERE due_at > 0;
CREATE INDEX waits_by_chat ON waits (chat_id);
