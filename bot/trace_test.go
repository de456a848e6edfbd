package bot_test

import (
	"regexp"
	"strings"
	"testing"

	"plusofon-bot/bot/bottest"
)

// One id leads through the log from an update to the request at Plusofon and the reply about it.
func TestOneTraceFromUpdateToPost(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		w.Stop()
		log := w.Log.String()
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
		for _, step := range []string{"an update is being decided", "kind=open lane=", "kind=call lane=chat:100", "Plusofon has a submission"} {
			if !strings.Contains(text, step) {
				t.Errorf("%q is not among the steps of %s:\n%s", step, found[1], text)
			}
		}
		if strings.Contains(text, "Текст") {
			t.Error("the log holds what people write")
		}
	})
}
