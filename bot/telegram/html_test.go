package telegram

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// render shows a text with its entities as tags.
func render(text Text) string {
	names := map[string]string{
		EntityBold: "b", EntityItalic: "i", EntityUnderline: "u", EntityStrikethrough: "s", EntityCode: "code",
		EntityPre: "pre", EntityLink: "a", EntityQuote: "q", EntityExpandableQuote: "qq",
	}
	opens, closes := map[int]string{}, map[int]string{}
	for _, e := range text.Entities {
		name := names[e.Type]
		opens[e.Offset] += "<" + strings.TrimSpace(name+" "+e.URL) + ">"
		closes[e.Offset+e.Length] = "</" + name + ">" + closes[e.Offset+e.Length]
	}
	var b strings.Builder
	at := 0
	for _, r := range text.String {
		b.WriteString(closes[at] + opens[at] + string(r))
		at += width(r)
	}
	return b.String() + closes[at]
}

func TestFromHTML(t *testing.T) {
	tests := []struct{ name, html, want string }{
		{"formatting", `<b>a</b> <strong>b</strong> <i>c</i><em>d</em><u>e</u><s>f</s><del>g</del><code>h</code>`,
			"<b>a b</b> <i>cd</i><u>e</u><s>fg</s><code>h</code>"},
		{"nested", `<b>a <i>b</i> c</b>`, "<b>a <i>b</i> c</b>"},
		{"crossing", `<b>a<i>b</b>c</i>`, "<b>a<i>b</i></b><i>c</i>"},
		{"crossing the other way", `<i>a<b>b</i>c</b>`, "<i>a<b>b</b></i><b>c</b>"},
		{"never closed", `<b>a<p>b`, "<b>a\n\nb</b>"},
		{"never opened", `a</b></p></div>b`, "a\n\nb"},
		{"paragraphs", `<p>one</p><p>two</p>`, "one\n\ntwo"},
		{"lines", `one<br>two<br/>three</br>four`, "one\ntwo\nthree\nfour"},
		{"empty lines are one at most", `a<br><br><br><br>b<p></p><p>&nbsp;</p><p>c</p>`, "a\n\nb\n\nc"},
		{"mail's empty line", `<div>a</div><div><br></div><div>b</div>`, "a\n\nb"},
		{"a break at the end of a block shows nothing", `<div>a<br></div><div>b</div>`, "a\nb"},
		{"white space of the source", "<div>\n  a\n\t b\n</div>\n\n<div> c </div>", "a b\nc"},
		{"between words of two styles", `<b>a </b> <i> b</i><br>`, "<b>a</b> <i>b</i>"},
		{"headings", `<h1>A</h1>b`, "<b>A</b>\n\nb"},
		{"lists", `Шаги:<ol><li>раз<li>два<ul><li>а</li><li>б</li></ul></li></ol>`, "Шаги:\n1. раз\n2. два\n  • а\n  • б"},
		{"a list that begins later", `<ol start="5"><li><p>пять</p></li><li>шесть</li></ol>`, "5. пять\n\n6. шесть"},
		{"a table", `<table><tr><th>A<th>B</tr><tr><td>1</td><td><p>2</p></td></tr></table>x`, "<b>A</b> | <b>B</b>\n1 | 2\n\nx"},
		{"an empty cell", `<table><tr><td></td><td>2</td><td></td></tr></table>`, "2"},
		{"a rule", `a<hr>b`, "a\n———\nb"},
		{"a link", `<a href="https://x.ru/?a=1&amp;b=2">x</a>`, "<a https://x.ru/?a=1&b=2>x</a>"},
		{"a link with tricks", `<a href=" HTTPS://x.ru/a b">x</a><a href="//y.ru">y</a>`, "<a https://x.ru/ab>x</a><a https://y.ru>y</a>"},
		{"no other schemes", `<a href="javascript:alert(1)">a</a><a href="java
script:x">b</a><a href="tg://user?id=1">c</a><a href="/x">d</a><a href="data:x">e</a><a>f</a><a href="https://">g</a>`, "abcdefg"},
		{"mail and telephone", `<a href="mailto:a@b.ru">пишите</a>, <a href="mailto:a@b.ru">A@b.ru</a>, <a href="tel:+74951234567">звоните</a>, <a href="tel:+74951234567">8 (495) 123-45-67</a>`,
			"пишите (a@b.ru), A@b.ru, звоните (+74951234567), 8 (495) 123-45-67"},
		{"another telephone", `<a href="tel:+74951234567">8 (495) 765-43-21</a>`, "8 (495) 765-43-21 (+74951234567)"},
		{"a link around a block", `<a href="https://x.ru/">a<div>b</div></a>`, "<a https://x.ru/>a\nb</a>"},
		{"an image", `<img src="https://x.ru/i.png" alt="Схема"> <img src="cid:1" alt="Лого"><img src="cid:2">`, "<a https://x.ru/i.png>🖼 Схема</a> 🖼 Лого"},
		{"a quotation", `a<blockquote>b<p>c</p></blockquote>d`, "a\n<q>b\n\nc</q>\n\nd"},
		{"two quotations", `<blockquote>a</blockquote><blockquote>b</blockquote>`, "<q>a</q>\n<q>b</q>"},
		{"a quotation in one", `<blockquote>a<blockquote>b</blockquote></blockquote>`, "<q>a\nb</q>"},
		{"a quotation in bold", `<b>a<blockquote>b</blockquote>c</b>`, "<b>a\n</b><q><b>b</b></q><b>\nc</b>"},
		{"a list in a quotation", `a<blockquote><ul><li>b</ul></blockquote>`, "a\n<q>• b</q>"},
		{"a signature", `a<div class="gmail_Signature">--<br>Иван<div>Plusofon</div></div>b`, "a\n<qq>--\nИван\nPlusofon</qq>\nb"},
		{"a listing", "<pre>a\n  b <b>c</b>\n\n\n\nd</pre>e", "<pre>a\n  b c\n\nd</pre>\ne"},
		{"code holds nothing", `<code>a <b>b</b></code><b>c<code>d</code></b>`, "<code>a b</code><b>c</b><code>d</code>"},
		{"a link holds no code", `<a href="https://x.ru/">a<code>b</code></a>`, "<a https://x.ru/>ab</a>"},
		{"scripts and styles", `<head><title>t</title><style>p{}</style></head>a<script>alert("<b>")</script>b<!-- c -->`, "ab"},
		{"a script that never ends", `Вставьте <script> в <b>начало`, "Вставьте <script> в <b>начало"},
		{"references", `a&nbsp;&lt;b&gt; &amp;amp; &#8470;1 &quot;<br>`, `a <b> &amp; №1 "`},
		{"references that hide a tag", `<p>&lt;script&gt;x&lt;/script&gt;</p>`, "<script>x</script>"},
		{"an address in brackets", `<p>Иван <ivan@example.org> и <https://x.ru/></p>`, "Иван <ivan@example.org> и <https://x.ru/>"},
		{"elements of others", `<o:p>a</o:p><my-x>b</my-x>`, "<o:p>a</o:p><my-x>b</my-x>"},
		{"elements of others in HTML", `<p><o:p>a</o:p><my-x>b</my-x></p>`, "ab"},
		{"lines of the source where no tag makes any", "<b>a</b>\nb\n\n\nc", "<b>a</b>\nb\n\nc"},
		{"control characters and overrides", "<p>a\x00\x1b\u202eb\u2066c\u200b</p>", "abc"},
		{"emoji", `😀<b>😀</b>`, "😀<b>😀</b>"},
		{"plain", "  a  b\r\n\tc\n\n\n\nd \n", "a  b\n    c\n\nd"},
		{"plain with signs", "1 < 2 && 3 > 2 <3 a<b", "1 < 2 && 3 > 2 <3 a<b"},
		{"plain with references", "Tom &amp; Jerry&#33; ?a=1&copy=2 &nosuch;", "Tom & Jerry! ?a=1&copy=2 &nosuch;"},
		{"plain is not read twice", "&amp;lt;b&amp;gt;", "&lt;b&gt;"},
		{"BBCode", "[b]a[/b] [I]b[/i] [url=https://x.ru/]c[/url] [url]https://y.ru/[/url] [quote]d[/quote]e[code]f[/code]",
			"<b>a</b> <i>b</i> <a https://x.ru/>c</a> <a https://y.ru/>https://y.ru/</a>\n<q>d</q>\ne\n<pre>f</pre>"},
		{"no BBCode", "a[i] = b[i]; [/b] [s] [url=javascript:x]c[/url]", "a[i] = b[i]; [/b] [s] c"},
		{"commands and mentions are mere text", `<p>/new @admin <a href="tg://user?id=1">x</a></p>`, "/new @admin x"},
		{"nothing", ``, ""},
		{"nothing to see", "<p> <br>\u200b</p>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := FromHTML(tt.html)
			checkEntities(t, text)
			if got := render(text); got != tt.want {
				t.Errorf("%s\ngot  %q\nwant %q", tt.html, got, tt.want)
			}
		})
	}
}

