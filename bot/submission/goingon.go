package submission

import (
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

const (
	// goesOnWithin is how soon, by their own dates, a message must follow another to continue
	// it.
	goesOnWithin = 120 * time.Second
	// quietBefore is the debounce: messages are sent once nothing more has come for so long.
	// gatherAtMost is the longest time they are gathered.
	quietBefore  = 10 * time.Second
	gatherAtMost = time.Minute
)

// mayGoOn records that what the author writes right after a submission goes to the same
// ticket. A gathered submission changes nothing: what it continued is recorded already.
func mayGoOn(t *chat.Turn, sub state.Submission, from origin) error {
	if telegram.ChatID(sub.Chat).IsGroup() || sub.State == state.SubmissionHeld || from.gathered {
		return nil
	}
	return t.Tx.SaveGoingOn(state.GoingOn{Chat: sub.Chat, User: sub.User, Submission: sub.ID, Reopens: from.reopens, Written: from.at})
}

// ByGoingOn handles messages in a private chat right after something sent to a ticket:
// they go to the same ticket, once no more come.
func ByGoingOn(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	g, to, err := goesOn(t, s, messages)
	if err != nil {
		return false, chat.IgnoreAbsent(err)
	}
	items, ok, err := carried(t, s, messages)
	if err != nil || !ok {
		return true, err
	}
	from := written(t, messages)
	d, err := gathering(t, s, to)
	if errors.Is(err, state.ErrNotFound) {
		if no, err := unsendable(t, s, items[0].Message, compose(t.Config, items)); no || err != nil {
			return true, err
		}
		return true, beginGathering(t, s, to, g, items, from)
	}
	if err != nil {
		return false, err
	}
	return true, gather(t, s, d, items, from)
}

// goesOn returns what the messages continue, and the target; ErrNotFound if nothing, if
// they come too late, or if they are a reply, which is about something else.
func goesOn(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (state.GoingOn, Target, error) {
	g, err := t.Tx.GoingOn(s.Chat, s.ID)
	if err != nil {
		return g, Target{}, err
	}
	m := messages[0]
	if m.Chat.Type != "private" || m.ReplyTo != nil || m.Date.Sub(g.Written).Abs() > goesOnWithin { // a press is dated by our clock
		return g, Target{}, state.ErrNotFound
	}
	sub, err := t.Tx.Submission(g.Submission)
	if err != nil {
		return g, Target{}, err
	}
	to, ok := TargetOf(sub)
	if !ok || sub.State.Stopped() || sub.State == state.SubmissionCancelled {
		return g, to, state.ErrNotFound
	}
	if to.Ticket == 0 {
		opening, err := t.Tx.Submission(to.opening)
		if err != nil {
			return g, to, err
		}
		if opening.State.Stopped() || opening.State == state.SubmissionCancelled {
			return g, to, state.ErrNotFound
		}
		to.Ticket = opening.Ticket
	}
	if other, err := t.IsOfAnother(m, to.Ticket); err != nil {
		return g, to, err
	} else if other {
		return g, to, state.ErrNotFound
	}
	to.Reopens = g.Reopens
	return g, to, nil
}

// NothingGoesOn records that the person has turned to something else.
func NothingGoesOn(t *chat.Turn, s chat.Speaker) error { return t.Tx.EndGoingOn(s.Chat, s.ID) }

// SaidOf ends the continuation in a private chat when the bot has written there about
// another ticket.
func SaidOf(t *chat.Turn, c state.ChatID, ticket state.TicketID) error {
	u := state.UserID(c)
	g, err := t.Tx.GoingOn(c, u)
	if err != nil {
		return chat.IgnoreAbsent(err)
	}
	sub, err := t.Tx.Submission(g.Submission)
	if err != nil {
		return errors.Join(chat.IgnoreAbsent(err), t.Tx.EndGoingOn(c, u)) // as an older version could store it
	}
	if sub.Ticket == 0 && sub.Opening != 0 {
		if sub, err = t.Tx.Submission(sub.Opening); err != nil {
			return err
		}
	}
	if sub.Ticket == ticket {
		return nil
	}
	return t.Tx.EndGoingOn(c, u)
}

// gathering returns the draft being gathered for a target; ErrNotFound if none.
func gathering(t *chat.Turn, s chat.Speaker, to Target) (state.Draft, error) {
	drafts, err := t.Tx.DraftsHere(s.Chat, s.ID)
	if err != nil {
		return state.Draft{}, err
	}
	for _, d := range drafts {
		if d.Kind != state.DraftGoing {
			continue
		}
		known, err := gatheredFor(t, d)
		if err != nil {
			return d, err
		}
		if known.Ticket != 0 && known.Ticket == to.Ticket || known.opening != 0 && known.opening == to.opening {
			return d, nil
		}
	}
	return state.Draft{}, state.ErrNotFound
}

// gatheredFor returns the target of a gathered draft. Its ticket may exist by now.
func gatheredFor(t *chat.Turn, d state.Draft) (Target, error) {
	to := Target{Ticket: d.Ticket, opening: d.Submission, Reopens: d.Reopens}
	if to.opening == 0 {
		return to, nil
	}
	opening, err := t.Tx.Submission(to.opening)
	to.Ticket = opening.Ticket
	return to, err
}

func beginGathering(t *chat.Turn, s chat.Speaker, to Target, g state.GoingOn, items []state.Item, from origin) error {
	d := state.Draft{Kind: state.DraftGoing, Ticket: to.Ticket, Reopens: to.Reopens}
	if d.Ticket == 0 {
		d.Submission = to.opening
	}
	d, err := beginDraft(t, s, d, t.Now.Add(quietBefore), items)
	if err != nil {
		return err
	}
	if g.Submission == 0 { // nothing goes on any more: they came by the card
		return ShowCard(t, d)
	}
	g.Written = from.at
	return errors.Join(t.Tx.SaveGoingOn(g), ShowCard(t, d))
}

// gather adds messages to the draft being gathered for a ticket and waits for more. A full
// one is sent.
func gather(t *chat.Turn, s chat.Speaker, d state.Draft, items []state.Item, from origin) error {
	fits, err := hasRoom(t, d, items)
	if err != nil {
		return err
	}
	g, err := t.Tx.GoingOn(s.Chat, s.ID)
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	goesOn := err == nil
	if !goesOn {
		g = state.GoingOn{Chat: s.Chat, User: s.ID}
	}
	if !fits {
		if err := sendGathered(t, d); err != nil {
			return err
		}
		to, err := gatheredFor(t, d)
		if err != nil {
			return err
		}
		return beginGathering(t, s, to, g, items, from)
	}
	for _, i := range items {
		if err := putItem(t, d, i); err != nil {
			return err
		}
	}
	d.Due = t.Now.Add(quietBefore)
	if last := d.Begun.Add(gatherAtMost); d.Due.After(last) {
		d.Due = last
	}
	if goesOn {
		g.Written = from.at
		if err := t.Tx.SaveGoingOn(g); err != nil {
			return err
		}
	}
	return errors.Join(t.Tx.SaveDraft(d), ShowCard(t, d))
}

// SendAllGathered sends what everybody's gathered messages are by now.
func SendAllGathered(t *chat.Turn) error {
	drafts, err := t.Tx.DraftsGoing()
	for _, d := range drafts {
		err = errors.Join(err, sendGathered(t, d))
	}
	return err
}

// sendGathered sends the gathered messages as one post. If the ticket was closed in the
// meantime they are held like every answer to a closed ticket.
func sendGathered(t *chat.Turn, d state.Draft) error {
	s, err := speakerOf(t, d)
	if err != nil {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	to, err := gatheredFor(t, d)
	if err != nil {
		return err
	}
	closed, err := isClosed(t, to.Ticket)
	if err != nil {
		return err
	}
	if closed && !to.Reopens {
		d.Kind, d.Ticket, d.Submission, d.Due = state.DraftClosed, to.Ticket, 0, t.Now.Add(draftLife)
		_, busy, err := handOf(t, d)
		if err == nil && !busy { // its author has not turned to something else
			err = takeUp(t, d)
		}
		return errors.Join(err, t.Tx.SaveDraft(d), t.Tx.EndGoingOn(d.Chat, d.User), lookSoon(t, d), ShowCard(t, d))
	}
	content := compose(t.Config, items)
	if telegram.Clean(content.text) == "" {
		return closeDraft(t, d, state.DraftCancelled)
	}
	sub := state.Submission{Kind: state.Answer, Ticket: to.Ticket, Opening: to.opening, Text: content.text}
	return submitDraft(t, s, d, items, content, sub, origin{gathered: true})
}

// sendAhead sends the messages gathered for a target before its author's next answer to
// it, to keep the order in which they were written.
func sendAhead(t *chat.Turn, s chat.Speaker, to Target) error {
	d, err := gathering(t, s, to)
	if err != nil {
		return chat.IgnoreAbsent(err)
	}
	return sendGathered(t, d)
}

// speakerOf returns a draft's author, in the chat where it was started.
func speakerOf(t *chat.Turn, d state.Draft) (chat.Speaker, error) {
	p, err := t.Tx.Person(d.User)
	if err != nil {
		return chat.Speaker{}, err
	}
	return t.Speaker(p, chat.Place{Chat: d.Chat, Thread: d.Thread})
}

// Astray handles [Не туда]: the gathered messages are not for that ticket, and their
// author is asked where they go, as long as they have certainly not been sent.
func Astray(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, err := t.Tx.Draft(id)
	if err == nil && d.State == state.DraftSent && d.Chat == s.Chat && d.User == s.ID {
		return astraySent(t, s, c, d)
	}
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	d, ok, err := pressedDraft(t, s, c, id, state.DraftGoing)
	if err != nil || !ok {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), ask(t, d))
}

// astraySent takes back a submission made of gathered messages, if it is still waiting.
func astraySent(t *chat.Turn, s chat.Speaker, c *telegram.Callback, d state.Draft) error {
	sub, err := t.Tx.SubmissionFrom(d.ID)
	if errors.Is(err, state.ErrNotFound) {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	}
	if err != nil {
		return err
	}
	if !sub.State.GoesByItself() {
		return t.AnswerCallback(c.ID, whereNow(s.Texts, sub), true)
	}
	if sub.Receipt != 0 {
		d.Card = sub.Receipt
	}
	d.State = state.DraftOpen
	// Use the receipt's key: a queued receipt must not overwrite the question on the card.
	return errors.Join(unsubmit(t, sub), t.React(sub.Chat, sub.Message, "", 0), t.AnswerCallback(c.ID, "", false),
		askBy(t, d, chat.ReceiptKey(sub.ID)))
}

// ask turns what was meant for a ticket into a question where it goes.
func ask(t *chat.Turn, d state.Draft) error { return askBy(t, d, chat.CardKey(d.ID)) }

func askBy(t *chat.Turn, d state.Draft, key string) error {
	d.Kind, d.Ticket, d.Submission, d.Due = state.DraftQuestion, 0, 0, t.Now.Add(draftLife)
	return errors.Join(t.Tx.SaveDraft(d), t.Tx.EndGoingOn(d.Chat, d.User), takeUp(t, d), showCard(t, d, key))
}
