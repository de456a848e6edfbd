package state

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// frozen is a file as left by a program of schema n: testdata has a dump of each schema that
// may be unsigned.
func frozen(t testing.TB, n int) (path string) {
	t.Helper()
	dump, err := os.ReadFile(fmt.Sprintf("testdata/schema-%d.sql", n))
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "bot.db")
	db := rawDB(t, path)
	db.SetMaxOpenConns(1) // the dump's pragmas are per connection
	if _, err := db.Exec(string(dump)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA journal_mode = WAL"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// counts returns the number of rows of a file's tables, without FTS's internal ones and
// without the signature.
func counts(t testing.TB, path string) map[string]int {
	t.Helper()
	db := rawDB(t, path)
	defer db.Close() //nolint:errcheck // only read
	rows, err := db.Query(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_words_%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]int{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all[name] = 0
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for name := range all {
		var n int
		if err := db.QueryRow(fmt.Sprintf(`SELECT count(*) FROM %q`, name)).Scan(&n); err != nil {
			t.Fatal(err)
		}
		all[name] = n
	}
	hashes, err := signature(db)
	if err != nil {
		t.Fatal(err)
	}
	all["meta"] -= len(hashes)
	return all
}

// The chats and people of the frozen databases.
const (
	anna, boris, vera, gleb, dima = 100, 101, 102, 103, 104
	sales, support                = -400, -1001234567890
)

// frozenAt is a time in the frozen databases: minutes after 9:00.
func frozenAt(minutes int) time.Time {
	return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

// Every file left by a released program opens, and means what it meant.
func TestFrozenDatabasesOpen(t *testing.T) {
	t.Parallel()
	for n := 1; n <= unsigned; n++ {
		t.Run(fmt.Sprintf("schema %d", n), func(t *testing.T) {
			path := frozen(t, n)
			before := counts(t, path)
			for table, rows := range before {
				if rows == 0 {
					t.Errorf("%s is frozen without rows", table)
				}
			}
			s := openAt(t, path)
			after := counts(t, path)
			maps.DeleteFunc(after, func(table string, _ int) bool { return before[table] == 0 })
			before["invites"] -= 2 // used links are deleted
			delete(before, "prompts")
			equal(t, "rows", after, before)

			frozenPeople(t, s)
			frozenTickets(t, s, n)
			frozenSubmissions(t, s, n)
			frozenQueues(t, s, n)
			if n >= 2 {
				frozenDrafts(t, s, n)
			}
			frozenSettings(t, s, n)
			if n >= 5 {
				frozenGroups(t, s)
			}
			equal(t, "is a copy", get(t, s, (*Tx).IsCopy), true)
		})
	}
}

func frozenPeople(t *testing.T, s *Store) {
	t.Helper()
	equal(t, "offset", get(t, s, (*Tx).Offset), int64(870123456))
	equal(t, "bot", get(t, s, meta("bot_id")), "7000001")
	roles := map[UserID]string{}
	for _, id := range []UserID{anna, boris, vera, gleb, dima, 900, 901} {
		p := get(t, s, person(id))
		roles[id] = fmt.Sprintf("%s %s", p.Role, p.Source)
	}
	equal(t, "roles", roles, map[UserID]string{
		anna: "owner config", boris: "owner claim", vera: "owner owner", gleb: "member invite", dima: "member owner", 900: "stranger ", 901: "stranger ",
	})
	equal(t, "a person", get(t, s, person(900)), Person{
		ID: 900, Name: "Случайный прохожий", Username: "passer_by", Language: "ru", Role: Stranger,
		Since: frozenAt(-100), Asked: frozenAt(-90), Removed: frozenAt(-100),
	})
	links := map[string]bool{}
	for _, token := range []string{"claim-spent", "claim-open", "invite-spent", "invite-open", "invite-expired"} {
		links[token] = get(t, s, func(tx *Tx) (bool, error) {
			_, err := tx.OpenInvite(token, frozenAt(0))
			if errors.Is(err, ErrNotFound) {
				return false, nil
			}
			return err == nil, err
		})
	}
	// There is an owner, so a claim link is void.
	equal(t, "links", links, map[string]bool{"claim-spent": false, "claim-open": false, "invite-spent": false, "invite-open": true, "invite-expired": false})
	equal(t, "a chat that was blocked", get(t, s, func(tx *Tx) (Chat, error) { return tx.Chat(boris) }), Chat{ID: boris, Kind: "private"})
	equal(t, "a chat that had refused reactions", get(t, s, func(tx *Tx) (Chat, error) { return tx.Chat(support) }),
		Chat{ID: support, Kind: "supergroup", Title: "Support & «друзья»"})
}

func frozenTickets(t *testing.T, s *Store, n int) {
	t.Helper()
	equal(t, "a ticket", get(t, s, func(tx *Tx) (Ticket, error) { return tx.Ticket(23624) }), Ticket{
		ID: 23624, Subject: "Нет гудка на линии 8 800", Open: true, LastActivity: frozenAt(90), LastSide: Staff,
		ByCustomer: true, Listed: OpenList, Fingerprint: "51d0", Fetched: frozenAt(91),
	})
	equal(t, "an unlisted one", get(t, s, func(tx *Tx) (Ticket, error) { return tx.Ticket(23510) }).Listed, Unlisted)
	equal(t, "unread tickets", get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.UnreadTickets(10) }), []TicketID{23655})
	posts := get(t, s, func(tx *Tx) ([]Post, error) { return tx.Posts(23624) })
	equal(t, "posts", len(posts), 4)
	equal(t, "a post", posts[2], Post{
		Ticket: 23624, ID: 503, Side: Customer, AuthorID: "55", AuthorName: "buh@romashka.example", Posted: frozenAt(30),
		Text: "Перезагрузили, журнал во вложении\n\n— Борис", Submission: 2, Files: []string{"gateway.log", "фото.jpg"},
	})
	equal(t, "the ticket of a message", get(t, s, func(tx *Tx) (TicketID, error) { return tx.MessageTicket(anna, 1012) }), TicketID(23630))
	equal(t, "a muted binding", get(t, s, func(tx *Tx) (Binding, error) { return tx.Binding(anna, 23630) }),
		Binding{Chat: anna, Ticket: 23630, Muted: true, LastMessage: 1012})
	equal(t, "found in subjects", get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search("гудка", 10) }), []Hit{{Ticket: 23624}})
	equal(t, "found in posts", get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search("журнал", 10) }),
		[]Hit{{Ticket: 23624, Post: 503}, {Ticket: 23624, Post: 502}})
	if n >= 3 {
		equal(t, "a binding as all", get(t, s, func(tx *Tx) (Binding, error) { return tx.Binding(anna, 23655) }),
			Binding{Chat: anna, Ticket: 23655, Muted: true, AsAll: true})
	}
	if n >= 4 {
		equal(t, "found, ё as е", get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search("елка", 10) }), []Hit{{Ticket: 23660}})
		equal(t, "found by a changed subject", get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search("уточнено", 10) }), []Hit{{Ticket: 23630}})
	}
}

