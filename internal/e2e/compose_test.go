package e2e_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// compose has the keys of deploy/compose.yaml.
type compose struct {
	Name     string
	Services struct{ Bot, Backup composeService }
	Secrets  map[string]struct{ File string }
	Volumes  map[string]*struct{}
}

type composeService struct {
	Build, Image, Restart   string
	Environment             map[string]string
	Secrets, Volumes, Tmpfs []string
	Profiles, Command       []string
	ReadOnly                bool     `yaml:"read_only"`
	CapDrop                 []string `yaml:"cap_drop"`
	SecurityOpt             []string `yaml:"security_opt"`
	PidsLimit               int      `yaml:"pids_limit"`
	MemLimit                string   `yaml:"mem_limit"`
	StopGracePeriod         string   `yaml:"stop_grace_period"`
	NetworkMode             string   `yaml:"network_mode"`
	Logging                 struct {
		Driver  string
		Options map[string]string
	}
}

// compose.yaml agrees with the image, the program and the documents, and has no key that
// is misspelt or not known here.
func TestCompose(t *testing.T) {
	text := document(t, "deploy/compose.yaml")
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	var c compose
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	bot, backup := c.Services.Bot, c.Services.Backup
	if bot.Image != "${IMAGE:-plusofon-bot}" || bot.Build != ".." || strings.Count(text, "${") != 1 {
		t.Errorf("the image is %q, built in %q, or something else is interpolated", bot.Image, bot.Build)
	}

	const data = "/data"
	if !strings.Contains(document(t, "Dockerfile"), "\nVOLUME "+data+"\n") {
		t.Errorf("the image has no volume %s", data)
	}
	if _, declared := c.Volumes["data"]; !declared {
		t.Error("the volume of the database is not declared")
	}
	documented := document(t, "docs/operating.md") + text
	if want := c.Name + "_data:" + data; !strings.Contains(documented, "-v "+want+" ") {
		t.Errorf("docs/operating.md restores into another volume than %s", want)
	}
	for name, s := range map[string]composeService{"bot": bot, "backup": backup} {
		if !slices.Contains(s.Volumes, "data:"+data) || !s.ReadOnly || s.Image != bot.Image {
			t.Errorf("the service %s has %+v", name, s)
		}
	}

	read := map[string]string{}
	for _, name := range bot.Secrets {
		read[strings.ToUpper(name)+"_FILE"] = "/run/secrets/" + name
		file := strings.TrimPrefix(c.Secrets[name].File, "../") // compose resolves it from its own folder
		if file != "secrets/"+name || strings.Count(documented, "/dev/stdin "+file) != 2 {
			t.Errorf("the secret %s is in %q; the document or the comment makes another file", name, file)
		}
	}
	if diff := cmp.Diff(read, bot.Environment); diff != "" {
		t.Errorf("the program reads other secrets (-secrets +environment):\n%s", diff)
	}
	if len(backup.Secrets)+len(backup.Environment) != 0 || !slices.Contains(backup.Volumes, "../backups:/backups") {
		t.Errorf("the copies: %+v", backup)
	}

	// The program takes the command.
	w := newSides(t)
	running := w.start()
	running.logs("connected")
	copies := filepath.Join(w.folder, "backups")
	if err := os.Mkdir(copies, 0o700); err != nil {
		t.Fatal(err)
	}
	command := slices.Clone(backup.Command)
	at := slices.Index(command, "/backups")
	if at < 0 {
		t.Fatalf("the command is %q", command)
	}
	command[at] = copies
	w.ends(exitOK, command, "копия записана: "+copies, "", withoutSecrets...)
	running.stops(t)
}
