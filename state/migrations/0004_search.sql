-- The words of subjects and posts, for searching. FTS4, not FTS5: the driver
-- builds FTS5 in only behind a build tag, which `go run .` and `go test ./...`
-- don't give. unicode61 knows Russian letters' cases; й stays й, for diacritics
-- are kept, and ё is written as е here and in what is searched for.
--
-- The triggers keep the index in the transaction that changes what is indexed.
CREATE VIRTUAL TABLE subject_words USING fts4(words, tokenize=unicode61 "remove_diacritics=0");
CREATE VIRTUAL TABLE post_words USING fts4(words, ticket_id, post_id, notindexed=ticket_id, notindexed=post_id,
    tokenize=unicode61 "remove_diacritics=0");

CREATE TRIGGER subject_words_added AFTER INSERT ON tickets BEGIN
    INSERT INTO subject_words (docid, words) VALUES (new.ticket_id, replace(replace(new.subject, 'ё', 'е'), 'Ё', 'Е'));
END;
CREATE TRIGGER subject_words_changed AFTER UPDATE OF subject ON tickets WHEN new.subject <> old.subject BEGIN
    UPDATE subject_words SET words = replace(replace(new.subject, 'ё', 'е'), 'Ё', 'Е') WHERE docid = new.ticket_id;
END;
CREATE TRIGGER post_words_added AFTER INSERT ON posts BEGIN
    INSERT INTO post_words (words, ticket_id, post_id) VALUES (replace(replace(new.text, 'ё', 'е'), 'Ё', 'Е'), new.ticket_id, new.post_id);
END;

INSERT INTO subject_words (docid, words) SELECT ticket_id, replace(replace(subject, 'ё', 'е'), 'Ё', 'Е') FROM tickets;
INSERT INTO post_words (words, ticket_id, post_id) SELECT replace(replace(text, 'ё', 'е'), 'Ё', 'Е'), ticket_id, post_id FROM posts
    ORDER BY ticket_id, post_id;
