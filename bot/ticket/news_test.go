package ticket_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// A reopened ticket can look in the list as it did among the closed ones: the other list
// is what has changed.
func TestOpenedAgainWithTheSameElement(t *testing.T) {
	for name, known := range map[string]bool{"the ticket tells its state": true, "only the list tells": false} {
		t.Run(name, func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Poll(true, plusofon.Ticket{})
			d.Poll(false, plusofon.Ticket{})
			open, closed := plusofon.Ticket{Open: true, OpenKnown: known}, plusofon.Ticket{OpenKnown: known}
			element := func(open bool) plusofon.ListedTicket {
				return plusofon.ListedTicket{ID: 7, Open: open, Fingerprint: "the same"}
			}
			for step, c := range []struct {
				asked    bool
				read     plusofon.Ticket
				list     []plusofon.ListedTicket
				reads    int
				wantOpen bool
			}{
				{true, open, []plusofon.ListedTicket{element(true)}, 1, true},
				{true, open, []plusofon.ListedTicket{element(true)}, 0, true},
				{true, closed, nil, 1, false},
				{true, closed, nil, 0, false},
				{false, closed, []plusofon.ListedTicket{element(false)}, 1, false},
				{false, closed, []plusofon.ListedTicket{element(false)}, 0, false},
				{true, open, []plusofon.ListedTicket{element(true)}, 1, true},
				{true, open, []plusofon.ListedTicket{element(true)}, 0, true},
			} {
				if ids := d.Poll(c.asked, c.read, c.list...); len(ids) != c.reads {
					t.Errorf("step %d: %d tickets were read, want %d", step, len(ids), c.reads)
				}
				d.Do(func(turn *chat.Turn) error {
					ticket, err := turn.Tx.Ticket(7)
					if err == nil && ticket.Open != c.wantOpen {
						t.Errorf("step %d: open is %v", step, ticket.Open)
					}
					return err
				})
			}
		})
	}
}

// A server that returns the same tickets for both lists causes one read, not one at every
// poll.
func TestTheSameTicketInBothLists(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Poll(true, plusofon.Ticket{})
	d.Poll(false, plusofon.Ticket{})
	read, reads := plusofon.Ticket{Open: true, OpenKnown: true}, 0
	for _, asked := range []bool{true, false, true, false, true, false} {
		reads += len(d.Poll(asked, read, plusofon.ListedTicket{ID: 7, Open: asked, Fingerprint: "f"}))
	}
	if reads != 2 {
		t.Errorf("it was read %d times, want 2", reads)
	}
}

