package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The program's exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const (
	annaID = 100

	// patience is the timeout of every wait; successful waits end long before.
	patience = time.Minute
	// stopTime is how long the program may take to stop.
	stopTime = 5 * time.Second
	// lookEvery is the interval of polling another process.
	lookEvery = 20 * time.Millisecond
)

type m = map[string]any

func startStandIn(t *testing.T, role string) (at addresses) {
	t.Helper()
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(itself)
	cmd.Env = append(basics(t.TempDir()), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", role, err)
		}
	})
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&at); err != nil {
		t.Fatalf("start %s: %v", role, err)
	}
	return at
}

// basics is the environment of a Russian system without settings for the program.
func basics(home string) []string {
	return []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "LANG=ru_RU.UTF-8"}
}

// start runs the program with the five variables, with logging and serving at the maximum,
// and with additional ones.
func (w *twoSides) start(set ...string) *program { return w.command(nil, set...) }

func (w *twoSides) command(args []string, set ...string) *program {
	w.t.Helper()
	p := w.launch(args, append([]string{
		"TELEGRAM_TOKEN=1000:" + telegramCanary, "PLUSOFON_TOKEN=" + plusofonCanary, fmt.Sprintf("ADMIN_IDS=%d", annaID),
		"TELEGRAM_API_URL=" + w.telegram.API, "PLUSOFON_API_URL=" + w.plusofon.API,
		"LOG_LEVEL=debug", "HTTP_ADDR=127.0.0.1:0",
	}, set...)...)
	p.serving = p.logging && !slices.Contains(set, "HTTP_ADDR=")
	return p
}

// launch runs the program with exactly these variables.
func (w *twoSides) launch(args []string, env ...string) *program {
	w.t.Helper()
	p := launch(w.t, w.folder, args, env...)
	w.programs = append(w.programs, p)
	return p
}

// launch runs the program in a folder. Of a variable named twice the last value takes effect.
func launch(t *testing.T, folder string, args []string, env ...string) *program {
	t.Helper()
	binary, err := builtProgram()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{
		t: t, stdout: newTranscript(), stderr: newTranscript(), done: make(chan struct{}),
		logging: len(args) == 0, cmd: exec.Command(binary, args...),
	}
	p.cmd.Env = append(basics(folder), env...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = folder, p.stdout, p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p
}

// program is one run of the program.
type program struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr *transcript
	done           chan struct{} // the process has ended
	logging        bool          // stderr is a log
	serving        bool          // health and metrics are served
}

func (p *program) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Errorf("send %v: %v", s, err)
	}
}

func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.done
}

// stops asks the program to stop and checks that it does, in time and in order. What it
// serves is checked before.
func (p *program) stops(t *testing.T) {
	t.Helper()
	if p.serving {
		p.showsNoCanary(t)
	}
	p.signal(syscall.SIGTERM)
	p.exitsWithin(t, stopTime, exitOK)
}

func (p *program) exits(t *testing.T, code int) {
	t.Helper()
	p.exitsWithin(t, patience, code)
}

func (p *program) exitsWithin(t *testing.T, limit time.Duration, code int) {
	t.Helper()
	select {
	case <-p.done:
		if got := p.cmd.ProcessState.ExitCode(); got != code {
			t.Errorf("exit code %d, want %d", got, code)
		}
	case <-time.After(limit):
		t.Errorf("the program goes on for more than %v", limit)
		p.kill()
	}
}

// logs waits until stderr contains these texts in order.
func (p *program) logs(texts ...string) {
	p.t.Helper()
	p.stderr.wait(p.t, func(text string) bool {
		for _, part := range texts {
			_, after, found := strings.Cut(text, part)
			if !found {
				return false
			}
			text = after
		}
		return true
	}, strings.Join(texts, " … "))
}

// says waits for a line of stdout with this beginning, and returns it.
func (p *program) says(start string) (line string) {
	p.t.Helper()
	p.stdout.wait(p.t, func(text string) bool {
		for l := range strings.Lines(text) {
			if strings.HasPrefix(l, start) && strings.HasSuffix(l, "\n") {
				line = strings.TrimSpace(l)
				return true
			}
		}
		return false
	}, start)
	return line
}

// asks reads a stream until it contains a text.
func (p *program) asks(t *testing.T, url, text string) {
	t.Helper()
	answer, err := (&http.Client{Timeout: patience}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			return
		}
	}
	t.Fatalf("the stream ended without %q: %v", text, lines.Err())
}

// transcript is the output of a process, and signals when it grows.
type transcript struct {
	mu    sync.Mutex
	text  strings.Builder
	grown chan struct{}
}

func newTranscript() *transcript { return &transcript{grown: make(chan struct{})} }

func (l *transcript) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.grown)
	l.grown = make(chan struct{})
	return l.text.Write(b)
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *transcript) wait(t *testing.T, fits func(string) bool, what string) {
	t.Helper()
	timeout := time.After(patience)
	for {
		l.mu.Lock()
		text, grown := l.text.String(), l.grown
		l.mu.Unlock()
		if fits(text) {
			return
		}
		select {
		case <-grown:
		case <-timeout:
			t.Fatalf("waiting for %q in:\n%s", what, text)
		}
	}
}

// wantInOrder checks that a stream contains these parts in order; none: nothing at all.
func wantInOrder(t *testing.T, stream, got string, want []string) {
	t.Helper()
	if len(want) == 0 && got != "" {
		t.Errorf("%s is not empty:\n%s", stream, got)
	}
	rest := got
	for _, part := range want {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Errorf("%s lacks %q at its place:\n%s", stream, part, got)
			return
		}
		rest = after
	}
}
