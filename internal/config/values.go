package config

import (
	"net"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// The errors in this file are shown to an administrator after a variable's name. None
// contains any part of the value.

var botToken = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)

func checkBotToken(value string) error {
	if !botToken.MatchString(value) {
		return Text{"it does not look like a bot token (digits, a colon, Latin letters and digits)", "не похоже на токен бота (цифры, двоеточие, латинские буквы и цифры)"}
	}
	return nil
}

// checkHeaderToken rejects what would break or forge an HTTP header.
func checkHeaderToken(value string) error {
	if len(value) > len("Bearer ") && strings.EqualFold(value[:len("Bearer ")], "Bearer ") {
		return Text{"it begins with the word Bearer; set only the token itself", "начинается со слова Bearer, оставьте только сам токен"}
	}
	for _, r := range value {
		if r <= ' ' || r > '~' {
			return Text{"it contains a space or a character that is not allowed", "содержит пробел или недопустимый знак"}
		}
	}
	return nil
}

func checkEmail(value string) error {
	name, host, found := strings.Cut(value, "@")
	if !found || name == "" || host == "" || strings.ContainsAny(value, " \t\r\n") {
		return Text{"it does not look like an e-mail address", "не похоже на адрес почты"}
	}
	return nil
}

func checkDigits(value string) error {
	if strings.Trim(value, "0123456789") != "" {
		return Text{"only digits are allowed", "допустимы только цифры"}
	}
	return nil
}

func oneOf(allowed ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(allowed, value) {
			return Text{"there is no such value", "такого значения нет"}
		}
		return nil
	}
}

// parsers parse the types that the env library does not know, or whose errors from the
// library would quote the value.
var parsers = map[reflect.Type]env.ParserFunc{
	reflect.TypeFor[BaseURL]():       func(v string) (any, error) { return parseBaseURL(v) },
	reflect.TypeFor[PerMinute]():     func(v string) (any, error) { return parsePerMinute(v) },
	reflect.TypeFor[[]int64]():       func(v string) (any, error) { return parseIDs(v) },
	reflect.TypeFor[time.Duration](): func(v string) (any, error) { return parseInterval(v) },
	reflect.TypeFor[Language]():      func(v string) (any, error) { return parseLanguage(v) },
	reflect.TypeFor[time.Location](): func(v string) (any, error) { return parseZone(v) },
	reflect.TypeFor[FileSize]():      func(v string) (any, error) { return parseFileSize(v) },
	reflect.TypeFor[Days]():          func(v string) (any, error) { return parseDays(v) },
	reflect.TypeFor[HTTPAddr]():      func(v string) (any, error) { return parseHTTPAddr(v) },
}

// BaseURL is an http or https address that paths are appended to, without trailing slash,
// query, fragment and user.
type BaseURL string

func parseBaseURL(value string) (BaseURL, error) {
	u, err := url.Parse(value)
	switch {
	case err != nil:
		return "", Text{"it does not look like an address", "не похоже на адрес"}
	case u.Scheme != "https" && u.Scheme != "http":
		return "", Text{"the address must begin with https:// or http://", "адрес должен начинаться с https:// или http://"}
	case u.Hostname() == "":
		return "", Text{"the address has no server name", "в адресе нет имени сервера"}
	case u.User != nil:
		return "", Text{"the address must not contain a user and password", "в адресе не должно быть имени и пароля"}
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#"):
		return "", Text{"the address must not contain ? or #", "в адресе не должно быть знаков ? и #"}
	}
	return BaseURL(strings.TrimRight(u.String(), "/")), nil
}

// PerMinute is a number of requests a minute.
type PerMinute int

func parsePerMinute(value string) (PerMinute, error) {
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, Text{"it is not a whole number", "не целое число"}
	}
	if n < 6 || n > 6000 {
		return 0, Text{"the number is out of range", "число вне пределов"}
	}
	return PerMinute(n), nil
}

// parseIDs parses Telegram user ids separated by commas or spaces, and removes duplicates.
func parseIDs(value string) ([]int64, error) {
	var ids []int64
	for field := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }) {
		id, err := strconv.ParseInt(field, 10, 64)
		if err != nil || id <= 0 {
			return nil, Text{"it is not a list of numbers (names with @ don't work)", "не список номеров (имена с @ не подходят)"}
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func parseInterval(value string) (time.Duration, error) {
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return 0, Text{"it is a number without a unit of time", "число без единицы времени"}
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		return 0, Text{"it is not a duration", "не промежуток времени"}
	}
	if d < time.Second {
		return 0, Text{"that is too often", "слишком часто"}
	}
	return d, nil
}

// Language is ru or en.
type Language string

// parseLanguage also accepts the system's lists of locales ("en_US:en"): many desktops set
// a variable of the same name, and shells pass it on.
func parseLanguage(value string) (Language, error) {
	first := value
	if i := strings.IndexAny(value, "_-.:@"); i >= 0 {
		first = value[:i]
	}
	switch first {
	case "ru", "en":
		return Language(first), nil
	}
	return "", Text{"there is no such language", "такого языка нет"}
}

// parseZone rejects "Local": the meaning of Plusofon's dates must not depend on the machine.
func parseZone(value string) (time.Location, error) {
	zone, err := time.LoadLocation(value)
	if err != nil || value == "Local" {
		return time.Location{}, Text{"there is no such time zone", "такого часового пояса нет"}
	}
	return *zone, nil
}

// FileSize is in bytes.
type FileSize int64

const (
	kilobyte    FileSize = 1 << 10
	megabyte             = kilobyte << 10
	gigabyte             = megabyte << 10
	maxFileSize          = 2000 * megabyte // the limit of a self-hosted Bot API server
)

var sizeShape = regexp.MustCompile(`^([0-9]{1,10}) ?(|B|KB|MB|GB)$`)

func parseFileSize(value string) (FileSize, error) {
	parts := sizeShape.FindStringSubmatch(strings.ToUpper(value))
	if parts == nil {
		return 0, Text{"it is not a file size", "не размер файла"}
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return 0, Text{"it is not a file size", "не размер файла"}
	}
	unit := map[string]FileSize{"": 1, "B": 1, "KB": kilobyte, "MB": megabyte, "GB": gigabyte}[parts[2]]
	// Ten digits of gigabytes would overflow, so compare in units.
	if n < 1 || FileSize(n) > maxFileSize/unit {
		return 0, Text{"the size is out of range", "размер вне пределов"}
	}
	return FileSize(n) * unit, nil
}

// Days is a number of days; 0: forever.
type Days int

func parseDays(value string) (Days, error) {
	n, err := strconv.Atoi(value)
	switch {
	case err != nil:
		return 0, Text{"it is not a whole number of days", "не целое число дней"}
	case n < 1 || n > 36500:
		return 0, Text{"the number of days is out of range", "число дней вне пределов"}
	}
	return Days(n), nil
}

// HTTPAddr is host:port to listen on, with an empty host for all addresses; "" is off.
type HTTPAddr string

func parseHTTPAddr(value string) (HTTPAddr, error) {
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		return "", Text{"it is not an address with a port", "не адрес с портом"}
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", Text{"the port is not a number from 0 to 65535", "порт не число от 0 до 65535"}
	}
	return HTTPAddr(value), nil
}
