package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// With little height, as on a phone in landscape or at 200 % zoom, everything can be
// scrolled into view.
func TestLittleHeight(t *testing.T) {
	needsBrowser(t)
	for name, s := range map[string]size{"at 200 %": {720, 450}, "on its side": {844, 390}, "a low window": {1280, 460}} {
		t.Run(name, func(t *testing.T) {
			v := open(t, startDemo(t), s, false)
			v.fits()
			v.is("nothing covers a chat's button", `[...document.querySelectorAll(".sides button")].every((e) => {
				e.scrollIntoView({ block: "nearest" });
				const r = e.getBoundingClientRect();
				return e.contains(document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2));
			})`)
			v.picture("start")
			v.press("#chat .start button", "Запустить")
			v.see(bubble, "/tickets")
			v.press(".tour .primary", "Вставить пример")
			v.press(".send", "")
			v.see(bubble, "№23624")
			v.is("a side gets most of the window", `document.querySelector("main").clientHeight >= innerHeight - 60 && document.querySelector(".messages").clientHeight > 100`)
			v.fits()
			v.picture("chat")
		})
	}
}

// The support's texts keep their form: lists have bullets, numbers are not broken.
func TestListsAtTheDesk(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), size{1024, 768}, false)
	v.begin("Списки")
	v.press("#desk .tickets button", "Списки")
	v.press(".samples", "Примеры")
	v.press(".popup button", "С оформлением")
	v.press("#desk form .primary", "Ответить")
	v.see("#desk .text li code", "74951234567")
	v.is("an item of a list is one", `[...document.querySelectorAll("#desk .text li")].every((e) => getComputedStyle(e).display === "list-item")`)
	v.is("a number stands in one line", `document.querySelector("#desk .text code").getClientRects().length === 1`)
	v.picture("lists")
}

// In the group too, every part of a message is within the panel.
func TestWideBubblesInTheGroup(t *testing.T) {
	needsBrowser(t)
	for name, s := range map[string]size{"desktop": desktop, "narrow": {1024, 768}, "phone": phone} {
		t.Run(name, func(t *testing.T) {
			v := open(t, startDemo(t), s, false)
			v.press("#chat .sides button", "Офис")
			v.press("#chat .start button", "администратором")
			v.press(".ideas button", "Справка")
			v.press(".send", "")
			v.see(".theirs .bubble", "/search")
			v.is("what can be done with a message is in sight", `[...document.querySelectorAll(".message .tools")].every((e) => {
				const r = e.getBoundingClientRect();
				const panel = document.querySelector(".messages").getBoundingClientRect();
				return r.width > 20 && r.left >= panel.left && r.right <= panel.right;
			})`)
			v.fits()
			v.picture("group")
			if s != phone {
				return
			}
			v.press(".theirs .tools button:not(:first-child)", "")
			v.press(".popup button", "Ответить")
			v.see(".quoted", "Плюсофон")
		})
	}
}

// In lists no word is broken: a number beside a state, a state beside a long name, an initial
// beside a count.
func TestNothingCoversAnything(t *testing.T) {
	needsBrowser(t)
	for _, s := range []size{{1280, 800}, {1024, 768}, phone} {
		t.Run(fmt.Sprint(s.width), func(t *testing.T) {
			address := startDemo(t)
			v := open(t, address, desktop, false)
			v.begin("Ничего не слышно с самого раннего утра во всех отделах сразу")
			v.press("#chat .sides button", "Офис")
			v.press("#chat .start button", "администратором")
			v.say("/settings")
			v.press(".theirs .key", "Обращения")
			v.press(".theirs .key", "Темы, уходит всё")
			v.say("/new Ничего не слышно с самого раннего утра во всех отделах сразу")
			v.see("#chat .topics button", "№23625")
			v.see("#desk .tickets button", "№23625")
			v.press("#desk .tickets button", "№23625")
			v.press("#desk .toggle", "Закрыть")
			v.see("#chat .topics button", "закрыта")

			v = open(t, address, s, false)
			v.press("#chat .sides button", "Офис")
			v.see("#chat .topics button", "закрыта")
			v.is("nothing of a chip is cut off but its name", `[...document.querySelectorAll(".topics button")].every((e) =>
				e.scrollWidth <= e.clientWidth && [...e.querySelectorAll("small")].every((s) => s.getBoundingClientRect().right <= e.getBoundingClientRect().right))`)
			v.is("no count covers an initial", `[...document.querySelectorAll(".sides .count")].every((e) => {
				const initial = document.createRange();
				initial.selectNodeContents(e.parentElement.querySelector(".avatar"));
				return e.getBoundingClientRect().left >= initial.getBoundingClientRect().right;
			}) && document.querySelector(".sides .count")`)
			v.picture("chat")
			if s == phone {
				v.press("#tab-desk", "Поддержка")
			}
			v.see("#desk .tickets button", "№23625")
			for _, next := range []string{"en", "ru"} {
				v.is("a number does not reach its state", `[...document.querySelectorAll(".tickets button")].every((e) => {
					const [number, state] = ["small", ".state"].map((s) => {
						const words = document.createRange();
						words.selectNodeContents(e.querySelector(s));
						return words.getBoundingClientRect();
					});
					return number.right <= state.left || number.bottom <= state.top + 1;
				})`)
				v.picture("desk-before-" + next)
				v.speak(next)
				if s == phone {
					v.press("#tab-desk", "")
				}
			}
		})
	}
}

