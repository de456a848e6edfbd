package state

import (
	"errors"
	"testing"
	"time"
)

// ticket is an open ticket that was active at the second of its number.
func ticket(id TicketID) Ticket {
	return Ticket{ID: id, Subject: "Нет гудка", Open: true, LastActivity: at(int(id)), LastSide: Staff}
}

func save(t testing.TB, s *Store, tickets ...Ticket) {
	t.Helper()
	do(t, s, func(tx *Tx) error {
		var errs []error
		for _, ticket := range tickets {
			errs = append(errs, tx.SaveTicket(ticket))
		}
		return errors.Join(errs...)
	})
}

func post(t TicketID, id PostID) Post {
	return Post{Ticket: t, ID: id, Side: Staff, AuthorID: "17", AuthorName: "Иван", Posted: at(int(id)), Text: "<b>Смотрим</b>"}
}

func addPost(t testing.TB, s *Store, p Post) bool {
	t.Helper()
	return get(t, s, func(tx *Tx) (bool, error) { return tx.AddPost(p) })
}

func posts(id TicketID) func(*Tx) ([]Post, error) {
	return func(tx *Tx) ([]Post, error) { return tx.Posts(id) }
}

func TestTicketComesBackAsSaved(t *testing.T) {
	s := open(t)
	read := func(tx *Tx) (Ticket, error) { return tx.Ticket(7) }
	absent(t, s, read)
	save(t, s, Ticket{ID: 7, Subject: "s"})
	equal(t, "a ticket of which little is known", get(t, s, read), Ticket{ID: 7, Subject: "s"})
	want := Ticket{ID: 7, Subject: "другая тема", Open: true, LastActivity: at(1), LastSide: Customer, ByCustomer: true, Listed: ClosedList, Fingerprint: "f", Fetched: at(2)}
	save(t, s, want)
	equal(t, "ticket saved again", get(t, s, read), want)
}

func TestSavingATicketKeepsWhatHangsOnIt(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7))
	addPost(t, s, post(7, 1))
	do(t, s, func(tx *Tx) error { return tx.Bind(1, 7, start) })
	save(t, s, ticket(7))
	equal(t, "posts", get(t, s, posts(7)), []Post{post(7, 1)})
	get(t, s, binding(1, 7))
}

// A ticket belongs in the list it was last seen in, and in the one of its own state.
func TestSeenAmong(t *testing.T) {
	s := open(t)
	save(t, s,
		Ticket{ID: 1, Open: true, Listed: OpenList, Fingerprint: "a"}, Ticket{ID: 2, Listed: ClosedList, Fingerprint: "b"},
		Ticket{ID: 3, Open: true, Listed: ClosedList, Fingerprint: "c"}, Ticket{ID: 4, Listed: OpenList, Fingerprint: "d"}, Ticket{ID: 5, Open: true})
	seen := get(t, s, func(tx *Tx) (map[TicketID]Seen, error) { return tx.SeenAmong([]TicketID{1, 2, 3, 4, 5, 6}) })
	equal(t, "seen", seen, map[TicketID]Seen{
		1: {Listed: OpenList, Open: true, Fingerprint: "a"}, 2: {Listed: ClosedList, Fingerprint: "b"},
		3: {Listed: ClosedList, Open: true, Fingerprint: "c"}, 4: {Listed: OpenList, Fingerprint: "d"}, 5: {Open: true},
	})
	equal(t, "some", get(t, s, func(tx *Tx) (map[TicketID]Seen, error) { return tx.SeenAmong([]TicketID{4, 9}) }), map[TicketID]Seen{4: seen[4]})
	for list, want := range map[List][]TicketID{OpenList: {1, 3, 4, 5}, ClosedList: {2, 3, 4}} {
		var got []TicketID
		for id := TicketID(1); id <= 5; id++ {
			if seen[id].BelongsIn(list) {
				got = append(got, id)
			}
		}
		equal(t, string(list), got, want)
	}
	listed := func(after TicketID, n int) []TicketID {
		return get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.InOpenList(after, 9, n) })
	}
	equal(t, "in the open list", listed(0, 9), []TicketID{1, 3, 4})
	equal(t, "the next one", listed(1, 1), []TicketID{3})
	equal(t, "none after the last", listed(4, 9), []TicketID(nil))
}

