package plusofon

import (
	"html"
	"strings"
	"testing"
	"unicode/utf8"

	"plusofon-bot/plusofon/internal/signs"
)

func TestSameText(t *testing.T) {
	for _, tc := range []struct {
		name, sent, stored string
		want               bool
	}{
		{"as it is", "hello", "hello", true},
		{"another text", "hello", "hello!", false},
		{"a prefix only", "hello world", "hello", false},
		{"nothing stored", "hello", "", false},
		{"trimmed", "  hello \n", "hello", true},
		{"white space collapsed", "a  b\t\nc", "a b c", true},
		{"another line end", "a\nb", "a\r\nb", true},
		{"non-breaking spaces", "a b", "a\u00a0b", true},
		{"line breaks as tags", "a\nb", "a<br />\nb", true},
		{"line breaks as tags alone", "a\nb", "a<br>b", true},
		{"paragraphs", "a\n\nb", "<p>a</p><p class=\"x\">b</p>", true},
		{"wrapped", "a", "<div><p>a</p></div>", true},
		{"entities", `5 < 6 & "x" 'y'`, "5 &lt; 6 &amp; &quot;x&quot; &#039;y&#039;", true},
		{"entities twice", "a & b", "a &amp;amp; b", true},
		{"entities and tags", "a<b\nc", "a&lt;b<br />c", true},
		{"a sent tag, as it is", "use <b>this</b>", "use <b>this</b>", true},
		{"a sent tag, escaped", "use <b>this</b>", "use &lt;b&gt;this&lt;/b&gt;", true},
		{"a sent tag, stripped", "use <b>this</b>", "use this", true},
		{"a sent break tag, escaped", "a<br>b", "a&lt;br&gt;b", true},
		{"a sent entity, escaped", "&lt;", "&amp;lt;", true},
		{"a sent entity, as it is", "&lt;", "&lt;", true},
		{"signs with tags between", "if a<b\nand c>d", "if a<b<br />\nand c>d", true},
		{"emoji kept", "ok 👍", "ok 👍", true},
		{"emoji lost", "ok 👍 go", "ok ? go", true},
		{"emoji lost, a mark a byte", "ok 👍", "ok ????", true},
		{"emoji dropped", "ok 👍", "ok", true},
		{"only an emoji, dropped", "👍", "", false},
		{"marks are no emoji", "ok??", "ok?", false},
		{"zero width", "a\u200bb", "ab", true},
		{"nothing and a tag", "<x>", "<y>", false},
		{"both nothing", "", "", true},
		{"a sign made another", "ok 👍 go", "ok \ue4f9 go", true},
		{"a sign named", "ok 😀", "ok U+1F600", true},
		{"a sign lost", "ok 🙂", "ok", true},
		{"a sign in a span", "стоп‼ да", `стоп<span class="emoji-outer emoji-sizer"><span class="emoji-inner emoji203c"></span></span> да`, true},
		{"marks of a phone dropped", "звоните \u202a+7 495 000\u202c", "звоните +7 495 000", true},
		{"a soft hyphen dropped", "теле\u00adфон", "телефон", true},
		{"a lone 0", "0", "0.", true},
		{"braces", "{{fullname}}, {{{x", "{ {fullname}}, { { {x", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := SameText(tc.sent, tc.stored); got != tc.want {
				t.Errorf("SameText(%q, %q) = %v", tc.sent, tc.stored, got)
			}
		})
	}
}

// What each reading ignores that the ones before don't.
func TestReadings(t *testing.T) {
	const none = Reading(-1)
	for _, tc := range []struct {
		sent, stored string
		first        Reading
	}{
		{"как есть", "как есть", AsSent},
		{"как есть", " как есть\r\n", AsSent},
		{"как\nесть", "как<br />\nесть", Undone},
		{"❤ ок", "\ue595 ок", Undone},
		{"Цена: 5 – 7, «да»", "Цена: 5 - 7, \"да\"", LettersAlone},
		{"ответ", "ответ другой", none},
		{"👍", "", LettersAlone},
		{"👍", "\ue4f9", Undone},
		{"👍", "U+1F600", LettersAlone},
		{"!!!", "...", LettersAlone},
		{"👍", "да", none},
		{"да", "", none},
	} {
		got := none
		for _, r := range Readings() {
			same := r.Same(tc.sent, tc.stored)
			if same && got == none {
				got = r
			}
			if !same && got != none {
				t.Errorf("%q, %q: reading %d sees through less than %d", tc.sent, tc.stored, r, got)
			}
		}
		if got != tc.first {
			t.Errorf("%q, %q: first the same by reading %d, want %d", tc.sent, tc.stored, got, tc.first)
		}
	}
}

func TestSubject(t *testing.T) {
	long := strings.Repeat("ж", 300)
	if got := CutSubject(long); utf8.RuneCountInString(got) != MaxSubject || !strings.HasPrefix(long, got) {
		t.Errorf("cut to %d characters", utf8.RuneCountInString(got))
	}
	if got := CutSubject("short"); got != "short" {
		t.Errorf("a short subject becomes %q", got)
	}
	amps := strings.Repeat("&", 100)
	for _, tc := range []struct {
		name, sent, stored string
		want               bool
	}{
		{"as it is", "тема", "тема", true},
		{"another", "тема", "тема 2", false},
		{"a prefix only", "тема 2", "тема", false},
		{"cut", long, strings.Repeat("ж", 255), true},
		{"not cut", long, long, true},
		{"cut too short", long, strings.Repeat("ж", 200), false},
		{"escaped", "a & b", "a &amp; b", true},
		{"cut after escaping", amps, strings.Repeat("&amp;", 60)[:255], true},
		{"a sign made another", "🔥 Не работает", "\ue47b Не работает", true},
		{"a sign alone", "🔥", "\ue47b", true},
		{"a sign and other words", "🔥", "Не работает", false},
		{"cut within a sign", strings.Repeat("тема ‼ ", 40), CutSubject(signs.Stored(strings.Repeat("тема ‼ ", 40))), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := SameSubject(tc.sent, tc.stored); got != tc.want {
				t.Errorf("SameSubject = %v, want %v", got, tc.want)
			}
		})
	}
}

// Any sent text is recognized after each transformation by a server.
func FuzzSameText(f *testing.F) {
	for _, s := range []string{"hello", "a\nb", "<b>x</b> & y", "&lt;br&gt;", "1 < 2 > 0", "👍", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		if !utf8.ValidString(sent) {
			t.Skip()
		}
		for name, stored := range map[string]string{
			"as it is":  sent,
			"escaped":   html.EscapeString(sent),
			"trimmed":   strings.TrimSpace(sent),
			"nl2br":     strings.ReplaceAll(html.EscapeString(sent), "\n", "<br />\n"),
			"paragraph": "<p>" + html.EscapeString(sent) + "</p>",
		} {
			if !SameText(sent, stored) {
				t.Errorf("%s: %q is not found in %q", name, sent, stored)
			}
		}
		for name, stored := range map[string]string{
			"stored":   signs.Stored(outgoing(sent)),
			"read":     signs.Read(signs.Stored(outgoing(sent))),
			"restored": signs.Restore(signs.Stored(outgoing(sent))),
			"escaped":  html.EscapeString(signs.Read(signs.Stored(outgoing(sent)))),
		} {
			if !LettersAlone.Same(sent, stored) {
				t.Errorf("%s: %q is not found in %q", name, sent, stored)
			}
		}
		if n := utf8.RuneCountInString(CutSubject(sent)); n > MaxSubject {
			t.Errorf("a subject of %d characters", n)
		}
	})
}
