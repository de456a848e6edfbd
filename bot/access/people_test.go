package access_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
)

func TestClaimLinkLives15Minutes(t *testing.T) {
	for after, want := range map[time.Duration]string{15*time.Minute - time.Second: "Теперь вы владелец", 15 * time.Minute: "Этот бот закрыт"} {
		d := bottest.NewDesk(t)
		token := d.Ready()
		d.Now = d.Now.Add(after)
		d.Want(d.Says(1, "/start "+token), want)
	}
	t.Run("one use", func(t *testing.T) {
		d := bottest.NewDesk(t)
		token := d.Ready()
		d.Want(d.Says(1, "/start "+token), "Теперь вы владелец")
		d.Want(d.Says(2, "/start "+token), "Этот бот закрыт")
		if again := d.Ready(); again != "" {
			t.Error("a claim link although there is an owner")
		}
	})
	t.Run("none with owners", func(t *testing.T) {
		if token := bottest.NewDesk(t).Ready(1); token != "" {
			t.Error("a claim link although an owner is configured")
		}
	})
}

func TestInvitationLivesADay(t *testing.T) {
	for after, want := range map[time.Duration]string{24*time.Hour - time.Second: "Доступ открыт", 24 * time.Hour: "Этот бот закрыт"} {
		d := bottest.NewDesk(t)
		d.Ready(1)
		_, token, _ := strings.Cut(d.Says(1, "/invite")[0], "?start=")
		d.Now = d.Now.Add(after)
		d.Want(d.Says(2, "/start "+token), want)
	}
}
