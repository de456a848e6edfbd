package bot

import (
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/submission"
	"plusofon-bot/state"
)

// recover applies the configured owners, so that nothing more is sent to somebody who is no longer
// one, and marks requests that the previous process left in flight as unknown. In a database
// restored from a copy it does the same for everything that waited there to be sent, see
// recoverCopy.
func (b *Bot) recover() error {
	copied := false
	err := b.update(func(t *chat.Turn) (err error) {
		if copied, err = t.Tx.IsCopy(); err != nil {
			return err
		}
		if err := errors.Join(conversation.SetOwners(t, b.Owners), t.Tx.AllowReactions()); err != nil {
			return err
		}
		last, err := t.Tx.LastRead()
		b.reads.Store(int64(last))
		return err
	})
	if err != nil {
		return err
	}
	if copied {
		b.Log.Warn("the database is a copy that was put in its place; what waited in it is looked for at Plusofon before it is sent")
		if err := b.recoverCopy(); err != nil {
			return err
		}
	}
	return b.update(func(t *chat.Turn) error {
		rows, err := t.Tx.InterruptedSends()
		if len(rows) > 0 {
			b.Log.Warn("requests were interrupted by the program's end; reading back what became of them", "requests", len(rows))
		}
		return errors.Join(err, b.clampDueTimes(t))
	})
}

// clampDueTimes limits how far in the future anything is due: the clock may have moved back
// since the time was written.
func (b *Bot) clampDueTimes(t *chat.Turn) error {
	late, err := t.Tx.ClampUpdateTimes(t.Now.Add(debounceLimit))
	for _, side := range []state.Side{state.Telegram, state.Plusofon} {
		n, failure := t.Tx.ClampRowTimes(side, t.Now.Add(longestPause), t.Now)
		late, err = late+n, errors.Join(err, failure)
	}
	n, failure := submission.ClampTimes(t)
	late, err = late+n, errors.Join(err, failure)
	if late > 0 {
		b.Log.Warn("what waits was due much later, as when the clock has been set back; it goes soon", "waiting", late)
	}
	return err
}

// recoverCopy does at once, before anything is read from Plusofon, what the original may have done
// after the copy was made: it decides the updates that wait, sends what was gathered and ends the
// other drafts. All that is to be sent is then looked for first.
func (b *Bot) recoverCopy() error {
	if err := b.Store.Update((*state.Tx).SkipNumbers); err != nil {
		return err
	}
	for decided := true; decided; {
		var event []state.Update
		err := guard(func() error {
			return b.Store.Update(func(tx *state.Tx) (err error) {
				if event, err = b.next(tx); err != nil || len(event) == 0 {
					return err
				}
				return b.decide(tx, event)
			})
		})
		if err != nil && len(event) > 0 && !state.IsBroken(err) {
			err = b.notHandled(event, err)
		}
		if err != nil {
			return err
		}
		decided = len(event) > 0
	}
	return b.update(func(t *chat.Turn) error {
		if err := errors.Join(submission.SendAllGathered(t), submission.EndCopiedDrafts(t), t.Tx.TakeCopied()); err != nil {
			return err
		}
		if _, err := t.Tx.ReviveSide(state.Plusofon, "", t.Now); err != nil {
			return err
		}
		return b.markSending(t)
	})
}

// markSending marks everything queued for Plusofon as being sent, including answers that wait
// for their ticket.
func (b *Bot) markSending(t *chat.Turn) error {
	rows, err := t.Tx.QueuedRows(state.Plusofon)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Kind == chat.KindFetch {
			continue
		}
		sent := true
		if row.Kind != chat.KindAttach {
			payload, err := chat.Decode[chat.SubmissionRow](row)
			if err != nil {
				return err
			}
			if _, sent, err = submission.Sending(t, payload.Submission); err != nil {
				return err
			}
		}
		if sent {
			if err := t.Tx.StartSending(row.ID); err != nil {
				return err
			}
		}
	}
	return t.Tx.DoubtWaiting()
}

// noteClock makes what waits due sooner if the clock has been set back since last.
func (b *Bot) noteClock(last, now time.Time) {
	if !now.Round(0).Before(last.Round(0)) { // by the wall clock
		return
	}
	err := b.Store.Update(func(tx *state.Tx) error {
		t, err := b.Conversation.NewTurn(tx, now)
		return errors.Join(err, b.clampDueTimes(t))
	})
	if err != nil {
		b.Log.Error("that the clock was set back could not be noted", "error", err)
	}
}
