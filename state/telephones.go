package state

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/mattn/go-sqlite3"
)

// DriverName is the driver of the store's database: SQLite with a function that the
// triggers call.
const DriverName = "sqlite3_telephones"

func init() {
	sql.Register(DriverName, &sqlite3.SQLiteDriver{ConnectHook: registerTelephones})
}

func registerTelephones(c *sqlite3.SQLiteConn) error {
	return c.RegisterFunc("telephones", func(text string) (string, error) {
		list, err := json.Marshal(telephones(text))
		return string(list), err
	}, true)
}

const (
	// fewestDigits is the minimum length of a telephone number: that of a small town's
	// without the area code.
	fewestDigits = 5
	// mostDigits is how many digits are kept of a longer run: its last ones.
	mostDigits = 11
	// longestNumber is the maximum length of a telephone number in any country.
	longestNumber = 15
	// mostTelephones is the maximum number of numbers indexed per text: logs are full of
	// lookalikes.
	mostTelephones = 200
)

// digitRun is a run of digits, ignoring the separators used in telephone numbers.
type digitRun struct {
	digits string
	groups []int // ends of groups of digits, as indexes of digits
	from   []int // offset in the text of each digit, in bytes
}

// digitRuns finds the runs of digits in a text.
func digitRuns(text string) (runs []digitRun) {
	var run digitRun
	var digits []byte
	ends := func() {
		if n := len(digits); n > 0 && (len(run.groups) == 0 || run.groups[len(run.groups)-1] != n) {
			run.groups = append(run.groups, n)
		}
	}
	flush := func() {
		if ends(); len(digits) > 0 {
			run.digits = string(digits)
			runs = append(runs, run)
		}
		run, digits = digitRun{}, nil
	}
	for at, r := range text {
		switch {
		case '0' <= r && r <= '9':
			digits, run.from = append(digits, byte(r)), append(run.from, at)
		case strings.ContainsRune("()+-./\u2010\u2011\u2012\u2013\u2014\u2212", r), unicode.Is(unicode.Zs, r), unicode.Is(unicode.Cf, r):
			ends() // numbers copied from a telephone are surrounded by formatting characters
		default:
			flush()
		}
	}
	flush()
	return runs
}

// national strips Russia's country code, or the 8 dialled instead of it.
func national(digits string) string {
	if len(digits) == 11 && (digits[0] == '7' || digits[0] == '8') {
		return digits[1:]
	}
	return digits
}

func reversed(digits string) string {
	b := []byte(digits)
	slices.Reverse(b)
	return string(b)
}

// telephones returns the numbers of a text as they are indexed, each once. When numbers
// follow each other, their boundaries are ambiguous: a number may end wherever a group
// of digits ends.
func telephones(text string) []string {
	list := []string{}
	seen := map[string]bool{}
	for _, run := range digitRuns(text) {
		for number := range run.numbers() {
			number = reversed(number)
			if !seen[number] && len(list) < mostTelephones {
				seen[number] = true
				list = append(list, number)
			}
		}
	}
	return list
}

// numbers yields the possible numbers in a run, without Russia's country code, with
// their ends: the ends of groups of digits.
func (run digitRun) numbers() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		begins := 0
		for _, end := range run.groups {
			longest := end - begins
			begins = end
			if end < fewestDigits || longest > longestNumber {
				continue
			}
			if !yield(national(run.digits[max(0, end-mostDigits):end]), end) {
				return
			}
		}
	}
}

// Telephone reports whether words are a telephone number, and returns its digits. Fewer
// than seven digits must be formatted as one; otherwise they are a ticket number.
func Telephone(words string) (digits string, ok bool) {
	runs := digitRuns(words)
	if len(runs) != 1 || strings.ContainsFunc(words, func(r rune) bool { return unicode.IsLetter(r) || r == '№' || r == '#' }) {
		return "", false
	}
	digits = runs[0].digits
	n := len(digits)
	return national(digits), n >= 7 && n <= longestNumber || n >= fewestDigits && len(runs[0].groups) > 1
}

// TelephoneAt returns the byte offset of a number's digits in a text; -1 if it is not
// there.
func TelephoneAt(text, number string) int {
	for _, run := range digitRuns(text) {
		for given, end := range run.numbers() {
			if strings.HasSuffix(given, number) || strings.HasSuffix(number, given) {
				return run.from[end-min(len(given), len(number))]
			}
		}
	}
	return -1
}

// searchTelephone finds subjects and posts with a number, newest first: as given, with
// more of its code, or with less. It looks at most at n.
func (tx *Tx) searchTelephone(number string, n int) ([]Hit, error) {
	digits := reversed(number)
	shorter := []string{}
	for i := fewestDigits; i < len(digits); i++ {
		shorter = append(shorter, digits[:i])
	}
	list, err := json.Marshal(shorter)
	if err != nil {
		return nil, err
	}
	hits, err := all(tx, "search telephone", func(r scanner) (h Hit, err error) {
		err = r.Scan(&h.Ticket, &h.Post)
		return h, err
	}, `SELECT ticket_id, post_id FROM telephones WHERE digits >= +?1 AND digits < ?1 || ':'
		UNION ALL SELECT ticket_id, post_id FROM telephones WHERE digits IN (SELECT value FROM json_each(?2)) LIMIT +?3`, digits, string(list), n)
	slices.SortFunc(hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Ticket, a.Ticket), cmp.Compare(b.Post, a.Post)) })
	return slices.Compact(hits), err
}
