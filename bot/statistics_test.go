package bot_test

import (
	"bytes"
	"errors"
	"image/png"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/state"
)

// /stats is a picture with the same in words, and [CSV] under it sends the underlying data,
// all counted when it is sent.
func TestStatisticsComeAsAPicture(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Не работает интернет", "Уже час")
		time.Sleep(90 * time.Minute)
		w.Plusofon.Reply(id, "Оператор", "Починили")
		w.Reads(w.Anna, "Починили")
		w.Anna.Send("/stats")
		isPicture := func(m telegramtest.Message) bool { return m.File != nil && m.File.Kind == "photo" }
		picture := w.Sees(w.Anna, "the picture", isPicture)
		if !strings.Contains(picture.Text, "Всего ответов 1: половина не позже чем через 1 ч 30 мин") || !strings.Contains(picture.Text, "Бот считает с 02.03.2026") {
			t.Errorf("it says %q", picture.Text)
		}
		if _, err := png.Decode(bytes.NewReader(w.Telegram.Content(picture.File.ID))); err != nil {
			t.Error(err)
		}
		w.Pressed(w.Anna.Press(picture.ID, "CSV"))
		_, table := w.File(w.Anna, "plusofon-2026-03-02.csv")
		if lines := strings.Split(strings.TrimSpace(table), "\n"); len(lines) != 2 || !strings.Contains(lines[1], ",90,да") {
			t.Errorf("the file is %q", table)
		}
	})
}

// A long history is counted in many short transactions, and if Telegram fails the picture
// is sent later.
func TestStatisticsOfALongHistory(t *testing.T) {
	t.Parallel()
	const tickets, posts = 250, 20
	tg := &receiving{fakeTelegram: silentTelegram(), refuses: 1}
	loops(t, tg, idlePlusofon{}, tg.inBubble, func(store *state.Store, _ *bottest.Log) {
		bottest.Must(t, store.Update(func(tx *state.Tx) (err error) {
			err = tx.SetMeta("baseline_open", "1999-01-01T00:00:00Z")
			for i := range tickets {
				id := state.TicketID(i + 1)
				err = errors.Join(err, tx.SaveTicket(state.Ticket{ID: id, Open: true}))
				for n := range posts {
					side := []state.PostSide{state.Customer, state.Staff}[n%2]
					_, failure := tx.AddPost(state.Post{Ticket: id, ID: state.PostID(n + 1), Side: side, Posted: time.Now().Add(time.Duration(n-posts) * time.Hour)})
					err = errors.Join(err, failure)
				}
			}
			return err
		}))
		tg.updates <- []telegram.Raw{auditPress(1, bottest.AnnaID, "statscsv")}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(tg.files) != 1 {
			t.Fatalf("%d files are sent", len(tg.files))
		}
		if n := strings.Count(tg.files[0], ",60,"); n != tickets*posts/2 {
			t.Errorf("%d answers are counted, want %d", n, tickets*posts/2)
		}
	})
}
