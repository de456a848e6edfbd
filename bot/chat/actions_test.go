package chat

import (
	"strings"
	"testing"
)

// The words of the actions stand in buttons that people have: this list only grows.
func TestActionsKeepTheirWords(t *testing.T) {
	const want = "admit answer ask cancel correct deny dismiss drop export fresh history mute page remind remindnot remindsend remove " +
		"retry send settings sound state subject tickets to ungroup"
	var got []string
	for _, a := range Actions() {
		got = append(got, string(a))
	}
	if s := strings.Join(got, " "); s != want {
		t.Errorf("the actions are\n%s\nwant\n%s", s, want)
	}
}
