package browser

import (
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// holding lets a test delay the page's events: while window.held is a list, they wait in
// it.
const holding = `
	const listen = EventSource.prototype.addEventListener;
	EventSource.prototype.addEventListener = function (name, handle) {
		listen.call(this, name, (e) => (window.held ? window.held.push(() => handle(e)) : handle(e)));
	};`

// The first step can be taken with only the mouse and the Enter key, however late the page
// receives the effect of the first click.
func TestFirstStepWaitsForTheChat(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false, command(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: holding}))
	v.eval(`window.held = []`)
	v.press(".tour .primary", "Вставить пример")
	v.until("the example is there", `document.querySelector("#chat textarea").value.startsWith("/new ")`)
	v.is("the chat is not shown yet", `document.querySelector("#chat .writer").hidden`)
	v.eval(`(() => { const events = held; window.held = null; events.forEach((happen) => happen()); })()`)
	v.until("the field is in focus", `document.activeElement.matches("#chat textarea")`)
	v.is("all of the example is in sight", `document.activeElement.scrollHeight <= document.activeElement.clientHeight + 2`)
	v.do("send", chromedp.KeyEvent(kb.Enter))
	v.see(bubble, "№23624")
}

// The last step lasts until what was written while Plusofon was down has arrived, also on a
// reloaded page.
func TestBreakingSomething(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	for _, step := range []struct{ button, side string }{{"Вставить пример", "#chat"}, {"Вставить ответ", "#desk"}, {"Ответить", "#chat"}} {
		v.press(".tour .primary", step.button)
		v.until("the field is in focus", `document.activeElement.matches("`+step.side+` textarea")`)
		v.do("send", chromedp.KeyEvent(kb.Enter))
	}
	v.see(".tour .now", "Сломайте")
	v.see(".tour .hint", "Выключите Плюсофон")
	v.press(".tour .primary", "Выключить")
	v.see(".tour .hint", "не отвечает")
	v.press(".tour .primary", "Вставить ответ")
	v.do("send", chromedp.KeyEvent(kb.Enter))
	v.see(".tour .hint", "👀")
	v.do("reload", chromedp.Reload())
	v.see(".tour .hint", "👀")
	v.press(".tour .primary", "Включить")
	v.see(".tour .hint", "Сообщение дошло")
	v.see(post, "первые звонки")
	v.is("nothing is left to do", `document.querySelectorAll(".tour .done").length === 4 && document.querySelector(".tour .primary").hidden`)
	v.do("reload", chromedp.Reload())
	v.see(".tour .hint", "Сообщение дошло")
}

// An invitation link lets the colleague in, and the bot writes to them.
func TestInvitation(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.press("#chat .start button", "Запустить")
	v.see(bubble, "/tickets")
	v.press(".ideas button", "Пригласить")
	v.do("send", chromedp.KeyEvent(kb.Enter))
	v.press(".bubble a", "https://t.me/")
	v.press("dialog button", "Борис")
	v.see("#chat .people [aria-pressed=true]", "Борис")
	v.see(bubble, "/tickets")
	v.say("Не слышно собеседника")
	v.see(".theirs .key", "Отправить")
}

// A link that adds the bot to a group does so, and one to a topic opens it.
func TestLinksToTheGroup(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.press("#chat .start button", "Запустить")
	v.see(bubble, "/tickets")
	v.say("/settings")
	v.press(".theirs .key, .theirs .bubble a", "группу")
	v.see("#chat .head", "Офис")
	v.see("#chat .note", "бот теперь в группе")
	v.say("/settings")
	v.press(".theirs .key", "Обращения")
	v.press(".theirs .key", "Темы, уходит всё")
	v.say("/new Тихо")
	v.press(".bubble a", "Перейти в тему")
	v.see("#chat .topics [aria-pressed=true]", "№23624")
	v.see(".pinned", "№23624")
}
