package bot_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"sync"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
)

// link is how one life of the program reaches both sides: requests and answers take time,
// may be lost either way, and are cut off when that life ends.
type link struct {
	phone    *phone
	desk     *desk
	troubles *troubles
	dead     chan struct{} // closed at the end of this life
	late     time.Duration // how much later requests in flight to Plusofon then arrive; 0: never
}

func newLink(phone *phone, desk *desk, troubles *troubles) *link {
	return &link{phone: phone, desk: desk, troubles: troubles, dead: make(chan struct{})}
}

// dies ends the life.
func (l *link) dies(late time.Duration) {
	l.late = late
	close(l.dead)
}

// trouble is something that can happen to a request.
type trouble string

const (
	lostThere trouble = "lost on its way there"
	lostBack  trouble = "its answer is lost"
	notSent   trouble = "not sent"
	toWait    trouble = "told to wait"
	overtaken trouble = "its answer takes long" // of a ticket: others are faster meanwhile
	notThere  trouble = "not found"             // of a ticket: a web server's page
)

// troubles are planned troubles by the name of the request.
type troubles struct {
	mu        sync.Mutex
	next      map[string][]trouble
	unlearned int // messages in their chat that the program doesn't know of
}

func newTroubles() *troubles { return &troubles{next: map[string][]trouble{}} }

// add plans the trouble of the next request of a name that has none.
func (t *troubles) add(op string, next trouble) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next[op] = append(t.next[op], next)
}

func (t *troubles) over() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.next)
}

func (t *troubles) take(op string) (next trouble) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if list := t.next[op]; len(list) > 0 {
		next, t.next[op] = list[0], list[1:]
	}
	return next
}

func (t *troubles) notLearned(op string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if op == "sendMessage" {
		t.unlearned++
	}
}

var errCutOff = errors.New("cut off")

// slowAnswer is the duration of an answer that others overtake.
const slowAnswer = 25 * time.Second

// deskWrites are the names of the requests to Plusofon that write, deskReads of those that read.
var (
	deskWrites = []string{"open", "answer", "attach"}
	deskReads  = []string{"account", "list", "ticket"}
)

func isOfDesk(op string) bool {
	return slices.Contains(deskWrites, op) || slices.Contains(deskReads, op)
}

// failure returns the error that the side's client makes of a trouble.
func failure(op string, what trouble) error {
	const wait = 7 * time.Second
	if isOfDesk(op) {
		writes := slices.Contains(deskWrites, op)
		switch {
		case what == notSent:
			return &plusofon.Error{Op: op, Kind: plusofon.NotSent}
		case what == toWait:
			return &plusofon.Error{Op: op, Kind: plusofon.RateLimited, RetryAfter: wait}
		case what == notThere:
			return &plusofon.Error{Op: op, Kind: plusofon.NotFound}
		case writes:
			return &plusofon.UnknownOutcomeError{Op: op, Err: io.ErrUnexpectedEOF}
		}
		return &plusofon.Error{Op: op, Kind: plusofon.Temporary, Err: io.ErrUnexpectedEOF}
	}
	switch what {
	case notSent:
		return &telegram.Error{Method: op, Outcome: telegram.NotSent}
	case toWait:
		return &telegram.Error{Method: op, Outcome: telegram.RateLimited, RetryAfter: wait}
	}
	return &telegram.Error{Method: op, Outcome: telegram.Unknown, Err: io.ErrUnexpectedEOF}
}

