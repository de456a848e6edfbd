package conversation_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// scenes are the parts of Anna's day, in order. Each leaves nothing half done, so that the
// next can begin.
var scenes = []func(*bottest.Day){
	sceneStart, sceneDraft, sceneOpening, sceneNews, sceneGoingOn, sceneDoubt, sceneLaidAside, sceneClosed, sceneEdits, sceneKinds,
	sceneReading, sceneSettings, sceneWaiting, sceneTakingBack, sceneErrors,
}

// TestDay is a long day's conversation, as Anna sees it in Russian and in English. Read the
// transcripts before changing them: -update rewrites them.
func TestDay(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"ru", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Language: lang, Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(_ *testing.T, w *bottest.World) {
				d := &bottest.Day{World: w, Lang: lang}
				d.Watch(d.Anna)
				d.Polled()
				for _, scene := range scenes {
					scene(d)
				}
				d.Compare(filepath.Join("testdata", "day."+lang+".golden"))
			})
		})
	}
}

func sceneStart(d *bottest.Day) {
	d.Scene("Начало", "The beginning")
	d.Writes("/start", "/start")
	d.Writes("/help", "/help")
	d.Writes("/status", "/status")
}

func sceneDraft(d *bottest.Day) {
	d.Scene("Черновик", "A draft")
	d.Writes("Добрый день", "Good afternoon")
	d.Writes("у нас не работает телефон", "our phone does not work")
	d.Does("", func() { d.Anna.Forwarding(bottest.Forwarded).SendVoice(bottest.AnyFile, "", 0) })
	d.Does("", func() {
		d.Anna.SendAlbum([]telegramtest.Item{{Kind: "photo", File: bottest.AnyFile}, {Kind: "photo", File: bottest.AnyFile, Caption: d.Say("вот так", "like this")}}, 0)
	})
	d.Does(d.Say("проходит четыре секунды", "four seconds pass"), func() { d.Passes(4 * time.Second) })
	d.Presses(d.Last(d.Label("button_subject")), d.Label("button_subject"))
	d.Writes("Нет гудка", "No dial tone")
	d.Does(d.Say("проходит полчаса", "half an hour passes"), func() { d.Passes(31 * time.Minute) })
	d.Presses(d.Last(d.Label("button_send")), d.Label("button_send"))
	d.Writes("/new", "/new")
	d.Presses(d.Last(d.Label("draft_unsent")), d.Label("button_cancel"))
}

// sceneDoubt is about messages without a destination.
func sceneDoubt(d *bottest.Day) {
	d.Scene("Куда отправить", "Where to send it")
	d.Later()
	d.Writes("А номер можно сменить?", "Can the number be changed?")
	d.Writes("и сколько это стоит", "and what does it cost")
	question := d.Last(d.Label("button_new"))
	d.Presses(question, question.Buttons[0][0].Text)
	d.Later()
	d.Writes("Забудьте", "Never mind")
	d.Presses(d.Last(d.Label("button_other")), d.Label("button_other"))
	d.Presses(d.Last(d.Label("button_new")), d.Label("button_cancel"))
	d.Writes("// Борису: ответь им сам", "// Boris: answer them yourself")
}

func sceneEdits(d *bottest.Day) {
	d.Scene("Исправления", "Corrections")
	m := d.Replies(d.Last(d.Label("button_mute")), "Номер 74951234567", "The number is 74951234567")
	edit := func(text string) {
		d.Does(d.Say("меняет сообщение", "edits the message"), func() {
			d.Anna.Edit(m.ID, text)
			d.Reads(d.Anna, d.Label("edit_too_late"))
		})
	}
	edit("74957654321")
	d.Presses(d.Last(d.Label("button_correct")), d.Label("button_correct"))
	edit("74950000000")
	d.Presses(d.Last(d.Label("button_correct")), d.Label("button_leave_it"))
}