// A ticket that was not found is looked for wherever it was listed; after the second time the
// closed list decides, and one that is gone is no longer read.
func TestTicketsThatAreNotFound(t *testing.T) {
	s := open(t)
	save(t, s, Ticket{ID: 1, Open: true, Listed: OpenList}, Ticket{ID: 2, NotFound: 1}, Ticket{ID: 3, NotFound: 2, Listed: OpenList, Open: true},
		Ticket{ID: 4, NotFound: 2, Gone: start}, Ticket{ID: 5, NotFound: 2, AsOf: 7}, Ticket{ID: 6, NotFound: 1, Listed: ClosedList})
	equal(t, "to be read", get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.InOpenList(0, 9, 9) }), []TicketID{1, 2, 6})
	notFound := func(before ReadNumber, n int) []TicketID {
		return get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.NotFound(before, n) })
	}
	equal(t, "to be looked for in the lists", notFound(8, 9), []TicketID{3, 5})
	equal(t, "the first", notFound(8, 1), []TicketID{3})
	equal(t, "not found before the lists", notFound(7, 9), []TicketID{3})
	seen := get(t, s, func(tx *Tx) (map[TicketID]Seen, error) { return tx.SeenAmong([]TicketID{1, 2}) })
	equal(t, "seen", seen, map[TicketID]Seen{1: {Listed: OpenList, Open: true}, 2: {NotFound: true}})
}

// A ticket read only on request is not yet followed by polls.
func TestTrackedTickets(t *testing.T) {
	s := open(t)
	save(t, s, Ticket{ID: 1}, Ticket{ID: 2, Fetched: start, AsOf: 7}, Ticket{ID: 3, Fetched: start, Undecided: true, AsOf: 8})
	seen := get(t, s, func(tx *Tx) (map[TicketID]Seen, error) { return tx.SeenAmong([]TicketID{1, 2, 3}) })
	equal(t, "seen", seen, map[TicketID]Seen{1: {}, 2: {Tracked: true}, 3: {}})
	equal(t, "the last read", get(t, s, (*Tx).LastRead), ReadNumber(8))
	save(t, s, Ticket{ID: 4, Open: true, Listed: OpenList, AsOf: 7}, Ticket{ID: 5, Open: true, Listed: OpenList, AsOf: 6})
	equal(t, "what a list of then tells of", get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.InOpenList(0, 6, 9) }), []TicketID{5})
}

// A post's text can change, and it is found by its current text.
func TestSetPostText(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7))
	old, other := post(7, 1), post(7, 2)
	old.Text, other.Text = "перезагрузите роутер", "другое"
	addPost(t, s, old)
	addPost(t, s, other)
	hits := func(words string) []Hit {
		return get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search(words, 9) })
	}
	for _, text := range []string{"проверьте договор", "👍", "всё готово"} {
		do(t, s, func(tx *Tx) error { return tx.SetPostText(7, 1, text) })
		if got := get(t, s, func(tx *Tx) (Post, error) { return tx.Post(7, 1) }); got.Text != text {
			t.Errorf("it says %q", got.Text)
		}
		equal(t, "the old words", hits("роутер"), []Hit(nil))
	}
	equal(t, "the words before the last", hits("договор"), []Hit(nil))
	equal(t, "the last words", hits("все готово"), []Hit{{7, 1}})
	equal(t, "another post's", hits("другое"), []Hit{{7, 2}})
}

