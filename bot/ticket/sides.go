package ticket

import (
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// sideOf returns who wrote a post. Without a flag the customer is recognized by the
// account's e-mail, as the author of posts made through the bot, and as the opener of a
// ticket that the customer opened. Everyone else is staff. Ids can collide between staff
// and users, so id and name are compared together.
func sideOf(t *chat.Turn, account string, fresh state.Ticket, opener plusofon.Author, p plusofon.Post) (state.PostSide, error) {
	if isAccount(p, account) {
		return state.Customer, nil
	}
	switch p.Creator {
	case plusofon.CreatorStaff:
		return state.Staff, nil
	case plusofon.CreatorUser:
		return state.Customer, nil
	}
	if fresh.ByCustomer && p.Author == opener {
		return state.Customer, nil
	}
	if p.Author == (plusofon.Author{}) {
		return state.Staff, nil // an empty author proves nothing
	}
	own, err := t.Tx.IsOwnAuthor(p.Author.ID, p.Author.Name)
	if err != nil || own {
		return state.Customer, err
	}
	return state.Staff, nil
}

// opener returns the author of a ticket's first post, which the staff may have deleted or moved
// since it was stored.
func opener(ticket plusofon.Ticket, known map[state.PostID]state.Post) plusofon.Author {
	first := state.PostID(ticket.Posts[0].ID)
	author := ticket.Posts[0].Author
	for id, p := range known {
		if id < first {
			first, author = id, plusofon.Author{ID: p.AuthorID, Name: p.AuthorName}
		}
	}
	return author
}

// isAccount reports whether a post is by the company's account, by its e-mail.
func isAccount(p plusofon.Post, email string) bool {
	return email != "" && p.Creator != plusofon.CreatorStaff && (strings.EqualFold(p.Author.Name, email) || strings.EqualFold(p.Email, email))
}
