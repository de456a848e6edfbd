package access

import (
	"errors"
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

const (
	// usersPage is the number of people, groups and invitations on a page of /users.
	usersPage = 8
	// dateOnly and dateAndTime are the formats of times here.
	dateOnly    = "02.01.2006"
	dateAndTime = "02.01.2006 15:04"
)

// section is one kind of entry in /users, read a page at a time.
type section struct {
	title string
	count int
	read  func(limit, offset int) ([]entry, error)
}

// entry is a line of the list and the button that opens its card.
type entry struct {
	line   string
	button telegram.Button
}

// Users returns a page of who may use the bot: people, groups, open invitations, and those
// whose access was revoked. The actions on each are on its card.
func Users(t *chat.Turn, s chat.Speaker, page int) (chat.Outgoing, error) {
	people, removed, err1 := t.Tx.CountPeople()
	groups, err2 := t.Tx.CountGroups()
	invites, err3 := t.Tx.CountInvites(t.Now)
	if err := errors.Join(err1, err2, err3); err != nil {
		return chat.Outgoing{}, err
	}
	sections := []section{
		{s.T("users", "Count", people), people, func(limit, offset int) ([]entry, error) { return peopleEntries(s, t.Tx.People, limit, offset) }},
		{s.T("users_groups"), groups, func(limit, offset int) ([]entry, error) { return groupEntries(t, s, limit, offset) }},
		{s.T("users_invitations"), invites, func(limit, offset int) ([]entry, error) { return inviteEntries(t, s, limit, offset) }},
		{s.T("users_removed"), removed, func(limit, offset int) ([]entry, error) { return peopleEntries(s, t.Tx.RemovedPeople, limit, offset) }},
	}
	pages := max(1, (people+groups+invites+removed+usersPage-1)/usersPage)
	page = min(max(page, 0), pages-1)
	var text telegram.Builder
	var rows [][]telegram.Button
	skip, room := page*usersPage, usersPage
	for _, of := range sections {
		n := min(of.count-skip, room)
		if n <= 0 {
			skip = max(skip-of.count, 0)
			continue
		}
		entries, err := of.read(n, skip)
		if err != nil {
			return chat.Outgoing{}, err
		}
		if text.Len() > 0 {
			text.Plain("\n\n")
		}
		text.Bold(of.title)
		for _, e := range entries {
			text.Plain("\n• " + e.line)
			rows = append(rows, []telegram.Button{e.button})
		}
		skip, room = 0, room-n
	}
	if pages > 1 {
		rows = append(rows, chat.Pager(page, pages, usersData))
	}
	return chat.Outgoing{Place: s.Place, Text: text.Text(), Buttons: rows}, nil
}

func usersData(page int) string { return chat.Data(chat.PressUsers, page) }

func label(name string) string { return chat.CutUnits(name, 40) }

func peopleEntries(s chat.Speaker, read func(limit, offset int) ([]state.Person, error), limit, offset int) (list []entry, err error) {
	people, err := read(limit, offset)
	for _, p := range people {
		key := "user_member"
		if p.Role == state.Owner {
			key = "user_owner"
		}
		list = append(list, entry{s.T(key, "Name", displayName(p), "ID", int64(p.ID)), chat.Button(label(displayName(p)), chat.Data(chat.PressPerson, p.ID))})
	}
	return list, err
}

func groupEntries(t *chat.Turn, s chat.Speaker, limit, offset int) (list []entry, err error) {
	groups, err := t.Tx.Groups(limit, offset)
	for _, g := range groups {
		by, failure := nameOf(t, g.AddedBy)
		err = errors.Join(err, failure)
		line := s.T("user_group", "Name", groupName(g), "By", by)
		if !g.Present {
			line += " " + s.T("user_group_absent")
		}
		list = append(list, entry{line, chat.Button(label(groupName(g)), chat.Data(chat.PressGroup, -g.Chat))})
	}
	return list, err
}

func inviteEntries(t *chat.Turn, s chat.Speaker, limit, offset int) (list []entry, err error) {
	invites, err := t.Tx.Invites(t.Now, limit, offset)
	for _, i := range invites {
		by, failure := nameOf(t, i.By)
		err = errors.Join(err, failure)
		until := i.Expires.In(s.Zone).Format(dateAndTime)
		list = append(list, entry{
			s.T("user_invitation", "By", by, "Until", until),
			chat.Button(label(s.T("button_invitation", "Until", until)), chat.Data(chat.PressInvitation, i.ID)),
		})
	}
	return list, err
}

func groupName(g state.Group) string {
	if name := chat.CutRunes(telegram.Clean(g.Title), 60); name != "" {
		return name
	}
	return displayName(state.Person{ID: state.UserID(g.Chat)})
}

// nameOf returns a person's name by id.
func nameOf(t *chat.Turn, id state.UserID) (string, error) {
	p, err := t.Tx.Person(id)
	return displayName(p), err
}

// PersonCard shows a person and what an owner can do about them.
func PersonCard(t *chat.Turn, s chat.Speaker, id state.UserID) (chat.Outgoing, error) {
	p, err := t.Tx.Person(id)
	if err != nil {
		return chat.Outgoing{}, err
	}
	groups, err := groupsOf(t, id)
	if err != nil {
		return chat.Outgoing{}, err
	}
	var lines []string
	var rows [][]telegram.Button
	revoke := chat.Button(s.T("button_close_access"), chat.Data(chat.PressRemove, id))
	switch {
	case p.Role == state.Stranger && p.Removed.IsZero():
		return chat.Outgoing{}, state.ErrNotFound
	case p.Role == state.Stranger:
		lines = []string{s.T("person_removed", "Date", p.Removed.In(s.Zone).Format(dateOnly)), s.T("erase_explained")}
		rows = append(rows, []telegram.Button{chat.Button(s.T("button_erase"), chat.Data(chat.PressErase, id))})
	case p.Role == state.Owner:
		lines = append(lines, s.T("person_owner"))
		rows = append(rows, []telegram.Button{chat.Button(s.T("button_unmake_owner"), chat.Data(chat.PressUnowner, id))}, []telegram.Button{revoke})
	default:
		lines = append(lines, s.T("person_member", "Date", p.Since.In(s.Zone).Format(dateOnly)))
		rows = append(rows, []telegram.Button{chat.Button(s.T("button_make_owner"), chat.Data(chat.PressOwner, id))}, []telegram.Button{revoke})
	}
	if why := mayChange(s, p); p.Role != state.Stranger && why != "" {
		lines, rows = append(lines, s.T(why)), nil
	}
	if len(groups) > 0 {
		lines = append(lines, s.T("person_groups", "Names", groupNames(groups)))
	}
	return card(s, s.T("user_member", "Name", displayName(p), "ID", int64(id)), lines, rows), nil
}

// GroupCard shows a group.
func GroupCard(t *chat.Turn, s chat.Speaker, id state.ChatID) (chat.Outgoing, error) {
	g, err := t.Tx.Group(id)
	if err != nil {
		return chat.Outgoing{}, err
	}
	by, err := nameOf(t, g.AddedBy)
	if err != nil {
		return chat.Outgoing{}, err
	}
	lines := []string{s.T("group_added", "By", by, "Date", g.Since.In(s.Zone).Format(dateOnly)), s.T("group_card")}
	if !g.Present {
		lines = append(lines, s.T("group_absent"))
	}
	return card(s, groupName(g), lines, [][]telegram.Button{{chat.Button(s.T("button_remove_group"), chat.Data(chat.PressUngroup, -id))}}), nil
}

// InvitationCard shows a usable invitation.
func InvitationCard(t *chat.Turn, s chat.Speaker, id state.InviteID) (chat.Outgoing, error) {
	i, err := t.Tx.Invite(id, t.Now)
	if err != nil {
		return chat.Outgoing{}, err
	}
	by, err := nameOf(t, i.By)
	return card(s, s.T("user_invitation", "By", by, "Until", i.Expires.In(s.Zone).Format(dateAndTime)), []string{s.T("invitation_card")},
		[][]telegram.Button{{chat.Button(s.T("button_withdraw"), chat.Data(chat.PressWithdraw, id))}}), err
}

// card replaces the list while one entry is shown.
func card(s chat.Speaker, title string, lines []string, rows [][]telegram.Button) chat.Outgoing {
	var text telegram.Builder
	text.Bold(title)
	text.Plain("\n" + strings.Join(lines, "\n\n"))
	return chat.Outgoing{Place: s.Place, Text: text.Text(), Buttons: append(rows, []telegram.Button{chat.Button(s.T("button_to_users"), usersData(0))})}
}

// groupsOf returns the authorized groups that a person has added.
func groupsOf(t *chat.Turn, id state.UserID) ([]state.Group, error) { return t.Tx.GroupsAddedBy(id) }

func groupNames(groups []state.Group) string {
	var names []string
	for _, g := range groups[:min(len(groups), 10)] {
		names = append(names, groupName(g))
	}
	if len(groups) > len(names) {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
