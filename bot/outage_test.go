package bot_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state/statetest"
)

// While Plusofon is unreachable for most of a day, messages are kept, people know it, and
// the messages are sent when it is back, in order and once.
func TestPlusofonIsGoneForHours(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.PlusofonLine.Cut()
		answer := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(time.Minute)
		opening := w.Anna.Send("/new Вторая\nещё одно")
		w.Passes(time.Minute)
		w.WantReaction(w.Anna, answer.ID, "👀")
		w.WantReaction(w.Anna, opening.ID, "👀")
		w.WantRead(w.Anna, "Сообщение сохранено и уйдёт само")
		w.Passes(5 * time.Minute) // the next poll
		w.Anna.Send("/status")
		w.Passes(time.Minute)
		w.WantRead(w.Anna, "Что вы напишете, сохранится и уйдёт само")

		w.Passes(4 * time.Hour)
		again := w.Anna.Reply(answer.ID, "и ещё")
		w.Passes(3 * time.Hour)
		w.PlusofonLine.Mend()
		w.Passes(6 * time.Minute) // the longest backoff
		for _, m := range []telegramtest.Message{answer, opening, again} {
			w.WantReaction(w.Anna, m.ID, "👌")
		}
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "ответ", "и ещё", "ещё одно"}) {
			t.Errorf("at Plusofon: %q", got)
		}
		w.WantLogged("Plusofon could not be polled; retrying")
		w.WantLogged("Plusofon answers again")
		if n := strings.Count(w.Log.String(), "could not be polled"); n != 1 {
			t.Errorf("the log says %d times that Plusofon is gone", n)
		}
	})
}

// What Plusofon did not accept for a day is parked, its author is told, and it is sent when
// Plusofon is back: the opening with the answers that wait for it, in order, each once.
func TestPlusofonIsGoneForADay(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.PlusofonLine.Cut()
		answer, second := w.Anna.Reply(receipt.ID, "ответ"), w.Anna.Reply(receipt.ID, "второй ответ")
		opening := w.Anna.Send("/new Другая\nопять")
		addition := w.Anna.Reply(opening.ID, "дополнение")
		given := w.Anna.Reply(receipt.ID, "не нужно больше")
		w.Passes(time.Hour)
		w.Away(22 * time.Hour)
		w.Passes(2 * time.Hour)
		all := []telegramtest.Message{answer, second, opening, addition}
		for _, m := range append(all, given) {
			w.WantReaction(w.Anna, m.ID, "💔")
		}
		w.WantRead(w.Anna, "Плюсофон не отвечал целые сутки. Сообщение сохранено и уйдёт само")
		w.Pressed(w.Anna.Press(w.Sees(w.Anna, "what is not wanted", func(m telegramtest.Message) bool { return m.FromBot && m.ReplyTo == given.ID }).ID, "Отменить"))
		w.PlusofonLine.Mend()
		w.Passes(6 * time.Minute)
		for _, m := range all {
			w.WantReaction(w.Anna, m.ID, "👌")
		}
		w.Passes(time.Hour)
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "ответ", "второй ответ", "опять", "дополнение"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// If the program has not reached Plusofon since its start, people who write are told so,
// and the owners are not sent looking for a fault in the bot.
func TestPlusofonIsGoneAtTheStart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.PlusofonLine.Cut()
		w.Restart()
		answer := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(time.Minute)
		w.WantReaction(w.Anna, answer.ID, "👀")
		w.WantRead(w.Anna, "Сообщение сохранено и уйдёт само")
		w.Passes(30 * time.Minute)
		if said := bottest.Texts(w.Anna.FromBot()); slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "Очередь бота стоит") }) {
			t.Errorf("said: %q", said)
		}
		w.PlusofonLine.Mend()
		w.Passes(6 * time.Minute) // the next poll
		w.WantReaction(w.Anna, answer.ID, "👌")
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// An hour of failed attempts does not count when the first request that reaches the network
// again is lost: it is retried, not given up.
func TestFirstRequestAfterAnOutageIsLost(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.PlusofonLine.Cut()
		answer := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(time.Hour)
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true})
		w.PlusofonLine.Mend()
		w.Passes(10 * time.Minute)
		w.WantReaction(w.Anna, answer.ID, "👌")
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// If it can't be found out for a day whether an answer has arrived, its author decides.
func TestReadingBackFailsForADay(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropAfter: true})
		w.Plusofon.AddFault(plusofontest.Fault{Times: -1, DropBefore: true})
		w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(time.Hour)
		w.Away(21 * time.Hour)
		w.Passes(time.Hour)
		w.WantRead(w.Anna, "Проверяю, дошёл ли ответ")
		w.Passes(2 * time.Hour)
		w.WantRead(w.Anna, fmt.Sprintf("Плюсофон не подтвердил ответ в №%d", id))
		asked := len(w.Plusofon.Requests())
		w.Passes(time.Hour)
		if slices.ContainsFunc(w.Plusofon.Requests()[asked:], func(r plusofontest.Request) bool { return r.Op == "ticket" }) {
			t.Error("it is looked for on and on")
		}
	})
}