// While the outcome of an answer is unknown, a customer's post with another text may be it:
// it is neither stored nor announced until the answer is settled.
func TestPostThatMayBeAnAnswerUnderWay(t *testing.T) {
	customer := plusofon.Author{ID: "1", Name: "account@example.com"}
	first := plusofon.Post{ID: 1, Text: "Текст", Author: customer}
	changed := plusofon.Post{ID: 2, Text: "[удалено]", Author: customer}
	staff := plusofon.Post{ID: 3, Text: "Ответ", Author: plusofon.Author{ID: "9", Name: "Оператор"}}
	for _, c := range []struct {
		name   string
		settle func(*chat.Turn, state.SubmissionID, plusofon.Ticket) error
		told   int // news of the changed text
	}{
		{"it is the answer", func(turn *chat.Turn, id state.SubmissionID, read plusofon.Ticket) error {
			_, err := ticket.Delivered(turn, id, ticket.Read{Ticket: read})
			return err
		}, 0},
		{"nobody can tell", func(turn *chat.Turn, id state.SubmissionID, _ plusofon.Ticket) error {
			return submission.Doubtful(turn, id)
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := bottest.NewDesk(t)
			var all []string
			heard := func(text string) (n int) {
				all = append(all, d.Said(100)...)
				for _, said := range all {
					n += strings.Count(said, text)
				}
				return n
			}
			var sub state.SubmissionID
			d.Do(func(turn *chat.Turn) error {
				if err := reading.Account(turn, plusofon.Account{Email: customer.Name}); err != nil {
					return err
				}
				return turn.Tx.SavePerson(state.Person{ID: 100, Role: state.Member})
			})
			d.Poll(true, plusofon.Ticket{})
			element := func(print string) plusofon.ListedTicket {
				return plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: print}
			}
			d.Poll(true, plusofon.Ticket{Posts: []plusofon.Post{first}}, element("1"))
			d.Do(func(turn *chat.Turn) (err error) {
				sub, _, err = turn.Tx.AddSubmission(state.Submission{
					Kind: state.Answer, Ticket: 7, Chat: 100, User: 100, Message: 50, Text: "Мой ответ", State: state.SubmissionQueued,
				})
				if err != nil {
					return err
				}
				if err := turn.Tx.Bind(100, 7, d.Now); err != nil {
					return err
				}
				_, _, err = submission.Sending(turn, sub)
				return err
			})
			read := plusofon.Ticket{ID: 7, Posts: []plusofon.Post{first, changed, staff}}
			for range 2 {
				if ids := d.Poll(true, read, element("2")); len(ids) != 1 {
					t.Fatal("the ticket is not read again")
				}
			}
			if n := heard("[удалено]"); n != 0 {
				t.Errorf("told of %d times while under way", n)
			}
			if n := heard("Ответ"); n != 1 {
				t.Errorf("the staff's post was told of %d times", n)
			}
			d.Do(func(turn *chat.Turn) error { return c.settle(turn, sub, read) })
			d.Poll(true, read, element("2"))
			if ids := d.Poll(true, read, element("2")); len(ids) != 0 {
				t.Error("the ticket is read at every poll")
			}
			if n := heard("[удалено]"); n != c.told {
				t.Errorf("told of %d times, want %d", n, c.told)
			}
		})
	}
}

// Times are shown in the chat's zone.
func TestTimesAreInTheZoneOfTheChat(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Member(100, "ru")
	d.Poll(true, plusofon.Ticket{})
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsAll, Zone: "Asia/Vladivostok"})
	})
	posted := time.Date(2026, 3, 1, 9, 15, 0, 0, time.UTC)
	d.Poll(true, plusofon.Ticket{Posts: []plusofon.Post{{ID: 1, Date: posted, Text: "Текст", Author: plusofon.Author{Name: "Оператор"}}}},
		plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"})
	if said := strings.Join(d.Said(100), "\n"); !strings.Contains(said, "💬 Оператор · №7, 19:15\n") {
		t.Errorf("it is told %q", said)
	}
}

// A phone's lock screen shows about 80 characters: the number and the beginning of the
// staff's text are among them, whatever the subject and the author. The time is there only
// if it is not that of the message.
func TestNewsOnALockedScreen(t *testing.T) {
	for name, c := range map[string]struct {
		author, subject string
		ago             time.Duration
		want            string
	}{
		"short":                {"Ольга", "Нет входящих", time.Minute, "💬 Ольга · №23624 Нет входящих\nСлова"},
		"long":                 {"Константин Константинопольский", "Очень длинная тема, которой нет конца", 0, "💬 Константин Конс… · №23624 Очень длинная тема…\nСлова"},
		"no subject":           {"Ольга", "", 0, "💬 Ольга · №23624\nСлова"},
		"nobody's name":        {"", "Тема", 0, "💬 · №23624 Тема\nСлова"},
		"of some minutes ago":  {"Ольга", "Тема", 6 * time.Minute, "💬 Ольга · №23624 Тема, 09:54\nСлова"},
		"of another day":       {"Ольга", "Тема", 24 * time.Hour, "💬 Ольга · №23624 Тема, 28.02.2026 10:00\nСлова"},
		"by a clock set ahead": {"Ольга", "Тема", -time.Hour, "💬 Ольга · №23624 Тема\nСлова"},
	} {
		t.Run(name, func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Member(100, "ru")
			d.Do(func(turn *chat.Turn) error {
				return turn.Tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsAll})
			})
			d.Poll(true, plusofon.Ticket{})
			element := plusofon.ListedTicket{ID: 23624, Open: true, Subject: c.subject, Fingerprint: "1"}
			posts := []plusofon.Post{{ID: 1, Date: d.Now.Add(-48 * time.Hour), Text: "Вопрос", Author: plusofon.Author{ID: "1", Name: "anna@example.com"}}}
			d.Poll(true, plusofon.Ticket{Subject: c.subject, Posts: posts}, element)
			d.Said(100)
			element.Fingerprint = "2"
			posts = append(posts, plusofon.Post{ID: 2, Date: d.Now.Add(-c.ago), Text: "Слова", Author: plusofon.Author{ID: "9", Name: c.author}})
			d.Poll(true, plusofon.Ticket{Subject: c.subject, Posts: posts}, element)
			if said := strings.Join(d.Said(100), "\n"); said != c.want {
				t.Errorf("it is told\n%s\nwant\n%s", said, c.want)
			}
		})
	}
}

