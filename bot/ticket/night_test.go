package ticket_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/state"
)

// If the staff answered during quiet hours, one line with a sound says so at their end; if
// not, nothing does. A muted ticket makes no sound then either.
func TestNightIsToldOfInTheMorning(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			return tx.SaveSettings(state.Settings{Chat: bottest.AnnaID, News: state.NewsBound, QuietFrom: 22, QuietTo: 8, Zone: "Europe/Moscow"})
		}))
		id, _ := w.Opened("Тема", "Текст")
		other, _ := w.Opened("Другая", "Текст")
		muted, _ := w.Opened("Тихая", "Текст")
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error { return tx.SetMuted(bottest.AnnaID, state.TicketID(muted), true) }))
		w.Plusofon.Reply(id, "Оператор", "днём") // at noon in Moscow
		w.Reads(w.Anna, "днём")
		time.Sleep(11 * time.Hour)
		w.Plusofon.Reply(id, "Оператор", "ночью раз")
		w.Plusofon.Reply(other, "Оператор", "ночью два")
		w.Plusofon.Reply(muted, "Оператор", "ночью тихо")
		if m := w.Reads(w.Anna, "ночью два"); !m.Silent {
			t.Error("it makes a sound in quiet hours")
		}
		w.Reads(w.Anna, "ночью тихо")
		m := w.Anna.Reply(w.Reads(w.Anna, "ночью раз").ID, "Спасибо")
		w.Reacts(w.Anna, m.ID, "👌")
		time.Sleep(9 * time.Hour)
		line := w.Reads(w.Anna, "За тихие часы: 2 ответа, ждут вас: 1.")
		if moscow := line.Date.In(time.FixedZone("", 3*3600)); line.Silent || moscow.Hour() != 8 || moscow.Minute() > 5 {
			t.Errorf("silent: %v, at %v", line.Silent, moscow)
		}
		w.Pressed(w.Anna.Press(line.ID, "Показать"))
		w.Sees(w.Anna, "the list", func(m telegramtest.Message) bool { return m.ID == line.ID && m.Edits == 1 })
		said := len(w.Anna.FromBot())
		time.Sleep(24 * time.Hour)
		if n := len(w.Anna.FromBot()); n != said {
			t.Errorf("%d messages come of a quiet night: %q", n-said, w.Anna.FromBot()[said].Text)
		}
	})
}

// What the staff wrote before quiet hours and Telegram takes only in them comes without sound.
func TestNewsThatIsLateForQuietHours(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			return tx.SaveSettings(state.Settings{Chat: bottest.AnnaID, News: state.NewsBound, QuietFrom: 22, QuietTo: 8, Zone: "Europe/Moscow"})
		}))
		id, _ := w.Opened("Тема", "Текст")
		time.Sleep(9*time.Hour + 30*time.Minute) // 21:30 in Moscow
		w.Telegram.SetDown(true)
		w.Plusofon.Reply(id, "Оператор", "вечером")
		time.Sleep(time.Hour)
		w.Telegram.SetDown(false)
		m := w.Reads(w.Anna, "вечером")
		at := m.Date.In(time.FixedZone("", 3*3600))
		if !m.Silent {
			t.Errorf("it makes a sound at %v", at.Format("15:04"))
		}
		time.Sleep(10 * time.Hour)
		w.Reads(w.Anna, "За тихие часы")
	})
}

// The night of a group that becomes a supergroup in it is told of in one line.
func TestNightOfAGroupThatBecomesASupergroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			return tx.SaveSettings(state.Settings{Chat: state.ChatID(g.ID()), Language: "en", News: state.NewsBound, QuietFrom: 22, QuietTo: 8, Zone: "Europe/Moscow"})
		}))
		g.Boris.Send("/new Касса\nТекст")
		w.Reads(g.Boris, "Касса")
		w.AtRest()
		id := w.Newest()
		time.Sleep(11 * time.Hour)
		w.Plusofon.Reply(id, "Оператор", "ночью раз")
		w.Reads(g.Anna, "ночью раз")
		next := g.Moved()
		w.Passes(10 * time.Minute)
		w.Plusofon.Reply(id, "Оператор", "ночью два")
		w.Reads(next.Anna, "ночью два")
		time.Sleep(12 * time.Hour)
		var lines []string
		for _, m := range next.Anna.FromBot() {
			if strings.Contains(m.Text, "За тихие часы") || strings.Contains(m.Text, "quiet hours") {
				lines = append(lines, m.Text)
			}
		}
		if len(lines) != 1 {
			t.Errorf("it says %q", lines)
		}
	})
}

// What came late, in quiet hours, is counted by posts, as in them.
func TestLateNewsAreCountedByPosts(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			return tx.SaveSettings(state.Settings{Chat: bottest.AnnaID, News: state.NewsBound, QuietFrom: 22, QuietTo: 8, Zone: "Europe/Moscow"})
		}))
		id, _ := w.Opened("Тема", "Текст")
		time.Sleep(9*time.Hour + 30*time.Minute) // 21:30 in Moscow
		w.Telegram.SetDown(true)
		w.Plusofon.Reply(id, "Оператор", strings.Repeat("Длинный ответ. ", 700))
		time.Sleep(time.Hour)
		w.Telegram.SetDown(false)
		w.Reads(w.Anna, "Длинный ответ")
		time.Sleep(10 * time.Hour)
		if m := w.Reads(w.Anna, "За тихие часы"); !strings.Contains(m.Text, "1 ответ") {
			t.Errorf("of one answer it says %q", m.Text)
		}
	})
}