func TestScanTags(t *testing.T) {
	for s, want := range map[string]bool{
		"<p>a": true, "a<br>b": true, "a<BR />b": true, "</div>": true, `<a href="x">`: true, "<!DOCTYPE html>": true,
		"": false, "a < b > c": false, "<ivan@example.org>": false, "a<b": false, "<номер>": false, "&lt;b&gt;": false, "<unknown>": false,
	} {
		if got, _ := scanTags(s); got != want {
			t.Errorf("%q: got %t", s, got)
		}
	}
}

// Markup made to be expensive is handled quickly.
func TestFromHTMLIsBounded(t *testing.T) {
	for name, s := range map[string]string{
		"deep":            strings.Repeat("<b><i>", 100_000) + "x",
		"lists":           strings.Repeat("<ul><li>x", 5_000),
		"quotations":      strings.Repeat("<blockquote>x", 5_000),
		"attributes":      "<a " + strings.Repeat("href=x ", 10_000) + ">x</a>",
		"a long address":  `<a href="https://x.ru/` + strings.Repeat("a", 20_000) + `">x</a>`,
		"BBCode":          strings.Repeat("[b]", 10_000) + strings.Repeat("[/b]", 10_000),
		"BBCode, unlike":  strings.Repeat("[b][i][url]", 5_000) + "[/b]",
		"brackets":        strings.Repeat("<", 50_000),
		"open comment":    strings.Repeat("<!--", 20_000),
		"alternating":     strings.Repeat("<b>a</b><i>b</i>", 4_000),
		"never a letter":  strings.Repeat("<br> ", 10_000),
		"links in links":  strings.Repeat(`<a href="https://x.ru">a`, 2_000),
		"mail in mail":    strings.Repeat(`<a href="mailto:a@b.ru">x`, 2_000),
		"one long word":   strings.Repeat("я", 400_000),
		"script openings": strings.Repeat("<script>", 8_000),
	} {
		text := FromHTML(s) // anything quadratic would not end here
		if len(text.String) > 8*maxMarkup {
			t.Errorf("%s: %d bytes came out", name, len(text.String))
		}
		if len(s) > maxMarkup && text.String != "" && !strings.HasSuffix(text.String, "…") {
			t.Errorf("%s: the cut doesn't show", name)
		}
	}
}

