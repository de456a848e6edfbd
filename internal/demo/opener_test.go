package demo

import (
	"bytes"
	"slices"
	"testing"
)

// A browser is opened only if there is a desktop.
func TestBrowserOpener(t *testing.T) {
	for _, c := range []struct {
		name, system string
		env, want    []string
	}{
		{"a desktop", "linux", []string{"DISPLAY=:0"}, []string{"xdg-open"}},
		{"another desktop", "linux", []string{"WAYLAND_DISPLAY=wayland-0"}, []string{"xdg-open"}},
		{"a server", "linux", []string{"HOME=/root", "DISPLAY="}, nil},
		{"from afar", "linux", []string{"DISPLAY=localhost:10", "SSH_CONNECTION=1 2 3 4"}, nil},
		{"CI", "darwin", []string{"CI=true"}, nil},
		{"a Mac", "darwin", nil, []string{"open"}},
	} {
		if got := browserOpener(c.system, c.env); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if isTerminal(&bytes.Buffer{}) {
		t.Error("a buffer is no terminal")
	}
	if Opener(&bytes.Buffer{}, []string{"DISPLAY=:0"}) != nil {
		t.Error("a browser is opened where nobody sits at a terminal")
	}
}