func frozenSubmissions(t *testing.T, s *Store, n int) {
	t.Helper()
	want := strings.Fields(`
		opening/delivered/ answer/delivered/ opening/queued/ opening/waiting/ opening/sending/ opening/unknown/ opening/doubtful/
		opening/refused/refused opening/refused/no_access opening/failed/fails opening/parked/gave_up opening/cancelled/
		answer/queued/ answer/failed/no_opening opening/delivered/ answer/delivered/ answer/sending/ answer/queued/ answer/waiting/
		answer/sending/ answer/unknown/ answer/unknown/ answer/unknown/ answer/doubtful/ answer/refused/not_found answer/refused/refused
		answer/refused/no_access answer/failed/fails answer/parked/gave_up answer/cancelled/`)
	if n >= 5 {
		want = append(want, "answer/held/mention", "answer/cancelled/mention", "answer/queued/", "answer/held/mention")
	}
	if n >= 7 {
		want = append(want, "answer/unknown/")
	}
	var got []string
	for id := range want {
		sub := get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(SubmissionID(id + 1)) })
		got = append(got, fmt.Sprintf("%s/%s/%s", sub.Kind, sub.State, sub.Reason))
	}
	equal(t, "submissions", got, want)
	for id, doubted := range map[SubmissionID]bool{6: false, 7: true, 8: false} {
		equal(t, "doubted", get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(id) }).Doubted, doubted)
	}
	equal(t, "a refused opening", get(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionTold(anna, 1027) }), Submission{
		ID: 8, Kind: Opening, Chat: anna, Message: 1026, User: anna, Subject: "Отказано", Text: "Плохие слова", State: SubmissionRefused,
		Reason: ReasonRefused, Detail: "Текст слишком короткий", Receipt: 1027, After: 23640, Created: frozenAt(61),
	})
	equal(t, "the submission of a part", get(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionOf(boris, 1504) }).ID, SubmissionID(2))
	equal(t, "waits for an opening", get(t, s, func(tx *Tx) ([]Submission, error) { return tx.WaitingFor(3) })[0].ID, SubmissionID(13))
	var files []string
	for _, id := range []SubmissionID{1, 2, 3, 15} {
		for _, f := range get(t, s, func(tx *Tx) ([]File, error) { return tx.Files(id) }) {
			files = append(files, fmt.Sprintf("%d.%d %s %s", f.Submission, f.N, f.State, f.Reason))
		}
	}
	equal(t, "files", files, []string{
		"1.0 doubtful ", "1.1 failed gone", "1.2 failed refused", "1.3 failed gave_up",
		"2.0 delivered ", "2.1 delivered ", "2.2 failed too_big", "3.0 queued ", "15.0 queued ", "15.1 queued ",
	})
	if n >= 5 {
		equal(t, "the topic of an answer", get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(33) }).Thread, ThreadID(61))
	}
}

