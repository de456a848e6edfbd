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

// Export sends a ticket's history as a file.
func Export(t *chat.Turn, s chat.Speaker, row chat.FetchRow) error {
	ticket, err := t.Tx.Ticket(row.Ticket)
	if errors.Is(err, state.ErrNotFound) || err == nil && ticket.Fetched.IsZero() {
		return t.Say(chat.Outgoing{Place: s.Place, Text: telegram.Plain(s.T("plusofon_silent", "Ticket", chat.TicketName(row.Ticket)))})
	}
	if err != nil {
		return err
	}
	call, err := telegram.Encode(telegram.SendDocument{
		ChatID: telegram.ChatID(row.Chat), NoTypeDetection: true, ReplyParameters: chat.ReplyTo(row.Message),
		Caption:     chat.TicketName(ticket.ID) + chat.Dotted(telegram.Clean(ticket.Subject), 255),
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

// NeedsReading tells whether the file of a row is made of words that the store does not
// keep.
func NeedsReading(t *chat.Turn, row chat.TelegramRow) (bool, error) {
	known, err := t.Tx.Ticket(row.File.Ticket)
	return row.File.Post == 0 && ticket.WordsErased(t, known), err
}

// MakeFile makes the file of a row that is made of what the store has, and of what was
// just read where that needs it. ErrNotFound where the store has it no more.
func MakeFile(t *chat.Turn, row chat.TelegramRow, read []plusofon.Post) ([]byte, error) {
	if row.File.Post != 0 {
		p, err := t.Tx.Post(row.File.Ticket, row.File.Post)
		return []byte(telegram.FromHTML(p.Text).Written()), err
	}
	return historyFile(t, row.Chat, row.File.Ticket, read)
}

// historyPage is an exported history. The template escapes all of it.
type historyPage struct {
	Lang, Name, Subject, State, Made string
	Posts                            []historyPost
}

type historyPost struct {
	Staff        bool
	Author, Date string
	Text         string
	Files        []string
}

var pageTemplate = template.Must(template.New("history").Parse(`<!DOCTYPE html>
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
{{range .Posts}}<article{{if .Staff}} class="staff"{{end}}>
<header>{{if .Staff}}💬{{else}}👤{{end}} <b>{{.Author}}</b>{{if .Date}}, {{.Date}}{{end}}</header>
<div class="text">{{.Text}}</div>
{{if .Files}}<footer>{{range .Files}}<div>📎 {{.}}</div>{{end}}</footer>
{{end}}</article>
{{end}}</body>
</html>
`))

// historyFile is a ticket's history as one HTML file that needs nothing else.
func historyFile(t *chat.Turn, c state.ChatID, id state.TicketID, read []plusofon.Post) ([]byte, error) {
	r, err := t.Locale(c)
	if err != nil {
		return nil, err
	}
	known, err := t.Tx.Ticket(id)
	if err != nil {
		return nil, err
	}
	posts, err := postsOf(t, r, known, read)
	if err != nil {
		return nil, err
	}
	date := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.In(r.Zone).Format(dateAndTime)
	}
	history := historyPage{
		Lang: r.Lang, Name: chat.TicketName(id), Subject: telegram.Clean(known.Subject),
		State: r.T(stateOf(known)), Made: r.T("export_made", "Date", date(known.Fetched)),
	}
	for _, p := range posts {
		history.Posts = append(history.Posts, historyPost{
			Staff: p.Side == state.Staff, Author: telegram.Clean(p.AuthorName), Date: date(p.Posted),
			Text: telegram.FromHTML(p.Text).Written(), Files: p.Files,
		})
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, history); err != nil {
		return nil, fmt.Errorf("write a history: %w", err)
	}
	return b.Bytes(), nil
}
