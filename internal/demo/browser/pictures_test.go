package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// The pictures of the README, and the same in the other theme: a conversation
// as it looks after a few minutes.
func TestPictures(t *testing.T) {
	needsBrowser(t)
	for _, c := range []struct {
		name string
		size size
		dark bool
	}{{"desktop-light", size{1280, 800}, false}, {"desktop-dark", size{1280, 800}, true}, {"phone-light", phone, false}, {"phone-dark", phone, true}} {
		t.Run(c.name, func(t *testing.T) {
			address := startDemo(t)
			// The conversation is had on a desktop and looked at afterwards.
			v := open(t, address, desktop, c.dark)
			v.begin("Нет входящих звонков")
			v.write(answer, "<p>Здравствуйте, Анна! Видим <b>обрыв на линии</b>, чиним. Ориентир: <i>полчаса</i>.</p><p>Пришлите, пожалуйста, график звонков за утро.</p>"+kb.Enter)
			v.see(".theirs .text b", "обрыв")
			v.drop("#chat .screen", file{"график.png", "image/png", chart()})
			v.reply("обрыв")
			v.say("Вот график: с девяти утра пусто")
			v.see(".mine .reaction", "👌")
			v.see("#desk .attachment", ".jpg")
			v.press("#cabinet", "Из кабинета")
			v.press("#desk .tickets button", "Нет входящих")
			w := open(t, address, c.size, c.dark)
			if c.size == phone {
				w.press(".tour .close", "")
			}
			w.until("the picture is there", `[...document.querySelectorAll(".photos img")].every((i) => i.complete && i.naturalWidth > 100) && document.querySelector(".photos img")`)
			w.see(".mine .reaction", "👌")
			if c.size != phone {
				w.press("#desk .tickets button", "Нет входящих")
				w.see(post, "график")
			}
			w.until("the end is in sight", `(() => { const l = document.querySelector(".messages"); return l.scrollHeight - l.scrollTop - l.clientHeight < 2; })()`)
			w.picture("page")
		})
	}
}
