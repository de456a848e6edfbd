package bot

import (
	"container/heap"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/state"
)

// dispatcher sends the outbox rows of one side. It holds only the head of each lane in memory
// and follows the transactions that touch lanes. Rows are sent concurrently, one per lane at a
// time, most urgent first. Waiting rows cost nothing until they are due.
type dispatcher struct {
	*Bot
	side      state.Side
	send      func(context.Context, state.Row)
	lanes     map[string]*head // the heads in one of the queues
	busy      map[string]*head // the heads in flight
	files     int              // how many of these carry a file
	retried   int              // how many of these files were tried before
	again     int              // how many are retries to Plusofon
	strangers int              // how many are for strangers
	fetches   int              // how many read a ticket for a person
	ready     queue            // what may be sent as far as known, most urgent first
	waiting   queue            // what may not yet, by time
	// promised are the albums that wait until their chats have room for all of their pictures:
	// what is less urgent there waits for them.
	promised map[telegram.ChatID]*head
}

const (
	// maxInFlight is the maximum number of concurrent requests: 64 stuck ones starve the
	// rest. Plusofon can't reach it: at the default rate 15 leave at once and 22 more within
	// the 30 s that one may hang. With files, which may take longer, and retries waiting for
	// the rate limit, that is 61.
	maxInFlight = 64
	// maxFiles is how many of them may carry a file, which takes time and memory.
	maxFiles = 8
	// maxRetriedFiles is how many of these may be retries: links that lead nowhere, or
	// trickle, leave room for others.
	maxRetriedFiles = 3
	// maxStrangers is how many requests may be for strangers.
	maxStrangers = 8
	// maxRetries is how many may be retries or read-backs to Plusofon: what hangs keeps
	// coming back.
	maxRetries = 16
	// maxFetches is how many may read a ticket for a waiting person.
	maxFetches = 16
	// lanesAtOnce is how many lanes are looked up in one transaction.
	lanesAtOnce = 100
	// yields is how long a row waits for another one to take its place, see chat.TelegramRow.
	yields = 300 * time.Millisecond
)

// head is the first row of a lane.
type head struct {
	state.Row
	at       time.Time // when it may be sent
	chat     telegram.ChatID
	n        int  // how many messages it sends
	free     bool // exempt from Telegram's limits on messages
	file     bool
	again    bool // counts towards maxRetries
	stranger bool // counts towards maxStrangers
	fetch    bool // counts towards maxFetches
	// movedTo are the lanes that the row was moved to while in flight.
	movedTo []string
	in      *queue
	index   int
}

func (b *Bot) newDispatcher(side state.Side, send func(context.Context, state.Row)) *dispatcher {
	return &dispatcher{
		Bot: b, side: side, send: send, lanes: map[string]*head{}, busy: map[string]*head{}, promised: map[telegram.ChatID]*head{},
		ready: queue{less: moreUrgent}, waiting: queue{less: func(a, b *head) bool { return a.at.Before(b.at) }},
	}
}

// moreUrgent orders heads: strangers' last; then first what no limit applies to, then replies
// to people, then the oldest.
func moreUrgent(a, b *head) bool {
	switch {
	case a.stranger != b.stranger:
		return b.stranger
	case a.free != b.free:
		return a.free
	case a.Priority != b.Priority:
		return a.Priority < b.Priority
	}
	return a.ID < b.ID
}