func frozenQueues(t *testing.T, s *Store, n int) {
	t.Helper()
	want := map[RowID]string{
		1: "telegram call queued 0 0", 2: "telegram call queued 2 0", 5: "telegram call cancelled 1 0", 6: "telegram call parked 9 0",
		7: "telegram call done 0 0", 8: "telegram call refused 0 0", 9: "telegram file queued 0 0", 10: "telegram file done 1 0",
		11: "telegram file refused 3 0", 12: "telegram file cancelled 0 0", 13: "plusofon open queued 0 0", 15: "plusofon open sending 1 0",
		16: "plusofon open unknown 1 0", 17: "plusofon answer unknown 1 1", 18: "plusofon answer unknown 1 0", 19: "plusofon answer unknown 1 1",
		20: "plusofon answer sending 1 0", 22: "plusofon answer queued 4 0", 23: "plusofon answer done 1 0", 24: "plusofon open refused 1 1",
		27: "plusofon open cancelled 0 0", 28: "plusofon answer parked 12 0", 29: "plusofon attach unknown 1 1", 30: "plusofon attach queued 0 0",
		31: "plusofon attach done 1 0", 32: "plusofon attach refused 1 0", 33: "plusofon fetch queued 0 0", 36: "plusofon fetch done 0 0",
	}
	got := map[RowID]string{}
	for id := range want {
		row := get(t, s, func(tx *Tx) (Row, error) { return tx.Row(id) })
		got[id] = fmt.Sprintf("%s %s %s %d %d", row.Side, row.Kind, row.State, row.Attempts, row.Checks)
	}
	equal(t, "rows of the outbox", got, want)
	equal(t, "the head of a lane", get(t, s, func(tx *Tx) (Row, error) { return tx.LaneHead(Plusofon, "ticket:23624") }), Row{
		ID: 18, Side: Plusofon, Lane: "ticket:23624", Kind: "answer", Payload: `{"submission":22}`, State: Unknown, Attempts: 1, Succeeded: true,
		Due: frozenAt(126), Created: frozenAt(108),
	})
	equal(t, "the next update", get(t, s, (*Tx).NextUpdate).Chat, ChatID(anna))
	equal(t, "an album", len(get(t, s, func(tx *Tx) ([]Update, error) { return tx.UpdateGroup("album:100:13579") })), 2)
	aside := get(t, s, func(tx *Tx) (int, error) { _, aside, err := tx.InboxCounts(); return aside, err })
	if n < 7 {
		equal(t, "updates set aside", aside, 2)
	} else {
		equal(t, "updates set aside", aside, 3)
		row := get(t, s, func(tx *Tx) (Row, error) { return tx.Row(57) })
		equal(t, "a row of unknown outcome", []any{row.Unknowns, row.Trace}, []any{3, "update-7"})
	}
	// A repeated delivery is recognized.
	do(t, s, func(tx *Tx) error { return tx.Receive(Arrival{Key: "message:100:1001", Chat: anna}, start, 0) })
	pending := get(t, s, func(tx *Tx) (bool, error) { return tx.Pending("message:100:1001") })
	equal(t, "a repeat waits", pending, false)
}