// withholding serves no files.
type withholding struct{ bot.Telegram }

func (withholding) OpenFile(context.Context, string, int64) (io.ReadCloser, int64, error) {
	return nil, 0, &telegram.Error{Method: "getFile", Outcome: telegram.NotSent, Description: "no route to host"}
}

// A file that can't be passed on for a day is reported, and sent when the side that failed is back.
func TestFileCanNotGoForADay(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*bottest.World) *bottest.Line{
		"Plusofon does not take it": func(w *bottest.World) *bottest.Line {
			takesOver(w, func(op string) (bool, error) {
				return op == "attach", &plusofon.Error{Op: op, Kind: plusofon.NotSent}
			})
			return w.PlusofonLine
		},
		"Telegram does not give it": func(w *bottest.World) *bottest.Line {
			w.RestartWith(func(c *bot.Config) { c.Telegram = withholding{c.Telegram} })
			return w.TelegramLine
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
				_, receipt := w.Opened("Тема", "Текст")
				line := lose(w)
				w.Anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "ответ с файлом", receipt.ID)
				w.Passes(25 * time.Hour)
				w.WantRead(w.Anna, "Файлы: 0 из 1\nНе отправлен a.txt: целые сутки не получалось, уйдёт сам")
				w.RestartWith(nil)
				w.Passes(10 * time.Minute)
				w.WantRead(w.Anna, "Файлы: 0 из 1")
				line.Cut()
				w.Passes(10 * time.Minute)
				line.Mend()
				w.Passes(10 * time.Minute)
				w.WantRead(w.Anna, "Файлы: 1 из 1")
			})
		})
	}
}

// door is a chat whose person has blocked the bot.
type door struct {
	bot.Telegram
	open   atomic.Bool
	knocks atomic.Int64
}

func (d *door) Do(ctx context.Context, c telegram.Call) (telegram.Result, error) {
	if d.open.Load() {
		return d.Telegram.Do(ctx, c)
	}
	d.knocks.Add(1)
	return telegram.Result{}, &telegram.Error{Method: c.Method, Code: 403, Outcome: telegram.Forbidden, Description: "Forbidden: bot was blocked by the user"}
}

// News for someone who has blocked the bot is kept, with hardly any attempts after a day,
// and sent in order when they are back.
func TestBlockedForMoreThanADay(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		shut := &door{}
		w.RestartWith(func(c *bot.Config) { shut.Telegram, c.Telegram = c.Telegram, shut })
		w.Plusofon.Reply(w.Newest(), "Оператор", "первая новость")
		w.Plusofon.Reply(w.Newest(), "Оператор", "вторая новость")
		w.Passes(26 * time.Hour)
		knocks := shut.knocks.Load()
		w.Passes(2 * time.Hour)
		if n := shut.knocks.Load(); knocks == 0 || n > knocks+2 {
			t.Errorf("%d attempts in a day, and %d more", knocks, n-knocks)
		}
		shut.open.Store(true)
		w.Anna.Send("/start")
		w.Passes(time.Minute)
		first, second := w.Reads(w.Anna, "первая новость"), w.Reads(w.Anna, "вторая новость")
		if first.ID > second.ID {
			t.Error("the news came out of order")
		}
	})
}

