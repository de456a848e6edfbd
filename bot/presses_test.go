package bot_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// A button that means nothing (any more) says so in the person's language and
// does nothing else.
func TestExpiredButtons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: colleagues})
	id, receipt := w.opened("Тема", "Текст")
	w.boris.Send("/status")
	english := w.reads(w.boris, "Plusofon")
	said := len(w.anna.FromBot())
	for _, data := range []string{
		"мусор", "delete:1", "answer", "answer:", "answer:0", "answer:-1", "answer:x", "answer:1:2:3", "history:99999999999999999999",
		"page:1:-1", "page:1:x", "retry:1", "cancel:1", "retry:77", "cancel:77", "retry", "draft:1", "tickets:x", fmt.Sprintf("answer:%d ", id),
	} {
		if a := w.pressed(w.anna.PressForged(receipt.ID, data)); a.Text != "Эта кнопка больше не действует." || !a.Alert {
			t.Errorf("the press of %q was answered %+v", data, a)
		}
		if a := w.pressed(w.boris.PressForged(english.ID, data)); a.Text != "This button no longer works." {
			t.Errorf("the press of %q was answered %+v", data, a)
		}
	}
	w.anna.Send("/cancel")
	w.reads(w.anna, "Отменять нечего")
	if n := len(w.anna.FromBot()); n != said+1 {
		t.Errorf("%d messages after presses that mean nothing, want none", n-said-1)
	}
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 1 {
		t.Errorf("%d posts, want 1", len(ticket.Posts))
	}
}

// Pages that do not exist show one that does.
func TestPagesBeyondTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст обращения")
	w.pressed(w.anna.Press(receipt.ID, "История"))
	history := w.reads(w.anna, "Открыто", "Текст обращения")
	w.pressed(w.anna.PressForged(history.ID, fmt.Sprintf("page:%d:9223372036854775807", id)))
	w.pressed(w.anna.PressForged(history.ID, "tickets:3:9223372036854775807"))
	w.reads(w.anna, "Мои · 1 обращение", "Тема")
	w.pressed(w.anna.PressForged(history.ID, "tickets:9"))
	w.reads(w.anna, "Ждут вас · 0 обращений")
}

// «Без звука» makes one ticket's news in one chat silent and turns round; they
// still come.
func TestMute(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: colleagues})
	id, receipt := w.opened("Тема", "Текст")
	w.boris.Send(fmt.Sprintf("/follow %d", id))
	w.reads(w.boris, "News of this ticket will come here")
	if a := w.pressed(w.anna.Press(receipt.ID, "Без звука")); a.Text != fmt.Sprintf("Новости обращения №%d теперь приходят без звука.", id) || a.Alert {
		t.Errorf("the press was answered %+v", a)
	}
	w.sees(w.anna, "the button turned round", func(m telegramtest.Message) bool {
		return m.ID == receipt.ID && buttons(m) == "История Со звуком"
	})
	w.plusofon.Reply(id, "Оператор", "тихая новость")
	quiet := w.reads(w.anna, "тихая новость")
	if !quiet.Silent || buttons(quiet) != "Ответить История Со звуком" {
		t.Errorf("muted news: silent %v, buttons %s", quiet.Silent, buttons(quiet))
	}
	if loud := w.reads(w.boris, "тихая новость"); loud.Silent {
		t.Error("muting in one chat made another silent")
	}
	w.pressed(w.anna.Press(quiet.ID, "Со звуком"))
	w.sees(w.anna, "the button turned back", func(m telegramtest.Message) bool {
		return m.ID == quiet.ID && buttons(m) == "Ответить История Без звука"
	})
	w.plusofon.Reply(id, "Оператор", "громкая новость")
	if loud := w.reads(w.anna, "громкая новость"); loud.Silent {
		t.Error("the news are still silent")
	}
	// A double press is as good as one.
	w.pressed(w.anna.PressForged(quiet.ID, fmt.Sprintf("sound:%d", id)))
	w.pressed(w.anna.PressForged(quiet.ID, fmt.Sprintf("sound:%d", id)))
	w.boris.Send(fmt.Sprintf("/unfollow %d", id))
	card := w.reads(w.boris, "no longer come here")
	if a := w.pressed(w.boris.PressForged(card.ID, fmt.Sprintf("mute:%d", id))); !strings.Contains(a.Text, "do not come to this chat") {
		t.Errorf("muting what is not followed was answered %+v", a)
	}
}

