package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"go.uber.org/goleak"
)

// canary is the token of all tests; it must not appear anywhere.
const canary = "42:canary-SECRET_token"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fixture struct {
	*Client
	log *bytes.Buffer
}

// connect makes a client of a server and checks that the log does not contain the token.
func connect(t *testing.T, h http.Handler) fixture {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return connectTo(t, server.URL, nil)
}

func connectTo(t *testing.T, address string, rt http.RoundTripper) fixture {
	t.Helper()
	var log bytes.Buffer
	client, err := New(Config{
		Token: canary, BaseURL: address, Transport: rt,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.CloseIdle()
		if strings.Contains(log.String(), "canary") {
			t.Errorf("the token is in the log: %s", log.String())
		}
	})
	return fixture{client, &log}
}

// keepsToken checks that an error does not reveal the token, however it is printed.
func keepsToken(t *testing.T, err error) {
	t.Helper()
	text := fmt.Sprintf("%v %+v", err, err)
	for ; err != nil; err = errors.Unwrap(err) {
		text += fmt.Sprintf(" %#v", err)
	}
	if strings.Contains(text, "canary") {
		t.Errorf("the token is in %s", text)
	}
}

// methods are the ways to make a call.
var methods = map[string]func(*testing.T, fixture) error{
	"sendMessage": func(t *testing.T, f fixture) error {
		_, err := f.Do(t.Context(), mustEncode(t, SendMessage{ChatID: 1, Text: "x"}))
		return err
	},
	"sendDocument": func(t *testing.T, f fixture) error {
		_, err := f.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), Upload{Field: "document", Name: "a.txt", Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("content")), nil
		}})
		return err
	},
	"getUpdates": func(t *testing.T, f fixture) error {
		_, err := f.Updates(t.Context(), 1, MaxBatch, time.Second)
		return err
	},
	"getMe": func(t *testing.T, f fixture) error {
		_, err := f.Me(t.Context())
		return err
	},
	"getFile": func(t *testing.T, f fixture) error {
		_, _, err := f.OpenFile(t.Context(), "id", 0)
		return err
	},
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func mustEncode(t *testing.T, r Request) Call {
	t.Helper()
	call, err := Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	return call
}

// slice returns the range of a text that an entity marks, as Telegram counts.
func slice(s string, e Entity) string {
	units := utf16.Encode([]rune(s))
	return string(utf16.Decode(units[e.Offset : e.Offset+e.Length]))
}

// fataler is implemented by tests, fuzz tests and rapid.T.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// checkEntities checks the rules for all sent texts.
func checkEntities(t fataler, text Text) {
	t.Helper()
	units := utf16.Encode([]rune(text.String))
	inside := func(i int) bool { // a surrogate pair
		return i > 0 && i < len(units) && units[i] >= 0xDC00 && units[i] <= 0xDFFF
	}
	last := 0
	var open []int
	for _, e := range text.Entities {
		end := e.Offset + e.Length
		switch {
		case e.Length <= 0 || e.Offset < 0 || end > len(units):
			t.Fatalf("%+v is not in the text of %d units", e, len(units))
		case e.Offset < last:
			t.Fatalf("%+v is out of order", e)
		case inside(e.Offset) || inside(end):
			t.Fatalf("%+v cuts a surrogate pair", e)
		}
		last = e.Offset
		for len(open) > 0 && open[len(open)-1] <= e.Offset {
			open = open[:len(open)-1]
		}
		if len(open) > 0 && open[len(open)-1] < end {
			t.Fatalf("%+v crosses an entity that ends at %d", e, open[len(open)-1])
		}
		open = append(open, end)
	}
}
