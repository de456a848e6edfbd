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

// Every message that the READMEs tell an operator to look for is one that the
// program can write, and both tell of the same.
func TestReadmesNameRealMessages(t *testing.T) {
	source := programText(t)
	english, russian := readmeMessages(t, "README.md"), readmeMessages(t, "README.ru.md")
	if len(english) < 15 {
		t.Fatalf("only %d messages are found: %q", len(english), english)
	}
	if diff := cmp.Diff(english, russian); diff != "" {
		t.Errorf("README.ru.md names others (-English +Russian):\n%s", diff)
	}
	for _, message := range english {
		if words := strings.TrimSpace(strings.ReplaceAll(message, "…", "")); !strings.Contains(source, words) {
			t.Errorf("nothing logs %q", message)
		}
	}
}

// readmeMessages are what stands in backquotes in the first column of the table of
// messages, in its order.
func readmeMessages(t *testing.T, name string) (messages []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	at := regexp.MustCompile(`\| (message|сообщение) \|`).FindIndex(text)
	if at == nil {
		t.Fatalf("%s has no table of messages", name)
	}
	table, _, _ := strings.Cut(string(text[at[1]:]), "\n\n")
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

// programText is the source of the program without its tests.
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