func FuzzFromHTML(f *testing.F) {
	for _, seed := range []string{
		`<p>a<b>b<i>c</b>d</i><a href="mailto:x@y">e</a></p><ul><li>f`,
		"[b]a[/b][url=https://x]y[/url]\n&amp;", `<script>a`, "<pre>\n a</pre><blockquote>😀", "<td>a<td>b<tr>",
		`<a href="https://x"><code>a`, "a<ivan@x>\u202e", `<img alt=x src=//y>`,
	} {
		f.Add(seed)
	}
	allowed := map[string]bool{
		EntityBold: true, EntityItalic: true, EntityUnderline: true, EntityStrikethrough: true, EntityCode: true,
		EntityPre: true, EntityLink: true, EntityQuote: true, EntityExpandableQuote: true,
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := FromHTML(s)
		checkEntities(t, text)
		if !utf8.ValidString(text.String) || text.String != strings.TrimSpace(text.String) || strings.Contains(text.String, "\n\n\n") {
			t.Fatalf("%q became %q", s, text.String)
		}
		for _, r := range text.String {
			if r != '\n' && (unicode.IsControl(r) || isForged(r)) {
				t.Fatalf("%q lets %U through", s, r)
			}
		}
		for _, e := range text.Entities {
			if !allowed[e.Type] || (e.Type == EntityLink) != (strings.HasPrefix(e.URL, "https://") || strings.HasPrefix(e.URL, "http://")) {
				t.Fatalf("%q makes %+v", s, e)
			}
		}
		for _, part := range text.Split(50) {
			checkEntities(t, part)
		}
	})
}