func sceneKinds(d *bottest.Day) {
	d.Scene("Не только текст", "Not only text")
	at := d.Anna.Replying(d.Last(d.Label("button_mute")).ID)
	d.Does(d.Say("ответ: контакт", "a reply: a contact"), func() { at.SendContact("+74951234567", "Иван") })
	d.Does(d.Say("ответ: место", "a reply: a place"), func() { at.SendLocation(55.75, 37.61) })
	d.Does(d.Say("ответ: опрос", "a reply: a poll"), func() { at.SendPoll("Что делать?", "Ждать", "Звонить") })
}

func sceneOpening(d *bottest.Day) {
	d.Scene("Обращение", "A ticket")
	d.Writes("/new Нет входящих\nС утра не проходят звонки.", "/new No incoming calls\nNothing comes through since the morning.")
	d.Does("", func() {
		d.Anna.SendDocument(telegramtest.File{Name: "log.txt", Content: []byte("x")}, d.Say("вот журнал", "here is the log"), d.Last(d.Label("button_history")).ID)
	})
}

func sceneNews(d *bottest.Day) {
	d.Scene("Ответы поддержки", "Replies from support")
	id := d.Newest()
	d.Answers(id, "Ольга", "Проверьте, пожалуйста:<ul><li><b>переадресацию</b>;</li><li>баланс.</li></ul>"+
		`Как это сделать: <a href="https://help.example/forward">инструкция</a>.<br>-- <br>Ольга<br>служба поддержки`)
	d.Replies(d.Last(d.Label("button_mute")), "Переадресации нет, баланс есть", "There is no forwarding, and the balance is fine")
	d.Answers(id, "Ольга", "Схема во вложении.", append(bottest.Pictures("menu.png", "network.png"), plusofontest.Attachment{Name: "scheme.pdf", Content: []byte("%PDF")})...)
	d.Presses(d.Last(d.Label("button_mute")), d.Label("button_mute"))
	d.Answers(id, "Ольга", "Получилось?")
	d.Presses(d.Last(d.Label("button_answer")), d.Label("button_answer"))
	d.Writes("Да, спасибо", "Yes, thank you")
	d.Answers(id, "Пётр", strings.Repeat("Очень длинная инструкция по настройке. ", 500))
}

// sceneGoingOn is about messages right after an answer.
func sceneGoingOn(d *bottest.Day) {
	d.Scene("Вдогонку", "Right behind it")
	d.Presses(d.Last(d.Label("button_answer")), d.Label("button_answer"))
	d.Writes("Секунду, ищу", "One moment, I am looking for it")
	d.Does("", func() {
		d.Anna.SendDocument(telegramtest.File{Name: "scheme-2.pdf", Content: []byte("%PDF")}, "", 0)
	})
	d.Writes("вот", "here it is")
	d.Does(d.Say("проходит десять секунд", "ten seconds pass"), func() { d.Passes(11 * time.Second) })
	d.Writes("А ещё нам нужен второй номер", "And we need a second number")
	d.Presses(d.Last(d.Label("button_astray")), d.Label("button_astray"))
	d.Writes("с кодом 812", "with the code 812")
	d.Presses(d.Last(d.Label("button_other")), d.Label("button_new"))
	d.Presses(d.Last(d.Label("draft_unsent")), d.Label("button_send"))
}

// sceneLaidAside is about starting something while something else is in hand.
func sceneLaidAside(d *bottest.Day) {
	d.Scene("Отложенное", "Laid aside")
	d.Writes("/new", "/new")
	d.Writes("Не приходят факсы", "No faxes come")
	card := d.Last(d.Label("draft_unsent"))
	d.Presses(d.Last(d.Label("button_answer")), d.Label("button_answer"))
	d.Writes("Проверили, работает", "We have tried it, it works")
	d.Later()
	d.Writes("с утра, номер 74951234567", "since the morning, number 74951234567")
	question := d.Last(d.Label("button_other"))
	d.Presses(question, question.Buttons[0][0].Text)
	d.Presses(card, d.Label("button_subject"))
	d.Writes("/cancel", "/cancel")
	d.Writes("/cancel", "/cancel")
}

