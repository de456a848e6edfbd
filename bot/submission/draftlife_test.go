package submission_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
)

// A draft is dropped when nothing was added to it for a day, and its card says so.
func TestDraftLivesADay(t *testing.T) {
	due := func(d *bottest.Desk) {
		d.T.Helper()
		d.Do(func(turn *chat.Turn) error {
			_, err := submission.Due(turn)
			return err
		})
	}
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Want(d.Says(1, "не работает"), "Тема: не работает")
	d.Now = d.Now.Add(23 * time.Hour)
	d.Want(d.Says(1, "совсем"), "2 сообщения")
	d.Now = d.Now.Add(24*time.Hour - time.Second)
	due(d)
	d.Want(d.Said(1), "")
	d.Now = d.Now.Add(time.Second)
	due(d)
	if said := d.Said(1); len(said) != 2 || !strings.Contains(said[0], "не отправляли сутки") || said[1] != said[0] {
		t.Errorf("the card and a new message say %q", said)
	}
	due(d)
	d.Want(d.Said(1), "")
	d.Want(d.Says(1, "заново"), "1 сообщение")
}
