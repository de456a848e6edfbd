package ticket

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// kind is what an announcement is about.
type kind string

// The kinds. They are stored, so their meaning never changes.
const (
	kindPost     kind = "post"     // a new post
	kindEdit     kind = "edit"     // a post's new text
	kindFiles    kind = "files"    // attachments added to a known post
	kindClosed   kind = "closed"   // the ticket
	kindReopened kind = "reopened" // the ticket
	kindGone     kind = "gone"     // the ticket
)

// announcement is what the chats are told about a ticket. It is stored with its text
// until every chat has been told: by then the text at Plusofon may be another.
type announcement struct {
	Kind   kind         `json:"kind"`
	Except state.ChatID `json:"except,omitempty"` // the chat that is not told
	// The fields below are a post's.
	Post   state.PostID   `json:"post,omitempty"`
	Side   state.PostSide `json:"side,omitempty"`
	Author string         `json:"author,omitempty"`
	Date   time.Time      `json:"date,omitzero"`
	Words  telegram.Text  `json:"words,omitzero"`
	Files  []attachment   `json:"files,omitempty"`
	Opens  bool           `json:"opens,omitempty"` // it opens the ticket
}

// announcementOf returns the announcement of a post.
func announcementOf(k kind, p plusofon.Post, side state.PostSide, words telegram.Text) announcement {
	return announcement{Kind: k, Post: state.PostID(p.ID), Side: side, Author: p.Author.Name, Date: p.Date, Words: words, Files: attachmentsOf(p, 0)}
}

// announcePost tells the chats about a post that was not made through the bot.
// Only the staff's posts make a sound.
func announcePost(t *chat.Turn, fresh state.Ticket, p plusofon.Post, side state.PostSide, opens bool) error {
	n := announcementOf(kindPost, p, side, PostWords(side, p.Text))
	n.Opens = opens
	return announce(t, fresh.ID, n)
}

// announceOwn shows the other chats, silently, what was written in one of them,
// as it was written there.
func announceOwn(t *chat.Turn, sub state.Submission, p plusofon.Post) error {
	author, err := t.Tx.Person(sub.User)
	if err != nil {
		return err
	}
	written, err := t.CurrentChat(sub.Chat) // the chat may have become a supergroup
	if err != nil {
		return err
	}
	n := announcementOf(kindPost, p, state.Customer, telegram.Plain(strings.TrimSuffix(sub.Text, submission.Signature(author))))
	n.Author, n.Opens, n.Except = author.Name, sub.Kind == state.Opening, written
	return announce(t, sub.Ticket, n)
}

// announceEdit tells the chats, silently, what a post says after the staff changed it.
func announceEdit(t *chat.Turn, fresh state.Ticket, p plusofon.Post, side state.PostSide) error {
	n := announcementOf(kindEdit, p, side, PostWords(side, p.Text))
	n.Files = nil // unchanged
	return announce(t, fresh.ID, n)
}

// announceFiles sends the chats the attachments that were added to a known post, from
// the n-th on.
func announceFiles(t *chat.Turn, fresh state.Ticket, p plusofon.Post, n int) error {
	return announce(t, fresh.ID, announcement{Kind: kindFiles, Post: state.PostID(p.ID), Files: attachmentsOf(p, n)})
}

// announceState tells the chats, silently, that a ticket was closed or reopened.
func announceState(t *chat.Turn, fresh state.Ticket) error {
	k := kindClosed
	if fresh.Open {
		k = kindReopened
	}
	return announce(t, fresh.ID, announcement{Kind: k})
}

// maxStatements is the number of statements after which a transaction leaves the rest to the
// next one.
const maxStatements = 300

// hasDoneEnough reports whether the turn's transaction should end soon: it blocks all
// others.
func hasDoneEnough(t *chat.Turn) bool { return t.Tx.Work().Statements >= maxStatements }

// announce tells the chats that follow a ticket, as many as fit into the transaction.
// TellNext tells the rest, and all of them if an earlier announcement of the ticket is
// still in progress.
func announce(t *chat.Turn, id state.TicketID, n announcement) error {
	waits, err := t.Tx.HasAnnouncements(id)
	if err != nil {
		return err
	}
	told := state.Untold
	if !waits {
		var all bool
		if told, all, err = tell(t, id, n, told); err != nil || all {
			return err
		}
	}
	payload, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("write an announcement: %w", err)
	}
	return t.Tx.AddAnnouncement(id, string(payload), told)
}