// Suggestions that do not fit into a line wrap with a mouse, and fade at the edge on a touch
// screen.
func TestIdeasAreSeen(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), size{1024, 768}, false)
	v.press("#chat .start button", "Запустить")
	v.see(".ideas button", "Пригласить")
	v.is("all of them are in sight", `[...document.querySelectorAll(".ideas button")].every((e) => e.getBoundingClientRect().right <= document.querySelector(".ideas").getBoundingClientRect().right)`)
	w := open(t, startDemo(t), phone, false)
	w.press("#chat .start button", "Запустить")
	w.see(".ideas button", "Пригласить")
	w.is("they go on", `document.querySelector(".ideas").scrollWidth > document.querySelector(".ideas").clientWidth && getComputedStyle(document.querySelector(".ideas")).maskImage.includes("gradient")`)
}

// A short message looks as in Telegram: its time and status are in the line of its text.
func TestShortMessages(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.press("#chat .sides button", "Офис")
	v.press("#chat .start button", "участником")
	v.say("Да")
	v.is("the time is in the line of the word", `(() => {
		const text = [...document.querySelectorAll("article.mine .text")].pop();
		const word = document.createRange();
		word.selectNode(text.firstChild);
		const [w, time] = [word.getBoundingClientRect(), text.querySelector(".stamp").getBoundingClientRect()];
		return time.left > w.right && time.top < w.bottom && time.bottom > w.top && text.clientHeight < 30;
	})()`)
	v.is("it is sent", `[...document.querySelectorAll("article.mine .stamp [role=img]")].pop().ariaLabel === "отправлено"`)
	v.press("#chat .sides button", "Плюсофон")
	v.see("#chat .head", "бот")
	v.press("#chat .start button", "Запустить")
	v.until("the bot has it", `document.querySelector("article.mine .stamp [role=img]")?.ariaLabel === "бот получил"`)
}

// Times have one format on the whole page, also in English.
func TestClock(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.speak("en")
	v.press("#chat .start button", "Start")
	v.see(bubble, "/tickets")
	v.say("/new Nothing is heard")
	v.see(post, "Nothing")
	v.is("hours go to 24", `!/\d\s?[AP]M/.test(document.body.innerText) && /\d\d:\d\d/.test(document.querySelector(".stamp").textContent)`)
}

// On a touch screen every control is large enough, and its name contains its visible text.
func TestFingers(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), phone, false)
	check := func(where string) {
		t.Helper()
		v.is("names hold what is shown, "+where, `[...document.querySelectorAll("button, a")].every((e) => {
			const label = e.getAttribute("aria-label");
			if (!label) return e.innerText.trim() || e.querySelector("img[alt]") || !e.checkVisibility();
			const shown = e.innerText.trim().toLowerCase();
			return !/\p{L}{2}/u.test(shown) || label.toLowerCase().includes(shown);
		})`)
		v.is("everything is large enough, "+where, `[...document.querySelectorAll("button, a, select, textarea, .clip")].every((e) => {
			const r = e.getBoundingClientRect();
			return !e.checkVisibility() || r.height >= 24 && r.width >= 24;
		})`)
	}
	check("at the start")
	v.press("#chat .start button", "Запустить")
	v.see(bubble, "/tickets")
	v.do("ask for help", chromedp.Click(chromedp.CSS(writer)), chromedp.SendKeys(chromedp.CSS(writer), "/help"))
	v.press(".send", "")
	v.see(".command", "/search")
	check("in the chat")
	v.do("open a ticket", chromedp.SendKeys(chromedp.CSS(writer), "/new Кнопки"+kb.Tab))
	v.press(".send", "")
	v.see(bubble, "№23624")
	v.press("#tab-desk", "Поддержка")
	check("in the list")
	v.press("#desk .tickets button", "Кнопки")
	v.see(post, "Кнопки")
	check("at the desk")
}
