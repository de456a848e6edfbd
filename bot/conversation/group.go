package conversation

import (
	"errors"
	"slices"
	"strings"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// placeOf tells where an update is from.
func placeOf(u telegram.Update) chat.Place {
	p := chat.Place{Chat: state.ChatID(u.ChatID())}
	m := u.Message
	if u.Callback != nil {
		m = u.Callback.Message
	}
	if m != nil {
		p.Thread = chat.ThreadOf(m)
	}
	return p
}

// purpose is what a message in a group is for.
type purpose struct {
	kind    purposeKind
	command chat.Command
	target  submission.Target
	draft   state.Draft
	asked   state.InHand
}

type purposeKind int

const (
	forNobody   purposeKind = iota // among colleagues: none of the bot's business
	forCommand                     // a command of this bot's
	forTicket                      // a reply to a ticket's message, or by the topic's rule
	forQuestion                    // a reply to the bot's question to this person
	forDraft                       // a reply to the card of this person's draft
	forLater                       // a reply to what is not decided yet and may become a ticket's
	forAdvice                      // a reply to a message of the bot's that leads nowhere
)

// purposeOf tells what a message in a group is for. It reads and changes nothing:
// it is asked before anything is stored, too.
func purposeOf(t *chat.Turn, messages []*telegram.Message) (purpose, error) {
	m := messages[0]
	if m.From == nil || m.From.IsBot && m.SenderChat == nil || m.Kind == telegram.KindService || submission.IsRemark(caption(messages)) {
		return purpose{}, nil
	}
	if c, ok := commandIn(t, messages); ok {
		if knows(t, c) || repliesToMe(t, m) {
			return purpose{kind: forCommand, command: c}, nil
		}
		return purpose{}, nil
	}
	if m.CommandElsewhere(t.BotName) {
		return purpose{}, nil
	}
	to, err := submission.RepliedTo(t, m)
	if err == nil {
		return purpose{kind: forTicket, target: to}, nil
	}
	if !errors.Is(err, state.ErrNotFound) {
		return purpose{}, err
	}
	if p, ok, err := questionRepliedTo(t, m); err != nil || ok {
		return purpose{kind: forQuestion, asked: p}, err
	}
	if d, ok, err := submission.CardRepliedTo(t, m); err != nil || ok {
		return purpose{kind: forDraft, draft: d}, err
	}
	if id, ok, err := topic.RuledBy(t, m); err != nil || ok {
		return purpose{kind: forTicket, target: submission.Target{Ticket: id}}, err
	}
	if later, err := repliesToUndecided(t, m); err != nil || later {
		return purpose{kind: forLater}, err
	}
	if advice, err := needsAdvice(t, m); err != nil || advice {
		return purpose{kind: forAdvice}, err
	}
	return purpose{}, nil
}

// knows tells whether a command in a group is this bot's. One that names the bot
// is, even if there is no such command; else it may be another bot's.
func knows(t *chat.Turn, c chat.Command) bool {
	if slices.ContainsFunc(commandList, func(known commandInfo) bool { return known.Name == c.Name }) || c.Name == "start" {
		return true
	}
	return slices.ContainsFunc(c.Messages, func(m *telegram.Message) bool {
		head, _, _ := strings.Cut(m.Text, " ")
		return strings.HasPrefix(head, "/"+c.Name+"@")
	})
}

// questionRepliedTo is what the bot has asked a person for, if they reply to that: in a
// group nothing else answers it. The message that asked is known by its id, or, where
// that was never learned, by being the bot's and nothing else.
func questionRepliedTo(t *chat.Turn, m *telegram.Message) (state.InHand, bool, error) {
	r := m.ReplyTo
	if !repliesToMe(t, m) {
		return state.InHand{}, false, nil
	}
	for _, asked := range []func(state.ChatID, state.UserID, time.Time) (state.InHand, error){t.Tx.LineAsked, t.Tx.InHand} {
		h, err := asked(state.ChatID(m.Chat.ID), state.UserID(m.From.ID), t.Now)
		if chat.IgnoreAbsent(err) != nil {
			return h, false, err
		}
		if err == nil && h.Kind != state.HandDraft && (h.Message == state.MessageID(r.ID) || h.Message == 0 && len(r.Buttons) == 0) {
			return h, true, nil
		}
	}
	return state.InHand{}, false, nil
}

// concernsGroup tells whether an update from a group is the bot's business. What is not
// decided yet counts as if it were: what came before may let the group in, or make the
// ticket that a reply is for.
func concernsGroup(t *chat.Turn, known *access.Strangers, u telegram.Update) (bool, error) {
	chat := state.ChatID(u.ChatID())
	m := u.Message
	switch {
	case u.Member != nil:
		return true, nil
	case u.Callback != nil:
		return access.ConcernsPress(t, known, u.Callback)
	case u.Edited != nil:
		return concernsEdit(t, u.Edited)
	case m == nil:
		return false, nil
	case m.MigrateTo != 0 || m.MigrateFrom != 0:
		return true, nil
	}
	p, err := purposeOf(t, []*telegram.Message{m})
	if err != nil || p.kind == forNobody {
		return false, err
	}
	if p.kind == forAdvice {
		before, err := t.Tx.PendingIn(chat, 1)
		return len(before) > 0, err // what waits there may give it a purpose
	}
	author, err := t.Tx.Person(state.UserID(m.From.ID))
	if err != nil {
		return false, err
	}
	if ok, err := mayUse(t, chat, author.ID); err != nil || ok {
		return ok, err
	}
	if !author.Removed.IsZero() {
		return access.ConcernsRemoved(t, known, author.ID), nil
	}
	// A member is told that the group does not count.
	return author.Role != state.Stranger, nil
}

// concernsEdit: of what was edited only that matters which is a submission, or
// waits to become one.
func concernsEdit(t *chat.Turn, m *telegram.Message) (bool, error) {
	chat, id := state.ChatID(m.Chat.ID), state.MessageID(m.ID)
	_, err := t.Tx.SubmissionOf(chat, id)
	if errors.Is(err, state.ErrNotFound) {
		var kept []state.Item // in a draft
		if kept, err = t.Tx.Items(chat, id); err == nil && len(kept) == 0 {
			err = state.ErrNotFound
		}
	}
	if !errors.Is(err, state.ErrNotFound) {
		return err == nil, err
	}
	return t.Tx.Pending(MessageKey(m))
}

// groupMessaged handles a message in a group: nothing goes out without a command,
// a reply to a ticket's message or the topic's rule.
func groupMessaged(t *chat.Turn, known *access.Strangers, messages []*telegram.Message) error {
	m := messages[0]
	chatID := state.ChatID(m.Chat.ID)
	switch {
	case m.MigrateTo != 0:
		return migrate(t, chatID, state.ChatID(m.MigrateTo))
	case m.MigrateFrom != 0:
		return migrate(t, state.ChatID(m.MigrateFrom), chatID)
	}
	p, err := purposeOf(t, messages)
	switch {
	case err != nil || p.kind == forNobody || p.kind == forLater:
		return err
	case p.kind == forAdvice:
		return advise(t, known, m)
	}
	if m.SenderChat != nil {
		return explainAnonymous(t, m)
	}
	s, err := t.Meet(*m.From, m.Chat, chat.ThreadOf(m))
	if err != nil {
		return err
	}
	if !s.Allowed && !s.Removed.IsZero() {
		return access.RefuseRemoved(t, s, state.MessageID(m.ID))
	}
	if !s.Allowed {
		return t.Say(chat.Outgoing{Place: s.Place, Meaning: chat.Meaning{Anyway: true}, ReplyTo: state.MessageID(m.ID), Text: telegram.Plain(s.T("group_unknown"))})
	}
	if err := tellHidden(t, s, messages); err != nil {
		return err
	}
	switch p.kind {
	case forCommand:
		return runCommand(t, s, p.command)
	case forDraft:
		return submission.IntoCard(t, s, p.draft, messages)
	case forQuestion:
		if taken, err := given(t, s, p.asked, messages); taken || err != nil {
			return err
		}
		return submission.Refuse(t, s, state.MessageID(m.ID), "subject_refused")
	}
	held, err := forColleague(t, p.target.Ticket, messages)
	if err != nil {
		return err
	}
	return submission.Answer(t, s, p.target, messages, held)
}

// explainAnonymous tells, once, and once under a message of the bot's, those who write as
// the group or as a channel that nobody can tell who they are.
func explainAnonymous(t *chat.Turn, m *telegram.Message) error {
	chatID := state.ChatID(m.Chat.ID)
	if ok, err := t.ChatAuthorized(chatID); err != nil || !ok {
		return err
	}
	key := "faceless_channel"
	if m.SenderChat.ID == m.Chat.ID {
		key = "faceless_admin"
	}
	fresh, err := t.Tx.TellOnce(chatID, key)
	if err == nil && repliesToMe(t, m) {
		var here bool
		here, err = t.Tx.TellOnce(chatID, state.AdviceUnder(state.MessageID(m.ReplyTo.ID)))
		fresh = fresh || here
	}
	if err != nil || !fresh {
		return err
	}
	s, err := t.TextsFor(chatID)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: chat.Place{Chat: chatID, Thread: chat.ThreadOf(m)}, ReplyTo: state.MessageID(m.ID), Text: telegram.Plain(s.T(key))})
}

// tellHidden says what privacy mode hides, where it matters: the other items of
// an album, the rest of a long text.
func tellHidden(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) error {
	in, err := t.CurrentChat(s.Chat)
	if err != nil {
		return err
	}
	g, err := t.Tx.Group(in)
	if err != nil {
		return err
	}
	if all, err := access.SeesAll(t, g); err != nil || all || len(messages) > 1 {
		return err
	}
	m := messages[0]
	var key string
	switch {
	case m.MediaGroup != "":
		key = "hidden_album"
	case m.Kind == telegram.KindText && telegram.UTF16Len(m.Text) >= telegram.MaxText-1:
		key = "hidden_text"
	default:
		return nil
	}
	return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: state.MessageID(m.ID), Text: telegram.Plain(s.T(key))})
}
