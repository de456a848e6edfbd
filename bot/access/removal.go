package access

import (
	"errors"
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

const (
	// orphansNamed is how many tickets without followers are listed.
	orphansNamed = 9
	// orphansAdopted is how many of them one press follows.
	orphansAdopted = 500
)

// AskRemoval asks to confirm the revocation of a person's access, and lists its
// consequences.
func AskRemoval(t *chat.Turn, s chat.Speaker, id state.UserID) (chat.Outgoing, error) {
	p, err := t.Tx.Person(id)
	if err != nil {
		return chat.Outgoing{}, err
	}
	groups, err := groupsOf(t, id)
	if err != nil {
		return chat.Outgoing{}, err
	}
	orphans, total, err := t.Tx.Orphans([]state.ChatID{state.ChatID(id)}, orphansNamed)
	if err != nil {
		return chat.Outgoing{}, err
	}
	lines := []string{s.T("removal_explained")}
	var rows [][]telegram.Button
	if total > 0 {
		lines = append(lines, s.T("removal_orphans", "Tickets", orphanList(s.Texts, orphans, total)))
		rows = append(rows, []telegram.Button{chat.Button(s.T("button_get_news"), chat.Data(chat.PressAdopt, id))})
	}
	if len(groups) > 0 {
		lines = append(lines, s.T("removal_groups", "Names", groupNames(groups)))
		rows = append(rows, []telegram.Button{
			chat.Button(s.T("button_leave_groups"), chat.Data(chat.PressRevoke, id)), chat.Button(s.T("button_close_groups"), chat.Data(chat.PressRevoke, id, 1)),
		})
	} else {
		rows = append(rows, []telegram.Button{chat.Button(s.T("button_close_access"), chat.Data(chat.PressRevoke, id))})
	}
	return card(s, s.T("removal", "Name", displayName(p)), lines, rows), nil
}

func orphanList(s texts.Texts, tickets []state.Ticket, total int) string {
	var b strings.Builder
	for _, ticket := range tickets {
		b.WriteString("\n" + chat.TicketName(ticket.ID) + chat.Dotted(telegram.Clean(ticket.Subject), 60))
	}
	if rest := total - len(tickets); rest > 0 {
		b.WriteString("\n" + s.T("orphans_more", "Count", rest))
	}
	return b.String()
}

// Adopt makes the owner's chat follow the tickets that only a person follows.
func Adopt(t *chat.Turn, s chat.Speaker, id state.UserID) error {
	orphans, _, err := t.Tx.Orphans([]state.ChatID{state.ChatID(id)}, orphansAdopted)
	for _, ticket := range orphans {
		err = errors.Join(err, t.Tx.Bind(s.Chat, ticket.ID, t.Now))
	}
	return err
}

// MayRemove reports whether an owner may revoke a person's access; if not, it answers the
// press with the reason.
func MayRemove(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.UserID) (bool, error) {
	p, err := t.Tx.Person(id)
	if err != nil {
		return false, err
	}
	if why := mayChange(s, p); why != "" {
		return false, t.AnswerCallback(c.ID, s.T(why), true)
	}
	return true, nil
}

// Remove revokes a person's access and, with groupsToo, that of the groups they added. It
// returns those groups and the toast.
func Remove(t *chat.Turn, s chat.Speaker, id state.UserID, groupsToo bool) (groups []state.Group, toast string, err error) {
	p, err := t.Tx.Person(id)
	if err != nil {
		return nil, "", err
	}
	if groupsToo {
		if groups, err = groupsOf(t, id); err != nil {
			return nil, "", err
		}
	}
	for _, g := range groups {
		if err := CloseGroup(t, s.ID, g.Chat); err != nil {
			return nil, "", err
		}
	}
	return groups, s.T("removed", "Name", displayName(p)), errors.Join(closeAccess(t, p), t.Audit(state.AuditEntry{Event: state.AuditRemoved, By: s.ID, Person: id}))
}

// Orphans returns the tickets that only these chats follow.
func Orphans(t *chat.Turn, chats []state.ChatID) (tickets []state.Ticket, total int, err error) {
	if len(chats) == 0 {
		return nil, 0, nil
	}
	return t.Tx.Orphans(chats, orphansNamed)
}

// TellOfOrphans tells the owners about tickets without followers.
func TellOfOrphans(t *chat.Turn, tickets []state.Ticket, total int) error {
	if total == 0 {
		return nil
	}
	return TellOwners(t, func(s texts.Texts) chat.Outgoing {
		var rows [][]telegram.Button
		for _, ticket := range tickets {
			rows = append(rows, []telegram.Button{chat.Button(s.T("button_news_of", "Ticket", chat.TicketName(ticket.ID)), chat.Data(chat.PressFollow, ticket.ID))})
		}
		return chat.Outgoing{Text: telegram.Plain(s.T("orphans", "Tickets", orphanList(s, tickets, total))), Buttons: rows}
	})
}

// Erase deletes a removed person's data; ErrNotFound if they have not been removed.
func Erase(t *chat.Turn, s chat.Speaker, id state.UserID) error {
	p, err := t.Tx.Person(id)
	if err == nil && p.Removed.IsZero() {
		err = state.ErrNotFound
	}
	if err != nil {
		return err
	}
	return errors.Join(t.Tx.ErasePerson(id), t.Audit(state.AuditEntry{Event: state.AuditErased, By: s.ID, Person: id}))
}
