package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// told is a post as the chats are told of it.
type told struct {
	ticket state.Ticket
	post   plusofon.Post
	side   state.PostSide
	author string
	words  telegram.Text
	opens  bool // it opens the ticket
}

// announcePost tells the chats of a post that was not made through this program.
// Only the staff's posts make a sound.
func (t *turn) announcePost(fresh state.Ticket, p plusofon.Post, side state.PostSide, opens bool) error {
	return t.announceWords(told{fresh, p, side, p.Author.Name, postWords(side, p.Text), opens}, 0)
}

// announceOwn shows the other chats, silently, what was written in one of them,
// as it was written there.
func (t *turn) announceOwn(sub state.Submission, p plusofon.Post) error {
	ticket, err := t.tx.Ticket(sub.Ticket)
	if err != nil {
		return err
	}
	author, err := t.tx.Person(sub.User)
	if err != nil {
		return err
	}
	words := telegram.Plain(strings.TrimSuffix(sub.Text, signature(author)))
	return t.announceWords(told{ticket, p, state.Customer, author.Name, words, sub.Kind == state.Opening}, sub.Chat)
}

// postWords are the words of a post, the staff's signature folded.
func postWords(side state.PostSide, text string) telegram.Text {
	words := telegram.FromHTML(text)
	if side == state.Staff {
		words = words.FoldSignature()
	}
	return words
}

// maxParts is how many messages a post may take. One that needs more is shown by
// its beginning, and the whole of it comes as a file.
const maxParts = 3

// beginning is how much of such a post is shown, in UTF-16 units.
const beginning = 3000

func (t *turn) announceWords(n told, except state.ChatID) error {
	return t.toListeners(n.ticket.ID, except, func(r room) outgoing {
		o := outgoing{silent: n.side == state.Customer}
		if n.side == state.Staff {
			o.files = attachmentRefs(n.ticket.ID, n.post, 0)
		}
		o.more = n.body(r, n.words)
		if len(header(n.ticket).Append(o.more).Text().Split(telegram.MaxText)) > maxParts {
			var begins telegram.Builder
			begins.Append(n.words.Split(beginning)[0])
			begins.Plain("…\n\n" + r.T("news_long"))
			o.more = n.body(r, begins.Text())
			o.files = append([]AttachmentRef{{
				Ticket: n.ticket.ID, Post: state.PostID(n.post.ID), Made: true, Name: fmt.Sprintf("%d-%d.txt", n.ticket.ID, n.post.ID),
			}}, o.files...)
		}
		o.text = header(n.ticket).Append(o.more).Text()
		return o
	})
}

// body is what is told of a post under the ticket's header: who wrote it, when,
// the words, the names of its files.
func (n told) body(r room, words telegram.Text) telegram.Text {
	var text telegram.Builder
	if n.opens {
		text.Plain("\n" + r.T("news_opened"))
	}
	line := pick(n.side == state.Staff, "💬 ", "👤 ") + telegram.Clean(n.author)
	if !n.post.Date.IsZero() {
		line += ", " + n.post.Date.In(r.zone).Format("15:04")
	}
	text.Plain("\n" + line + "\n\n")
	text.Append(words)
	if len(n.post.Attachments) > 0 {
		text.Plain("\n\n📎 " + strings.Join(attachmentNames(n.post), ", "))
	}
	return text.Text()
}

// announceState tells the bound chats, silently, that a ticket was closed or
// opened again.
func (t *turn) announceState(fresh state.Ticket) error {
	return t.toListeners(fresh.ID, 0, func(r room) outgoing {
		more := telegram.Plain("\n" + r.T(pick(fresh.Open, "news_reopened", "news_closed")))
		return outgoing{text: header(fresh).Append(more).Text(), more: more, silent: true}
	})
}

