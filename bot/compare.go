package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

const (
	// comparedAtOnce is how many elements of a list are compared per transaction.
	comparedAtOnce = 500
	// changedAtOnce is how many changed tickets one poll reads, newest first: the rest keep
	// their old fingerprints for the next poll.
	changedAtOnce = 500
)

// compared is the result of comparing a list. Of the list itself only ids are held.
type compared struct {
	number   state.ReadNumber
	elements int
	silent   bool // some elements have no sign of activity
	partly   bool // some elements could not be read
	changed  []ticket.Changed
}

// compare reads a list and returns which tickets must be read: those with changed elements,
// and those that have left the open list.
func (b *Bot) compare(ctx context.Context, open bool) (compared, error) {
	c := compared{number: b.nextRead()}
	var ids []state.TicketID
	leftOut := 0
	part := make([]plusofon.ListedTicket, 0, comparedAtOnce)
	flush := func() error {
		err := b.update(func(t *chat.Turn) error {
			changed, err := ticket.Listed(t, part, open, c.number)
			c.add(changed)
			return err
		})
		part = part[:0]
		return err
	}
	for e, err := range b.Background.Tickets(ctx, open) {
		if one, ok := errors.AsType[*plusofon.LeftOutError](err); ok {
			leftOut++
			b.Log.Debug("an element of a list is left out", "open", open, "error", one)
			continue
		}
		if err != nil {
			return c, err
		}
		ids = append(ids, state.TicketID(e.ID))
		c.silent = c.silent || !e.HasActivity
		if part = append(part, e); len(part) == cap(part) {
			if err := flush(); err != nil {
				return c, err
			}
		}
	}
	if err := flush(); err != nil {
		return c, err
	}
	c.elements, c.partly = len(ids), leftOut > 0
	b.vitals.polled(state.Plusofon, time.Now())
	b.noteLeftOut(chat.Either(open, "open list", "closed list"), leftOut)
	compared := false
	err := b.update(func(t *chat.Turn) (err error) {
		compared, err = ticket.ListEnds(t, open)
		return err
	})
	if err == nil && open && compared {
		err = b.addLeft(&c, ids)
	}
	c.cut()
	return c, err
}

// addLeft adds the tickets that are no longer in the open list.
func (b *Bot) addLeft(c *compared, listed []state.TicketID) error {
	slices.Sort(listed)
	isListed := func(id state.TicketID) bool {
		_, found := slices.BinarySearch(listed, id)
		return found
	}
	for after := state.TicketID(0); ; {
		err := b.update(func(t *chat.Turn) error {
			left, next, err := ticket.Left(t, after, isListed, c.partly, c.number)
			c.add(left)
			after = next
			return err
		})
		if err != nil || after == 0 {
			return err
		}
	}
}

func (c *compared) add(changed []ticket.Changed) {
	if c.changed = append(c.changed, changed...); len(c.changed) > 2*changedAtOnce {
		c.cut()
	}
}

// cut keeps the newest tickets, which people most likely wait for, newest first.
func (c *compared) cut() {
	slices.SortFunc(c.changed, func(a, b ticket.Changed) int { return cmp.Compare(b.ID, a.ID) })
	c.changed = slices.Clone(c.changed[:min(len(c.changed), changedAtOnce)])
}

// leftOut counts, by place, what could not be read and was left out since the owners were
// last told.
type leftOut map[string]int

// noteLeftOut counts what is left out in a place, and logs it unless it was as much the last time.
func (b *Bot) noteLeftOut(where string, n int) {
	b.leftOut[where] = n
	if n == 0 {
		delete(b.leftOutLogged, where)
		return
	}
	if n != b.leftOutLogged[where] {
		b.Log.Warn("something that Plusofon answers can't be read and is left out", "where", where, "count", n)
	}
	b.leftOutLogged[where] = n
}

// metaLeftOut is the meta key of the places where something is left out.
const metaLeftOut = "plusofon_left_out"

// tell tells the owners, once, that something is left out, and once that nothing is any more.
func (l leftOut) tell(t *chat.Turn) error {
	stored, err := t.Tx.Meta(metaLeftOut)
	if err != nil {
		return err
	}
	known := map[string]int{}
	if stored != "" {
		if err := json.Unmarshal([]byte(stored), &known); err != nil {
			return fmt.Errorf("read where something is left out: %w", err)
		}
	}
	maps.Copy(known, l)
	maps.DeleteFunc(known, func(_ string, n int) bool { return n == 0 })
	clear(l)
	now, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("write where something is left out: %w", err)
	}
	if stored != string(now) {
		if err := t.Tx.SetMeta(metaLeftOut, string(now)); err != nil {
			return err
		}
	}
	if len(known) == 0 {
		return access.AlarmOver(t, access.AlarmUnreadable)
	}
	return access.Alarm(t, access.AlarmUnreadable)
}