// sceneClosed is about answers to a closed ticket.
func sceneClosed(d *bottest.Day) {
	d.Scene("Закрытое обращение", "A closed ticket")
	id := d.Newest()
	d.Happens("Плюсофон: обращение закрыто", "Plusofon: the ticket is closed", func() { d.Plusofon.CloseTicket(id) })
	notice := d.Last(d.Label("button_still"))
	d.Replies(notice, "Спасибо", "Thank you")
	d.Presses(d.Last(d.Label("button_leave_it")), d.Label("button_leave_it"))
	d.Replies(notice, "Второй номер так и не виден", "We still do not see the second number")
	d.Writes("в кабинете", "in the cabinet")
	d.Presses(d.Last(d.Label("button_leave_it")), d.Label("button_send"))
	d.Happens("Плюсофон: обращение снова открыто", "Plusofon: the ticket is open again", func() { d.Plusofon.ReopenTicket(id) })
	d.Happens("Плюсофон: обращение снова закрыто", "Plusofon: the ticket is closed again", func() { d.Plusofon.CloseTicket(id) })
	d.Presses(d.Last(d.Label("button_still")), d.Label("button_still"))
	d.Writes("И в личном кабинете его нет", "It is not in the cabinet either")
	d.Happens("Плюсофон: обращение снова открыто", "Plusofon: the ticket is open again", func() { d.Plusofon.ReopenTicket(id) })
}

// sceneTakingBack is about what is queued.
func sceneTakingBack(d *bottest.Day) {
	d.Scene("Отмена", "Taking back")
	history := d.Last(d.Label("button_history"))
	d.Shows(d.Say("Плюсофон не принимает ответов", "Plusofon takes no answers"), func() {
		d.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: -1, Status: 429, Header: http.Header{"Retry-After": {"1"}}})

		d.Anna.Reply(history.ID, d.Say("Отключите, пожалуйста, переадресацию", "Please switch the forwarding off"))
		d.Reads(d.Anna, d.Label("receipt_waiting"))
	})
	d.Shows("", func() {
		m := d.Anna.Send("/cancel")
		d.Sees(d.Anna, "the list", func(x telegramtest.Message) bool { return x.ReplyTo == m.ID })
	})
	d.Presses(d.Last(d.Label("cancel_list")), d.Label("button_cancel_one", "N", "1"))
	d.Plusofon.ClearFaults()
	d.Writes("/cancel", "/cancel")
}

func sceneReading(d *bottest.Day) {
	d.Scene("Чтение", "Reading")
	id := d.Plusofon.Tickets()[1].ID // the one with the long instructions
	d.Happens("В кабинете открыты ещё восемь обращений", "Eight more tickets are opened in the cabinet", func() {
		for i := range 8 {
			d.Plusofon.OpenInCabinet(fmt.Sprintf("Вопрос по счёту %d", i+1), "Пришлите акт")
		}
	})
	d.Answers(id, "Пётр", "Сменили, проверьте.")
	d.Writes("/tickets", "/tickets")
	list := d.Last(d.Label("tab_theirs"))
	d.Presses(list, d.Label("tab_theirs"))
	d.Presses(list, "›")
	d.Presses(list, d.Label("tab_mine"))
	d.Presses(list, d.Label("tab_closed"))
	d.Writes(fmt.Sprintf("/ticket %d", id), fmt.Sprintf("/ticket %d", id))
	d.Presses(d.Last(d.Label("button_export")), "‹")
	d.Presses(d.Last(d.Label("button_export")), d.Label("button_export"))
	d.Writes("/search инструкции", "/search инструкции")
	d.Writes("/search акты счетов", "/search акты счетов")
	d.Writes("/search 236", "/search 236")
	d.Writes("/search 999", "/search 999")
	d.Writes("/search жираф", "/search жираф")
	d.Writes("/search", "/search")
	d.Writes("/ticket 5", "/ticket 5")
	d.Writes("/ticket", "/ticket")
	d.Writes("/stats", "/stats")
	d.Presses(d.Last(d.Label("button_csv")), d.Label("button_csv"))
}

