package telegram

import "testing"

func TestFoldSignature(t *testing.T) {
	for name, c := range map[string]struct{ html, text, folded string }{
		"two dashes":         {"Проверьте.\n-- \nОльга\nПлюсофон", "Проверьте.\n\n--\nОльга\nПлюсофон", "--\nОльга\nПлюсофон"},
		"a closing phrase":   {"Проверьте.<br><br>С уважением,<br>Ольга", "Проверьте.\n\nС уважением,\nОльга", "С уважением,\nОльга"},
		"a rule":             {"Готово\n_____\nслужба поддержки", "Готово\n\n_____\nслужба поддержки", "_____\nслужба поддержки"},
		"formatting above":   {"<b>Да</b><br>Best regards, Olga", "Да\n\nBest regards, Olga", "Best regards, Olga"},
		"none":               {"Проверьте\nи напишите", "Проверьте\nи напишите", ""},
		"a list with dashes": {"Нужно:\n— номер\n— время", "Нужно:\n— номер\n— время", ""},
		"a dialogue":         {"- да\n- нет", "- да\n- нет", ""},
		"nothing above":      {"С уважением,\nОльга", "С уважением,\nОльга", ""},
		"in the middle of a line": {
			"Относимся с уважением, ждём", "Относимся с уважением, ждём", "",
		},
		"far above the end": {
			"а\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9", "а\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9", "",
		},
	} {
		got := FromHTML(c.html).FoldSignature()
		folded := ""
		for _, e := range got.Entities {
			if e.Type == EntityExpandableQuote {
				folded = cutUTF16(got.String, e.Offset, e.Length)
			}
		}
		if got.String != c.text || folded != c.folded {
			t.Errorf("%s: %q, folded %q; want %q, %q", name, got.String, folded, c.text, c.folded)
		}
	}
	// A quotation at the end is the staff's own and is kept.
	quoted := FromHTML("Вы писали:<br>-- <blockquote>с уважением</blockquote>")
	if got := quoted.FoldSignature(); len(got.Entities) != 1 || got.Entities[0].Type != EntityQuote {
		t.Errorf("a quotation became %+v", got.Entities)
	}
}

func cutUTF16(s string, offset, length int) string {
	from := byteAt(s, offset)
	return s[from : from+byteAt(s[from:], length)]
}

func TestWritten(t *testing.T) {
	for html, want := range map[string]string{
		`<a href="https://a.example/x">сюда</a>, 😀 <a href="https://b.example/">туда</a>.`: "сюда (https://a.example/x), 😀 туда (https://b.example/).",
		`<a href="https://a.example/x">https://a.example/x</a>`:                            "https://a.example/x",
		`<b>жирно</b><br>и <i>просто</i>`:                                                  "жирно\nи просто",
	} {
		if got := FromHTML(html).Written(); got != want {
			t.Errorf("%q is %q, want %q", html, got, want)
		}
	}
}