// While Telegram is unreachable for more than a day, news is kept for as long as it takes
// and sent in order, each once.
func TestTelegramIsGoneForADay(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.TelegramLine.Cut()
		w.Plusofon.Reply(w.Newest(), "Оператор", "первая новость")
		w.Passes(4 * time.Hour)
		w.Plusofon.Reply(w.Newest(), "Оператор", "вторая новость")
		w.Away(20 * time.Hour) // while nothing is reachable it does not matter who runs
		w.Passes(4 * time.Hour)
		w.Plusofon.Reply(w.Newest(), "Оператор", "третья новость")
		w.Passes(10 * time.Minute)
		// Telegram keeps messages for a day.
		answer := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(time.Hour)
		w.WantLogged("Telegram could not be polled")
		w.TelegramLine.Mend()
		w.Passes(10 * time.Minute)
		w.WantReaction(w.Anna, answer.ID, "👌")
		all := strings.Join(bottest.Texts(w.Anna.FromBot()), "\n")
		at := -1
		for _, news := range []string{"первая новость", "вторая новость", "третья новость"} {
			if n := strings.Count(all, news); n != 1 || strings.Index(all, news) < at {
				t.Errorf("%q is there %d times, or out of order:\n%s", news, n, all)
			}
			at = strings.Index(all, news)
		}
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "первая новость", "вторая новость", "третья новость", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// An update that can't be stored is not confirmed, whatever the reason: it is still pending
// after the program has failed and is started again.
func TestUpdateThatCantBeStored(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		mend := statetest.Refuse(t, w.Path, "inbox", "chat_id", fmt.Sprint(bottest.AnnaID))
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(time.Minute)
		w.WantLogged("Telegram could not be polled")
		w.Stop()
		mend()
		w.Start()
		w.Passes(time.Minute)
		w.WantReaction(w.Anna, m.ID, "👌")
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// A message whose outcome can't be stored is not sent again: its lane waits until it is
// stored, and then continues.
func TestOutcomeThatCantBeStored(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		mend := statetest.RefuseChange(t, w.Path, "outbox", "state", "done")
		w.Plusofon.Reply(w.Newest(), "Оператор", "первая новость")
		answer := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(10 * time.Minute)
		w.Plusofon.Reply(w.Newest(), "Оператор", "вторая новость")
		w.Passes(10 * time.Minute)
		w.WantLogged("the outcome of a request could not be stored")
		mend()
		w.Passes(10 * time.Minute)
		w.WantReaction(w.Anna, answer.ID, "👌")
		all := strings.Join(bottest.Texts(w.Anna.FromBot()), "\n")
		for _, news := range []string{"первая новость", "вторая новость"} {
			if n := strings.Count(all, news); n != 1 {
				t.Errorf("%q is there %d times:\n%s", news, n, all)
			}
		}
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "первая новость", "ответ", "вторая новость"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// While the disk is full nothing is confirmed to Telegram: messages wait there, and are
// handled once when there is room again.
func TestDiskIsFull(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		w.Stop()
		disk := statetest.NewDisk(t, w.Path)
		w.Start()
		_, receipt := w.Opened("Тема", "Текст")
		w.AtRest()
		disk.Fill()
		long := strings.Repeat("д", 4000)
		first := w.Anna.Reply(receipt.ID, long)
		w.Passes(time.Hour)
		second := w.Anna.Reply(receipt.ID, "коротко")
		w.Plusofon.Reply(w.Newest(), "Оператор", "новость: "+long)
		w.Passes(time.Hour)
		w.WantLogged("database or disk is full")
		w.WantReaction(w.Anna, first.ID, "")
		w.WantReaction(w.Anna, second.ID, "")
		disk.Free()
		w.Passes(6 * time.Minute)
		w.WantReaction(w.Anna, first.ID, "👌")
		w.WantReaction(w.Anna, second.ID, "👌")
		w.WantRead(w.Anna, "новость: д")
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "новость: " + long, long, "коротко"}) {
			t.Errorf("at Plusofon there are %d posts", len(got))
		}
		w.Stop()
		statetest.Open(t, w.Path).Close()
	})
}

