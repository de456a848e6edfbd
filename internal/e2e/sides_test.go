package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// twoSides is Telegram and Plusofon, each in its own process, and a folder for the program.
type twoSides struct {
	t                  *testing.T
	telegram, plusofon addresses
	folder             string
	programs           []*program
}

func newSides(t *testing.T) *twoSides {
	t.Parallel()
	w := &twoSides{t: t, telegram: startStandIn(t, "telegram"), plusofon: startStandIn(t, "plusofon"), folder: t.TempDir()}
	w.post(w.telegram.Control+"/user", m{"id": annaID, "first_name": "Анна", "language_code": "ru"}, nil)
	t.Cleanup(func() {
		for _, p := range w.programs {
			p.kill()
		}
		canariesStayHidden(t, w.programs, w.folder)
		var violations []string
		w.get(w.telegram.Control+"/violations", &violations)
		if len(violations) > 0 {
			t.Errorf("the strict server found: %s", strings.Join(violations, "\n"))
		}
		for i, p := range w.programs {
			if t.Failed() {
				t.Logf("run %d:\n%s%s", i+1, p.stdout, p.stderr)
			}
		}
	})
	return w
}

// What Anna does, and what she sees.

func (w *twoSides) send(text string) telegramtest.Message { return w.reply(0, text) }

func (w *twoSides) reply(to int, text string) (sent telegramtest.Message) {
	w.t.Helper()
	w.post(w.telegram.Control+"/send", m{"user": annaID, "text": text, "reply_to": to}, &sent)
	return sent
}

func (w *twoSides) file(to int, name, caption, content string) (sent telegramtest.Message) {
	w.t.Helper()
	w.post(w.telegram.Control+"/file", m{"user": annaID, "name": name, "caption": caption, "content": []byte(content), "reply_to": to}, &sent)
	return sent
}

func (w *twoSides) messages() (list []telegramtest.Message) {
	w.t.Helper()
	w.get(fmt.Sprintf("%s/messages?chat=%d", w.telegram.Control, annaID), &list)
	return list
}

func (w *twoSides) fromBot() (texts []string) {
	w.t.Helper()
	for _, m := range w.messages() {
		if m.FromBot {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

func (w *twoSides) sees(what string, fits func(telegramtest.Message) bool) (found telegramtest.Message) {
	w.t.Helper()
	w.eventually(what, func() bool {
		list := w.messages()
		i := slices.IndexFunc(list, fits)
		if i >= 0 {
			found = list[i]
		}
		return i >= 0
	})
	return found
}

func (w *twoSides) reads(texts ...string) telegramtest.Message {
	w.t.Helper()
	return w.sees(strings.Join(texts, " + "), func(m telegramtest.Message) bool {
		return m.FromBot && !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(m.Text, text) })
	})
}

func (w *twoSides) reacts(id int, emoji string) {
	w.t.Helper()
	w.sees(emoji, func(m telegramtest.Message) bool { return m.ID == id && m.Reaction == emoji })
}

// polling waits until Telegram holds a poll.
func (w *twoSides) polling() {
	w.t.Helper()
	w.eventually("a poll in flight", func() bool {
		var log struct{ Requests []telegramtest.Request }
		w.get(w.telegram.Control+"/requests", &log)
		return slices.ContainsFunc(log.Requests, func(r telegramtest.Request) bool {
			return r.Method == "getUpdates" && r.Status == 0 && r.Description == ""
		})
	})
}

// What the staff does, and what is at Plusofon.

func (w *twoSides) staff(path string, what m) {
	w.t.Helper()
	w.post(w.plusofon.Control+path, what, nil)
}

func (w *twoSides) tickets() (list []plusofontest.Ticket) {
	w.t.Helper()
	w.get(w.plusofon.Control+"/tickets", &list)
	return list
}

func (w *twoSides) ticket(id int) plusofontest.Ticket {
	w.t.Helper()
	for _, t := range w.tickets() {
		if int(t.ID) == id {
			return t
		}
	}
	w.t.Fatalf("no ticket %d at Plusofon", id)
	return plusofontest.Ticket{}
}

func (w *twoSides) asked() (list []plusofontest.Request) {
	w.t.Helper()
	w.get(w.plusofon.Control+"/requests", &list)
	return list
}

func posts(t plusofontest.Ticket) (texts []string) {
	for _, p := range t.Posts {
		texts = append(texts, p.Text)
	}
	return texts
}

func sum(content string) string {
	s := sha256.Sum256([]byte(content))
	return hex.EncodeToString(s[:])
}

func (w *twoSides) eventually(what string, holds func() bool) {
	w.t.Helper()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	timeout := time.After(patience)
	for !holds() {
		select {
		case <-look.C:
		case <-timeout:
			w.t.Fatalf("waiting for %s; the chat: %q; at Plusofon: %+v", what, w.fromBot(), w.tickets())
		}
	}
}

func (w *twoSides) post(url string, body m, into any) {
	w.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := http.Post(url, "application/json", bytes.NewReader(text))
	w.read(answer, err, into)
}

func (w *twoSides) get(url string, into any) {
	w.t.Helper()
	answer, err := http.Get(url)
	w.read(answer, err, into)
}

func (w *twoSides) read(answer *http.Response, err error, into any) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	if err == nil && into != nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}