// announceFiles sends the attachments down that were added to a known post, from
// the n-th on.
func (t *turn) announceFiles(fresh state.Ticket, p plusofon.Post, n int) error {
	bindings, err := t.listeners(fresh.ID)
	if err != nil {
		return err
	}
	for _, b := range bindings {
		for _, ref := range attachmentRefs(fresh.ID, p, n) {
			if err := t.sendDown(b.Chat, ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// attachmentRefs names the attachments, from the n-th on, that can be sent down:
// of some there is only the name, which stands under the text.
func attachmentRefs(id state.TicketID, p plusofon.Post, n int) []AttachmentRef {
	var refs []AttachmentRef
	for i, name := range attachmentNames(p) {
		if i >= n && (p.Attachments[i].URL != "" || p.Attachments[i].Content != "") {
			refs = append(refs, AttachmentRef{Ticket: id, Post: state.PostID(p.ID), N: i, Name: name})
		}
	}
	return refs
}

// sendDown queues an attachment for a chat. Files have a lane of their own: one
// that can't be fetched, or is large, holds up no words.
func (t *turn) sendDown(chat state.ChatID, ref AttachmentRef) error {
	s, err := t.textsFor(chat)
	if err != nil {
		return err
	}
	// The button leads a reply to its ticket even if the message's id is never
	// learned. The text has made the sound.
	call, err := telegram.Encode(telegram.SendDocument{
		ChatID: telegram.ChatID(chat), Silent: true, NoTypeDetection: true,
		ReplyMarkup: telegram.InlineKeyboard{{button(s.T("button_answer"), ticketPress(pressAnswer, ref.Ticket))}},
	})
	if err != nil {
		return err
	}
	return t.enqueue(state.Telegram, downLane(chat, ref.Ticket), KindFile, state.PriorityNews, "", TelegramRow{
		Call: call, Chat: chat, Ticket: ref.Ticket, Chain: true, Topic: true, File: &ref,
	})
}

// AttachmentMissing says in words that an attachment can't be had.
func (b *Bot) AttachmentMissing(tx *state.Tx, now time.Time, row TelegramRow, reason string) error {
	t := &turn{Bot: b, tx: tx, now: now}
	s, err := t.textsFor(row.Chat)
	if err != nil {
		return err
	}
	return t.say(outgoing{
		chat: row.Chat, ticket: row.Ticket, chain: true, silent: true, news: true,
		text:    telegram.Plain(s.T(reason, "Name", row.File.Name, "Ticket", ticketName(row.Ticket))),
		buttons: [][]telegram.Button{{button(s.T("button_answer"), ticketPress(pressAnswer, row.Ticket))}},
	})
}

// toListeners says something in every chat that gets a ticket's news but one.
func (t *turn) toListeners(id state.TicketID, except state.ChatID, compose func(room) outgoing) error {
	bindings, err := t.listeners(id)
	if err != nil {
		return err
	}
	for _, b := range bindings {
		if b.Chat == except {
			continue
		}
		r, err := t.room(b.Chat)
		if err != nil {
			return err
		}
		sound, err := t.soundButton(r, b.Chat, id)
		if err != nil {
			return err
		}
		o := compose(r)
		o.chat, o.ticket, o.chain, o.news, o.silent = b.Chat, id, true, true, o.silent || b.Muted || r.isQuiet(t.now)
		o.buttons = [][]telegram.Button{{
			button(r.T("button_answer"), ticketPress(pressAnswer, id)),
			button(r.T("button_history"), ticketPress(pressHistory, id)),
			sound,
		}}
		if joined, err := t.join(o); err != nil {
			return err
		} else if joined {
			continue
		}
		if err := t.say(o); err != nil {
			return err
		}
	}
	return nil
}

// joinBehind is how many messages of a chat wait when Telegram's limits (20 a
// minute in a group) hold its news back for so long that they are joined.
const joinBehind = 20

// join adds news to the last message that waits for the chat, if that is of the
// same ticket, there is room, and many wait before it; false where it is to be a
// message of its own. The last of many is certainly not under way.
func (t *turn) join(o outgoing) (bool, error) {
	row, err := t.tx.LaneTail(state.Telegram, chatLane(o.chat), joinBehind)
	if errors.Is(err, state.ErrNotFound) || err == nil && (row.Priority != state.PriorityNews || row.Kind != KindCall) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	waiting, err := Decode[TelegramRow](row)
	if err != nil {
		return false, err
	}
	var send telegram.SendMessage
	if waiting.Ticket != o.ticket || waiting.Call.Method != send.Method() {
		return false, nil
	}
	if err := json.Unmarshal(waiting.Call.Params, &send); err != nil {
		return false, fmt.Errorf("read a message that waits: %w", err)
	}
	var text telegram.Builder
	text.Append(telegram.Text{String: send.Text, Entities: send.Entities}).Plain("\n").Append(o.more)
	whole := text.Text()
	if telegram.UTF16Len(whole.String) > telegram.MaxText || len(whole.Entities) > telegram.MaxEntities {
		return false, nil
	}
	send.Text, send.Entities, send.Silent = whole.String, whole.Entities, send.Silent && o.silent
	send.ReplyMarkup = telegram.InlineKeyboard(o.buttons)
	if waiting.Call, err = telegram.Encode(send); err != nil {
		return false, err
	}
	waiting.Files = append(waiting.Files, o.files...)
	payload, err := json.Marshal(waiting)
	if err != nil {
		return false, fmt.Errorf("write a message that waits: %w", err)
	}
	return true, t.tx.Rewrite(row.ID, string(payload))
}

// listeners are the chats that get a ticket's news: those bound to it and those
// that hear of all tickets. Who wants no news, or has lost his access, hears
// nothing, though his chat may still be bound.
func (t *turn) listeners(id state.TicketID) ([]state.Binding, error) {
	all, err := t.tx.ChatsWithAllNews()
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if err := t.tx.BindAsAll(c, id, t.now); err != nil {
			return nil, err
		}
	}
	bindings, err := t.tx.BindingsOf(id)
	if err != nil {
		return nil, err
	}
	allowed := bindings[:0]
	for _, b := range bindings {
		ok, err := t.counts(b.Chat)
		if err != nil {
			return nil, err
		}
		set, err := t.tx.Settings(b.Chat)
		if err != nil {
			return nil, err
		}
		if ok && (set.News == state.NewsAll || set.News == state.NewsBound && !b.AsAll) {
			allowed = append(allowed, b)
		}
	}
	return allowed, nil
}

// header is the first line of everything about a ticket.
func header(ticket state.Ticket) *telegram.Builder {
	return new(telegram.Builder).Bold(ticketName(ticket.ID) + dotted(telegram.Clean(ticket.Subject), 255))
}

// dotted is a subject behind a ticket's name; nothing where there is none.
func dotted(subject string, n int) string {
	if subject == "" {
		return ""
	}
	return " · " + cutRunes(subject, n)
}
