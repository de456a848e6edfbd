package bot_test

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state/statetest"
)

// opens lets Anna open the first ticket, number 100, and returns the receipt.
func (b *bubble) opens() int {
	b.t.Helper()
	b.passes(time.Second)
	b.phone.writes(0, "/new Тема\nТекст")
	b.passes(10 * time.Second)
	b.wantRead("Обращение №100 создано")
	return b.phone.find("№100 создано")
}

// While Plusofon is gone for most of a day, what people write is kept, they know
// it, and it goes by itself, in order and once.
func TestPlusofonIsGoneForHours(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		b.desk.lose(true)
		answer := b.phone.writes(receipt, "ответ")
		b.passes(time.Minute)
		opening := b.phone.writes(0, "/new Вторая\nещё одно")
		b.passes(time.Minute)
		b.wantReaction(answer, "👀")
		b.wantReaction(opening, "👀")
		b.wantRead("Оно сохранено и уйдёт само")
		b.passes(5 * time.Minute) // the next poll
		b.phone.writes(0, "/status")
		b.passes(time.Minute)
		b.wantRead("Что вы напишете, сохранится и уйдёт само")

		b.passes(12 * time.Hour)
		again := b.phone.writes(answer, "и ещё")
		b.passes(11 * time.Hour)
		b.desk.lose(false)
		b.passes(6 * time.Minute) // the longest pause
		for _, id := range []int{answer, opening, again} {
			b.wantReaction(id, "👌")
		}
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "ответ", "и ещё", "ещё одно"}) {
			t.Errorf("at Plusofon: %q", got)
		}
		b.wantLogged("Plusofon could not be polled; trying on")
		b.wantLogged("Plusofon answers again")
		if n := strings.Count(b.log.String(), "could not be polled"); n != 1 {
			t.Errorf("the log says %d times that Plusofon is gone", n)
		}
	})
}

// After a day it is the person who decides: nothing is dropped, and nothing goes
// behind his back.
func TestPlusofonIsGoneForADay(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		b.desk.lose(true)
		answer := b.phone.writes(receipt, "ответ")
		b.passes(25 * time.Hour)
		b.wantReaction(answer, "💔")
		b.wantRead("Плюсофон не отвечал целые сутки. Сообщение сохранено")
		b.desk.lose(false)
		b.passes(time.Hour)
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст"}) {
			t.Errorf("it went behind her back: %q", got)
		}
		b.phone.presses("Повторить")
		b.passes(time.Minute)
		b.wantReaction(answer, "👌")
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// What was tried in vain for an hour counts for nothing when the first request that
// reaches the network again gets lost: it is repeated, not given up.
func TestFirstRequestAfterAnOutageIsLost(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		troubles := b.overLinks()
		receipt := b.opens()
		b.desk.lose(true)
		answer := b.phone.writes(receipt, "ответ")
		b.passes(time.Hour)
		troubles.add("answer", lostThere)
		b.desk.lose(false)
		b.passes(10 * time.Minute)
		b.wantReaction(answer, "👌")
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// Where it can't be found out for a day whether an answer has arrived, its author
// decides.
func TestReadingBackFailsForADay(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		b.desk.losesAfter = true
		b.phone.writes(receipt, "ответ")
		b.passes(23 * time.Hour)
		b.wantRead("Проверяю, дошёл ли ответ")
		b.passes(2 * time.Hour)
		b.wantRead("Плюсофон не подтвердил ответ в №100")
		asked := b.desk.asked
		b.passes(time.Hour)
		if b.desk.asked != asked {
			t.Error("it is looked for on and on")
		}
	})
}

// withholding gives no files.
type withholding struct{ bot.Telegram }

func (withholding) OpenFile(context.Context, string, int64) (io.ReadCloser, int64, error) {
	return nil, 0, &telegram.Error{Method: "getFile", Outcome: telegram.NotSent, Description: "no route to host"}
}

