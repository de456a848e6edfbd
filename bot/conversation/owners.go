package conversation

import (
	"errors"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// SetOwners makes the given people the configured owners. Those who no longer are lose their
// access, and what of theirs was not sent yet is withdrawn.
func SetOwners(t *chat.Turn, owners []state.UserID) error {
	retired, err := access.SetOwners(t, owners)
	for _, id := range retired {
		err = errors.Join(err, submission.WithdrawOf(t, id), menuFor(t, id, false))
	}
	return err
}

// followLink handles a one-time link; false if the message is none, or the link has no effect.
func followLink(t *chat.Turn, s chat.Speaker, m *telegram.Message) (bool, error) {
	name, payload, ok := m.Command(t.BotName)
	if !ok || name != "start" || payload == "" {
		return false, nil
	}
	role, err := access.FollowLink(t, s.Person, payload)
	switch {
	case errors.Is(err, state.ErrNotFound):
		return false, nil
	case err == nil && role == state.Owner:
		err = menuFor(t, s.ID, true)
	}
	return true, err
}

// menuFor sets the menu of a person's private chat: owners have more commands.
func menuFor(t *chat.Turn, id state.UserID, owner bool) error {
	for _, request := range OwnMenu(t.Language, id, owner) {
		if err := t.Request(request, chat.TelegramRow{Place: chat.InChat(state.ChatID(id)), Meaning: chat.Meaning{Anyway: true}}, chat.ChatLane(state.ChatID(id)), state.PriorityNews, ""); err != nil {
			return err
		}
	}
	return nil
}

// OwnMenu returns the requests that set the menu of a person's private chat in each language;
// fallback is the language for people with another one.
func OwnMenu(fallback string, id state.UserID, owner bool) (list []telegram.Request) {
	for _, lang := range []string{"", "ru", "en"} {
		in := lang
		if in == "" {
			in = fallback
		}
		list = append(list, telegram.SetMyCommands{
			Commands: Menu(texts.For(in), owner), Scope: &telegram.CommandScope{Type: telegram.ScopeChat, ChatID: telegram.ChatID(id)}, Language: lang,
		})
	}
	return list
}

// ownersCommand runs a command of owners, in private.
func ownersCommand(t *chat.Turn, s chat.Speaker, c chat.Command) error {
	if c.Name == "invite" {
		return access.Invite(t, s, c.MessageID())
	}
	list, err := access.Users(t, s, 0)
	if c.Name == "audit" {
		list, err = access.Audit(t, s, 0)
	}
	if err != nil {
		return err
	}
	return t.Say(list)
}

// pressedByOwner handles the buttons for owners. What they show replaces the message they were
// pressed on.
func pressedByOwner(t *chat.Turn, s chat.Speaker, c *telegram.Callback, p chat.Press) error {
	switch {
	case s.Role != state.Owner:
		return t.AnswerCallback(c.ID, s.T("owners_only"), true)
	case telegram.ChatID(s.Chat).IsGroup():
		return t.AnswerCallback(c.ID, s.T("owners_in_private"), true)
	}
	err := ownersPress(t, s, c, p)
	if errors.Is(err, state.ErrNotFound) {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	}
	return err
}

// ownersPress carries out a press; ErrNotFound, with nothing changed, if its object no longer
// exists.
func ownersPress(t *chat.Turn, s chat.Speaker, c *telegram.Callback, p chat.Press) error {
	user := state.UserID(p.ID)
	show := func(toast string, screen chat.Outgoing, err error) error {
		if err != nil {
			return err
		}
		screen.Edit = state.MessageID(c.Message.ID)
		return errors.Join(t.AnswerCallback(c.ID, toast, false), t.Say(screen))
	}
	list := func(toast string, page int) error {
		screen, err := access.Users(t, s, page)
		return show(toast, screen, err)
	}
	switch p.Action {
	case chat.PressAdmit, chat.PressDeny:
		return access.DecideAccess(t, s, c, user, p.Action == chat.PressAdmit)
	case chat.PressUsers:
		return list("", int(p.ID))
	case chat.PressPerson:
		screen, err := access.PersonCard(t, s, user)
		return show("", screen, err)
	case chat.PressGroup:
		screen, err := access.GroupCard(t, s, state.ChatID(-p.ID))
		return show("", screen, err)
	case chat.PressInvitation:
		screen, err := access.InvitationCard(t, s, state.InviteID(p.ID))
		return show("", screen, err)
	case chat.PressOwner, chat.PressUnowner:
		made := p.Action == chat.PressOwner
		changed, err := access.MakeOwner(t, s, c, user, made)
		if err != nil || !changed {
			return err
		}
		screen, err := access.PersonCard(t, s, user)
		screen.Edit = state.MessageID(c.Message.ID)
		return errors.Join(err, menuFor(t, user, made), t.Say(screen))
	case chat.PressRemove, chat.PressAdopt, chat.PressRevoke:
		return removalPressed(t, s, c, p, show, list)
	case chat.PressErase:
		if err := access.Erase(t, s, user); err != nil {
			return err
		}
		screen, err := access.Users(t, s, 0)
		screen.Edit = state.MessageID(c.Message.ID)
		return errors.Join(err, t.AnswerCallback(c.ID, s.T("erased"), true), t.Say(screen))
	case chat.PressUngroup:
		return removeGroup(t, s, state.ChatID(-p.ID), list)
	case chat.PressWithdraw:
		if err := access.Withdraw(t, s, state.InviteID(p.ID)); err != nil {
			return err
		}
		return list(s.T("withdrawn"), 0)
	case chat.PressAudit:
		screen, err := access.Audit(t, s, state.AuditID(p.ID))
		return show("", screen, err)
	case chat.PressAuditFile:
		return errors.Join(t.AnswerCallback(c.ID, s.T("audit_file_coming"), false), access.SendAudit(t, s))
	}
	return state.ErrNotFound
}

// removalPressed handles the steps of revoking someone's access.
func removalPressed(t *chat.Turn, s chat.Speaker, c *telegram.Callback, p chat.Press,
	show func(string, chat.Outgoing, error) error, list func(string, int) error) error {
	user := state.UserID(p.ID)
	if may, err := access.MayRemove(t, s, c, user); err != nil || !may {
		return err
	}
	toast := ""
	switch p.Action {
	case chat.PressRevoke:
		toast, err := removePerson(t, s, user, p.Page == 1)
		return errors.Join(err, list(toast, 0))
	case chat.PressAdopt:
		if err := access.Adopt(t, s, user); err != nil {
			return err
		}
		toast = s.T("adopted")
	}
	screen, err := access.AskRemoval(t, s, user)
	return show(toast, screen, err)
}

// removePerson revokes a person's access and, with groupsToo, that of the groups they added, and
// withdraws their unsent submissions. Owners are told which tickets have no followers left.
func removePerson(t *chat.Turn, s chat.Speaker, id state.UserID, groupsToo bool) (toast string, err error) {
	chats := []state.ChatID{state.ChatID(id)}
	if groupsToo {
		groups, err := t.Tx.GroupsAddedBy(id)
		if err != nil {
			return "", err
		}
		for _, g := range groups {
			chats = append(chats, g.Chat)
		}
	}
	p, err1 := t.Tx.Person(id)
	orphans, total, err2 := access.Orphans(t, chats)
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	groups, toast, err := access.Remove(t, s, id, groupsToo)
	for _, g := range groups {
		err = errors.Join(err, submission.WithdrawIn(t, g.Chat))
	}
	if p.Role == state.Owner {
		err = errors.Join(err, menuFor(t, id, false))
	}
	return toast, errors.Join(err, submission.WithdrawOf(t, id), access.TellOfOrphans(t, orphans, total))
}

// removeGroup revokes a group's access.
func removeGroup(t *chat.Turn, s chat.Speaker, id state.ChatID, list func(string, int) error) error {
	known, err := t.Tx.Chat(id)
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	orphans, total, err := access.Orphans(t, []state.ChatID{id})
	if err != nil {
		return err
	}
	if err := access.CloseGroup(t, s.ID, id); err != nil {
		return err
	}
	return errors.Join(submission.WithdrawIn(t, id), access.TellOfOrphans(t, orphans, total), list(s.T("group_removed", "Name", telegram.Clean(known.Title)), 0))
}
