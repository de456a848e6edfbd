package ticket

import (
	"slices"

	"plusofon-bot/bot/chat"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Kind is something a request makes at Plusofon. Whether reads show it is learned from
// reads alone: on a server that has never shown one, its absence proves nothing.
type Kind string

// The kinds; each is the key under which the store remembers that a read showed one.
const (
	KindTicket Kind = "shown_ticket" // in a list
	KindPost   Kind = "shown_post"   // a customer's, in a ticket
	KindFile   Kind = "shown_file"   // an attachment of a post made through the bot
)

// Shows reports whether reads of this server are known to show a kind.
func Shows(t *chat.Turn, kind Kind) (bool, error) {
	seen, err := t.Tx.Meta(string(kind))
	return seen != "", err
}

// Shown records that a read showed a kind.
func Shown(t *chat.Turn, kind Kind) error {
	seen, err := Shows(t, kind)
	if err != nil || seen {
		return err
	}
	return t.Tx.SetMeta(string(kind), "yes")
}

// learn records which kinds a ticket that was read shows. known holds its stored posts.
func learn(t *chat.Turn, ticket plusofon.Ticket, known map[state.PostID]state.Post) error {
	has := func(what func(stored state.Post, p plusofon.Post) bool) bool {
		return slices.ContainsFunc(ticket.Posts, func(p plusofon.Post) bool {
			stored, ok := known[state.PostID(p.ID)]
			return ok && what(stored, p)
		})
	}
	if has(func(stored state.Post, _ plusofon.Post) bool { return stored.Side == state.Customer }) {
		if err := Shown(t, KindPost); err != nil {
			return err
		}
	}
	if has(func(stored state.Post, p plusofon.Post) bool { return stored.Submission != 0 && len(p.Attachments) > 0 }) {
		return Shown(t, KindFile)
	}
	return nil
}