// A file that can't be passed on for a day is told of, and does not go later behind
// its author's back: neither side is there.
func TestFileCanNotGoForADay(t *testing.T) {
	for name, lose := range map[string]func(*bubble){
		"Plusofon does not take it": func(b *bubble) {
			b.takesOver(func(op string) (bool, error) {
				return op == "attach", &plusofon.Error{Op: op, Kind: plusofon.NotSent}
			})
		},
		"Telegram does not give it": func(b *bubble) {
			b.restarts(func(c *bot.Config) { c.Telegram = withholding{c.Telegram} })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
				receipt := b.opens()
				lose(b)
				b.phone.sendsFile(annaID, receipt, "ответ с файлом")
				b.passes(25 * time.Hour)
				b.restarts(nil)
				b.passes(10 * time.Minute)
				b.wantRead("Файлы: 0 из 1\nНе отправлен a.txt: целые сутки не получалось")
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

// News for somebody who has blocked the bot wait for him, after a day without
// knocking at his door, and come in order when he is back.
func TestBlockedForTwoDays(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		b.opens()
		shut := &door{}
		b.restarts(func(c *bot.Config) { shut.Telegram, c.Telegram = c.Telegram, shut })
		b.desk.replies(100, "первая новость")
		b.desk.replies(100, "вторая новость")
		b.passes(49 * time.Hour) // a day for each of the two
		knocks := shut.knocks.Load()
		b.passes(time.Hour)
		if n := shut.knocks.Load(); knocks == 0 || n != knocks {
			t.Errorf("%d attempts in two days, and %d more", knocks, n-knocks)
		}
		shut.open.Store(true)
		b.phone.writes(0, "/start")
		b.passes(time.Minute)
		first, second := b.phone.find("первая новость"), b.phone.find("вторая новость")
		if first > second {
			t.Error("the news came out of order")
		}
	})
}

// While Telegram is gone for more than a day, news wait for as long as it takes
// and come in order, each once.
func TestTelegramIsGoneForADay(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		b.phone.lose(true)
		b.desk.replies(100, "первая новость")
		b.passes(10 * time.Hour)
		b.desk.replies(100, "вторая новость")
		b.passes(20 * time.Hour)
		b.desk.replies(100, "третья новость")
		b.passes(10 * time.Minute)
		// Telegram keeps what people write, for a day.
		answer := b.phone.writes(receipt, "ответ")
		b.passes(time.Hour)
		b.wantLogged("Telegram could not be polled")
		b.phone.lose(false)
		b.passes(10 * time.Minute)
		b.wantReaction(answer, "👌")
		all := strings.Join(b.phone.reads(), "\n")
		at := -1
		for _, news := range []string{"первая новость", "вторая новость", "третья новость"} {
			if n := strings.Count(all, news); n != 1 || strings.Index(all, news) < at {
				t.Errorf("%q is there %d times, or out of order:\n%s", news, n, all)
			}
			at = strings.Index(all, news)
		}
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "первая новость", "вторая новость", "третья новость", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// The clock is set back by hours while the program is down, with an answer that
// is read back, a second behind it, and a message taken just now: nothing waits
// until the clock is again where it was, and nobody is asked without a pause.
func TestClockIsSetBack(t *testing.T) {
	t.Parallel()
	path, phone, desk := filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}
	var unknown, opening, long int
	inBubble(t, path, phone, desk, func(b *bubble) {
		b.passes(5 * time.Hour)
		receipt := b.opens()
		desk.losesAfter = true
		unknown = b.phone.writes(receipt, "ответ")
		b.passes(time.Second)
		opening = b.phone.writes(0, "/new Вторая\nещё одно")
		b.passes(time.Hour)
		b.wantRead("Проверяю, дошёл ли ответ")
		b.wantReaction(opening, "👀")
		// The rest of a long text is waited for when the program ends.
		long = b.phone.writes(receipt, strings.Repeat("д", 4096))
		b.passes(100 * time.Millisecond)
	})
	before := desk.asked
	inBubble(t, path, phone, desk, func(b *bubble) { // six hours earlier
		b.passes(time.Hour)
		b.wantLogged("as when the clock has been set back")
		if n := desk.asked - before; n > 60 {
			t.Errorf("the ticket was asked for %d times in an hour", n)
		}
		desk.lose(false)
		b.passes(6 * time.Minute)
		for _, id := range []int{unknown, opening, long} {
			b.wantReaction(id, "👌")
		}
		b.desk.replies(100, "новость")
		b.passes(6 * time.Minute)
		b.wantRead("новость")
		if got := b.desk.written(); len(got) != 5 || got[0] != "Текст" || got[1] != "ответ" || got[2] != strings.Repeat("д", 4096) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// What can't be stored is not confirmed, whatever the reason: it is there when the
// program has ended over it and is started again.
func TestUpdateThatCantBeStored(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	inBubble(t, path, newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		mend := statetest.Refuse(t, path, "inbox", "state", "pending")
		m := b.phone.writes(receipt, "ответ")
		b.passes(time.Minute)
		b.wantLogged("Telegram could not be polled")
		b.stop()
		mend()
		b.start()
		b.passes(time.Minute)
		b.wantReaction(m, "👌")
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// What is sent while it can't be noted is not sent again: the lane waits until it
// is noted, and what stands behind it goes then.
func TestOutcomeThatCantBeStored(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	inBubble(t, path, newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		mend := statetest.RefuseChange(t, path, "outbox", "state", "done")
		b.desk.replies(100, "первая новость")
		answer := b.phone.writes(receipt, "ответ")
		b.passes(10 * time.Minute)
		b.desk.replies(100, "вторая новость")
		b.passes(10 * time.Minute)
		b.wantLogged("the outcome of a request could not be stored")
		mend()
		b.passes(10 * time.Minute)
		b.wantReaction(answer, "👌")
		all := strings.Join(b.phone.reads(), "\n")
		for _, news := range []string{"первая новость", "вторая новость"} {
			if n := strings.Count(all, news); n != 1 {
				t.Errorf("%q is there %d times:\n%s", news, n, all)
			}
		}
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "первая новость", "ответ", "вторая новость"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// While the disk is full nothing is confirmed to Telegram: what people write waits
// there, and goes once when there is room again.
func TestDiskIsFull(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	disk := statetest.NewDisk(t, path)
	inBubble(t, path, newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		disk.Fill()
		long := strings.Repeat("д", 4000)
		first := b.phone.writes(receipt, long)
		b.passes(time.Hour)
		second := b.phone.writes(receipt, "коротко")
		b.desk.replies(100, "новость: "+long)
		b.passes(time.Hour)
		b.wantLogged("database or disk is full")
		b.wantReaction(first, "")
		b.wantReaction(second, "")
		disk.Free()
		b.passes(6 * time.Minute)
		b.wantReaction(first, "👌")
		b.wantReaction(second, "👌")
		b.wantRead("новость: д")
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "новость: " + long, long, "коротко"}) {
			t.Errorf("at Plusofon there are %d posts", len(got))
		}
	})
	statetest.Open(t, path).Close()
}
