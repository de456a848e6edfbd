package plusofon_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"plusofon-bot/plusofon"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	s := plusofon.Secret(token)
	if s.Reveal() != token {
		t.Fatal("Reveal does not reveal")
	}
	holder := struct{ S plusofon.Secret }{s}
	var out []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		out = append(out, fmt.Sprintf(verb, s), fmt.Sprintf(verb, holder), fmt.Sprintf(verb, &holder))
	}
	b, err := json.Marshal([]any{s, holder, &holder})
	if err != nil {
		t.Fatal(err)
	}
	log := newLog(t)
	log.logger().Info("x", "s", s, "h", holder)
	slog.New(slog.NewJSONHandler(log, nil)).Info("x", "s", s, "h", holder)
	out = append(out, string(b), log.String(), s.String(), s.GoString())
	for _, o := range out {
		if strings.Contains(o, "canary") || strings.Contains(o, fmt.Sprintf("%x", "canary")) || !strings.Contains(o, "***") {
			t.Errorf("printed as %s", o)
		}
	}
}
