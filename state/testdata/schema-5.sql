-- A database of schema 5. It stands for the files that programs of that schema have left: never change it.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta (key, value) VALUES
  ('account_email', 'buh@romashka.example'),
  ('account_name', 'ООО «Ромашка»'),
  ('alarm_access', ''),
  ('alarm_conflict', 'on'),
  ('alarm_disk', 'on'),
  ('alarm_stuck', ''),
  ('baseline_closed', '2026-02-01T08:00:03Z'),
  ('baseline_open', '2026-02-01T08:00:00Z'),
  ('bot_id', '7000001'),
  ('bot_name', 'romashka_support_bot'),
  ('copied_at', '1772449500000'),
  ('offset', '870123456'),
  ('plusofon_polled_at', '1772449200000'),
  ('plusofon_trouble', 'on'),
  ('private_topics', 'on'),
  ('reads_groups', '');
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
INSERT INTO people (user_id, name, username, language, role, source, since_at, told_at, asked_at) VALUES
  (100, 'Анна Королёва', 'anna_k', 'ru', 'owner', 'config', 1769442000000, 0, 0),
  (101, 'Борис', '', 'ru', 'owner', 'claim', 1769502000000, 0, 0),
  (102, 'Vera O''Neil', 'vera', 'en', 'owner', 'owner', 1769562000000, 0, 0),
  (103, 'Глеб 🎧', 'gleb', '', 'member', 'invite', 1770042000000, 0, 1770041400000),
  (104, '', '', '', 'member', 'owner', 1770102000000, 1770096000000, 1770099000000),
  (900, 'Случайный прохожий', 'passer_by', 'ru', 'stranger', '', 1772436000000, 1772442600000, 1772436600000),
  (901, 'Former Member', '', 'en', 'stranger', '', 1770642000000, 0, 0);
