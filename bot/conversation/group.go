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

// placeOf returns where an update is from.
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
	forNone      purposeKind = iota // among colleagues: not for the bot
	forCommand                      // a command of this bot's
	forTicket                       // a reply to a ticket's message, or by the topic's setting
	forQuestion                     // a reply to the bot's question to this person
	forDraft                        // a reply to the card of this person's draft
	forUndecided                    // a reply to an undecided message that may become a ticket's
	forAdvice                       // a reply to a message of the bot's that has no effect
)

// purposeOf decides what a message in a group is for. It changes nothing: it is also called
// before anything is stored.
func purposeOf(t *chat.Turn, messages []*telegram.Message) (purpose, error) {
	m := messages[0]
	if m.From == nil || m.From.IsBot && m.SenderChat == nil || m.Kind == telegram.KindService || isRemark(messages) {
		return purpose{}, nil
	}
	if c, ok := commandIn(t, messages); ok {
		if isOwnCommand(t, c) || repliesToMe(t, m) {
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
		return purpose{kind: forUndecided}, err
	}
	if advice, err := needsAdvice(t, m); err != nil || advice {
		return purpose{kind: forAdvice}, err
	}
	return purpose{}, nil
}

// isOwnCommand reports whether a command in a group is this bot's: a known command, or one that
// names the bot. Any other may be another bot's.
func isOwnCommand(t *chat.Turn, c chat.Command) bool {
	if slices.ContainsFunc(commandList, func(known commandInfo) bool { return known.Name == c.Name }) || c.Name == "start" {
		return true
	}
	return slices.ContainsFunc(c.Messages, func(m *telegram.Message) bool {
		head, _, _ := strings.Cut(m.Text, " ")
		return strings.HasPrefix(head, "/"+c.Name+"@")
	})
}

// questionRepliedTo returns what the bot has asked a person for, if they reply to that: in a
// group nothing else answers it. The question is recognized by its id or, if that was never
// recorded, by being the bot's message without buttons.
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
		if err == nil && h.Kind != state.HandDraft && (h.Message == state.MessageID(r.ID) || h.Message == 0 && len(r.Buttons) == 0 && !r.Date.Before(submission.TakenAt(h))) {
			return h, true, nil
		}
	}
	return state.InHand{}, false, nil
}

// concernsGroup reports whether an update from a group concerns the bot. In doubt it does, while
// earlier updates are undecided: they may authorize the group, or make the ticket that a reply is
// for.
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
	if err != nil || p.kind == forNone {
		return false, err
	}
	if p.kind == forAdvice {
		before, err := t.Tx.PendingIn(chat, 1)
		return len(before) > 0, err // an undecided update may give it a purpose
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
	// A member is told that the group is not authorized.
	return author.Role != state.Stranger, nil
}

// concernsEdit: an edit concerns the bot only if its message is a submission, or may become one.
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

// groupMessaged handles a message in a group: nothing is sent to Plusofon without a command, a
// reply to a ticket's message or the topic's setting.
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
	case err != nil || p.kind == forNone || p.kind == forUndecided:
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
		if taken, err := takeAsked(t, s, p.asked, messages); taken || err != nil {
			return err
		}
		return submission.Refuse(t, s, state.MessageID(m.ID), chat.Either(p.asked.Kind == state.HandSearch, "search_missing", "subject_refused"))
	}
	held, err := forColleague(t, p.target.Ticket, messages)
	if err != nil {
		return err
	}
	return submission.Answer(t, s, p.target, messages, held)
}

// explainAnonymous explains that anonymous senders (the group itself, or a channel) can't be
// authorized: once per group, and once under each message of the bot's they reply to.
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

// tellHidden says what privacy mode has hidden: the other items of an album, the rest of a long
// text.
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
