// Package monitor tells a machine how the program does: it answers /healthz,
// /readyz and /metrics over HTTP.
//
// It promises to read only: it looks at the store through a handle of its own
// that can't write and holds nobody up. What it shows holds numbers and times,
// and nothing of what people write, who they are, or what guards the accounts.
package monitor

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"plusofon-bot/bot/health"
	"plusofon-bot/state"
)

// Config is what there is to tell of.
type Config struct {
	Reader  *state.Reader
	Metrics *Metrics
	Log     *slog.Logger
}

// Monitor answers for one program.
type Monitor struct {
	Config
	mux *http.ServeMux
}

// New returns a monitor. It reads the store for the metrics as well.
func New(cfg Config) *Monitor {
	m := &Monitor{Config: cfg, mux: http.NewServeMux()}
	cfg.Metrics.registry.MustRegister(&queues{reader: cfg.Reader})
	m.mux.HandleFunc("GET /healthz", m.healthy)
	m.mux.HandleFunc("GET /readyz", m.ready)
	m.mux.Handle("GET /metrics", cfg.Metrics.handler(cfg.Log))
	return m
}

// ServeHTTP answers one request.
func (m *Monitor) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.mux.ServeHTTP(w, r) }

// The process is alive if it answers at all.
func (m *Monitor) healthy(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "alive") }

func (m *Monitor) ready(w http.ResponseWriter, r *http.Request) {
	if err := Examine(r.Context(), m.Reader, time.Now()); err != nil {
		answer(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	answer(w, http.StatusOK, "ready")
}

func answer(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(text + "\n")) // whoever asked may be gone
}

// Examine tells what is wrong with the program that has the database open; nil:
// both sides answer and nothing is stuck.
func Examine(ctx context.Context, reader *state.Reader, now time.Time) error {
	var v health.Vitals
	err := reader.View(ctx, func(tx *state.Tx) (err error) {
		v, err = health.Last(tx)
		return err
	})
	if err != nil {
		return err
	}
	return v.Ailments(now)
}

// patience bounds how long a client may take to ask and to read.
const patience = 10 * time.Second

// Serve answers on a listener, which it closes, until ctx ends.
func (m *Monitor) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: m, ReadTimeout: patience, WriteTimeout: patience, IdleTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(m.Log.Handler(), slog.LevelDebug),
	}
	m.Log.Info("health and metrics are served", "address", l.Addr().String())
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		// Who has not read his answer by then may ask the next start.
		_ = errors.Join(server.Shutdown(last), server.Close())
	})
	err := server.Serve(l)
	if !stop() {
		<-stopped
	}
	if ctx.Err() != nil && errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
