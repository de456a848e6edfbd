package bot_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
)

// lateAnswer holds back the answer to the first message with a text until the test releases
// it.
type lateAnswer struct {
	bot.Telegram
	text  string
	late  *bottest.Hang
	lost  bool // the message is not delivered
	begun *atomic.Bool
}

func (l lateAnswer) Do(ctx context.Context, c telegram.Call) (result telegram.Result, err error) {
	if !strings.Contains(string(c.Params), l.text) || l.begun.Swap(true) {
		return l.Telegram.Do(ctx, c)
	}
	if l.lost {
		err = &telegram.Error{Method: c.Method, Outcome: telegram.NotSent, Description: "no route to host"}
	} else {
		result, err = l.Telegram.Do(ctx, c)
	}
	l.late.OnRead()
	return result, err
}

// A message in flight to a group at the moment it becomes a supergroup is delivered there, once,
// and before what comes later.
func TestGroupThatMovesWhileItIsToldSomething(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"it has come": false, "it was not sent": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
				id := posted(w, g, "Тема")
				w.AtRest()
				late := lateAnswer{text: "раз.", late: w.Hangs(), lost: lost, begun: new(atomic.Bool)}
				w.RestartWith(func(c *bot.Config) {
					late.Telegram = c.Telegram
					c.Telegram = late
				})
				w.Plusofon.Reply(id, "Оператор", "раз.")
				late.late.Are(1)
				g = g.Moved()
				w.Passes(time.Minute)
				w.Plusofon.Reply(id, "Оператор", "два.")
				w.Passes(10 * time.Minute)
				late.late.End()
				w.Passes(time.Minute)
				told := 0
				for _, r := range w.Telegram.Requests() {
					if r.Method == "sendMessage" && strings.Contains(r.Params["text"], "раз.") {
						told++
					}
				}
				if told != 1 {
					t.Errorf("it is told %d times", told)
				}
				w.Reads(g.Anna, "два.")
				all := strings.Join(bottest.Texts(g.Anna.FromBot()), "\n")
				if first, second := strings.Index(all, "раз."), strings.Index(all, "два."); lost && (first < 0 || second < first) {
					t.Errorf("they are told in this order:\n%s", all)
				}
			})
		})
	}
}