// A ticket that appears after the baseline is announced to those who follow all, and so are
// later posts of one that was in the baseline and never read.
func TestAllNews(t *testing.T) {
	d := bottest.NewDesk(t)
	for id, news := range map[state.ChatID]state.News{100: state.NewsAll, 200: state.NewsBound, 300: state.NewsNone} {
		d.Member(state.UserID(id), "ru")
		d.Do(func(turn *chat.Turn) error { return turn.Tx.SaveSettings(state.Settings{Chat: id, News: news}) })
	}
	staff, customer := plusofon.Author{ID: "9", Name: "Оператор"}, plusofon.Author{ID: "1", Name: "anna@example.com"}
	at := func(minute int) time.Time { return time.Date(2026, 3, 1, 9, minute, 0, 0, time.UTC) }
	old := plusofon.ListedTicket{ID: 5, Subject: "Старое", Open: true, Fingerprint: "1", LastActivity: at(10)}
	d.Poll(true, plusofon.Ticket{}, old)
	if said := d.Said(100); len(said) > 0 {
		t.Errorf("the baseline is told of: %q", said)
	}
	old.Fingerprint, old.LastActivity = "2", at(20)
	d.Poll(true, plusofon.Ticket{Subject: "Старое", Posts: []plusofon.Post{
		{ID: 1, Text: "Вопрос", Date: at(0), Author: customer}, {ID: 2, Text: "Давний ответ", Date: at(10), Author: staff},
		{ID: 3, Text: "Новый ответ", Date: at(20), Author: staff},
	}}, old)
	if said := d.Said(100); len(said) != 1 || !strings.Contains(said[0], "Новый ответ") {
		t.Errorf("of a ticket that was never read is told: %q", said)
	}
	d.Poll(true, plusofon.Ticket{Subject: "Из кабинета", Posts: []plusofon.Post{
		{ID: 4, Text: "Первое", Date: at(30), Author: customer}, {ID: 5, Text: "Второе", Date: at(31), Author: staff},
	}}, old, plusofon.ListedTicket{ID: 6, Open: true, Fingerprint: "1", Creator: plusofon.CreatorUser})
	said := d.Said(100)
	if len(said) != 2 || !strings.Contains(said[0], "Новое обращение.") || !strings.Contains(said[0], "Первое") ||
		!strings.Contains(said[1], "Второе") || strings.Contains(said[1], "Новое обращение.") {
		t.Errorf("of a new ticket is told: %q", said)
	}
	for _, chat := range []telegram.UserID{200, 300} {
		if said := d.Said(chat); len(said) > 0 {
			t.Errorf("%d is told: %q", chat, said)
		}
	}
	// Back to its own tickets, the chat is told no more of these.
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsBound})
	})
	d.Poll(true, plusofon.Ticket{Posts: []plusofon.Post{{ID: 6, Text: "Третье", Date: at(40), Author: staff}}}, old,
		plusofon.ListedTicket{ID: 6, Open: true, Fingerprint: "2"})
	if said := d.Said(100); len(said) > 0 {
		t.Errorf("it is still told: %q", said)
	}
}

// A chat that wants no news gets none, even if it is bound.
func TestNoNews(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Member(100, "ru")
	d.Poll(true, plusofon.Ticket{})
	d.Poll(true, plusofon.Ticket{}, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"})
	d.Do(func(turn *chat.Turn) error {
		if err := turn.Tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsNone}); err != nil {
			return err
		}
		return turn.Tx.Bind(100, 7, d.Now)
	})
	d.Poll(true, plusofon.Ticket{Posts: []plusofon.Post{{ID: 1, Text: "Ответ", Author: plusofon.Author{Name: "Оператор"}}}},
		plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "2"})
	if said := d.Said(100); len(said) > 0 {
		t.Errorf("it is told %q", said)
	}
}

