// Package topic keeps a ticket's topic in a chat: made when something is to be said in
// it, named and closed with its ticket, and made anew where somebody deleted it.
//
// What is to be done with a topic is computed when the row is sent, so that many wishes
// in a row cost one request. Where topics are impossible messages go without.
package topic
