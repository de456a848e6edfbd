package monitor

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"plusofon-bot/bot/health"
	"plusofon-bot/state"
)

const prefix = "plusofon_bot_"

// Metrics counts what happens. It implements bot.Observer.
type Metrics struct {
	registry *prometheus.Registry
	updates  prometheus.Counter
	news     prometheus.Counter
	polls    *prometheus.HistogramVec
	requests *prometheus.CounterVec
	limited  *prometheus.CounterVec

	transactions, statements prometheus.Histogram
}

// NewMetrics returns counters at zero.
func NewMetrics(version, commit string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		updates:  prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + "updates_total", Help: "Updates received from Telegram."}),
		news:     prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + "news_total", Help: "Changed tickets that were read."}),
		polls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: prefix + "poll_duration_seconds", Help: "Duration of polls; Telegram holds one for up to half a minute while nothing happens.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20, 31, 60, 300},
		}, []string{"side", "result"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "requests_total", Help: "Requests by outcome."}, []string{"side", "method", "outcome"}),
		limited:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "rate_limited_total", Help: "Requests answered with 429."}, []string{"side"}),
	}
	m.transactions = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: prefix + "transaction_duration_seconds", Help: "Duration of transactions, including the disk.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	})
	m.statements = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: prefix + "transaction_statements", Help: "Statements per transaction.",
		Buckets: []float64{10, 30, 100, 200, 300, 500, 1000, 3000},
	})
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: prefix + "build_info", Help: "1, with the program's version.", ConstLabels: prometheus.Labels{"version": version, "commit": commit},
	})
	info.Set(1)
	for _, side := range []state.Side{state.Telegram, state.Plusofon} {
		m.limited.WithLabelValues(string(side)).Add(0)
	}
	m.registry.MustRegister(m.updates, m.news, m.polls, m.requests, m.limited, m.transactions, m.statements, info)
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4,
	})
}

// Updates counts updates from Telegram.
func (m *Metrics) Updates(n int) { m.updates.Add(float64(n)) }

// News counts a changed ticket that was read.
func (m *Metrics) News() { m.news.Inc() }

// Polled records the duration of a poll.
func (m *Metrics) Polled(side state.Side, took time.Duration, well bool) {
	result := "ok"
	if !well {
		result = "failed"
	}
	m.polls.WithLabelValues(string(side), result).Observe(took.Seconds())
}

// Transaction records a transaction's work.
func (m *Metrics) Transaction(w state.Work) {
	m.transactions.Observe(w.Took.Seconds())
	m.statements.Observe(float64(w.Statements))
}

// rateLimited is the outcome of a 429.
const rateLimited = "rate_limited"

// Requested counts a request.
func (m *Metrics) Requested(side state.Side, method, outcome string) {
	m.requests.WithLabelValues(string(side), method, outcome).Inc()
	if outcome == rateLimited {
		m.limited.WithLabelValues(string(side)).Inc()
	}
}

// queues collects metrics from the store.
type queues struct{ reader *state.Reader }

var (
	outboxRows = prometheus.NewDesc(prefix+"outbox_rows", "Requests that are queued, in flight, of unknown outcome, or parked.", []string{"side", "state"}, nil)
	outboxAge  = prometheus.NewDesc(prefix+"outbox_oldest_age_seconds", "Age of the oldest unfinished request; 0: none.", []string{"side"}, nil)
	inboxRows  = prometheus.NewDesc(prefix+"inbox_rows", "Pending updates, and those that could not be handled.", []string{"state"}, nil)
	pollAge    = prometheus.NewDesc(prefix+"poll_age_seconds", "Time since a side last answered a poll; since the start if it never has.", []string{"side"}, nil)
	diskFree   = prometheus.NewDesc(prefix+"disk_free_bytes", "Free space beside the database.", nil, nil)
	ready      = prometheus.NewDesc(prefix+"ready", "1 while both sides are polled and nothing is stuck.", nil, nil)
)

// Describe implements prometheus.Collector.
func (q *queues) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{outboxRows, outboxAge, inboxRows, pollAge, diskFree, ready} {
		to <- d
	}
}

// Collect implements prometheus.Collector, from one snapshot.
func (q *queues) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	now := time.Now()
	age := func(t time.Time) float64 {
		if t.IsZero() {
			return 0
		}
		return max(now.Sub(t), 0).Seconds()
	}
	err := q.reader.View(ctx, func(tx *state.Tx) error {
		for _, side := range []state.Side{state.Telegram, state.Plusofon} {
			c, err := tx.OutboxCounts(side)
			if err != nil {
				return err
			}
			for st, n := range map[state.RowState]int{
				state.Queued: c.Waiting - c.Sending - c.Unknown, state.Sending: c.Sending, state.Unknown: c.Unknown, state.Parked: c.Parked,
			} {
				gauge(outboxRows, float64(n), string(side), string(st))
			}
			gauge(outboxAge, age(c.Oldest), string(side))
		}
		pending, aside, err := tx.InboxCounts()
		if err != nil {
			return err
		}
		gauge(inboxRows, float64(pending), "pending")
		gauge(inboxRows, float64(aside), "set_aside")
		v, err := health.Last(tx)
		if err != nil {
			return err
		}
		for side, polled := range map[state.Side]time.Time{state.Telegram: v.Telegram, state.Plusofon: v.Plusofon} {
			if polled.IsZero() {
				polled = v.Started
			}
			gauge(pollAge, age(polled), string(side))
		}
		if v.DiskFree >= 0 {
			gauge(diskFree, float64(v.DiskFree))
		}
		well := 0.0
		if v.Ailments(now) == nil {
			well = 1
		}
		gauge(ready, well)
		return nil
	})
	if err != nil {
		to <- prometheus.NewInvalidMetric(ready, err)
	}
}
