package access

import (
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

const (
	claimLife  = 15 * time.Minute
	inviteLife = 24 * time.Hour
	// toldEvery is how often a stranger is told that the bot is closed.
	toldEvery = time.Hour
	// askEvery is how often a stranger may ask to be let in.
	askEvery = 24 * time.Hour
)

// Ready notes who the bot is and who owns it. It returns a claim link where
// there is no owner: whoever opens it first within 15 minutes becomes one.
func Ready(t *chat.Turn, me telegram.Me, owners []state.UserID) (claim string, err error) {
	err = errors.Join(
		t.Tx.SetMeta(chat.MetaBotName, me.Username),
		t.Tx.SetMeta(chat.MetaBotID, strconv.FormatInt(int64(me.ID), 10)),
		t.Tx.SetMeta(chat.MetaReadsGroups, chat.Either(me.CanReadAllGroupMessages, "on", "")),
		t.Tx.SetMeta(chat.MetaPrivateTopics, chat.Either(me.HasTopics, "on", "")))
	if err != nil {
		return "", err
	}
	if err := setOwners(t, owners); err != nil {
		return "", err
	}
	list, err := t.Tx.Owners()
	if err != nil || len(list) > 0 {
		return "", err
	}
	token := rand.Text()
	return startLink(me.Username, token), t.Tx.AddInvite(token, state.Claim, 0, t.Now.Add(claimLife))
}

// setOwners makes the configuration's owners those given. Who is no longer named
// has no access any more.
func setOwners(t *chat.Turn, owners []state.UserID) error {
	before, err := t.Tx.Owners()
	if err != nil {
		return err
	}
	if err := t.Tx.SetConfigOwners(owners, t.Now); err != nil {
		return err
	}
	for _, p := range before {
		if p.Source == state.FromConfig && !slices.Contains(owners, p.ID) {
			if err := revoke(t, p.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// revoke ends what goes to a person: pushes and what waits to be sent.
func revoke(t *chat.Turn, id state.UserID) error {
	return revokeChat(t, state.ChatID(id))
}

func startLink(botName, payload string) string {
	return "https://t.me/" + botName + "?start=" + payload
}

// AnswerStranger answers somebody without a role: a one-time link lets him in, anything
// else gets the closed door, once an hour.
func AnswerStranger(t *chat.Turn, s chat.Speaker, m *telegram.Message) error {
	name, payload, ok := m.Command(t.BotName)
	if ok && name == "start" && payload != "" {
		kind, err := t.Tx.UseInvite(payload, s.ID, t.Now)
		switch {
		case err == nil && kind == state.Claim:
			return admit(t, s.Person, state.Owner, state.FromClaim, "welcome_owner")
		case err == nil:
			return admit(t, s.Person, state.Member, state.FromInvite, "welcome")
		case !errors.Is(err, state.ErrNotFound):
			return err
		}
	}
	if chat.Recently(s.Told, t.Now, toldEvery) {
		return nil
	}
	s.Told = t.Now
	if err := t.Tx.SavePerson(s.Person); err != nil {
		return err
	}
	return t.Say(chat.Outgoing{
		Place: s.Place, Text: telegram.Plain(s.T("closed", "ID", int64(s.ID))),
		Buttons: [][]telegram.Button{{chat.Button(s.T("button_ask"), string(chat.PressAsk))}},
	})
}

// admit gives a person a role and greets him.
func admit(t *chat.Turn, p state.Person, role state.Role, source state.Source, greeting string) error {
	p.Role, p.Source, p.Since = role, source, t.Now
	if err := t.Tx.SavePerson(p); err != nil {
		return err
	}
	c := state.ChatID(p.ID)
	if err := t.Tx.SeeChat(c, "private", ""); err != nil {
		return err
	}
	s, err := t.TextsFor(c)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: chat.InChat(c), Text: telegram.Plain(s.T(greeting))})
}

// AskAccess passes a stranger's request for access on to the owners.
func AskAccess(t *chat.Turn, s chat.Speaker, c *telegram.Callback) error {
	if chat.Recently(s.Asked, t.Now, askEvery) {
		return t.AnswerCallback(c.ID, s.T("asked_already"), true)
	}
	s.Asked = t.Now
	if err := t.Tx.SavePerson(s.Person); err != nil {
		return err
	}
	err := tellOwners(t, func(o texts.Texts) chat.Outgoing {
		return chat.Outgoing{
			Text: telegram.Plain(o.T("asks_access", "Name", displayName(s.Person), "ID", int64(s.ID))),
			Buttons: [][]telegram.Button{{
				chat.Button(o.T("button_admit"), chat.Data(chat.PressAdmit, s.ID)), chat.Button(o.T("button_deny"), chat.Data(chat.PressDeny, s.ID)),
			}},
		}
	})
	if err != nil {
		return err
	}
	return t.AnswerCallback(c.ID, s.T("asked"), true)
}

// tellOwners says something to every owner in private.
func tellOwners(t *chat.Turn, compose func(texts.Texts) chat.Outgoing) error {
	owners, err := t.Tx.Owners()
	if err != nil {
		return err
	}
	for _, p := range owners {
		s, err := t.TextsFor(state.ChatID(p.ID))
		if err != nil {
			return err
		}
		o := compose(s)
		o.Place = chat.InChat(state.ChatID(p.ID))
		if err := t.Say(o); err != nil {
			return err
		}
	}
	return nil
}

// DecideAccess is an owner's [Пустить] or [Отказать].
func DecideAccess(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.UserID, let bool) error {
	p, err := t.Tx.Person(id)
	if err != nil {
		return err
	}
	outcome := "admitted"
	switch {
	case p.Role != state.Stranger:
		outcome = "admitted_already"
	case p.Asked.IsZero():
		// Somebody else has decided.
		outcome = "denied"
	case let:
		p.Asked = time.Time{}
		if err := admit(t, p, state.Member, state.FromOwner, "welcome"); err != nil {
			return err
		}
	default:
		outcome = "denied"
		p.Asked = time.Time{}
		if err := t.Tx.SavePerson(p); err != nil {
			return err
		}
		s, err := t.TextsFor(state.ChatID(id))
		if err != nil {
			return err
		}
		if err := t.Say(chat.Outgoing{Place: chat.InChat(state.ChatID(id)), Text: telegram.Plain(s.T("refused_access"))}); err != nil {
			return err
		}
	}
	if err := t.AnswerCallback(c.ID, "", false); err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: s.Place, Edit: state.MessageID(c.Message.ID), Text: telegram.Plain(s.T(outcome, "Name", displayName(p)))})
}

// Invite answers with a one-time link.
func Invite(t *chat.Turn, s chat.Speaker, replyTo state.MessageID) error {
	token := rand.Text()
	if err := t.Tx.AddInvite(token, state.Invite, s.ID, t.Now.Add(inviteLife)); err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: replyTo, Text: telegram.Plain(s.T("invite", "Link", startLink(t.BotName, token)))})
}

