package ticket

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/topic"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Read is a ticket as returned by a read, or by a write.
type Read struct {
	plusofon.Ticket
	// Number orders reads by when they began, and responses to writes by when they arrived.
	// A read that began before the one stored in the ticket may be stale: it may add posts
	// but changes nothing else.
	Number state.ReadNumber
}

// Absorb takes over a ticket that was read: new posts, closing and reopening are news to
// the chats bound to it. A long ticket is absorbed in parts: while it returns false, the
// same read must be absorbed again in another transaction.
func Absorb(t *chat.Turn, read Read, c Changed) (all bool, err error) {
	return absorb(t, read, &c, nil)
}

// AbsorbFetched takes over a ticket that was read for a person, as Absorb does. What it
// shows is news as in a poll, but it says nothing about the lists. A ticket that no poll
// has read yet is announced only by that poll, so that the chats that follow all tickets
// are told then.
func AbsorbFetched(t *chat.Turn, read Read) (all bool, err error) {
	return absorb(t, read, nil, nil)
}

func absorb(t *chat.Turn, read Read, c *Changed, prefer *effect) (all bool, err error) {
	ticket, id := read.Ticket, state.TicketID(read.ID)
	old, err := t.Tx.Ticket(id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return false, err
	}
	a := arrival{c: c, number: read.Number, old: old, isNew: err != nil, overtaken: read.Number < old.AsOf, whole: prefer != nil}
	fresh := old
	if !a.overtaken {
		if fresh, err = refreshed(t, read, old, c, prefer); err != nil {
			return false, err
		}
		// The text of a ticket closed long ago is shown on request but not stored.
		a.forgotten = isForgotten(t, fresh, lastActive(fresh, ticket.Posts))
		if !a.forgotten {
			fresh.Blanked = time.Time{}
		}
		if err := t.Tx.SaveTicket(fresh); err != nil {
			return false, err
		}
	} else {
		a.forgotten = WordsErased(t, old)
	}
	known, err := knownPosts(t, id)
	if err != nil {
		return false, err
	}
	account, err := t.Tx.Account()
	if err != nil {
		return false, err
	}
	a.account = account.Email
	inFlight, err := submissionsInFlight(t, id)
	if err != nil {
		return false, err
	}
	own, err := match(t, matchInput{ticket: ticket, fresh: old.ID == 0, known: known, account: a.account, inFlight: inFlight, effect: prefer})
	if err != nil {
		return false, err
	}
	if len(ticket.Posts) > 0 && own[state.PostID(ticket.Posts[0].ID)].ID != 0 && !a.overtaken {
		// It was opened here: it is tracked from now on and belongs in the open list.
		fresh.Undecided = false
		if old.ID == 0 && fresh.Listed == state.Unlisted && fresh.Open {
			fresh.Listed = state.OpenList
		}
	}
	a.settled = true
	if prefer == nil {
		if a.settled, err = isSettled(t, id); err != nil {
			return false, err
		}
	}
	if err := a.decide(t, fresh); err != nil {
		return false, err
	}
	switch {
	case a.forgotten || a.overtaken:
	case a.divides():
		if all, err := restore(t, fresh, ticket.Posts, known); err != nil {
			return false, err
		} else if !all {
			return false, t.Tx.SaveTicket(a.partly(fresh, t.Now))
		}
	default:
		fresh.Blanked = old.Blanked // the next read restores it
	}
	var newest state.Post
	added := 0
	for i, p := range ticket.Posts {
		sub, mine := own[state.PostID(p.ID)]
		a.tracked = a.tracked || mine && i == 0
		if _, stored := known[state.PostID(p.ID)]; !stored {
			if added > 0 && a.divides() && hasDoneEnough(t) {
				return false, t.Tx.SaveTicket(a.partly(fresh, t.Now))
			}
			added++
		}
		if mine {
			written := prefer != nil && prefer.written && prefer.sub.ID == sub.ID
			err = absorbOwn(t, fresh, p, sub, known, written)
		} else {
			err = absorbPost(t, fresh, ticket, i, known, a)
		}
		if err != nil {
			return false, err
		}
		last, absorbed := known[state.PostID(p.ID)]
		if !absorbed {
			// The post is left for later: the ticket must be read again.
			fresh.Listed, fresh.Fingerprint = old.Listed, old.Fingerprint
			continue
		}
		fresh.LastSide, newest = last.Side, last
		if last.Posted.After(fresh.LastActivity) && !fresh.Undecided {
			fresh.LastActivity = last.Posted
		}
	}
	if prefer == nil || !prefer.written {
		if err := learn(t, ticket, known); err != nil {
			return false, err
		}
	}
	if a.overtaken {
		return true, nil
	}
	return true, changes(t, old, fresh, newest)
}

