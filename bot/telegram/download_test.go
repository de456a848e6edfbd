package telegram

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files is a server with one file at a chosen path.
func files(filePath string, size int, content http.HandlerFunc) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /bot"+canary+"/getFile", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"ok":true,"result":{"file_id":"id","file_unique_id":"u","file_size":%d,"file_path":%q}}`, size, filePath)
	})
	if content != nil {
		mux.HandleFunc("GET /file/bot"+canary+"/", content)
	}
	return mux
}

// A file is requested at exactly the path that the server has named: nothing in it is an
// escape or leads elsewhere.
func TestOpenFile(t *testing.T) {
	for _, name := range []string{"documents/файл #1.pdf", "documents/100%.pdf", "a/%2e%2e/%2e%2e/b", "a/..%2fb", "a?b=c"} {
		t.Run(name, func(t *testing.T) {
			var asked string
			f := connect(t, files(name, 5, func(w http.ResponseWriter, r *http.Request) {
				asked = r.URL.Path
				_, _ = io.WriteString(w, "hello")
			}))
			body, size, err := f.OpenFile(t.Context(), "id", 5)
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			content, err := io.ReadAll(body)
			if err != nil || string(content) != "hello" || size != 5 {
				t.Errorf("got %q of %d bytes, %v", content, size, err)
			}
			if want := "/file/bot" + canary + "/" + name; asked != want {
				t.Errorf("asked for %q, want %q", asked, want)
			}
		})
	}
}

func TestOpenFileLimits(t *testing.T) {
	chunked := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "0123")
		_ = http.NewResponseController(w).Flush() // and so without a length
		_, _ = io.WriteString(w, "456789")
	}
	tests := []struct {
		name    string
		told    int
		content http.HandlerFunc
		limit   int64
		want    string
	}{
		{"told too big", 10, nil, 9, "too big at once"},
		{"not told, too big by its length", 0, answer(200, "0123456789"), 9, "too big at once"},
		{"not told at all, too big", 0, chunked, 9, "too big after 9"},
		{"just fits", 0, chunked, 10, "10"},
		{"no limit", 10, chunked, 0, "10"},
		{"shorter than told", 11, chunked, 0, "short after 10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, _, err := connect(t, files("a", tt.told, tt.content)).OpenFile(t.Context(), "id", tt.limit)
			got := "too big at once"
			if !IsTooBig(err) {
				if err != nil {
					t.Fatal(err)
				}
				content, err := io.ReadAll(body)
				_ = body.Close()
				switch {
				case IsTooBig(err):
					got = fmt.Sprintf("too big after %d", len(content))
				case errors.Is(err, io.ErrUnexpectedEOF):
					got = fmt.Sprintf("short after %d", len(content))
				case err == nil:
					got = fmt.Sprint(len(content))
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOpenFileFailures(t *testing.T) {
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:1"+r.URL.Path, http.StatusFound)
	}
	tests := []struct {
		name, path string
		content    http.HandlerFunc
		want       Outcome
	}{
		{"expired", "a", answer(404, "gone"), Refused},
		{"the server's fault", "a", answer(500, "x"), Temporary},
		{"a bad gateway", "a", answer(502, "<html>"), Temporary},
		{"too often", "a", answer(429, ""), RateLimited},
		{"a redirect to another host", "a", redirect, NotSent},
		{"no path", "", nil, Refused},
		{"a path that climbs", "../../bot1:other/a", nil, Refused},
		{"a path that climbs inside", "a/../../b", nil, Refused},
		{"another server's disk", `C:\Windows\win.ini`, nil, Refused},
		{"the bot's own disk", "/etc/hostname", nil, Refused},
		{"the bot's own disk, around the token", "/srv/" + canary + "/../../etc/hostname", nil, Refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := connect(t, files(tt.path, 0, tt.content)).OpenFile(t.Context(), "id", 0)
			var e *Error
			if !errors.As(err, &e) || e.Outcome != tt.want {
				t.Errorf("got %v, want: %v", err, tt.want)
			}
			keepsToken(t, err)
		})
	}
}

func TestDownloadThatBreaksOff(t *testing.T) {
	f := connect(t, files("a", 10, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "half ")
	}))
	body, _, err := f.OpenFile(t.Context(), "id", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if content, err := io.ReadAll(body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v; want an unexpected end", content, err)
	}
}

// A server with --local answers with a path on its disk, in a folder named after the token.
func TestOpenLocalFile(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, canary, "documents")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(dir, "outside.txt")
	for name, content := range map[string]string{filepath.Join(folder, "a.txt"): "hello", outside: "secret"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(folder, "link.txt")); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path, want string
	}{
		{"the bot's file", filepath.Join(folder, "a.txt"), "hello"},
		{"a link that leads out", filepath.Join(folder, "link.txt"), ""},
		{"a file outside", outside, ""},
		{"a folder", folder, ""},
		{"the bot's folder itself", filepath.Dir(folder), ""},
		{"not there", filepath.Join(folder, "b.txt"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, size, err := connect(t, files(filepath.ToSlash(tt.path), 0, nil)).OpenFile(t.Context(), "id", 0)
			if tt.want == "" {
				if err == nil {
					_ = body.Close()
					t.Error("it was opened")
				}
				keepsToken(t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			if content, err := io.ReadAll(body); string(content) != tt.want || size != int64(len(tt.want)) || err != nil {
				t.Errorf("got %q of %d bytes, %v", content, size, err)
			}
		})
	}
}

func TestTelegramItselfHasNoPathsOnOurDisk(t *testing.T) {
	client, err := New(Config{Token: canary})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := client.openLocal("/srv/" + canary + "/a"); err == nil || !strings.Contains(err.Error(), "not taken from this server") {
		t.Errorf("got %v", err)
	}
}
