package submission

import (
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// In a private chat the card of the draft in hand stays at the bottom, where its buttons are
// visible: once nothing more has come below it for a moment it is sent again, and the old one
// is deleted. The card of a draft that was laid aside stays where it is. A draft that waits long
// for a decision is shown once more, wherever its card is.

const (
	// quietBelow is the debounce before a card moves: a burst of messages moves it once.
	quietBelow = 3 * time.Second
	// forgottenAfter is how long after its last change a draft is taken to be forgotten.
	forgottenAfter = 30 * time.Minute
	// looksAtOnce is how many cards are checked in one transaction.
	looksAtOnce = 20
)

// CameBelow records a message in a chat, a person's or the bot's: cards may be above it.
func CameBelow(t *chat.Turn, at chat.Place, m state.MessageID) error {
	if telegram.ChatID(at.Chat).IsGroup() {
		return nil
	}
	return t.Tx.CameBelow(at.Chat, at.Thread, m, t.Now.Add(quietBelow))
}

// awaitsWord reports whether a draft gathers until its author chooses its target or sends it.
func awaitsWord(d state.Draft) bool {
	return d.Kind != state.DraftGoing && d.Kind != state.DraftCorrection
}

func forgottenAt(d state.Draft) time.Time { return d.Due.Add(forgottenAfter - draftLife) }

// isForgotten reports whether a draft has waited so long for a decision that its card says so.
func isForgotten(t *chat.Turn, d state.Draft) bool {
	return awaitsWord(d) && !t.Now.Before(forgottenAt(d))
}

// lookSoon schedules a check of the card of a draft that was just taken up.
func lookSoon(t *chat.Turn, d state.Draft) error {
	if telegram.ChatID(d.Chat).IsGroup() {
		return nil
	}
	return t.Tx.LookAt(d.ID, t.Now.Add(quietBelow))
}

// lookAtCards checks the cards that are due; false if there are more.
func lookAtCards(t *chat.Turn) (all bool, err error) {
	drafts, err := t.Tx.DraftsToLookAt(t.Now, looksAtOnce)
	if err != nil {
		return false, err
	}
	for _, d := range drafts {
		if err := look(t, d); err != nil {
			return false, err
		}
	}
	return len(drafts) < looksAtOnce, nil
}

// look sends a draft's card again if it must be visible: below newer messages while the draft
// is in hand, and once when the draft seems forgotten, but not while its author has something
// else in hand.
func look(t *chat.Turn, d state.Draft) error {
	held, busy, err := handOf(t, d)
	if err != nil {
		return err
	}
	var next time.Time
	remind := false
	switch {
	case !awaitsWord(d):
	case !isForgotten(t, d):
		next = forgottenAt(d)
	case busy:
		next = t.Now.Add(forgottenAfter)
	default:
		items, err := t.Tx.DraftItems(d.ID)
		if err != nil {
			return err
		}
		remind = len(items) > 0
	}
	if err := t.Tx.LookAt(d.ID, next); err != nil {
		return err
	}
	if above := held && !busy && d.Card != 0 && d.Card < d.Below; !remind && !above {
		return nil
	}
	d.Moves = d.Card != 0 // otherwise it is queued anyway
	if err := t.Tx.SaveDraft(d); err != nil {
		return err
	}
	return ShowCard(t, d)
}

// handOf returns whether a draft is in its author's hand, and whether they are busy with
// something else: in hand, or a line that was asked for.
func handOf(t *chat.Turn, d state.Draft) (held, busy bool, err error) {
	h, err := t.Tx.InHand(d.Chat, d.User, t.Now)
	if chat.IgnoreAbsent(err) != nil {
		return false, false, err
	}
	held = err == nil && h.Kind == state.HandDraft && h.Draft == d.ID
	busy = err == nil && !held
	if _, err := t.Tx.LineAsked(d.Chat, d.User, t.Now); err == nil {
		busy = true
	} else if chat.IgnoreAbsent(err) != nil {
		return false, false, err
	}
	return held, busy, nil
}
