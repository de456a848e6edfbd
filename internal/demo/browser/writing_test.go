package browser

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// picturePNG is an image of 160 by 120 pixels.
func picturePNG(shade uint8) []byte {
	img := image.NewGray(image.Rect(0, 0, 160, 120))
	for i := range img.Pix {
		img.Pix[i] = shade + uint8(i%97)
	}
	return encoded(img)
}

func encoded(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// chart is an image of calls by hour.
func chart() []byte {
	img := image.NewPaletted(image.Rect(0, 0, 480, 220), color.Palette{
		color.RGBA{0xf6, 0xf8, 0xfb, 0xff}, color.RGBA{0x3b, 0x82, 0xc4, 0xff}, color.RGBA{0xd6, 0x45, 0x45, 0xff}, color.RGBA{0x8a, 0x97, 0xa6, 0xff}})
	for i, calls := range []int{60, 96, 140, 160, 148, 6, 4, 4, 5} {
		for x := 20 + i*50; x < 58+i*50; x++ {
			for y := 196 - calls; y < 196; y++ {
				img.SetColorIndex(x, y, uint8(1+i/5))
			}
		}
	}
	for x := 12; x < 468; x++ {
		img.SetColorIndex(x, 196, 3)
	}
	return encoded(img)
}

// Files can be dropped, pasted and chosen; several are an album; both sides can save what
// arrived.
func TestFiles(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.begin("Файлы")

	v.drop("#chat .screen", file{"журнал.txt", "text/plain", []byte("строка")})
	v.see("#chat .chip", "журнал.txt")
	v.reply("№23624")
	v.say("журнал звонков")
	v.see(".mine .file", "журнал.txt")
	v.see("#desk .attachment", "журнал.txt")

	v.eval(`(() => {
		const data = new DataTransfer();
		data.items.add(new File(["x"], "буфер.txt", { type: "text/plain" }));
		document.querySelector("#chat textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
	})()`)
	v.see("#chat .chip", "буфер.txt")
	v.press("#chat .chip button", "")
	v.until("the file is taken away", `!document.querySelector("#chat .chip")`)

	v.drop("#chat .screen", file{"один.png", "image/png", picturePNG(40)}, file{"два.png", "image/png", picturePNG(120)})
	v.see("#chat .plain-files", "файлами")
	v.reply("№23624")
	v.say("два снимка")
	v.until("an album of two pictures", `document.querySelectorAll(".mine .photos.n2 img").length === 2 && [...document.querySelectorAll(".photos img")].every((i) => i.complete && i.naturalWidth === 160)`)
	v.until("both are at the desk", `document.querySelectorAll("#desk .attachment").length === 3`)

	v.drop("#desk .office", file{"ответ.pdf", "application/pdf", []byte("%PDF")})
	v.write(answer, "Смотрите файл"+kb.Enter)
	v.see(".theirs .file", "ответ.pdf")

	v.drop("#chat .screen", file{"пусто.txt", "text/plain", []byte{}})
	v.see(".toast.shown", "пустой")
	v.picture("files")
}

// A message can be edited, forwarded to the group, and answered from there.
func TestEditingForwardingAndTheGroup(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.begin("Правки")
	v.reply("№23624")
	v.say("апечатка")
	v.see(".mine .reaction", "👌")

	// Arrow up in an empty field edits the last message.
	v.do("edit", chromedp.Click(chromedp.CSS(writer)), chromedp.KeyEvent(kb.ArrowUp))
	v.see(".quoted", "Изменение сообщения")
	v.do("clear the field", chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent("опечатка"+kb.Enter))
	v.see(".mine .bubble", "изменено")
	v.see(".mine .bubble", "опечатка")

	v.press("#chat .chats button", "Офис")
	v.see("#chat .start", "Позовите бота")
	v.press("#chat .start button", "администратором")
	v.see("#chat .note", "бот теперь в группе")
	v.press("#chat .people button", "Борис")
	v.say("// это только коллегам")
	v.press("#chat .people button", "Анна")
	v.see(".theirs .name", "Борис")

	v.press("#chat .chats button", "Плюсофон")
	v.see("article.mine", "опечатка")
	v.eval(`[...document.querySelectorAll("article.mine")].pop().focus()`)
	v.press(`article:focus-within [data-control="more"]`, "")
	v.press(".popup button", "Переслать")
	v.press("dialog button", "В группу")
	v.see("#chat .forwarded", "Переслано")
	v.picture("group")
}

// A stranger has no access, requests it, and is let in.
func TestStranger(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, true)
	v.press("#chat .start button", "Запустить")
	v.see(bubble, "/tickets")
	v.press("#chat .people button", "Ева")
	v.press("#chat .start button", "Запустить")
	v.see(bubble, "закрыт")
	v.press(".theirs .key", "доступ")
	v.see("dialog", "Просьба передана")
	v.press("dialog button", "OK")
	v.see("#chat .people .count", "1")
	v.press("#chat .people button", "Анна")
	v.see(bubble, "Ева")
	v.press(".theirs .key", "Пустить")
	v.press("#chat .people button", "Ева")
	v.see(bubble, "/tickets")
	v.picture("stranger")
}

// What others wrote stays a text.
func TestNothingOfOthersRuns(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	evil := `<img src=x onerror="document.title='!'"><script>document.title='!'</script>`
	v.begin(evil)
	v.write(answer, `<b>жирно</b><a href="javascript:document.title='!'">ссылка</a>`+evil+kb.Enter)
	v.see("#desk li.staff b", "жирно")
	v.see(".theirs .text b", "жирно")
	v.is("no foreign elements", `!document.querySelector("#desk .posts img, #desk .posts script, #desk .posts a, .bubble img, .bubble script, a[href^=javascript]")`)
	v.is("the title is the page's", `!document.title.includes("!")`)
}

// Every switch does what it says, and nothing is lost or doubled.
func TestFaults(t *testing.T) {
	needsBrowser(t)
	v := open(t, startDemo(t), desktop, false)
	v.begin("Помехи")
	reply := func(text string) {
		t.Helper()
		v.reply("№23624")
		v.say(text)
	}
	toggle := func(name string, on bool) {
		t.Helper()
		v.press("#desk .faults button", name)
		v.until(name, some(`#desk .faults button[aria-checked="`+map[bool]string{true: "true", false: "false"}[on]+`"]`, name))
	}
	for _, f := range []struct{ name, taken string }{
		{"Медленно", "👀"}, {"Не отвечает", "👀"}, {"429", "👀"},
	} {
		toggle(f.name, true)
		reply("при помехе " + f.name)
		v.until("it is taken", `[...document.querySelectorAll("article.mine")].pop().querySelector(".reaction")?.textContent === "`+f.taken+`"`)
		toggle(f.name, false)
		v.see(post, "при помехе "+f.name)
		v.until("it has arrived", `[...document.querySelectorAll("article.mine")].pop().querySelector(".reaction")?.textContent === "👌"`)
	}
	toggle("Ответ теряется", true)
	reply("ответ потеряется")
	v.until("it has arrived", `[...document.querySelectorAll("article.mine")].pop().querySelector(".reaction")?.textContent === "👌"`)
	toggle("Ответ теряется", false)
	v.is("everything is there once", `document.querySelectorAll("#desk .posts li").length === 5`)
	v.picture("faults")
}