// run sends until ctx ends. Then it starts nothing new, and returns when the requests in flight
// have ended; sending is their context.
func (d *dispatcher) run(ctx, sending context.Context) error {
	ended := make(chan string)
	var wg sync.WaitGroup
	defer wg.Wait()
	begin := func(row state.Row) {
		wg.Go(func() {
			d.Log.Debug("a row goes out", "row", row.ID, "kind", row.Kind, "lane", row.Lane, "trace", row.Trace)
			if err := guard(func() error { d.send(sending, row); return nil }); err != nil {
				d.Log.Error("a row could not be sent", "row", row.ID, "kind", row.Kind, "trace", row.Trace, "error", err)
				sleep(ctx, longestPause) // an immediate retry would hardly succeed
			}
			select {
			case ended <- row.Lane:
			case <-ctx.Done():
			}
		})
	}
	var touched []state.Touched // since the heads were last looked up
	loaded := false
	for ctx.Err() == nil {
		wait := time.Hour
		touched = append(touched, d.Store.TakeTouched(d.side)...)
		if err := d.refresh(touched, !loaded); err != nil {
			d.Log.Error("the outbox can't be read", "side", d.side, "error", err)
			d.vitals.report("the outbox can't be read", err)
			wait = d.pause(2)
		} else {
			d.vitals.report("the outbox can't be read", nil)
			loaded = true
			touched = touched[:0]
			wait = min(wait, d.start(time.Now(), begin))
		}
		timer := time.NewTimer(wait)
		select {
		case lane := <-ended:
			d.count(d.busy[lane], -1)
			for _, lane := range append(d.busy[lane].movedTo, lane) {
				touched = append(touched, state.Touched{Lane: lane})
			}
			delete(d.busy, lane)
		case <-d.Store.Wake(d.side):
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// refresh updates the heads of lanes, or of every lane.
func (d *dispatcher) refresh(touched []state.Touched, all bool) error {
	now := time.Now()
	var lanes []string // to look up
	for _, t := range touched {
		if !all && !d.awaits(t.Lane) && !d.follow(t, now) {
			lanes = append(lanes, t.Lane)
		}
	}
	if len(lanes) == 0 && !all {
		return nil
	}
	if all {
		err := d.Store.Update(func(tx *state.Tx) (err error) {
			lanes, err = tx.Lanes(d.side)
			return err
		})
		if err != nil {
			return err
		}
	}
	var heads []*head
	for part := range slices.Chunk(lanes, lanesAtOnce) {
		more, err := d.heads(part)
		if err != nil {
			return err
		}
		heads = append(heads, more...)
	}
	for _, lane := range lanes {
		d.drop(lane)
	}
	seen := map[state.RowID]bool{}
	for _, h := range slices.Backward(heads) {
		if seen[h.ID] {
			continue // it was moved to another of the lanes meanwhile
		}
		seen[h.ID] = true
		// The head of a lane in flight is looked up when its request ends, and so is that of a
		// lane that the row was moved to meanwhile.
		if _, busy := d.busy[h.Lane]; busy {
			continue
		}
		if u := d.inFlight(h.ID); u != nil {
			u.movedTo = append(u.movedTo, h.Lane)
			continue
		}
		d.drop(h.Lane) // the lane may be listed twice
		d.lanes[h.Lane] = h
		d.enter(h, now)
	}
	return nil
}

// heads looks up the heads of lanes.
func (d *dispatcher) heads(lanes []string) (heads []*head, err error) {
	err = d.Store.Update(func(tx *state.Tx) error {
		heads = nil
		for _, lane := range lanes {
			row, err := tx.LaneHead(d.side, lane)
			if errors.Is(err, state.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			album, err := ticket.Album(tx, row)
			if err != nil {
				return err
			}
			heads = append(heads, newHead(row, max(len(album), 1), time.Now()))
		}
		return nil
	})
	return heads, err
}

// awaits reports whether the head of a lane is in flight, from that lane or from another one that
// it was moved from meanwhile: when it ends, the lane is looked up.
func (d *dispatcher) awaits(lane string) bool {
	if d.busy[lane] != nil {
		return true
	}
	for _, h := range d.busy {
		if slices.Contains(h.movedTo, lane) {
			return true
		}
	}
	return false
}

// follow updates the head of a lane to which rows were added; false if it has to be looked up, like
// one that is a picture: for what it is sent with, see ticket.Album.
func (d *dispatcher) follow(t state.Touched, now time.Time) bool {
	if t.Added == nil || t.Added.Kind == chat.KindFile {
		return false
	}
	var before *state.Row
	if h := d.lanes[t.Lane]; h != nil {
		before = &h.Row
	}
	if head := t.Head(before); head != before {
		d.drop(t.Lane)
		d.lanes[t.Lane] = newHead(*head, 1, now)
		d.enter(d.lanes[t.Lane], now)
	}
	return true
}

// inFlight returns the head of a row that is in flight, or nil.
func (d *dispatcher) inFlight(id state.RowID) *head {
	for _, h := range d.busy {
		if h.ID == id {
			return h
		}
	}
	return nil
}

func newHead(row state.Row, n int, now time.Time) *head {
	h := &head{Row: row, n: n, at: dueAt(row, now), file: row.Kind == chat.KindFile || row.Kind == chat.KindAttach, stranger: row.Priority == state.PriorityStranger, fetch: row.Kind == chat.KindFetch}
	if row.Side == state.Plusofon {
		h.free, h.again = true, goesAgain(row)
		return h
	}
	t, err := chat.Decode[chat.TelegramRow](row)
	h.chat = telegram.ChatID(t.Chat)
	switch t.Call.Method {
	case telegram.SetMessageReaction{}.Method(), telegram.AnswerCallbackQuery{}.Method(), telegram.DeleteMessage{}.Method():
		h.free = true // not messages
	}
	h.free = h.free || err != nil // sendTelegram reports the error
	if at := row.Created.Add(yields); t.Yields && !now.Before(row.Created) && at.After(h.at) {
		h.at = at
	}
	return h
}

// fileAgain reports whether a head is the retry of a file to Telegram.
func (h *head) fileAgain() bool { return h.file && h.Side == state.Telegram && h.Attempts > 0 }

// goesAgain reports whether a row was in flight before.
func goesAgain(row state.Row) bool { return row.State != state.Queued || row.Attempts > 0 }

// dueAt returns when a row is due. A row created after now was queued before the clock moved
// back: it does not wait for the clock to catch up.
func dueAt(row state.Row, now time.Time) time.Time {
	fresh := row.State == state.Queued && row.Attempts == 0
	if now.Before(row.Created) && (fresh || row.Due.Sub(now) > longestPause) {
		return now
	}
	return row.Due
}

// enter puts a head into the right queue.
func (d *dispatcher) enter(h *head, now time.Time) {
	if h.at.After(now) {
		d.waiting.add(h)
	} else {
		d.ready.add(h)
	}
}

func (d *dispatcher) drop(lane string) {
	if h := d.lanes[lane]; h != nil {
		h.in.remove(h)
		delete(d.lanes, lane)
	}
}

// start starts the rows that are due, and returns how long to wait for the next.
func (d *dispatcher) start(now time.Time, begin func(state.Row)) time.Duration {
	wait := time.Hour
	for h := d.waiting.first(); h != nil && !h.at.After(now); h = d.waiting.first() {
		d.waiting.remove(h)
		d.ready.add(h)
	}
	var held []*head // until another of their kind has ended
	for h := d.ready.first(); h != nil && len(d.busy) < maxInFlight; h = d.ready.first() {
		if !h.free {
			// While the global limit is closed no chat needs to be checked.
			if at := d.limits.Open(h.n, h.Priority != state.PriorityPerson, now); at.After(now) {
				wait = at.Sub(now)
				break
			}
		}
		d.ready.remove(h)
		if d.promised[h.chat] == h {
			delete(d.promised, h.chat)
		}
		if d.isFull(h) {
			held = append(held, h)
			continue
		}
		if !h.free {
			at, ok := d.room(h, now)
			if !ok {
				h.at = at
				d.waiting.add(h)
				continue
			}
		}
		delete(d.lanes, h.Lane)
		d.busy[h.Lane] = h
		d.count(h, 1)
		begin(h.Row)
	}
	for _, h := range held {
		d.ready.add(h)
	}
	if h := d.waiting.first(); h != nil {
		wait = min(wait, h.at.Sub(now))
	}
	return max(wait, 0)
}

// room takes a head's share of its chat's limits, or returns when there may be room. An album
// needs much at once, so room is promised to it: otherwise less urgent messages would take one
// place after another, and it would wait for as long as they come.
func (d *dispatcher) room(h *head, now time.Time) (next time.Time, ok bool) {
	if p := d.promised[h.chat]; p != nil && d.lanes[p.Lane] == p && moreUrgent(p, h) {
		return p.at, false
	}
	next, ok = d.limits.Take(h.n, h.chat, h.chat.IsGroup(), h.Priority != state.PriorityPerson, now)
	if !ok && h.n > 1 {
		d.promised[h.chat] = h
	}
	return next, ok
}

// isFull reports whether the limit for a head's kind is reached.
func (d *dispatcher) isFull(h *head) bool {
	return h.file && d.files == maxFiles || h.fileAgain() && d.retried == maxRetriedFiles || h.again && d.again == maxRetries ||
		h.stranger && d.strangers == maxStrangers || h.fetch && d.fetches == maxFetches
}

// count adds n to the counters for a head.
func (d *dispatcher) count(h *head, n int) {
	if h.file {
		d.files += n
	}
	if h.fileAgain() {
		d.retried += n
	}
	if h.again {
		d.again += n
	}
	if h.stranger {
		d.strangers += n
	}
	if h.fetch {
		d.fetches += n
	}
}

// queue is a heap of heads.
type queue struct {
	less func(a, b *head) bool
	list []*head
}

func (q *queue) Len() int           { return len(q.list) }
func (q *queue) Less(i, j int) bool { return q.less(q.list[i], q.list[j]) }
func (q *queue) Swap(i, j int) {
	q.list[i], q.list[j] = q.list[j], q.list[i]
	q.list[i].index, q.list[j].index = i, j
}

// Push and Pop implement heap.Interface.
func (q *queue) Push(x any) {
	h, _ := x.(*head)
	h.index = len(q.list)
	q.list = append(q.list, h)
}

func (q *queue) Pop() any {
	h := q.list[len(q.list)-1]
	q.list = q.list[:len(q.list)-1]
	return h
}

func (q *queue) add(h *head) {
	h.in = q
	heap.Push(q, h)
}

func (q *queue) remove(h *head) { heap.Remove(q, h.index) }

func (q *queue) first() *head {
	if len(q.list) == 0 {
		return nil
	}
	return q.list[0]
}
