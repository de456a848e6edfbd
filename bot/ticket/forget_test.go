package ticket_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

const canary = "канарейка"

// forgetful is a desk that keeps the text of closed tickets for thirty days, with a ticket
// closed forty days ago and a member who reads it.
func forgetful(t *testing.T) (*bottest.Desk, plusofon.Ticket) {
	d := bottest.NewDesk(t)
	d.Config.KeepClosed = 30 * 24 * time.Hour
	d.Ready(1)
	d.Member(100, "ru")
	old := d.Now.Add(-40 * 24 * time.Hour)
	read := plusofon.Ticket{ID: 7, Subject: "Тема", OpenKnown: true, Posts: []plusofon.Post{
		{ID: 1, Author: plusofon.Author{ID: "5", Name: "Оператор"}, Text: canary + " первая", Date: old, Attachments: []plusofon.Attachment{{Name: canary + ".pdf"}}},
		{ID: 2, Author: plusofon.Author{ID: "5", Name: "Оператор"}, Text: canary + " вторая", Date: old.Add(time.Hour)},
	}}
	return d, read
}

// fetch lets the member read a ticket, and returns what they are shown.
func fetch(d *bottest.Desk, read plusofon.Ticket, failure error) string {
	d.T.Helper()
	d.Reads++
	fetched := ticket.Read{Ticket: read, Number: d.Reads}
	for all := failure != nil; !all; {
		d.Do(func(turn *chat.Turn) (err error) {
			all, err = ticket.AbsorbFetched(turn, fetched)
			return err
		})
	}
	d.Do(func(turn *chat.Turn) error {
		return conversation.Fetched(turn, chat.FetchRow{Ticket: state.TicketID(read.ID), Purpose: chat.PurposeHistory, Place: chat.InChat(100), User: 100, Page: -1}, fetched, failure)
	})
	return strings.Join(d.Said(100), "\n")
}

// stored returns how often the text is in the ticket's posts, and how often the index finds
// it.
func stored(d *bottest.Desk) (words, found int) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		posts, err := turn.Tx.Posts(7)
		for _, p := range posts {
			words += strings.Count(p.Text+strings.Join(p.Files, ""), canary)
		}
		hits, failure := turn.Tx.Search(canary, 100)
		found = len(hits)
		if err == nil {
			err = failure
		}
		return err
	})
	return words, found
}

func forget(d *bottest.Desk) (portions int) {
	d.T.Helper()
	for all := false; !all; portions++ {
		d.Do(func(turn *chat.Turn) (err error) {
			all, err = ticket.Forget(turn)
			return err
		})
	}
	return portions
}

// A ticket closed long ago is shown as read and not stored, whether it was stored before or
// never seen.
func TestLongClosedTicketIsShownAndNotStored(t *testing.T) {
	for _, seen := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored before: %v", seen), func(t *testing.T) {
			d, read := forgetful(t)
			if seen {
				keep := d.Config.KeepClosed
				d.Config.KeepClosed = 0
				fetch(d, read, nil)
				if words, found := stored(d); words != 3 || found != 2 {
					t.Fatalf("kept for ever it has %d words, %d are found", words, found)
				}
				d.Config.KeepClosed = keep
				forget(d)
			}
			said := fetch(d, read, nil)
			for _, word := range []string{canary + " первая", canary + " вторая", canary + ".pdf"} {
				if !strings.Contains(said, word) {
					t.Errorf("%q is not shown: %q", word, said)
				}
			}
			if words, found := stored(d); words+found > 0 {
				t.Errorf("%d words are stored, %d are found", words, found)
			}
			forget(d)
			if said := fetch(d, plusofon.Ticket{ID: 7}, &plusofon.Error{Kind: plusofon.NotSent}); strings.Contains(said, canary) || !strings.Contains(said, "текст стёрт") {
				t.Errorf("while Plusofon is silent it says %q", said)
			}
		})
	}
}

