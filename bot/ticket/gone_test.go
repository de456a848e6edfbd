package ticket_test

import (
	"strings"
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// missed records a read that did not find the ticket.
func (f *followed) missed(number state.ReadNumber, listed bool) {
	f.T.Helper()
	f.Do(func(turn *chat.Turn) error { return ticket.NotFound(turn, 7, f.since+number, listed) })
}

// left reports whether the ticket is to be read, in neither list.
func (f *followed) left() (left bool) {
	f.T.Helper()
	f.Do(func(turn *chat.Turn) error {
		changed, _, err := ticket.Left(turn, 0, func(state.TicketID) bool { return false }, false, f.since+100)
		left = len(changed) > 0
		return err
	})
	return left
}

// vanished is what Anna is told once both lists were read without the ticket.
func (f *followed) vanished() []string {
	f.T.Helper()
	return f.vanishedBy(100)
}

// vanishedBy returns what she is told after lists read as number.
func (f *followed) vanishedBy(lists state.ReadNumber) []string {
	f.T.Helper()
	f.Do(func(turn *chat.Turn) error {
		all, err := ticket.Vanished(turn, f.since+lists)
		if !all {
			f.T.Error("there is more")
		}
		return err
	})
	return f.Said(100)
}

// A ticket is gone once it was not found twice and is in neither list. That is said once,
// and the ticket is not read any more.
func TestGone(t *testing.T) {
	f := newFollowed(t)
	f.missed(10, false)
	f.Want(f.vanished(), "")
	if !f.left() {
		t.Error("after one not-found it is not looked for again")
	}
	f.missed(11, false)
	if f.left() {
		t.Error("it is asked for though only the closed list can tell")
	}
	f.Want(f.vanishedBy(11), "") // a list requested before may hold it
	f.Want(f.vanishedBy(12), "Этого обращения больше нет в Плюсофоне")
	f.Want(f.vanished(), "")
	f.missed(12, false)
	f.Want(f.vanished(), "")
	if f.left() || f.waits() {
		t.Error("it is asked for, or waited for, though it is gone")
	}
	if known := f.ticket(); known.Open || !ticket.IsGone(known) {
		t.Errorf("it is %+v", known)
	}
}

// A response that contradicts a list is a fault and no news, however often it happens; what
// a list shows, or a read finds, is not gone.
func TestNotGone(t *testing.T) {
	element := plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "new"}
	for name, between := range map[string]func(*followed){
		"a read finds it":         func(f *followed) { f.reads(11, true, len(f.posts)) },
		"it was not found listed": func(f *followed) { f.missed(11, true) },
		"the open list shows it": func(f *followed) {
			f.Do(func(turn *chat.Turn) error {
				changed, err := ticket.Listed(turn, []plusofon.ListedTicket{element}, true, f.since+11)
				if len(changed) != 1 {
					t.Error("it is not read")
				}
				return err
			})
		},
		"the closed list shows it": func(f *followed) {
			f.Do(func(turn *chat.Turn) error {
				_, err := ticket.ListEnds(turn, false)
				if err != nil {
					return err
				}
				_, err = ticket.Listed(turn, []plusofon.ListedTicket{element}, false, f.since+11)
				return err
			})
		},
		"the not-found is the older": func(f *followed) {
			f.reads(13, true, len(f.posts))
			f.missed(12, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFollowed(t)
			f.missed(9, false)
			f.missed(10, false)
			between(f)
			f.Want(f.vanished(), "")
			f.missed(14, false)
			f.Want(f.vanished(), "")
			if !f.left() {
				t.Error("it is not looked for again")
			}
		})
	}
}

// A ticket that was gone and is found again, for instance after the help desk was restored
// from a backup, is shown as back.
func TestGoneAndBack(t *testing.T) {
	f := newFollowed(t)
	f.missed(10, false)
	f.missed(11, false)
	f.vanished()
	f.replies("Обращение восстановлено")
	f.Reads = f.since + 11
	f.Poll(true, plusofon.Ticket{Open: true, OpenKnown: true, Posts: f.posts}, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "again"})
	said := strings.Join(f.Said(100), "\n")
	if !strings.Contains(said, "Обращение восстановлено") || !strings.Contains(said, "снова открыто") || ticket.IsGone(f.ticket()) {
		t.Errorf("it is told %q", said)
	}
}

