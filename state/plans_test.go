package state

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"
)

// recorder is a driver that records every statement with its arguments.
type recorder struct {
	path       string
	statements []statement
}

type statement struct {
	query string
	args  []driver.NamedValue
}

func (r *recorder) Driver() driver.Driver {
	return &sqlite3.SQLiteDriver{ConnectHook: registerTelephones}
}

func (r *recorder) Connect(context.Context) (driver.Conn, error) {
	c, err := r.Driver().Open(r.path)
	if err != nil {
		return nil, err
	}
	return recorded{c.(*sqlite3.SQLiteConn), r}, nil //nolint:errcheck // it is what this driver opens
}

type recorded struct {
	*sqlite3.SQLiteConn
	r *recorder
}

func (c recorded) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.r.statements = append(c.r.statements, statement{query, args})
	return c.SQLiteConn.QueryContext(ctx, query, args)
}

func (c recorded) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.r.statements = append(c.r.statements, statement{query, args})
	return c.SQLiteConn.ExecContext(ctx, query, args)
}

// TestNothingIsReadInFull runs the methods that are frequent on a busy day and checks SQLite's
// plans: they search an index, without sorting. Some scan a whole index; it contains only the
// requested rows, or the first few are enough.
func TestNothingIsReadInFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	if err := openAt(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	r := &recorder{path: path}
	db := sql.OpenDB(r)
	db.SetMaxOpenConns(1)
	defer db.Close() //nolint:errcheck // only read
	s := &Store{db: db, touched: touchesBySide{}}

	discard := func(_ any, err error) error { return err }
	parked := func(tx *Tx, f func(Row) error) error {
		id, err := tx.Enqueue(Request{Side: Telegram, Lane: "p", Kind: "call"}, start)
		r := Row{ID: id, Side: Telegram, Lane: "p"}
		return errors.Join(err, tx.Park(r, start, ""), f(r))
	}
	for verb, f := range map[string]func(*Tx) error{
		"Receive":        func(tx *Tx) error { return receive(tx, "u", 1, "album", 0) },
		"ReceiveHandled": func(tx *Tx) error { return discard(tx.ReceiveHandled(Arrival{Key: "handled"}, start)) },
		"UnreadTicket":   func(tx *Tx) error { return discard(tx.UnreadTicket(1)) },
		"NextUpdate":     func(tx *Tx) error { return discard(tx.NextUpdate()) },
		"UpdatesWait":    func(tx *Tx) error { return discard(tx.UpdatesWait()) },
		"UpdateGroup":    func(tx *Tx) error { return discard(tx.UpdateGroup("album")) },
		"Handled":        func(tx *Tx) error { return tx.Handled(1) },
		"TryLater":       func(tx *Tx) error { return tx.TryLater(1, start) },
		"HandlingFailed": func(tx *Tx) error { return tx.HandlingFailed(1) },
		"PruneInbox":     func(tx *Tx) error { return tx.PruneInbox(start) },
		"InboxCounts":    func(tx *Tx) error { _, _, err := tx.InboxCounts(); return err },
		"Enqueue": func(tx *Tx) error {
			return discard(tx.Enqueue(Request{Side: Telegram, Lane: "a", Kind: "call", Key: "k"}, start))
		},
		"LaneHead":       func(tx *Tx) error { return discard(tx.LaneHead(Telegram, "a")) },
		"Lanes":          func(tx *Tx) error { return discard(tx.Lanes(Telegram)) },
		"StartSending":   func(tx *Tx) error { return tx.StartSending(1) },
		"Retry":          func(tx *Tx) error { return tx.Retry(1, start, "") },
		"OutcomeUnknown": func(tx *Tx) error { return tx.OutcomeUnknown(1, start, 0, "") },
		"Rewrite":        func(tx *Tx) error { return tx.Rewrite(1, "") },
		"Finish":         func(tx *Tx) error { return tx.Finish(1, Done, start, "") },
		"Withdraw":       func(tx *Tx) error { return parked(tx, func(r Row) error { return tx.Withdraw(r.ID, start, "") }) },
		"PutOff":         func(tx *Tx) error { return tx.PutOff(Telegram, "a", start) },
		"CancelLane":     func(tx *Tx) error { return tx.CancelLane(Telegram, "a", start) },
		"Revive":         func(tx *Tx) error { return discard(tx.Revive(Telegram, "a", "b", start)) },
		"Annotate":       func(tx *Tx) error { return parked(tx, func(r Row) error { return tx.Annotate(r.ID, "{}") }) },
		"ReviveRow":      func(tx *Tx) error { return parked(tx, func(r Row) error { return tx.ReviveRow(r.ID, "b", start) }) },
		"ReviveSide":     func(tx *Tx) error { return discard(tx.ReviveSide(Telegram, "", start)) },
		"CountParked":    func(tx *Tx) error { return discard(tx.CountParked(Telegram, "a")) },
		"CountFailure":   func(tx *Tx) error { return tx.CountFailure(1, start, true) },
		"Shelve":         func(tx *Tx) error { return tx.Shelve(Row{ID: 1, Side: Telegram, Lane: "a"}, "b", start, "") },
		"BringHome":      func(tx *Tx) error { return discard(tx.BringHome(Telegram, "b", start)) },
		"Park":           func(tx *Tx) error { return parked(tx, func(Row) error { return nil }) },
		"QueuedAfter":    func(tx *Tx) error { return discard(tx.QueuedAfter(Row{ID: 1, Side: Telegram, Lane: "a"}, 20)) },
		"OldLanes":       func(tx *Tx) error { return discard(tx.OldLanes(Telegram, "closed:", "", start, 10)) },
		"Unkeyed":        func(tx *Tx) error { return discard(tx.Unkeyed(Telegram, "a", PriorityNews, 1, 10)) },
		"QueuedByKey": func(tx *Tx) error {
			_, err := tx.QueuedByKey("a")
			if errors.Is(err, ErrNotFound) {
				err = nil
			}
			return err
		},
		"Replace": func(tx *Tx) error {
			id, err := tx.Enqueue(Request{Side: Telegram, Lane: "r", Kind: "call"}, start)
			return errors.Join(err, tx.Replace(Row{ID: id, Side: Telegram, Lane: "r"}, Request{Lane: "r", Kind: "call", Key: "r"}, "r"))
		},
		"OpenLanesFrom":    func(tx *Tx) error { return discard(tx.OpenLanesFrom(Telegram, "a")) },
		"InterruptedSends": func(tx *Tx) error { return discard(tx.InterruptedSends()) },
		"OutboxCounts":     func(tx *Tx) error { return discard(tx.OutboxCounts(Telegram)) },
		"ClampRowTimes":    func(tx *Tx) error { return discard(tx.ClampRowTimes(Telegram, start, start)) },
		"ClampUpdateTimes": func(tx *Tx) error { return discard(tx.ClampUpdateTimes(start)) },
		"QueuedRows":       func(tx *Tx) error { return discard(tx.QueuedRows(Telegram)) },
		"IsStuck":          func(tx *Tx) error { return discard(tx.IsStuck(Telegram, start)) },
		"OldestDue":        func(tx *Tx) error { return discard(tx.OldestDue()) },
		"TakeCopied":       (*Tx).TakeCopied,
		"PruneOutbox":      func(tx *Tx) error { return tx.PruneOutbox(start) },
		"Person":           func(tx *Tx) error { return discard(tx.Person(1)) },
		"OpenInvite":       func(tx *Tx) error { return discard(tx.OpenInvite("t", start)) },
		"Invite":           func(tx *Tx) error { return discard(tx.Invite(1, start)) },
		"NextDue":          func(tx *Tx) error { return discard(tx.NextDue(start)) },
		"LastAside":        func(tx *Tx) error { return discard(tx.LastAside()) },
		"PruneStrangers":   func(tx *Tx) error { return tx.PruneStrangers(start, start) },
		"People":           func(tx *Tx) error { return discard(tx.People(8, 0)) },
		"RemovedPeople":    func(tx *Tx) error { return discard(tx.RemovedPeople(8, 0)) },
		"AuditBefore":      func(tx *Tx) error { return discard(tx.AuditBefore(0, 10)) },
		"AuditAfter":       func(tx *Tx) error { return discard(tx.AuditAfter(1, 10)) },
		"TicketsToBlank":   func(tx *Tx) error { return discard(tx.TicketsToBlank(start, 10)) },
		"BlankCancelled":   func(tx *Tx) error { return discard(tx.BlankCancelled(start, 10)) },
		"RestorePost":      func(tx *Tx) error { return tx.RestorePost(post(1, 1)) },
		"UnsentBy":         func(tx *Tx) error { return discard(tx.UnsentBy(1)) },
		"UnsentIn":         func(tx *Tx) error { return discard(tx.UnsentIn(1)) },
		"WithFilesBy":      func(tx *Tx) error { return discard(tx.WithFilesBy(1)) },
		"Chat":             func(tx *Tx) error { return discard(tx.Chat(1)) },
		"RefuseReactions":  func(tx *Tx) error { return tx.RefuseReactions(1, start) },
		"Ticket":           func(tx *Tx) error { return discard(tx.Ticket(1)) },
		"SeenAmong":        func(tx *Tx) error { return discard(tx.SeenAmong([]TicketID{1})) },
		"InOpenList":       func(tx *Tx) error { return discard(tx.InOpenList(1, 1, 1)) },
		"NotFound":         func(tx *Tx) error { return discard(tx.NotFound(1, 1)) },
		"LatelyClosed":     func(tx *Tx) error { return discard(tx.LatelyClosed(start, 9)) },
		"UnboundTickets":   func(tx *Tx) error { return discard(tx.UnboundTickets(1)) },
		"PostsNumbered":    func(tx *Tx) error { return discard(tx.PostsNumbered(1, 1)) },
		"HasAnnouncements": func(tx *Tx) error { return discard(tx.HasAnnouncements(1)) },
		"NextAnnouncement": func(tx *Tx) error {
			if _, err := tx.NextAnnouncement(); !errors.Is(err, ErrNotFound) {
				return err
			}
			return nil
		},
		"AnnouncedTo":     func(tx *Tx) error { return tx.AnnouncedTo(1, 1) },
		"EndAnnouncement": func(tx *Tx) error { return tx.EndAnnouncement(1) },
		"Listeners":       func(tx *Tx) error { return discard(tx.Listeners(1, Untold, 9)) },
		"HearsOfAll":      func(tx *Tx) error { return discard(tx.HearsOfAll()) },
		"SetPostText":     func(tx *Tx) error { return tx.SetPostText(1, 1, "слова") },
		"NextTickets":     func(tx *Tx) error { return discard(tx.NextTickets(1, 10)) },
		"PostTimes":       func(tx *Tx) error { return discard(tx.PostTimes(1)) },
		"SearchTelephone": func(tx *Tx) error { return discard(tx.Search("495 123-45-67", 1)) },
		"AddSearch":       func(tx *Tx) error { return discard(tx.AddSearch(1, "слова", start)) },
		"SearchWords": func(tx *Tx) error {
			id, err := tx.AddSearch(1, "слова", start)
			return errors.Join(err, discard(tx.SearchWords(id, 1)))
		},
		"PruneSearches": func(tx *Tx) error { return tx.PruneSearches(start) },
		"PostWriters":   func(tx *Tx) error { return discard(tx.PostWriters(1, []Post{{ID: 1}})) },
		"Reminded": func(tx *Tx) error {
			if _, _, err := tx.Reminded(1, 1, "слова"); !errors.Is(err, ErrNotFound) {
				return err
			}
			return nil
		},
		"Resolve":        func(tx *Tx) error { return errors.Join(tx.SaveTicket(ticket(1)), tx.Resolve(1, 1)) },
		"AwaitsCustomer": func(tx *Tx) error { return discard(tx.AwaitsCustomer(1)) },
		"AddNight":       func(tx *Tx) error { return errors.Join(tx.SaveTicket(ticket(1)), tx.AddNight(1, 1, start)) },
		"NightOver": func(tx *Tx) error {
			if _, err := tx.NightOver(start); !errors.Is(err, ErrNotFound) {
				return err
			}
			return nil
		},
		"TakeNight":         func(tx *Tx) error { return discard(tx.TakeNight(1)) },
		"KnownTickets":      func(tx *Tx) error { return discard(tx.KnownTickets([]TicketID{1, 2})) },
		"MaxTicket":         func(tx *Tx) error { return discard(tx.MaxTicket()) },
		"MaxPost":           func(tx *Tx) error { return discard(tx.MaxPost(1)) },
		"Post":              func(tx *Tx) error { return discard(tx.Post(1, 1)) },
		"Posts":             func(tx *Tx) error { return discard(tx.Posts(1)) },
		"PostsFrom":         func(tx *Tx) error { return discard(tx.PostsFrom(1, 1, 1)) },
		"PostsUpTo":         func(tx *Tx) error { return discard(tx.PostsUpTo(1, 1, 1)) },
		"CountPosts":        func(tx *Tx) error { _, _, _, err := tx.CountPosts(1, 1); return err },
		"LinkPost":          func(tx *Tx) error { return tx.LinkPost(1, 1, 1) },
		"IsOwnAuthor":       func(tx *Tx) error { return discard(tx.IsOwnAuthor("1", "a")) },
		"Unbind":            func(tx *Tx) error { return discard(tx.Unbind(1, 1)) },
		"UnbindAll":         func(tx *Tx) error { return tx.UnbindAll(1) },
		"TicketsNotBoundTo": func(tx *Tx) error { return discard(tx.TicketsNotBoundTo(1, 8)) },
		"TicketsBoundTo":    func(tx *Tx) error { return discard(tx.TicketsBoundTo(1, 8)) },
		"BindingsOf":        func(tx *Tx) error { return discard(tx.BindingsOf(1)) },
		"MapMessage":        func(tx *Tx) error { return tx.MapMessage(1, 1, 1, true) },
		"MessageTicket":     func(tx *Tx) error { return discard(tx.MessageTicket(1, 1)) },
		"InHand":            func(tx *Tx) error { return discard(tx.InHand(1, 1, start)) },
		"LineAsked":         func(tx *Tx) error { return discard(tx.LineAsked(1, 1, start)) },
		"LetGo":             func(tx *Tx) error { return tx.LetGo(1, 1) },
		"GoingOn":           func(tx *Tx) error { return discard(tx.GoingOn(1, 1)) },
		"EndGoingOn":        func(tx *Tx) error { return tx.EndGoingOn(1, 1) },
		"TicketsInDoubt":    func(tx *Tx) error { return discard(tx.TicketsInDoubt(1, start, 4)) },
		"SubmissionFrom":    func(tx *Tx) error { return discard(tx.SubmissionFrom(1)) },
		"AwaitingIn":        func(tx *Tx) error { return discard(tx.AwaitingIn(1)) },
		"UnsettledBy":       func(tx *Tx) error { return discard(tx.UnsettledBy(1, 1)) },
		"LastDelivered":     func(tx *Tx) error { return discard(tx.LastDelivered(1, 1)) },
		"UnmapSubmission":   func(tx *Tx) error { return tx.UnmapSubmission(1) },
		"SaveDraft":         func(tx *Tx) error { return tx.SaveDraft(draft(1)) },
		"Draft":             func(tx *Tx) error { return discard(tx.Draft(1)) },
		"DraftsHere":        func(tx *Tx) error { return discard(tx.DraftsHere(1, 1)) },
		"DraftShown":        func(tx *Tx) error { return discard(tx.DraftShown(1, 1)) },
		"DraftsWith":        func(tx *Tx) error { return discard(tx.DraftsWith(1, 1)) },
		"NextDraftDue":      func(tx *Tx) error { return discard(tx.NextDraftDue()) },
		"DraftsDue":         func(tx *Tx) error { return discard(tx.DraftsDue(start, 10)) },
		"CameBelow":         func(tx *Tx) error { return tx.CameBelow(1, 0, 1, start) },
		"LookAt":            func(tx *Tx) error { return tx.LookAt(1, start) },
		"DraftsToLookAt":    func(tx *Tx) error { return discard(tx.DraftsToLookAt(start, 10)) },
		"SaveItem":          func(tx *Tx) error { return tx.SaveItem(Item{Chat: 1, Message: 1}, start) },
		"EditItem":          func(tx *Tx) error { return tx.EditItem(Item{Chat: 1, Message: 1}, start) },
		"DropItem":          func(tx *Tx) error { return tx.DropItem(1, 1, 1) },
		"Items":             func(tx *Tx) error { return discard(tx.Items(1, 1)) },
		"DraftItems":        func(tx *Tx) error { return discard(tx.DraftItems(1)) },
		"AlbumItems":        func(tx *Tx) error { return discard(tx.AlbumItems(1, "a")) },
		"PruneDrafts":       func(tx *Tx) error { return tx.PruneDrafts(start) },
		"SaveSubmission":    func(tx *Tx) error { return tx.SaveSubmission(opening(1)) },
		"Submission":        func(tx *Tx) error { return discard(tx.Submission(1)) },
		"SubmissionOf":      func(tx *Tx) error { return discard(tx.SubmissionOf(1, 1)) },
		"SubmissionTold":    func(tx *Tx) error { return discard(tx.SubmissionTold(1, 1)) },
		"WaitingFor":        func(tx *Tx) error { return discard(tx.WaitingFor(1)) },
		"InFlight":          func(tx *Tx) error { return discard(tx.InFlight(1)) },
		"OtherSenders":      func(tx *Tx) error { return discard(tx.OtherSenders(1)) },
		"Unsent":            func(tx *Tx) error { return discard(tx.Unsent(1, "open")) },
		"Files":             func(tx *Tx) error { return discard(tx.Files(1)) },
		"Search":            func(tx *Tx) error { return discard(tx.Search("a b", 1)) },
		"TicketsNumbered":   func(tx *Tx) error { return discard(tx.TicketsNumbered("1", 1)) },
		"Wait":              func(tx *Tx) error { return discard(tx.Wait(1)) },
		"EndWait":           func(tx *Tx) error { return tx.EndWait(1) },
		"WaitsDue":          func(tx *Tx) error { return discard(tx.WaitsDue(start, 1)) },
		"WaitsIn":           func(tx *Tx) error { return discard(tx.WaitsIn(1)) },
		"Settings":          func(tx *Tx) error { return discard(tx.Settings(1)) },
		"Group":             func(tx *Tx) error { return discard(tx.Group(-1)) },
		"TellOnce":          func(tx *Tx) error { return discard(tx.TellOnce(-1, "a")) },
		"Topic":             func(tx *Tx) error { return discard(tx.Topic(-1, 1)) },
		"TopicsOf":          func(tx *Tx) error { return discard(tx.TopicsOf(1)) },
		"TopicTicket":       func(tx *Tx) error { return discard(tx.TopicTicket(-1, 1)) },
		"Writers":           func(tx *Tx) error { return discard(tx.Writers(-1)) },
		"StaffOf":           func(tx *Tx) error { return discard(tx.StaffOf(1, 9)) },
		"EndedQuestions":    func(tx *Tx) error { return discard(tx.EndedQuestions(start, 9)) },
		"EndedQuestionsIn":  func(tx *Tx) error { return discard(tx.EndedQuestionsIn(-1, start)) },
		"Told":              func(tx *Tx) error { return discard(tx.Told(-1, "a")) },
		"PendingUpdate":     func(tx *Tx) error { return discard(tx.PendingUpdate("a")) },
		"PendingIn":         func(tx *Tx) error { return discard(tx.PendingIn(-1, 9)) },
		"Received":          func(tx *Tx) error { return discard(tx.Received("a")) },
		"Pending":           func(tx *Tx) error { return discard(tx.Pending("a")) },
		"LanesFrom":         func(tx *Tx) error { return discard(tx.LanesFrom(Telegram, "a")) },
	} {
		wholeIndex := map[string]string{
			"NextUpdate": "inbox_due", "UpdatesWait": "inbox_next", "InboxCounts": "inbox_next inbox_aside", "LastAside": "inbox_aside", "People": "people_with_role", "OpenInvite": "people_owners", "Invite": "people_owners", "InterruptedSends": "outbox_sending",
			"OtherSenders": "submissions_by_user", "Unsent": "submissions_undecided 1: submissions_waiting", "AwaitingIn": "submissions_undecided",
			"HearsOfAll":      "chat_settings_all",
			"Search":          "2:DESC", // by words, not in full
			"KnownTickets":    "1:",     // the requested ids
			"SearchTelephone": "1:",
			"SeenAmong":       "1:",
			"UnboundTickets":  "tickets_by_reading", // the first few are enough
		}
		t.Run(verb, func(t *testing.T) {
			r.statements = nil
			err := s.Update(func(tx *Tx) error { return errors.Join(f(tx), errRollBack) })
			if err == nil || !errors.Is(err, errRollBack) {
				t.Fatal(err)
			}
			if len(r.statements) == 0 {
				t.Fatal("no statement")
			}
			for _, st := range r.statements {
				for _, step := range plan(t, db, st) {
					full := strings.HasPrefix(step, "SCAN ") && step != "SCAN CONSTANT ROW" && step != "SCAN sender" && step != "SCAN here"
					if verb == "EndedQuestions" && step == "SCAN questions" {
						full = false // the index contains only these
					}
					if verb == "TicketsNumbered" && step == "SCAN tickets" {
						full = false // part of a number is in no index; such searches are rare
					}
					if _, index, _ := strings.Cut(step, " INDEX "); index != "" && strings.Contains(wholeIndex[verb], index) {
						full = false
					}
					if full || strings.Contains(step, "TEMP B-TREE") {
						t.Errorf("%s\n%s", step, st.query)
					}
				}
			}
		})
	}
}

// TestParametersChooseNoPlan: no statement is prepared anew for the values of its parameters.
func TestParametersChooseNoPlan(t *testing.T) {
	plain := regexp.MustCompile(`(=|\bIS|\bLIMIT|\bOFFSET) \?`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	statements := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			_, where, ok := strings.Cut(lit.Value, "WHERE")
			if !ok && !strings.Contains(lit.Value, "UPDATE") {
				where = lit.Value // a part of a statement
			}
			if strings.Contains(where, "+?") {
				statements++
			}
			if found := plain.FindString(where); found != "" {
				t.Errorf("%s: %q in %s", name, found, lit.Value)
			}
			return true
		})
	}
	if statements < 100 {
		t.Errorf("only %d statements with parameters found", statements)
	}
}

var errRollBack = errors.New("roll back")

func plan(t *testing.T, db *sql.DB, st statement) (steps []string) {
	t.Helper()
	args := make([]any, len(st.args))
	for i, a := range st.args {
		args[i] = a.Value
	}
	rows, err := db.Query("EXPLAIN QUERY PLAN "+st.query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
