package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
)

// What is written in a group while the bot is down arrives in one batch and is judged in
// the order written: messages referred to are handled before.
func TestBatchOfAGroup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		writes func(w *bottest.World, g bottest.Team)
		want   []string // the posts of the tickets, one after the other
	}{
		"a /new, a reply to it and a reply to that": {func(w *bottest.World, g bottest.Team) {
			first := g.Boris.Send("/new Касса\nне печатает")
			second := g.Boris.Reply(first.ID, "и весы")
			g.Boris.Reply(second.ID, "и сканер")
		}, []string{"не печатает", "и весы", "и сканер"}},
		"a reply to an item of an album with a /new": {func(w *bottest.World, g bottest.Team) {
			album := g.Boris.SendAlbum(bottest.TwoPhotos("/new Касса\nне печатает"), 0)
			g.Boris.Reply(album[1].ID, "вот так")
		}, []string{"не печатает", "вот так"}},
		"a reply to an item of an album that answers": {func(w *bottest.World, g bottest.Team) {
			first := g.Boris.Send("/new Касса\nне печатает")
			album := g.Boris.SendAlbum(bottest.TwoPhotos("чеки"), first.ID)
			g.Boris.Reply(album[1].ID, "видно?")
		}, []string{"не печатает", "чеки", "видно?"}},
		"talk, and replies to it": {func(w *bottest.World, g bottest.Team) {
			talk := g.Boris.Send("обед в час?")
			g.Anna.Reply(talk.ID, "в два")
			album := g.Boris.SendAlbum(bottest.TwoPhotos("меню"), 0)
			g.Anna.Reply(album[1].ID, "мне борщ")
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
				g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
				g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
				w.Reads(g.Anna, "Права бота")
				w.Stop()
				c.writes(w, g)
				w.Passes(time.Second) // earlier, Telegram would deliver them one by one
				w.Start()
				w.Passes(time.Minute)
				wantAll(t, w, c.want)
			})
		})
	}
}

// wantAll checks that Plusofon has exactly these posts, in any tickets, in this order.
func wantAll(t *testing.T, w *bottest.World, want []string) {
	t.Helper()
	var got []string
	for _, ticket := range w.Plusofon.Tickets() {
		for _, p := range ticket.Posts {
			got = append(got, p.Text)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("at Plusofon: %q, want %q", got, want)
	}
}

// A member adds the bot while it is down, and someone who is only in the group writes to it
// at once.
func TestCommandRightBehindTheAdding(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Start("")
		w.Reads(w.Anna, "Анна")
		w.Stop()
		g := w.NewTeam(telegramtest.GroupOptions{})
		g.AddBot(w.Person(bottest.AnnaID))
		m := g.Boris.Send("/new Касса\nне печатает")
		w.Passes(time.Second)
		w.Start()
		w.Reacts(g.Boris, m.ID, "👌")
		w.Reads(g.Anna, "Группа подключена")
	})
}

// What was written in a group before its upgrade to a supergroup goes where it was meant to,
// though the bot learns of the upgrade first: by an error, or by a message out of order.
func TestWrittenBeforeTheGroupMoved(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]bool{"in order": false, "an error tells of it first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
				g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
				id, receipt := w.NewTicket(g.Boris, "Касса")
				g.Anna.Send("/new@" + w.Telegram.Bot().Username)
				question := w.Reads(g.Anna, "Что случилось?")
				w.Stop()
				g.Boris.Reply(receipt.ID, "и весы")
				g.Boris.Reply(receipt.ID, "/new@"+w.Telegram.Bot().Username+" Из сообщения")
				g.Boris.Send("/new Сканер\nне видит штрихкод")
				g.Anna.Reply(question.ID, "Принтер\nшумит")
				next := g.Moved()
				w.Passes(time.Second)
				if told {
					w.Plusofon.Reply(id, "Ольга", "Какая модель?")
					w.Telegram.Fail(telegramtest.Fault{Method: "getUpdates", Times: -1, Status: 500})
					w.Start()
					w.Logged("a group has become a supergroup")
					w.Reads(next.Anna, "Какая модель?")
					w.Telegram.ClearFaults()
				} else {
					w.Start()
				}
				last := next.Boris.Send("/new Терминал\nзавис")
				w.Reacts(next.Boris, last.ID, "👌")
				w.Reads(next.Anna, "создано", "Сканер")
				card := w.Reads(next.Boris, "Новое обращение", "Из сообщения")
				if a := w.Pressed(next.Boris.Press(card.ID, "Отправить")); a.Text != "" {
					t.Errorf("the press is answered with %q", a.Text)
				}
				w.Reads(next.Boris, "создано", "Из сообщения")
				w.Passes(time.Minute)
				var posts []string
				for _, ticket := range w.Plusofon.Tickets() {
					for _, p := range ticket.Posts {
						if !strings.Contains(p.Text, "модель") && !strings.HasPrefix(p.Text, "Переслано") {
							posts = append(posts, p.Text)
						}
					}
				}
				slices.Sort(posts)
				if want := []string{"Подробности", "завис", "и весы", "не видит штрихкод", "шумит"}; !slices.Equal(posts, want) {
					t.Errorf("at Plusofon: %q, want %q", posts, want)
				}
				w.WantNothingAside()
			})
		})
	}
}

// A full batch of updates is stored and decided in portions: no transaction blocks the others
// for long, which every test checks. A repeated delivery has no second effect, even a partial
// one.
func TestFullBatchGoesInPortions(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		w.Anna.Start("")
		w.Reads(w.Anna, "Анна")
		w.Stop()
		var want []string
		for n := range telegram.MaxBatch {
			want = append(want, fmt.Sprintf("текст %d", n))
			w.Anna.Send(fmt.Sprintf("/new Тема %d\nтекст %d", n, n))
		}
		w.Passes(time.Second)
		w.Start()
		w.Passes(10 * time.Second)
		w.Telegram.Redeliver()
		w.Passes(30 * time.Minute)
		got := w.Written()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("at Plusofon: %q", got)
		}
		w.WantNothingAside()
	})
}
