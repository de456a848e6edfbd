// Package topic maintains a ticket's topic in a chat: it is created when there is something
// to say in it, renamed and closed with its ticket, and recreated if somebody deletes it.
//
// What to do with a topic is computed at send time, so that successive changes cost one
// request. Where topics are impossible, messages are sent without.
package topic
