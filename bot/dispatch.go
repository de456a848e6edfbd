package bot

import (
	"container/heap"
	"context"
	"errors"
	"sync"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// dispatcher sends the outbox rows of one side. Of each lane it has only the head
// in memory: lanes that committed transactions have touched are looked up anew.
// Rows go side by side, one of a lane at a time, the most urgent first. What
// waits costs nothing until its time comes.
type dispatcher struct {
	*Bot
	side    state.Side
	send    func(context.Context, state.Row)
	lanes   map[string]*head // the heads that are in one of the queues
	busy    map[string]*head // those under way
	files   int              // how many of them carry a file
	retried int              // how many of these were tried before
	again   int              // how many of them go again
	late    int              // how many of them are for strangers
	fetches int              // how many of them read a ticket for somebody
	ready   queue            // what may go as far as is known, the most urgent first
	waiting queue            // what may not, by the time when it may
}

const (
	// slots is how many requests are under way at a time: so many hanging ones it
	// takes to hold up the others. Those to Plusofon can't be so many: at the default
	// rate 15 leave at once and 22 more within the 30 s that one may hang. With the
	// files, which may take longer, and with those that go again and wait for the
	// rate, that is 61.
	slots = 64
	// fileSlots is how many of them carry a file. Those take long and memory.
	fileSlots = 8
	// fileAgainSlots is how many of these were tried before: links that lead to
	// nothing, or drop by drop, leave room for those of others.
	fileAgainSlots = 3
	// lateSlots is how many of them are for strangers.
	lateSlots = 8
	// againSlots is how many of them go to Plusofon again: to see what became of a
	// request, or to repeat it. What hangs comes back again and again.
	againSlots = 16
	// fetchSlots is how many of them read a ticket for somebody who waits.
	fetchSlots = 16
)

// head is the first row of a lane.
type head struct {
	state.Row
	at    time.Time // when it may go
	chat  telegram.ChatID
	free  bool // of Telegram's limits on messages
	file  bool
	again bool // see againSlots
	late  bool // see lateSlots
	fetch bool // see fetchSlots
	in    *queue
	index int
}

func (b *Bot) newDispatcher(side state.Side, send func(context.Context, state.Row)) *dispatcher {
	return &dispatcher{
		Bot: b, side: side, send: send, lanes: map[string]*head{}, busy: map[string]*head{},
		ready: queue{less: moreUrgent}, waiting: queue{less: func(a, b *head) bool { return a.at.Before(b.at) }},
	}
}

// moreUrgent: what strangers wait for goes last; else what no limit holds back goes first,
// then what a person waits for, then the older.
func moreUrgent(a, b *head) bool {
	switch {
	case a.late != b.late:
		return b.late
	case a.free != b.free:
		return a.free
	case a.Priority != b.Priority:
		return a.Priority < b.Priority
	}
	return a.ID < b.ID
}

// run sends until ctx ends. Then nothing new is sent, and run returns when what is
// under way has ended; sending is the context of that.
func (d *dispatcher) run(ctx, sending context.Context) error {
	ended := make(chan string)
	var wg sync.WaitGroup
	defer wg.Wait()
	begin := func(row state.Row) {
		wg.Go(func() {
			d.Log.Debug("a row goes out", "row", row.ID, "kind", row.Kind, "lane", row.Lane, "trace", row.Trace)
			if err := guard(func() error { d.send(sending, row); return nil }); err != nil {
				d.Log.Error("a row could not be sent", "row", row.ID, "kind", row.Kind, "trace", row.Trace, "error", err)
				sleep(ctx, longestPause) // it will hardly go better at once
			}
			select {
			case ended <- row.Lane:
			case <-ctx.Done():
			}
		})
	}
	var touched []string // since the heads were looked up
	loaded := false
	for ctx.Err() == nil {
		wait := time.Hour
		touched = append(touched, d.Store.TakeTouched(d.side)...)
		if err := d.refresh(touched, !loaded); err != nil {
			d.Log.Error("the outbox can't be read", "side", d.side, "error", err)
			d.vitals.can("the outbox can't be read", err)
			wait = d.pause(2)
		} else {
			d.vitals.can("the outbox can't be read", nil)
			loaded = true
			touched = touched[:0]
			wait = min(wait, d.start(time.Now(), begin))
		}
		timer := time.NewTimer(wait)
		select {
		case lane := <-ended:
			d.count(d.busy[lane], -1)
			delete(d.busy, lane)
			touched = append(touched, lane)
		case <-d.Store.Wake(d.side):
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// refresh looks the heads of lanes up, at first of every lane.
func (d *dispatcher) refresh(lanes []string, all bool) error {
	if len(lanes) == 0 && !all {
		return nil
	}
	var rows []state.Row
	err := d.Store.Update(func(tx *state.Tx) (err error) {
		rows = nil
		if all {
			if lanes, err = tx.Lanes(d.side); err != nil {
				return err
			}
		}
		for _, lane := range lanes {
			row, err := tx.LaneHead(d.side, lane)
			if err == nil {
				rows = append(rows, row)
			} else if !errors.Is(err, state.ErrNotFound) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		d.drop(lane)
	}
	now := time.Now()
	for _, row := range rows {
		// Of a lane under way the head is looked up when it has ended.
		if _, busy := d.busy[row.Lane]; busy {
			continue
		}
		d.drop(row.Lane) // it may have been touched twice
		h := newHead(row, now)
		d.lanes[row.Lane] = h
		d.enter(h, now)
	}
	return nil
}

func newHead(row state.Row, now time.Time) *head {
	h := &head{Row: row, at: dueAt(row, now), file: row.Kind == chat.KindFile || row.Kind == chat.KindAttach, late: row.Priority == state.PriorityStranger, fetch: row.Kind == chat.KindFetch}
	if row.Side == state.Plusofon {
		h.free, h.again = true, goesAgain(row)
		return h
	}
	t, err := chat.Decode[chat.TelegramRow](row)
	h.chat = telegram.ChatID(t.Chat)
	switch t.Call.Method {
	case telegram.SetMessageReaction{}.Method(), telegram.AnswerCallbackQuery{}.Method(), telegram.DeleteMessage{}.Method():
		h.free = true // no messages
	}
	h.free = h.free || err != nil // sendTelegram says what is wrong with it
	return h
}

// fileAgain tells whether a head carries a file to Telegram that was tried before.
func (h *head) fileAgain() bool { return h.file && h.Side == state.Telegram && h.Attempts > 0 }

// goesAgain tells whether a row was under way before.
func goesAgain(row state.Row) bool { return row.State != state.Queued || row.Attempts > 0 }

// dueAt is when a row is due. One that is older than now was queued before the
// clock was set back: it does not wait for the clock to come round again.
func dueAt(row state.Row, now time.Time) time.Time {
	fresh := row.State == state.Queued && row.Attempts == 0
	if now.Before(row.Created) && (fresh || row.Due.Sub(now) > longestPause) {
		return now
	}
	return row.Due
}

// enter puts a head where it belongs.
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

// start begins the rows whose time has come, and returns how long to wait for the
// next.
func (d *dispatcher) start(now time.Time, begin func(state.Row)) time.Duration {
	wait := time.Hour
	for h := d.waiting.first(); h != nil && !h.at.After(now); h = d.waiting.first() {
		d.waiting.remove(h)
		d.ready.add(h)
	}
	var held []*head // until one of their kind is through
	for h := d.ready.first(); h != nil && len(d.busy) < slots; h = d.ready.first() {
		if !h.free {
			// Where nobody may send, nobody is asked.
			if at := d.limits.Open(h.Priority != state.PriorityPerson, now); at.After(now) {
				wait = at.Sub(now)
				break
			}
		}
		d.ready.remove(h)
		if d.isFull(h) {
			held = append(held, h)
			continue
		}
		if !h.free {
			at, ok := d.limits.Take(h.chat, h.chat.IsGroup(), h.Priority != state.PriorityPerson, now)
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

// isFull tells whether as many of a head's kind are under way as may be.
func (d *dispatcher) isFull(h *head) bool {
	return h.file && d.files == fileSlots || h.fileAgain() && d.retried == fileAgainSlots || h.again && d.again == againSlots ||
		h.late && d.late == lateSlots || h.fetch && d.fetches == fetchSlots
}

// count counts a head that is under way from now on, or no more.
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
	if h.late {
		d.late += n
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

// Push and Pop are the heap's own.
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