// What failed in one chat is repeated or given up there alone.
func TestFailuresBelongToTheirChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: colleagues})
	_, receipt := w.opened("Тема", "Текст")
	w.boris.Send("/status")
	card := w.reads(w.boris, "Plusofon")
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: 400, Body: `{"message":"Нельзя","code":400}`})
	m := w.anna.Reply(receipt.ID, "ответ")
	w.reacts(w.anna, m.ID, "💔")
	failed := w.reads(w.anna, "не отправлен", "Нельзя")
	retry, _ := failed.Button("Повторить")
	cancel, _ := failed.Button("Отменить")
	for _, b := range []telegramtest.Button{retry, cancel} {
		if a := w.pressed(w.boris.PressForged(card.ID, b.Data)); a.Text != "This button no longer works." {
			t.Errorf("a colleague's press of %q was answered %q", b.Data, a.Text)
		}
	}
	w.pressed(w.anna.Press(failed.ID, "Отменить"))
	done := w.reads(w.anna, "Отменено. Это сообщение в Плюсофон не уйдёт.")
	if done.ID != failed.ID || len(done.Buttons) != 0 {
		t.Errorf("the failure did not become the outcome: %+v", done)
	}
	w.sees(w.anna, "no reaction", func(x telegramtest.Message) bool { return x.ID == m.ID && x.Reaction == "" })
	// The buttons of an old client have lost their meaning.
	if a := w.pressed(w.anna.PressForged(failed.ID, retry.Data)); !strings.Contains(a.Text, "больше не действует") {
		t.Errorf("repeating what is cancelled was answered %q", a.Text)
	}
	if n := posts(w.plusofon.Tickets()); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
}

// Two presses of «Ответить» ask twice but take one answer.
func TestDoublePressOfAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	w.plusofon.Reply(id, "Оператор", "Уточните")
	news := w.reads(w.anna, "Уточните")
	w.pressed(w.anna.Press(news.ID, "Ответить"))
	w.pressed(w.anna.Press(news.ID, "Ответить"))
	m := w.anna.Send("уточняю")
	w.reacts(w.anna, m.ID, "👌")
	after := w.anna.Send("а это просто так")
	w.sees(w.anna, "the question where it goes", func(x telegramtest.Message) bool {
		return x.ReplyTo == after.ID && strings.Contains(x.Text, "Куда отправить?")
	})
	if n := posts(w.plusofon.Tickets()); n != 3 {
		t.Errorf("%d posts, want 3", n)
	}
}

// dumb takes no calls while it is on, and counts the answers to presses.
type dumb struct {
	bot.Telegram
	on      atomic.Bool
	answers atomic.Int64
}

func (d *dumb) Do(ctx context.Context, c telegram.Call) (telegram.Result, error) {
	if d.on.Load() {
		return telegram.Result{}, &telegram.Error{Method: c.Method, Outcome: telegram.NotSent, Description: "no route to host"}
	}
	if c.Method == (telegram.AnswerCallbackQuery{}).Method() {
		d.answers.Add(1)
	}
	return d.Telegram.Do(ctx, c)
}

// The answer to a press is worth nothing after two minutes and a half: it is not
// sent then, what the press has done is told.
func TestAnswerToAPressThatComesTooLate(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		b.opens()
		d := &dumb{}
		b.restarts(func(c *bot.Config) { d.Telegram, c.Telegram = c.Telegram, d })
		b.phone.presses("Без звука")
		b.passes(time.Second)
		d.on.Store(true)
		b.phone.presses("История")
		b.passes(10 * time.Minute)
		d.on.Store(false)
		b.passes(10 * time.Minute)
		if n := d.answers.Load(); n != 1 {
			t.Errorf("%d answers to presses, want the first one's", n)
		}
		b.wantRead("Открыто")
	})
}