func ExampleFromHTML() {
	text := FromHTML("<p>Проверьте <b>номер</b>:</p><ul><li>звонок<li>запись</ul>")
	fmt.Println(text.String)
	// Output:
	// Проверьте номер:
	//
	// • звонок
	// • запись
}

// What only looks like the beginning of markup, and never ends, hides nothing of what follows.
func TestUnfinishedMarkupHidesNothing(t *testing.T) {
	for markup, want := range map[string]string{
		"<p>Добрый день.</p>Если пинг <a то звоните нам: 8 800":             "Добрый день.\n\nЕсли пинг <a то звоните нам: 8 800",
		"Введите <b>логин</b> как <user":                                    "Введите логин как <user",
		"<p>Вставьте код перед <!-- начало блока, затем перезагрузите.</p>": "Вставьте код перед <!-- начало блока, затем перезагрузите.</p>",
	} {
		if got := FromHTML(markup).String; got != want {
			t.Errorf("%q is shown as %q, want %q", markup, got, want)
		}
	}
}

// An empty cell or item leaves its mark to nothing that follows.
func TestEmptyCellsJoinNothing(t *testing.T) {
	for markup, want := range map[string]string{
		"<table><tr><td>Тариф</td><td></td></tr><tr><td>Цена</td><td>100</td></tr></table>": "Тариф\nЦена | 100",
		"<table><tr><td>Номер</td><td>&nbsp;</td></tr></table><p>Готово</p>":                "Номер\n\nГотово",
		"<ul><li>Раз</li><li></li></ul><p>Готово</p>":                                       "• Раз\n\nГотово",
	} {
		if got := FromHTML(markup).String; got != want {
			t.Errorf("%q is shown as %q, want %q", markup, got, want)
		}
	}
}

// A comment that never ends was none, also where it has an arrow in it.
func TestUnfinishedCommentWithAnArrow(t *testing.T) {
	got := FromHTML("<b>Здравствуйте</b> <!-- Меню -> Настройки").String
	if !strings.Contains(got, "Меню -> Настройки") {
		t.Errorf("it shows %q", got)
	}
	for _, comment := range []string{"<!-->", "<!--->", "<!-- x -->", "<!-- x --!>", "<!-- a -> b -->"} {
		if got := FromHTML("<p>a</p>" + comment + "b").String; got != "a\n\nb" {
			t.Errorf("with %q it shows %q", comment, got)
		}
	}
}
