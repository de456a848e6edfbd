package bot_test

import (
	"fmt"
	"strings"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// newest is the ticket that was opened last.
func (d *day) newest() plusofon.TicketID {
	all := d.plusofon.Tickets()
	return all[len(all)-1].ID
}

func sceneStart(d *day) {
	d.scene("Начало", "The beginning")
	d.writes("/start", "/start")
	d.writes("/help", "/help")
	d.writes("/status", "/status")
}

func sceneDraft(d *day) {
	d.scene("Черновик", "A draft")
	d.writes("Добрый день", "Good afternoon")
	d.writes("у нас не работает телефон", "our phone does not work")
	d.does("", func() { d.anna.Forwarding(forwarded).SendVoice(anyFile, "", 0) })
	d.does("", func() {
		d.anna.SendAlbum([]telegramtest.Item{{Kind: "photo", File: anyFile}, {Kind: "photo", File: anyFile, Caption: d.say("вот так", "like this")}}, 0)
	})
	card := d.last(d.label("button_subject"))
	d.presses(card, d.label("button_subject"))
	d.writes("Нет гудка", "No dial tone")
	d.presses(card, d.label("button_send"))
	d.writes("/new", "/new")
	d.presses(d.last(d.label("draft_unsent")), d.label("button_cancel"))
}

// sceneDoubt is about messages that say nothing of where they go.
func sceneDoubt(d *day) {
	d.scene("Куда отправить", "Where to send it")
	d.writes("А номер можно сменить?", "Can the number be changed?")
	question := d.last(d.label("button_new"))
	d.presses(question, question.Buttons[0][0].Text)
	d.writes("Забудьте", "Never mind")
	d.presses(d.last(d.label("button_new")), d.label("button_cancel"))
	d.writes("// Борису: ответь им сам", "// Boris: answer them yourself")
}

func sceneEdits(d *day) {
	d.scene("Исправления", "Corrections")
	m := d.replies(d.last(d.label("button_mute")), "Номер 74951234567", "The number is 74951234567")
	edit := func(text string) {
		d.does(d.say("меняет сообщение", "edits the message"), func() {
			d.anna.Edit(m.ID, text)
			d.reads(d.anna, d.label("edit_too_late"))
		})
	}
	edit("74957654321")
	d.presses(d.last(d.label("button_correct")), d.label("button_correct"))
	edit("74950000000")
	d.presses(d.last(d.label("button_correct")), d.label("button_leave_it"))
}

func sceneKinds(d *day) {
	d.scene("Не только текст", "Not only text")
	at := d.anna.Replying(d.last(d.label("button_mute")).ID)
	d.does(d.say("ответ: контакт", "a reply: a contact"), func() { at.SendContact("+74951234567", "Иван") })
	d.does(d.say("ответ: место", "a reply: a place"), func() { at.SendLocation(55.75, 37.61) })
	d.does(d.say("ответ: опрос", "a reply: a poll"), func() { at.SendPoll("Что делать?", "Ждать", "Звонить") })
}

func sceneOpening(d *day) {
	d.scene("Обращение", "A ticket")
	d.writes("/new Нет входящих\nС утра не проходят звонки.", "/new No incoming calls\nNothing comes through since the morning.")
	d.does("", func() {
		d.anna.SendDocument(telegramtest.File{Name: "log.txt", Content: []byte("x")}, d.say("вот журнал", "here is the log"), d.last(d.label("button_history")).ID)
	})
}

func sceneNews(d *day) {
	d.scene("Ответы поддержки", "The support's answers")
	id := d.newest()
	d.answers(id, "Ольга", "Проверьте, пожалуйста:<ul><li><b>переадресацию</b>;</li><li>баланс.</li></ul>"+
		`Как это сделать: <a href="https://help.example/forward">инструкция</a>.<br>-- <br>Ольга<br>служба поддержки`)
	d.replies(d.last(d.label("button_mute")), "Переадресации нет, баланс есть", "There is no forwarding, and the balance is fine")
	d.answers(id, "Ольга", "Схема во вложении.", plusofontest.Attachment{Name: "scheme.pdf", Content: []byte("%PDF")})
	d.presses(d.last(d.label("button_mute")), d.label("button_mute"))
	d.answers(id, "Ольга", "Получилось?")
	d.presses(d.last(d.label("button_answer")), d.label("button_answer"))
	d.writes("Да, спасибо", "Yes, thank you")
	d.answers(id, "Пётр", strings.Repeat("Очень длинная инструкция по настройке. ", 500))
	d.happens("Плюсофон: обращение закрыто", "Plusofon: the ticket is closed", func() { d.plusofon.CloseTicket(id) })
	d.happens("Плюсофон: обращение снова открыто", "Plusofon: the ticket is open again", func() { d.plusofon.ReopenTicket(id) })
}

func sceneReading(d *day) {
	d.scene("Чтение", "Reading")
	id := d.newest()
	d.happens("В кабинете открыты ещё восемь обращений", "Eight more tickets are opened in the cabinet", func() {
		for i := range 8 {
			d.plusofon.OpenInCabinet(fmt.Sprintf("Вопрос по счёту %d", i+1), "Пришлите акт")
		}
	})
	d.answers(id, "Пётр", "Сменили, проверьте.")
	d.writes("/tickets", "/tickets")
	list := d.last(d.label("tab_theirs"))
	d.presses(list, d.label("tab_theirs"))
	d.presses(list, "›")
	d.presses(list, d.label("tab_mine"))
	d.presses(list, d.label("tab_closed"))
	d.writes(fmt.Sprintf("/ticket %d", id), fmt.Sprintf("/ticket %d", id))
	d.presses(d.last(d.label("button_export")), "‹")
	d.presses(d.last(d.label("button_export")), d.label("button_export"))
	d.writes("/search инструкции", "/search инструкции")
	d.writes("/search акты счетов", "/search акты счетов")
	d.writes("/search 236", "/search 236")
	d.writes("/search 999", "/search 999")
	d.writes("/search жираф", "/search жираф")
	d.writes("/search", "/search")
	d.writes("/ticket 5", "/ticket 5")
	d.writes("/ticket", "/ticket")
}

func sceneSettings(d *day) {
	d.scene("Настройки", "Settings")
	d.writes("/settings", "/settings")
	list := d.last(d.label("set_quiet"))
	for _, key := range []string{"set_language", "set_zone", "set_quiet", "set_waiting"} {
		d.presses(list, d.label(key))
		d.presses(list, d.label("button_back"))
	}
	d.presses(list, d.label("set_news"))
	d.presses(list, d.label("news_all"))
	d.happens("В кабинете открыто обращение", "A ticket is opened in the cabinet", func() { d.plusofon.OpenInCabinet("Новый номер", "Подключите номер") })
	d.writes(fmt.Sprintf("/unfollow %d", d.newest()), fmt.Sprintf("/unfollow %d", d.newest()))
}

func sceneWaiting(d *day) {
	d.scene("Долгое ожидание", "A long wait")
	d.writes("/new Не приходит код\nЖду с понедельника", "/new The code does not come\nI have waited since Monday")
	id := d.newest()
	d.happens("Проходит четыре рабочих часа", "Four working hours pass", func() { d.waitsLong(id) })
	line := d.last(d.label("button_remind"))
	d.presses(line, d.label("button_remind"))
	d.presses(d.last(d.label("button_send")), d.label("button_send"))
	d.presses(line, d.label("button_leave_it"))
}

func sceneErrors(d *day) {
	d.scene("Когда что-то не так", "When something is wrong")
	d.writes("/tikets", "/tikets")
	d.writes("/follow 777", "/follow 777")
	d.writes("/cancel", "/cancel")
	history := d.last(d.label("button_history"))
	d.does("", func() {
		d.anna.SendDocument(telegramtest.File{Name: "video.mov", Size: 30 << 20}, "", history.ID)
	})
	d.does(d.say("Плюсофон отказывает", "Plusofon refuses"), func() {
		d.plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: 1, Status: 400, Body: `{"message":"Обращение обрабатывается","code":400}`})
		d.anna.Reply(history.ID, d.say("Ещё вопрос", "One more question"))
	})
	d.presses(d.last(d.label("button_retry")), d.label("button_retry"))
	// While the ticket can't be read, nobody knows what became of the answer.
	read := make(chan struct{})
	d.plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: 1, DropAfter: true})
	d.plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, OnRead: func() { <-read }})
	d.shows(d.say("Ответ Плюсофона теряется", "Plusofon's answer is lost"), func() {
		m := d.anna.Reply(history.ID, d.say("И последний", "And the last one"))
		d.reads(d.anna, d.label("receipt_unknown_answer", "Ticket", fmt.Sprintf("№%d", d.newest())))
		d.reacts(d.anna, m.ID, "👀")
	})
	d.does(d.say("Плюсофон показывает обращение", "Plusofon shows the ticket"), func() { close(read) })
	d.plusofon.ClearFaults()
	d.does(d.say("Плюсофон перестаёт отвечать", "Plusofon does not answer any more"), func() {
		d.plusofon.Switch(plusofontest.Switches{Down: true})
		d.logged("Plusofon could not be polled")
	})
	d.writes("/status", "/status")
	d.writes("/tickets", "/tickets")
	d.writes(fmt.Sprintf("/ticket %d", d.newest()), fmt.Sprintf("/ticket %d", d.newest()))
	d.writes("/ticket 5", "/ticket 5")
	d.happens("Плюсофон снова отвечает", "Plusofon answers again", func() { d.plusofon.Switch(plusofontest.Switches{}) })
	d.writes("/status", "/status")
}
