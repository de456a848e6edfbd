package bot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// What the help desk behind the API does to what people and the staff write, and what the result
// must be nevertheless.

// altered are texts that the help desk does not return as sent.
var altered = map[string]string{
	"emoji in private-use signs":     "Горит 🔥 срочно 👍",
	"signs of the basic plane":       "Спасибо ❤ ☎ ✅ © ™",
	"emoji by their names":           "Ура 😀😃",
	"emoji that are lost":            "Ладно 🙂",
	"emoji in spans":                 "Стоп‼ это ®",
	"nothing but an emoji":           "👍",
	"a number out of the contacts":   "Звоните \u202a+7 495 000-00-00\u202c",
	"a soft hyphen and joiners":      "теле\u00adфон \u200dсломался\u2060",
	"letters that are lost":          "Номер 𝟙𝟚𝟛 и 𝐆𝐨 не звонит",
	"a keycap":                       "1️⃣ сначала, 2️⃣ потом",
	"a lone 0":                       "0",
	"a name that would be filled in": "Здравствуйте, {{fullname}}",
}

// Each is sent once as an opening and as an answer, whether or not the API's answer is lost.
func TestWhatTheHelpDeskAltersArrivesOnce(t *testing.T) {
	t.Parallel()
	for name, text := range altered {
		for what, fault := range map[string]plusofontest.Fault{
			"answered": {Header: http.Header{"X-None": {""}}}, "the answer is lost": {DropAfter: true}, "lost on its way": {DropBefore: true},
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
					fault := fault
					fault.Op = "open"
					w.Plusofon.AddFault(fault)
					m := w.Anna.Send("/new " + text + "\nПодробности: " + text)
					w.Reacts(w.Anna, m.ID, "👌")
					receipt := w.Reads(w.Anna, "создано")
					fault.Op = "answer"
					w.Plusofon.AddFault(fault)
					m = w.Anna.Reply(receipt.ID, text)
					w.Reacts(w.Anna, m.ID, "👌")
					w.AtRest()
					w.Passes(time.Minute)
					if tickets := w.Plusofon.Tickets(); len(tickets) != 1 || len(tickets[0].Posts) != 2 {
						t.Errorf("at Plusofon: %+v", tickets)
					}
				})
			})
		}
	}
}

// The answer to an opening may name its ticket and nothing else: that is the ticket, whatever its
// content, even if it can't be read for a while.
func TestOpeningAnsweredWithItsNumberAlone(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]int{"read at once": 0, "read later": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rewrite := func(string) string { return "Другое, что написала поддержка" }
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Rewrite: rewrite}}, func(t *testing.T, w *bottest.World) {
				w.Plusofon.OpenInCabinet("Тема", "Такое же из кабинета")
				w.Polled()
				w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Effect: true, Status: http.StatusOK, Body: `{"id":"23625"}`})
				if fails > 0 {
					w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: fails, Status: http.StatusBadGateway, Body: "<html></html>"})
				}
				m := w.Anna.Send("/new Тема\nТекст")
				w.Reacts(w.Anna, m.ID, "👌")
				w.Reads(w.Anna, "Обращение №23625 создано")
				w.AtRest()
				if n := len(w.Plusofon.Tickets()); n != 2 {
					t.Errorf("%d tickets, want 2", n)
				}
			})
		})
	}
}

// If reads have never shown such a post, a missing one is not repeated: its author decides. Once
// reads have shown one, it is.
func TestWhatWasNeverShownIsNotRepeated(t *testing.T) {
	t.Parallel()
	for name, shown := range map[string]bool{"never shown": false, "shown before": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Unproven: true}, func(t *testing.T, w *bottest.World) {
				if shown {
					w.Plusofon.OpenInCabinet("Прежнее", "Текст")
				}
				w.Polled()
				w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropBefore: true})
				m := w.Anna.Send("/new Тема\nТекст")
				if shown {
					w.Reacts(w.Anna, m.ID, "👌")
				} else {
					w.Reads(w.Anna, "не подтвердил обращение", "отправьте ещё раз")
				}
				w.AtRest()
				if n := len(w.Plusofon.Tickets()); shown && n != 2 || !shown && n != 0 {
					t.Errorf("%d tickets", n)
				}
			})
		})
	}
}

// The same for a file: if tickets show no files, a missing one proves nothing.
func TestHiddenFileOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]plusofontest.Fault{
		"after the effect": {Op: "attach", DropAfter: true}, "before the effect": {Op: "attach", DropBefore: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, receipt := w.Opened("Тема", "Текст")
				w.Plusofon.AddFault(fault)
				w.Anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "файл", receipt.ID)
				w.Reads(w.Anna, "a.txt", "узнать, дошёл ли он, не получилось")
				w.AtRest()
				want := 0
				if fault.DropAfter {
					want = 1
				}
				if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts[1].Attachments) != want {
					t.Errorf("at Plusofon: %+v", ticket.Posts)
				}
			})
		})
	}
}

