// Package conversation decides what an update, a press, a command or an outcome is for, and
// hands it to the packages below.
//
// In a group that a member has added the bot to, anyone may open and answer tickets.
// Conversation among colleagues is dropped before it is stored, see Conversation.Concerns, and
// nothing is sent to Plusofon without a command, a reply or the topic's setting. The package
// also answers the outbox: what request a row is now, what happens once it is sent, once its
// message is gone, or once a ticket is read.
package conversation