func TestTicketsByFilter(t *testing.T) {
	s := open(t)
	closed, ours, fresh := ticket(2), ticket(3), ticket(4)
	closed.Open, ours.LastSide, fresh.LastSide = false, Customer, ""
	older := ticket(9)
	older.LastActivity = at(0)
	twin := ticket(8)
	twin.LastActivity = at(0)
	save(t, s, ticket(1), closed, ours, fresh, older, twin)
	for _, sub := range []Submission{
		{Kind: Opening, User: 70, Ticket: 3}, {Kind: Opening, User: 70, Ticket: 2}, {Kind: Answer, User: 70, Ticket: 1}, {Kind: Opening, User: 71, Ticket: 9},
	} {
		sub.Message, sub.State = MessageID(sub.Ticket), SubmissionDelivered
		get(t, s, func(tx *Tx) (bool, error) { _, added, err := tx.AddSubmission(sub); return added, err })
	}
	for what, c := range map[string]struct {
		filter        TicketFilter
		limit, offset int
		want          []TicketID
		total         int
	}{
		"open, the lately active first, then the newest": {TicketFilter{Open: true}, 10, 0, []TicketID{4, 3, 1, 9, 8}, 5},
		"closed":                         {TicketFilter{}, 10, 0, []TicketID{2}, 1},
		"all":                            {TicketFilter{AnyState: true}, 10, 0, []TicketID{4, 3, 2, 1, 9, 8}, 6},
		"the first page":                 {TicketFilter{Open: true}, 2, 0, []TicketID{4, 3}, 5},
		"the last page":                  {TicketFilter{Open: true}, 2, 4, []TicketID{8}, 5},
		"a page beyond the last":         {TicketFilter{Open: true}, 2, 6, nil, 5},
		"the customer's turn":            {TicketFilter{Open: true, Turn: CustomersTurn}, 10, 0, []TicketID{1, 9, 8}, 3},
		"the staff's turn, or nobody's":  {TicketFilter{Open: true, Turn: StaffsTurn}, 10, 0, []TicketID{4, 3}, 2},
		"opened by one person":           {TicketFilter{Open: true, OpenedBy: 70}, 10, 0, []TicketID{3}, 1},
		"opened by him, open and closed": {TicketFilter{AnyState: true, OpenedBy: 70}, 10, 0, []TicketID{3, 2}, 2},
		"opened by nobody known":         {TicketFilter{AnyState: true, OpenedBy: 72}, 10, 0, nil, 0},
	} {
		t.Run(what, func(t *testing.T) {
			var ids []TicketID
			total := get(t, s, func(tx *Tx) (int, error) {
				page, total, err := tx.Tickets(c.filter, c.limit, c.offset)
				for _, ticket := range page {
					ids = append(ids, ticket.ID)
				}
				return total, err
			})
			equal(t, "page", ids, c.want)
			equal(t, "total", total, c.total)
		})
	}
}

func TestStaleTickets(t *testing.T) {
	s := open(t)
	fetched := func(id TicketID, second int) Ticket {
		ticket := ticket(id)
		if second > 0 {
			ticket.Fetched = at(second)
		}
		return ticket
	}
	closed := fetched(5, 1)
	closed.Open = false
	save(t, s, fetched(1, 20), fetched(2, 0), fetched(3, 0), fetched(4, 10), closed, fetched(6, 1))
	do(t, s, func(tx *Tx) error {
		return errors.Join(tx.Bind(1, 1, start), tx.Bind(2, 1, start), tx.Bind(1, 2, start), tx.Bind(1, 3, start), tx.Bind(1, 4, start), tx.Bind(1, 5, start))
	})
	stale := func(limit int) []TicketID {
		return get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.StaleTickets(limit) })
	}
	equal(t, "never read first, closed and unbound not at all", stale(10), []TicketID{3, 2, 4, 1})
	equal(t, "limited", stale(3), []TicketID{3, 2, 4})
}

func TestLatelyClosed(t *testing.T) {
	s := open(t)
	closed := func(id TicketID, active int) Ticket { return Ticket{ID: id, Fetched: at(1), LastActivity: at(active)} }
	gone, opened := closed(5, 50), closed(6, 50)
	gone.Gone, opened.Open = at(51), true
	save(t, s, closed(1, 20), closed(2, 40), closed(3, 5), closed(4, 30), gone, opened)
	for _, id := range []TicketID{1, 2, 3, 5, 6} {
		do(t, s, func(tx *Tx) error { return tx.Bind(1, id, start) })
	}
	lately := func(limit int) []TicketID {
		return get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.LatelyClosed(at(10), limit) })
	}
	equal(t, "the latest first", lately(10), []TicketID{2, 1})
	equal(t, "limited", lately(1), []TicketID{2})
}

func TestUnboundTickets(t *testing.T) {
	s := open(t)
	closed := Ticket{ID: 5, Fetched: at(1)}
	save(t, s, Ticket{ID: 1, Open: true, Fetched: at(20)}, Ticket{ID: 2, Open: true}, Ticket{ID: 3, Open: true}, Ticket{ID: 4, Open: true}, closed)
	do(t, s, func(tx *Tx) error { return tx.Bind(1, 2, start) })
	unbound := func(limit int) []TicketID {
		return get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.UnboundTickets(limit) })
	}
	equal(t, "never read first, the newest of them first", unbound(10), []TicketID{4, 3, 1})
	equal(t, "limited", unbound(1), []TicketID{4})
}

