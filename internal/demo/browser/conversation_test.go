package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// A whole conversation, on both sides.
func TestConversation(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.see(".tour .now", "Напишите боту")
	v.begin("Нет входящих звонков")
	v.see("#desk .tickets button", "Нет входящих звонков")
	v.see(post, "Нет входящих звонков")

	v.see(".tour .now", "Ответьте как оператор")
	v.write(answer, "<p>Видим <b>обрыв</b>, чиним.</p>"+kb.Enter)
	v.see("#desk li.staff b", "обрыв")
	v.see(".theirs .text b", "обрыв")

	v.see(".tour .now", "Ответьте боту")
	v.see(".theirs .keyboard", "Ответить")
	v.press(".theirs .key", "Без звука")
	v.see(".toast.shown", "без звука")
	v.reply("обрыв")
	v.see(".quoted", "обрыв")
	v.say("Спасибо, ждём")
	v.see(".mine .quote", "обрыв")
	v.see("#desk li.customer", "Спасибо, ждём")

	v.press("#desk .toggle", "Закрыть")
	v.see(".theirs .bubble", "Обращение закрыто")
	v.press("#desk .toggle", "Открыть снова")
	v.see(".theirs .bubble", "снова открыто")
	v.picture("end")
}
