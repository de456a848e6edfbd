-- Who has written through the bot in a chat, and what each of them has submitted there.
CREATE INDEX submissions_by_writer ON submissions (chat_id, user_id);
-- Which groups a supergroup was before.
CREATE INDEX chats_moved ON chats (moved_to) WHERE moved_to <> 0;