// Erasing proceeds in portions and does not touch open tickets, recently closed ones, or
// anything if text is kept forever.
func TestForgetting(t *testing.T) {
	d, read := forgetful(t)
	d.Config.KeepClosed = 0
	for i := range 300 {
		read.Posts = append(read.Posts, plusofon.Post{ID: plusofon.PostID(3 + i), Author: read.Posts[0].Author, Text: canary, Date: read.Posts[1].Date})
	}
	fetch(d, read, nil)
	forget(d)
	if words, _ := stored(d); words != 303 {
		t.Errorf("%d words of 303 are left though they are kept for ever", words)
	}
	d.Config.KeepClosed = 41 * 24 * time.Hour
	forget(d)
	if words, _ := stored(d); words != 303 {
		t.Errorf("%d words of 303 are left in what was closed lately", words)
	}
	d.Config.KeepClosed = 30 * 24 * time.Hour
	if n := forget(d); n < 4 {
		t.Errorf("303 posts are erased in %d portions", n)
	}
	if words, found := stored(d); words+found > 0 {
		t.Errorf("%d words are left, %d are found", words, found)
	}
}

// Reopening ends it: the text is stored again with the next read, and found.
func TestReopeningRestoresTheWords(t *testing.T) {
	d, read := forgetful(t)
	fetch(d, read, nil)
	forget(d)
	read.Open = true
	fetch(d, read, nil)
	if words, found := stored(d); words != 3 || found != 2 {
		t.Errorf("%d words are stored, %d are found", words, found)
	}
	forget(d)
	if words, _ := stored(d); words != 3 {
		t.Errorf("of an open ticket %d words are left", words)
	}
	// Closed again, its age counts from the last known activity.
	read.Open = false
	read.Posts = append(read.Posts, plusofon.Post{ID: 3, Author: read.Posts[0].Author, Text: canary, Date: d.Now.Add(-time.Hour)})
	fetch(d, read, nil)
	forget(d)
	if words, _ := stored(d); words != 4 {
		t.Errorf("of a ticket that was active an hour ago %d words are left", words)
	}
}

// Turning a page and the file read the ticket again; the file then contains the text.
func TestPagesAndFilesOfForgottenTickets(t *testing.T) {
	d, read := forgetful(t)
	fetch(d, read, nil)
	forget(d)
	d.Decides(100, telegram.Update{Callback: &telegram.Callback{
		ID: "p", From: telegram.User{ID: 100}, Data: "page:7:0", Message: &telegram.Message{ID: 5, Chat: telegram.Chat{ID: 100, Type: "private"}},
	}})
	d.Do(func(turn *chat.Turn) error {
		rows, err := turn.Tx.QueuedRows(state.Plusofon)
		if len(rows) != 1 || rows[0].Kind != chat.KindFetch {
			t.Errorf("turning a page asks Plusofon for %+v", rows)
		}
		return err
	})
	row := chat.TelegramRow{Place: chat.InChat(100), File: &chat.AttachmentRef{Ticket: 7, Made: true}}
	d.Do(func(turn *chat.Turn) error {
		needs, err := reading.NeedsReading(turn, row)
		if err != nil || !needs {
			t.Errorf("the file needs no reading (%v)", err)
		}
		with, err := file(turn, row, read.Posts)
		if err != nil || strings.Count(string(with), canary) != 3 {
			t.Errorf("the file (%v): %s", err, with)
		}
		without, err := file(turn, row, nil)
		if err != nil || strings.Contains(string(without), canary) || !strings.Contains(string(without), "текст стёрт") {
			t.Errorf("the file without reading (%v): %s", err, without)
		}
		return nil
	})
}

// file is the whole of a row's file, which fits into one portion.
func file(turn *chat.Turn, row chat.TelegramRow, read []plusofon.Post) ([]byte, error) {
	f := reading.NewHistoryFile(row, read)
	if err := f.Read(turn); err != nil {
		return nil, err
	}
	content, _, err := f.Write()
	return content, err
}

// An edit of erased text can't be detected: no one is asked about a correction.
func TestEditOfForgottenWords(t *testing.T) {
	d, read := forgetful(t)
	fetch(d, read, nil)
	var id state.SubmissionID
	d.Do(func(turn *chat.Turn) (err error) {
		sub := state.Submission{Kind: state.Answer, Chat: 100, User: 100, Message: 50, Ticket: 7, Text: canary, State: state.SubmissionQueued, Created: d.Now}
		if id, _, err = turn.Tx.AddSubmission(sub); err != nil {
			return err
		}
		sub.ID, sub.Post, sub.State = id, 2, state.SubmissionDelivered
		return turn.Tx.SaveSubmission(sub)
	})
	forget(d)
	said := d.Decides(100, telegram.Update{Edited: &telegram.Message{
		ID: 50, Chat: telegram.Chat{ID: 100, Type: "private"}, From: &telegram.User{ID: 100}, Kind: telegram.KindText, Text: canary, EditDate: d.Now,
	}})
	d.Want(said, "")
}