// refusing is a Telegram that never accepts certain texts.
type refusing struct {
	bot.Telegram
	words string
}

func (r refusing) Do(ctx context.Context, c telegram.Call) (telegram.Result, error) {
	if strings.Contains(string(c.Params), r.words) {
		return telegram.Result{}, &telegram.Error{Method: c.Method, Code: 400, Outcome: telegram.Refused, Description: "Bad Request: it can't be so"}
	}
	return r.Telegram.Do(ctx, c)
}

// A message that Telegram never accepts is parked and not lost: the owners see it in
// /status, and later messages are sent.
func TestMessageThatTelegramNeverTakes(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		w.RestartWith(func(c *bot.Config) { c.Telegram = refusing{c.Telegram, "непроходимое"} })
		w.Plusofon.Reply(w.Newest(), "Оператор", "непроходимое")
		w.Plusofon.Reply(w.Newest(), "Оператор", "следом")
		w.Passes(10 * time.Minute)
		w.WantRead(w.Anna, "следом")
		w.WantLogged("Telegram refused a request")
		w.Anna.Send("/status")
		w.Passes(time.Minute)
		w.WantRead(w.Anna, "Не доставлено в Telegram: 1 сообщение")
	})
}

// What is parked while polls succeed goes by itself too, as its author was told.
func TestParkedWhilePollsSucceed(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.AtRest()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: http.StatusTooManyRequests, Times: -1})
		answer := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(25 * time.Hour)
		for _, m := range w.Anna.FromBot() {
			t.Logf("%q", m.Text)
		}
		w.Plusofon.ClearFaults()
		second := w.Anna.Reply(receipt.ID, "второй ответ")
		w.Reacts(w.Anna, second.ID, "👌")
		w.Passes(25 * time.Hour)
		w.WantReaction(w.Anna, answer.ID, "👌")
		t.Logf("%q", w.Posts(id))
	})
}

// A file that has waited for Telegram is not given up because Plusofon fails once.
func TestFileThatWaitedForTelegram(t *testing.T) {
	t.Parallel()
	for outage, fault := range map[time.Duration]plusofontest.Fault{
		20 * time.Minute: {Op: "download", Status: http.StatusBadGateway}, 26 * time.Hour: {Op: "ticket", Status: http.StatusTooManyRequests},
	} {
		t.Run(outage.String(), func(t *testing.T) {
			t.Parallel()
			o := bottest.Days
			o.Plusofon = plusofontest.Config{Attachments: plusofontest.ByLink}
			bottest.Run(t, o, func(t *testing.T, w *bottest.World) { waitsForTelegram(t, w, outage, fault) })
		})
	}
}

func waitsForTelegram(t *testing.T, w *bottest.World, outage time.Duration, fault plusofontest.Fault) {
	id, _ := w.Opened("Тема", "Текст")
	w.AtRest()
	w.Telegram.Fail(telegramtest.Fault{Method: "sendDocument", DropBefore: true})
	w.Plusofon.Reply(id, "Оператор", "Смотрите", plusofontest.Attachment{Name: "a.txt", Content: []byte("x")})
	w.Reads(w.Anna, "Смотрите")
	w.TelegramLine.Cut()
	w.Passes(outage)
	w.Plusofon.AddFault(fault)
	w.TelegramLine.Mend()
	w.Passes(30 * time.Minute)
	n := 0
	for _, m := range w.Anna.FromBot() {
		if m.File != nil {
			n++
		}
		if strings.Contains(m.Text, "кабинет") {
			t.Errorf("she is told %q", m.Text)
		}
	}
	if n != 1 {
		t.Errorf("%d files have come", n)
	}
}
