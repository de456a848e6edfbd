package access

import (
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// claimLife is how long a claim link is valid.
const claimLife = 15 * time.Minute

// Ready records the bot's identity. Without an owner it returns a claim link: whoever opens it
// first within claimLife becomes one.
func Ready(t *chat.Turn, me telegram.Me) (claim string, err error) {
	err = errors.Join(
		t.Tx.SetMeta(chat.MetaBotName, me.Username),
		t.Tx.SetBotID(state.UserID(me.ID)),
		t.Tx.SetMeta(chat.MetaReadsGroups, chat.Either(me.CanReadAllGroupMessages, "on", "")),
		t.Tx.SetMeta(chat.MetaPrivateTopics, chat.Either(me.HasTopics, "on", "")))
	if err != nil {
		return "", err
	}
	list, err := t.Tx.Owners()
	if err != nil || len(list) > 0 {
		return "", errors.Join(err, t.Tx.DropClaims())
	}
	token := rand.Text()
	return startLink(me.Username, token), t.Tx.AddInvite(token, state.Invite{Kind: state.Claim, Created: t.Now, Expires: t.Now.Add(claimLife)})
}

func startLink(botName, payload string) string {
	return "https://t.me/" + botName + "?start=" + payload
}

// SetOwners makes the given people the configured owners, and returns those who no longer
// are and so lost access.
func SetOwners(t *chat.Turn, owners []state.UserID) (retired []state.UserID, err error) {
	before, err := t.Tx.OwnersOf(state.FromConfig)
	if err != nil {
		return nil, err
	}
	before = slices.DeleteFunc(before, func(p state.Person) bool { return slices.Contains(owners, p.ID) })
	var chats []state.ChatID
	for _, p := range before {
		retired, chats = append(retired, p.ID), append(chats, state.ChatID(p.ID))
	}
	orphans, total, err := Orphans(t, chats)
	if err != nil {
		return nil, err
	}
	for _, p := range before {
		if err := errors.Join(closeAccess(t, p), t.Audit(state.AuditEntry{Event: state.AuditRetired, Person: p.ID})); err != nil {
			return nil, err
		}
	}
	for _, id := range owners {
		p, err := t.Tx.Person(id)
		if err != nil {
			return nil, err
		}
		if p.Source == state.FromConfig {
			continue
		}
		if err := errors.Join(giveRole(t, p, state.Owner, state.FromConfig), t.Audit(state.AuditEntry{Event: state.AuditConfigured, Person: id})); err != nil {
			return nil, err
		}
	}
	return retired, TellOfOrphans(t, orphans, total)
}

// giveRole gives a stranger access, or changes a member's role.
func giveRole(t *chat.Turn, p state.Person, role state.Role, source state.Source) error {
	if p.Role == state.Stranger {
		p.Since = t.Now
	}
	p.Role, p.Source, p.Asked, p.Removed = role, source, time.Time{}, time.Time{}
	return t.Tx.SavePerson(p)
}

// closeAccess revokes a person's access and cancels everything queued for their chat. Their
// submissions are not this package's business: see conversation.
func closeAccess(t *chat.Turn, p state.Person) error {
	p.Role, p.Source, p.Asked, p.Removed = state.Stranger, "", time.Time{}, t.Now
	return errors.Join(t.Tx.SavePerson(p), t.Tx.DropInvitesOf(p.ID), revokeChat(t, state.ChatID(p.ID)))
}

// TellOwners sends every owner a private message.
func TellOwners(t *chat.Turn, compose func(texts.Texts) chat.Outgoing) error {
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

// mayChange returns "" if an owner may change another person's rights, else a key of the
// catalogue that says why not.
func mayChange(s chat.Speaker, p state.Person) (why string) {
	switch {
	case p.ID == s.ID:
		return "person_self"
	case p.Source == state.FromConfig:
		return "person_configured"
	case p.Role == state.Stranger:
		return "button_expired"
	}
	return ""
}

// MakeOwner makes a member an owner, or the reverse. It returns false if that is not
// possible, and has said why.
func MakeOwner(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.UserID, make bool) (bool, error) {
	p, err := t.Tx.Person(id)
	if err != nil {
		return false, err
	}
	if why := mayChange(s, p); why != "" {
		return false, t.AnswerCallback(c.ID, s.T(why), true)
	}
	greeting, event, role := "owner_made", state.AuditOwnerMade, state.Owner
	if !make {
		greeting, event, role = "owner_unmade", state.AuditOwnerUnmade, state.Member
		if err := t.Tx.DropInvitesOf(id); err != nil {
			return false, err
		}
	}
	if p.Role != role {
		to, err := t.TextsFor(state.ChatID(id))
		err = errors.Join(err, giveRole(t, p, role, state.FromOwner), t.Audit(state.AuditEntry{Event: event, By: s.ID, Person: id}),
			t.Say(chat.Outgoing{Place: chat.InChat(state.ChatID(id)), Text: telegram.Plain(to.T(greeting))}))
		if err != nil {
			return false, err
		}
	}
	return true, t.AnswerCallback(c.ID, s.T(chat.Either(make, "owner_made_toast", "owner_unmade_toast"), "Name", displayName(p)), false)
}

// displayName is a person's name as others see it.
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
