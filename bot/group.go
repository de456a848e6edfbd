package bot

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// placeOf tells where an update is from.
func placeOf(u telegram.Update) place {
	p := place{chat: state.ChatID(u.ChatID())}
	m := u.Message
	if u.Callback != nil {
		m = u.Callback.Message
	}
	if m != nil {
		p.thread = threadOf(m)
	}
	return p
}

// threadOf is the topic that a message stands in; 0: in none. Chains of replies
// are threads for Telegram too.
func threadOf(m *telegram.Message) state.ThreadID {
	if !m.IsTopic {
		return 0
	}
	return state.ThreadID(m.Thread)
}

// purpose is what a message in a group is for.
type purpose struct {
	kind    purposeKind
	command command
	target  target
	prompt  state.Prompt
}

type purposeKind int

const (
	talk        purposeKind = iota // among colleagues: none of the bot's business
	forCommand                     // a command of this bot's
	forTicket                      // a reply to a ticket's message, or by the topic's rule
	forQuestion                    // a reply to the bot's question to this person
)

// purposeOf tells what a message in a group is for. It reads and changes nothing:
// it is asked before anything is stored, too.
func (t *turn) purposeOf(messages []*telegram.Message) (purpose, error) {
	m := messages[0]
	if m.From == nil || m.From.IsBot && m.SenderChat == nil || m.Kind == telegram.KindService || isNote(caption(messages)) {
		return purpose{}, nil
	}
	if c, ok := t.commandIn(messages); ok {
		if t.knows(c) {
			return purpose{kind: forCommand, command: c}, nil
		}
		return purpose{}, nil
	}
	if m.CommandElsewhere(t.name) {
		return purpose{}, nil
	}
	to, err := t.repliedTo(m)
	if err == nil {
		return purpose{kind: forTicket, target: to}, nil
	}
	if !errors.Is(err, state.ErrNotFound) {
		return purpose{}, err
	}
	if p, ok, err := t.questionRepliedTo(m); err != nil || ok {
		return purpose{kind: forQuestion, prompt: p}, err
	}
	if id, ok, err := t.topicRule(m); err != nil || ok {
		return purpose{kind: forTicket, target: target{ticket: id}}, err
	}
	return purpose{}, nil
}

// knows tells whether a command in a group is this bot's. One that names the bot
// is, even if there is no such command; else it may be another bot's.
func (t *turn) knows(c command) bool {
	if slices.ContainsFunc(commandList, func(known commandInfo) bool { return known.Name == c.name }) || c.name == "start" {
		return true
	}
	return slices.ContainsFunc(c.messages, func(m *telegram.Message) bool {
		head, _, _ := strings.Cut(m.Text, " ")
		return strings.HasPrefix(head, "/"+c.name+"@")
	})
}

// questionRepliedTo is the bot's open question to a person, if he replies to it:
// in a group nothing else answers one. The message that asked is known by its id,
// or, where that was never learned, by being the bot's and nothing else.
func (t *turn) questionRepliedTo(m *telegram.Message) (state.Prompt, bool, error) {
	r := m.ReplyTo
	if r == nil || !t.isMe(r.From) {
		return state.Prompt{}, false, nil
	}
	p, err := t.tx.Prompt(state.ChatID(m.Chat.ID), state.UserID(m.From.ID), t.now.Add(-promptLife))
	if err != nil {
		return p, false, ignoreAbsent(err)
	}
	return p, p.Message == state.MessageID(r.ID) || p.Message == 0 && len(r.Buttons) == 0, nil
}

// asked is the text of a question to the speaker. In a group it names him: Telegram
// asks only whom the message names.
func (s speaker) asked(text string) telegram.Text {
	var b telegram.Builder
	if telegram.ChatID(s.chat).IsGroup() {
		b.Mention(s.Name, telegram.UserID(s.ID)).Plain("\n")
	}
	return b.Plain(text).Text()
}

// concernsGroup tells whether an update from a group is the bot's business.
func (t *turn) concernsGroup(u telegram.Update) (bool, error) {
	name, err := t.tx.Meta(metaBotName)
	if err != nil {
		return false, err
	}
	t.name = name
	chat := state.ChatID(u.ChatID())
	m := u.Message
	switch {
	case u.Member != nil:
		return true, nil
	case u.Callback != nil:
		return t.concernsPress(u.Callback)
	case u.Edited != nil:
		return t.concernsEdit(u.Edited)
	case m == nil:
		return false, nil
	case m.MigrateTo != 0 || m.MigrateFrom != 0:
		return true, nil
	}
	p, err := t.purposeOf([]*telegram.Message{m})
	if err != nil || p.kind == talk {
		return false, err
	}
	if ok, err := t.counts(chat); err != nil || ok {
		return ok, err
	}
	// A member is told that the group does not count.
	author, err := t.tx.Person(state.UserID(m.From.ID))
	return author.Role != state.Stranger, err
}

