package bot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// saidTo counts the messages to Anna that contain a text.
func saidTo(w *bottest.World, words string) (n int) {
	for _, m := range w.Anna.FromBot() {
		n += strings.Count(m.Text, words)
	}
	return n
}

// If the account can't be read from the start, the lists can't be either: that is reported like
// lists that fail.
func TestAccountThatFailsForAnHour(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]plusofontest.Fault{
		"a fault": {Status: http.StatusBadGateway, Body: "<html></html>"}, "a shape that is not known": {Body: `{"accounts":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
				w.Opened("Тема", "Текст")
				fault.Op, fault.Times = "account", -1
				w.Plusofon.AddFault(fault)
				w.Restart()
				w.Passes(50 * time.Minute)
				w.Quiet(w.Anna, "не читается")
				w.Passes(3 * time.Hour)
				w.WantRead(w.Anna, "не читается уже больше часа")
				w.Plusofon.ClearFaults()
				w.Reads(w.Anna, "снова читается")
			})
		})
	}
}

// An unreadable post is reported once, until its ticket can be read completely or is gone.
func TestLeftOutPostIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]func(*bottest.World, plusofon.TicketID){
		"it can be read again": func(w *bottest.World, id plusofon.TicketID) { w.Plusofon.Reply(id, "Оператор", "Ещё") },
		"its ticket is gone":   func(w *bottest.World, id plusofon.TicketID) { w.Plusofon.DeleteTicket(id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				w.Polled()
				w.AtRest()
				w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Body: fmt.Sprintf(`{"id":"%d","subject":"Тема","status":true,"posts":[
					{"id":"43807","contents":"Текст","creator":"2","email":"customer@example.com"},{"contents":"без номера","creator":"1"},
					{"id":"43808","contents":"Новость","creator":"1","fullname":"Оператор"}]}`, id)})
				w.Plusofon.Reply(id, "Оператор", "Новость")
				w.Reads(w.Anna, "Новость")
				w.Reads(w.Anna, "прочитать не может и пропускает")
				ends(w, id)
				w.Reads(w.Anna, "снова читаются целиком")
				w.Passes(10 * time.Minute)
				if n := saidTo(w, "не может и пропускает"); n != 1 {
					t.Errorf("told %d times", n)
				}
			})
		})
	}
}

// A login without a token is retried with backoff, and the owners are told once; queued messages
// are sent when it succeeds.
func TestLoginThatFailsRestsAndIsTold(t *testing.T) {
	t.Parallel()
	const email, password = "customer@example.com", "password-of-the-login"
	for name, c := range map[string]struct {
		fault      plusofontest.Fault
		told, over string
	}{
		"a second factor": {plusofontest.Fault{Body: `{"two_factor":true}`}, "больше, чем почту и пароль", "снова входит"},
		"a fault":         {plusofontest.Fault{Status: 500, Body: `{"message":"Server Error"}`}, "не принимает ключ", "снова принимает ключ"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Email: email, Password: password}}, func(t *testing.T, w *bottest.World) {
				_, receipt := w.Opened("Тема", "Текст")
				fault := c.fault
				fault.Op, fault.Times = "login", -1
				w.Plusofon.AddFault(fault)
				w.RestartWith(func(cfg *bot.Config) {
					once := w.PlusofonLine.Transport()
					once.DisableKeepAlives = true
					pf, err := plusofon.New(plusofon.Config{BaseURL: w.Plusofon.URL(), Email: email, Password: password, Rate: 1_000_000, Transport: once})
					bottest.Must(t, err)
					cfg.Plusofon, cfg.Background = pf, pf.Background()
				})
				m := w.Anna.Reply(receipt.ID, "ответ")
				w.Passes(40 * time.Minute) // at 0, 1, 3, 7, 15 and 30 minutes, each up to a poll later
				logins := 0
				for _, r := range w.Plusofon.Requests() {
					if r.Op == "login" {
						logins++
					}
				}
				if logins < 5 || logins > 6 {
					t.Errorf("%d logins in 40 minutes", logins)
				}
				w.Plusofon.ClearFaults()
				w.Passes(20 * time.Minute)
				w.WantReaction(w.Anna, m.ID, "👌")
				w.WantRead(w.Anna, c.over)
				if n := saidTo(w, c.told); n != 1 {
					t.Errorf("told %d times", n)
				}
			})
		})
	}
}
