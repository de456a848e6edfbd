package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/joho/godotenv"

	_ "plusofon-bot/internal/platform" // says where a build can't run
)

// maxFile is how large the file with a value, or .env, may be.
const maxFile = 64 << 10

var (
	errNotRegular error = Text{"this is no regular file (a folder, a pipe or a device)", "это не обычный файл (папка, канал или устройство)"}
	errTooLarge   error = Text{"the file is larger than 64 KB", "файл больше 64 КБ"}
)

// readFile reads a small regular file without the byte order mark that some editors
// put before a text. A pipe or a device could keep the program waiting without end,
// and so it is not even opened.
func readFile(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", errNotRegular
	case info.Size() > maxFile:
		return "", errTooLarge
	}
	// Without O_NONBLOCK a pipe that has taken the file's place since would be waited for.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errTooLarge
	}
	return strings.TrimPrefix(string(text), "\ufeff"), err
}

// unreadable says why a file could not be read without its path, which may be
// a secret that was meant for the variable without _FILE.
func unreadable(err error) Text {
	if t, ok := errors.AsType[Text](err); ok {
		return t
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Text{"there is no such file", "такого файла нет"}
	case errors.Is(err, fs.ErrPermission):
		return Text{"nothing permits reading the file", "нет прав на чтение файла"}
	default:
		return Text{"the file can't be read", "файл не читается"}
	}
}

// readDotEnv returns what the .env file sets; no file sets nothing.
// The parser's own error is left out, for it quotes the file.
func readDotEnv() (map[string]string, error) {
	text, err := readFile(dotEnvName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(err).and(Text{", nothing in it counts", ", значения из него не учтены"})
	}
	values, ok := parseDotEnv(text)
	if !ok {
		n := badLine(text)
		return nil, Text{
			fmt.Sprintf("line %d can't be read, nothing in the file counts: each line must be NAME=value", n),
			fmt.Sprintf("строка %d не разобрана, значения из файла не учтены: в каждой строке должно быть ИМЯ=значение", n),
		}
	}
	return values, nil
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func parseDotEnv(text string) (map[string]string, bool) {
	values, err := godotenv.Unmarshal(text)
	// The parser takes a colon for an equals sign, so that a name can be half a line
	// of prose, or of a token.
	misread := slices.ContainsFunc(slices.Collect(maps.Keys(values)), func(name string) bool { return !variableName.MatchString(name) })
	return values, err == nil && !misread
}

// longestValue is over how many lines a quoted value is followed to its end.
const longestValue = 100

// badLine is the number of the first line that can't be read, alone or, where it opens a
// quotation, with those behind it.
func badLine(text string) int {
	lines := strings.SplitAfter(text, "\n")
	for n := 0; n < len(lines); {
		read := 0 // lines that make a statement
		for end := n + 1; read == 0 && end <= min(len(lines), n+longestValue); end++ {
			if _, ok := parseDotEnv(strings.Join(lines[n:end], "")); ok {
				read = end - n
			}
		}
		if read == 0 {
			return n + 1
		}
		n += read
	}
	return len(lines)
}

// lookup finds a variable's value in the first source that says anything about
// it, so that the real environment's X_FILE wins over the .env file's X.
func lookup(name string, sources ...map[string]string) (string, *problem) {
	for _, source := range sources {
		value, path := source[name], source[name+fileSuffix]
		switch {
		case value != "" && path != "":
			return "", &problem{
				label: name + ", " + name + fileSuffix,
				text:  Text{"both variables are set, leave one", "заданы обе переменные, оставьте одну"},
			}
		case value != "":
			return value, nil
		case path != "":
			return readValue(name, path)
		}
	}
	return "", nil
}

// readValue reads a variable's value from the file that X_FILE names.
func readValue(name, path string) (string, *problem) {
	label := name + fileSuffix
	text, err := readFile(path)
	if err != nil {
		return "", &problem{label: label, text: unreadable(err).and(Text{", check the path", ", проверьте путь"})}
	}
	value := strings.Trim(text, "\r\n")
	if value == "" {
		return "", &problem{label: label, text: Text{"the file is empty, write the value into it", "файл пуст, запишите в него значение"}}
	}
	return value, nil
}
