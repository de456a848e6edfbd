package plusofon_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

func TestConfigIsChecked(t *testing.T) {
	good := plusofon.Config{BaseURL: "https://api.example", Token: token}
	if _, err := plusofon.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*plusofon.Config){
		"no URL":            func(c *plusofon.Config) { c.BaseURL = "" },
		"no scheme":         func(c *plusofon.Config) { c.BaseURL = "api.example" },
		"another scheme":    func(c *plusofon.Config) { c.BaseURL = "ftp://api.example" },
		"user in the URL":   func(c *plusofon.Config) { c.BaseURL = "https://u:" + password + "@api.example" },
		"query in the URL":  func(c *plusofon.Config) { c.BaseURL = "https://api.example?k=" + password },
		"no credentials":    func(c *plusofon.Config) { c.Token = "" },
		"no password":       func(c *plusofon.Config) { c.Token, c.Email = "", email },
		"token with a line": func(c *plusofon.Config) { c.Token = token + "\n" },
		"negative rate":     func(c *plusofon.Config) { c.Rate = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			change(&cfg)
			_, err := plusofon.New(cfg)
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), token) || strings.Contains(err.Error(), password) {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

// TestWholeLife opens, answers, attaches and reads, in each dialect.
func TestWholeLife(t *testing.T) {
	for name, desk := range map[string]plusofontest.Config{
		"older": {Dialect: plusofontest.Older}, "newer": {Dialect: plusofontest.Newer}, "newer with activity": {Dialect: plusofontest.NewerWithActivity},
		"wrapped": {Wrapped: true}, "in the page's names": {PageNames: true},
	} {
		t.Run(name, func(t *testing.T) {
			desk.Attachments = plusofontest.ByLink
			srv := start(t, desk)
			c, ctx := client(t, config(srv)), t.Context()

			if list, err := c.AllTickets(ctx, true); err != nil || len(list) != 0 {
				t.Fatalf("list %v, %v, want none", list, err)
			}
			opened, err := c.Open(ctx, "Нет связи", "С утра\nнет связи")
			if err != nil {
				t.Fatal(err)
			}
			post := plusofon.Post{ID: firstPost, Date: noon, Text: "С утра\nнет связи", Author: plusofon.Author{ID: "9740", Name: email}}
			if desk.PageNames {
				post.Date = noon.Add(-3 * time.Hour) // GMT interpreted as Moscow time
			} else {
				post.Email, post.Creator = email, plusofon.CreatorUser
			}
			want := plusofon.Ticket{ID: firstTicket, Subject: "Нет связи", Open: true, OpenKnown: true, Posts: []plusofon.Post{post}}
			if diff := cmp.Diff(want, opened); diff != "" {
				t.Error(diff)
			}
			answered, err := c.Answer(ctx, opened.ID, "Ещё вот")
			if err != nil {
				t.Fatal(err)
			}
			last := answered.Posts[len(answered.Posts)-1]
			if err := c.Attach(ctx, opened.ID, last.ID, file("журнал.txt", "раз два")); err != nil {
				t.Fatal(err)
			}
			srv.OpenInCabinet("other", "other")
			srv.OpenInCabinet("closed", "closed")
			srv.CloseTicket(firstTicket + 2)
			srv.Reply(opened.ID, "Оператор", "Смотрим")

			if got := listed(t, c, true); got != "23624 Нет связи true, 23625 other true" {
				t.Errorf("open: %s", got)
			}
			if got := listed(t, c, false); got != "23626 closed false" {
				t.Errorf("closed: %s", got)
			}
			read, err := c.Ticket(ctx, opened.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(read.Posts) != 3 || read.Posts[2].Author.Name != "Оператор" {
				t.Errorf("read %+v", read)
			}
			files := read.Posts[1].Attachments
			if len(files) != 1 || files[0].Name != "журнал.txt" || files[0].Size != 13 {
				t.Errorf("attachments %+v", files)
			}
			for _, r := range srv.Requests() {
				if r.Status != http.StatusOK {
					t.Errorf("the strict server answered %d to %s %s", r.Status, r.Method, r.Path)
				}
			}
		})
	}
}

func listed(t *testing.T, c *plusofon.Client, open bool) string {
	t.Helper()
	list, err := c.AllTickets(t.Context(), open)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range list {
		out = append(out, fmt.Sprint(l.ID, " ", l.Subject, " ", l.Open))
	}
	return strings.Join(out, ", ")
}

// A new post changes the fingerprint, if the dialect has a sign of activity.
func TestActivityShowsInFingerprint(t *testing.T) {
	for dialect, signs := range map[plusofontest.Dialect]bool{
		plusofontest.Older: true, plusofontest.NewerWithActivity: true, plusofontest.Newer: false,
	} {
		srv := start(t, plusofontest.Config{Dialect: dialect})
		id := srv.OpenInCabinet("s", "d")
		c := client(t, config(srv))
		look := func() plusofon.ListedTicket {
			list, err := c.AllTickets(t.Context(), true)
			if err != nil || len(list) != 1 {
				t.Fatalf("list %v, %v", list, err)
			}
			return list[0]
		}
		before := look()
		if again := look(); again.Fingerprint != before.Fingerprint {
			t.Errorf("dialect %d: the fingerprint changes by itself", dialect)
		}
		srv.Reply(id, "Оператор", "x")
		after := look()
		if before.HasActivity != signs || (after.Fingerprint != before.Fingerprint) != signs {
			t.Errorf("dialect %d: activity %v, fingerprints %s and %s", dialect, before.HasActivity, before.Fingerprint, after.Fingerprint)
		}
	}
}

func TestSubjectIsCut(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	long := strings.Repeat("ж", 300)
	if _, err := client(t, config(srv)).Open(t.Context(), long, "d"); err != nil {
		t.Fatal(err)
	}
	var sent struct{ Subject string }
	if err := json.Unmarshal([]byte(srv.Requests()[0].Body), &sent); err != nil || sent.Subject != plusofon.CutSubject(long) {
		t.Errorf("sent %d characters, %v", len([]rune(sent.Subject)), err)
	}
}

// Posts are recognized despite what the server does to texts.
func TestMangledTextIsFound(t *testing.T) {
	srv := start(t, plusofontest.Config{NL2BR: true, Escape: true, Trim: true})
	text := " <b>раз</b> & \"два\"\n5 < 6\n "
	got, err := client(t, config(srv)).Open(t.Context(), "s", text)
	if err != nil {
		t.Fatal(err)
	}
	if stored := got.Posts[0].Text; stored == text || !plusofon.SameText(text, stored) {
		t.Errorf("%q is not found in %q", text, stored)
	}
}

func TestAnswerWithoutTicket(t *testing.T) {
	srv := start(t, plusofontest.Config{AnswerEmpty: true})
	id := srv.OpenInCabinet("s", "d")
	got, err := client(t, config(srv)).Answer(t.Context(), id, "text")
	if diff := cmp.Diff(plusofon.Ticket{ID: id, Open: true}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestAnswerToClosedTicket(t *testing.T) {
	for name, refuse := range map[string]bool{"opens it again": false, "is refused": true} {
		t.Run(name, func(t *testing.T) {
			srv := start(t, plusofontest.Config{RefuseClosed: refuse})
			id := srv.OpenInCabinet("s", "d")
			srv.CloseTicket(id)
			got, err := client(t, config(srv)).Answer(t.Context(), id, "text")
			switch {
			case refuse && (outcome(err) != "refused" || !strings.Contains(err.Error(), "Обращение закрыто")):
				t.Errorf("error %v, want the server's words", err)
			case !refuse && (err != nil || !got.Open):
				t.Errorf("ticket %+v, %v, want it open", got, err)
			}
		})
	}
}

func TestUnknownTicket(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	c, ctx := client(t, config(srv)), t.Context()
	_, read := c.Ticket(ctx, 1)
	_, answer := c.Answer(ctx, 1, "x")
	for name, err := range map[string]error{"read": read, "answer": answer, "attach": c.Attach(ctx, 1, 1, file("a", "b"))} {
		if outcome(err) != "not found" {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
}

// The help desk leads to the ticket that another one was merged into: that is not read as the
// other, and of what was written there it shows nothing.
func TestAnotherTicketInAnswer(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	srv.AddFault(plusofontest.Fault{Times: -1, Body: `{"id":"5","posts":[]}`})
	c, ctx := client(t, config(srv)), t.Context()
	if _, err := c.Ticket(ctx, 7); outcome(err) != "not found" {
		t.Errorf("read: %v", err)
	}
	if got, err := c.Answer(ctx, 7, "x"); err != nil || got.ID != 7 || got.Posts != nil {
		t.Errorf("answer: %+v, %v", got, err)
	}
}

func TestOpenWithoutNumberIsUnknown(t *testing.T) {
	for _, body := range []string{`{}`, `{"success":true}`, `[]`, `null`} {
		srv := start(t, plusofontest.Config{})
		srv.AddFault(plusofontest.Fault{Body: body})
		if _, err := client(t, config(srv)).Open(t.Context(), "s", "d"); outcome(err) != "unknown" {
			t.Errorf("%s: %v, want an unknown outcome", body, err)
		}
	}
}

func TestAccountIsRead(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	c := client(t, config(srv))
	acc, err := c.Account(t.Context())
	if want := (plusofon.Account{ID: "9740", Email: email, Name: "Иван Петров"}); err != nil || acc != want {
		t.Errorf("account %+v, %v, want %+v", acc, err, want)
	}
}

// A wrong time zone is logged once, and only if it explains the difference.
func TestZoneCheck(t *testing.T) {
	zone := func(hours int) *time.Location { return time.FixedZone(fmt.Sprint(hours), hours*60*60) }
	for _, tc := range []struct {
		name string
		set  *time.Location
		skew time.Duration
		want int
	}{
		{"right", zone(3), 0, 0},
		{"right, clocks apart", zone(3), 20 * time.Minute, 0},
		{"wrong", zone(5), 0, 1},
		{"wrong, clocks slightly apart", zone(0), time.Minute, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := start(t, plusofontest.Config{Location: zone(3), PageNames: true})
			srv.AddFault(plusofontest.Fault{Times: -1, Header: http.Header{"Date": {noon.Add(tc.skew).Format(http.TimeFormat)}}})
			log := newLog(t)
			cfg := config(srv)
			cfg.Location, cfg.Logger = tc.set, log.logger()
			c := client(t, cfg)
			for range 2 {
				opened, err := c.Open(t.Context(), "s", "d")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := c.Answer(t.Context(), opened.ID, "x"); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.Count(log.String(), "another time zone"); got != tc.want {
				t.Errorf("said %d times, want %d: %s", got, tc.want, log.String())
			}
		})
	}
}

func TestClientIsSafeForConcurrentUse(t *testing.T) {
	srv := start(t, plusofontest.Config{Email: email, Password: password})
	cfg := config(srv)
	cfg.Token, cfg.Email, cfg.Password = "", email, password
	c := client(t, cfg)
	errs := make(chan error)
	const n = 20
	for range n {
		go func() {
			_, err := c.Open(context.WithoutCancel(t.Context()), "s", "d")
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := len(srv.Tickets()); got != n {
		t.Errorf("%d tickets, want %d", got, n)
	}
	if got := logins(srv); got != 1 {
		t.Errorf("%d logins, want 1 for all", got)
	}
}

func logins(srv *plusofontest.Server) int {
	n := 0
	for _, r := range srv.Requests() {
		if r.Op == "login" {
			n++
		}
	}
	return n
}
