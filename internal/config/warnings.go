package config

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Warning is a possible mistake that does not prevent running.
type Warning struct {
	Variable string
	Why      string // English, for the log
}

// Warnings returns what looks wrong in a configuration loaded from environ.
func Warnings(environ []string, cfg Config) (list []Warning) {
	for name, meant := range misspeltIn(env.ToMap(environ)).sorted() {
		list = append(list, Warning{name, "it looks like a misspelt " + meant + " and is not used"})
	}
	for _, a := range []struct {
		name string
		url  BaseURL
	}{{"TELEGRAM_API_URL", cfg.TelegramAPIURL}, {"PLUSOFON_API_URL", cfg.PlusofonAPIURL}} {
		if isOpen(a.url) {
			list = append(list, Warning{a.name, "it is http:// to another host: tokens and messages can be read and changed in transit"})
		}
	}
	return list
}

// isOpen reports whether requests to an address leave this machine unencrypted.
func isOpen(address BaseURL) bool {
	u, err := url.Parse(string(address))
	if err != nil || u.Scheme != "http" || u.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback()
}

// misspelt maps unknown names to the variables probably meant.
type misspelt map[string]string

// misspeltIn finds names that resemble variables.
func misspeltIn(names map[string]string) misspelt {
	known := map[string]bool{}
	for _, v := range variables {
		known[v.name], known[v.name+fileSuffix] = true, true
	}
	found := misspelt{}
	for name := range names {
		if known[name] {
			continue
		}
		for meant := range known {
			// Of equally close names, choose the first alphabetically.
			if resembles(name, meant) && (found[name] == "" || meant < found[name]) {
				found[name] = meant
			}
		}
	}
	return found
}

func (m misspelt) with(others misspelt) misspelt {
	all := maps.Clone(m)
	maps.Copy(all, others)
	return all
}

func (m misspelt) sorted() func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}

func (m misspelt) problems() (list []problem) {
	for name, meant := range m.sorted() {
		list = append(list, problem{label: name, text: Text{
			"there is no such setting, it looks like " + meant + ". Correct the name or remove the line",
			"такой настройки нет, похоже на " + meant + ". Исправьте имя или уберите строку",
		}})
	}
	return list
}

// longName is the length from which a name may have two typos.
const longName = 14

// resembles reports whether a name is another one with a typo: different case, missing or
// extra separators, one wrong letter, or two in a long name.
func resembles(name, meant string) bool {
	if letters(name) == letters(meant) {
		return true
	}
	slips := 1
	if len(meant) >= longName {
		slips = 2
	}
	return distance(name, meant) <= slips
}

func letters(name string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToUpper(name))
}

// distance is the number of letters to insert, delete, change or swap with a neighbour to
// turn a into b (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
