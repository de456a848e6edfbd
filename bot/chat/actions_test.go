package chat

import (
	"strings"
	"testing"
)

// The words of the actions stand in buttons that people have: this list only grows.
func TestActionsKeepTheirWords(t *testing.T) {
	const want = "admit adopt answer ask audit auditcsv cancel correct deny dismiss drop erase export follow fresh group history invitation mute " +
		"owner page person remind remindnot remindsend remove retry revoke send settings show sound state statscsv subject tickets to ungroup unowner users withdraw"
	var got []string
	for _, a := range Actions() {
		got = append(got, string(a))
	}
	if s := strings.Join(got, " "); s != want {
		t.Errorf("the actions are\n%s\nwant\n%s", s, want)
	}
}
