package access

import (
	"crypto/rand"
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

const (
	inviteLife = 24 * time.Hour
	// askEvery is how often a stranger may request access.
	askEvery = 24 * time.Hour
	// asksAnHour is how many access requests an hour reach the owners.
	asksAnHour = 30
)

// linkFor returns the one-time link with a token if this person can use it, else
// ErrNotFound. After their access was revoked they need a link made later, that is a new
// decision by an owner.
func linkFor(t *chat.Turn, p state.Person, token string) (state.Invite, error) {
	i, err := t.Tx.OpenInvite(token, t.Now)
	if err != nil {
		return i, err
	}
	if !p.Removed.IsZero() && !i.Created.After(p.Removed) || p.Role != state.Stranger && i.Kind != state.Claim {
		return i, state.ErrNotFound
	}
	return i, nil
}

// FollowLink lets a person in by a one-time link, and returns the role it gave them;
// ErrNotFound if none. A member does not use up an invitation.
func FollowLink(t *chat.Turn, p state.Person, token string) (state.Role, error) {
	i, err := linkFor(t, p, token)
	if err != nil {
		return "", err
	}
	if err := t.Tx.DropInvite(i.ID); err != nil {
		return "", err
	}
	if i.Kind == state.Claim {
		return state.Owner, errors.Join(admit(t, p, state.Owner, state.FromClaim, "welcome_owner"),
			t.Audit(state.AuditEntry{Event: state.AuditClaimed, Person: p.ID}))
	}
	return state.Member, errors.Join(admit(t, p, state.Member, state.FromInvite, "welcome"),
		t.Audit(state.AuditEntry{Event: state.AuditJoined, By: i.By, Person: p.ID}))
}

// admit gives a person a role and greets them.
func admit(t *chat.Turn, p state.Person, role state.Role, source state.Source, greeting string) error {
	if err := giveRole(t, p, role, source); err != nil {
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

// RefuseStranger tells someone without access that the bot is closed. The limit of once an
// hour is applied before their message is stored: see ConcernsStranger.
func RefuseStranger(t *chat.Turn, s chat.Speaker) error {
	t.Log(state.AuditEntry{Event: state.AuditStrangerTold, Person: s.ID})
	return t.Say(chat.Outgoing{
		Place: s.Place, Stranger: true, Text: telegram.Plain(s.T("closed", "ID", int64(s.ID))),
		Buttons: [][]telegram.Button{{chat.Button(s.T("button_ask"), string(chat.PressAsk))}},
	})
}

// askedTooOften reports whether owners have received enough requests for this hour.
func askedTooOften(t *chat.Turn) (bool, error) {
	n, err := t.Tx.AskedSince(t.Now.Add(-time.Hour))
	return n >= asksAnHour, err
}

// AskAccess forwards a stranger's access request to the owners.
func AskAccess(t *chat.Turn, s chat.Speaker, c *telegram.Callback) error {
	if chat.Recently(s.Asked, t.Now, askEvery) {
		return t.RefuseCallback(c.ID, s.T("asked_already"))
	}
	if often, err := askedTooOften(t); err != nil {
		return err
	} else if often {
		return t.RefuseCallback(c.ID, s.T("asked_later"))
	}
	p := s.Person
	if !p.Removed.IsZero() {
		// Erased data stays erased unless an owner lets them in again.
		stored, err := t.Tx.Person(p.ID)
		if err != nil {
			return err
		}
		p = stored
	}
	p.Asked = t.Now
	err := errors.Join(t.Tx.SavePerson(p), t.Audit(state.AuditEntry{Event: state.AuditAsked, Person: p.ID}))
	if err != nil {
		return err
	}
	err = TellOwners(t, func(o texts.Texts) chat.Outgoing {
		return chat.Outgoing{
			Stranger: true, Text: telegram.Plain(o.T("asks_access", "Name", displayName(s.Person), "ID", int64(s.ID))),
			Buttons: [][]telegram.Button{{
				chat.Button(o.T("button_admit"), chat.Data(chat.PressAdmit, s.ID)), chat.Button(o.T("button_deny"), chat.Data(chat.PressDeny, s.ID)),
			}},
		}
	})
	if err != nil {
		return err
	}
	return t.RefuseCallback(c.ID, s.T("asked"))
}

// DecideAccess handles an owner's [Пустить] or [Отказать].
func DecideAccess(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.UserID, let bool) error {
	p, err := t.Tx.Person(id)
	if err != nil {
		return err
	}
	outcome := "denied"
	switch {
	case p.Role != state.Stranger:
		outcome = "admitted_already"
	case p.Asked.IsZero():
		outcome = "asked_over" // decided by someone else, or pruned
	case let:
		outcome = "admitted"
		err = errors.Join(admit(t, p, state.Member, state.FromOwner, "welcome"), t.Audit(state.AuditEntry{Event: state.AuditAdmitted, By: s.ID, Person: id}))
	default:
		err = deny(t, s, p)
	}
	if err != nil {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false),
		t.Say(chat.Outgoing{Place: s.Place, Edit: state.MessageID(c.Message.ID), Text: telegram.Plain(s.T(outcome, "Name", displayName(p)))}))
}

// deny tells a stranger that their request was denied, and deletes their data.
func deny(t *chat.Turn, s chat.Speaker, p state.Person) error {
	in := chat.InChat(state.ChatID(p.ID))
	to, err := t.TextsFor(in.Chat)
	if err != nil {
		return err
	}
	p.Asked = time.Time{}
	return errors.Join(t.Tx.SavePerson(p), t.Tx.ForgetStranger(p.ID), t.Audit(state.AuditEntry{Event: state.AuditDenied, By: s.ID, Person: p.ID}),
		t.Say(chat.Outgoing{Place: in, Stranger: true, Text: telegram.Plain(to.T("refused_access"))}))
}

// Invite replies with a one-time link.
func Invite(t *chat.Turn, s chat.Speaker, replyTo state.MessageID) error {
	token := rand.Text()
	return errors.Join(
		t.Tx.AddInvite(token, state.Invite{Kind: state.Invitation, By: s.ID, Created: t.Now, Expires: t.Now.Add(inviteLife)}),
		t.Audit(state.AuditEntry{Event: state.AuditInvited, By: s.ID}),
		t.Say(chat.Outgoing{Place: s.Place, ReplyTo: replyTo, Text: telegram.Plain(s.T("invite", "Link", startLink(t.BotName, token)))}))
}

// Withdraw deletes an invitation; ErrNotFound if it is no longer usable.
func Withdraw(t *chat.Turn, s chat.Speaker, id state.InviteID) error {
	i, err := t.Tx.Invite(id, t.Now)
	if err != nil {
		return err
	}
	return errors.Join(t.Tx.DropInvite(id), t.Audit(state.AuditEntry{Event: state.AuditWithdrawn, By: s.ID, Person: i.By}))
}
