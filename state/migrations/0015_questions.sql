-- The bot's questions in groups that are still to be seen: they are deleted once they are
-- answered or ended.
CREATE TABLE questions (
    chat_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;