// A ticket of which a part is blanked when it is opened again gets all of its words back.
func TestReopenedWhileItIsBeingBlanked(t *testing.T) {
	d, read := forgetful(t)
	d.Config.KeepClosed = 0
	for i := range 300 {
		read.Posts = append(read.Posts, plusofon.Post{ID: plusofon.PostID(3 + i), Author: read.Posts[0].Author, Text: canary, Date: read.Posts[1].Date})
	}
	fetch(d, read, nil)
	d.Config.KeepClosed = 30 * 24 * time.Hour
	d.Do(func(turn *chat.Turn) error {
		_, err := ticket.Forget(turn)
		return err
	})
	read.Open = true
	fetch(d, read, nil)
	if words, _ := stored(d); words != 303 {
		t.Errorf("%d words of 303 are stored", words)
	}
}

// The file with the whole of a long post has its words, also where it had to wait for its chat
// until they were blanked.
func TestLongPostThatWaitsWhileItIsBlanked(t *testing.T) {
	t.Parallel()
	o := bottest.Days
	o.Config = func(c *bot.Config) { c.Conversation.KeepClosed = 24 * time.Hour }
	bottest.Run(t, o, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Anna.Block()
		post := w.Plusofon.Reply(id, "Оператор", strings.Repeat("Очень длинный ответ. ", 1000))
		time.Sleep(time.Hour)
		w.Plusofon.CloseTicket(id)
		time.Sleep(3 * 24 * time.Hour)
		w.Anna.Unblock()
		w.Reads(w.Anna, "Очень длинный ответ")
		time.Sleep(20 * time.Minute)
		name := fmt.Sprintf("%d-%d.txt", id, post)
		found := false
		for _, m := range w.Anna.FromBot() {
			found = found || m.File != nil && m.File.Name == name && m.File.Size > 1000
		}
		if !found {
			t.Errorf("the words of the post do not come as a file")
		}
	})
}

// Blanking an old ticket takes nothing out of a draft that is open.
func TestBlankingLeavesOpenDraftsAlone(t *testing.T) {
	t.Parallel()
	o := bottest.Days
	o.Config = func(c *bot.Config) { c.Conversation.KeepClosed = 24 * time.Hour }
	bottest.Run(t, o, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Passes(10 * time.Minute)
		m := w.Anna.Reply(receipt.ID, "касса не печатает")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Plusofon.CloseTicket(id)
		w.Reads(w.Anna, "Обращение закрыто")
		time.Sleep(22 * time.Hour)
		w.Anna.Reply(m.ID, "/new Снова")
		w.Reads(w.Anna, "Пока ничего не отправлено")
		time.Sleep(5 * time.Hour)
		card := w.Sees(w.Anna, "the card", func(m telegramtest.Message) bool { _, ok := m.Button("Отправить"); return ok })
		w.Anna.Press(card.ID, "Отправить")
		w.Passes(10 * time.Minute)
		found := false
		for _, text := range w.Posts(w.Newest()) {
			found = found || strings.Contains(text, "касса не печатает")
		}
		if !found || w.Newest() == id {
			t.Errorf("the draft's message is lost: %q", w.Written())
		}
	})
}

// Reopening a long ticket restores its words in short transactions.
func TestReopeningALongTicketIsDivided(t *testing.T) {
	d, read := forgetful(t)
	d.Config.KeepClosed = 0
	for i := range 1000 {
		read.Posts = append(read.Posts, plusofon.Post{ID: plusofon.PostID(3 + i), Author: read.Posts[0].Author, Text: canary, Date: read.Posts[1].Date})
	}
	fetch(d, read, nil)
	d.Config.KeepClosed = 30 * 24 * time.Hour
	forget(d)
	read.Open = true
	fetch(d, read, nil)
	d.Do(func(turn *chat.Turn) error {
		posts, err := turn.Tx.Posts(7)
		for _, p := range posts {
			if !strings.Contains(p.Text, canary) {
				t.Fatalf("post %d says %q", p.ID, p.Text)
			}
		}
		return err
	})
}
