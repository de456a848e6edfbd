package chat

import (
	"strings"
	"testing"

	"plusofon-bot/bot/telegram"
)

// People have buttons with the words of the actions: this list only grows.
func TestActionsKeepTheirWords(t *testing.T) {
	const want = "admit adopt afresh answer ask astray audit auditcsv cancel colleague correct deny dismiss drop erase export follow found fresh from group history invitation join mute other owner page " +
		"person remind remindnot remindsend remove resend resolve resume retry revoke send settings show sound state statscsv still subject tickets to toclosed undraft unfollow ungroup unowner unsend upto users withdraw"
	var got []string
	for _, a := range Actions() {
		got = append(got, string(a))
	}
	if s := strings.Join(got, " "); s != want {
		t.Errorf("the actions are\n%s\nwant\n%s", s, want)
	}
}

// Buttons that send, drop and answer have different colours.
func TestStylesOfButtons(t *testing.T) {
	for action, want := range map[Action]telegram.Style{
		PressSend: telegram.Success, PressDrop: telegram.Danger, PressRevoke: telegram.Danger, PressAnswer: telegram.Primary, PressHistory: "",
	} {
		if b := Button("…", Data(action, 1)); b.Style != want {
			t.Errorf("%s is %q, want %q", action, b.Style, want)
		}
	}
}