// concernsEdit: of what was edited only that matters which is a submission, or
// waits to become one.
func (t *turn) concernsEdit(m *telegram.Message) (bool, error) {
	chat, id := state.ChatID(m.Chat.ID), state.MessageID(m.ID)
	_, err := t.tx.SubmissionOf(chat, id)
	if errors.Is(err, state.ErrNotFound) {
		_, err = t.tx.Item(chat, id) // in a draft
	}
	if !errors.Is(err, state.ErrNotFound) {
		return err == nil, err
	}
	return t.tx.Pending(MessageKey(m))
}

// groupMessage handles a message in a group: nothing goes out without a command,
// a reply to a ticket's message or the topic's rule.
func (t *turn) groupMessage(messages []*telegram.Message) error {
	m := messages[0]
	chat := state.ChatID(m.Chat.ID)
	switch {
	case m.MigrateTo != 0:
		return t.migrate(chat, state.ChatID(m.MigrateTo))
	case m.MigrateFrom != 0:
		return t.migrate(state.ChatID(m.MigrateFrom), chat)
	}
	p, err := t.purposeOf(messages)
	if err != nil || p.kind == talk {
		return err
	}
	if m.SenderChat != nil {
		return t.faceless(m)
	}
	s, err := t.meet(*m.From, m.Chat)
	if err != nil {
		return err
	}
	if !s.allowed {
		return t.say(outgoing{chat: chat, anyway: true, replyTo: state.MessageID(m.ID), text: telegram.Plain(s.T("group_unknown"))})
	}
	if err := t.tellHidden(s, messages); err != nil {
		return err
	}
	switch p.kind {
	case forCommand:
		return t.command(s, p.command)
	case forQuestion:
		if taken, err := t.answerQuestion(s, p.prompt, messages); taken || err != nil {
			return err
		}
		return t.refuse(s, state.MessageID(m.ID), "subject_refused")
	}
	if t.holds, err = t.namesColleague(messages); err != nil {
		return err
	}
	return t.answer(s, p.target, messages)
}

// reasonMention marks an answer that names a colleague: it may be for him alone.
const reasonMention = "mention"

// namesColleague tells whether messages name somebody who is not the bot.
func (t *turn) namesColleague(messages []*telegram.Message) (bool, error) {
	me, err := t.tx.Meta(metaBotID)
	if err != nil {
		return false, err
	}
	for _, m := range messages {
		names, ids := m.Mentioned()
		if slices.ContainsFunc(names, func(name string) bool { return !strings.EqualFold(name, t.name) }) ||
			slices.ContainsFunc(ids, func(id telegram.UserID) bool { return strconv.FormatInt(int64(id), 10) != me }) {
			return true, nil
		}
	}
	return false, nil
}

// faceless tells, once, those who write as the group or as a channel that nobody
// can tell who they are.
func (t *turn) faceless(m *telegram.Message) error {
	chat := state.ChatID(m.Chat.ID)
	if ok, err := t.counts(chat); err != nil || !ok {
		return err
	}
	key := "faceless_channel"
	if m.SenderChat.ID == m.Chat.ID {
		key = "faceless_admin"
	}
	fresh, err := t.tx.TellOnce(chat, key)
	if err != nil || !fresh {
		return err
	}
	s, err := t.textsFor(chat)
	if err != nil {
		return err
	}
	return t.say(outgoing{chat: chat, replyTo: state.MessageID(m.ID), text: telegram.Plain(s.T(key))})
}

// tellHidden says what privacy mode hides, where it matters: the other items of
// an album, the rest of a long text.
func (t *turn) tellHidden(s speaker, messages []*telegram.Message) error {
	g, err := t.tx.Group(s.chat)
	if err != nil {
		return err
	}
	if all, err := t.seesAll(g); err != nil || all || len(messages) > 1 {
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
	return t.say(outgoing{chat: s.chat, replyTo: state.MessageID(m.ID), text: telegram.Plain(s.T(key))})
}

// seesAll tells whether the bot gets every message of a group.
func (t *turn) seesAll(g state.Group) (bool, error) {
	reads, err := t.tx.Meta(metaReadsGroups)
	return g.Admin || reads != "", err
}
