package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// The program under test, and the browser that all tests share.
var (
	program string
	chrome  context.Context
	missing string // why there is no browser
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	chromium := find("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
	if chromium == "" {
		missing = "there is no Chromium here: install it to run the page's tests (on Debian apt install chromium)"
		return m.Run(), nil
	}
	folder, err := os.MkdirTemp("", "plusofon-bot-browser-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	program = filepath.Join(folder, "plusofon-bot")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "..", "..")
	if said, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build the program: %w\n%s", err, said)
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(chromium), chromedp.UserDataDir(filepath.Join(folder, "profile")),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Headless,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("lang", "ru-RU"), chromedp.Flag("accept-lang", "ru-RU"),
		// Only this machine can be reached.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	defer end()
	var stop context.CancelFunc
	chrome, stop = chromedp.NewContext(ctx)
	defer stop()
	if err := chromedp.Do(chrome); err != nil {
		return 1, fmt.Errorf("start %s: %w", chromium, err)
	}
	code = m.Run()
	return code, chromedp.Cancel(chrome)
}

func find(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// needsBrowser skips a test if there is no browser. In CI it fails instead, so that no check
// is skipped unnoticed.
func needsBrowser(t *testing.T) {
	t.Helper()
	if missing == "" {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}
