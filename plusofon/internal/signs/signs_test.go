package signs

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// How the help desk stores emoji, and what can be restored.
func TestStoredAndRestored(t *testing.T) {
	outer := func(hex string) string {
		return `<span class="emoji-outer emoji-sizer"><span class="emoji-inner emoji` + hex + `"></span></span>`
	}
	for _, tc := range []struct{ sent, stored, shown string }{
		{"Не работает 👍", "Не работает \ue4f9", "Не работает 👍"},
		{"🔥 Срочно", "\ue47b Срочно", "🔥 Срочно"},
		{"☎ 8-800", "\ue596 8-800", "☎ 8-800"},
		{"☎️ 8-800", "\ue596 8-800", "☎ 8-800"},
		{"✅❗⚠", "\ue55e\ue482\ue481", "✅❗⚠"},
		{"❤", "\ue595", "❤"},
		{"😀 привет", "U+1F600 привет", "😀 привет"},
		{"а😀б😀", "аU+1F600бU+1F600", "а😀б😀"},
		{"🙂", "", ""},
		{"𥑤 𝟙", " ", " "},
		{"стоп‼", "стоп" + outer("203c"), "стоп‼"},
		{"© Плюсофон ®", outer("a9") + " Плюсофон " + outer("ae"), "© Плюсофон ®"},
		{"🇷🇺", "\ue5d6", "🇷🇺"},
		{"🇫🇷", outer("1f1eb1f1f7"), "🇫🇷"},
		{"1️⃣ первое", "\ue522 первое", "1⃣ первое"},
		{"#️⃣", outer("2320e3"), "#⃣"},
		{"№ 1 — «да»", "№ 1 — «да»", "№ 1 — «да»"},
		{"#1 и 2", "#1 и 2", "#1 и 2"},
	} {
		if got := Stored(tc.sent); got != tc.stored {
			t.Errorf("%q is stored as %q, want %q", tc.sent, got, tc.stored)
		}
		if got := Restore(tc.stored); got != tc.shown {
			t.Errorf("%q is shown as %q, want %q", tc.stored, got, tc.shown)
		}
		if a, b := Without(tc.sent), Without(tc.stored); a != b {
			t.Errorf("%q: without signs %q before and %q after", tc.sent, a, b)
		}
		if a, b := Letters(tc.sent), Letters(tc.stored); a != b {
			t.Errorf("%q: the letters are %q before and %q after", tc.sent, a, b)
		}
	}
}

// What can't be restored is dropped, and what only looks like an emoji's name is kept.
func TestRestoreTheRest(t *testing.T) {
	for stored, want := range map[string]string{
		"а\uf8ffб":   "аб",      // an unassigned private-use character
		"U+0041":     "U+0041",  // a letter
		"U+2116":     "№",       // a symbol
		"U+1F":       "U+1F",    // half a name
		"u+1f600":    "u+1f600", // written by a person
		"\U000F0000": "",        // a private-use plane
		`&lt;span class=&quot;emoji-outer emoji-sizer&quot;&gt;&lt;span class=&quot;emoji-inner emoji203c&quot;&gt;&lt;/span&gt;&lt;/span&gt;`: "‼",
		`<span class="emoji-outer emoji-sizer"><span class="emoji-inner emojid800"></span></span>`:                                             "",
		`<span class="emoji">нет</span>`: `<span class="emoji">нет</span>`,
	} {
		if got := Restore(stored); got != want {
			t.Errorf("%q is shown as %q, want %q", stored, got, want)
		}
	}
}

// The characters that phones put around copied numbers, soft hyphens and joiners are
// missing from a post that is read; line breaks and tabs are kept.
func TestRead(t *testing.T) {
	if got := Read("\u202a+7 495\u202c\u200e тел\u00adефон\u2066\u200d,\r\n\tда\u0007\ue4f9\u0378"); got != "+7 495 телефон,\r\n\tда" {
		t.Errorf("%q", got)
	}
}

func FuzzSigns(f *testing.F) {
	for _, s := range []string{"👍 U+1F600", "\ue4f9\ue471\ue5b1", `<span class="emoji-outer emoji-sizer"><span class="emoji-inner emoji1f1f71f1fa"></span></span>`, "1️⃣#⃣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		if got := Restore(s); strings.ContainsFunc(got, isPrivate) || !utf8.ValidString(got) {
			t.Errorf("%q is shown as %q", s, got)
		}
		_ = Stored(s)
		if got := Letters(Without(s)); len(got) > len(Letters(s)) {
			t.Errorf("%q: letters appear: %q", s, got)
		}
	})
}
