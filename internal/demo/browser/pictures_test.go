package browser

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var update = flag.Bool("update", false, "make the README's pictures anew")

// said holds the texts in the pictures.
type said struct {
	language, start, send, wrong, cabinet         string // buttons
	office, administrator, tickets, topics, boris string
	hello, happened, chart, draft                 string
	support, thanks, more, doubt                  string
	second, asks, reply, repaired                 string
}

var inPictures = []said{{
	"ru", "Запустить", "Отправить", "Не туда", "Из кабинета",
	"Офис", "администратором", "Обращения", "Темы, уходит всё", "Борис",
	"Добрый день", "Нет входящих звонков", "Вот график: с девяти пусто", "3 сообщения, 1 файл",
	"<p>Здравствуйте, Анна! Видим <b>обрыв на линии</b>, чиним. Ориентир: <i>полчаса</i>.</p>", "Спасибо, ждём. Исходящие работают.",
	"И ещё: нужен второй номер в Казани", "Куда?",
	"Не открывается личный кабинет", "<p>Проверьте, пожалуйста, сейчас: вход восстановлен.</p>", "Открылся, спасибо", "<p>Линия восстановлена, проверьте, пожалуйста.</p>",
}, {
	"en", "Start", "Send", "Wrong place", "From the account",
	"Office", "administrator", "Tickets", "Topics", "Boris",
	"Hello", "No incoming calls", "Here is the chart: nothing since nine", "3 messages, 1 file",
	"<p>Hello Anna! There is <b>a fault on the line</b>, we are working on it and need about <i>half an hour</i>.</p>", "Thank you, we'll wait. Outgoing calls work.",
	"One more thing: we need a second number in Kazan", "Where",
	"The personal account won't open", "<p>Please try again now: signing in works.</p>", "It opens now, thank you", "<p>The line is repaired, please check.</p>",
}}

// The pictures of the README: both sides, a draft, a question where a message goes, a topic
// in a group, and a notification.
func TestPictures(t *testing.T) {
	needsBrowser(t)
	for _, w := range inPictures {
		t.Run(w.language, func(t *testing.T) {
			address := startDemo(t)
			show := func(s size, dark bool) *view {
				t.Helper()
				v := open(t, address, s, dark)
				if w.language != "ru" {
					v.speak(w.language)
				}
				return v
			}
			onPhone := func(name string, dark bool, chat, lastWords string) *view {
				t.Helper()
				v := show(phone, dark)
				v.press(".tour .close", "")
				if chat != "" {
					v.press(".sides button", chat)
				}
				v.see("#chat article", lastWords)
				v.atTheEnd()
				v.shoot(name+"-"+w.language, "#chat .screen")
				return v
			}

			v := show(size{1280, 800}, false)
			v.press("#chat .start button", w.start)
			v.see(bubble, "/tickets")
			v.say(w.hello)
			v.say(w.happened)
			v.drop("#chat .screen", file{"calls.png", "image/png", chart()})
			v.say(w.chart)
			v.until("the card is at the end", `[...document.querySelectorAll("#chat article")].pop().textContent.includes(`+js(w.draft)+`)`)
			onPhone("draft", false, "", w.draft)

			v.press(".theirs .key", w.send)
			v.see(post, w.happened)
			v.write(answer, w.support+kb.Enter)
			v.see(".theirs .text b", "№23624")
			v.reply("💬")
			v.say(w.thanks)
			v.see(post, w.thanks)
			v.press("#cabinet", w.cabinet)
			v.see("#desk .tickets [aria-pressed=true]", "№23625")
			v.press("#desk .tickets button", "№23624")
			v.until("it has arrived", `[...document.querySelectorAll("article.mine")].pop().querySelector(".reaction")?.textContent === "👌"`)
			v.atTheEnd()
			v.shoot("desktop-"+w.language, "body")

			v.say(w.more)
			v.press(".theirs .key", w.wrong)
			v.see(bubble, w.doubt)
			onPhone("doubt", false, "", w.doubt)

			v.press("#chat .sides button", w.office)
			v.press("#chat .start button", w.administrator)
			v.say("/settings")
			v.press(".theirs .key", w.tickets)
			v.press(".theirs .key", w.topics)
			v.press("#chat .people button", w.boris)
			v.say("/new " + w.second)
			v.see("#chat .topics button", "№23626")
			v.press("#desk .tickets button", "№23626")
			v.write(answer, w.asks+kb.Enter)
			v.press("#chat .topics button", "№23626")
			v.see(".theirs .text b", "💬")
			v.say(w.reply)
			v.until("it has arrived", `[...document.querySelectorAll("article.mine")].pop().querySelector(".reaction")?.textContent === "👌"`)
			p := show(phone, true)
			p.press(".tour .close", "")
			p.press(".sides button", w.office)
			p.press("#chat .topics button", "№23626")
			p.see("#chat article", w.reply)
			p.atTheEnd()
			p.shoot("group-"+w.language, "#chat .screen")

			v.press("#desk .tickets button", "№23624")
			v.write(answer, w.repaired+kb.Enter)
			p.see(".push", "№23624")
			p.shoot("push-"+w.language, ".push")
		})
	}
}

// atTheEnd waits until the last text and all images are visible.
func (v *view) atTheEnd() {
	v.t.Helper()
	v.until("the end is in sight", `(() => {
		const list = document.querySelector(".messages");
		return [...list.querySelectorAll("img")].every((i) => i.complete && i.naturalWidth > 0) && list.scrollHeight - list.scrollTop - list.clientHeight < 2;
	})()`)
}

// shoot stores a picture of an element: among the README's when they are updated.
func (v *view) shoot(name, selector string) {
	v.t.Helper()
	folder := filepath.Join("..", "pictures")
	if !*update {
		if folder = os.Getenv("DEMO_SCREENSHOTS"); folder == "" {
			folder = v.t.TempDir()
		}
	}
	v.eval(`document.activeElement.blur()`)
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Evaluate[page.Viewport](`(() => {
		const e = document.querySelector(`+js(selector)+`);
		e.getAnimations().forEach((a) => a.finish());
		const { x, y, width, height } = e.getBoundingClientRect();
		return { x, y, width, height, scale: 1 };
	})()`))
	if err != nil {
		v.t.Fatal(err)
	}
	quality := int64(90)
	var shot page.CaptureScreenshotResult
	v.do("take a picture of "+selector, chromedp.Func(func(ctx context.Context, target *chromedp.Target) (err error) {
		shot, err = cdp.Call(ctx, target, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: page.CaptureScreenshotFormatWebp, Quality: &quality, Clip: &at})
		return err
	}))
	if err := os.WriteFile(filepath.Join(folder, name+".webp"), shot.Data, 0o644); err != nil {
		v.t.Fatal(err)
	}
}