// A post that the staff moves to another ticket is not news there; one not seen before is.
func TestMovedPosts(t *testing.T) {
	f := newFollowed(t)
	f.replies("Ответ")
	f.reads(1, true, len(f.posts))
	f.Said(100)
	seen, other := f.posts[len(f.posts)-1], plusofon.Post{ID: 500, Text: "В другом", Author: readStaff}
	f.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveTicket(state.Ticket{ID: 8, Open: true, Fetched: f.Now})
	})
	f.Do(func(turn *chat.Turn) error { return turn.Tx.Bind(100, 8, f.Now) })
	changed := seen
	changed.ID, changed.Text = 400, "Ответ, которого никто не видел"
	f.Do(func(turn *chat.Turn) error {
		return bottest.Absorb(turn, ticket.Read{Number: f.since + 20, Ticket: plusofon.Ticket{ID: 8, Open: true, OpenKnown: true, Posts: []plusofon.Post{seen, changed, other}}},
			ticket.Changed{ID: 8, Again: true})
	})
	said := strings.Join(f.Said(100), "\n")
	if strings.Contains(said, "Ответ\n№") || strings.HasSuffix(said, "Ответ") || !strings.Contains(said, "которого никто не видел") || !strings.Contains(said, "В другом") {
		t.Errorf("it is told %q", said)
	}
}

// A post that was moved and changed is announced as a change; its older text, in a stale
// read, is not.
func TestMovedPostsChanged(t *testing.T) {
	for name, tt := range map[string]struct {
		number state.ReadNumber
		want   string
	}{
		"read later": {20, "изменено в Плюсофоне"},
		"overtaken":  {-1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFollowed(t)
			f.replies("Ответ")
			f.posts[len(f.posts)-1].Date = f.Now
			f.reads(1, true, len(f.posts))
			f.Said(100)
			changed := f.posts[len(f.posts)-1]
			changed.Text = "Совсем другой ответ"
			f.Do(func(turn *chat.Turn) error {
				return turn.Tx.SaveTicket(state.Ticket{ID: 8, Open: true, Fetched: f.Now})
			})
			f.Do(func(turn *chat.Turn) error { return turn.Tx.Bind(100, 8, f.Now) })
			f.Do(func(turn *chat.Turn) error {
				return bottest.Absorb(turn, ticket.Read{Number: f.since + tt.number, Ticket: plusofon.Ticket{ID: 8, Open: true, OpenKnown: true, Posts: []plusofon.Post{changed}}},
					ticket.Changed{ID: 8, Again: true})
			})
			f.Want(f.Said(100), tt.want)
		})
	}
}

// A ticket that was opened here and is gone before any list has shown it is missed in the
// next list, but not in one requested before it was opened.
func TestGoneBeforeItWasListed(t *testing.T) {
	f := newFollowed(t)
	sub := f.submits(state.Submission{Kind: state.Opening, Subject: "Тема", Text: "Текст"})
	f.Do(func(turn *chat.Turn) error {
		read := ticket.Read{Number: f.since + 5, Ticket: plusofon.Ticket{ID: 8, Subject: "Тема", Open: true, Posts: []plusofon.Post{{ID: 80, Text: "Текст", Author: readCustomer}}}}
		_, err := ticket.Delivered(turn, sub, read)
		return err
	})
	for number, want := range map[state.ReadNumber]bool{4: false, 6: true} {
		f.Do(func(turn *chat.Turn) error {
			left, _, err := ticket.Left(turn, 7, func(state.TicketID) bool { return false }, false, f.since+number)
			if (len(left) == 1) != want {
				t.Errorf("by list %d %v have left", number, left)
			}
			return err
		})
	}
}
