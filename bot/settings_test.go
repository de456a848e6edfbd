package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

func TestQuietHours(t *testing.T) {
	moscow, ok := zoneByName("Europe/Moscow")
	if !ok {
		t.Fatal("no Moscow")
	}
	at := func(hour int) time.Time { return time.Date(2026, 3, 2, hour, 30, 0, 0, moscow).UTC() }
	for _, c := range []struct {
		from, to int
		quiet    []int
	}{
		{0, 0, nil},
		{22, 8, []int{22, 23, 0, 7}},
		{1, 3, []int{1, 2}},
	} {
		r := room{settings: state.Settings{QuietFrom: c.from, QuietTo: c.to}, zone: moscow}
		quiet := map[int]bool{}
		for _, hour := range c.quiet {
			quiet[hour] = true
		}
		for _, hour := range []int{0, 1, 2, 3, 7, 8, 12, 21, 22, 23} {
			want := quiet[hour]
			if c.from == 22 && (hour < 8 || hour >= 22) {
				want = true
			}
			if got := r.isQuiet(at(hour)); got != want {
				t.Errorf("%d–%d at %d:30 is quiet: %v, want %v", c.from, c.to, hour, got, want)
			}
		}
	}
}

// Every zone that can be chosen exists.
func TestZonesExist(t *testing.T) {
	for _, z := range zones {
		if _, ok := zoneByName(z.name); !ok {
			t.Errorf("there is no zone %s", z.name)
		}
	}
}

// member lets a person in.
func (d *desk) member(id state.UserID, language string) {
	d.t.Helper()
	d.do(func(tx *state.Tx) error {
		return tx.SavePerson(state.Person{ID: id, Name: fmt.Sprint("Член ", id), Language: language, Role: state.Member})
	})
}

// chooses presses a choice of /settings.
func (d *desk) chooses(user telegram.UserID, which setting, n int) {
	d.t.Helper()
	d.last++
	d.decides(user, telegram.Update{Callback: &telegram.Callback{
		ID: fmt.Sprint("press", d.last), From: telegram.User{ID: user}, Data: fmt.Sprintf("settings:%d:%d", which, n),
		Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: telegram.ChatID(user), Type: "private"}},
	}})
}

// Each choice of each setting can be taken, and is then the one that is marked.
func TestEveryChoiceIsTaken(t *testing.T) {
	d := newDesk(t)
	d.member(100, "ru")
	menu := func(which setting) (m menuOfSetting) {
		d.do(func(tx *state.Tx) error {
			turn := &turn{Bot: d.bot, tx: tx, now: d.now}
			r, err := turn.room(100)
			m, _ = turn.menuOf(r, which)
			return err
		})
		return m
	}
	for which := settingLanguage; which <= settingWaiting; which++ {
		for i := range menu(which).options {
			d.chooses(100, which, i+1)
			m := menu(which)
			marked := 0
			for j, o := range m.options {
				if strings.HasPrefix(o.label, "✓ ") {
					marked++
					if j != i {
						t.Errorf("%s: choice %d was taken, %q is marked", m.button, i, o.label)
					}
				}
			}
			if marked != 1 || m.value == "" {
				t.Errorf("%s, choice %d: %d are marked, the value is %q", m.button, i, marked, m.value)
			}
		}
	}
	d.chooses(100, settingLanguage, 2)
	for _, wrong := range []string{"settings:1:99", "settings:77:1"} {
		d.last++
		d.decides(100, telegram.Update{Callback: &telegram.Callback{
			ID: "x" + wrong, From: telegram.User{ID: 100}, Data: wrong,
			Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 100, Type: "private"}},
		}})
		d.do(func(tx *state.Tx) error {
			row, err := tx.LaneHead(state.Telegram, "press:x"+wrong)
			if err == nil && !strings.Contains(row.Payload, "больше не действует") {
				t.Errorf("%s is answered with %s", wrong, row.Payload)
			}
			return err
		})
	}
}

