package bot_test

import (
	"regexp"
	"strings"
	"testing"
)

// One id leads through the log from an update to the request at Plusofon and to
// what is said about it.
func TestOneTraceFromUpdateToPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.opened("Тема", "Текст")
	w.stop()
	log := w.log.String()
	found := regexp.MustCompile(`msg="Plusofon has a submission" .*kind=open ticket=23624 trace=(update-\d+)\n`).FindStringSubmatch(log)
	if found == nil {
		t.Fatal("the log does not say that the ticket was opened")
	}
	var steps []string
	for line := range strings.Lines(log) {
		if strings.HasSuffix(line, "trace="+found[1]+"\n") || strings.Contains(line, "trace="+found[1]+" ") {
			steps = append(steps, line)
		}
	}
	text := strings.Join(steps, "")
	for _, step := range []string{"an update is decided about", "kind=open lane=", "kind=call lane=chat:100", "Plusofon has a submission"} {
		if !strings.Contains(text, step) {
			t.Errorf("%q is not among the steps of %s:\n%s", step, found[1], text)
		}
	}
	if strings.Contains(text, "Текст") {
		t.Error("the log holds what people write")
	}
}
