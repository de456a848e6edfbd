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

	_ "plusofon-bot/internal/platform" // explains where a build can't run
)

// maxFile is the maximum size of a value's file, or of .env.
const maxFile = 64 << 10

var (
	errNotRegular error = Text{"this is not a regular file (but a folder, a pipe or a device)", "это не обычный файл (папка, канал или устройство)"}
	errTooLarge   error = Text{"the file is larger than 64 KB", "файл больше 64 КБ"}
)

// readFile reads a small regular file, without the byte order mark that some editors add.
// Pipes and devices are not even opened: they could block forever.
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
	// With O_NONBLOCK, a pipe that has replaced the file since does not block.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // read-only
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errTooLarge
	}
	return strings.TrimPrefix(string(text), "\ufeff"), err
}

// unreadable says why a file could not be read, without its path, which may be a secret
// meant for the variable without _FILE.
func unreadable(err error) Text {
	if t, ok := errors.AsType[Text](err); ok {
		return t
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Text{"there is no such file", "такого файла нет"}
	case errors.Is(err, fs.ErrPermission):
		return Text{"no permission to read the file", "нет прав на чтение файла"}
	default:
		return Text{"the file can't be read", "файл не читается"}
	}
}

// readDotEnv returns the variables set by the .env file, if there is one. The parser's own
// error is omitted because it quotes the file.
func readDotEnv() (map[string]string, error) {
	text, err := readFile(dotEnvName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(err).and(Text{", nothing in it is used", ", значения из него не учтены"})
	}
	values, ok := parseDotEnv(text)
	if !ok {
		n := badLine(text)
		return nil, Text{
			fmt.Sprintf("line %d can't be parsed, nothing in the file is used: each line must be NAME=value", n),
			fmt.Sprintf("строка %d не разобрана, значения из файла не учтены: в каждой строке должно быть ИМЯ=значение", n),
		}
	}
	return values, nil
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func parseDotEnv(text string) (map[string]string, bool) {
	values, err := godotenv.Unmarshal(text)
	// The parser accepts a colon as an equals sign, so that a name may be half a line of
	// prose, or of a token.
	misread := slices.ContainsFunc(slices.Collect(maps.Keys(values)), func(name string) bool { return !variableName.MatchString(name) })
	return values, err == nil && !misread
}

// longestValue is the maximum number of lines of a quoted value.
const longestValue = 100

// badLine returns the number of the first line that can't be parsed, by itself or, if it
// opens a quotation, with the lines after it.
func badLine(text string) int {
	lines := strings.SplitAfter(text, "\n")
	for n := 0; n < len(lines); {
		read := 0 // lines of the statement
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

// lookup returns a variable's value from the first source that sets it in either form, so
// that the environment's NAME_FILE takes precedence over the .env file's NAME.
func lookup(name string, sources ...map[string]string) (string, *problem) {
	for _, source := range sources {
		value, path := source[name], source[name+fileSuffix]
		switch {
		case value != "" && path != "":
			return "", &problem{
				label: name + ", " + name + fileSuffix,
				text:  Text{"both variables are set, remove one", "заданы обе переменные, оставьте одну"},
			}
		case value != "":
			return value, nil
		case path != "":
			return readValue(name, path)
		}
	}
	return "", nil
}

// readValue reads a variable's value from the file named by NAME_FILE.
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
