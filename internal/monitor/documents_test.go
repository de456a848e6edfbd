package monitor_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/state"
)

// served returns the names of all metrics, of a program in which everything has happened once.
func served(t *testing.T) (names []string) {
	t.Helper()
	w := newWorld(t)
	w.metrics.Polled(state.Telegram, time.Second, true)
	w.metrics.Requested(state.Plusofon, "open", "ok")
	w.pulse(well())
	_, text := w.get("/metrics")
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) `).FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// A rule about a metric that is not served never fires, a panel about one stays empty, and nobody
// would notice.
func TestRulesAndDashboardNameServedMetrics(t *testing.T) {
	names := served(t)
	for file, expr := range map[string]string{
		"../../deploy/alerts.yml":     `(?m)^ +expr: (.+)$`,
		"../../deploy/dashboard.json": `"expr": "(.+)"`,
	} {
		text, err := os.ReadFile(file)
		must(t, err)
		exprs := regexp.MustCompile(expr).FindAllStringSubmatch(string(text), -1)
		if len(exprs) < 5 {
			t.Fatalf("%d expressions are found in %s", len(exprs), file)
		}
		for _, expr := range exprs {
			found := regexp.MustCompile(`\b(?:plusofon_bot|process|go)_\w+`).FindAllString(expr[1], -1)
			if len(found) == 0 {
				t.Errorf("no metric in %s", expr[1])
			}
			for _, name := range found {
				// The parts of a histogram have no type of their own.
				name = regexp.MustCompile(`(_duration_seconds|_statements)_(?:bucket|sum|count)$`).ReplaceAllString(name, "$1")
				if !slices.Contains(names, name) {
					t.Errorf("%s is not served, though %s asks for it", name, file)
				}
			}
		}
	}
}

// The documents list exactly the program's metrics.
func TestDocumentsListTheMetrics(t *testing.T) {
	names := slices.DeleteFunc(served(t), func(name string) bool { return !strings.HasPrefix(name, "plusofon_bot_") })
	slices.Sort(names)
	for _, document := range []string{"../../docs/operating.md", "../../docs/operating.ru.md"} {
		text, err := os.ReadFile(document)
		must(t, err)
		var listed []string
		for _, row := range regexp.MustCompile("(?m)^\\| `(plusofon_bot_\\w+)` \\|").FindAllStringSubmatch(string(text), -1) {
			listed = append(listed, row[1])
		}
		slices.Sort(listed)
		if !slices.Equal(listed, names) {
			t.Errorf("%s lists %q, served are %q", document, listed, names)
		}
	}
}
