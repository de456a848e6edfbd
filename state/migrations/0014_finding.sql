-- Telephone numbers of subjects (post 0) and posts, by their digits from the last to the
-- first: with a code or without it, a number begins alike. The program has the function
-- telephones, which returns those of a text as a JSON array. The triggers keep them in
-- the transaction that changes what is indexed.
CREATE TABLE telephones (
    digits    TEXT    NOT NULL,
    ticket_id INTEGER NOT NULL,
    post_id   INTEGER NOT NULL,
    PRIMARY KEY (digits, ticket_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX telephones_by_post ON telephones (ticket_id, post_id);

CREATE TRIGGER subject_telephones_added AFTER INSERT ON tickets BEGIN
    INSERT INTO telephones (digits, ticket_id, post_id) SELECT value, new.ticket_id, 0 FROM json_each(telephones(new.subject));
END;
CREATE TRIGGER subject_telephones_changed AFTER UPDATE OF subject ON tickets WHEN new.subject <> old.subject BEGIN
    DELETE FROM telephones WHERE ticket_id = new.ticket_id AND post_id = 0;
    INSERT INTO telephones (digits, ticket_id, post_id) SELECT value, new.ticket_id, 0 FROM json_each(telephones(new.subject));
END;
CREATE TRIGGER post_telephones_added AFTER INSERT ON posts BEGIN
    INSERT INTO telephones (digits, ticket_id, post_id) SELECT value, new.ticket_id, new.post_id FROM json_each(telephones(new.text));
END;
CREATE TRIGGER post_telephones_changed AFTER UPDATE OF text ON posts WHEN new.text <> old.text BEGIN
    DELETE FROM telephones WHERE ticket_id = new.ticket_id AND post_id = new.post_id;
    INSERT INTO telephones (digits, ticket_id, post_id) SELECT value, new.ticket_id, new.post_id FROM json_each(telephones(new.text));
END;

INSERT INTO telephones (digits, ticket_id, post_id)
    SELECT value, ticket_id, 0 FROM tickets, json_each(telephones(subject))
    UNION ALL SELECT value, ticket_id, post_id FROM posts, json_each(telephones(text));

-- What was looked for, so that the buttons under what was found turn its pages.
CREATE TABLE searches (
    search_id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id   INTEGER NOT NULL,
    words     TEXT    NOT NULL,
    made_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX searches_by_chat ON searches (chat_id);
CREATE INDEX searches_by_age ON searches (made_at);
-- Up to which post of the staff's a ticket is settled here: it is on nobody's list before
-- the next one. Plusofon knows nothing of it.
CREATE TABLE resolved (
    ticket_id INTEGER PRIMARY KEY REFERENCES tickets,
    post_id   INTEGER NOT NULL
) STRICT;

-- What the staff has answered in a chat's quiet hours that are not over.
CREATE TABLE nights (
    chat_id   INTEGER NOT NULL,
    ticket_id INTEGER NOT NULL REFERENCES tickets,
    answers   INTEGER NOT NULL,
    ends_at   INTEGER NOT NULL,
    PRIMARY KEY (chat_id, ticket_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX nights_by_end ON nights (ends_at);
