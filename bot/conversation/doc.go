// Package conversation decides what an update, a press, a command or an outcome is for,
// and hands it to the rooms below.
//
// In a group that a member has added the bot to everybody may open and answer. What is
// said there among colleagues is passed over before it is stored, see
// Conversation.Concerns, and nothing goes out without a command, a reply or the topic's
// rule. What the outbox asks back (what is the request now, it was sent, it is gone, here
// is what was read) is answered here too.
package conversation
