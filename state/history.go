package state

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// applicationID is SQLite's application id of this program's databases: "Plsf".
const applicationID = 0x506c7366

// unsigned is the last schema version that exists in databases without our application
// id and without migration hashes. Those are verified by comparing schemas.
const unsigned = 7

// hashKey prefixes the keys of meta that hold migration hashes; the migration's number
// follows.
const hashKey = "migration_"

// hashOf returns the hash that identifies a migration.
func hashOf(script string) string {
	sum := sha256.Sum256([]byte(script))
	return hex.EncodeToString(sum[:])
}

// querier is implemented by databases and transactions.
type querier interface {
	Exec(query string, args ...any) (sql.Result, error)
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// sign records the application id and the hashes of the migrations in a database.
func sign(q querier, steps []string) error {
	if _, err := q.Exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return err
	}
	for n, script := range steps {
		_, err := q.Exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
			hashKey+strconv.Itoa(n+1), hashOf(script))
		if err != nil {
			return err
		}
	}
	return nil
}

// signature returns the recorded migration hashes by migration number.
func signature(q querier) (map[string]string, error) {
	return pairs(q, `SELECT substr(key, length(?1) + 1), value FROM meta WHERE substr(key, 1, length(?1)) = +?1`, hashKey)
}

// identify returns a database's schema version, 0 if it is empty, and whether it has
// our application id. It rejects another program's database, and one that has more
// than newest migrations.
func identify(q querier, newest int) (version int, own bool, err error) {
	var id, objects, tables int
	err = q.QueryRow(`SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
		count(*), count(*) FILTER (WHERE type = 'table' AND name IN ('meta', 'outbox')) FROM sqlite_schema`).Scan(&id, &version, &objects, &tables)
	if err != nil {
		return 0, false, fmt.Errorf("read what the database is: %w", damage(err))
	}
	own = id == applicationID
	switch {
	case version == 0 && objects == 0 && (own || id == 0):
		return 0, own, nil
	case !own && id != 0, !own && version > unsigned, version == 0, tables < 2:
		return 0, own, fmt.Errorf("%w (application id %d, schema %d, %d tables and indexes)", ErrForeign, id, version, objects)
	case version > newest:
		return 0, own, fmt.Errorf("%w (its schema is %d, this version knows %d)", ErrNewer, version, newest)
	}
	return version, own, nil
}

// verify rejects a database that was not made by the first of the steps. For an
// unsigned database, whose schema it compares instead, it returns the steps to sign.
func verify(q querier, steps []string) (toSign []string, err error) {
	version, own, err := identify(q, len(steps))
	if err != nil || version == 0 {
		return nil, err
	}
	steps = steps[:version]
	hashes, err := signature(q)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the hashes of the migrations: %w", damage(err))
	case len(hashes) == 0 && version <= unsigned:
		return steps, compare(q, steps)
	case len(hashes) != version:
		return nil, fmt.Errorf("%w (it bears the hashes of %d, and its schema is %d)", ErrHistory, len(hashes), version)
	}
	for n, script := range steps {
		if hashes[strconv.Itoa(n+1)] != hashOf(script) {
			return nil, fmt.Errorf("%w (the hash of migration %d differs)", ErrHistory, n+1)
		}
	}
	if !own {
		return steps, nil
	}
	return nil, nil
}

// compare checks that a database's schema is what the steps produce from scratch.
func compare(q querier, steps []string) error {
	fresh, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return err
	}
	defer fresh.Close() //nolint:errcheck // it was never on a disk
	fresh.SetMaxOpenConns(1)
	for n, script := range steps {
		if _, err := fresh.Exec(script); err != nil {
			return fmt.Errorf("make schema %d for comparing: %w", n+1, err)
		}
	}
	want, err := schemaOf(fresh)
	if err != nil {
		return err
	}
	got, err := schemaOf(q)
	if err != nil {
		return fmt.Errorf("read the schema: %w", damage(err))
	}
	if maps.Equal(got, want) {
		return nil
	}
	for name := range want {
		got[name] = cmp.Or(got[name], "absent")
	}
	differs := slices.DeleteFunc(slices.Sorted(maps.Keys(got)), func(name string) bool { return got[name] == want[name] })
	return fmt.Errorf("%w (of an earlier wording: %s)", ErrHistory, strings.Join(differs, ", "))
}

// schemaOf returns the schema's SQL, without SQLite's internal tables, which depend on
// how the database was used.
func schemaOf(q querier) (map[string]string, error) {
	return pairs(q, `SELECT type || ' ' || name, tbl_name || ': ' || coalesce(sql, '') FROM sqlite_schema
		WHERE name NOT LIKE 'sqlite\_stat%' ESCAPE '\' AND name NOT LIKE 'sqlite\_autoindex%' ESCAPE '\'`)
}

func pairs(q querier, query string, args ...any) (map[string]string, error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			return nil, err
		}
		all[key] = value
	}
	return all, rows.Err()
}