// TellNext tells the next chats of the oldest announcement in progress; all is true if
// there was none.
func TellNext(t *chat.Turn) (all bool, err error) {
	next, err := t.Tx.NextAnnouncement()
	if errors.Is(err, state.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	var n announcement
	if err := json.Unmarshal([]byte(next.Payload), &n); err != nil {
		return false, fmt.Errorf("read announcement %d: %w", next.ID, err)
	}
	told, all, err := tell(t, next.Ticket, n, next.Told)
	if err != nil {
		return false, err
	}
	if all {
		return false, t.Tx.EndAnnouncement(next.ID)
	}
	return false, t.Tx.AnnouncedTo(next.ID, told)
}

// listenersAtOnce is how many chats are looked up at a time.
const listenersAtOnce = 16

// tell goes through the chats below told until the transaction has done enough. It returns
// the last chat it handled and whether none is left.
func tell(t *chat.Turn, id state.TicketID, n announcement, told state.ChatID) (last state.ChatID, all bool, err error) {
	of, err := t.Tx.Ticket(id)
	if err != nil {
		return told, false, err
	}
	except, err := t.CurrentChat(n.Except)
	if err != nil {
		return told, false, err
	}
	for {
		chats, err := t.Tx.Listeners(id, told, listenersAtOnce)
		if err != nil {
			return told, false, err
		}
		for _, c := range chats {
			if hasDoneEnough(t) {
				return told, false, nil
			}
			if c != except {
				if err := tellChat(t, of, n, c); err != nil {
					return told, false, err
				}
			}
			told = c
		}
		if len(chats) < listenersAtOnce {
			return told, true, nil
		}
	}
}

// tellChat tells one chat, if it is authorized and gets the ticket's news.
func tellChat(t *chat.Turn, of state.Ticket, n announcement, c state.ChatID) error {
	r, err := t.Locale(c)
	if err != nil {
		return err
	}
	b, hears, err := listens(t, c, of.ID, r.Settings.News)
	if err != nil || !hears {
		return err
	}
	if n.Kind == kindFiles {
		for _, ref := range n.refs(of.ID) {
			if err := SendDown(t, c, ref); err != nil {
				return err
			}
		}
		for _, f := range n.Files {
			if f.Given {
				continue
			}
			ref := chat.AttachmentRef{Ticket: of.ID, Post: n.Post, N: f.N, Name: f.Name}
			row := chat.TelegramRow{Place: chat.InChat(c), Meaning: chat.Meaning{Ticket: of.ID}, File: &ref}
			if err := AttachmentMissing(t, row, "attachment_missing"); err != nil {
				return err
			}
		}
		return nil
	}
	o := n.compose(r, of, t.Now)
	if !o.Silent && !b.Muted && r.IsQuiet(t.Now) {
		if err := t.Tx.AddNight(c, of.ID, quietEnds(r, t.Now)); err != nil {
			return err
		}
	}
	o.Place, o.Ticket, o.Chain, o.News, o.Silent = chat.InChat(c), of.ID, true, true, o.Silent || b.Muted || r.IsQuiet(t.Now)
	history := chat.Button(r.T("button_history"), chat.Data(chat.PressHistory, of.ID))
	o.Buttons = [][]telegram.Button{{chat.Button(r.T("button_answer"), chat.Data(chat.PressAnswer, of.ID)), history, chat.MuteButton(r, b.Muted, of.ID)}}
	switch n.Kind {
	case kindClosed:
		o.Buttons = [][]telegram.Button{{chat.Button(r.T("button_still"), chat.Data(chat.PressStill, of.ID)), history}}
	case kindGone:
		o.Buttons = [][]telegram.Button{{history}}
	}
	o.Joins = true
	return t.Say(o)
}

// listens returns a chat's binding to a ticket and whether the chat gets the ticket's
// news: one that turned news off or whose access was revoked does not, though it may still be
// bound.
func listens(t *chat.Turn, c state.ChatID, id state.TicketID, wants state.News) (b state.Binding, hears bool, err error) {
	if hears, err = t.ChatAuthorized(c); err != nil || !hears {
		return b, false, err
	}
	if wants == state.NewsAll {
		if err := t.Tx.BindAsAll(c, id, t.Now); err != nil {
			return b, false, err
		}
	}
	if b, err = t.Tx.Binding(c, id); err != nil {
		return b, false, chat.IgnoreAbsent(err)
	}
	return b, wants == state.NewsAll || wants == state.NewsBound && !b.AsAll, nil
}

// Hears reports whether a chat's settings give it a ticket's news.
func Hears(t *chat.Turn, c state.ChatID, id state.TicketID) (bool, error) {
	set, err := t.Tx.Settings(c)
	if err != nil || set.News != state.NewsBound {
		return set.News == state.NewsAll, err
	}
	b, err := t.Tx.Binding(c, id)
	return err == nil && !b.AsAll, chat.IgnoreAbsent(err)
}

// compose writes an announcement in a chat's language.
func (n announcement) compose(r chat.Locale, of state.Ticket, now time.Time) chat.Outgoing {
	o := chat.Outgoing{Silent: n.Kind != kindPost || n.Side == state.Customer}
	switch n.Kind {
	case kindClosed:
		return stateOf(of, o, r.T("news_closed"))
	case kindReopened:
		return stateOf(of, o, r.T("news_reopened"))
	case kindGone:
		return stateOf(of, o, r.T("news_gone"))
	}
	if n.Side == state.Staff {
		o.Files = n.refs(of.ID)
	}
	o.Text, o.Names = n.post(r, of, now, n.Words)
	if len(o.Text.Split(telegram.MaxText)) > maxParts {
		var begins telegram.Builder
		begins.Append(n.Words.Split(beginning)[0]).Plain("…\n\n" + r.T("news_long"))
		o.Text, o.Names = n.post(r, of, now, begins.Text())
		o.Files = append([]chat.AttachmentRef{{
			Ticket: of.ID, Post: n.Post, Made: true, Name: fmt.Sprintf("%d-%d.txt", of.ID, n.Post),
		}}, o.Files...)
	}
	return o
}

// stateOf puts the ticket's new state under its header.
func stateOf(of state.Ticket, o chat.Outgoing, what string) chat.Outgoing {
	header := chat.Header(of).Plain("\n")
	o.Names.To = header.Len()
	o.Text = header.Plain(what).Text()
	return o
}

// A phone shows about 80 characters of a message on its lock screen: these limits leave
// room for the first words.
const (
	authorShown  = 16
	subjectShown = 20
)

// justNow is the age up to which a post is shown without its time: the message's own is
// close enough.
const justNow = 5 * time.Minute

// post writes a post: author, ticket, text and file names. names is the part that names
// the ticket.
func (n announcement) post(r chat.Locale, of state.Ticket, now time.Time, words telegram.Text) (_ telegram.Text, names chat.Span) {
	var text telegram.Builder
	head := strings.TrimSpace(chat.Either(n.Side == state.Staff, "💬 ", "👤 ") + chat.CutRunes(telegram.Clean(n.Author), authorShown))
	names.From = telegram.UTF16Len(head)
	head += " · " + chat.TicketName(of.ID)
	if of.Subject != "" {
		head += " " + chat.CutRunes(telegram.Clean(of.Subject), subjectShown)
	}
	names.To = telegram.UTF16Len(head)
	text.Bold(head)
	if !n.Date.IsZero() && now.Sub(n.Date) > justNow {
		at, today := n.Date.In(r.Zone), now.In(r.Zone)
		layout, format := "02.01.2006 15:04", telegram.DateAndTime
		if at.YearDay() == today.YearDay() && at.Year() == today.Year() {
			layout, format = "15:04", telegram.TimeOnly
		}
		text.Plain(", ").Time(at.Format(layout), n.Date, format)
	}
	if n.Opens {
		text.Plain("\n" + r.T("news_opened"))
	}
	if n.Kind == kindEdit {
		text.Plain("\n" + r.T("news_edited"))
	}
	text.Plain("\n").Append(words)
	if len(n.Files) > 0 {
		list := make([]string, len(n.Files))
		for i, f := range n.Files {
			list[i] = f.Name
		}
		text.Plain("\n📎 " + strings.Join(list, ", "))
	}
	return text.Text(), names
}

// PostWords returns a post's text, with the staff's signature folded.
func PostWords(side state.PostSide, text string) telegram.Text {
	words := telegram.FromHTML(plusofon.RestoreSigns(text))
	if side == state.Staff {
		words = words.FoldSignature()
	}
	return words
}

// maxParts is how many messages a post may take. Of a longer one the beginning is shown,
// and the whole comes as a file.
const maxParts = 3

// beginning is how much of such a post is shown, in UTF-16 units.
const beginning = 3000
