package e2e_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every message that the documents tell an operator to look for can be logged, every
// warning and error is among them, and both languages list the same.
func TestDocumentsNameRealMessages(t *testing.T) {
	source := programText(t)
	english, russian := documentMessages(t, "docs/operating.md"), documentMessages(t, "docs/operating.ru.md")
	if len(english) < 15 {
		t.Fatalf("only %d messages are found: %q", len(english), english)
	}
	if diff := cmp.Diff(english, russian); diff != "" {
		t.Errorf("docs/operating.ru.md names others (-English +Russian):\n%s", diff)
	}
	var told []string
	for _, message := range english {
		if words := strings.TrimSpace(strings.ReplaceAll(message, "…", "")); !strings.Contains(source, words) {
			t.Errorf("nothing logs %q", message)
		}
		told = append(told, strings.NewReplacer(" …", ".*", "…", ".*").Replace(regexp.QuoteMeta(message)))
	}
	table := regexp.MustCompile("^(?:" + strings.Join(told, "|") + ")")
	logged := regexp.MustCompile(`[lL]og\.(?:Warn|Error)\("([^"]+)"`).FindAllStringSubmatch(source, -1)
	if len(logged) < 30 {
		t.Fatalf("only %d warnings and errors are found", len(logged))
	}
	for _, l := range logged {
		if !table.MatchString(l[1]) {
			t.Errorf("docs/operating.md does not say what to do about %q", l[1])
		}
	}
}

// documentMessages returns the backquoted texts in the first column of the table of
// messages, in order.
func documentMessages(t *testing.T, name string) (messages []string) {
	t.Helper()
	text := document(t, name)
	at := regexp.MustCompile(`\| (message|сообщение) \|`).FindStringIndex(text)
	if at == nil {
		t.Fatalf("%s has no table of messages", name)
	}
	table, _, _ := strings.Cut(text[at[1]:], "\n\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
			messages = append(messages, code[1])
		}
	}
	return messages
}

// documents are what people read, in pairs of languages where there are two.
var documents = []string{
	"README.md", "README.ru.md", "docs/using.md", "docs/using.ru.md", "docs/operating.md", "docs/operating.ru.md",
	"SECURITY.md", "docs/security.ru.md", "CONTRIBUTING.md", "CHANGELOG.md",
}

// Every link in the documents to something in the repository leads somewhere, to the
// heading too.
func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	link := regexp.MustCompile(`(?:\]\(|src=")([^)#"]*)(?:#([^)"]+))?[)"]`)
	for _, name := range documents {
		text := document(t, name)
		links := link.FindAllStringSubmatch(text, -1)
		for _, l := range links {
			to, heading := l[1], l[2]
			if strings.Contains(to, "://") {
				continue
			}
			target := name
			if to != "" {
				target = filepath.Join(filepath.Dir(name), to)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s: %v", name, to, err)
			} else if heading != "" && !headings(document(t, target))[heading] {
				t.Errorf("%s links to %s#%s, a heading that is not there", name, to, heading)
			}
		}
		if name != "CHANGELOG.md" && len(links) == 0 {
			t.Errorf("%s links to nothing", name)
		}
	}
}

// CONTRIBUTING.md has a line for every package.
func TestContributingNamesEveryPackage(t *testing.T) {
	text := document(t, "CONTRIBUTING.md")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root || !d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.Name() == "testdata" || strings.HasPrefix(name, ".") {
			return fs.SkipDir
		}
		source, err := filepath.Glob(filepath.Join(path, "*.go"))
		if len(source) > 0 && !strings.Contains(text, "\n| `"+name+"/` |") {
			t.Errorf("CONTRIBUTING.md does not name %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// headings are a document's, as links name them.
func headings(text string) map[string]bool {
	all := map[string]bool{}
	for _, h := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(h[1]), "")
		all[strings.ReplaceAll(name, " ", "-")] = true
	}
	return all
}

// Both languages have the same sections, tables and examples, in the same order.
func TestDocumentsAreTwins(t *testing.T) {
	block := regexp.MustCompile("(?m)^ *(#+ |```\\w*$|\\|---|- \\*\\*|[0-9]+\\. \\*\\*)")
	for i := 0; i < 8; i += 2 {
		english, russian := block.FindAllString(document(t, documents[i]), -1), block.FindAllString(document(t, documents[i+1]), -1)
		if diff := cmp.Diff(english, russian); diff != "" {
			t.Errorf("%s is built otherwise (-English +Russian):\n%s", documents[i+1], diff)
		}
	}
}

// The release named by the documents and the image is the program's.
func TestReleaseIsNamedTheSameEverywhere(t *testing.T) {
	version := regexp.MustCompile(`const version = "(.+)"`).FindStringSubmatch(document(t, "main.go"))
	if len(version) < 2 {
		t.Fatal("main.go names no version")
	}
	named := regexp.MustCompile(`plusofon-bot[-_:](\d+\.\d+\.\d+)|image\.version="([^"]+)"`)
	for _, name := range append([]string{"Dockerfile"}, documents...) {
		for _, n := range named.FindAllStringSubmatch(document(t, name), -1) {
			if n[1]+n[2] != version[1] {
				t.Errorf("%s names the release %s, the program is %s", name, n[1]+n[2], version[1])
			}
		}
	}
	released := regexp.MustCompile(`(?m)^## \[(\d[^\]]*)\]`).FindStringSubmatch(document(t, "CHANGELOG.md"))
	if len(released) < 2 || released[1] != version[1] {
		t.Errorf("the newest release in CHANGELOG.md is %q, the program is %s", released, version[1])
	}
}

// All container builds use the same base image, named by its full version.
func TestBaseImageIsNamedTheSameEverywhere(t *testing.T) {
	base := regexp.MustCompile(`golang:\d+\.\d+\.\d+-\w+`).FindString(document(t, "Dockerfile"))
	for _, name := range []string{"Dockerfile", ".github/workflows/ci.yml", ".github/workflows/release.yml"} {
		images := regexp.MustCompile(`golang:[\w.-]+`).FindAllString(document(t, name), -1)
		if len(images) != 1 || images[0] != base {
			t.Errorf("%s builds in %q, want one full version, %q", name, images, base)
		}
	}
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// programText returns the source of the program without its tests.
func programText(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
