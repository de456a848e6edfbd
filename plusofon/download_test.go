package plusofon_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// download reads an attachment to its end.
func download(t *testing.T, c *plusofon.Client, a plusofon.Attachment) (string, int64, error) {
	t.Helper()
	r, size, err := c.Download(t.Context(), a)
	if err != nil {
		return "", 0, err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), size, err
}

func TestDownloadFromTheAPI(t *testing.T) {
	for name, form := range map[string]plusofontest.Attachments{"by link": plusofontest.ByLink, "inline": plusofontest.Inline} {
		t.Run(name, func(t *testing.T) {
			srv := start(t, plusofontest.Config{Attachments: form})
			id := srv.OpenInCabinet("s", "d")
			srv.Reply(id, "Оператор", "вот", plusofontest.Attachment{Name: "отчёт 1.txt", Content: []byte("content")})
			c := client(t, config(srv))
			ticket, err := c.Ticket(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			got, size, err := download(t, c, ticket.Posts[1].Attachments[0])
			if err != nil || got != "content" || size != 7 {
				t.Errorf("%q of %d bytes, %v", got, size, err)
			}
		})
	}
}

func TestDownloadInline(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	cfg := config(srv)
	cfg.MaxDownload = 10
	c := client(t, cfg)
	binary := string([]byte{0xfb, 0xff, 0xfe, 0})
	for _, tc := range []struct{ name, content, want string }{
		{"plain", base64.StdEncoding.EncodeToString([]byte("abcd")), "abcd"},
		{"no padding", "YWJjZA", "abcd"},
		{"wrapped", "YWJj\r\nZA==\n", "abcd"},
		{"another alphabet", base64.URLEncoding.EncodeToString([]byte(binary)), binary},
		{"a data URL", "data:text/plain;base64,YWJjZA==", "abcd"},
		{"as large as allowed", base64.StdEncoding.EncodeToString([]byte("0123456789")), "0123456789"},
	} {
		got, size, err := download(t, c, plusofon.Attachment{Content: tc.content})
		if err != nil || got != tc.want || size != int64(len(tc.want)) {
			t.Errorf("%s: %q of %d, %v, want %q", tc.name, got, size, err, tc.want)
		}
	}
	if _, _, err := download(t, c, plusofon.Attachment{Content: "not Base64!"}); outcome(err) != "refused" {
		t.Errorf("not Base64: %v", err)
	}
	large := base64.StdEncoding.EncodeToString([]byte("0123456789a"))
	if _, _, err := download(t, c, plusofon.Attachment{Content: large}); !errors.Is(err, plusofon.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, _, err := download(t, c, plusofon.Attachment{Name: "a.txt"}); outcome(err) != "not found" || !errors.Is(err, plusofon.ErrNoContent) {
		t.Errorf("a name only: %v", err)
	}
}

// Links into private networks, over plain HTTP or with odd parts are refused without
// contacting the private server.
func TestDownloadRefusesLinks(t *testing.T) {
	var asked atomic.Int32
	private := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer private.Close()
	plain := httptest.NewServer(private.Config.Handler)
	defer plain.Close()
	_, port, _ := strings.Cut(private.Listener.Addr().String(), ":")
	srv := start(t, plusofontest.Config{})
	c := client(t, config(srv))
	for name, link := range map[string]string{
		"loopback":         private.URL + "/f",
		"a name":           "https://localhost:" + port + "/f",
		"v4 in v6":         "https://[::ffff:127.0.0.1]:" + port + "/f",
		"nothing":          "https://0.0.0.0:" + port + "/f",
		"private":          "https://10.0.0.1/f",
		"metadata":         "https://169.254.169.254/latest",
		"plain HTTP":       plain.URL + "/f",
		"a public plain":   "http://example.com/f",
		"another scheme":   "file:///etc/passwd",
		"FTP":              "ftp://example.com/f",
		"a user":           "https://user:" + signature + "@example.com/f",
		"not a link":       "https://exa mple",
		"no host":          "https:///f",
		"HTTPS of the API": strings.Replace(srv.URL(), "http:", "https:", 1) + "/f",
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := download(t, c, plusofon.Attachment{URL: link + "?signature=" + signature})
			if outcome(err) != "refused" || !errors.Is(err, plusofon.ErrBlockedAddress) {
				t.Errorf("error %v, want refused", err)
			}
		})
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the private server was asked %d times", n)
	}
}