// changes stores and announces what a read shows of a ticket besides its posts.
func changes(t *chat.Turn, old, fresh state.Ticket, newest state.Post) error {
	if !old.Fetched.IsZero() && !fresh.Undecided && old.Open && !fresh.Open && t.Now.After(fresh.LastActivity) {
		fresh.LastActivity = t.Now // the closing itself: its last post may be old
	}
	if err := t.Tx.SaveTicket(fresh); err != nil {
		return err
	}
	if err := settleWait(t, fresh, newest); err != nil {
		return err
	}
	if old.Fetched.IsZero() {
		return nil
	}
	if old.Open != fresh.Open {
		if err := announceState(t, fresh); err != nil {
			return err
		}
	}
	if old.Open == fresh.Open && old.Subject == fresh.Subject {
		return nil
	}
	return topic.Sync(t, fresh.ID)
}

// refreshed returns the ticket as shown by a read that no later one has overtaken.
func refreshed(t *chat.Turn, read Read, old state.Ticket, c *Changed, prefer *effect) (state.Ticket, error) {
	fresh := old
	fresh.ID, fresh.Open, fresh.Fetched, fresh.AsOf = state.TicketID(read.ID), isOpen(read.Ticket, old, c), t.Now, read.Number
	fresh.NotFound, fresh.Gone = 0, time.Time{}
	if read.Subject != "" {
		fresh.Subject = read.Subject
	}
	switch {
	case c != nil && c.Element != nil:
		fresh.Listed, fresh.Fingerprint = c.In, c.Element.Fingerprint
		takeElement(&fresh, c.Element)
	case c != nil && !c.Again:
		fresh.Listed, fresh.Fingerprint = state.Unlisted, ""
	}
	if c != nil {
		fresh.Undecided = false
	} else if (prefer == nil || !prefer.written) && old.Fetched.IsZero() {
		// Before the first list there is nothing to decide: that list is the baseline.
		baseline, err := t.Tx.Meta(baselineKey(true))
		if err != nil {
			return fresh, err
		}
		fresh.Undecided = baseline != ""
	}
	return fresh, nil
}

// arrival is the context of a ticket that was read: why, what was known, and what is news.
type arrival struct {
	c         *Changed // nil: not read because of a list
	number    state.ReadNumber
	old       state.Ticket
	isNew     bool   // it was never seen
	overtaken bool   // by a read that began later, or by a response
	forgotten bool   // its text is not kept
	settled   bool   // see isSettled
	whole     bool   // it was read for a submission
	account   string // the e-mail of the company's account; "" if not known

	undecided bool // what is news in it is decided later
	appeared  bool // it is in a list for the first time
	tracked   bool // it was read before, or opened here: everything new in it is news
	// In a ticket that was listed but never read, posts since then are news.
	since     time.Time
	lastSince bool // its last post too, whatever its date
}

// decide finds out what is news in a ticket, as fresh describes it. In a ticket that was
// never read nothing is, unless it just appeared in a list.
func (a *arrival) decide(t *chat.Turn, fresh state.Ticket) error {
	read := !a.old.Fetched.IsZero() && !a.old.Undecided
	a.undecided, a.tracked = fresh.Undecided, read
	if read || a.overtaken || a.c == nil {
		return nil
	}
	a.appeared = a.c.Element != nil && !a.c.First && (a.isNew || a.old.Undecided && a.old.Listed == state.Unlisted)
	a.since, a.lastSince = newsSince(a.old, fresh)
	switch {
	case a.c.Element == nil && !a.old.LastActivity.IsZero():
		// It has left the list, which showed this activity last.
		a.since = a.old.LastActivity
	case a.old.LastActivity.IsZero() && fresh.LastActivity.IsZero():
		// The list shows no activity: posts newer than the baseline are news.
		baseline, err := t.Tx.Meta(baselineKey(true))
		if err != nil || baseline == "" {
			return err
		}
		if a.since, err = time.Parse(time.RFC3339, baseline); err != nil {
			return fmt.Errorf("read when the first list came: %w", err)
		}
	}
	return nil
}

// divides reports whether the posts may be absorbed in several transactions: not if they
// must show what became of a submission, nor if it is being decided what is news in a
// ticket that was only fetched for a person.
func (a *arrival) divides() bool { return !a.whole && (!a.old.Undecided || a.c == nil) }

// partly returns the ticket to store after a part of its posts: as it was, so that it is
// read again in any case and its remaining posts stay news.
func (a *arrival) partly(fresh state.Ticket, now time.Time) state.Ticket {
	if !a.isNew {
		old := a.old
		old.AsOf = fresh.AsOf
		return old
	}
	part := state.Ticket{ID: fresh.ID, Subject: fresh.Subject, Open: fresh.Open, ByCustomer: fresh.ByCustomer, AsOf: fresh.AsOf, Undecided: a.undecided}
	if a.undecided || a.tracked || a.appeared {
		part.Fetched = now
	}
	return part
}

