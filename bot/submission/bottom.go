package submission

import (
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// In a private chat the card of what is in hand stays at the bottom, where its buttons are
// seen: once nothing has come below it for a moment it is sent anew, and the one above
// deleted. What was laid aside stays where it is. What waits for a word for long is shown
// once more, wherever it stands.

const (
	// quietBelow is how long nothing more has to come below a card before it moves: a burst
	// of messages moves it once.
	quietBelow = 3 * time.Second
	// forgottenAfter is how long after its last change a draft seems forgotten.
	forgottenAfter = 30 * time.Minute
	// looksAtOnce is how many cards are looked at in one transaction.
	looksAtOnce = 20
)

// CameBelow notes a message in a chat, a person's or the bot's own: cards may stand above it.
func CameBelow(t *chat.Turn, at chat.Place, m state.MessageID) error {
	if telegram.ChatID(at.Chat).IsGroup() {
		return nil
	}
	return t.Tx.CameBelow(at.Chat, at.Thread, m, t.Now.Add(quietBelow))
}

// awaitsWord tells whether a draft gathers until its person says where it goes, or that it
// does.
func awaitsWord(d state.Draft) bool {
	return d.Kind != state.DraftGoing && d.Kind != state.DraftCorrection
}

func forgottenAt(d state.Draft) time.Time { return d.Due.Add(forgottenAfter - draftLife) }

// isForgotten tells whether a draft has waited for a word for so long that its card says so.
func isForgotten(t *chat.Turn, d state.Draft) bool {
	return awaitsWord(d) && !t.Now.Before(forgottenAt(d))
}

// lookSoon has the card of what was just taken up looked at.
func lookSoon(t *chat.Turn, d state.Draft) error {
	if telegram.ChatID(d.Chat).IsGroup() {
		return nil
	}
	return t.Tx.LookAt(d.ID, t.Now.Add(quietBelow))
}

// lookAtCards looks at the cards whose time has come; false where there are more.
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

// look sends a draft's card anew where it is to be seen: below what has come since, while
// the draft is in hand, and once where it seems forgotten. Nothing comes between a person
// and something else that they have in hand.
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
	d.Moves = d.Card != 0 // else it is still to be sent anyway
	if err := t.Tx.SaveDraft(d); err != nil {
		return err
	}
	return ShowCard(t, d)
}

// handOf tells whether a draft is in its person's hand, and whether they are at something
// else: that is in hand, or a line is asked for.
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
