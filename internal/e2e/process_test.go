package e2e_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// The program, Telegram and Plusofon as three processes that know only two addresses of
// each other; program_test.go starts them and sides_test.go plays the people.

// With only the tokens, the owner and the addresses of the two sides set, a person opens a
// ticket, answers, and reads the staff's reply in its history.
func TestFiveVariablesAreEnough(t *testing.T) {
	w := newSides(t)
	bot := w.start("LOG_LEVEL=", "HTTP_ADDR=")
	bot.logs("msg=connected", "bot=@plusofon_test_bot", "account=customer@example.com", "open_tickets=0", "poll_interval=30s")

	opening := w.send("/new Нет входящих\nС утра не проходят звонки.")
	w.reacts(opening.ID, "👌")
	receipt := w.reads("Обращение №23624 создано", "Нет входящих")
	answer := w.reply(receipt.ID, "И исходящие тоже.")
	w.reacts(answer.ID, "👌")
	w.staff("/reply", m{"ticket": 23624, "name": "Оператор Ольга", "text": "Уже чиним."})
	w.send("/ticket 23624")
	w.reads("Открыто", "С утра не проходят звонки.", "И исходящие тоже.", "Оператор Ольга", "Уже чиним.")

	w.polling()
	bot.stops(t)
	if got := posts(w.ticket(23624)); !slices.Equal(got, []string{"С утра не проходят звонки.", "И исходящие тоже.", "Уже чиним."}) {
		t.Errorf("the ticket's posts are %q", got)
	}
}

func TestNewsFilesAndClosingArePushed(t *testing.T) {
	w := newSides(t)
	bot := w.start("POLL_INTERVAL=1s")
	opening := w.send("/new Тема\nТекст")
	w.reacts(opening.ID, "👌")

	w.staff("/reply", m{"ticket": 23624, "name": "Оператор", "text": "Инструкция внутри.", "attachments": []m{
		{"name": "инструкция.txt", "content": base64.StdEncoding.EncodeToString([]byte("шаг за шагом"))},
	}})
	news := w.reads("💬 Оператор · №23624 Тема", "Инструкция внутри.")
	if news.Silent {
		t.Error("the staff's answer came without sound")
	}
	down := w.sees("the staff's file", func(m telegramtest.Message) bool { return m.FromBot && m.File != nil })
	if want := sum("шаг за шагом"); down.File.Name != "инструкция.txt" || down.File.SHA256 != want {
		t.Errorf("the file came down as %+v, want the sum %s", down.File, want)
	}

	up := w.file(news.ID, "журнал.txt", "вот журнал", "строка 1\nстрока 2\n")
	w.reacts(up.ID, "👌")
	last := w.ticket(23624).Posts[2]
	if last.Text != "вот журнал" || len(last.Attachments) != 1 || last.Attachments[0].Name != "журнал.txt" || last.Attachments[0].SHA256 != sum("строка 1\nстрока 2\n") {
		t.Errorf("the file went up as %+v", last)
	}

	w.staff("/close", m{"ticket": 23624})
	if closed := w.reads("Обращение закрыто"); !closed.Silent {
		t.Error("closing made a sound")
	}
	bot.stops(t)
}

// Nothing done before is repeated, and what was written meanwhile is handled.
func TestRestartGoesOnWhereItWas(t *testing.T) {
	w := newSides(t)
	bot := w.start("POLL_INTERVAL=1s")
	opening := w.send("/new Тема\nТекст")
	w.reacts(opening.ID, "👌")
	w.staff("/reply", m{"ticket": 23624, "name": "Оператор", "text": "Первый ответ."})
	news := w.reads("Первый ответ.")
	bot.stops(t)
	before := w.fromBot()

	while := w.reply(news.ID, "Написано, пока бот стоял.")
	w.staff("/reply", m{"ticket": 23624, "name": "Оператор", "text": "Второй ответ."})
	bot = w.start("POLL_INTERVAL=1s")
	w.reacts(while.ID, "👌")
	w.reads("Второй ответ.")
	// Anything sent twice would come before the answer to this.
	w.send("/status")
	w.reads("Всё работает")
	bot.stops(t)

	after := w.fromBot()
	if got := after[len(before):]; !slices.Equal(after[:len(before)], before) || len(got) != 2 || !strings.Contains(got[0], "Второй ответ.") {
		t.Errorf("after the restart the bot wrote %q over %q", got, before)
	}
	if got := posts(w.ticket(23624)); !slices.Equal(got, []string{"Текст", "Первый ответ.", "Второй ответ.", "Написано, пока бот стоял."}) &&
		!slices.Equal(got, []string{"Текст", "Первый ответ.", "Написано, пока бот стоял.", "Второй ответ."}) {
		t.Errorf("the ticket's posts are %q", got)
	}
}