// isNews reports whether a post is news; last is true for the ticket's last post.
func (a *arrival) isNews(p plusofon.Post, stored, last bool) bool {
	switch {
	case a.undecided:
		return false
	case a.appeared, a.tracked, a.old.Undecided && !stored:
		return true
	}
	return !a.since.IsZero() && (p.Date.After(a.since) || last && a.lastSince)
}

// newsSince returns the time from which posts are news in a ticket that was listed but
// never read: the activity last seen in the list, if there has been more. Its last post
// is then news, whatever the dates say. The zero time: none are.
func newsSince(old, fresh state.Ticket) (since time.Time, last bool) {
	if !old.LastActivity.IsZero() && fresh.LastActivity.After(old.LastActivity) {
		return old.LastActivity, true
	}
	return time.Time{}, false
}

// isSettled reports whether no answer to a ticket is under way. While one is, a new post
// of the customer's may be that answer even if its text differs, because a server may
// change it: the post is left until the answer is settled.
func isSettled(t *chat.Turn, id state.TicketID) (bool, error) {
	subs, err := t.Tx.InFlight(id)
	underWay := func(sub state.Submission) bool { return sub.State.UnderWay() }
	return !slices.ContainsFunc(subs, underWay), err
}

// isOpen reports whether a ticket is open: by its own status, or else by the list that
// holds it or that it left, if nothing newer is known, or else as it was.
func isOpen(ticket plusofon.Ticket, old state.Ticket, c *Changed) bool {
	listed := c != nil && c.Number >= old.AsOf
	switch {
	case ticket.OpenKnown:
		return ticket.Open
	case listed && c.Element != nil:
		return c.Element.Open
	case listed && !c.Again:
		return false
	case !old.Fetched.IsZero():
		return old.Open
	}
	return ticket.Open
}

// match is matchPosts without the posts that were moved from another ticket: these were there
// before.
func match(t *chat.Turn, in matchInput) (map[state.PostID]state.Submission, error) {
	in.moved = map[state.PostID]bool{}
	for {
		own, found := matchPosts(in), false
		for _, p := range in.ticket.Posts {
			id := state.PostID(p.ID)
			if own[id].ID == 0 {
				continue
			}
			moved, err := wasMoved(t, state.TicketID(in.ticket.ID), p)
			if err != nil {
				return nil, err
			}
			if moved && !in.moved[id] {
				in.moved[id], found = true, true
			}
		}
		if !found {
			return own, nil
		}
	}
}

func knownPosts(t *chat.Turn, id state.TicketID) (map[state.PostID]state.Post, error) {
	posts, err := t.Tx.Posts(id)
	known := make(map[state.PostID]state.Post, len(posts))
	for _, p := range posts {
		known[p.ID] = p
	}
	return known, err
}

// absorbOwn takes over a post that a submission made.
func absorbOwn(t *chat.Turn, fresh state.Ticket, p plusofon.Post, sub state.Submission, known map[state.PostID]state.Post, written bool) error {
	post := storedPost(fresh, p, state.Customer)
	post.Submission = sub.ID
	if _, err := t.Tx.AddPost(post); err != nil {
		return err
	}
	known[post.ID] = post
	return link(t, sub, fresh.ID, p, written)
}

// absorbPost stores the i-th post of a ticket and announces what is new in it, if that is
// news. A customer's new post is left for later while the ticket is not settled.
func absorbPost(t *chat.Turn, fresh state.Ticket, ticket plusofon.Ticket, i int, known map[state.PostID]state.Post, a arrival) error {
	p := ticket.Posts[i]
	stored, ok := known[state.PostID(p.ID)]
	isNews := a.isNews(p, ok, i == len(ticket.Posts)-1)
	if ok {
		if a.overtaken {
			return nil
		}
		// Only a ticket fetched for a person has stored posts that were not announced yet.
		if untold := a.old.Undecided && stored.Submission == 0; untold && isNews {
			if err := announcePost(t, fresh, p, stored.Side, a.appeared && i == 0); err != nil {
				return err
			}
			isNews = false
		}
		return errors.Join(absorbEdit(t, fresh, p, stored, a.forgotten, isNews), absorbFiles(t, fresh, p, stored, a.forgotten, isNews))
	}
	side, err := sideOf(t, a.account, fresh, opener(ticket, known), p)
	if err != nil || side == state.Customer && !a.settled {
		return err
	}
	post := storedPost(fresh, p, side)
	if a.forgotten {
		post = withoutWords(post)
	}
	if _, err := t.Tx.AddPost(post); err != nil {
		return err
	}
	known[post.ID] = post
	if !isNews {
		return nil
	}
	moved, err := seenElsewhere(t, fresh.ID, p)
	switch {
	case err != nil:
		return err
	case moved == nil:
		return announcePost(t, fresh, p, side, a.appeared && i == 0)
	case moved.Text == "" || moved.Posted.IsZero() || plusofon.SameWords(p.Text, moved.Text) || t.Now.Sub(moved.Posted) > editsTold:
		return nil
	}
	from, err := t.Tx.Ticket(moved.Ticket)
	if err != nil || a.number < from.AsOf {
		return err // it may be an older text of the post
	}
	return announceEdit(t, fresh, p, side)
}

