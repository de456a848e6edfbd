// Package monitor serves health and metrics over HTTP: /healthz, /readyz and /metrics.
//
// It is read-only: it reads the store through its own handle, which can't write and blocks
// nobody. It shows numbers and times, but no messages, people or credentials.
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

// Config is what to serve.
type Config struct {
	Reader  *state.Reader
	Metrics *Metrics
	Log     *slog.Logger
}

// Monitor serves one program's health and metrics.
type Monitor struct {
	Config
	mux *http.ServeMux
}

// New returns a monitor and registers the store's metrics.
func New(cfg Config) *Monitor {
	m := &Monitor{Config: cfg, mux: http.NewServeMux()}
	cfg.Metrics.registry.MustRegister(&queues{reader: cfg.Reader})
	m.mux.HandleFunc("GET /healthz", m.healthy)
	m.mux.HandleFunc("GET /readyz", m.ready)
	m.mux.Handle("GET /metrics", cfg.Metrics.handler(cfg.Log))
	return m
}

// ServeHTTP implements http.Handler.
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
	_, _ = w.Write([]byte(text + "\n")) // the client may be gone
}

// Examine returns the problems of the program that has the database open; nil if both sides
// answer and nothing is stuck.
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

// patience is the timeout of a client's request and of reading the response.
const patience = 10 * time.Second

// Serve serves on a listener, which it closes, until ctx ends.
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
		// Clients that have not read their response by then can ask again after the restart.
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