// storage is another host; it records the headers it gets.
func storage(t *testing.T, h http.HandlerFunc) (host string, headers func() []http.Header) {
	t.Helper()
	got := make(chan http.Header, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Clone()
		h(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String(), func() []http.Header {
		var list []http.Header
		for len(got) > 0 {
			list = append(list, <-got)
		}
		return list
	}
}

func TestTokenStaysHome(t *testing.T) {
	host, headers := storage(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "content") })
	srv := start(t, plusofontest.Config{})
	cfg := config(srv)
	cfg.DownloadHosts = []string{host}
	c := client(t, cfg)
	srv.AddFault(plusofontest.Fault{Op: "download", Status: 302, Header: http.Header{"Location": {"http://" + host + "/b"}}})
	for _, link := range []string{"http://" + host + "/a", "/files/1/a"} {
		if got, _, err := download(t, c, plusofon.Attachment{URL: link}); err != nil || got != "content" {
			t.Errorf("%s: %q, %v", link, got, err)
		}
	}
	got := headers()
	if len(got) != 2 {
		t.Errorf("the other host was asked %d times, want 2", len(got))
	}
	for _, h := range got {
		if text := fmt.Sprint(h); strings.Contains(text, token) || h.Get("Client") != "" {
			t.Errorf("the other host got %s", text)
		}
	}
	if h := srv.Requests()[0].Header; h.Get("Authorization") != "Bearer "+token {
		t.Errorf("the API host got %v", h)
	}
}

func TestDownloadRedirects(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	id := srv.OpenInCabinet("s", "d")
	srv.Reply(id, "Оператор", "вот", plusofontest.Attachment{Name: "a", Content: []byte("content")})
	c := client(t, config(srv))
	for _, tc := range []struct {
		name, location string
		times          int
		want           string
	}{
		{"three", "/files/1/a", 3, "ok"},
		{"four", "/files/1/a", 4, "refused"},
		{"for ever", "/files/1/a", -1, "refused"},
		{"into a private network", "https://192.168.1.1/?signature=" + signature, 1, "refused"},
		{"to plain HTTP", "http://example.com/?signature=" + signature, 1, "refused"},
		{"to what is no address", "https://" + signature + "%zz/", 1, "refused"},
		{"nowhere", "", 1, "refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv.ClearFaults()
			srv.AddFault(plusofontest.Fault{Op: "download", Times: tc.times, Status: 302, Header: http.Header{"Location": {tc.location}}})
			if _, _, err := download(t, c, plusofon.Attachment{URL: "/files/1/a"}); outcome(err) != tc.want {
				t.Errorf("%v, want %s", err, tc.want)
			}
		})
	}
}

func TestDownloadLimits(t *testing.T) {
	body := strings.Repeat("x", 100)
	host, _ := storage(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/chunked":
			_ = http.NewResponseController(w).Flush() // before the length is known
			_, _ = io.WriteString(w, body)
		case "/cut":
			w.Header().Set("Content-Length", "200")
			_, _ = io.WriteString(w, body)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case "/gone":
			http.Error(w, "gone", http.StatusGone)
		case "/forbidden":
			http.Error(w, "no", http.StatusForbidden)
		case "/broken":
			http.Error(w, "oops", http.StatusBadGateway)
		default:
			_, _ = io.WriteString(w, body)
		}
	})
	srv := start(t, plusofontest.Config{})
	for _, tc := range []struct {
		name, path string
		most       int64
		size       int64
		want       string
		is         error
	}{
		{"as large as allowed", "/", 100, 100, "ok", nil},
		{"announced too large", "/", 99, 0, "refused", plusofon.ErrTooLarge},
		{"length not known", "/chunked", 100, -1, "ok", nil},
		{"turns out too large", "/chunked", 99, -1, "refused", plusofon.ErrTooLarge},
		{"cut off", "/cut", 300, 200, "temporary failure", io.ErrUnexpectedEOF},
		{"gone", "/gone", 100, 0, "not found", nil},
		{"forbidden there says nothing of the token", "/forbidden", 100, 0, "refused", nil},
		{"broken", "/broken", 100, 0, "temporary failure", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := config(srv)
			cfg.DownloadHosts, cfg.MaxDownload = []string{host}, tc.most
			r, size, err := client(t, cfg).Download(t.Context(), plusofon.Attachment{URL: "http://" + host + tc.path + "?signature=" + signature})
			if err == nil {
				defer r.Close()
				var b []byte
				b, err = io.ReadAll(iotest.OneByteReader(r))
				if int64(len(b)) > tc.most {
					t.Errorf("%d bytes came through a limit of %d", len(b), tc.most)
				}
			}
			if outcome(err) != tc.want || tc.is != nil && !errors.Is(err, tc.is) || size != tc.size {
				t.Errorf("size %d, %v, want %d, %s", size, err, tc.size, tc.want)
			}
		})
	}
}

// A download from the API counts against the rate limit, and reports a missing token.
func TestDownloadFromTheAPIWithoutAccess(t *testing.T) {
	srv, cfg := withLogin(t)
	srv.AddFault(plusofontest.Fault{Op: "login", Status: 422})
	if _, _, err := download(t, client(t, cfg), plusofon.Attachment{URL: "/files/1/a"}); outcome(err) != "no access" {
		t.Errorf("%v, want no access", err)
	}
	if _, _, err := download(t, client(t, cfg), plusofon.Attachment{URL: "/files/1/a"}); outcome(err) != "not found" {
		t.Errorf("%v, want not found", err)
	}
}
