package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab presses Tab until the element in focus fits, at most so many times.
func (v *view) tab(what, selector string) {
	v.t.Helper()
	for range 60 {
		v.do("press Tab", chromedp.KeyEvent(kb.Tab))
		var here bool
		here, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](`document.activeElement.matches(`+js(selector)+`)`))
		if err != nil {
			v.t.Fatal(err)
		}
		if !here {
			continue
		}
		v.is(what+" shows that it is in focus", `(() => {
			const e = document.activeElement.closest(".line") || document.activeElement;
			return [e, document.activeElement].some((x) => getComputedStyle(x).outlineStyle !== "none" && parseFloat(getComputedStyle(x).outlineWidth) >= 2);
		})()`)
		return
	}
	v.t.Fatalf("the Tab key does not come to %s", what)
}

// A whole conversation without a mouse.
func TestKeyboardAlone(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.tab("the start button", `[data-control="begin"]`)
	v.do("press it", chromedp.KeyEvent(kb.Enter))
	v.see(bubble, "/tickets")
	v.tab("the field", "#chat .writer textarea")

	// The menu of commands.
	v.do("a slash", chromedp.KeyEvent("/"))
	v.see(`#commands li[aria-selected="true"]`, "/new")
	v.do("the next one", chromedp.KeyEvent(kb.ArrowDown))
	v.see(`#commands li[aria-selected="true"]`, "/tickets")
	v.do("back, and put it in", chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Tab))
	v.until("the command is in the field", `document.querySelector("#chat textarea").value === "/new "`)
	v.do("send", chromedp.KeyEvent("С клавиатуры"+kb.Enter))
	v.see(bubble, "№23624")
	v.see(post, "С клавиатуры")

	v.tab("the answer", "#desk form textarea")
	v.do("answer", chromedp.KeyEvent("Отвечаем"+kb.Enter))
	v.see(".theirs .bubble", "Отвечаем")

	// The messages are one tab stop; arrows move, Enter replies, Escape leaves.
	v.eval(`document.body.focus(); document.activeElement.blur()`)
	v.tab("the messages", "#chat article")
	v.until("the last message is in focus", `document.activeElement.textContent.includes("Отвечаем")`)
	v.do("up and down", chromedp.KeyEvent(kb.ArrowUp))
	v.until("another one is in focus", `document.activeElement.matches("article") && !document.activeElement.textContent.includes("Отвечаем")`)
	v.do("back", chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.Enter))
	v.see(".quoted", "Отвечаем")
	v.until("the field is in focus", `document.activeElement.matches("#chat textarea")`)
	v.do("let go", chromedp.KeyEvent(kb.Escape))
	v.until("nothing is quoted", `document.querySelector(".quoted").hidden`)

	// A button under a message, and the answer to it.
	v.eval(`document.activeElement.blur()`)
	v.tab("the messages again", "#chat article")
	v.tab("the button", ".keyboard .key")
	v.do("press it", chromedp.KeyEvent(kb.Enter))
	v.see(".quoted", "")
	v.do("write", chromedp.KeyEvent("И я отвечаю"+kb.Enter))
	v.see(post, "И я отвечаю")

	v.tab("a switch", `[role="switch"]`)
	v.do("switch", chromedp.KeyEvent(" "))
	v.see(`[role="switch"][aria-checked="true"]`, "Медленно")
}

// On a phone one side is shown at a time, and nothing overflows.
func TestPhone(t *testing.T) {
	needsBrowser(t)
	for name, dark := range map[string]bool{"light": false, "dark": true} {
		t.Run(name, func(t *testing.T) {
			v := open(t, startDemo(t), phone, dark)
			v.fits()
			v.is("the sides' names are whole", `(() => {
				const tabs = document.querySelector(".tabs");
				return tabs.scrollWidth <= tabs.clientWidth && tabs.getBoundingClientRect().right <= document.querySelector(".tools").getBoundingClientRect().left;
			})()`)
			v.press(".tour .primary", "Вставить пример")
			v.until("the example is in the field", `document.querySelector("#chat textarea").value.startsWith("/new ")`)
			v.press(".send", "")
			v.see(bubble, "№23624")
			v.until("the other side has a dot", `!document.querySelector("#tab-desk .dot").hidden`)
			v.fits()
			v.press("#tab-desk", "Поддержка")
			v.press("#desk .tickets button", "Нет входящих")
			v.press(".tour .primary", "Вставить ответ")
			v.press("#desk form .primary", "Ответить")
			v.see("#desk li.staff", "обрыв")
			v.see(".push", "💬 Ольга · №23624 Нет входящих")
			v.fits()
			v.picture("desk")
			v.press("#desk .back", "")
			v.see("#desk .tickets button", "№23624")
			v.press("#tab-chat", "Телеграм")
			v.see(".theirs .bubble", "обрыв")
			v.is("what is in sight is not announced", `document.querySelector(".push").hidden`)
			v.fits()
			v.press(".tour .primary", "Ответить")
			v.press(".send", "")
			v.see(".tour .now", "Сломайте")
			v.fits()
			v.is("its title is one line", `document.querySelector(".tour .now").clientHeight < 30`)
			v.is("half of the screen is for messages", `document.querySelector(".messages").clientHeight > innerHeight / 2`)
			v.picture("chat")
		})
	}
}