// The staff's emoji are shown as far as they can be restored, also in subjects, and internal notes
// are not shown.
func TestStaffsSignsAndNotes(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]plusofontest.Config{"as read": {}, "with private-use signs": {KeepMarks: true}, "escaped": {KeepMarks: true, Escape: true, NL2BR: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: cfg}, func(t *testing.T, w *bottest.World) {
				id := w.Plusofon.OpenInCabinet("🔥 Тема ☎", "Текст")
				w.Polled()
				w.Follow(id)
				w.Plusofon.Note(id, "Оператор", "клиент скандалит")
				w.Plusofon.Reply(id, "Оператор", "Готово 👍 😀 ‼")
				shown := "Готово  😀 ‼"
				if cfg.KeepMarks {
					shown = "Готово 👍 😀 ‼"
				}
				w.Reads(w.Anna, "🔥 Тема ☎", shown)
				w.AtRest()
				for _, m := range w.Anna.FromBot() {
					for _, bad := range []string{"скандалит", "U+1F600", "emoji", "\ue4f9"} {
						if strings.Contains(m.Text, bad) {
							t.Errorf("%q is shown: %s", bad, m.Text)
						}
					}
				}
			})
		})
	}
}

// An edit by the staff is announced silently, once, with the current text, for a week; the history
// always shows it.
func TestPostThatTheStaffEdits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edited string
		after  time.Duration
		told   bool
	}{
		"a word": {"Позвоните на 222", time.Minute, true}, "signs alone": {"Позвоните на 111!", time.Minute, false}, "after a week": {"Позвоните на 333", 8 * 24 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				post := w.Plusofon.Reply(id, "Оператор", "Позвоните на 111")
				w.Reads(w.Anna, "Позвоните на 111")
				w.Passes(c.after)
				w.Plusofon.Edit(id, post, c.edited)
				for i := range 2 {
					last := fmt.Sprintf("и ещё %d", i)
					w.Plusofon.Reply(id, "Оператор", last)
					w.Reads(w.Anna, last)
				}
				told := 0
				for _, m := range w.Anna.FromBot() {
					if strings.Contains(m.Text, "Сообщение изменено") {
						told++
						if !m.Silent || !strings.Contains(m.Text, c.edited) {
							t.Errorf("silent %v: %s", m.Silent, m.Text)
						}
					}
				}
				if told > 1 || (told == 1) != c.told {
					t.Errorf("told %d times", told)
				}
				w.Anna.Send(fmt.Sprintf("/ticket %d", id))
				if history := w.Reads(w.Anna, "Открыто", "и ещё 1"); !strings.Contains(history.Text, strings.TrimSuffix(c.edited, "!")) {
					t.Errorf("the history: %s", history.Text)
				}
			})
		})
	}
}

// Posts that the staff deletes or moves have no effect on others.
func TestStaffDeletesAndMerges(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		first, receipt := w.Opened("Первая", "Текст")
		second, _ := w.Opened("Вторая", "Другое")
		post := w.Plusofon.Reply(first, "Оператор", "Лишнее")
		w.Reads(w.Anna, "Лишнее")
		w.Plusofon.Delete(first, post)
		w.Plusofon.Merge(second, first)
		w.Plusofon.Reply(first, "Оператор", "Объединили")
		w.Reads(w.Anna, "Объединили")
		m := w.Anna.Reply(receipt.ID, "Хорошо")
		w.Reacts(w.Anna, m.ID, "👌")
		w.AtRest()
		w.WantPosts(first, "Текст", "Другое", "Объединили", "Хорошо")
	})
}

// An element that can't be parsed is left out: other news is sent, and the owners are told once,
// and once that it is over.
func TestLeftOutElementsAreToldOnce(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Polled()
		w.Plusofon.Reply(id, "Оператор", "Новость")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "list", Times: 5, Body: fmt.Sprintf(`{"ticket":[{"subject":"без номера"},{"displayid":"%d","replies":"1"},{"displayid":"0"}]}`, id)})
		w.Reads(w.Anna, "Новость")
		w.Reads(w.Anna, "прочитать не может и пропускает")
		w.Reads(w.Anna, "снова читаются целиком")
		w.Passes(10 * time.Minute)
		told := 0
		for _, m := range w.Anna.FromBot() {
			if strings.Contains(m.Text, "не может и пропускает") {
				told++
			}
			if strings.Contains(m.Text, "закрыт") {
				t.Errorf("a ticket that was not in such a list is said to be closed: %s", m.Text)
			}
		}
		if told != 1 {
			t.Errorf("told %d times", told)
		}
		wantLogs(w, 1, "can't be read and is left out")
	})
}

// A ticket that can't be read for long is logged once, and is read when it can be.
func TestTicketThatCantBeReadForLong(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Polled()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, Status: http.StatusBadGateway})
		w.Plusofon.Reply(id, "Оператор", "Новость")
		w.Passes(30 * time.Minute)
		wantLogs(w, 1, "level=WARN msg=\"a ticket can't be read; the next poll tries again\"")
		w.Plusofon.ClearFaults()
		w.Reads(w.Anna, "Новость")
	})
}

