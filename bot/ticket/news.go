package ticket

import (
	"errors"
	"slices"
	"strings"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/topic"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Listed compares a part of a list of tickets with what the store has and returns
// those that must be read, each with its element. Whatever the first list of its kind
// holds is the baseline: nothing in it is news.
func Listed(t *chat.Turn, part []plusofon.ListedTicket, open bool) ([]Changed, error) {
	if len(part) == 0 {
		return nil, nil
	}
	baseline, err := t.Tx.Meta(baselineKey(open))
	if err != nil {
		return nil, err
	}
	if err := Shown(t, KindTicket); err != nil {
		return nil, err
	}
	ids := make([]state.TicketID, len(part))
	for i, e := range part {
		ids[i] = state.TicketID(e.ID)
	}
	known, err := t.Tx.SeenAmong(ids)
	if err != nil {
		return nil, err
	}
	in := listOf(open)
	var changed []Changed
	for _, e := range part {
		id := state.TicketID(e.ID)
		was, seen := known[id]
		if seen && was.BelongsIn(in) && was.Fingerprint == e.Fingerprint {
			continue
		}
		if baseline != "" {
			changed = append(changed, Changed{ID: id, Element: &e, In: in})
			continue
		}
		if err := seeListed(t, &e, in); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

func baselineKey(open bool) string { return chat.Either(open, "baseline_open", "baseline_closed") }

// ListEnds notes that a whole list was read: the first of its kind is the baseline
// from now on. It returns false where it was that.
func ListEnds(t *chat.Turn, open bool) (bool, error) {
	baseline, err := t.Tx.Meta(baselineKey(open))
	if err != nil || baseline != "" {
		return true, err
	}
	return false, t.Tx.SetMeta(baselineKey(open), t.Now.UTC().Format(time.RFC3339))
}

// KnownSince is when a list of open tickets was first read: since then the bot has seen
// what happens in them. Zero before that.
func KnownSince(t *chat.Turn) (time.Time, error) {
	baseline, err := t.Tx.Meta(baselineKey(true))
	if err != nil || baseline == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, baseline)
}

// lookedThrough is how many tickets of the open list are looked through at a time.
const lookedThrough = 1000

// Left returns the tickets that have left the open list, of the next few after one,
// and where to go on; 0: at the end. One that was read after it had left is not read
// at every poll, though by its own word it may be open still. partly says that
// elements of the list could not be read: those that seem to have left may be among
// them, so it says nothing of them.
func Left(t *chat.Turn, after state.TicketID, listed func(state.TicketID) bool, partly bool) ([]Changed, state.TicketID, error) {
	ids, err := t.Tx.InOpenList(after, lookedThrough)
	if err != nil || len(ids) == 0 {
		return nil, 0, err
	}
	var left []Changed
	for _, id := range ids {
		if !listed(id) {
			left = append(left, Changed{ID: id, Again: partly})
		}
	}
	return left, ids[len(ids)-1], nil
}

func listOf(open bool) state.List {
	if open {
		return state.OpenList
	}
	return state.ClosedList
}

// Changed is a ticket to read. Element is nil where it has left the list, or
// with Again where the list says nothing of what happens in it.
type Changed struct {
	ID      state.TicketID
	Element *plusofon.ListedTicket
	In      state.List // the list that the element stands in
	Again   bool
}

// Gone notes that a listed ticket does not exist (any more).
func Gone(t *chat.Turn, c Changed) error {
	ticket, err := t.Tx.Ticket(c.ID)
	if errors.Is(err, state.ErrNotFound) {
		ticket = state.Ticket{ID: c.ID, Subject: c.Element.Subject}
	} else if err != nil {
		return err
	}
	ticket.Listed, ticket.Fingerprint = c.In, ""
	if c.Element != nil {
		ticket.Fingerprint = c.Element.Fingerprint
	} else {
		ticket.Open = false
	}
	return t.Tx.SaveTicket(ticket)
}

// seeListed stores what a list says of a ticket that is not read itself.
func seeListed(t *chat.Turn, e *plusofon.ListedTicket, in state.List) error {
	ticket, err := t.Tx.Ticket(state.TicketID(e.ID))
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	ticket.ID, ticket.Subject, ticket.Open = state.TicketID(e.ID), e.Subject, in == state.OpenList
	ticket.Listed, ticket.Fingerprint = in, e.Fingerprint
	takeElement(&ticket, e)
	return t.Tx.SaveTicket(ticket)
}

// takeElement takes over what only the list tells.
func takeElement(t *state.Ticket, e *plusofon.ListedTicket) {
	if e.LastActivity.After(t.LastActivity) {
		t.LastActivity = e.LastActivity
	}
	if e.Creator == plusofon.CreatorUser {
		t.ByCustomer = true
	}
	switch {
	case t.LastSide != "" && !t.Fetched.IsZero():
	case e.LastStaffReply.After(e.LastUserReply):
		t.LastSide = state.Staff
	case e.LastUserReply.After(e.LastStaffReply):
		t.LastSide = state.Customer
	}
}

// Absorb takes over a ticket that was read: its new posts are news to the chats
// bound to it, and so are closing and opening again.
func Absorb(t *chat.Turn, ticket plusofon.Ticket, c Changed) error {
	return absorb(t, ticket, &c, nil)
}

// AbsorbFetched takes over a ticket that was read for a person. What it shows is news
// as in a poll, but it says nothing of the lists.
func AbsorbFetched(t *chat.Turn, ticket plusofon.Ticket) error { return absorb(t, ticket, nil, nil) }

func absorb(t *chat.Turn, ticket plusofon.Ticket, c *Changed, prefer *effect) error {
	id := state.TicketID(ticket.ID)
	old, err := t.Tx.Ticket(id)
	appeared := errors.Is(err, state.ErrNotFound) && c != nil && c.Element != nil
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	fresh := old
	fresh.ID, fresh.Open, fresh.Fetched = id, isOpen(ticket, old, c), t.Now
	if ticket.Subject != "" {
		fresh.Subject = ticket.Subject
	}
	if c != nil && c.Element != nil {
		fresh.Listed, fresh.Fingerprint = c.In, c.Element.Fingerprint
		takeElement(&fresh, c.Element)
	} else if c != nil && !c.Again {
		fresh.Listed, fresh.Fingerprint = state.Unlisted, ""
	}
	// The words of what has been closed for long are shown to who asks, and not stored.
	forgotten := isForgotten(t, fresh, lastActive(fresh, ticket.Posts))
	if !forgotten {
		fresh.Blanked = time.Time{}
	}
	if err := t.Tx.SaveTicket(fresh); err != nil {
		return err
	}
	known, err := knownPosts(t, id)
	if err != nil {
		return err
	}
	if !old.Blanked.IsZero() && !forgotten {
		if err := restore(t, fresh, ticket.Posts, known); err != nil {
			return err
		}
	}
	account, err := t.Tx.Meta(chat.MetaAccountEmail)
	if err != nil {
		return err
	}
	inFlight, err := submissionsInFlight(t, id)
	if err != nil {
		return err
	}
	own := matchPosts(matchInput{ticket: ticket, fresh: old.ID == 0, known: known, account: account, inFlight: inFlight, effect: prefer})
	settled := true
	if prefer == nil {
		if settled, err = isSettled(t, id); err != nil {
			return err
		}
	}
	// What is in a ticket that was never read is no news, unless it has just
	// appeared in a list, or this program has opened it.
	since, all := newsSince(old, fresh), appeared || !old.Fetched.IsZero()
	var newest state.Post
	for i, p := range ticket.Posts {
		sub, mine := own[state.PostID(p.ID)]
		all = all || mine && i == 0
		if mine {
			written := prefer != nil && prefer.written && prefer.sub.ID == sub.ID
			err = absorbOwn(t, fresh, p, sub, known, written)
		} else {
			isNews := all || !since.IsZero() && (p.Date.After(since) || i == len(ticket.Posts)-1)
			err = absorbPost(t, fresh, ticket, p, known, settled, arrival{isNews, appeared && i == 0, forgotten})
		}
		if err != nil {
			return err
		}
		last, absorbed := known[state.PostID(p.ID)]
		if !absorbed {
			// It waits: the ticket is to be read again.
			fresh.Listed, fresh.Fingerprint = old.Listed, old.Fingerprint
			continue
		}
		fresh.LastSide, newest = last.Side, last
		if last.Posted.After(fresh.LastActivity) {
			fresh.LastActivity = last.Posted
		}
	}
	if err := t.Tx.SaveTicket(fresh); err != nil {
		return err
	}
	if prefer == nil || !prefer.written {
		if err := learn(t, ticket, known); err != nil {
			return err
		}
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
	return topic.Sync(t, id)
}

// newsSince tells from when on the posts of a ticket are news that was never
// read but stood in a list: since its activity there, if that has gone on. Its
// last post is among them then, whatever the dates say. The zero time: none are.
func newsSince(old, fresh state.Ticket) time.Time {
	if old.Fetched.IsZero() && !old.LastActivity.IsZero() && fresh.LastActivity.After(old.LastActivity) {
		return old.LastActivity
	}
	return time.Time{}
}

// isSettled tells whether no answer to a ticket is under way. While one is, a new post
// of the customer's, in other words than the answer's, may be it all the same, for a
// server may change them: it waits until the answer is settled.
func isSettled(t *chat.Turn, id state.TicketID) (bool, error) {
	subs, err := t.Tx.InFlight(id)
	underWay := func(sub state.Submission) bool { return sub.State != state.SubmissionDoubtful }
	return !slices.ContainsFunc(subs, underWay), err
}

// isOpen tells whether a ticket is open: by its own word, else by the list that it
// stands in or has left, else as it was.
func isOpen(ticket plusofon.Ticket, old state.Ticket, c *Changed) bool {
	switch {
	case ticket.OpenKnown:
		return ticket.Open
	case c != nil && c.Element != nil:
		return c.Element.Open
	case c != nil && !c.Again:
		return false
	case !old.Fetched.IsZero():
		return old.Open
	}
	return ticket.Open
}

func knownPosts(t *chat.Turn, id state.TicketID) (map[state.PostID]state.Post, error) {
	posts, err := t.Tx.Posts(id)
	known := make(map[state.PostID]state.Post, len(posts))
	for _, p := range posts {
		known[p.ID] = p
	}
	return known, err
}

// absorbOwn takes over a post that a submission has made.
func absorbOwn(t *chat.Turn, fresh state.Ticket, p plusofon.Post, sub state.Submission, known map[state.PostID]state.Post, written bool) error {
	post := storedPost(fresh, p, state.Customer)
	post.Submission = sub.ID
	if _, err := t.Tx.AddPost(post); err != nil {
		return err
	}
	known[post.ID] = post
	return link(t, sub, fresh.ID, p, written)
}

// arrival says how a post comes: as news, as the first of a new ticket, and where its words
// are not kept.
type arrival struct{ isNews, opens, forgotten bool }

// absorbPost stores a post and tells of what is new in it, if that is news. A new
// post of the customer's that is not settled is left for later.
func absorbPost(t *chat.Turn, fresh state.Ticket, ticket plusofon.Ticket, p plusofon.Post, known map[state.PostID]state.Post, settled bool, a arrival) error {
	if stored, ok := known[state.PostID(p.ID)]; ok {
		return errors.Join(absorbEdit(t, fresh, p, stored, a), absorbFiles(t, fresh, p, stored, a))
	}
	side, err := sideOf(t, fresh, ticket, p)
	if err != nil || side == state.Customer && !settled {
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
	if !a.isNews {
		return nil
	}
	return announcePost(t, fresh, p, side, a.opens)
}

// editsTold is for how long after it was written a post's editing is told of.
const editsTold = 7 * 24 * time.Hour

// absorbEdit takes over that the staff has changed what a post says. It is told of
// once, by what it says now, where letters or digits have changed; what the help desk
// does to signs and marks by itself is no edit.
func absorbEdit(t *chat.Turn, fresh state.Ticket, p plusofon.Post, stored state.Post, a arrival) error {
	if a.forgotten || stored.Text == "" || strings.TrimSpace(p.Text) == "" || plusofon.SameText(stored.Text, p.Text) {
		return nil
	}
	if err := t.Tx.SetPostText(fresh.ID, stored.ID, p.Text); err != nil {
		return err
	}
	if !a.isNews || plusofon.SameWords(p.Text, stored.Text) || stored.Posted.IsZero() || t.Now.Sub(stored.Posted) > editsTold {
		return nil
	}
	return announceEdit(t, fresh, p, stored.Side)
}

// absorbFiles takes over attachments that were added to a known post.
func absorbFiles(t *chat.Turn, fresh state.Ticket, p plusofon.Post, stored state.Post, a arrival) error {
	have := len(stored.Files)
	if len(p.Attachments) <= have {
		return nil
	}
	names := AttachmentNames(p)
	if a.forgotten {
		clear(names)
	}
	if err := t.Tx.SetAttachments(fresh.ID, stored.ID, names); err != nil {
		return err
	}
	if a.isNews && stored.Side == state.Staff {
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

// AttachmentNames are the names of a post's attachments, as they are shown and stored.
func AttachmentNames(p plusofon.Post) []string {
	names := make([]string, len(p.Attachments))
	for i, a := range p.Attachments {
		names[i] = telegram.SafeFileName(a.Name)
	}
	return names
}

// sideOf tells who wrote a post. Where no flag says, the account's own e-mail does,
// the author of posts that this program made, and the opener of a ticket that the
// customer opened. Everybody else is staff. An id can collide between staff and
// users, so id and name count together.
func sideOf(t *chat.Turn, fresh state.Ticket, ticket plusofon.Ticket, p plusofon.Post) (state.PostSide, error) {
	account, err := t.Tx.Meta(chat.MetaAccountEmail)
	if err != nil || isAccount(p, account) {
		return state.Customer, err
	}
	switch p.Creator {
	case plusofon.CreatorStaff:
		return state.Staff, nil
	case plusofon.CreatorUser:
		return state.Customer, nil
	}
	if fresh.ByCustomer && p.Author == ticket.Posts[0].Author {
		return state.Customer, nil
	}
	if p.Author == (plusofon.Author{}) {
		return state.Staff, nil // nobody's name says nothing
	}
	own, err := t.Tx.IsOwnAuthor(p.Author.ID, p.Author.Name)
	if err != nil || own {
		return state.Customer, err
	}
	return state.Staff, nil
}

// isAccount tells whether a post is by the company's account, by its e-mail.
func isAccount(p plusofon.Post, email string) bool {
	return email != "" && p.Creator != plusofon.CreatorStaff && (strings.EqualFold(p.Author.Name, email) || strings.EqualFold(p.Email, email))
}

// submissionsInFlight are those whose effect a ticket may show: its answers, and the
// openings with what waits for their tickets.
func submissionsInFlight(t *chat.Turn, id state.TicketID) ([]state.Submission, error) {
	waiting, err := t.Tx.InFlight(0)
	if err != nil {
		return nil, err
	}
	answers, err := t.Tx.InFlight(id)
	return append(waiting, answers...), err
}
