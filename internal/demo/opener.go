package demo

import (
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"

	_ "plusofon-bot/internal/platform" // fails where a build can't run
)

// Opener returns a function that opens an address in the person's browser, or nil if there
// is no desktop: out is no terminal, or env indicates none.
func Opener(out io.Writer, env []string) func(address string) {
	command := browserOpener(runtime.GOOS, env)
	if len(command) == 0 || !isTerminal(out) {
		return nil
	}
	return func(address string) { openBrowser(command, address) }
}

// browserOpener returns the command that opens an address in the person's browser, nil if
// there is no desktop to show it on.
func browserOpener(system string, env []string) []string {
	set := func(names ...string) bool {
		return slices.ContainsFunc(env, func(v string) bool {
			name, value, _ := strings.Cut(v, "=")
			return value != "" && slices.Contains(names, name)
		})
	}
	switch {
	case set("CI", "SSH_CONNECTION", "SSH_TTY"):
		return nil
	case system == "darwin":
		return []string{"open"}
	case set("DISPLAY", "WAYLAND_DISPLAY"):
		return []string{"xdg-open"}
	}
	return nil
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// openBrowser lets the browser outlive the demo and the Ctrl-C that ends it. If it fails,
// the address is on the terminal.
func openBrowser(opener []string, address string) {
	cmd := exec.CommandContext(context.Background(), opener[0], append(slices.Clone(opener[1:]), address)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