// Lists that fail for an hour, for any reason, are reported once, and once when it is over.
func TestListsThatFailForAnHour(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"a fault": "", "a shape that is not known": `{"items":[]}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
				w.Opened("Тема", "Текст")
				w.Polled()
				fault := plusofontest.Fault{Op: "list", Times: -1, Body: body}
				if body == "" {
					fault.Status = http.StatusBadGateway
				}
				w.Plusofon.AddFault(fault)
				w.Passes(50 * time.Minute)
				w.Quiet(w.Anna, "не читается")
				w.Passes(3 * time.Hour)
				w.Plusofon.ClearFaults()
				w.Reads(w.Anna, "снова читается")
				told := 0
				for _, m := range w.Anna.FromBot() {
					if strings.Contains(m.Text, "не читается уже больше часа") {
						told++
					}
				}
				if told != 1 {
					t.Errorf("told %d times", told)
				}
			})
		})
	}
}

// A dead link delays no other file, and its file is named.
func TestDeadLinkHoldsUpNoOtherFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault plusofontest.Fault
		words string
	}{
		"a server that fails": {plusofontest.Fault{Op: "download", Status: http.StatusBadGateway, Body: "<html></html>"}, "не удалось получить"},
		"a login page":        {plusofontest.Fault{Op: "download", Status: http.StatusOK, Body: "<!DOCTYPE html><html>Вход</html>"}, "не удалось получить"},
		"the API's refusal":   {plusofontest.Fault{Op: "download", Status: http.StatusOK, Body: `{"success":false,"message":"Нет такого файла"}`}, "не удалось получить"},
		"an empty file":       {plusofontest.Fault{Op: "download", Status: http.StatusOK, Body: "", Header: http.Header{"X-Empty": {"1"}}}, "пуст"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				fault := c.fault
				fault.Times, fault.Match = -1, func(_, path string) bool { return strings.Contains(path, "dead.pdf") }
				w.Plusofon.AddFault(fault)
				dead := plusofontest.Attachment{Name: "dead.pdf", Content: []byte("x")}
				if c.words == "пуст" {
					dead.Content = nil
				}
				w.Plusofon.Reply(id, "Оператор", "Вот", dead, plusofontest.Attachment{Name: "good.txt", Content: []byte("содержание")})
				came := time.Now()
				if _, content := w.File(w.Anna, "good.txt"); content != "содержание" || time.Since(came) > time.Minute {
					t.Errorf("%q after %v", content, time.Since(came))
				}
				w.Passes(20 * time.Minute)
				w.Reads(w.Anna, "«dead.pdf»", c.words)
				for _, m := range w.Anna.FromBot() {
					if m.File != nil && m.File.Name == "dead.pdf" {
						t.Errorf("it came all the same: %+v", m)
					}
				}
			})
		})
	}
}

// The signature that the help desk adds to each answer is folded.
func TestStaffsSignatureIsFolded(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Signature: "--\nОтдел поддержки"}}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.Reply(id, "Оператор", "Готово")
		w.Requested("a folded signature", func(r telegramtest.Request) bool {
			return strings.Contains(r.Params["text"], "Отдел поддержки") && strings.Contains(r.Params["entities"], "expandable_blockquote")
		})
	})
}

// An answer to a closed ticket is delivered, whatever the list of closed tickets shows.
func TestLateAnswerToAClosedTicket(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]plusofontest.Dialect{"older": plusofontest.Older, "newer": plusofontest.Newer, "with activity": plusofontest.NewerWithActivity} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Poll: 5 * time.Minute, Plusofon: plusofontest.Config{Dialect: dialect}}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				w.Plusofon.CloseTicket(id)
				w.Passes(24 * time.Hour)
				w.WantRead(w.Anna, "Обращение закрыто")
				w.Plusofon.Reply(id, "Оператор", "Забыли сказать: счёт в кабинете")
				w.Passes(2 * time.Hour)
				w.WantRead(w.Anna, "Забыли сказать")
				w.Quiet(w.Anna, "снова открыто")
			})
		})
	}
}

// What the staff has changed far down in a long post is shown, as the post itself was.
func TestALongEditedPostIsShownWhole(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		long := strings.Repeat("Одна и та же строка настройки.\n", 110) // one message
		post := w.Plusofon.Reply(id, "Оператор", long+"Пароль: 1111")
		w.Reads(w.Anna, "Пароль: 1111")
		w.Plusofon.Edit(id, post, long+"Пароль: 2222")
		w.Plusofon.Reply(id, "Оператор", "Проверьте")
		news := w.Reads(w.Anna, "Сообщение изменено")
		w.Reads(w.Anna, "Проверьте")
		w.AtRest()
		shown := news.Text
		for _, m := range w.Anna.FromBot() {
			if m.ID > news.ID {
				shown += m.Text
			}
		}
		if !strings.Contains(shown, "2222") && !strings.Contains(shown, "…") {
			t.Errorf("of what was changed nothing is shown, and nothing says that there is more: %d characters, ending in %q", len([]rune(shown)), shown[len(shown)-40:])
		}
	})
}