// fits checks that nothing needs horizontal scrolling.
func (v *view) fits() {
	v.t.Helper()
	v.is("everything fits into the width", `document.documentElement.scrollWidth <= innerWidth &&
		[...document.querySelectorAll("body > *, .top > *, .tour > *, .panel, .panel > *, .sides button, .screen > *, .office, .ticket, .bubble, .tools button, .keyboard")].every((e) => {
			const r = e.getBoundingClientRect();
			return !e.checkVisibility() || getComputedStyle(e).position === "absolute" || r.width === 0 || (r.left >= -1 && r.right <= innerWidth + 1);
		})`)
}

// The page is readable: WCAG AA for every visible text in both themes, and a name for every
// control.
func TestContrastAndNames(t *testing.T) {
	needsBrowser(t)
	for name, dark := range map[string]bool{"light": false, "dark": true} {
		t.Run(name, func(t *testing.T) {
			v := open(t, startDemo(t), desktop, dark)
			v.begin("Контраст")
			v.write(answer, `<p>Смотрите <b>жирное</b>, <code>код</code> и <a href="https://plusofon.ru">ссылку</a>.</p>`+kb.Enter)
			v.see(".theirs .text b", "жирное")
			v.press("#desk .faults button", "Медленно")
			v.see(`#desk .faults [aria-checked="true"]`, "Медленно")
			faint, err := chromedp.Run(v.ctx, chromedp.Evaluate[[]string](contrast))
			if err != nil {
				t.Fatal(err)
			}
			if len(faint) > 0 {
				t.Errorf("too faint:\n%s", strings.Join(faint, "\n"))
			}
			v.is("everything that can be used has a name", `[...document.querySelectorAll("button, a, input, textarea, select")].every((e) =>
				!e.checkVisibility() || e.textContent.trim() || e.getAttribute("aria-label") || e.querySelector("img[alt]"))`)
			v.picture("page")
		})
	}
}

// contrast lists the texts with too little contrast to their background.
const contrast = `(() => {
	const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
	const rgba = (color) => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = color;
		canvas.fillRect(0, 0, 1, 1);
		const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
		return [r, g, b, a / 255];
	};
	const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
	const light = (c) => {
		const [r, g, b] = c.map((x) => (x /= 255) <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = (e) => {
		if (!e) return [255, 255, 255];
		const s = getComputedStyle(e);
		const under = behind(e.parentElement);
		const wall = /rgba?\([^)]*\)|color\([^)]*\)/.exec(s.backgroundImage);
		return over(rgba(s.backgroundColor), wall && s.backgroundImage.startsWith("linear") ? over(rgba(wall[0]), under) : under);
	};
	const faint = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || !e.checkVisibility({ opacityProperty: true }) || e.closest("[aria-hidden=true], .out, .toast, :disabled, noscript, option")) continue;
		const s = getComputedStyle(e);
		if (s.fontSize === "0px") continue;
		const under = behind(e);
		const [a, b] = [light(over(rgba(s.color), under)), light(under)].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		const large = parseFloat(s.fontSize) >= 24 || parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700;
		if (ratio < (large ? 3 : 4.5)) faint.push(ratio.toFixed(2) + " " + e.className + " " + walk.currentNode.data.trim().slice(0, 40));
	}
	return faint;
})()`

// The language and the theme are chosen on the page and kept.
func TestLanguageAndTheme(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.press("#language", "EN")
	v.see("#desk h2 + p", "the support desk")
	v.press("#chat .start button", "Start")
	v.see(bubble, "Hello, Anna")
	v.press("#theme", "")
	v.until("it is dark", `getComputedStyle(document.body).backgroundColor === "rgb(10, 15, 21)"`)
	v.do("reload", chromedp.Reload())
	v.see(bubble, "Hello, Anna")
	v.until("it is dark still", `getComputedStyle(document.body).backgroundColor === "rgb(10, 15, 21)"`)
	v.press(".tour .close", "")
	v.until("the hints are hidden", `document.querySelector(".tour").hidden`)
	v.press("#hints", "")
	v.see(".tour .now", "Write to the bot")
}

// The scenario shows its progress, and can be stopped.
func TestScenarioOnThePage(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.press("#play", "Показать само")
	v.see(".playing p", "Анна открывает бота")
	v.see(".playing p", "Анна пишет в поддержку")
	v.press(".playing button", "Остановить")
	v.see(".playing p", "Сценарий остановлен")
	v.press(".playing button", "Скрыть")
	v.see(".tour", "Напишите боту")
	v.say("/help")
}
