package reading_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Each option of each setting can be chosen, and is then marked.
func TestEveryChoiceIsTaken(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Member(100, "ru")
	menu := func(which reading.Setting) (m reading.Menu) {
		d.Do(func(turn *chat.Turn) error {
			r, err := turn.Locale(100)
			if err != nil {
				return err
			}
			m, err = reading.MenuOf(turn, r, which)
			return err
		})
		return m
	}
	for which := reading.SettingLanguage; which <= reading.SettingWaiting; which++ {
		for i := range menu(which).Labels {
			d.Chooses(100, int(which), i+1)
			m := menu(which)
			marked := 0
			for j, label := range m.Labels {
				if strings.HasPrefix(label, "✓ ") {
					marked++
					if j != i {
						t.Errorf("%s: choice %d was taken, %q is marked", m.Button, i, label)
					}
				}
			}
			if marked != 1 || m.Value == "" {
				t.Errorf("%s, choice %d: %d are marked, the value is %q", m.Button, i, marked, m.Value)
			}
		}
	}
	d.Chooses(100, int(reading.SettingLanguage), 2)
	for _, wrong := range []string{"settings:1:99", "settings:77:1"} {
		d.Last++
		d.Decides(100, telegram.Update{Callback: &telegram.Callback{
			ID: "x" + wrong, From: telegram.User{ID: 100}, Data: wrong,
			Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 100, Type: "private"}},
		}})
		d.Do(func(turn *chat.Turn) error {
			row, err := turn.Tx.LaneHead(state.Telegram, "press:x"+wrong)
			if err == nil && !strings.Contains(row.Payload, "больше не действует") {
				t.Errorf("%s is answered with %s", wrong, row.Payload)
			}
			return err
		})
	}
}

// Where news is turned off, nothing says that it will come.
func TestNoNewsArePromisedWhereThereAreNone(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		other, _ := w.Opened("Другая", "Текст")
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			return tx.SaveSettings(state.Settings{Chat: bottest.AnnaID, News: state.NewsNone})
		}))
		w.Anna.Send("/new Тема\nТекст")
		w.Passes(time.Minute)
		id := w.Newest()
		if id == other {
			t.Fatal("nothing was opened")
		}
		w.Anna.Send(fmt.Sprintf("/follow %d", other))
		w.Passes(time.Minute)
		w.Anna.Send(fmt.Sprintf("/ticket %d", other))
		w.Passes(time.Minute)
		history := w.Anna.FromBot()[len(w.Anna.FromBot())-1]
		toast := w.Pressed(w.Anna.Press(history.ID, "Получать новости"))
		w.Plusofon.Reply(id, "Оператор", "Ответ на новое")
		w.Plusofon.Reply(other, "Оператор", "Ответ на другое")
		w.Passes(10 * time.Minute)
		for _, m := range w.Anna.FromBot() {
			if strings.Contains(m.Text, "Ответ на") {
				t.Errorf("told: %q", m.Text)
			}
			if strings.Contains(m.Text, "будут приходить") || strings.Contains(m.Text, fmt.Sprintf("№%d", id)) && strings.Contains(m.Text, "Ответ придёт сюда") {
				t.Errorf("it promises %q", m.Text)
			}
		}
		if strings.Contains(toast.Text, "будут приходить") {
			t.Errorf("it promises %q", toast.Text)
		}
	})
}
