package telegram

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plusofon-bot/internal/secret"
)

func TestBuilder(t *testing.T) {
	var quoted Builder
	quoted.Plain("q").Bold("b").Quote(Plain("inner"), false)
	var b Builder
	b.Plain("😀 ").Bold("№1").Plain("\n").Italic("i").Bold("").Quote(quoted.Text(), true).Plain(".")
	got := b.Text()
	want := Text{
		String: "😀 №1\niqbinner.",
		Entities: []Entity{
			{Type: EntityBold, Offset: 3, Length: 2},
			{Type: EntityItalic, Offset: 6, Length: 1},
			{Type: EntityExpandableQuote, Offset: 7, Length: 7},
			{Type: EntityBold, Offset: 8, Length: 1},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	checkEntities(t, got)
	if b.Len() != UTF16Len(got.String) {
		t.Errorf("length %d, want %d", b.Len(), UTF16Len(got.String))
	}
	b.Plain("more")
	if got.String != want.String || len(got.Entities) != len(want.Entities) {
		t.Error("building on changes a text that was taken")
	}
}

func TestUTF16Len(t *testing.T) {
	for s, want := range map[string]int{"": 0, "a": 1, "ы": 1, "😀": 2, "👨‍👩‍👧": 8, "a\xffb": 3} {
		if got := UTF16Len(s); got != want {
			t.Errorf("%q: got %d, want %d", s, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	tests := []struct{ s, want string }{
		{" a \r\n\t b\u00a0c ", "a b c"},
		{"a\x00b\x1b[31mc", "a b [31mc"},
		{"abc\u202egnp.exe\u2066", "abcgnp.exe"},
		{"a\u200bb\u00adc\ufeff", "abc"},
		{"👨\u200d👩", "👨\u200d👩"},
		{"\xff", "\uFFFD"},
		{"\n\u200b", ""},
	}
	for _, tt := range tests {
		if got := Clean(tt.s); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.s, got, tt.want)
		}
	}
}

func TestSecretPrintsNothing(t *testing.T) {
	client, err := New(Config{Token: canary})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	log := slog.New(slog.NewJSONHandler(&out, nil))
	for _, v := range []any{secret.String(canary), Config{Token: canary}, &Config{Token: canary}, client, *client, []secret.String{canary}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
			_, _ = fmt.Fprintf(&out, verb, v)
		}
		log.Info("x", "v", v)
	}
	for _, form := range []string{canary, "canary", fmt.Sprintf("%x", canary)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the token shows as %q", form)
		}
	}
	if secret.String(canary).Reveal() != canary {
		t.Error("Reveal doesn't")
	}
}