// Users lists who may use the bot, with a button to remove each.
func Users(t *chat.Turn, s chat.Speaker) (chat.Outgoing, error) {
	people, err := t.Tx.People()
	if err != nil {
		return chat.Outgoing{}, err
	}
	var b strings.Builder
	b.WriteString(s.T("users", "Count", len(people)))
	var rows [][]telegram.Button
	for _, p := range people {
		key := "user_member"
		if p.Role == state.Owner {
			key = "user_owner"
		}
		b.WriteString("\n" + s.T(key, "Name", displayName(p), "ID", int64(p.ID)))
		if p.ID != s.ID && p.Source != state.FromConfig && len(rows) < 50 {
			rows = append(rows, []telegram.Button{chat.Button(chat.CutUnits(s.T("button_remove", "Name", displayName(p)), 60), chat.Data(chat.PressRemove, p.ID))})
		}
	}
	groups, err := t.Tx.Groups()
	if err != nil {
		return chat.Outgoing{}, err
	}
	if len(groups) > 0 {
		b.WriteString("\n\n" + s.T("users_groups"))
	}
	for _, g := range groups {
		name := chat.CutRunes(telegram.Clean(g.Title), 60)
		b.WriteString("\n• " + name)
		rows = append(rows, []telegram.Button{chat.Button(chat.CutUnits(s.T("button_remove", "Name", name), 60), chat.Data(chat.PressUngroup, -g.Chat))})
	}
	return chat.Outgoing{Place: s.Place, Text: telegram.Plain(b.String()), Buttons: rows[:min(len(rows), 90)]}, nil
}

// RemoveGroup ends a group's access at once, and the bot leaves it.
func RemoveGroup(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.ChatID) error {
	group, err := t.Tx.Chat(id)
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	if _, err := revokeGroup(t, id); err != nil {
		return err
	}
	if err := t.AnswerCallback(c.ID, s.T("removed", "Name", telegram.Clean(group.Title)), false); err != nil {
		return err
	}
	list, err := Users(t, s)
	list.Edit = state.MessageID(c.Message.ID)
	if err != nil {
		return err
	}
	return t.Say(list)
}

// RemovePerson ends a person's access: his pushes and buttons end at once.
func RemovePerson(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.UserID) error {
	p, err := t.Tx.Person(id)
	if err != nil {
		return err
	}
	if p.Role != state.Stranger && p.Source != state.FromConfig && p.ID != s.ID {
		p.Role, p.Source, p.Asked, p.Told = state.Stranger, "", time.Time{}, time.Time{}
		if err := t.Tx.SavePerson(p); err != nil {
			return err
		}
		if err := revoke(t, id); err != nil {
			return err
		}
	}
	if err := t.AnswerCallback(c.ID, s.T("removed", "Name", displayName(p)), false); err != nil {
		return err
	}
	list, err := Users(t, s)
	list.Edit = state.MessageID(c.Message.ID)
	if err != nil {
		return err
	}
	return t.Say(list)
}

// displayName names a person to others.
func displayName(p state.Person) string {
	switch {
	case p.Name != "" && p.Username != "":
		return p.Name + " (@" + p.Username + ")"
	case p.Name != "":
		return p.Name
	case p.Username != "":
		return "@" + p.Username
	}
	return strconv.FormatInt(int64(p.ID), 10)
}
