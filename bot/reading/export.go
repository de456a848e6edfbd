package reading

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Export sends a ticket's history as a file. current is true if it was just read.
func Export(t *chat.Turn, s chat.Speaker, row chat.FetchRow, current bool) error {
	known, err := t.Tx.Ticket(row.Ticket)
	if errors.Is(err, state.ErrNotFound) || err == nil && known.Fetched.IsZero() {
		return t.Say(chat.Outgoing{Place: s.Place, Text: telegram.Plain(s.T("plusofon_silent", "Ticket", chat.TicketName(row.Ticket)))})
	}
	if err != nil {
		return err
	}
	caption := chat.TicketName(known.ID) + chat.Dotted(telegram.Clean(known.Subject), 255)
	if !current && !ticket.IsGone(known) {
		asOf, err := outdated(t, s, row, known)
		if err != nil {
			return err
		}
		caption += "\n" + asOf
	}
	call, err := telegram.Encode(telegram.SendDocument{
		ChatID: telegram.ChatID(row.Chat), NoTypeDetection: true, ReplyParameters: chat.ReplyTo(row.Message),
		Caption:     caption,
		ReplyMarkup: telegram.InlineKeyboard{{chat.Button(s.T("button_answer"), chat.Data(chat.PressAnswer, row.Ticket))}},
	})
	if err != nil {
		return err
	}
	return t.Enqueue(state.Telegram, chat.DownLane(row.Chat, row.Ticket), chat.KindFile, state.PriorityPerson, "", chat.TelegramRow{
		Call: call, Place: s.Place, Meaning: chat.Meaning{Ticket: row.Ticket},
		File: &chat.AttachmentRef{Ticket: row.Ticket, Made: true, Name: fmt.Sprintf("%d.html", row.Ticket)},
	})
}

// NeedsReading reports whether a row's file needs texts that the store no longer has.
func NeedsReading(t *chat.Turn, row chat.TelegramRow) (bool, error) {
	known, err := t.Tx.Ticket(row.File.Ticket)
	return ticket.WordsErased(t, known), err
}

// historyHead is the beginning of an exported history, historyPost one post of it. The templates
// escape everything.
type historyHead struct {
	Lang, Name, Subject, State, Made string
}

type historyPost struct {
	Staff        bool
	Author, Date string
	Text         string
	Files        []string
}

var pageTemplate = template.Must(template.New("history").Parse(`{{define "head"}}<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Name}} {{.Subject}}</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin-bottom: 0 }
article { border: 1px solid #8884; border-radius: .6rem; padding: .8rem 1rem; margin: 1rem 0 }
article.staff { background: #8881 }
header, footer, .about { color: #777; font-size: .9rem }
.text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0 }
</style>
</head>
<body>
<h1>{{.Name}} {{.Subject}}</h1>
<p class="about">{{.State}} · {{.Made}}</p>
{{end}}{{define "posts"}}{{range .}}<article{{if .Staff}} class="staff"{{end}}>
<header>{{if .Staff}}💬{{else}}👤{{end}} <b>{{.Author}}</b>{{if .Date}}, {{.Date}}{{end}}</header>
<div class="text">{{.Text}}</div>
{{if .Files}}<footer>{{range .Files}}<div>📎 {{.}}</div>{{end}}</footer>
{{end}}</article>
{{end}}{{end}}{{define "foot"}}</body>
</html>
{{end}}`))

// exportedAtOnce is how many posts of a file are read per transaction.
const exportedAtOnce = 50

// HistoryFile is a ticket's history as a self-contained HTML file. It is produced in portions: Read
// reads one in a transaction, and Write formats it outside.
type HistoryFile struct {
	chat  state.ChatID
	id    state.TicketID
	read  []plusofon.Post
	r     chat.Locale
	known state.Ticket
	posts []state.Post
	next  state.PostID
	parts int
}

// NewHistoryFile returns the file for a row. read has the texts that the store no longer has.
func NewHistoryFile(row chat.TelegramRow, read []plusofon.Post) *HistoryFile {
	return &HistoryFile{chat: row.Chat, id: row.File.Ticket, read: read}
}

// Read reads the next portion; ErrNotFound if the ticket is no longer in the store.
func (f *HistoryFile) Read(t *chat.Turn) (err error) {
	if f.r, err = t.Locale(f.chat); err != nil {
		return err
	}
	if f.known, err = t.Tx.Ticket(f.id); err != nil {
		return err
	}
	if f.posts, err = t.Tx.PostsFrom(f.id, f.next, exportedAtOnce); err != nil {
		return err
	}
	return asShown(t, f.r, f.known, f.posts, f.read)
}

// Write formats the portion just read. It reports whether there may be more.
func (f *HistoryFile) Write() (part []byte, more bool, err error) {
	var b bytes.Buffer
	if f.parts++; f.parts == 1 {
		err = pageTemplate.ExecuteTemplate(&b, "head", historyHead{
			Lang: f.r.Lang, Name: chat.TicketName(f.id), Subject: telegram.Clean(f.known.Subject),
			State: f.r.T(stateOf(f.known)), Made: f.r.T("export_made", "Date", f.date(f.known.Fetched)),
		})
	}
	posts := make([]historyPost, 0, len(f.posts))
	for _, p := range f.posts {
		posts = append(posts, historyPost{
			Staff: p.Side == state.Staff, Author: telegram.Clean(p.AuthorName), Date: f.date(p.Posted),
			Text: telegram.FromHTML(p.Text).Written(), Files: p.Files,
		})
		f.next = p.ID + 1
	}
	err = errors.Join(err, pageTemplate.ExecuteTemplate(&b, "posts", posts))
	more = len(f.posts) == exportedAtOnce
	if !more {
		err = errors.Join(err, pageTemplate.ExecuteTemplate(&b, "foot", nil))
	}
	if err != nil {
		return nil, false, fmt.Errorf("write a history: %w", err)
	}
	return b.Bytes(), more, nil
}

func (f *HistoryFile) date(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(f.r.Zone).Format(dateAndTime)
}
