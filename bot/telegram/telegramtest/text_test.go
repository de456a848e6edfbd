package telegramtest

import (
	"fmt"
	"strings"
	"testing"
)

// White space at both ends is removed, and entities are shifted accordingly.
func TestFormatted(t *testing.T) {
	for _, tc := range []struct {
		text string
		give []Entity
		want string
		left []Entity
	}{
		{"x", nil, "x", nil},
		{" \n👍 x ", []Entity{{Type: "bold", Offset: 2, Length: 2}}, "👍 x", []Entity{{Type: "bold", Offset: 0, Length: 2}}},
		{"  x  ", []Entity{{Type: "code", Offset: 0, Length: 5}}, "x", []Entity{{Type: "code", Offset: 0, Length: 1}}},
		{"  x", []Entity{{Type: "bold", Offset: 0, Length: 2}}, "x", nil},
		{"ab", []Entity{{Type: "italic", Offset: 1, Length: 1}, {Type: "underline", Offset: 0, Length: 1}}, "ab",
			[]Entity{{Type: "underline", Offset: 0, Length: 1}, {Type: "italic", Offset: 1, Length: 1}}},
	} {
		text, entities, err := formatted(tc.text, "", tc.give)
		if err != nil || text != tc.want || fmt.Sprintf("%+v", entities) != fmt.Sprintf("%+v", tc.left) {
			t.Errorf("%q: got %q %+v %v", tc.text, text, entities, err)
		}
	}
}

func TestDetection(t *testing.T) {
	got := detect("/new@plusofon_test_bot 👍 https://example.org #тег @anna a@b.ru и/или")
	want := []Entity{
		{Type: "bot_command", Offset: 0, Length: 22}, {Type: "url", Offset: 26, Length: 19}, {Type: "hashtag", Offset: 46, Length: 4},
		{Type: "mention", Offset: 51, Length: 5}, {Type: "email", Offset: 57, Length: 6},
	}
	expect(t, "entities", fmt.Sprint(got), fmt.Sprint(want))
}

func TestPieces(t *testing.T) {
	long := strings.Repeat("я", 4095) + "👍" + strings.Repeat("б", 4096)
	got := pieces(long, maxText)
	expect(t, "joined", strings.Join(got, ""), long)
	expect(t, "count", len(got), 3)
	expect(t, "a pair is not split", units(got[0]), 4095)
	expect(t, "empty", len(pieces("", maxText)), 1)
}