// The zone of a chat is that of the times that are shown there.
func TestTimesAreInTheZoneOfTheChat(t *testing.T) {
	d := newDesk(t)
	d.member(100, "ru")
	d.poll(true, plusofon.Ticket{})
	d.do(func(tx *state.Tx) error {
		return tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsAll, Zone: "Asia/Vladivostok"})
	})
	posted := time.Date(2026, 3, 1, 9, 15, 0, 0, time.UTC)
	d.poll(true, plusofon.Ticket{Posts: []plusofon.Post{{ID: 1, Date: posted, Text: "Текст", Author: plusofon.Author{Name: "Оператор"}}}},
		plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"})
	if said := strings.Join(d.said(100), "\n"); !strings.Contains(said, "💬 Оператор, 19:15") {
		t.Errorf("it is told %q", said)
	}
}

// A ticket that appears after the baseline is told to who hears of all, and so
// are the later posts of one that stood in the baseline and was never read.
func TestAllNews(t *testing.T) {
	d := newDesk(t)
	for id, news := range map[state.ChatID]state.News{100: state.NewsAll, 200: state.NewsBound, 300: state.NewsNone} {
		d.member(state.UserID(id), "ru")
		d.do(func(tx *state.Tx) error { return tx.SaveSettings(state.Settings{Chat: id, News: news}) })
	}
	staff, customer := plusofon.Author{ID: "9", Name: "Оператор"}, plusofon.Author{ID: "1", Name: "anna@example.com"}
	at := func(minute int) time.Time { return time.Date(2026, 3, 1, 9, minute, 0, 0, time.UTC) }
	old := plusofon.ListedTicket{ID: 5, Subject: "Старое", Open: true, Fingerprint: "1", LastActivity: at(10)}
	d.poll(true, plusofon.Ticket{}, old)
	if said := d.said(100); len(said) > 0 {
		t.Errorf("the baseline is told of: %q", said)
	}
	old.Fingerprint, old.LastActivity = "2", at(20)
	d.poll(true, plusofon.Ticket{Subject: "Старое", Posts: []plusofon.Post{
		{ID: 1, Text: "Вопрос", Date: at(0), Author: customer}, {ID: 2, Text: "Давний ответ", Date: at(10), Author: staff},
		{ID: 3, Text: "Новый ответ", Date: at(20), Author: staff},
	}}, old)
	if said := d.said(100); len(said) != 1 || !strings.Contains(said[0], "Новый ответ") {
		t.Errorf("of a ticket that was never read is told: %q", said)
	}
	d.poll(true, plusofon.Ticket{Subject: "Из кабинета", Posts: []plusofon.Post{
		{ID: 4, Text: "Первое", Date: at(30), Author: customer}, {ID: 5, Text: "Второе", Date: at(31), Author: staff},
	}}, old, plusofon.ListedTicket{ID: 6, Open: true, Fingerprint: "1", Creator: plusofon.CreatorUser})
	said := d.said(100)
	if len(said) != 2 || !strings.Contains(said[0], "Новое обращение.") || !strings.Contains(said[0], "Первое") ||
		!strings.Contains(said[1], "Второе") || strings.Contains(said[1], "Новое обращение.") {
		t.Errorf("of a new ticket is told: %q", said)
	}
	for _, chat := range []telegram.UserID{200, 300} {
		if said := d.said(chat); len(said) > 0 {
			t.Errorf("%d is told: %q", chat, said)
		}
	}
	// Back to its own tickets, the chat hears no more of these.
	d.do(func(tx *state.Tx) error { return tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsBound}) })
	d.poll(true, plusofon.Ticket{Posts: []plusofon.Post{{ID: 6, Text: "Третье", Date: at(40), Author: staff}}}, old,
		plusofon.ListedTicket{ID: 6, Open: true, Fingerprint: "2"})
	if said := d.said(100); len(said) > 0 {
		t.Errorf("it is still told: %q", said)
	}
}

// A chat that wants no news gets none, though it is bound.
func TestNoNews(t *testing.T) {
	d := newDesk(t)
	d.member(100, "ru")
	d.poll(true, plusofon.Ticket{})
	d.poll(true, plusofon.Ticket{}, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"})
	d.do(func(tx *state.Tx) error {
		if err := tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsNone}); err != nil {
			return err
		}
		return tx.Bind(100, 7, d.now)
	})
	d.poll(true, plusofon.Ticket{Posts: []plusofon.Post{{ID: 1, Text: "Ответ", Author: plusofon.Author{Name: "Оператор"}}}},
		plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "2"})
	if said := d.said(100); len(said) > 0 {
		t.Errorf("it is told %q", said)
	}
}
