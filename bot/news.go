package bot

import (
	"errors"
	"sort"
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Listed compares a list of tickets with what the store has and returns those
// that must be read, each with its element; one that has left the list has none.
// Whatever the first list of its kind holds is the baseline: nothing in it is
// news.
func (b *Bot) Listed(tx *state.Tx, now time.Time, list []plusofon.ListedTicket, open bool) ([]Changed, error) {
	key := pick(open, "baseline_open", "baseline_closed")
	baseline, err := tx.Meta(key)
	if err != nil {
		return nil, err
	}
	known, err := tx.Fingerprints(open)
	if err != nil {
		return nil, err
	}
	// A ticket's own status may be another than that of the list it stands in.
	others, err := tx.Fingerprints(!open)
	if err != nil {
		return nil, err
	}
	var changed []Changed
	for i := range list {
		e := &list[i]
		id := state.TicketID(e.ID)
		print := e.Fingerprint
		was, listed := known[id]
		delete(known, id)
		if listed && was == print || !listed && others[id] == print {
			continue
		}
		if baseline != "" {
			changed = append(changed, Changed{ID: id, Element: e})
			continue
		}
		if err := seeListed(tx, e, open, print); err != nil {
			return nil, err
		}
	}
	if baseline == "" {
		return nil, tx.SetMeta(key, now.UTC().Format(time.RFC3339))
	}
	if open {
		for id, print := range known {
			if print != fingerprintLeft {
				changed = append(changed, Changed{ID: id})
			}
		}
	}
	// The newest first: they are the ones that people wait for.
	sort.Slice(changed, func(i, j int) bool { return changed[i].ID > changed[j].ID })
	return changed, nil
}

// fingerprintLeft marks a ticket that has left the open list and was read since:
// it is not read at every poll though it may say that it is open, and it is news
// when it comes back.
const fingerprintLeft = "left"

// Changed is a ticket to read. Element is nil where it has left the list, or
// with Again where the list says nothing of what happens in it.
type Changed struct {
	ID      state.TicketID
	Element *plusofon.ListedTicket
	Again   bool
}

// Gone notes that a listed ticket does not exist (any more).
func (b *Bot) Gone(tx *state.Tx, c Changed) error {
	t, err := tx.Ticket(c.ID)
	if errors.Is(err, state.ErrNotFound) {
		t = state.Ticket{ID: c.ID, Subject: c.Element.Subject}
	} else if err != nil {
		return err
	}
	t.Fingerprint = fingerprintLeft
	if c.Element != nil {
		t.Fingerprint = c.Element.Fingerprint
	} else {
		t.Open = false
	}
	return tx.SaveTicket(t)
}

// seeListed stores what a list says of a ticket that is not read itself.
func seeListed(tx *state.Tx, e *plusofon.ListedTicket, open bool, print string) error {
	t, err := tx.Ticket(state.TicketID(e.ID))
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	t.ID, t.Subject, t.Open, t.Fingerprint = state.TicketID(e.ID), e.Subject, open, print
	fromElement(&t, e)
	return tx.SaveTicket(t)
}

// fromElement takes over what only the list tells.
func fromElement(t *state.Ticket, e *plusofon.ListedTicket) {
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
func (b *Bot) Absorb(tx *state.Tx, now time.Time, ticket plusofon.Ticket, c Changed) error {
	return (&turn{Bot: b, tx: tx, now: now}).absorb(ticket, &c, nil)
}

func (t *turn) absorb(ticket plusofon.Ticket, c *Changed, prefer *effect) error {
	id := state.TicketID(ticket.ID)
	old, err := t.tx.Ticket(id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	fresh := old
	fresh.ID, fresh.Open, fresh.Fetched = id, isOpen(ticket, old, c), t.now
	if ticket.Subject != "" {
		fresh.Subject = ticket.Subject
	}
	if c != nil && c.Element != nil {
		fresh.Fingerprint = c.Element.Fingerprint
		fromElement(&fresh, c.Element)
	} else if c != nil && !c.Again {
		fresh.Fingerprint = fingerprintLeft
	}
	if err := t.tx.SaveTicket(fresh); err != nil {
		return err
	}
	known, err := t.knownPosts(id)
	if err != nil {
		return err
	}
	own, err := t.match(ticket, known, prefer)
	if err != nil {
		return err
	}
	// What is in a ticket that was never read is no news, unless this program has
	// just opened it.
	first := old.Fetched.IsZero()
	for i, p := range ticket.Posts {
		sub, mine := own[state.PostID(p.ID)]
		if mine && i == 0 {
			first = false
		}
		if mine {
			err = t.absorbOwn(fresh, p, sub, known)
		} else {
			err = t.absorbPost(fresh, ticket, p, known, !first)
		}
		if err != nil {
			return err
		}
	}
	if n := len(ticket.Posts); n > 0 {
		last := known[state.PostID(ticket.Posts[n-1].ID)]
		fresh.LastSide = last.Side
		if last.Posted.After(fresh.LastActivity) {
			fresh.LastActivity = last.Posted
		}
		if err := t.tx.SaveTicket(fresh); err != nil {
			return err
		}
	}
	if old.Fetched.IsZero() || old.Open == fresh.Open {
		return nil
	}
	return t.announceState(fresh)
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

func (t *turn) knownPosts(id state.TicketID) (map[state.PostID]state.Post, error) {
	posts, err := t.tx.Posts(id)
	known := make(map[state.PostID]state.Post, len(posts))
	for _, p := range posts {
		known[p.ID] = p
	}
	return known, err
}

// absorbOwn takes over a post that a submission has made.
func (t *turn) absorbOwn(fresh state.Ticket, p plusofon.Post, sub state.Submission, known map[state.PostID]state.Post) error {
	post := storedPost(fresh, p, state.Customer)
	post.Submission = sub.ID
	if _, err := t.tx.AddPost(post); err != nil {
		return err
	}
	known[post.ID] = post
	return t.link(sub, fresh.ID, p)
}

// absorbPost stores a post and, if announce is set, tells of what is new in it.
func (t *turn) absorbPost(fresh state.Ticket, ticket plusofon.Ticket, p plusofon.Post, known map[state.PostID]state.Post, announce bool) error {
	if stored, ok := known[state.PostID(p.ID)]; ok {
		return t.absorbFiles(fresh, p, stored, announce)
	}
	side, err := t.side(fresh, ticket, p)
	if err != nil {
		return err
	}
	post := storedPost(fresh, p, side)
	if _, err := t.tx.AddPost(post); err != nil {
		return err
	}
	known[post.ID] = post
	if !announce {
		return nil
	}
	return t.announcePost(fresh, p, side)
}

// absorbFiles takes over attachments that were added to a known post.
func (t *turn) absorbFiles(fresh state.Ticket, p plusofon.Post, stored state.Post, announce bool) error {
	have := len(stored.Files)
	if len(p.Attachments) <= have {
		return nil
	}
	if err := t.tx.SetAttachments(fresh.ID, stored.ID, attachmentNames(p)); err != nil {
		return err
	}
	if announce && stored.Side == state.Staff {
		return t.announceFiles(fresh, p, have)
	}
	return nil
}

func storedPost(fresh state.Ticket, p plusofon.Post, side state.PostSide) state.Post {
	return state.Post{
		Ticket: fresh.ID, ID: state.PostID(p.ID), Side: side, AuthorID: p.Author.ID, AuthorName: p.Author.Name,
		Posted: p.Date, Text: p.Text, Files: attachmentNames(p),
	}
}

func attachmentNames(p plusofon.Post) []string {
	names := make([]string, len(p.Attachments))
	for i, a := range p.Attachments {
		names[i] = telegram.SafeFileName(a.Name)
	}
	return names
}

// side tells who wrote a post. No flag says: the account's own e-mail does, the
// author of posts that this program made, and the opener of a ticket that the
// customer opened. Everybody else is staff. An id can collide between staff and
// users, so id and name count together.
func (t *turn) side(fresh state.Ticket, ticket plusofon.Ticket, p plusofon.Post) (state.PostSide, error) {
	if mine, err := t.isAccount(p.Author); mine || err != nil {
		return state.Customer, err
	}
	if fresh.ByCustomer && p.Author == ticket.Posts[0].Author {
		return state.Customer, nil
	}
	if p.Author == (plusofon.Author{}) {
		return state.Staff, nil // nobody's name says nothing
	}
	own, err := t.tx.IsOwnAuthor(p.Author.ID, p.Author.Name)
	if err != nil || own {
		return state.Customer, err
	}
	return state.Staff, nil
}

// isAccount tells whether an author is the account by its e-mail.
func (t *turn) isAccount(a plusofon.Author) (bool, error) {
	email, err := t.tx.Meta(metaAccountEmail)
	return err == nil && email != "" && strings.EqualFold(a.Name, email), err
}

// announcePost tells the bound chats of a post that was not made through this
// program. Only the staff's posts make a sound.
func (t *turn) announcePost(fresh state.Ticket, p plusofon.Post, side state.PostSide) error {
	return t.announceWords(fresh, p, side, p.Author.Name, telegram.FromHTML(p.Text), 0)
}

// announceOwn shows the other chats, silently, what was written in one of them,
// as it was written there.
func (t *turn) announceOwn(sub state.Submission, p plusofon.Post) error {
	ticket, err := t.tx.Ticket(sub.Ticket)
	if err != nil {
		return err
	}
	author, err := t.tx.Person(sub.User)
	if err != nil {
		return err
	}
	words := telegram.Plain(strings.TrimSuffix(sub.Text, signature(author)))
	return t.announceWords(ticket, p, state.Customer, author.Name, words, sub.Chat)
}

func (t *turn) announceWords(ticket state.Ticket, p plusofon.Post, side state.PostSide, author string, words telegram.Text, except state.ChatID) error {
	return t.toBound(ticket.ID, except, func(speakerTexts, state.Binding) (outgoing, error) {
		text := header(ticket)
		line := pick(side == state.Staff, "💬 ", "👤 ") + telegram.Clean(author)
		if !p.Date.IsZero() {
			line += ", " + p.Date.In(t.zone()).Format("15:04")
		}
		text.Plain("\n" + line + "\n\n")
		text.Append(words)
		if len(p.Attachments) > 0 {
			text.Plain("\n\n📎 " + strings.Join(attachmentNames(p), ", "))
		}
		o := outgoing{text: text.Text(), silent: side == state.Customer}
		if side == state.Staff {
			o.files = attachmentRefs(ticket.ID, p, 0)
		}
		return o, nil
	})
}

// announceState tells the bound chats, silently, that a ticket was closed or
// opened again.
func (t *turn) announceState(fresh state.Ticket) error {
	return t.toBound(fresh.ID, 0, func(s speakerTexts, b state.Binding) (outgoing, error) {
		text := header(fresh)
		text.Plain("\n" + s.T(pick(fresh.Open, "news_reopened", "news_closed")))
		return outgoing{text: text.Text(), silent: true}, nil
	})
}

// announceFiles sends the attachments down that were added to a known post, from
// the n-th on.
func (t *turn) announceFiles(fresh state.Ticket, p plusofon.Post, n int) error {
	bindings, err := t.listeners(fresh.ID)
	if err != nil {
		return err
	}
	for _, b := range bindings {
		for _, ref := range attachmentRefs(fresh.ID, p, n) {
			if err := t.sendDown(b.Chat, ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// attachmentRefs names the attachments, from the n-th on, that can be sent down:
// of some there is only the name, which stands under the text.
func attachmentRefs(id state.TicketID, p plusofon.Post, n int) []AttachmentRef {
	var refs []AttachmentRef
	for i, name := range attachmentNames(p) {
		if i >= n && (p.Attachments[i].URL != "" || p.Attachments[i].Content != "") {
			refs = append(refs, AttachmentRef{Ticket: id, Post: state.PostID(p.ID), N: i, Name: name})
		}
	}
	return refs
}

// sendDown queues an attachment for a chat. Files have a lane of their own: one
// that can't be fetched, or is large, holds up no words.
func (t *turn) sendDown(chat state.ChatID, ref AttachmentRef) error {
	s, err := t.textsFor(chat)
	if err != nil {
		return err
	}
	// The button leads a reply to its ticket even if the message's id is never
	// learned. The text has made the sound.
	call, err := telegram.Encode(telegram.SendDocument{
		ChatID: telegram.ChatID(chat), Silent: true, NoTypeDetection: true,
		ReplyMarkup: telegram.InlineKeyboard{{button(s.T("button_answer"), ticketPress(pressAnswer, ref.Ticket))}},
	})
	if err != nil {
		return err
	}
	return t.enqueue(state.Telegram, downLane(chat, ref.Ticket), KindFile, state.PriorityNews, "", TelegramRow{
		Call: call, Chat: chat, Ticket: ref.Ticket, Chain: true, File: &ref,
	})
}

// AttachmentMissing says in words that an attachment can't be had.
func (b *Bot) AttachmentMissing(tx *state.Tx, now time.Time, row TelegramRow, reason string) error {
	t := &turn{Bot: b, tx: tx, now: now}
	s, err := t.textsFor(row.Chat)
	if err != nil {
		return err
	}
	return t.say(outgoing{
		chat: row.Chat, ticket: row.Ticket, chain: true, silent: true, news: true,
		text: telegram.Plain(s.T(reason, "Name", row.File.Name, "Ticket", ticketName(row.Ticket))),
	})
}

// toBound says something in every chat bound to a ticket but one.
func (t *turn) toBound(id state.TicketID, except state.ChatID, compose func(speakerTexts, state.Binding) (outgoing, error)) error {
	bindings, err := t.listeners(id)
	if err != nil {
		return err
	}
	for _, b := range bindings {
		if b.Chat == except {
			continue
		}
		s, err := t.textsFor(b.Chat)
		if err != nil {
			return err
		}
		o, err := compose(s, b)
		if err != nil {
			return err
		}
		sound, err := t.soundButton(s, b.Chat, id)
		if err != nil {
			return err
		}
		o.chat, o.ticket, o.chain, o.news, o.silent = b.Chat, id, true, true, o.silent || b.Muted
		o.buttons = [][]telegram.Button{{
			button(s.T("button_answer"), ticketPress(pressAnswer, id)),
			button(s.T("button_history"), ticketPress(pressHistory, id)),
			sound,
		}}
		if err := t.say(o); err != nil {
			return err
		}
	}
	return nil
}

// listeners are the chats bound to a ticket. Who has lost his access hears
// nothing, though his chat may still be bound.
func (t *turn) listeners(id state.TicketID) ([]state.Binding, error) {
	bindings, err := t.tx.BindingsOf(id)
	if err != nil {
		return nil, err
	}
	allowed := bindings[:0]
	for _, b := range bindings {
		p, err := t.tx.Person(state.UserID(b.Chat))
		if err != nil {
			return nil, err
		}
		if p.Role != state.Stranger || telegram.ChatID(b.Chat).IsGroup() {
			allowed = append(allowed, b)
		}
	}
	return allowed, nil
}

// header is the first line of everything about a ticket.
func header(ticket state.Ticket) *telegram.Builder {
	return new(telegram.Builder).Bold(ticketName(ticket.ID) + dotted(telegram.Clean(ticket.Subject), 255))
}

// dotted is a subject behind a ticket's name; nothing where there is none.
func dotted(subject string, n int) string {
	if subject == "" {
		return ""
	}
	return " · " + cutRunes(subject, n)
}

// zone is the one that times are shown in.
func (b *Bot) zone() *time.Location {
	if b.Location != nil {
		return b.Location
	}
	return time.UTC
}
