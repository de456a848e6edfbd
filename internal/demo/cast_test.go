package demo_test

import (
	"encoding/json"
	"strconv"
	"testing"
)

// A group has no language of its own: there the bot speaks the page's.
func TestGroupSpeaksThePagesLanguage(t *testing.T) {
	s := show(t)
	events := s.stream()
	var cast struct{ Group int64 }
	if err := json.Unmarshal([]byte(events.until("cast", `"group":`)), &cast); err != nil {
		t.Fatal(err)
	}
	group := strconv.FormatInt(cast.Group, 10)
	s.do("/telegram/bot", `{"user":100,"chat":`+group+`,"status":"administrator","rights":{"ManageTopics":true,"PinMessages":true}}`)
	settings := func(words string) {
		t.Helper()
		s.do("/telegram/send", `{"user":100,"chat":`+group+`,"text":"/settings@plusofon_demo_bot"}`)
		events.until("chat", `"id":`+group, words)
	}
	settings("Часовой пояс")
	s.do("/language", `{"language":"en"}`)
	settings("Time zone")
}

// What is written while Plusofon is down is marked until it has arrived.
func TestOutageIsSeenThrough(t *testing.T) {
	s := show(t)
	events := s.stream()
	events.until("outage", `"held":false`, `"over":false`)
	s.do("/telegram/send", `{"user":100,"text":"/new До помех"}`)
	events.until("chat", `"reaction":"👌"`)
	s.do("/plusofon/switch", `{"down":true}`)
	s.do("/telegram/send", `{"user":100,"text":"/new При помехах"}`)
	events.until("outage", `"held":true`, `"over":false`)
	s.do("/plusofon/switch", `{}`)
	events.until("outage", `"held":false`, `"over":true`)
	s.stream().until("outage", `"over":true`) // a reloaded page shows it
}
