package ticket

import (
	"fmt"
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// announcement is a post as the chats are told of it.
type announcement struct {
	ticket state.Ticket
	post   plusofon.Post
	side   state.PostSide
	author string
	words  telegram.Text
	opens  bool // it opens the ticket
}

// announcePost tells the chats of a post that was not made through this program.
// Only the staff's posts make a sound.
func announcePost(t *chat.Turn, fresh state.Ticket, p plusofon.Post, side state.PostSide, opens bool) error {
	return announceWords(t, announcement{fresh, p, side, p.Author.Name, PostWords(side, p.Text), opens}, 0)
}

// announceOwn shows the other chats, silently, what was written in one of them,
// as it was written there.
func announceOwn(t *chat.Turn, sub state.Submission, p plusofon.Post) error {
	ticket, err := t.Tx.Ticket(sub.Ticket)
	if err != nil {
		return err
	}
	author, err := t.Tx.Person(sub.User)
	if err != nil {
		return err
	}
	words := telegram.Plain(strings.TrimSuffix(sub.Text, submission.Signature(author)))
	return announceWords(t, announcement{ticket, p, state.Customer, author.Name, words, sub.Kind == state.Opening}, sub.Chat)
}

// PostWords are the words of a post, the staff's signature folded.
func PostWords(side state.PostSide, text string) telegram.Text {
	words := telegram.FromHTML(plusofon.RestoreSigns(text))
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

func announceWords(t *chat.Turn, n announcement, except state.ChatID) error {
	return toListeners(t, n.ticket.ID, except, func(r chat.Locale) chat.Outgoing {
		o := chat.Outgoing{Silent: n.side == state.Customer}
		if n.side == state.Staff {
			o.Files = attachmentRefs(n.ticket.ID, n.post, 0)
		}
		o.More = n.body(r, n.words)
		if len(chat.Header(n.ticket).Append(o.More).Text().Split(telegram.MaxText)) > maxParts {
			var begins telegram.Builder
			begins.Append(n.words.Split(beginning)[0])
			begins.Plain("…\n\n" + r.T("news_long"))
			o.More = n.body(r, begins.Text())
			o.Files = append([]chat.AttachmentRef{{
				Ticket: n.ticket.ID, Post: state.PostID(n.post.ID), Made: true, Name: fmt.Sprintf("%d-%d.txt", n.ticket.ID, n.post.ID),
			}}, o.Files...)
		}
		o.Text = chat.Header(n.ticket).Append(o.More).Text()
		return o
	})
}

// body is what is told of a post under the ticket's header: who wrote it, when,
// the words, the names of its files.
func (n announcement) body(r chat.Locale, words telegram.Text) telegram.Text {
	var text telegram.Builder
	if n.opens {
		text.Plain("\n" + r.T("news_opened"))
	}
	line := chat.Either(n.side == state.Staff, "💬 ", "👤 ") + telegram.Clean(n.author)
	if !n.post.Date.IsZero() {
		line += ", " + n.post.Date.In(r.Zone).Format("15:04")
	}
	text.Plain("\n" + line + "\n\n")
	text.Append(words)
	if len(n.post.Attachments) > 0 {
		text.Plain("\n\n📎 " + strings.Join(AttachmentNames(n.post), ", "))
	}
	return text.Text()
}

// announceEdit tells the chats, silently, what a post says since the staff has changed
// it.
func announceEdit(t *chat.Turn, fresh state.Ticket, p plusofon.Post, side state.PostSide) error {
	n := announcement{ticket: fresh, post: p, side: side, author: p.Author.Name, words: PostWords(side, p.Text)}
	n.post.Attachments = nil // they are as they were
	return toListeners(t, fresh.ID, 0, func(r chat.Locale) chat.Outgoing {
		more := telegram.Plain("\n" + r.T("news_edited"))
		var text telegram.Builder
		text.Append(more).Append(n.body(r, n.words.Split(beginning)[0]))
		more = text.Text()
		return chat.Outgoing{Text: chat.Header(fresh).Append(more).Text(), More: more, Silent: true}
	})
}

// announceState tells the bound chats, silently, that a ticket was closed or
// opened again.
func announceState(t *chat.Turn, fresh state.Ticket) error {
	return toListeners(t, fresh.ID, 0, func(r chat.Locale) chat.Outgoing {
		more := telegram.Plain("\n" + r.T(chat.Either(fresh.Open, "news_reopened", "news_closed")))
		o := chat.Outgoing{Text: chat.Header(fresh).Append(more).Text(), More: more, Silent: true}
		if !fresh.Open {
			o.Buttons = [][]telegram.Button{{
				chat.Button(r.T("button_still"), chat.Data(chat.PressStill, fresh.ID)),
				chat.Button(r.T("button_history"), chat.Data(chat.PressHistory, fresh.ID)),
			}}
		}
		return o
	})
}

// announceGone tells the bound chats, silently, that a ticket does not exist any more.
func announceGone(t *chat.Turn, ticket state.Ticket) error {
	return toListeners(t, ticket.ID, 0, func(r chat.Locale) chat.Outgoing {
		more := telegram.Plain("\n" + r.T("news_gone"))
		return chat.Outgoing{
			Text: chat.Header(ticket).Append(more).Text(), More: more, Silent: true,
			Buttons: [][]telegram.Button{{chat.Button(r.T("button_history"), chat.Data(chat.PressHistory, ticket.ID))}},
		}
	})
}

// announceFiles sends the attachments down that were added to a known post, from
// the n-th on.
func announceFiles(t *chat.Turn, fresh state.Ticket, p plusofon.Post, n int) error {
	bindings, err := listeners(t, fresh.ID)
	if err != nil {
		return err
	}
	for _, b := range bindings {
		for _, ref := range attachmentRefs(fresh.ID, p, n) {
			if err := SendDown(t, b.Chat, ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// attachmentRefs names the attachments, from the n-th on, that can be sent down:
// of some there is only the name, which stands under the text.
func attachmentRefs(id state.TicketID, p plusofon.Post, n int) []chat.AttachmentRef {
	var refs []chat.AttachmentRef
	for i, name := range AttachmentNames(p) {
		if i >= n && (p.Attachments[i].URL != "" || p.Attachments[i].Content != "") {
			refs = append(refs, chat.AttachmentRef{Ticket: id, Post: state.PostID(p.ID), N: i, Name: name})
		}
	}
	return refs
}

// SendDown queues an attachment for a chat. Files have a lane of their own: one
// that can't be fetched, or is large, holds up no words.
func SendDown(t *chat.Turn, chatID state.ChatID, ref chat.AttachmentRef) error {
	s, err := t.TextsFor(chatID)
	if err != nil {
		return err
	}
	// The button leads a reply to its ticket even if the message's id is never
	// learned. The text has made the sound.
	call, err := telegram.Encode(telegram.SendDocument{
		ChatID: telegram.ChatID(chatID), Silent: true, NoTypeDetection: true,
		ReplyMarkup: telegram.InlineKeyboard{{chat.Button(s.T("button_answer"), chat.Data(chat.PressAnswer, ref.Ticket))}},
	})
	if err != nil {
		return err
	}
	return t.Enqueue(state.Telegram, chat.DownLane(chatID, ref.Ticket), chat.KindFile, state.PriorityNews, "", chat.TelegramRow{
		Call: call, Place: chat.InChat(chatID), Meaning: chat.Meaning{Ticket: ref.Ticket, Chain: true, Topic: true}, File: &ref,
	})
}

// AttachmentMissing says in words that an attachment can't be had.
func AttachmentMissing(t *chat.Turn, row chat.TelegramRow, reason string) error {
	s, err := t.TextsFor(row.Chat)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{
		Place: chat.InChat(row.Chat), Meaning: chat.Meaning{Ticket: row.Ticket, Chain: true}, Silent: true, News: true,
		Text:    telegram.Plain(s.T(reason, "Name", row.File.Name, "Ticket", chat.TicketName(row.Ticket))),
		Buttons: [][]telegram.Button{{chat.Button(s.T("button_answer"), chat.Data(chat.PressAnswer, row.Ticket))}},
	})
}

// toListeners says something in every chat that gets a ticket's news but one.
func toListeners(t *chat.Turn, id state.TicketID, except state.ChatID, compose func(chat.Locale) chat.Outgoing) error {
	bindings, err := listeners(t, id)
	if err != nil {
		return err
	}
	for _, b := range bindings {
		if b.Chat == except {
			continue
		}
		r, err := t.Locale(b.Chat)
		if err != nil {
			return err
		}
		sound, err := t.SoundButton(r, b.Chat, id)
		if err != nil {
			return err
		}
		o := compose(r)
		if !o.Silent && !b.Muted && r.IsQuiet(t.Now) {
			if err := t.Tx.AddNight(b.Chat, id, quietEnds(r, t.Now)); err != nil {
				return err
			}
		}
		o.Place, o.Ticket, o.Chain, o.News, o.Silent = chat.InChat(b.Chat), id, true, true, o.Silent || b.Muted || r.IsQuiet(t.Now)
		if o.Buttons == nil {
			o.Buttons = [][]telegram.Button{{
				chat.Button(r.T("button_answer"), chat.Data(chat.PressAnswer, id)),
				chat.Button(r.T("button_history"), chat.Data(chat.PressHistory, id)),
				sound,
			}}
		}
		o.Body = telegram.UTF16Len(o.Text.String) - telegram.UTF16Len(o.More.String)
		if err := t.Say(o); err != nil {
			return err
		}
	}
	return nil
}

// Hears tells whether a chat gets a ticket's news.
func Hears(t *chat.Turn, c state.ChatID, id state.TicketID) (bool, error) {
	set, err := t.Tx.Settings(c)
	if err != nil || set.News != state.NewsBound {
		return set.News == state.NewsAll, err
	}
	b, err := t.Tx.Binding(c, id)
	return err == nil && !b.AsAll, chat.IgnoreAbsent(err)
}

// listeners are the chats that get a ticket's news: those bound to it and those
// that hear of all tickets. Who wants no news, or has lost his access, hears
// nothing, though his chat may still be bound.
func listeners(t *chat.Turn, id state.TicketID) ([]state.Binding, error) {
	all, err := t.Tx.ChatsWithAllNews()
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if err := t.Tx.BindAsAll(c, id, t.Now); err != nil {
			return nil, err
		}
	}
	bindings, err := t.Tx.BindingsOf(id)
	if err != nil {
		return nil, err
	}
	allowed := bindings[:0]
	for _, b := range bindings {
		ok, err := t.ChatAuthorized(b.Chat)
		if err != nil {
			return nil, err
		}
		set, err := t.Tx.Settings(b.Chat)
		if err != nil {
			return nil, err
		}
		if ok && (set.News == state.NewsAll || set.News == state.NewsBound && !b.AsAll) {
			allowed = append(allowed, b)
		}
	}
	return allowed, nil
}
