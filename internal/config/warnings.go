package config

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Warning is what may be a mistake and is no reason not to run.
type Warning struct {
	Variable string
	Why      string // English, for the log
}

// Warnings tells what looks wrong in a configuration that was loaded from environ.
func Warnings(environ []string, cfg Config) (list []Warning) {
	for name, meant := range misspeltIn(env.ToMap(environ)).sorted() {
		list = append(list, Warning{name, "it looks like a misspelt " + meant + " and is not used"})
	}
	for _, a := range []struct {
		name string
		url  BaseURL
	}{{"TELEGRAM_API_URL", cfg.TelegramAPIURL}, {"PLUSOFON_API_URL", cfg.PlusofonAPIURL}} {
		if isOpen(a.url) {
			list = append(list, Warning{a.name, "it is http:// to another host: tokens and messages can be read and changed on their way"})
		}
	}
	return list
}

// isOpen tells whether what goes to an address leaves this machine unencrypted.
func isOpen(address BaseURL) bool {
	u, err := url.Parse(string(address))
	if err != nil || u.Scheme != "http" || u.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback()
}

// misspelt are names that nobody knows, each with the variable that was probably meant.
type misspelt map[string]string

// misspeltIn finds the names that are almost those of variables.
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
			// Of two that are as near the first by the alphabet is named.
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
			"there is no such setting, it looks like " + meant + ". Correct the name or take the line out",
			"такой настройки нет, похоже на " + meant + ". Исправьте имя или уберите строку",
		}})
	}
	return list
}

// longName is how long a name is in which two letters may be wrong.
const longName = 14

// resembles tells whether a name is another one but for a slip: letters of another
// case, signs left out or put between, one letter wrong, in a long name two.
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

// distance is how many letters have to be added, dropped, changed or swapped with their
// neighbours to make b of a (optimal string alignment).
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