func sceneSettings(d *bottest.Day) {
	d.Scene("Настройки", "Settings")
	d.Writes("/settings", "/settings")
	list := d.Last(d.Label("set_quiet"))
	for _, key := range []string{"set_language", "set_zone", "set_quiet", "set_waiting"} {
		d.Presses(list, d.Label(key))
		d.Presses(list, d.Label("button_back"))
	}
	d.Presses(list, d.Label("set_news"))
	d.Presses(list, d.Label("news_all"))
	d.Happens("В кабинете открыто обращение", "A ticket is opened in the cabinet", func() { d.Plusofon.OpenInCabinet("Новый номер", "Подключите номер") })
	d.Writes(fmt.Sprintf("/unfollow %d", d.Newest()), fmt.Sprintf("/unfollow %d", d.Newest()))
}

func sceneWaiting(d *bottest.Day) {
	d.Scene("Долгое ожидание", "A long wait")
	d.Writes("/new Не приходит код\nЖду с понедельника", "/new The code does not come\nI have waited since Monday")
	id := d.Newest()
	d.Happens("Проходит четыре рабочих часа", "Four working hours pass", func() { d.WaitsLong(id) })
	line := d.Last(d.Label("button_remind"))
	d.Presses(line, d.Label("button_remind"))
	d.Presses(d.Last(d.Label("button_send")), d.Label("button_send"))
	d.Presses(line, d.Label("button_wait"))
}

func sceneErrors(d *bottest.Day) {
	d.Scene("Когда что-то не так", "When something is wrong")
	d.Writes("/tikets", "/tikets")
	d.Writes("/follow 777", "/follow 777")
	d.Writes("/cancel", "/cancel")
	history := d.Last(d.Label("button_history"))
	d.Does("", func() {
		d.Anna.SendDocument(telegramtest.File{Name: "video.mov", Size: 30 << 20}, "", history.ID)
	})
	d.Does(d.Say("Плюсофон отказывает", "Plusofon refuses"), func() {
		d.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: 1, Status: 400, Body: `{"message":"Обращение обрабатывается","code":400}`})
		d.Anna.Reply(history.ID, d.Say("Ещё вопрос", "One more question"))
	})
	d.Presses(d.Last(d.Label("button_retry")), d.Label("button_retry"))
	// While the ticket can't be read, the outcome of the answer is unknown.
	reads := d.Hangs()
	d.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: 1, DropAfter: true})
	d.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, OnRead: reads.OnRead})
	d.Shows(d.Say("Ответ Плюсофона теряется", "Plusofon's answer is lost"), func() {
		m := d.Anna.Reply(history.ID, d.Say("И последний", "And the last one"))
		d.Reads(d.Anna, d.Label("receipt_unknown_answer", "Ticket", fmt.Sprintf("№%d", d.Newest())))
		d.Reacts(d.Anna, m.ID, "👀")
	})
	d.Does(d.Say("Плюсофон показывает обращение", "Plusofon shows the ticket"), reads.End)
	d.Plusofon.ClearFaults()
	d.Does(d.Say("Плюсофон перестаёт отвечать", "Plusofon does not answer any more"), func() {
		d.Plusofon.Switch(plusofontest.Switches{Down: true})
		d.Logged("Plusofon could not be polled")
	})
	d.Writes("/status", "/status")
	d.Writes("/tickets", "/tickets")
	d.Writes(fmt.Sprintf("/ticket %d", d.Newest()), fmt.Sprintf("/ticket %d", d.Newest()))
	d.Writes("/ticket 5", "/ticket 5")
	d.Happens("Плюсофон снова отвечает", "Plusofon answers again", func() { d.Plusofon.Switch(plusofontest.Switches{}) })
	d.Writes("/status", "/status")
}