// A group's limit of messages a minute is shared by all its topics: what people wait for
// goes before any queued news, and those are joined by ticket, in order.
func TestPeopleGoAheadOfNewsInAGroup(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Joins("supergroup", 1)
	d.Do(func(turn *chat.Turn) error {
		set, err := turn.Tx.Settings(bottest.Office)
		if err != nil {
			return err
		}
		set.Layout = state.Topics
		return turn.Tx.SaveSettings(set)
	})
	for _, id := range []plusofon.TicketID{5, 6} {
		read := plusofon.Ticket{ID: id, Subject: "Тема", Open: true, OpenKnown: true}
		absorb := func() {
			d.Do(func(turn *chat.Turn) error {
				return bottest.Absorb(turn, ticket.Read{Ticket: read}, ticket.Changed{ID: state.TicketID(id), Again: true})
			})
		}
		absorb()
		d.Do(func(turn *chat.Turn) error { return turn.Tx.Bind(bottest.Office, state.TicketID(id), d.Now) })
		for n := range 30 {
			read.Posts = append(read.Posts, plusofon.Post{
				ID: plusofon.PostID(int(id)*100 + n), Text: fmt.Sprintf("пост %d-%d.", id, n), Author: plusofon.Author{ID: "9", Name: "Ольга"},
			})
		}
		absorb()
	}
	said := d.InGroup(3, "/status")
	if len(said) < 2 || !strings.Contains(said[0], "Плюсофон") || strings.Contains(said[0], "пост") {
		t.Fatalf("first is %q", said[0])
	}
	news := said[1:]
	if len(news) > 30 {
		t.Errorf("%d messages for 60 posts", len(news))
	}
	all := strings.Join(news, "\n")
	for _, id := range []int{5, 6} {
		at := 0
		for n := range 30 {
			next := strings.Index(all[at:], fmt.Sprintf("пост %d-%d.", id, n))
			if next < 0 {
				t.Fatalf("post %d of %d is missing or out of order", n, id)
			}
			at += next
		}
	}
	for _, text := range news {
		if strings.Contains(text, "пост 5-") && strings.Contains(text, "пост 6-") {
			t.Errorf("two tickets in one message: %q", text)
		}
	}
}

// Whose post it is: by the flag, or else by the account's and the opener's names.
func TestWhosePostItIs(t *testing.T) {
	d := bottest.NewDesk(t)
	account := plusofon.Author{ID: "1", Name: "account@example.com"}
	d.Do(func(turn *chat.Turn) error { return reading.Account(turn, plusofon.Account{Email: account.Name}) })
	d.Poll(true, plusofon.Ticket{})
	opener := plusofon.Author{ID: "55", Name: "buh@romashka.example"}
	d.Poll(true, plusofon.Ticket{Posts: []plusofon.Post{
		{ID: 1, Text: "а", Author: opener},                                                                 // it opened the ticket
		{ID: 2, Text: "б", Author: plusofon.Author{ID: "55", Name: "Оператор"}},                            // the same id, another name
		{ID: 3, Text: "в", Author: plusofon.Author{ID: "56", Name: "Пётр"}, Creator: plusofon.CreatorUser}, // a colleague, by the flag
		{ID: 4, Text: "г", Author: account, Creator: plusofon.CreatorStaff},                                // the flag has priority over the name
		{ID: 5, Text: "д", Author: account}, {ID: 6, Text: "е"},
	}}, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1", Creator: plusofon.CreatorUser})
	d.Do(func(turn *chat.Turn) error {
		for id, want := range map[state.PostID]state.PostSide{1: state.Customer, 2: state.Staff, 3: state.Customer, 4: state.Staff, 5: state.Customer, 6: state.Staff} {
			if p, err := turn.Tx.Post(7, id); err != nil || p.Side != want {
				t.Errorf("post %d is the %s's (%v), want the %s's", id, p.Side, err, want)
			}
		}
		return nil
	})
}
