-- What can't be delivered for now, and what can't be delivered at all.

-- The lane in which a row belongs that was set aside until its chat can be written to; ''
-- for one that stands where it belongs.
ALTER TABLE outbox ADD COLUMN home TEXT NOT NULL DEFAULT '';
-- How often a request has failed while its side answered others, and when it failed first
-- and last; 0: never.
ALTER TABLE outbox ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);
ALTER TABLE outbox ADD COLUMN first_failed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN last_failed_at INTEGER NOT NULL DEFAULT 0;

-- A reaction holds up no words: each message's has a lane of its own.
UPDATE outbox SET lane = 'ornament:' || (payload ->> '$.chat') || ':' || id
    WHERE side = 'telegram' AND state = 'queued' AND kind = 'call' AND iif(json_valid(payload), payload ->> '$.call.method', '') = 'setMessageReaction';

-- What Plusofon did not take for a day is parked, as its submission is.
UPDATE outbox SET state = 'parked'
    WHERE id IN (SELECT max(o.id) FROM outbox AS o JOIN submissions AS s ON s.submission_id = iif(json_valid(o.payload), o.payload ->> '$.submission', 0)
        WHERE o.side = 'plusofon' AND o.kind IN ('open', 'answer') AND s.state = 'parked' GROUP BY s.submission_id)
    AND state = 'refused';

-- When the chat has refused a reaction last; 0: never, or before the program was started.
ALTER TABLE chats ADD COLUMN reactions_refused_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chats DROP COLUMN reactions;
-- Whether a chat can be written to is told by what was set aside for it.
ALTER TABLE chats DROP COLUMN blocked_at;
