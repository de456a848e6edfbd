-- The groups that a member has added the bot to. Everybody in one may answer
-- there. An owner's removal ends the row, and with it all access.
CREATE TABLE groups (
    chat_id        INTEGER PRIMARY KEY,
    added_by       INTEGER NOT NULL,
    since_at       INTEGER NOT NULL,
    -- 0 while the bot is out: kicked, or gone. Nothing is sent until a member adds it again.
    present        INTEGER NOT NULL DEFAULT 1 CHECK (present IN (0, 1)),
    -- What the bot is there, as Telegram last told.
    admin          INTEGER NOT NULL DEFAULT 0 CHECK (admin IN (0, 1)),
    manages_topics INTEGER NOT NULL DEFAULT 0 CHECK (manages_topics IN (0, 1)),
    pins           INTEGER NOT NULL DEFAULT 0 CHECK (pins IN (0, 1)),
    forum          INTEGER NOT NULL DEFAULT 0 CHECK (forum IN (0, 1))
) STRICT;

-- What is said once in a chat and has been said.
CREATE TABLE told (
    chat_id INTEGER NOT NULL,
    what    TEXT    NOT NULL,
    PRIMARY KEY (chat_id, what)
) STRICT, WITHOUT ROWID;

-- How a chat, a private one too, wants its tickets, and whether what is written
-- in a ticket's topic is an answer.
ALTER TABLE chat_settings ADD COLUMN layout TEXT NOT NULL DEFAULT 'flat' CHECK (layout IN ('flat', 'topics'));
ALTER TABLE chat_settings ADD COLUMN topic_answers INTEGER NOT NULL DEFAULT 0 CHECK (topic_answers IN (0, 1));

-- The supergroup that this group has become; 0: none.
ALTER TABLE chats ADD COLUMN moved_to INTEGER NOT NULL DEFAULT 0;

-- The topic of a ticket in a chat. No call lists topics: this is the only map.
CREATE TABLE topics (
    chat_id   INTEGER NOT NULL,
    ticket_id INTEGER NOT NULL REFERENCES tickets,
    -- 0 after somebody has deleted it, until it is made anew.
    thread_id INTEGER NOT NULL,
    -- The name and the state that the bot gave it last.
    name      TEXT    NOT NULL,
    closed    INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
    PRIMARY KEY (chat_id, ticket_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX topics_by_ticket ON topics (ticket_id);
CREATE UNIQUE INDEX topics_by_thread ON topics (chat_id, thread_id) WHERE thread_id > 0;

-- Where in the chat the person's message stands; 0: in no topic.
ALTER TABLE submissions ADD COLUMN thread_id INTEGER NOT NULL DEFAULT 0;

-- The bot's message that asks; in a group only a reply to it is an answer. 0: not sent yet.
ALTER TABLE prompts ADD COLUMN message_id INTEGER NOT NULL DEFAULT 0;