// carry transmits a request and its answer.
func carry[T any](l *link, op string, request func() (T, error)) (answer T, err error) {
	select {
	case <-l.dead:
		return answer, errCutOff
	default:
	}
	what := l.troubles.take(op)
	if what == notSent || what == toWait || what == notThere {
		return answer, failure(op, what)
	}
	if !l.takes(latency) {
		// A message to Telegram does not block: a late one arrives twice, and may arrive after its
		// successors.
		if l.late > 0 && isOfDesk(op) {
			go func() {
				time.Sleep(l.late)
				_, _ = request() // nobody is there to receive the answer
			}()
		}
		return answer, errCutOff
	}
	if what != lostThere {
		answer, err = request()
	}
	back := latency
	if what == overtaken {
		what, back = "", slowAnswer
	}
	alive := l.takes(back)
	if err == nil && (what == lostBack || !alive) {
		l.troubles.notLearned(op)
	}
	var nothing T
	switch {
	case !alive:
		return nothing, errCutOff
	case what != "":
		return nothing, failure(op, what)
	}
	return answer, err
}

// takes lets time pass; false if the life ends meanwhile.
func (l *link) takes(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.dead:
		return false
	}
}

// telegramLink is the link to Telegram.
type telegramLink struct{ *link }

var _ bot.Telegram = telegramLink{}

func (l telegramLink) Me(ctx context.Context) (telegram.Me, error) {
	return carry(l.link, "getMe", func() (telegram.Me, error) { return l.phone.Me(ctx) })
}

func (l telegramLink) Updates(ctx context.Context, offset int64, limit int, timeout time.Duration) ([]telegram.Raw, error) {
	return carry(l.link, "getUpdates", func() ([]telegram.Raw, error) { return l.phone.Updates(ctx, offset, limit, timeout) })
}

func (l telegramLink) Do(ctx context.Context, c telegram.Call) (telegram.Result, error) {
	return carry(l.link, c.Method, func() (telegram.Result, error) { return l.phone.Do(ctx, c) })
}

func (l telegramLink) Upload(ctx context.Context, c telegram.Call, _ ...telegram.Upload) (telegram.Result, error) {
	return l.Do(ctx, c)
}

func (l telegramLink) OpenFile(ctx context.Context, fileID string, limit int64) (io.ReadCloser, int64, error) {
	size := int64(0)
	body, err := carry(l.link, "getFile", func() (body io.ReadCloser, err error) {
		body, size, err = l.phone.OpenFile(ctx, fileID, limit)
		return body, err
	})
	return body, size, err
}

// plusofonLink is the link to Plusofon.
type plusofonLink struct{ *link }

var _ bot.Plusofon = plusofonLink{}

func (l plusofonLink) Account(ctx context.Context) (plusofon.Account, error) {
	return carry(l.link, "account", func() (plusofon.Account, error) { return l.desk.Account(ctx) })
}

func (l plusofonLink) Tickets(ctx context.Context, open bool) iter.Seq2[plusofon.ListedTicket, error] {
	list, err := carry(l.link, "list", func() ([]plusofon.ListedTicket, error) { return l.desk.listed(ctx, open) })
	return listOf(list, err)
}

func (l plusofonLink) Ticket(ctx context.Context, id plusofon.TicketID) (plusofon.Ticket, error) {
	return carry(l.link, "ticket", func() (plusofon.Ticket, error) { return l.desk.Ticket(ctx, id) })
}

func (l plusofonLink) Open(ctx context.Context, subject, description string) (plusofon.Ticket, error) {
	return carry(l.link, "open", func() (plusofon.Ticket, error) { return l.desk.Open(ctx, subject, description) })
}

func (l plusofonLink) Answer(ctx context.Context, id plusofon.TicketID, text string) (plusofon.Ticket, error) {
	return carry(l.link, "answer", func() (plusofon.Ticket, error) { return l.desk.Answer(ctx, id, text) })
}

func (l plusofonLink) Attach(ctx context.Context, id plusofon.TicketID, post plusofon.PostID, f plusofon.File) error {
	_, err := carry(l.link, "attach", func() (struct{}, error) { return struct{}{}, l.desk.Attach(ctx, id, post, f) })
	return err
}

func (l plusofonLink) Download(ctx context.Context, a plusofon.Attachment) (io.ReadCloser, int64, error) {
	return l.desk.Download(ctx, a)
}
