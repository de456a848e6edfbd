package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience limits every wait: what is waited for arrives by a signal long before.
const patience = 30 * time.Second

// view is one tab with the demo's page.
type view struct {
	t   *testing.T
	ctx context.Context

	mu      sync.Mutex
	foreign []string // requests that went elsewhere
	wrong   []string // what the page or the browser complained of
}

// startDemo runs the program and returns the page's address. At the end it must stop on a
// signal and leave no files.
func startDemo(t *testing.T, args ...string) string {
	t.Helper()
	temp := t.TempDir()
	cmd := exec.Command(program, append([]string{"demo"}, args...)...)
	cmd.Env = []string{"TMPDIR=" + temp, "LANG=ru_RU.UTF-8", "CI=true", "TZ=" + os.Getenv("TZ")}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	address, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("the demo says no address: %v", err)
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, lines)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		<-drained
		if err := cmd.Wait(); err != nil {
			t.Errorf("the demo ended with %v", err)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	return strings.TrimSpace(address)
}

// size is the window's, in CSS pixels.
type size struct{ width, height int64 }

var (
	desktop = size{1440, 900}
	phone   = size{390, 844}
)

// open shows the page in a new tab of a fresh profile, after the given actions.
func open(t *testing.T, address string, s size, dark bool, before ...chromedp.Action[chromedp.Void]) *view {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chrome, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	v := &view{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, v.listen(address)); err != nil {
		t.Fatal(err)
	}
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	mobile := s.width < 600 || s.height < 420
	v.do("open a tab", append(before,
		command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}), command(runtime.Enable, cdp.Empty{}),
		command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: mobile}),
		command(emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: mobile}),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}))...)
	v.do("open the page", chromedp.Navigate(address))
	v.until("the page is connected", `document.body?.dataset.live === "yes" && document.querySelector(".people button")`)
	t.Cleanup(func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		for _, what := range v.wrong {
			t.Errorf("the browser complains: %s", what)
		}
		for _, what := range v.foreign {
			t.Errorf("the page asked for %s", what)
		}
		if t.Failed() {
			v.picture("failed")
		}
	})
	return v
}

func (v *view) listen(address string) func(any) {
	return func(event any) {
		v.mu.Lock()
		defer v.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if url := e.Request.URL; !strings.HasPrefix(url, address+"/") && !strings.HasPrefix(url, "blob:"+address+"/") {
				v.foreign = append(v.foreign, url)
			}
		case *runtime.EventExceptionThrown:
			v.wrong = append(v.wrong, js(e.ExceptionDetails))
		case *log.EventEntryAdded:
			// Rejections are shown by the page and checked by its test.
			if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "400 (Bad Request)") {
				v.wrong = append(v.wrong, e.Entry.Text)
			}
		}
	}
}

func (v *view) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		v.t.Fatalf("%s: %v\n%s", what, err, v.shown())
	}
}

// command is a command of the browser itself.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// shown returns the page as text, for failure messages.
func (v *view) shown() string {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText + "\ntoast: " + document.querySelector(".toast").textContent`))
	if err != nil {
		return err.Error()
	}
	return text
}

// until waits for an expression to hold; it is evaluated at every change of the page.
func (v *view) until(what, expression string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void]("Boolean("+expression+")", chromedp.WithPollingMutation(), chromedp.WithPollingTimeout(patience)))
		if err == nil {
			return
		}
		// A reload ends the wait.
		if ctx.Err() != nil || !strings.Contains(err.Error(), "context") && !strings.Contains(err.Error(), "navigat") {
			v.t.Fatalf("wait until %s: %v\n%s", what, err, v.shown())
		}
	}
}

// js returns a value as JavaScript.
func js(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// all is an expression for the visible elements that contain a text.
func all(selector, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].filter((e) => e.checkVisibility() && e.textContent.includes(%s))`, js(selector), js(text))
}

// some is an expression for the first of them.
func some(selector, text string) string { return all(selector, text) + "[0]" }

// see waits for an element with a text.
func (v *view) see(selector, text string) {
	v.t.Helper()
	v.until(fmt.Sprintf("%s shows %q", selector, text), some(selector, text))
}

