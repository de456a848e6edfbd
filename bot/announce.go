package bot

import (
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// announcePost tells the bound chats of a post that was not made through this
// program. Only the staff's posts make a sound.
func (t *turn) announcePost(fresh state.Ticket, p plusofon.Post, side state.PostSide) error {
	return t.announceWords(fresh, p, side, p.Author.Name, telegram.FromHTML(p.Text), 0)
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
	return t.announceWords(ticket, p, state.Customer, author.Name, words, sub.Chat)
}

func (t *turn) announceWords(ticket state.Ticket, p plusofon.Post, side state.PostSide, author string, words telegram.Text, except state.ChatID) error {
	return t.toBound(ticket.ID, except, func(speakerTexts, state.Binding) (outgoing, error) {
		text := header(ticket)
		line := pick(side == state.Staff, "💬 ", "👤 ") + telegram.Clean(author)
		if !p.Date.IsZero() {
			line += ", " + p.Date.In(t.zone()).Format("15:04")
		}
		text.Plain("\n" + line + "\n\n")
		text.Append(words)
		if len(p.Attachments) > 0 {
			text.Plain("\n\n📎 " + strings.Join(attachmentNames(p), ", "))
		}
		o := outgoing{text: text.Text(), silent: side == state.Customer}
		if side == state.Staff {
			o.files = attachmentRefs(ticket.ID, p, 0)
		}
		return o, nil
	})
}

// announceState tells the bound chats, silently, that a ticket was closed or
// opened again.
func (t *turn) announceState(fresh state.Ticket) error {
	return t.toBound(fresh.ID, 0, func(s speakerTexts, b state.Binding) (outgoing, error) {
		text := header(fresh)
		text.Plain("\n" + s.T(pick(fresh.Open, "news_reopened", "news_closed")))
		return outgoing{text: text.Text(), silent: true}, nil
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
		Call: call, Chat: chat, Ticket: ref.Ticket, Chain: true, File: &ref,
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
		text: telegram.Plain(s.T(reason, "Name", row.File.Name, "Ticket", ticketName(row.Ticket))),
	})
}

// toBound says something in every chat bound to a ticket but one.
func (t *turn) toBound(id state.TicketID, except state.ChatID, compose func(speakerTexts, state.Binding) (outgoing, error)) error {
	bindings, err := t.listeners(id)
	if err != nil {
		return err
	}
	for _, b := range bindings {
		if b.Chat == except {
			continue
		}
		s, err := t.textsFor(b.Chat)
		if err != nil {
			return err
		}
		o, err := compose(s, b)
		if err != nil {
			return err
		}
		sound, err := t.soundButton(s, b.Chat, id)
		if err != nil {
			return err
		}
		o.chat, o.ticket, o.chain, o.news, o.silent = b.Chat, id, true, true, o.silent || b.Muted
		o.buttons = [][]telegram.Button{{
			button(s.T("button_answer"), ticketPress(pressAnswer, id)),
			button(s.T("button_history"), ticketPress(pressHistory, id)),
			sound,
		}}
		if err := t.say(o); err != nil {
			return err
		}
	}
	return nil
}

// listeners are the chats bound to a ticket. Who has lost his access hears
// nothing, though his chat may still be bound.
func (t *turn) listeners(id state.TicketID) ([]state.Binding, error) {
	bindings, err := t.tx.BindingsOf(id)
	if err != nil {
		return nil, err
	}
	allowed := bindings[:0]
	for _, b := range bindings {
		p, err := t.tx.Person(state.UserID(b.Chat))
		if err != nil {
			return nil, err
		}
		if p.Role != state.Stranger || telegram.ChatID(b.Chat).IsGroup() {
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

// zone is the one that times are shown in.
func (b *Bot) zone() *time.Location {
	if b.Location != nil {
		return b.Location
	}
	return time.UTC
}
