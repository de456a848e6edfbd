package state

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

const canaryWord = "канарейка"

// closedTicket stores a ticket with posts, the second one submitted here with a file and made
// of two messages drafted together.
func closedTicket(id TicketID, posts int) func(*Tx) error {
	return func(tx *Tx) error {
		err := tx.SaveTicket(Ticket{ID: id, Subject: "Тема", LastActivity: at(10), Fetched: at(50)})
		for n := range posts {
			_, failure := tx.AddPost(Post{
				Ticket: id, ID: PostID(n + 1), Side: Staff, AuthorID: "1", AuthorName: "Оператор", Posted: at(n), Text: fmt.Sprintf("%s %d", canaryWord, n),
				Files: []string{canaryWord + ".pdf"},
			})
			err = errors.Join(err, failure)
		}
		draft, failure := tx.AddDraft(Draft{Kind: DraftOpening, Chat: 100, User: 100, State: DraftSent})
		err = errors.Join(err, failure)
		sub := Submission{Kind: Answer, Chat: 100, Message: MessageID(id*100 + 1), User: 100, Ticket: id, Draft: draft, Text: canaryWord, State: SubmissionQueued, Created: at(1)}
		number, _, failure := tx.AddSubmission(sub)
		sub.ID, sub.Post, sub.State, sub.Detail = number, 2, SubmissionDelivered, canaryWord
		return errors.Join(err, failure, tx.SaveSubmission(sub), tx.AddPart(number, 100, sub.Message+1),
			tx.SaveFile(File{Submission: number, FileID: "f", Name: canaryWord + ".jpg", State: FileDelivered}),
			tx.SaveItem(Item{Chat: 100, Message: sub.Message, Draft: draft, Text: canaryWord}, at(1)),
			tx.SaveItem(Item{Chat: 100, Message: sub.Message + 1, Text: canaryWord}, at(1)),
			tx.SaveItem(Item{Chat: -7, Message: sub.Message, Draft: draft, Text: canaryWord}, at(1)),
			tx.MapMessage(100, sub.Message, id, false))
	}
}

// blanked erases a ticket's texts in portions and returns their number.
func blanked(t *testing.T, s *Store, id TicketID, portion int) (portions int) {
	t.Helper()
	for done := false; !done; portions++ {
		do(t, s, func(tx *Tx) (err error) {
			var erased int
			if erased, done, err = tx.BlankTicket(id, at(100), portion); erased > 2*portion {
				t.Errorf("%d rows are erased at once", erased)
			}
			return err
		})
	}
	return portions
}

// Texts are erased, also from the index; ids, authors, sides, dates, subjects and the map of
// messages are kept. No trace of the texts is left on the disk.
func TestBlankTicket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	do(t, s, closedTicket(7, 25))
	found := func() int {
		return len(get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search(canaryWord, 100) }))
	}
	equal(t, "found before", found(), 25)
	equal(t, "portions", blanked(t, s, 7, 10), 3)
	equal(t, "found after", found(), 0)
	equal(t, "by the subject", len(get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search("тема", 100) })), 1)
	posts := get(t, s, func(tx *Tx) ([]Post, error) { return tx.Posts(7) })
	equal(t, "posts", len(posts), 25)
	equal(t, "a post", posts[3], Post{Ticket: 7, ID: 4, Side: Staff, AuthorID: "1", AuthorName: "Оператор", Posted: at(3), Files: []string{""}})
	sub := get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(1) })
	equal(t, "the submission", [3]any{sub.Text + sub.Detail, sub.Post, sub.State}, [3]any{"", PostID(2), SubmissionDelivered})
	equal(t, "its file", get(t, s, func(tx *Tx) ([]File, error) { return tx.Files(1) })[0].Name, "")
	equal(t, "its message", get(t, s, func(tx *Tx) (TicketID, error) { return tx.MessageTicket(100, 701) }), TicketID(7))
	for _, m := range []struct {
		chat ChatID
		id   MessageID
	}{{100, 701}, {100, 702}, {-7, 701}} {
		equal(t, "messages", len(get(t, s, func(tx *Tx) ([]Item, error) { return tx.Items(m.chat, m.id) })), 0)
	}
	ticket := get(t, s, func(tx *Tx) (Ticket, error) { return tx.Ticket(7) })
	equal(t, "blank since", ticket.Blanked, at(100))
	equal(t, "the subject", ticket.Subject, "Тема")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(content, []byte(canaryWord+" ")) + bytes.Count(content, []byte(canaryWord+".")); n > 0 {
		t.Errorf("the words are in the file %d times", n)
	}
}

// Only closed tickets are erased: those last active before a time or, if unknown, last read
// before it.
func TestWhichTicketsAreBlanked(t *testing.T) {
	s := open(t)
	for _, ticket := range []Ticket{
		{ID: 1, LastActivity: at(10), Fetched: at(90)},
		{ID: 2, LastActivity: at(20), Fetched: at(20)},
		{ID: 3, LastActivity: at(10), Open: true},
		{ID: 4, Fetched: at(5)},
		{ID: 5, Fetched: at(30)},
		{ID: 6, LastActivity: at(1), Blanked: at(2)},
	} {
		do(t, s, func(tx *Tx) error { return tx.SaveTicket(ticket) })
	}
	list := func(n int) []TicketID {
		return get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.TicketsToBlank(at(20), n) })
	}
	equal(t, "before 20", list(10), []TicketID{4, 1})
	equal(t, "the first", list(1), []TicketID{4})
	blanked(t, s, 4, 10)
	equal(t, "left", list(10), []TicketID{1})
}

// A restored post is found again, once.
func TestRestorePost(t *testing.T) {
	s := open(t)
	do(t, s, closedTicket(7, 3))
	blanked(t, s, 7, 100)
	back := Post{Ticket: 7, ID: 1, Text: "Ёлка " + canaryWord, Files: []string{"смета.pdf"}}
	for range 2 {
		do(t, s, func(tx *Tx) error { return tx.RestorePost(back) })
	}
	posts := get(t, s, func(tx *Tx) ([]Post, error) { return tx.Posts(7) })
	equal(t, "restored", [3]string{posts[0].Text, posts[0].Files[0], posts[1].Text}, [3]string{back.Text, "смета.pdf", ""})
	for _, word := range []string{"елка", canaryWord} {
		equal(t, word, get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search(word, 9) }), []Hit{{7, 1}})
	}
	// An unerased post keeps its text.
	do(t, s, func(tx *Tx) error { return tx.RestorePost(Post{Ticket: 7, ID: 1, Text: "другое"}) })
	equal(t, "kept", get(t, s, func(tx *Tx) (Post, error) { return tx.Post(7, 1) }).Text, back.Text)
}

func TestBlankCancelled(t *testing.T) {
	s := open(t)
	for n, sub := range []Submission{
		{State: SubmissionCancelled, Created: at(1)}, {State: SubmissionCancelled, Created: at(9)}, {State: SubmissionFailed, Reason: ReasonFails, Created: at(1)},
	} {
		sub.Kind, sub.Chat, sub.Message, sub.Text = Opening, 100, MessageID(n+1), canaryWord
		do(t, s, func(tx *Tx) error { _, _, err := tx.AddSubmission(sub); return err })
	}
	blank := func(tx *Tx) (int, error) { return tx.BlankCancelled(at(5), 10) }
	equal(t, "erased", get(t, s, blank), 1)
	equal(t, "erased again", get(t, s, blank), 0)
	for n, want := range []string{"", canaryWord, canaryWord} {
		equal(t, "text", get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(SubmissionID(n + 1)) }).Text, want)
	}
}