// press clicks the last visible element that contains a text.
func (v *view) press(selector, text string) {
	v.t.Helper()
	v.click(fmt.Sprintf("press %s %q", selector, text), all(selector, text)+".pop()", 1)
}

// click clicks the middle of an element once nothing covers it.
func (v *view) click(what, element string, times int) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Poll[[]float64](fmt.Sprintf(`(() => {
		const e = %s;
		if (!e) return false;
		e.scrollIntoView({ block: "nearest", inline: "nearest" });
		const r = e.getClientRects()[0]; // of a link in two lines the first
		const at = [r.left + r.width / 2, r.top + r.height / 2];
		return e.contains(document.elementFromPoint(...at)) && at;
	})()`, element), chromedp.WithPollingMutation(), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		v.t.Fatalf("%s: %v\n%s", what, err, v.shown())
	}
	v.do(what, chromedp.MouseClickXY(at[0], at[1], chromedp.ClickCount(times)))
}

// reply starts a reply to the last message that contains a text. A message arriving just now
// can move it away from the pointer: then it is tried again.
func (v *view) reply(text string) {
	v.t.Helper()
	const quoted = `!document.querySelector(".quoted").hidden`
	for range 4 {
		v.click("reply to "+text, all("article", text)+`.pop()?.querySelector(".stamp")`, 2)
		_, err := chromedp.Run(v.ctx, chromedp.Poll[bool](quoted, chromedp.WithPollingTimeout(3*time.Second)))
		if err == nil {
			return
		}
	}
	v.until("it is quoted", quoted)
}

func (v *view) eval(script string) {
	v.t.Helper()
	v.do("evaluate "+script, chromedp.Evaluate[chromedp.Void](script))
}

// is checks an expression now.
func (v *view) is(what, expression string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")")); err != nil || !yes {
		v.t.Errorf("not so: %s\n%s", what, v.shown())
	}
}

// write types into a field.
func (v *view) write(selector, text string) {
	v.t.Helper()
	v.do("write "+text, chromedp.Click(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), text))
}

const (
	writer = "#chat .writer textarea"
	answer = "#desk form textarea"
	bubble = "#chat .bubble"
	post   = "#desk .posts li"
)

// say sends a message in the open chat.
func (v *view) say(text string) {
	v.t.Helper()
	v.write(writer, text+kb.Enter)
	first, _, _ := strings.Cut(text, "\n")
	v.see(".mine .bubble", first)
	v.until("the field is empty", `document.querySelector("#chat textarea").value.trim() === ""`) // what it hid comes back
}

// speak switches the page to the other language, and waits for it.
func (v *view) speak(language string) {
	v.t.Helper()
	v.press("#language", "")
	v.until("the page speaks "+language, `document.documentElement.lang === `+js(language)+` && document.body?.dataset.live === "yes" && document.querySelector(".people button")`)
}

// begin starts the bot and opens Anna's first ticket.
func (v *view) begin(subject string) {
	v.t.Helper()
	v.press("#chat .start button", "Запустить")
	v.see(bubble, "/tickets")
	v.say("/new " + subject)
	v.see(bubble, "№23624")
	v.see(".mine .reaction", "👌")
}

// drop drops files on an element, as from the desktop.
func (v *view) drop(selector string, files ...file) {
	v.t.Helper()
	v.eval(fmt.Sprintf(`(() => {
		const data = new DataTransfer();
		for (const f of %s) data.items.add(new File([Uint8Array.from(atob(f.content), (c) => c.charCodeAt(0))], f.name, { type: f.type }));
		for (const name of ["dragenter", "dragover", "drop"]) {
			document.querySelector(%s).dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
		}
	})()`, js(files), js(selector)))
}

type file struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content []byte `json:"content"`
}

// picture stores a screenshot in the folder DEMO_SCREENSHOTS, if set.
func (v *view) picture(name string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		v.t.Errorf("take a picture: %v", err)
		return
	}
	folder := os.Getenv("DEMO_SCREENSHOTS")
	if folder == "" {
		folder = v.t.TempDir()
	}
	path := filepath.Join(folder, strings.ReplaceAll(v.t.Name(), "/", "-")+"-"+name+".png")
	if err := os.WriteFile(path, png, 0o644); err != nil {
		v.t.Errorf("keep a picture: %v", err)
	}
}
