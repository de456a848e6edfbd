package submission

import (
	"strings"
	"testing"
)

func TestSubjectAndBody(t *testing.T) {
	long := strings.Repeat("я", 256)
	for _, c := range []struct{ name, text, subject, body string }{
		{"one line is both", "Не работает", "Не работает", "Не работает"},
		{"the first line is the subject", "Тема\nтекст\nещё", "Тема", "текст\nещё"},
		{"empty lines between", "Тема\n\n\n  текст", "Тема", "текст"},
		{"nothing after the first line", "Тема\n  \n", "Тема", "Тема\n  \n"},
		{"a subject is clean", "Те\u202eма\t с  пробелами\nтекст", "Тема с пробелами", "текст"},
		{"a line that shows nothing is no subject", "\u200f\n\u200b\nТема\nтекст", "Тема", "текст"},
		{"255 characters fit", long[:510] + "\nтекст", long[:510], "текст"},
		{"more are cut, and the text is whole", long + "\nтекст", long[:510], long + "\nтекст"},
		{"a long line alone", long, long[:510], long},
	} {
		if subject, body := subjectAndBody(c.text); subject != c.subject || body != c.body {
			t.Errorf("%s: %q, %q; want %q, %q", c.name, subject, body, c.subject, c.body)
		}
	}
}

func TestForPeople(t *testing.T) {
	for words, want := range map[string]string{
		"Превышен лимит обращений":      "Превышен лимит обращений",
		"The subject field is required": "",
		"":                              "",
		"Error: поле subject не указано": "поле subject не указано",
		strings.Repeat("ы", 400):         strings.Repeat("ы", 299) + "…",
	} {
		if got := forPeople(words); got != want {
			t.Errorf("%q is shown as %q, want %q", words, got, want)
		}
	}
}
