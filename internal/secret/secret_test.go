package secret_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"plusofon-bot/internal/secret"
)

// The secrets of the tests; no output may contain any of them.
const (
	canaryBotKey   = "AAE-canary-of-the-bot_key"
	canaryBot      = "123456:" + canaryBotKey
	canaryPlusofon = "canary.of.plusofon"
	canaryPassword = `canary "of\ the <password`
)

func TestSecretPrintsStars(t *testing.T) {
	s := secret.String(canaryBot)
	if s.Reveal() != canaryBot {
		t.Fatal("Reveal does not reveal")
	}
	whole := struct {
		Token secret.String
		Ptr   *secret.String
	}{s, &s}
	holder := struct{ S secret.String }{s}

	outputs := map[string]string{
		"String":   s.String(),
		"GoString": s.GoString(),
		"Sprint":   fmt.Sprint(s),
		"an error": fmt.Errorf("calling %q: %w", s, errors.New("refused")).Error(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s", "%10.3s"} {
		outputs[verb] = fmt.Sprintf(verb, s)
		outputs["holder "+verb] = fmt.Sprintf(verb, holder)
		outputs["pointer "+verb] = fmt.Sprintf(verb, &holder)
		outputs["list "+verb] = fmt.Sprintf(verb, []secret.String{s})
		outputs["whole "+verb] = fmt.Sprintf(verb, whole)
	}
	for name, v := range map[string]any{"value": s, "holder": holder, "pointer": &holder, "whole": whole} {
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		outputs["json "+name] = string(encoded)
		for format, output := range logged(func(log *slog.Logger) { log.Info("start", "v", v) }) {
			outputs["slog "+format+" "+name] = output
		}
	}

	for name, output := range outputs {
		if strings.Contains(output, "canary") || strings.Contains(strings.ToLower(output), fmt.Sprintf("%x", "canary")) {
			t.Errorf("%s shows the secret: %s", name, output)
		}
		if !strings.Contains(output, "***") {
			t.Errorf("%s has no stars: %s", name, output)
		}
	}
}