CREATE TABLE invites (
    token_hash TEXT PRIMARY KEY,
    kind       TEXT    NOT NULL CHECK (kind IN ('claim', 'invite')),
    created_by INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_by    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO invites (token_hash, kind, created_by, expires_at, used_by) VALUES
  ('49db97ac38cd06024e0e4d872e9f02bf8d569a7feaf36ad23a1a38ebe3f7a582', 'claim', 0, 1769502900000, 101),
  ('52a044047ff9a23d0c1c392c949beb6c8441ac02fbe874304540f88457351a65', 'invite', 102, 1772355600000, 0),
  ('7842d79d7ab867d441c32c3f3344d94e84e9cf0c7b22c624405cba0cd39185bc', 'invite', 100, 1772528400000, 0),
  ('c768f61e674e4d32b93313e1d87dae817319272169b8086e03f16a041e293bb1', 'invite', 100, 1770102000000, 103),
  ('f68608a47f8d51af060ce50a984b583002c6e0520a4f3bef91e537b65d5b06aa', 'claim', 0, 1772442900000, 0);
CREATE TABLE chats (
    chat_id    INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL CHECK (kind IN ('private', 'group', 'supergroup')),
    title      TEXT    NOT NULL DEFAULT '',
    -- 0 once the chat has refused a reaction: words are used there.
    reactions  INTEGER NOT NULL DEFAULT 1 CHECK (reactions IN (0, 1)),
    -- When the chat answered 403; 0 while it can be written to.
    blocked_at INTEGER NOT NULL DEFAULT 0
, moved_to INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO chats (chat_id, kind, title, reactions, blocked_at, moved_to) VALUES
  (-1009876543210, 'supergroup', 'Бывшая группа', 1, 1772446200000, 0),
  (-1001234567890, 'supergroup', 'Support & «друзья»', 0, 0, 0),
  (-401, 'group', 'Бывшая группа', 1, 0, -1009876543210),
  (-400, 'group', 'Отдел продаж', 1, 0, 0),
  (100, 'private', '', 1, 0, 0),
  (101, 'private', '', 1, 1772445600000, 0),
  (102, 'private', '', 0, 0, 0),
  (103, 'private', '', 1, 0, 0);
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
INSERT INTO tickets (ticket_id, subject, open, last_activity_at, last_side, by_customer, listed, fingerprint, fetched_at) VALUES
  (23501, 'Закрытый вопрос о счёте', 0, 1771242000000, 'staff', 1, 'closed', '9f1c', 1771242600000),
  (23510, 'Closed, and never listed since', 0, 1771542000000, 'customer', 0, '', '', 1771542600000),
  (23520, 'Был открыт, вышел из списка', 1, 1771902000000, 'customer', 1, '', '77aa', 1771902600000),
  (23624, 'Нет гудка на линии 8 800', 1, 1772447400000, 'staff', 1, 'open', '51d0', 1772447460000),
  (23630, 'Тишина в трубке, ещё и эхо (уточнено)', 1, 1772444400000, 'customer', 1, 'open', 'ab12', 1772447700000),
  (23640, 'Ticket opened from the bot', 1, 1772445000000, 'customer', 1, 'open', 'c0de', 1772447760000),
  (23655, '', 1, 1772443800000, '', 0, 'open', 'beef', 0),
  (23660, 'Ёлка на проводе', 1, 1772444100000, 'customer', 1, 'open', 'e10c', 1772447820000);
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
INSERT INTO posts (ticket_id, post_id, side, author_id, author_name, posted_at, text, submission_id) VALUES
  (23501, 400, 'customer', '55', 'buh@romashka.example', 1771182000000, 'Пришлите счёт за февраль', 0),
  (23501, 401, 'staff', '7', 'Мария', 1771242000000, '<p>Счёт во вложении.</p>', 0),
  (23510, 410, 'customer', '55', 'buh@romashka.example', 1771542000000, 'Спасибо', 0),
  (23520, 420, 'customer', '55', 'buh@romashka.example', 1771902000000, 'Ещё вопрос', 0),
  (23624, 501, 'customer', '55', 'buh@romashka.example', 1772438400000, 'Утром пропал гудок.'||char(10)||char(10)||'— Анна Королёва', 1),
  (23624, 502, 'staff', '8', 'Пётр', 1772442000000, '<p>Здравствуйте!</p><p>Перезагрузите <b>шлюз</b> и пришлите журнал.</p>', 0),
  (23624, 503, 'customer', '55', 'buh@romashka.example', 1772443800000, 'Перезагрузили, журнал во вложении'||char(10)||char(10)||'— Борис', 2),
  (23624, 504, 'staff', '8', 'Пётр', 1772447400000, 'Смотрим', 0),
  (23630, 510, 'customer', '55', 'buh@romashka.example', 1772444400000, 'Эхо, всё ещё эхо', 0),
  (23640, 520, 'customer', '55', 'buh@romashka.example', 1772444700000, 'First words', 15),
  (23640, 521, 'customer', '55', 'buh@romashka.example', 1772445000000, 'And what was written before the ticket existed', 16),
  (23660, 530, 'customer', '55', 'buh@romashka.example', 1772444100000, 'Ёж сидит на линии', 0);
CREATE TABLE attachments (
    ticket_id INTEGER NOT NULL,
    post_id   INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    PRIMARY KEY (ticket_id, post_id, n),
    FOREIGN KEY (ticket_id, post_id) REFERENCES posts
) STRICT, WITHOUT ROWID;
INSERT INTO attachments (ticket_id, post_id, n, name) VALUES
  (23501, 401, 0, 'счёт.pdf'),
  (23624, 503, 0, 'gateway.log'),
  (23624, 503, 1, 'фото.jpg');
CREATE TABLE bindings (
    chat_id         INTEGER NOT NULL,
    ticket_id       INTEGER NOT NULL REFERENCES tickets,
    muted           INTEGER NOT NULL DEFAULT 0 CHECK (muted IN (0, 1)),
    -- The ticket's last message there: the next one replies to it.
    last_message_id INTEGER NOT NULL DEFAULT 0,
    bound_at        INTEGER NOT NULL, as_all INTEGER NOT NULL DEFAULT 0 CHECK (as_all IN (0, 1)),
    PRIMARY KEY (chat_id, ticket_id)
) STRICT, WITHOUT ROWID;
INSERT INTO bindings (chat_id, ticket_id, muted, last_message_id, bound_at, as_all) VALUES
  (-1001234567890, 23501, 0, 0, 1771242000000, 0),
  (-1001234567890, 23624, 0, 6003, 1772440260000, 1),
  (-400, 23624, 0, 2005, 1772440200000, 0),
  (100, 23501, 0, 990, 1771182600000, 0),
  (100, 23624, 0, 1010, 1772438460000, 0),
  (100, 23630, 1, 1012, 1772444460000, 0),
  (100, 23640, 0, 1090, 1772444760000, 1),
  (100, 23655, 1, 0, 1772443860000, 1),
  (101, 23624, 0, 0, 1772443860000, 0),
  (102, 23640, 0, 3003, 1772444760000, 0);
CREATE TABLE messages (
    chat_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    ticket_id  INTEGER NOT NULL,
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;
INSERT INTO messages (chat_id, message_id, ticket_id) VALUES
  (-1001234567890, 6001, 23624),
  (-1001234567890, 6003, 23624),
  (-400, 2005, 23624),
  (100, 985, 23501),
  (100, 990, 23501),
  (100, 1001, 23624),
  (100, 1010, 23624),
  (100, 1012, 23630),
  (101, 1501, 23624),
  (102, 3001, 23640),
  (102, 3003, 23640);
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
    created_at         INTEGER NOT NULL, thread_id INTEGER NOT NULL DEFAULT 0,
    UNIQUE (chat_id, message_id),
    CHECK (kind = 'opening' OR ticket_id > 0 OR opening_id > 0)
) STRICT;
INSERT INTO submissions (submission_id, kind, chat_id, message_id, user_id, ticket_id, post_id, opening_id, subject, text, state, reason, detail, receipt_message_id, sent_after, created_at, thread_id) VALUES
  (1, 'opening', 100, 1001, 100, 23624, 501, 0, 'Нет гудка на линии 8 800', 'Утром пропал гудок.'||char(10)||char(10)||'— Анна Королёва', 'delivered', '', '', 1002, 23520, 1772438340000, 0),
  (2, 'answer', 101, 1501, 101, 23624, 503, 0, '', 'Перезагрузили, журнал во вложении'||char(10)||char(10)||'— Борис', 'delivered', '', '', 1502, 502, 1772443740000, 0),
  (3, 'opening', 100, 1020, 100, 0, 0, 0, 'Ждёт очереди', 'Ещё не отправлено', 'queued', '', '', 0, 0, 1772448600000, 0),
  (4, 'opening', 103, 4001, 103, 0, 0, 0, 'Плюсофон не отвечает', 'Уйдёт само', 'queued', 'waiting', '', 4002, 23655, 1772446800000, 0),
  (5, 'opening', 100, 1021, 100, 0, 0, 0, 'Отправляется', 'Запрос в пути', 'sending', '', '', 0, 23655, 1772448660000, 0),
  (6, 'opening', 100, 1022, 100, 0, 0, 0, 'Исход неизвестен', 'Ответа не было', 'unknown', '', '', 1023, 23655, 1772448300000, 0),
  (7, 'opening', 100, 1024, 100, 0, 0, 0, 'Похожее есть', 'Решает автор', 'doubtful', '', '', 1025, 23640, 1772445600000, 0),
  (8, 'opening', 100, 1026, 100, 0, 0, 0, 'Отказано', 'Плохие слова', 'failed', 'refused', 'Текст слишком короткий', 1027, 23640, 1772445660000, 0),
  (9, 'opening', 102, 3010, 102, 0, 0, 0, 'No access', 'Words', 'failed', 'no_access', 'Недостаточно прав', 3011, 23640, 1772445720000, 0),
  (10, 'opening', 102, 3012, 102, 0, 0, 0, 'Fails each time', 'Words', 'failed', 'fails', '', 3013, 23640, 1772445780000, 0),
  (11, 'opening', 102, 3014, 102, 0, 0, 0, 'Gave up', 'Words', 'failed', 'gave_up', '', 3015, 23640, 1772445840000, 0),
  (12, 'opening', 100, 1028, 100, 0, 0, 0, 'Отменено', 'Передумали', 'cancelled', 'refused', 'Текст слишком короткий', 1029, 23640, 1772445900000, 0),
  (13, 'answer', 100, 1030, 100, 0, 0, 3, '', 'Дополнение до создания', 'queued', '', '', 0, 0, 1772448720000, 0),
  (14, 'answer', 100, 1031, 100, 0, 0, 8, '', 'Дополнение к тому, что не создано', 'failed', 'no_opening', '', 1032, 0, 1772445960000, 0),
  (15, 'opening', 102, 3001, 102, 23640, 520, 0, 'Ticket opened from the bot', 'First words', 'delivered', '', '', 3002, 23630, 1772444640000, 0),
  (16, 'answer', 102, 3003, 102, 23640, 521, 15, '', 'And what was written before the ticket existed', 'delivered', '', '', 0, 520, 1772444640000, 0),
  (17, 'answer', 103, 4003, 103, 0, 0, 4, '', 'В копии базы: могло уйти', 'sending', '', '', 0, 0, 1772446860000, 0),
  (18, 'answer', 100, 1040, 100, 23624, 0, 0, '', 'Ответ в очереди', 'queued', '', '', 0, 0, 1772448780000, 0),
  (19, 'answer', 100, 1041, 100, 23624, 0, 0, '', 'Ответ ждёт связи', 'queued', 'waiting', '', 1042, 504, 1772446920000, 0),
  (20, 'answer', 100, 1043, 100, 23630, 0, 0, '', 'Ответ отправляется', 'sending', '', '', 0, 510, 1772448840000, 0),
  (21, 'answer', 102, 3020, 102, 23640, 0, 0, '', 'Outcome unknown, one read-back', 'unknown', '', '', 3021, 521, 1772448420000, 0),
  (22, 'answer', 101, 1510, 101, 23624, 0, 0, '', 'Успех сказан, следа нет', 'unknown', '', '', 1511, 504, 1772448480000, 0),
  (23, 'answer', 101, 1512, 101, 23520, 0, 0, '', 'Успех сказан, одно чтение позади', 'unknown', '', '', 1513, 420, 1772448360000, 0),
  (24, 'answer', 100, 1044, 100, 23630, 0, 0, '', 'Решает автор', 'doubtful', '', '', 1045, 510, 1772446020000, 0),
  (25, 'answer', 100, 1046, 100, 23999, 0, 0, '', 'Такого обращения нет', 'failed', 'not_found', '', 1047, 0, 1772446080000, 0),
  (26, 'answer', 100, 1048, 100, 23501, 0, 0, '', 'Обращение закрыто', 'failed', 'refused', 'Обращение закрыто', 1049, 401, 1772446140000, 0),
  (27, 'answer', 102, 3022, 102, 23640, 0, 0, '', 'No access', 'failed', 'no_access', '', 3023, 521, 1772446200000, 0),
  (28, 'answer', 102, 3024, 102, 23640, 0, 0, '', 'Fails each time', 'failed', 'fails', '', 3025, 521, 1772446260000, 0),
  (29, 'answer', 102, 3026, 102, 23640, 0, 0, '', 'Gave up', 'failed', 'gave_up', '', 3027, 521, 1772446320000, 0),
  (30, 'answer', 100, 1050, 100, 23630, 0, 0, '', 'Отменённый ответ', 'cancelled', 'gave_up', '', 1051, 510, 1772446380000, 0),
  (31, 'answer', -1001234567890, 6020, 103, 23624, 0, 0, '', '@boris посмотри, пожалуйста', 'failed', 'mention', '', 6021, 0, 1772449080000, 61),
  (32, 'answer', -1001234567890, 6022, 103, 23624, 0, 0, '', '', 'cancelled', 'mention', '', 6023, 0, 1772447400000, 61),
  (33, 'answer', -1001234567890, 6024, 102, 23624, 0, 0, '', 'Answer in a topic', 'queued', '', '', 0, 0, 1772449140000, 61),
  (34, 'answer', -400, 2010, 103, 0, 0, 4, '', 'Ответ коллеге на то, чего ещё нет', 'failed', 'mention', '', 2011, 0, 1772449140000, 0);
CREATE TABLE parts (
    chat_id       INTEGER NOT NULL,
    message_id    INTEGER NOT NULL,
    submission_id INTEGER NOT NULL REFERENCES submissions,
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;
INSERT INTO parts (chat_id, message_id, submission_id) VALUES
  (100, 1033, 13),
  (101, 1503, 2),
  (101, 1504, 2);
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
INSERT INTO files (submission_id, n, file_id, name, size, state, reason) VALUES
  (1, 0, 'BQACAgIAAxkBAAIE', 'a.txt', 10, 'failed', 'file_doubtful'),
  (1, 1, 'BQACAgIAAxkBAAIF', 'b.txt', 10, 'failed', 'file_gone'),
  (1, 2, 'BQACAgIAAxkBAAIG', 'c.txt', 10, 'failed', 'file_refused'),
  (1, 3, 'BQACAgIAAxkBAAIH', 'd.txt', 10, 'failed', 'file_gave_up'),
  (2, 0, 'BQACAgIAAxkBAAIB', 'gateway.log', 20480, 'delivered', ''),
  (2, 1, 'AgACAgIAAxkBAAIC', 'фото.jpg', 0, 'delivered', ''),
  (2, 2, 'BQACAgIAAxkBAAID', 'dump.pcap', 83886080, 'failed', 'file_too_big'),
  (3, 0, 'BQACAgIAAxkBAAII', 'later.txt', 12, 'queued', ''),
  (15, 0, 'BQACAgIAAxkBAAIJ', 'trace.txt', 4096, 'queued', ''),
  (15, 1, 'BQACAgIAAxkBAAIK', 'second.txt', 4097, 'queued', '');
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
INSERT INTO inbox (seq, key, chat_id, group_key, payload, state, due_at, received_at) VALUES
  (1, 'message:100:1001', 100, '', '', 'done', 1772438340000, 1772438340000),
  (2, 'press:4382bfdwdsb323b2d9', 100, '', '', 'done', 1772447940000, 1772447940000),
  (3, 'message:100:1060', 100, '', '{"message":{"chat":{"first_name":"Анна","id":100,"type":"private"},"date":1772449260,"from":{"first_name":"Анна","id":100,"is_bot":false,"language_code":"ru"},"message_id":1060,"text":"Ещё не разобрано"},"update_id":870123450}', 'pending', 1772449260000, 1772449260000),
  (4, 'message:100:1061', 100, 'album:100:13579', '{"message":{"chat":{"first_name":"Анна","id":100,"type":"private"},"date":1772449260,"from":{"first_name":"Анна","id":100,"is_bot":false,"language_code":"ru"},"media_group_id":"13579","message_id":1061,"photo":[{"file_id":"AgACAgIAAxkBAAIL","file_size":1200,"file_unique_id":"AQAD1","height":60,"width":90}]},"update_id":870123451}', 'pending', 1772449320000, 1772449260000),
  (5, 'message:100:1062', 100, 'album:100:13579', '{"message":{"caption":"Два снимка","chat":{"first_name":"Анна","id":100,"type":"private"},"date":1772449260,"from":{"first_name":"Анна","id":100,"is_bot":false,"language_code":"ru"},"media_group_id":"13579","message_id":1062,"photo":[{"file_id":"AgACAgIAAxkBAAIM","file_size":1300,"file_unique_id":"AQAD2","height":60,"width":90}]},"update_id":870123452}', 'pending', 1772449320000, 1772449260000),
  (6, 'edit:100:1040:1772448060:9b74c9897bac770f', 100, '', '{"edited_message":{"chat":{"id":100,"type":"private"},"date":1772448780,"edit_date":1772449260,"from":{"first_name":"Анна","id":100,"is_bot":false,"language_code":"ru"},"message_id":1040,"text":"Ответ в очереди, исправлен"},"update_id":870123453}', 'pending', 1772449260000, 1772449260000),
  (7, 'message:103:4010', 103, 'text:103:4010', '{"message":{"chat":{"first_name":"Анна","id":103,"type":"private"},"date":1772449260,"from":{"first_name":"Анна","id":103,"is_bot":false,"language_code":"ru"},"message_id":4010,"text":"Начало длинного текста"},"update_id":870123454}', 'pending', 1772449380000, 1772449260000),
  (8, 'press:4382bfdwdsb323b2da', 102, '', '{"callback_query":{"chat_instance":"1","data":"retry:10","from":{"first_name":"Vera","id":102,"is_bot":false,"language_code":"ru"},"id":"4382bfdwdsb323b2da","message":{"chat":{"id":102,"type":"private"},"date":1772445840,"message_id":3013,"text":"…"}},"update_id":870123455}', 'failed', 1772443200000, 1772443200000),
  (9, 'unreadable:5f4dcc3b5aa765d6', 0, '', '{"update_id":"not a number"}', 'unreadable', 1772443260000, 1772443260000),
  (10, 'member:-400:1772440000:870123440', -400, '', '', 'done', 1772440200000, 1772440200000);
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
INSERT INTO outbox (id, side, lane, priority, kind, payload, key, state, attempts, checks, due_at, created_at, ended_at, error) VALUES
  (1, 'telegram', 'chat:100', 0, 'call', '{"call":{"method":"setMessageReaction","params":{"chat_id":100,"message_id":1040,"reaction":[{"emoji":"👀","type":"emoji"}]}},"chat":100,"reacts":18}', 'reaction:100:1040', 'queued', 0, 0, 1772448780000, 1772448780000, 0, ''),
  (2, 'telegram', 'chat:100', 1, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":100,"text":"№23624 Нет гудка на линии 8 800\n💬 Пётр, 13:30\n\nСмотрим","link_preview_options":{"is_disabled":true}}},"chat":100,"ticket":23624,"chain":true,"files":[{"ticket":23624,"post":503,"n":0,"name":"gateway.log"}]}', NULL, 'queued', 2, 0, 1772449440000, 1772447460000, 0, 'sendMessage: no answer'),
  (3, 'telegram', 'chat:103', 0, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":103,"text":"Плюсофон не отвечает, обращение уйдёт само.","reply_parameters":{"message_id":4001,"allow_sending_without_reply":true},"link_preview_options":{"is_disabled":true}}},"chat":103,"receipt":4,"stage":"queued waiting 0 0"}', 'receipt:4', 'queued', 0, 0, 1772447040000, 1772447040000, 0, ''),
  (4, 'telegram', 'chat:100', 0, 'call', '{"call":{"method":"editMessageText","params":{"chat_id":100,"message_id":1027,"text":"Обращение не создано","reply_markup":{"inline_keyboard":[[{"text":"Повторить","callback_data":"retry:8"},{"text":"Отменить","callback_data":"cancel:8"}]]},"link_preview_options":{"is_disabled":true}}},"chat":100,"receipt":8,"stage":"failed refused 0 0"}', 'receipt:8', 'queued', 0, 0, 1772445720000, 1772445720000, 0, ''),
  (5, 'telegram', 'press:4382bfdwdsb323b2d9', 0, 'call', '{"call":{"method":"answerCallbackQuery","params":{"callback_query_id":"4382bfdwdsb323b2d9","text":"Готово"}},"expires":"2026-03-02T11:03:00Z"}', NULL, 'cancelled', 1, 0, 1772447940000, 1772447940000, 1772448240000, 'too late'),
  (6, 'telegram', 'chat:101', 1, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":101,"text":"№23624 Нет гудка","entities":[{"type":"bold","offset":0,"length":6}],"link_preview_options":{"is_disabled":true}}},"chat":101,"ticket":23624,"chain":true}', NULL, 'parked', 9, 0, 1772446800000, 1772358000000, 1772446800000, 'sendMessage: Forbidden: bot was blocked by the user'),
  (7, 'telegram', 'chat:100', 0, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":100,"text":"Отправлено раньше","link_preview_options":{"is_disabled":true}}},"chat":100}', NULL, 'done', 0, 0, 1772438340000, 1772438340000, 1772438340000, ''),
  (8, 'telegram', 'chat:100', 0, 'call', '{"call":{"method":"editMessageText","params":{"chat_id":100,"message_id":777,"text":"…"}},"chat":100}', 'receipt:1', 'refused', 0, 0, 1772439000000, 1772439000000, 1772439060000, 'editMessageText: Bad Request: message to edit not found'),
  (9, 'telegram', 'down:100:23624', 1, 'file', '{"call":{"method":"sendDocument","params":{"chat_id":100,"disable_notification":true,"disable_content_type_detection":true}},"chat":100,"ticket":23624,"chain":true,"file":{"ticket":23624,"post":503,"n":0,"name":"gateway.log"}}', NULL, 'queued', 0, 0, 1772447460000, 1772447460000, 0, ''),
  (10, 'telegram', 'down:100:23501', 1, 'file', '{"call":{"method":"sendDocument","params":{"chat_id":100,"disable_notification":true,"disable_content_type_detection":true}},"chat":100,"ticket":23501,"chain":true,"file":{"ticket":23501,"post":401,"n":0,"name":"счёт.pdf"}}', NULL, 'done', 1, 0, 1771242060000, 1771242000000, 1771242060000, ''),
  (11, 'telegram', 'down:101:23624', 1, 'file', '{"call":{"method":"sendDocument","params":{"chat_id":101,"disable_notification":true,"disable_content_type_detection":true}},"chat":101,"ticket":23624,"chain":true,"file":{"ticket":23624,"post":503,"n":1,"name":"фото.jpg"}}', NULL, 'refused', 3, 0, 1772441400000, 1772352000000, 1772441400000, 'no content'),
  (12, 'telegram', 'down:105:23624', 1, 'file', '{"call":{"method":"sendDocument","params":{"chat_id":105,"disable_notification":true,"disable_content_type_detection":true}},"chat":105,"ticket":23624,"chain":true,"file":{"ticket":23624,"post":503,"n":1,"name":"фото.jpg"}}', NULL, 'cancelled', 0, 0, 1772441400000, 1772440800000, 1772441400000, 'the chat does not follow the ticket any more'),
  (13, 'plusofon', 'open:0f1e2d3c4b5a6978', 0, 'open', '{"submission":3}', NULL, 'queued', 0, 0, 1772448600000, 1772448600000, 0, ''),
  (14, 'plusofon', 'open:1f1e2d3c4b5a6978', 0, 'open', '{"submission":4}', NULL, 'queued', 3, 0, 1772449560000, 1772446800000, 0, 'POST https://restapi.plusofon.ru/api/v1/support: 503'),
  (15, 'plusofon', 'open:2f1e2d3c4b5a6978', 0, 'open', '{"submission":5}', NULL, 'sending', 1, 0, 1772448660000, 1772448660000, 0, ''),
  (16, 'plusofon', 'open:3f1e2d3c4b5a6978', 0, 'open', '{"submission":6}', NULL, 'unknown', 1, 0, 1772449560000, 1772448300000, 0, 'unexpected EOF'),
  (17, 'plusofon', 'ticket:23640', 0, 'answer', '{"submission":21}', NULL, 'unknown', 1, 1, 1772449560000, 1772448420000, 0, 'no trace yet'),
  (18, 'plusofon', 'ticket:23624', 0, 'answer', '{"submission":22}', NULL, 'unknown', 1, -2, 1772449560000, 1772448480000, 0, ''),
  (19, 'plusofon', 'ticket:23520', 0, 'answer', '{"submission":23}', NULL, 'unknown', 1, -1, 1772449560000, 1772448360000, 0, 'no trace yet'),
  (20, 'plusofon', 'ticket:23630', 0, 'answer', '{"submission":20}', NULL, 'sending', 1, 0, 1772448840000, 1772448840000, 0, ''),
  (21, 'plusofon', 'ticket:23624', 0, 'answer', '{"submission":18}', NULL, 'queued', 0, 0, 1772448780000, 1772448780000, 0, ''),
  (22, 'plusofon', 'ticket:23624', 0, 'answer', '{"submission":19}', NULL, 'queued', 4, 0, 1772449620000, 1772446920000, 0, 'dial tcp: no route to host'),
  (23, 'plusofon', 'ticket:23624', 0, 'answer', '{"submission":2}', NULL, 'done', 1, 0, 1772443740000, 1772443740000, 1772443800000, ''),
  (24, 'plusofon', 'open:4f1e2d3c4b5a6978', 0, 'open', '{"submission":7}', NULL, 'refused', 1, 1, 1772445600000, 1772445600000, 1772445660000, 'ambiguous'),
  (25, 'plusofon', 'open:5f1e2d3c4b5a6978', 0, 'open', '{"submission":8}', NULL, 'refused', 1, 0, 1772445660000, 1772445660000, 1772445660000, '422: Текст слишком короткий'),
  (26, 'plusofon', 'ticket:23630', 0, 'answer', '{"submission":24}', NULL, 'refused', 1, -1, 1772446020000, 1772446020000, 1772446080000, 'not found after success'),
  (27, 'plusofon', 'open:6f1e2d3c4b5a6978', 0, 'open', '{"submission":12}', NULL, 'cancelled', 0, 0, 1772445900000, 1772445900000, 1772445960000, 'decided otherwise'),
  (28, 'plusofon', 'ticket:23630', 0, 'answer', '{"submission":30}', NULL, 'parked', 12, 0, 1772446380000, 1772358000000, 1772446380000, 'given up'),
  (29, 'plusofon', 'files:15', 0, 'attach', '{"submission":15}', NULL, 'unknown', 1, 1, 1772449560000, 1772445060000, 0, 'no trace yet'),
  (30, 'plusofon', 'files:15', 0, 'attach', '{"submission":15,"file":1}', NULL, 'queued', 0, 0, 1772445060000, 1772445060000, 0, ''),
  (31, 'plusofon', 'files:2', 0, 'attach', '{"submission":2,"file":1}', NULL, 'done', 1, 0, 1772443860000, 1772443800000, 1772443860000, ''),
  (32, 'plusofon', 'files:1', 0, 'attach', '{"submission":1,"file":2}', NULL, 'refused', 1, 0, 1772438520000, 1772438460000, 1772438520000, '413'),
  (33, 'plusofon', 'fetch:100', 0, 'fetch', '{"ticket":23624,"chat":100,"user":100,"message":1065,"page":-1}', NULL, 'queued', 0, 0, 1772449320000, 1772449320000, 0, ''),
  (34, 'plusofon', 'fetch:100', 0, 'fetch', '{"ticket":23624,"chat":100,"user":100,"message":1010,"edit":true,"page":0}', NULL, 'queued', 0, 0, 1772449320000, 1772449320000, 0, ''),
  (35, 'plusofon', 'fetch:102', 0, 'fetch', '{"ticket":23655,"chat":102,"user":102,"message":3030,"page":-1,"follow":true}', NULL, 'queued', 0, 0, 1772449320000, 1772449320000, 0, ''),
  (36, 'plusofon', 'fetch:102', 0, 'fetch', '{"ticket":23640,"chat":102,"user":102,"message":3031,"page":-1}', NULL, 'done', 0, 0, 1772445120000, 1772445120000, 1772445180000, 'context deadline exceeded'),
  (37, 'telegram', 'leave:-555', 0, 'call', '{"call":{"method":"leaveChat","params":{"chat_id":-555}},"chat":-555,"anyway":true}', NULL, 'done', 0, 0, 1772441700000, 1772441700000, 1772441760000, ''),
  (41, 'telegram', 'chat:100', 0, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":100,"text":"Новое обращение","reply_markup":{"inline_keyboard":[[{"text":"Отправить","callback_data":"send:1"}],[{"text":"Тема","callback_data":"subject:1"},{"text":"Отменить","callback_data":"drop:1"}]]},"link_preview_options":{"is_disabled":true}}},"chat":100,"draft":1}', 'card:1', 'queued', 0, 0, 1772448900000, 1772448900000, 0, ''),
  (42, 'plusofon', 'ticket:23630', 1, 'fetch', '{"ticket":23630,"chat":100,"user":100,"page":0,"waits":true}', NULL, 'queued', 0, 0, 1772458860000, 1772458860000, 0, ''),
  (43, 'telegram', 'down:102:23640', 1, 'file', '{"call":{"method":"sendDocument","params":{"chat_id":102,"disable_notification":true,"disable_content_type_detection":true}},"chat":102,"ticket":23640,"chain":true,"file":{"ticket":23640,"post":521,"n":0,"name":"23640-521.txt","made":true}}', NULL, 'queued', 0, 0, 1772447820000, 1772447820000, 0, ''),
  (44, 'plusofon', 'fetch:102', 0, 'fetch', '{"ticket":23640,"chat":102,"user":102,"message":3003,"page":2,"export":true}', NULL, 'queued', 0, 0, 1772449320000, 1772449320000, 0, ''),
  (45, 'telegram', 'down:102:23640', 0, 'file', '{"call":{"method":"sendDocument","params":{"chat_id":102,"caption":"№23640 · Ticket opened from the bot","reply_parameters":{"message_id":3003,"allow_sending_without_reply":true},"reply_markup":{"inline_keyboard":[[{"text":"Answer","callback_data":"answer:23640"}]]},"disable_content_type_detection":true}},"chat":102,"ticket":23640,"file":{"ticket":23640,"post":0,"n":0,"name":"23640.html","made":true}}', NULL, 'queued', 0, 0, 1772447880000, 1772447880000, 0, ''),
  (46, 'plusofon', 'ticket:23624', 0, 'answer', '{"submission":33}', NULL, 'queued', 0, 0, 1772449140000, 1772449140000, 0, ''),
  (47, 'telegram', 'chat:-1001234567890', 0, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":-1001234567890,"text":"Это ответ в обращение №23624?","reply_parameters":{"message_id":6020,"allow_sending_without_reply":true},"reply_markup":{"inline_keyboard":[[{"text":"Отправить","callback_data":"retry:31"},{"text":"Не отправлять","callback_data":"cancel:31"}]]},"link_preview_options":{"is_disabled":true}}},"chat":-1001234567890,"ticket":23624,"thread":61,"receipt":31,"stage":"failed mention 0 0"}', 'receipt:31', 'queued', 0, 0, 1772449080000, 1772449080000, 0, ''),
  (48, 'telegram', 'chat:-1001234567890', 1, 'call', '{"call":{"method":""},"chat":-1001234567890,"ticket":23624,"sync":true}', 'topic:-1001234567890:23624', 'queued', 0, 0, 1772447460000, 1772447460000, 0, ''),
  (49, 'telegram', 'chat:-1001234567890', 1, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":-1001234567890,"text":"№23630 Тишина в трубке\n👤 buh@romashka.example\n\nЭхо","link_preview_options":{"is_disabled":true}}},"chat":-1001234567890,"ticket":23630,"chain":true,"topic":true,"pin":true}', NULL, 'queued', 0, 0, 1772447520000, 1772447520000, 0, ''),
  (50, 'telegram', 'chat:-1001234567890', 0, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":-1001234567890,"text":"О чём обращение?","reply_markup":{"force_reply":true,"input_field_placeholder":"Тема","selective":true}}},"chat":-1001234567890,"asks":102}', NULL, 'queued', 0, 0, 1772449020000, 1772449020000, 0, ''),
  (51, 'telegram', 'chat:-401', 0, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":-401,"text":"Осталось в прежней группе","link_preview_options":{"is_disabled":true}}},"chat":-401}', NULL, 'cancelled', 0, 0, 1772446200000, 1772446200000, 1772446260000, 'the message stays in the group that has become a supergroup'),
  (52, 'telegram', 'chat:-500', 1, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":-500,"text":"Бот вышел из группы","link_preview_options":{"is_disabled":true}}},"chat":-500,"ticket":23624,"chain":true,"topic":true}', NULL, 'parked', 0, 0, 1772436000000, 1772346000000, 1772436000000, 'the bot is not in the group'),
  (53, 'plusofon', 'fetch:-1001234567890', 0, 'fetch', '{"ticket":23624,"chat":-1001234567890,"user":103,"message":6031,"page":-1,"thread":61}', NULL, 'queued', 0, 0, 1772449260000, 1772449260000, 0, ''),
  (54, 'telegram', 'chat:-777', 0, 'call', '{"call":{"method":"sendMessage","params":{"chat_id":-777,"text":"Меня добавил посторонний, я выхожу.","link_preview_options":{"is_disabled":true}}},"chat":-777,"anyway":true}', NULL, 'queued', 0, 0, 1772449260000, 1772449260000, 0, '');
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
INSERT INTO drafts (draft_id, kind, chat_id, thread_id, user_id, subject, submission_id, state, card_message_id, due_at) VALUES
  (1, 'opening', 100, 0, 100, 'Тема от человека', 0, 'open', 1070, 1772532000000),
  (2, 'opening', 103, 0, 103, '', 0, 'open', 0, 1772532060000),
  (3, 'question', 100, 0, 100, '', 0, 'open', 1071, 1772532120000),
  (4, 'correction', 100, 0, 100, '', 1, 'open', 1072, 1772532180000),
  (5, 'opening', 102, 0, 102, '', 0, 'sent', 3002, 1772526000000),
  (6, 'question', 102, 0, 102, '', 0, 'sent', 3030, 1772526060000),
  (7, 'correction', 102, 0, 102, '', 15, 'sent', 3031, 1772526120000),
  (8, 'opening', 100, 0, 100, '', 0, 'joined', 1073, 1772520000000),
  (9, 'question', 100, 0, 100, '', 0, 'joined', 1074, 1772520060000),
  (10, 'correction', 100, 0, 100, '', 3, 'joined', 1075, 1772520120000),
  (11, 'opening', 100, 0, 100, 'Передумали', 0, 'cancelled', 1076, 1772520180000),
  (12, 'question', 100, 0, 100, '', 0, 'cancelled', 1077, 1772520240000),
  (13, 'correction', 100, 0, 100, '', 1, 'cancelled', 1078, 1772520300000),
  (14, 'opening', 101, 0, 101, '', 0, 'expired', 1520, 1772441400000),
  (15, 'question', 101, 0, 101, '', 0, 'expired', 1521, 1772441340000),
  (16, 'correction', 101, 0, 101, '', 2, 'expired', 1522, 1772441280000),
  (17, 'opening', -1001234567890, 61, 103, '', 0, 'open', 6030, 1772532600000);
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
INSERT INTO items (chat_id, message_id, draft_id, album, author, author_at, text, goes_on, file_id, file_name, file_size, kept_at) VALUES
  (-1001234567890, 6029, 17, '', 'Борис', 1772449080000, 'Слова коллеги', 0, '', '', 0, 1772449140000),
  (100, 1001, 4, '', '', 0, 'Утром пропал гудок. Исправлено.', 0, '', '', 0, 1772448720000),
  (100, 1080, 1, '', '', 0, 'Первое сообщение черновика', 0, '', '', 0, 1772448600000),
  (100, 1081, 1, '', 'Клиент Иванов', 1772424000000, 'Пересланные слова', 0, '', '', 0, 1772448600000),
  (100, 1082, 1, '24680', '', 0, 'Подпись альбома', 0, 'AgACAgIAAxkBAAIN', 'photo_1082.jpg', 5000, 1772448600000),
  (100, 1083, 1, '24680', '', 0, '', 0, 'AgACAgIAAxkBAAIO', 'photo_1083.jpg', 0, 1772448600000),
  (100, 1084, 3, '', '', 0, 'Куда это отправить?', 0, '', '', 0, 1772448660000),
  (100, 1085, 0, '97531', '', 0, 'Альбом, который никуда не ушёл', 0, 'AgACAgIAAxkBAAIP', 'photo_1085.jpg', 7000, 1772448000000),
  (101, 1501, 0, '', '', 0, 'Перезагрузили, ', 1, '', '', 0, 1772443740000),
  (101, 1503, 0, '', '', 0, 'журнал во вложении', 0, 'BQACAgIAAxkBAAIB', 'gateway.log', 20480, 1772443740000);
CREATE TABLE "prompts" (
    chat_id   INTEGER NOT NULL,
    user_id   INTEGER NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('opening', 'answer', 'subject')),
    ticket_id INTEGER NOT NULL DEFAULT 0,
    draft_id  INTEGER NOT NULL DEFAULT 0,
    asked_at  INTEGER NOT NULL, message_id INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (chat_id, user_id),
    CHECK ((kind = 'answer') = (ticket_id > 0) AND (kind = 'subject') = (draft_id > 0))
) STRICT, WITHOUT ROWID;
INSERT INTO prompts (chat_id, user_id, kind, ticket_id, draft_id, asked_at, message_id) VALUES
  (-1001234567890, 102, 'opening', 0, 0, 1772449020000, 0),
  (-1001234567890, 103, 'answer', 23624, 0, 1772448960000, 6010),
  (-400, 103, 'answer', 23624, 0, 1772448060000, 0),
  (100, 100, 'opening', 0, 0, 1772448000000, 0),
  (103, 103, 'subject', 0, 2, 1772448900000, 0);
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
, layout TEXT NOT NULL DEFAULT 'flat' CHECK (layout IN ('flat', 'topics')), topic_answers INTEGER NOT NULL DEFAULT 0 CHECK (topic_answers IN (0, 1))) STRICT;
INSERT INTO chat_settings (chat_id, language, news, quiet_from, quiet_to, zone, waiting_hours, layout, topic_answers) VALUES
  (-1001234567890, '', 'all', 0, 0, '', 4, 'topics', 1),
  (-400, 'ru', 'bound', 23, 7, '', 90, 'flat', 0),
  (100, 'ru', 'all', 22, 8, 'Asia/Yekaterinburg', 2, 'flat', 0),
  (101, '', 'bound', 0, 0, '', 4, 'topics', 0),
  (102, 'en', 'bound', 0, 0, '', 0, 'flat', 0),
  (103, '', 'none', 20, 8, 'Europe/Moscow', 4, 'flat', 0);
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
INSERT INTO waits (ticket_id, post_id, chat_id, user_id, since_at, told_at, due_at, dismissed) VALUES
  (23510, 410, 103, 103, 1771542000000, 0, 0, 0),
  (23520, 420, 101, 101, 1771902000000, 1771962000000, 0, 1),
  (23630, 510, 100, 100, 1772444400000, 0, 1772458800000, 0),
  (23640, 521, 102, 102, 1772445000000, 1772448000000, 1772534400000, 0);
CREATE VIRTUAL TABLE subject_words USING fts4(words, tokenize=unicode61 "remove_diacritics=0");
INSERT INTO subject_words (docid, words) VALUES
  (23501, 'Закрытый вопрос о счете'),
  (23510, 'Closed, and never listed since'),
  (23520, 'Был открыт, вышел из списка'),
  (23624, 'Нет гудка на линии 8 800'),
  (23630, 'Тишина в трубке, еще и эхо (уточнено)'),
  (23640, 'Ticket opened from the bot'),
  (23655, ''),
  (23660, 'Елка на проводе');
CREATE VIRTUAL TABLE post_words USING fts4(words, ticket_id, post_id, notindexed=ticket_id, notindexed=post_id,
    tokenize=unicode61 "remove_diacritics=0");
INSERT INTO post_words (docid, words, ticket_id, post_id) VALUES
  (1, 'Пришлите счет за февраль', 23501, 400),
  (2, '<p>Счет во вложении.</p>', 23501, 401),
  (3, 'Спасибо', 23510, 410),
  (4, 'Еще вопрос', 23520, 420),
  (5, 'Утром пропал гудок.'||char(10)||char(10)||'— Анна Королева', 23624, 501),
  (6, '<p>Здравствуйте!</p><p>Перезагрузите <b>шлюз</b> и пришлите журнал.</p>', 23624, 502),
  (7, 'Перезагрузили, журнал во вложении'||char(10)||char(10)||'— Борис', 23624, 503),
  (8, 'Смотрим', 23624, 504),
  (9, 'Эхо, все еще эхо', 23630, 510),
  (10, 'First words', 23640, 520),
  (11, 'And what was written before the ticket existed', 23640, 521),
  (12, 'Еж сидит на линии', 23660, 530);
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
INSERT INTO groups (chat_id, added_by, since_at, present, admin, manages_topics, pins, forum) VALUES
  (-1001234567890, 102, 1770702000000, 1, 1, 1, 1, 1),
  (-500, 103, 1770762000000, 0, 0, 0, 0, 0),
  (-400, 100, 1772440200000, 1, 0, 0, 0, 0);
CREATE TABLE told (
    chat_id INTEGER NOT NULL,
    what    TEXT    NOT NULL,
    PRIMARY KEY (chat_id, what)
) STRICT, WITHOUT ROWID;
INSERT INTO told (chat_id, what) VALUES
  (-1001234567890, 'topics_refused'),
  (-400, 'faceless_admin'),
  (-400, 'faceless_channel');
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
INSERT INTO topics (chat_id, ticket_id, thread_id, name, closed) VALUES
  (-1001234567890, 23501, 62, '№23501 Закрытый вопрос о счёте', 1),
  (-1001234567890, 23624, 61, '№23624 Нет гудка на линии 8 800', 0),
  (-1001234567890, 23630, 0, '№23630 Тишина в трубке, ещё и эхо', 0),
  (101, 23624, 63, '№23624 Нет гудка на линии 8 800', 0);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence (name, seq) VALUES
  ('drafts', 17),
  ('inbox', 10),
  ('outbox', 54),
  ('submissions', 34);
CREATE INDEX tickets_by_activity ON tickets (open, last_activity_at DESC, ticket_id DESC);
CREATE INDEX tickets_by_list ON tickets (listed);
CREATE INDEX tickets_unread ON tickets (ticket_id) WHERE open = 1 AND fetched_at = 0;
CREATE INDEX posts_own ON posts (author_id, author_name) WHERE submission_id > 0;
CREATE INDEX bindings_by_ticket ON bindings (ticket_id);
CREATE INDEX submissions_by_receipt ON submissions (chat_id, receipt_message_id) WHERE receipt_message_id > 0;
CREATE INDEX submissions_by_user ON submissions (user_id);
CREATE INDEX submissions_undecided ON submissions (submission_id) WHERE state IN ('failed', 'doubtful');
CREATE INDEX submissions_waiting ON submissions (opening_id) WHERE opening_id > 0 AND ticket_id = 0;
CREATE INDEX submissions_in_flight ON submissions (ticket_id) WHERE state IN ('sending', 'unknown', 'doubtful');
CREATE UNIQUE INDEX submissions_opened ON submissions (ticket_id) WHERE kind = 'opening' AND ticket_id > 0;
CREATE UNIQUE INDEX submissions_posted ON submissions (ticket_id, post_id) WHERE post_id > 0;
CREATE INDEX parts_by_submission ON parts (submission_id);
CREATE INDEX inbox_pending ON inbox (chat_id, seq) WHERE state = 'pending';
CREATE INDEX inbox_groups ON inbox (group_key) WHERE state = 'pending' AND group_key <> '';
CREATE INDEX inbox_due ON inbox (due_at, seq) WHERE state = 'pending';
CREATE INDEX inbox_by_age ON inbox (received_at) WHERE state = 'done';
CREATE INDEX inbox_aside ON inbox (seq) WHERE state IN ('failed', 'unreadable');
CREATE INDEX outbox_open ON outbox (side, lane, (state = 'queued'), priority, id) WHERE ended_at = 0;
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';
CREATE UNIQUE INDEX outbox_once ON outbox (key) WHERE key IS NOT NULL AND state = 'queued';
CREATE INDEX outbox_parked ON outbox (side, lane) WHERE state = 'parked';
CREATE INDEX outbox_by_age ON outbox (ended_at) WHERE ended_at > 0;
CREATE UNIQUE INDEX drafts_opening ON drafts (chat_id, user_id) WHERE state = 'open' AND kind = 'opening';
CREATE INDEX drafts_of_person ON drafts (chat_id, user_id, draft_id) WHERE state = 'open';
CREATE INDEX drafts_due ON drafts (due_at) WHERE state = 'open';
CREATE INDEX drafts_by_age ON drafts (due_at) WHERE state <> 'open';
CREATE INDEX items_by_draft ON items (draft_id, message_id) WHERE draft_id > 0;
CREATE INDEX items_by_album ON items (chat_id, album, message_id) WHERE album <> '';
CREATE INDEX items_by_age ON items (kept_at);
CREATE INDEX chat_settings_all ON chat_settings (chat_id) WHERE news = 'all';
CREATE INDEX waits_due ON waits (due_at) WHERE due_at > 0;
CREATE INDEX waits_by_chat ON waits (chat_id);
CREATE TRIGGER subject_words_added AFTER INSERT ON tickets BEGIN
    INSERT INTO subject_words (docid, words) VALUES (new.ticket_id, replace(replace(new.subject, 'ё', 'е'), 'Ё', 'Е'));
END;
CREATE TRIGGER subject_words_changed AFTER UPDATE OF subject ON tickets WHEN new.subject <> old.subject BEGIN
    UPDATE subject_words SET words = replace(replace(new.subject, 'ё', 'е'), 'Ё', 'Е') WHERE docid = new.ticket_id;
END;
CREATE TRIGGER post_words_added AFTER INSERT ON posts BEGIN
    INSERT INTO post_words (words, ticket_id, post_id) VALUES (replace(replace(new.text, 'ё', 'е'), 'Ё', 'Е'), new.ticket_id, new.post_id);
END;
CREATE INDEX topics_by_ticket ON topics (ticket_id);
CREATE UNIQUE INDEX topics_by_thread ON topics (chat_id, thread_id) WHERE thread_id > 0;
COMMIT;
PRAGMA user_version=5;
