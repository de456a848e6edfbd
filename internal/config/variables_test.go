package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The table, the struct, --help, the documents and .env.example say the same.

// root is where docs and .env.example are.
const root = "../.."

func TestStructFollowsTheTable(t *testing.T) {
	var fields, rows []string
	for field := range reflect.TypeFor[Config]().Fields() {
		fields = append(fields, field.Tag.Get("env"))
		if def := field.Tag.Get("envDefault"); def != "" {
			t.Errorf("%s has a default of its own, %q", field.Name, def)
		}
	}
	for _, v := range variables {
		rows = append(rows, v.name)
		for _, russian := range []bool{false, true} {
			if v.doc.In(russian) == "" || strings.Contains(v.doc.In(russian)+v.hint.In(russian), "\n") {
				t.Errorf("%s: the words must be there and one line each", v.name)
			}
		}
	}
	if diff := cmp.Diff(rows, fields); diff != "" {
		t.Errorf("names (-table +struct):\n%s", diff)
	}
}

func TestHelpShowsTheTable(t *testing.T) {
	for _, russian := range []bool{false, true} {
		shown := vars{}
		for line := range strings.Lines(Help(russian)) {
			if cells := regexp.MustCompile(`^  ([A-Z_]+)  +(\S+)`).FindStringSubmatch(line); cells != nil {
				shown[cells[1]] = cells[2]
			}
		}
		for _, v := range variables {
			if first, _, _ := strings.Cut(v.defaultCell(russian), " "); strings.TrimSpace(shown[v.name]) != first {
				t.Errorf("%s: --help shows the default %q, want %q", v.name, shown[v.name], first)
			}
		}
		if len(shown) != len(variables) {
			t.Errorf("--help shows %d variables, the table has %d", len(shown), len(variables))
		}
	}
}

func TestDocumentsShowTheTable(t *testing.T) {
	want := vars{}
	for _, v := range variables {
		want[v.name] = v.def
	}
	for _, name := range []string{"docs/operating.md", "docs/operating.ru.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, documentTable(string(text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// documentTable parses Markdown rows with variable names in the first cell. The second cell
// has as many defaults in backquotes, in order, or none.
func documentTable(text string) vars {
	code := regexp.MustCompile("`([^`]+)`")
	rows := vars{}
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !regexp.MustCompile("^ *`[A-Z][A-Z_]+`").MatchString(cells[1]) {
			continue
		}
		defaults := code.FindAllStringSubmatch(cells[2], -1)
		for i, name := range code.FindAllStringSubmatch(cells[1], -1) {
			rows[name[1]] = ""
			if i < len(defaults) {
				rows[name[1]] = defaults[i][1]
			}
		}
	}
	return rows
}

func TestDocumentTable(t *testing.T) {
	got := documentTable("| variable | default | |\n|---|---|---|\n" +
		"| `TELEGRAM_TOKEN` | required | |\n" +
		"| `POLL_INTERVAL` | `30s`, at least `1s` | how often |\n" +
		"| `LOG_LEVEL`, `LOG_FORMAT` | `info`, `text` | `json` |\n" +
		"| `check` | `not a variable` | |\n")
	want := vars{"TELEGRAM_TOKEN": "", "POLL_INTERVAL": "30s", "LOG_LEVEL": "info", "LOG_FORMAT": "text"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What .env.example offers, commented out or not, is the whole table, and its
// defaults are the table's.
func TestExampleShowsTheTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	shown := vars{}
	for _, line := range regexp.MustCompile(`(?m)^#?([A-Z_]+)=(.*)$`).FindAllStringSubmatch(string(text), -1) {
		shown[line[1]] = line[2]
	}
	for _, v := range variables {
		value, found := shown[v.name]
		if !found || v.def != "" && value != v.def {
			t.Errorf("%s is shown as %q, want %q", v.name, value, v.def)
		}
		delete(shown, v.name)
	}
	if len(shown) > 0 {
		t.Errorf("unknown: %v", shown)
	}
}

// A copied example says what to fill in and nothing else is wrong with it.
func TestExampleIsReadable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	inFolder(t, vars{".env": string(text)})
	if labels, _ := wrong(t, vars{}); !slices.Equal(labels, []string{"TELEGRAM_TOKEN", "PLUSOFON_TOKEN"}) {
		t.Errorf("wrong: %v", labels)
	}

	// The quoting that its first lines advise.
	inFolder(t, vars{".env": "PLUSOFON_EMAIL=a@b.ru\nPLUSOFON_PASSWORD='pa$$ #word'\n"})
	cfg := mustLoad(t, vars{"TELEGRAM_TOKEN": canaryBot})
	if cfg.PlusofonPassword != "pa$$ #word" {
		t.Errorf("the password is read as %q", cfg.PlusofonPassword.Reveal())
	}
}
