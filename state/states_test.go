package state

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"strings"
	"testing"
)

// record is a row of a table by column names.
type record map[string]any

// records returns the rows of a table in key order.
func records(t *testing.T, db *sql.DB, query string) (list []record) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		r := record{}
		for i, name := range columns {
			r[name] = values[i]
		}
		list = append(list, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// What schema 8 makes of the state and reason of submissions and files, and of payloads.
// Anything not listed is unchanged.
var (
	submissionsOf8 = map[string]string{
		"queued waiting":    "waiting ",
		"sending waiting":   "sending ",
		"failed mention":    "held mention",
		"failed not_found":  "refused not_found",
		"failed refused":    "refused refused",
		"failed no_access":  "refused no_access",
		"failed gave_up":    "parked gave_up",
		"failed ":           "failed fails",
		"failed otherwise":  "failed fails",
		"cancelled refused": "cancelled ",
		"cancelled gave_up": "cancelled ",
		"unknown otherwise": "unknown ",
	}
	filesOf8 = map[string]string{
		"failed file_too_big":  "failed too_big",
		"failed file_gone":     "failed gone",
		"failed file_refused":  "failed refused",
		"failed file_gave_up":  "failed gave_up",
		"failed file_doubtful": "doubtful ",
		"failed otherwise":     "failed fails",
		"delivered otherwise":  "delivered ",
	}
	payloadsOf8 = map[string]string{
		`{"ticket":23624,"chat":100,"user":100,"message":1065,"page":-1}`:                        `{"ticket":23624,"chat":100,"user":100,"message":1065,"page":-1,"purpose":"history"}`,
		`{"ticket":23640,"chat":102,"user":102,"message":3031,"page":-1}`:                        `{"ticket":23640,"chat":102,"user":102,"message":3031,"page":-1,"purpose":"history"}`,
		`{"ticket":23624,"chat":-1001234567890,"user":103,"message":6031,"page":-1,"thread":61}`: `{"ticket":23624,"chat":-1001234567890,"user":103,"message":6031,"page":-1,"thread":61,"purpose":"history"}`,
		`{"ticket":23624,"chat":100,"user":100,"message":1010,"edit":true,"page":0}`:             `{"ticket":23624,"chat":100,"user":100,"message":1010,"page":0,"purpose":"page"}`,
		`{"ticket":23655,"chat":102,"user":102,"message":3030,"page":-1,"follow":true}`:          `{"ticket":23655,"chat":102,"user":102,"message":3030,"page":-1,"purpose":"follow"}`,
		`{"ticket":23640,"chat":102,"user":102,"message":3003,"page":2,"export":true}`:           `{"ticket":23640,"chat":102,"user":102,"message":3003,"page":2,"purpose":"export"}`,
		`{"ticket":23630,"chat":100,"user":100,"page":0,"waits":true}`:                           `{"ticket":23630,"chat":100,"user":100,"page":0,"purpose":"wait"}`,
	}
	stagesOf8 = strings.NewReplacer(
		`"stage":"queued waiting 0 0"`, `"stage":"waiting  0 0"`,
		`"stage":"failed refused 0 0"`, `"stage":"refused refused 0 0"`,
		`"stage":"failed mention 0 0"`, `"stage":"held mention 0 0"`,
	)
)

// become applies a table of states and reasons to a record.
func (r record) become(table map[string]string) {
	was := fmt.Sprint(r["state"], " ", r["reason"])
	r["state"], r["reason"], _ = strings.Cut(cmp.Or(table[was], was), " ")
}

// After the migration every submission, file and request means what it meant before, and
// nothing else has changed.
func TestStatesKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	const submissions = `SELECT * FROM submissions ORDER BY submission_id`
	const parts = `SELECT * FROM parts ORDER BY chat_id, message_id`
	const files = `SELECT * FROM files ORDER BY submission_id, n`
	const outbox = `SELECT * FROM outbox ORDER BY id`
	const sequences = `SELECT name, seq FROM sqlite_sequence WHERE name IN ('inbox', 'outbox', 'submissions') ORDER BY name`
	for n := 1; n <= 7; n++ {
		t.Run(fmt.Sprintf("schema %d", n), func(t *testing.T) {
			path := frozen(t, n)
			old := rawDB(t, path)
			// Combinations missing from the dumps.
			for i, words := range []string{"failed ", "failed otherwise", "sending waiting", "unknown otherwise"} {
				state, reason, _ := strings.Cut(words, " ")
				if _, err := old.Exec(`INSERT INTO submissions (kind, chat_id, message_id, user_id, ticket_id, text, state, reason, created_at)
					VALUES ('answer', 1, ?, 1, 1, 'Слова', ?, ?, 1)`, i+1, state, reason); err != nil {
					t.Fatal(err)
				}
			}
			for i, words := range []string{"failed otherwise", "delivered otherwise"} {
				state, reason, _ := strings.Cut(words, " ")
				if _, err := old.Exec(`INSERT INTO files (submission_id, n, file_id, name, size, state, reason) VALUES (5, ?, 'f', 'f', 1, ?, ?)`,
					i, state, reason); err != nil {
					t.Fatal(err)
				}
			}
			// The last rows are gone, as after pruning: their ids are not reused.
			if _, err := old.Exec(`DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox)`); err != nil {
				t.Fatal(err)
			}
			want := map[string][]record{}
			for _, query := range []string{submissions, parts, files, outbox, sequences} {
				want[query] = records(t, old, query)
				if len(want[query]) == 0 {
					t.Fatalf("%s: nothing", query)
				}
			}
			for _, r := range want[submissions] {
				r.become(submissionsOf8)
			}
			for _, r := range want[files] {
				r.become(filesOf8)
			}
			for _, r := range want[outbox] {
				checks, isNumber := r["checks"].(int64)
				payload, isText := r["payload"].(string)
				if !isNumber || !isText {
					t.Fatalf("a row of the outbox: %v", r)
				}
				r["succeeded"] = int64(0)
				if checks < 0 {
					r["succeeded"], r["checks"] = int64(1), checks+2
				}
				r["payload"] = cmp.Or(payloadsOf8[payload], stagesOf8.Replace(payload))
			}
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}

			closed(t, openSteps(t, path, allSteps(t)[:8]))
			migrated := rawDB(t, path)
			for query, rows := range want {
				got := records(t, migrated, query)
				if len(got) != len(rows) {
					t.Fatalf("%s: %d rows, want %d", query, len(got), len(rows))
				}
				for i, r := range rows {
					maps.DeleteFunc(got[i], func(column string, _ any) bool {
						_, known := r[column]
						return !known // it is of a later schema
					})
					equal(t, query, got[i], r)
				}
			}
			if broken := records(t, migrated, `PRAGMA foreign_key_check`); len(broken) > 0 {
				t.Errorf("broken references: %v", broken)
			}
		})
	}
}
