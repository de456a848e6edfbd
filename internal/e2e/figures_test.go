package e2e_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// The figures of the whole process.

// figures is the real binary between stand-ins in this process.
type figures struct {
	b        *testing.B
	telegram *telegramtest.Server
	plusofon *plusofontest.Server
	anna     *telegramtest.Chat
	database string
}

func newFigures(b *testing.B) *figures {
	b.Helper()
	f := &figures{
		b: b, database: filepath.Join(b.TempDir(), "bot.db"),
		telegram: telegramtest.New(telegramtest.Config{Token: "1000:figures"}),
		plusofon: plusofontest.New(plusofontest.Config{Token: "figures", KeepContent: 1}),
	}
	f.check(f.telegram.Start())
	b.Cleanup(f.telegram.Close)
	f.check(f.plusofon.Start())
	b.Cleanup(f.plusofon.Close)
	f.anna = f.telegram.AddUser(telegramtest.User{ID: annaID, FirstName: "Анна", Language: "ru"}).Private()
	return f
}

func (f *figures) check(err error) {
	f.b.Helper()
	if err != nil {
		f.b.Fatal(err)
	}
}

// run starts the program and waits until it polls Telegram.
func (f *figures) run(env ...string) (cmd *exec.Cmd, took time.Duration) {
	f.b.Helper()
	asked := len(f.telegram.Requests())
	binary, err := builtProgram()
	f.check(err)
	cmd = exec.Command(binary)
	cmd.Dir = f.b.TempDir()
	cmd.Env = []string{
		"HOME=" + cmd.Dir, "TELEGRAM_TOKEN=1000:figures", "PLUSOFON_TOKEN=figures", fmt.Sprintf("ADMIN_IDS=%d", annaID), "PLUSOFON_RATE=6000",
		"TELEGRAM_API_URL=" + f.telegram.URL(), "PLUSOFON_API_URL=" + f.plusofon.URL(), "DATABASE_PATH=" + f.database,
	}
	cmd.Env = append(cmd.Env, env...)
	begun := time.Now()
	f.check(cmd.Start())
	ctx, cancel := context.WithTimeout(f.b.Context(), patience)
	defer cancel()
	f.check(f.telegram.Wait(ctx, func(s *telegramtest.Server) bool {
		for _, r := range s.Requests()[asked:] {
			if r.Method == "getUpdates" {
				took = r.Time.Sub(begun)
				return true
			}
		}
		return false
	}))
	return cmd, took
}

func (f *figures) stop(cmd *exec.Cmd) {
	f.b.Helper()
	f.check(cmd.Process.Signal(syscall.SIGTERM))
	f.check(cmd.Wait())
}

// memory reads a line of the process's status, in MiB.
func (f *figures) memory(cmd *exec.Cmd, name string) float64 {
	f.b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	f.check(err)
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			f.check(err)
			return kb / 1024
		}
	}
	f.b.Fatalf("no %s in the status of the process", name)
	return 0
}

// BenchmarkIdleMemory measures the process a few seconds after the start, and fails above
// 28 MiB. It takes the least of three starts: the memory used by a start is returned a second
// after it, which is too early if the machine is busy with something else.
func BenchmarkIdleMemory(b *testing.B) {
	f := newFigures(b)
	var most float64
	for b.Loop() {
		least := math.Inf(1)
		for range 3 {
			cmd, _ := f.run()
			time.Sleep(3 * time.Second)
			least = min(least, f.memory(cmd, "VmRSS"))
			f.stop(cmd)
		}
		most = max(most, least)
	}
	f.resident(most, 28)
}

// resident reports the memory of the process, in MiB, and fails if it is above a limit.
func (f *figures) resident(most, limit float64) {
	f.b.Helper()
	f.b.ReportMetric(most, "MiB-resident")
	if most > limit {
		f.b.Errorf("%.1f MiB are resident, want %g at most", most, limit)
	}
}

// BenchmarkOpenTickets measures it while it polls 10,000 open tickets, including the first
// lists, and fails above 40 MiB.
func BenchmarkOpenTickets(b *testing.B) {
	const tickets, polls = 10_000, 5
	f := newFigures(b)
	for i := range tickets {
		f.plusofon.OpenInCabinet(fmt.Sprintf("Не проходят звонки на номер %d", i), "Вопрос")
	}
	var most float64
	for b.Loop() {
		lists := f.lists()
		cmd, _ := f.run("POLL_INTERVAL=1s")
		f.polled(lists + polls)
		most = max(most, f.memory(cmd, "VmRSS"))
		f.stop(cmd)
	}
	f.resident(most, 40)
}

// polled waits until lists were requested a number of times. The stand-in signals changes
// but not requests, so these are counted by polling.
func (f *figures) polled(often int) {
	ctx, cancel := context.WithTimeout(f.b.Context(), patience)
	defer cancel()
	beat := time.NewTicker(100 * time.Millisecond)
	defer beat.Stop()
	for f.lists() < often {
		select {
		case <-beat.C:
		case <-ctx.Done():
			f.check(ctx.Err())
		}
	}
}

// lists returns how often Plusofon was asked for a list.
func (f *figures) lists() (n int) {
	for _, r := range f.plusofon.Requests() {
		if r.Op == "list" {
			n++
		}
	}
	return n
}

// BenchmarkAttachments measures how much four files of 20 MB at once add to that.
func BenchmarkAttachments(b *testing.B) {
	f := newFigures(b)
	var most float64
	for b.Loop() {
		cmd, _ := f.run()
		m := f.anna.Send("/new Тема\nТекст")
		f.reacts(m.ID)
		time.Sleep(2 * time.Second)
		idle := f.memory(cmd, "VmRSS")
		f.check(os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", cmd.Process.Pid), []byte("5"), 0)) // resets the peak
		var sent []int
		for i := range 4 {
			file := telegramtest.File{Name: fmt.Sprintf("%d.bin", i), Size: 20 << 20}
			sent = append(sent, f.anna.SendDocument(file, "файл", m.ID).ID)
		}
		for _, id := range sent {
			f.reacts(id)
		}
		most = max(most, f.memory(cmd, "VmHWM")-idle)
		f.stop(cmd)
	}
	b.ReportMetric(most, "MiB-above-idle")
}

func (f *figures) reacts(id int) {
	f.b.Helper()
	ctx, cancel := context.WithTimeout(f.b.Context(), patience)
	defer cancel()
	_, err := f.anna.Wait(ctx, func([]telegramtest.Message) bool { return f.anna.Message(id).Reaction == "👌" })
	f.check(err)
}

// BenchmarkStart measures the time from the start of the process to its first poll, with a
// million mapped messages in the store. Most of it is quick_check, which has its own
// benchmark in package state.
func BenchmarkStart(b *testing.B) {
	f := newFigures(b)
	store, err := state.Open(f.database)
	f.check(err)
	f.check(store.Update(func(tx *state.Tx) error {
		for i := range 1_000_000 {
			if err := tx.MapMessage(annaID, state.MessageID(i+1), state.TicketID(i/10+1), false); err != nil {
				return err
			}
		}
		return nil
	}))
	f.check(store.Close())
	var total time.Duration
	runs := 0
	for b.Loop() {
		cmd, took := f.run()
		total += took
		runs++
		f.stop(cmd)
	}
	b.ReportMetric(float64(total.Milliseconds())/float64(runs), "ms-to-first-poll")
}