func frozenDrafts(t *testing.T, s *Store, n int) {
	t.Helper()
	var want, got []string
	for _, state := range []DraftState{DraftOpen, DraftSent, DraftJoined, DraftCancelled, DraftExpired} {
		for _, kind := range []DraftKind{DraftOpening, DraftQuestion, DraftCorrection} {
			want = append(want, fmt.Sprint(kind, " ", state))
		}
	}
	for id := DraftID(1); id <= 16; id++ {
		if d := get(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(id) }); id != 2 { // the second open opening
			got = append(got, fmt.Sprint(d.Kind, " ", d.State))
		}
	}
	equal(t, "drafts", got, want)
	equal(t, "an open draft", get(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(1) }), Draft{
		ID: 1, Kind: DraftOpening, Chat: anna, User: anna, Subject: "Тема от человека", State: DraftOpen, Card: 1070, Due: frozenAt(1500),
	})
	items := get(t, s, func(tx *Tx) ([]Item, error) { return tx.DraftItems(1) })
	equal(t, "a draft's messages", len(items), 4)
	equal(t, "a forwarded one", items[1], Item{
		Chat: anna, Message: 1081, Draft: 1, Author: "Клиент Иванов", Authored: frozenAt(-300), Text: "Пересланные слова",
	})
	equal(t, "a line that titles its draft", slices.ContainsFunc(items, func(i Item) bool { return i.Titles }), false)
	equal(t, "a piece of a text", get(t, s, func(tx *Tx) ([]Item, error) { return tx.Items(boris, 1501) })[0].GoesOn, true)
	asked := get(t, s, func(tx *Tx) (InHand, error) { return tx.LineAsked(gleb, gleb, frozenAt(0)) })
	equal(t, "the question for a subject", []any{asked.Kind, asked.Draft}, []any{HandSubject, DraftID(2)})
	equal(t, "the draft behind it", get(t, s, func(tx *Tx) (InHand, error) { return tx.InHand(gleb, gleb, frozenAt(0)) }).Draft, DraftID(2))
	equal(t, "the draft of a submission", get(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionFrom(5) }).Kind, Opening)
	if n >= 5 {
		equal(t, "a draft in a topic", get(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(17) }).Thread, ThreadID(61))
	}
}

func frozenSettings(t *testing.T, s *Store, n int) {
	t.Helper()
	of := func(c ChatID) Settings {
		t.Helper()
		return get(t, s, func(tx *Tx) (Settings, error) { return tx.Settings(c) })
	}
	asked := get(t, s, func(tx *Tx) (InHand, error) { return tx.InHand(sales, gleb, frozenAt(0)) })
	equal(t, "a question in a group", []any{asked.Kind, asked.Ticket}, []any{HandAnswer, TicketID(23624)})
	if n < 3 {
		equal(t, "settings before there were any", of(anna), Settings{Chat: anna, News: NewsBound, WaitingHours: DefaultWaitingHours, Layout: Flat})
		return
	}
	equal(t, "settings", of(anna), Settings{
		Chat: anna, Language: "ru", News: NewsAll, QuietFrom: 22, QuietTo: 8, Zone: "Asia/Yekaterinburg", WaitingHours: 2, Layout: Flat,
	})
	equal(t, "chats without news", of(gleb).News, NewsNone)
	equal(t, "chats that are never told of silence", of(vera).WaitingHours, 0)
	equal(t, "a wait", get(t, s, func(tx *Tx) (Wait, error) { return tx.Wait(23640) }), Wait{
		Ticket: 23640, Post: 521, Chat: vera, User: vera, Since: frozenAt(50), Told: frozenAt(100), Due: frozenAt(1540),
	})
	equal(t, "a dismissed one", get(t, s, func(tx *Tx) (Wait, error) { return tx.Wait(23520) }).Dismissed, true)
	if n >= 5 {
		equal(t, "settings of topics", of(support), Settings{Chat: support, News: NewsAll, WaitingHours: 4, Layout: Topics, TopicAnswers: true})
	}
}

func frozenGroups(t *testing.T, s *Store) {
	t.Helper()
	equal(t, "a group", get(t, s, func(tx *Tx) (Group, error) { return tx.Group(support) }), Group{
		Chat: support, AddedBy: vera, Since: frozenAt(-29000), Present: true, Admin: true, ManagesTopics: true, Pins: true, Forum: true,
		Title: "Support & «друзья»",
	})
	equal(t, "a group that the bot has left", get(t, s, func(tx *Tx) (Group, error) { return tx.Group(-500) }).Present, false)
	equal(t, "a group that has moved", get(t, s, func(tx *Tx) (Chat, error) { return tx.Chat(-401) }).MovedTo, ChatID(-1009876543210))
	topics := get(t, s, func(tx *Tx) ([]Topic, error) { return tx.TopicsOf(23624) })
	equal(t, "topics", slices.Collect(func(yield func(ThreadID) bool) {
		for _, topic := range topics {
			yield(topic.Thread)
		}
	}), []ThreadID{61, 63})
	equal(t, "a closed topic", get(t, s, func(tx *Tx) (Topic, error) { return tx.Topic(support, 23501) }).Closed, true)
	err := s.Update(func(tx *Tx) error {
		fresh, err := tx.TellOnce(support, "topics_refused")
		if fresh {
			return errors.New("what was said once is said again")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
