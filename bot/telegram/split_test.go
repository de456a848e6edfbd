package telegram

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	tests := []struct {
		name, text string
		limit      int
		want       []string
	}{
		{"fits", " a b ", 5, []string{" a b "}},
		{"at a word", "one two three", 9, []string{"one two", "three"}},
		{"a word that just fits", "one two three", 7, []string{"one two", "three"}},
		{"at a line rather than a word", "one two\nthree four", 15, []string{"one two", "three four"}},
		{"not at an early line", "a\nbbb ccc ddd eee", 12, []string{"a\nbbb ccc", "ddd eee"}},
		{"at a paragraph rather than a line", "one two\n\nthree\nfour", 16, []string{"one two", "three\nfour"}},
		{"a long word", "abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"a word longer than the rest", "ab cdefghij", 5, []string{"ab", "cdefg", "hij"}},
		{"white space at the seam goes", "aaa  \n\n  bbb", 4, []string{"aaa", "bbb"}},
		{"only white space", strings.Repeat(" ", 9), 4, nil},
		{"white space first", strings.Repeat(" ", 9) + "a", 4, []string{"a"}},
		{"no half of a surrogate pair", "😀😀😀", 3, []string{"😀", "😀", "😀"}},
		{"not inside a family", "ab👨‍👩‍👧", 8, []string{"ab", "👨‍👩‍👧"}},
		{"not before an accent", "abce\u0301", 4, []string{"abc", "e\u0301"}},
		{"not inside a flag", "a🇷🇺🇰🇿", 7, []string{"a🇷🇺", "🇰🇿"}},
		{"not before a skin tone", "ab👍🏽", 5, []string{"ab", "👍🏽"}},
		{"inside a family longer than all", "👨‍👩‍👧", 4, []string{"👨‍", "👩‍", "👧"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, part := range Plain(tt.text).Split(tt.limit) {
				got = append(got, part.String)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSplitCarriesEntitiesOver(t *testing.T) {
	text := Text{String: "one two three", Entities: []Entity{
		{Type: EntityQuote, Offset: 0, Length: 13},
		{Type: EntityLink, Offset: 4, Length: 9, URL: "https://x/"},
		{Type: EntityBold, Offset: 8, Length: 5},
	}}
	want := []Text{
		{String: "one two", Entities: []Entity{{Type: EntityQuote, Length: 7}, {Type: EntityLink, Offset: 4, Length: 3, URL: "https://x/"}}},
		{String: "three", Entities: []Entity{{Type: EntityQuote, Length: 5}, {Type: EntityLink, Length: 5, URL: "https://x/"}, {Type: EntityBold, Length: 5}}},
	}
	if diff := cmp.Diff(want, text.Split(9)); diff != "" {
		t.Error(diff)
	}
}

func TestSplitKeepsWithinTelegramsEntities(t *testing.T) {
	var b Builder
	for range 150 {
		b.Bold("a").Plain(" ")
	}
	for _, limit := range []int{MaxText, 250} {
		parts := b.Text().Split(limit)
		if got := len(parts[0].Entities); got != MaxEntities {
			t.Errorf("limit %d: %d entities in the first part, want %d", limit, got, MaxEntities)
		}
	}
}

func noSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// checkSplit checks what Split guarantees for any text.
func checkSplit(t fataler, text Text, limit int) {
	t.Helper()
	parts := text.Split(limit)
	if UTF16Len(text.String) <= limit {
		if diff := cmp.Diff([]Text{text}, parts); diff != "" {
			t.Fatal(diff)
		}
		return
	}
	// Each part is in the text, after the previous one, with only white space
	// between.
	rest := text.String
	for _, part := range parts {
		if n := UTF16Len(part.String); n > limit || n == 0 {
			t.Fatalf("a part of %d units, limit %d", n, limit)
		}
		if part.String != strings.TrimSpace(part.String) {
			t.Fatalf("%q has white space at an end", part.String)
		}
		gap, after, found := strings.Cut(rest, part.String)
		if !found || strings.TrimSpace(gap) != "" {
			t.Fatalf("%q doesn't follow in %q", part.String, rest)
		}
		rest = after
		checkEntities(t, part)
	}
	if strings.TrimSpace(rest) != "" {
		t.Fatalf("%q is lost", rest)
	}
	// Formatting is kept.
	for _, kind := range []string{EntityBold, EntityLink} {
		if before, after := marked(kind, text), marked(kind, parts...); before != after {
			t.Fatalf("%s: %q became %q", kind, before, after)
		}
	}
}

func marked(kind string, texts ...Text) string {
	var b strings.Builder
	for _, text := range texts {
		for _, e := range text.Entities {
			if e.Type == kind {
				b.WriteString(noSpace(slice(text.String, e)))
			}
		}
	}
	return b.String()
}

func TestSplitOfAnyText(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "слово", " ", "  ", "\n", "\n\n", "😀", "👨‍👩‍👧", "🇷🇺", "e\u0301", "\r\n", "\u00a0", "длинноеслово"})
	rapid.Check(t, func(t *rapid.T) {
		var b Builder
		for range rapid.IntRange(0, 40).Draw(t, "pieces") {
			s := piece.Draw(t, "piece")
			switch rapid.IntRange(0, 3).Draw(t, "mark") {
			case 0:
				b.Bold(s)
			case 1:
				b.add(s, Entity{Type: EntityLink, URL: "https://x/"})
			default:
				b.Plain(s)
			}
		}
		checkSplit(t, b.Text(), rapid.IntRange(2, 60).Draw(t, "limit"))
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("one two\n\nthree 😀👨‍👩‍👧", 5)
	f.Add("\xff\xfe \U000E0020a", 2)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if !utf8.ValidString(s) || limit < 2 {
			return
		}
		checkSplit(t, Text{String: s, Entities: []Entity{{Type: EntityBold, Length: UTF16Len(s)}}}, limit)
	})
}

func TestWithout(t *testing.T) {
	text := new(Builder).Bold("💬 Ольга · №7 Тема").Plain("\n").Italic("Слова").Text()
	want := new(Builder).Bold("💬 Ольга").Plain("\n").Italic("Слова").Text()
	if diff := cmp.Diff(want, text.Without(UTF16Len("💬 Ольга"), UTF16Len("💬 Ольга · №7 Тема"))); diff != "" {
		t.Errorf("without the name (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(text, text.Without(0, 0)); diff != "" {
		t.Errorf("without nothing (-want +got):\n%s", diff)
	}
}
