package bot

import (
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

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
func (b *Bot) Ready(tx *state.Tx, now time.Time, me telegram.Me, owners []state.UserID) (claim string, err error) {
	err = errors.Join(
		tx.SetMeta(metaBotName, me.Username),
		tx.SetMeta(metaBotID, strconv.FormatInt(int64(me.ID), 10)),
		tx.SetMeta(metaReadsGroups, pick(me.CanReadAllGroupMessages, "on", "")),
		tx.SetMeta(metaPrivateTopics, pick(me.HasTopics, "on", "")))
	if err != nil {
		return "", err
	}
	if err := (&turn{Bot: b, tx: tx, now: now}).setOwners(owners); err != nil {
		return "", err
	}
	list, err := tx.Owners()
	if err != nil || len(list) > 0 {
		return "", err
	}
	token := rand.Text()
	return startLink(me.Username, token), tx.AddInvite(token, state.Claim, 0, now.Add(claimLife))
}

// setOwners makes the configuration's owners those given. Who is no longer named
// has no access any more.
func (t *turn) setOwners(owners []state.UserID) error {
	before, err := t.tx.Owners()
	if err != nil {
		return err
	}
	if err := t.tx.SetConfigOwners(owners, t.now); err != nil {
		return err
	}
	for _, p := range before {
		if p.Source == state.FromConfig && !slices.Contains(owners, p.ID) {
			if err := t.shut(p.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// shut ends what goes to a person: pushes and what waits to be sent.
func (t *turn) shut(id state.UserID) error {
	return t.shutChat(state.ChatID(id))
}

func startLink(botName, payload string) string {
	return "https://t.me/" + botName + "?start=" + payload
}

// stranger answers somebody without a role: a one-time link lets him in, anything
// else gets the closed door, once an hour.
func (t *turn) stranger(s speaker, m *telegram.Message) error {
	name, payload, ok := m.Command(t.name)
	if ok && name == "start" && payload != "" {
		kind, err := t.tx.UseInvite(payload, s.ID, t.now)
		switch {
		case err == nil && kind == state.Claim:
			return t.admit(s.Person, state.Owner, state.FromClaim, "welcome_owner")
		case err == nil:
			return t.admit(s.Person, state.Member, state.FromInvite, "welcome")
		case !errors.Is(err, state.ErrNotFound):
			return err
		}
	}
	if recently(s.Told, t.now, toldEvery) {
		return nil
	}
	s.Told = t.now
	if err := t.tx.SavePerson(s.Person); err != nil {
		return err
	}
	return t.say(outgoing{
		chat: s.chat, text: telegram.Plain(s.T("closed", "ID", int64(s.ID))),
		buttons: [][]telegram.Button{{button(s.T("button_ask"), pressAsk)}},
	})
}

// admit gives a person a role and greets him.
func (t *turn) admit(p state.Person, role state.Role, source state.Source, greeting string) error {
	p.Role, p.Source, p.Since = role, source, t.now
	if err := t.tx.SavePerson(p); err != nil {
		return err
	}
	c := state.ChatID(p.ID)
	if err := t.tx.SeeChat(c, "private", ""); err != nil {
		return err
	}
	s, err := t.textsFor(c)
	if err != nil {
		return err
	}
	return t.say(outgoing{chat: c, text: telegram.Plain(s.T(greeting))})
}

// ask passes a stranger's request for access on to the owners.
func (t *turn) ask(s speaker, c *telegram.Callback) error {
	if recently(s.Asked, t.now, askEvery) {
		return t.answerPress(c.ID, s.T("asked_already"), true)
	}
	s.Asked = t.now
	if err := t.tx.SavePerson(s.Person); err != nil {
		return err
	}
	id := strconv.FormatInt(int64(s.ID), 10)
	err := t.tellOwners(func(o texts.Texts) outgoing {
		return outgoing{
			text: telegram.Plain(o.T("asks_access", "Name", who(s.Person), "ID", int64(s.ID))),
			buttons: [][]telegram.Button{{
				button(o.T("button_admit"), "admit:"+id), button(o.T("button_deny"), "deny:"+id),
			}},
		}
	})
	if err != nil {
		return err
	}
	return t.answerPress(c.ID, s.T("asked"), true)
}

// tellOwners says something to every owner in private.
func (t *turn) tellOwners(compose func(texts.Texts) outgoing) error {
	owners, err := t.tx.Owners()
	if err != nil {
		return err
	}
	for _, p := range owners {
		s, err := t.textsFor(state.ChatID(p.ID))
		if err != nil {
			return err
		}
		o := compose(s)
		o.chat = state.ChatID(p.ID)
		if err := t.say(o); err != nil {
			return err
		}
	}
	return nil
}

// decideAccess is an owner's [Пустить] or [Отказать].
func (t *turn) decideAccess(s speaker, c *telegram.Callback, id state.UserID, let bool) error {
	p, err := t.tx.Person(id)
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
		if err := t.admit(p, state.Member, state.FromOwner, "welcome"); err != nil {
			return err
		}
	default:
		outcome = "denied"
		p.Asked = time.Time{}
		if err := t.tx.SavePerson(p); err != nil {
			return err
		}
		s, err := t.textsFor(state.ChatID(id))
		if err != nil {
			return err
		}
		if err := t.say(outgoing{chat: state.ChatID(id), text: telegram.Plain(s.T("refused_access"))}); err != nil {
			return err
		}
	}
	if err := t.answerPress(c.ID, "", false); err != nil {
		return err
	}
	return t.say(outgoing{chat: s.chat, edit: state.MessageID(c.Message.ID), text: telegram.Plain(s.T(outcome, "Name", who(p)))})
}

// invite answers with a one-time link.
func (t *turn) invite(s speaker, replyTo state.MessageID) error {
	token := rand.Text()
	if err := t.tx.AddInvite(token, state.Invite, s.ID, t.now.Add(inviteLife)); err != nil {
		return err
	}
	return t.say(outgoing{chat: s.chat, replyTo: replyTo, text: telegram.Plain(s.T("invite", "Link", startLink(t.name, token)))})
}

// users lists who may use the bot, with a button to remove each.
func (t *turn) users(s speaker) (outgoing, error) {
	people, err := t.tx.People()
	if err != nil {
		return outgoing{}, err
	}
	var b strings.Builder
	b.WriteString(s.T("users", "Count", len(people)))
	var rows [][]telegram.Button
	for _, p := range people {
		key := "user_member"
		if p.Role == state.Owner {
			key = "user_owner"
		}
		b.WriteString("\n" + s.T(key, "Name", who(p), "ID", int64(p.ID)))
		if p.ID != s.ID && p.Source != state.FromConfig && len(rows) < 50 {
			rows = append(rows, []telegram.Button{button(cutUnits(s.T("button_remove", "Name", who(p)), 60), "remove:"+strconv.FormatInt(int64(p.ID), 10))})
		}
	}
	groups, err := t.tx.Groups()
	if err != nil {
		return outgoing{}, err
	}
	if len(groups) > 0 {
		b.WriteString("\n\n" + s.T("users_groups"))
	}
	for _, g := range groups {
		name := cutRunes(telegram.Clean(g.Title), 60)
		b.WriteString("\n• " + name)
		rows = append(rows, []telegram.Button{button(cutUnits(s.T("button_remove", "Name", name), 60), pressUngroup+":"+strconv.FormatInt(-int64(g.Chat), 10))})
	}
	return outgoing{chat: s.chat, text: telegram.Plain(b.String()), buttons: rows[:min(len(rows), 90)]}, nil
}

// removeGroup ends a group's access at once, and the bot leaves it.
func (t *turn) removeGroup(s speaker, c *telegram.Callback, id state.ChatID) error {
	chat, err := t.tx.Chat(id)
	if ignoreAbsent(err) != nil {
		return err
	}
	if _, err := t.shutGroup(id); err != nil {
		return err
	}
	if err := t.answerPress(c.ID, s.T("removed", "Name", telegram.Clean(chat.Title)), false); err != nil {
		return err
	}
	list, err := t.users(s)
	list.edit = state.MessageID(c.Message.ID)
	if err != nil {
		return err
	}
	return t.say(list)
}

// remove ends a person's access: his pushes and buttons end at once.
func (t *turn) remove(s speaker, c *telegram.Callback, id state.UserID) error {
	p, err := t.tx.Person(id)
	if err != nil {
		return err
	}
	if p.Role != state.Stranger && p.Source != state.FromConfig && p.ID != s.ID {
		p.Role, p.Source, p.Asked, p.Told = state.Stranger, "", time.Time{}, time.Time{}
		if err := t.tx.SavePerson(p); err != nil {
			return err
		}
		if err := t.shut(id); err != nil {
			return err
		}
	}
	if err := t.answerPress(c.ID, s.T("removed", "Name", who(p)), false); err != nil {
		return err
	}
	list, err := t.users(s)
	list.edit = state.MessageID(c.Message.ID)
	if err != nil {
		return err
	}
	return t.say(list)
}

// who names a person to others.
func who(p state.Person) string {
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
