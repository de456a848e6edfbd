package bot_test

import (
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// An answer that is the first to notice that the token has expired waits, like any other, while
// logging in fails: nobody is told that Plusofon has refused it.
func TestAnswerThatNoticesFailingLoginWaits(t *testing.T) {
	t.Parallel()
	const email, password = "customer@example.com", "password-of-the-login"
	for name, fault := range map[string]plusofontest.Fault{
		"a second factor": {Body: `{"two_factor":true}`},
		"a fault":         {Status: 500, Body: `{"message":"Server Error"}`},
		"a gateway":       {Status: 502, Body: `<html><title>502 Bad Gateway</title></html>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Poll: time.Minute, Plusofon: plusofontest.Config{Email: email, Password: password}}, func(t *testing.T, w *bottest.World) {
				_, receipt := w.Opened("Тема", "Текст")
				w.RestartWith(func(cfg *bot.Config) {
					once := w.PlusofonLine.Transport()
					once.DisableKeepAlives = true
					pf, err := plusofon.New(plusofon.Config{BaseURL: w.Plusofon.URL(), Email: email, Password: password, Rate: 1_000_000, Transport: once})
					bottest.Must(t, err)
					cfg.Plusofon, cfg.Background = pf, pf.Background()
				})
				w.Passes(90 * time.Second) // polls succeed
				w.Plusofon.ExpireTokens()
				fault.Op, fault.Times = "login", 1
				w.Plusofon.AddFault(fault)
				m := w.Anna.Reply(receipt.ID, "ответ")
				w.Passes(20 * time.Minute)
				if n := saidTo(w, "не отправлен"); n != 0 {
					t.Errorf("told %d times that the answer is refused", n)
				}
				w.WantReaction(w.Anna, m.ID, "👌")
			})
		})
	}
}