// Plusofon delays a request; the program does not wait for it, and the next start finds out
// what became of it: one ticket, neither none nor two. A missing ticket proves something,
// since the list has shown one before.
func TestStopsWhilePlusofonHangs(t *testing.T) {
	w := newSides(t)
	w.staff("/open", m{"subject": "Из кабинета", "text": "Текст"})
	bot := w.start("POLL_INTERVAL=1s")
	bot.logs("msg=connected")
	w.staff("/switch", m{"slow_ms": 600_000})
	opening := w.send("/new Тема\nТекст")
	w.eventually("the request to open a ticket", func() bool {
		return slices.ContainsFunc(w.asked(), func(r plusofontest.Request) bool { return r.Op == "open" && r.Body != "" })
	})
	bot.stops(t)
	w.staff("/switch", m{})

	bot = w.start("POLL_INTERVAL=1s")
	w.reads("Обращение №23625 создано")
	w.reacts(opening.ID, "👌")
	bot.stops(t)
	if n := len(w.tickets()); n != 2 {
		t.Errorf("%d tickets, want 2", n)
	}
}

func TestSecondCopyRefusesToStart(t *testing.T) {
	w := newSides(t)
	first := w.start()
	first.logs("msg=connected")
	second := w.start()
	second.exits(t, exitFailed)
	second.logs("level=ERROR", "another copy runs with the database plusofon-bot.db; stop it or set DATABASE_PATH")
	w.send("/status")
	w.reads("Всё работает")
	first.stops(t)
}

func TestUnusableDatabaseIsRefusedWithWords(t *testing.T) {
	w := newSides(t)
	path := filepath.Join(w.folder, "plusofon-bot.db")
	content := []byte(strings.Repeat("no database ", 1000))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	bot := w.start()
	bot.exits(t, exitFailed)
	bot.logs("level=ERROR", "open the database plusofon-bot.db: ", "the database is damaged: keep the file, restore a copy")
	w.ends(exitFailed, []string{"backup", "copy.db"}, "", "the database is damaged", append(slices.Clone(withoutSecrets), "LANG=C")...)
	if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, content) {
		t.Errorf("the file is changed (%v)", err)
	}
	if err := os.Remove(path); err != nil { // not a database to look for secrets in
		t.Fatal(err)
	}
}

func TestWrongTelegramTokenIsTriedAgain(t *testing.T) {
	w := newSides(t)
	bot := w.start("TELEGRAM_TOKEN=2000:" + wrongCanary)
	const words = "Telegram does not accept TELEGRAM_TOKEN; get the token from @BotFather and restart"
	bot.logs(words, "method=getMe", "method=getMe")
	bot.stops(t)
}

func TestCheckTellsWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		set            string
		code           int
		stdout, stderr []string
	}{
		{"both well", "", exitOK, []string{"Telegram: бот @plusofon_test_bot (Плюсофон)\n", "Плюсофон: customer@example.com\n", "обращений открыто 1, закрыто 0\n", "в старом виде", "как в службе поддержки", "будет создана\n"}, nil},
		{"a wrong token of Telegram's", "TELEGRAM_TOKEN=2000:" + wrongCanary, exitFailed, []string{"Плюсофон: customer"}, []string{"Telegram: токен не принят", "@BotFather", "TELEGRAM_TOKEN"}},
		{"a wrong token of Plusofon's", "PLUSOFON_TOKEN=" + wrongCanary, exitFailed, []string{"Telegram: бот"}, []string{"Плюсофон: доступа нет", "Разработчикам → Доступ к API", "PLUSOFON_TOKEN"}},
		{"Telegram out of reach", "TELEGRAM_API_URL=http://127.0.0.1:1", exitFailed, []string{"Плюсофон: customer"}, []string{"Telegram: нет ответа", "TELEGRAM_API_URL"}},
		{"Plusofon out of reach", "PLUSOFON_API_URL=http://127.0.0.1:1", exitFailed, []string{"Telegram: бот"}, []string{"Плюсофон: нет ответа", "PLUSOFON_API_URL"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newSides(t)
			w.staff("/open", m{"subject": "Из кабинета", "text": "Текст"})
			check := w.command([]string{"check"}, c.set)
			check.exits(t, c.code)
			wantInOrder(t, "stdout", check.stdout.String(), c.stdout)
			wantInOrder(t, "stderr", check.stderr.String(), c.stderr)
			if files, err := filepath.Glob(filepath.Join(w.folder, "*")); err != nil || len(files) > 0 {
				t.Errorf("a check leaves %q behind (%v)", files, err)
			}
		})
	}
}

// The demo needs no settings, says where it is, and leaves no files.
func TestDemoNeedsNothingAndLeavesNothing(t *testing.T) {
	w := newSides(t)
	demo := w.launch([]string{"demo"}, "TMPDIR="+w.folder)
	address := demo.says("http://127.0.0.1:")
	w.post(address+"/telegram/send", m{"user": 100, "text": "/start"}, nil)
	demo.asks(t, address+"/events", "Вы владелец бота")
	if files, _ := filepath.Glob(filepath.Join(w.folder, "plusofon-bot-demo-*", "demo.db")); len(files) != 1 {
		t.Errorf("the demo's database is not in a temporary folder: %q", files)
	}
	demo.signal(syscall.SIGINT)
	demo.exitsWithin(t, stopTime, exitOK)
	if left, err := os.ReadDir(w.folder); err != nil || len(left) > 0 {
		t.Errorf("the demo leaves %v behind (%v)", left, err)
	}
}
