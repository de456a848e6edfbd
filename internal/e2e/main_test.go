package e2e_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// roleVariable makes the test binary stand in for Telegram or Plusofon, each in its own process.
const roleVariable = "PLUSOFON_BOT_TEST_ROLE"

func TestMain(tests *testing.M) {
	role := os.Getenv(roleVariable)
	_ = os.Unsetenv(roleVariable)
	switch role {
	case "":
		runSideBySide(6)
		code := tests.Run()
		if builtFolder != "" {
			_ = os.RemoveAll(builtFolder)
		}
		os.Exit(code)
	case "telegram":
		s := telegramtest.New(telegramtest.Config{Token: "1000:" + telegramCanary})
		standIn(s.Start, s.URL, s.Control())
	case "plusofon":
		s := plusofontest.New(plusofontest.Config{Token: plusofonCanary, Email: email, Password: passwordCanary, Attachments: plusofontest.ByLink})
		standIn(s.Start, s.URL, s.Control())
	}
}

// runSideBySide sets how many tests run in parallel, unless a flag says otherwise: they use
// little CPU and mostly wait for other processes and for Telegram's pace.
func runSideBySide(tests int) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return
	}
	if err := flag.Set("test.parallel", strconv.Itoa(tests)); err != nil {
		panic(err)
	}
}

// addresses is what a stand-in prints once it listens.
type addresses struct{ API, Control string }

// standIn serves until its standard input ends, which it does with its parent.
func standIn(start func() error, url func() string, control http.Handler) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		err = start()
	}
	if err == nil {
		go func() { _ = http.Serve(l, control) }()
		err = json.NewEncoder(os.Stdout).Encode(addresses{url(), "http://" + l.Addr().String()})
	}
	if err != nil {
		panic(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// root is the folder of the program's package.
const root = "../.."

// builtFolder holds the built program; TestMain removes it.
var builtFolder string

// builtProgram is the program as built for use, except without -trimpath, which would
// prevent reuse of what go test has compiled.
var builtProgram = sync.OnceValues(func() (path string, err error) {
	if err := noteSources(); err != nil {
		return "", err
	}
	if builtFolder, err = os.MkdirTemp("", "plusofon-bot-test-"); err != nil {
		return "", err
	}
	path = filepath.Join(builtFolder, "plusofon-bot")
	_, err = goCommand("build", "-buildvcs=false", "-ldflags", "-s -w", "-o", path)
	return path, err
})

// noteSources looks at every file that the program is built from: go test caches the result
// of a test until a file that the test itself has looked at changes.
func noteSources() error {
	const files = `{{if and .Module .Module.Main}}{{$dir := .Dir}}` +
		`{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}`
	listed, err := goCommand("list", "-deps", "-f", files)
	if err != nil {
		return err
	}
	names := strings.FieldsFunc(listed, func(r rune) bool { return r == '\n' })
	for _, name := range append(names, filepath.Join(root, "go.mod"), filepath.Join(root, "go.sum")) {
		if _, err := os.Stat(name); err != nil {
			return err
		}
	}
	return nil
}

// goCommand runs a go command on the program's package, with the race detector and tags
// that the tests were built with.
func goCommand(name string, args ...string) (stdout string, err error) {
	args = append([]string{name}, args...)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" || s.Key == "-tags" {
				args = append(args, s.Key+"="+s.Value)
			}
		}
	}
	var said strings.Builder
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Dir, cmd.Stderr = root, &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("go %s: %w\n%s", name, err, said.String())
	}
	return string(out), err
}