func TestNewest(t *testing.T) {
	s := open(t)
	maxPost := func(tx *Tx) (PostID, error) { return tx.MaxPost(7) }
	equal(t, "ticket of none", get(t, s, (*Tx).MaxTicket), TicketID(0))
	equal(t, "post of none", get(t, s, maxPost), PostID(0))
	save(t, s, ticket(7), ticket(9), ticket(8))
	addPost(t, s, post(7, 12))
	addPost(t, s, post(7, 3))
	addPost(t, s, post(8, 99))
	equal(t, "ticket", get(t, s, (*Tx).MaxTicket), TicketID(9))
	equal(t, "post", get(t, s, maxPost), PostID(12))
}

func TestPostIsStoredOnce(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7), ticket(8))
	p := post(7, 1)
	if !addPost(t, s, p) {
		t.Error("a new post was there already")
	}
	changed := p
	changed.Text, changed.Files = "другое", []string{"late.pdf"}
	if addPost(t, s, changed) {
		t.Error("the same post is new")
	}
	equal(t, "posts", get(t, s, posts(7)), []Post{p})
	if !addPost(t, s, post(8, 1)) {
		t.Error("another ticket's post of the same number was there already")
	}
}

func TestPostsInTheirOrder(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7))
	second, first, third := post(7, 20), post(7, 3), post(7, 21)
	second.Side, second.Posted, second.Files = Customer, time.Time{}, []string{"б.png", "а.pdf", "б.png"}
	third.Files = []string{"x"}
	for _, p := range []Post{second, third, first} {
		addPost(t, s, p)
	}
	equal(t, "posts", get(t, s, posts(7)), []Post{first, second, third})
	equal(t, "of an unknown ticket", get(t, s, posts(8)), []Post(nil))

	without := second
	without.Files = nil
	equal(t, "one post", get(t, s, func(tx *Tx) (Post, error) { return tx.Post(7, 20) }), without)
	absent(t, s, func(tx *Tx) (Post, error) { return tx.Post(7, 4) })
}

func TestAttachmentsMayComeLater(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7))
	p := post(7, 1)
	p.Files = []string{"a"}
	addPost(t, s, p)
	for range 2 {
		do(t, s, func(tx *Tx) error { return tx.SetAttachments(7, 1, []string{"a (1)", "b"}) })
	}
	p.Files = []string{"a (1)", "b"}
	equal(t, "posts", get(t, s, posts(7)), []Post{p})
}

func TestOwnAuthor(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7))
	own := func(id, name string) bool {
		return get(t, s, func(tx *Tx) (bool, error) { return tx.IsOwnAuthor(id, name) })
	}
	p := post(7, 1)
	p.AuthorID, p.AuthorName = "55", "ООО Ромашка"
	addPost(t, s, p)
	if own("55", "ООО Ромашка") {
		t.Error("nothing says yet whose post it is")
	}
	do(t, s, func(tx *Tx) error { return tx.LinkPost(7, 1, 3) })
	equal(t, "link", get(t, s, func(tx *Tx) (Post, error) { return tx.Post(7, 1) }).Submission, SubmissionID(3))
	for what, c := range map[string]struct {
		id, name string
		want     bool
	}{
		"the author":          {"55", "ООО Ромашка", true},
		"a namesake":          {"56", "ООО Ромашка", false},
		"the id of another":   {"55", "Иван", false},
		"somebody else":       {"17", "Иван", false},
		"nobody in the least": {"", "", false},
	} {
		equal(t, what, own(c.id, c.name), c.want)
	}
}

func TestWhenPostsWereWritten(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7))
	second, first := post(7, 20), post(7, 3)
	second.Side, second.Posted = Customer, time.Time{}
	addPost(t, s, second)
	addPost(t, s, first)
	times := func(id TicketID) []PostTime {
		return get(t, s, func(tx *Tx) ([]PostTime, error) { return tx.PostTimes(id) })
	}
	equal(t, "times", times(7), []PostTime{{3, first.Side, first.Posted}, {20, Customer, time.Time{}}})
	equal(t, "of an unknown ticket", times(8), []PostTime(nil))
}

func TestTicketsOneAfterAnother(t *testing.T) {
	s := open(t)
	for _, id := range []TicketID{9, 3, 7} {
		save(t, s, ticket(id))
	}
	next := func(after TicketID) []Ticket {
		return get(t, s, func(tx *Tx) ([]Ticket, error) { return tx.NextTickets(after, 2) })
	}
	equal(t, "the first", next(0), []Ticket{ticket(3), ticket(7)})
	equal(t, "the next", next(7), []Ticket{ticket(9)})
	equal(t, "the end", next(9), []Ticket(nil))
}