// wasMoved reports whether a post was moved from another ticket: where posts are numbered
// ticket by ticket, only the date tells it from another one with the same words.
func wasMoved(t *chat.Turn, id state.TicketID, p plusofon.Post) (bool, error) {
	from, err := seenElsewhere(t, id, p)
	return from != nil && !p.Date.IsZero() && from.Posted.Equal(p.Date), err
}

// seenElsewhere returns a post as it was seen in another ticket before; nil if it was
// not. The staff moves posts when it merges tickets, and a moved post is not announced
// again. The id alone does not prove it: the author must be the same, and the text or the
// date.
func seenElsewhere(t *chat.Turn, id state.TicketID, p plusofon.Post) (*state.Post, error) {
	others, err := t.Tx.PostsNumbered(state.PostID(p.ID), id)
	i := slices.IndexFunc(others, func(o state.Post) bool {
		if o.AuthorID != p.Author.ID || o.AuthorName != p.Author.Name {
			return false
		}
		if !p.Date.IsZero() && !o.Posted.IsZero() { // kept when a post is moved
			return o.Posted.Equal(p.Date)
		}
		return o.Text == "" || plusofon.SameText(o.Text, p.Text)
	})
	if i < 0 {
		return nil, err
	}
	return &others[i], err
}

// editsTold is how long after a post was written its edits are announced.
const editsTold = 7 * 24 * time.Hour

// absorbEdit takes over a change of a post's text by the staff. It is announced, with the
// new text, only if letters or digits changed: changes to signs and markup by the help
// desk itself are no edit.
func absorbEdit(t *chat.Turn, fresh state.Ticket, p plusofon.Post, stored state.Post, forgotten, isNews bool) error {
	if forgotten || stored.Text == "" || strings.TrimSpace(p.Text) == "" || plusofon.SameText(stored.Text, p.Text) {
		return nil
	}
	if err := t.Tx.SetPostText(fresh.ID, stored.ID, p.Text); err != nil {
		return err
	}
	if !isNews || plusofon.SameWords(p.Text, stored.Text) || stored.Posted.IsZero() || t.Now.Sub(stored.Posted) > editsTold {
		return nil
	}
	return announceEdit(t, fresh, p, stored.Side)
}

// absorbFiles takes over attachments that were added to a known post.
func absorbFiles(t *chat.Turn, fresh state.Ticket, p plusofon.Post, stored state.Post, forgotten, isNews bool) error {
	have := len(stored.Files)
	if len(p.Attachments) <= have {
		return nil
	}
	names := AttachmentNames(p)
	if forgotten {
		clear(names)
	}
	if err := t.Tx.SetAttachments(fresh.ID, stored.ID, names); err != nil {
		return err
	}
	if isNews && stored.Side == state.Staff {
		return announceFiles(t, fresh, p, have)
	}
	return nil
}

func storedPost(fresh state.Ticket, p plusofon.Post, side state.PostSide) state.Post {
	return state.Post{
		Ticket: fresh.ID, ID: state.PostID(p.ID), Side: side, AuthorID: p.Author.ID, AuthorName: p.Author.Name,
		Posted: p.Date, Text: p.Text, Files: AttachmentNames(p),
	}
}

// AttachmentNames returns the names of a post's attachments as shown and stored.
func AttachmentNames(p plusofon.Post) []string {
	names := make([]string, len(p.Attachments))
	for i, a := range p.Attachments {
		names[i] = telegram.SafeFileName(a.Name)
	}
	return names
}

// submissionsInFlight returns the submissions whose effect a ticket may show: its
// answers, and the openings with the answers waiting for their tickets.
func submissionsInFlight(t *chat.Turn, id state.TicketID) ([]state.Submission, error) {
	waiting, err := t.Tx.InFlight(0)
	if err != nil {
		return nil, err
	}
	answers, err := t.Tx.InFlight(id)
	return append(waiting, answers...), err
}
