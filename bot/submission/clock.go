package submission

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// ClampTimes limits how far in the future a draft is due, or what is in hand ends: the clock may have
// moved back. It returns how many were due later.
func ClampTimes(t *chat.Turn) (int, error) {
	return t.Tx.ClampDraftTimes(t.Now, t.Now.Add(quietBefore), t.Now.Add(draftLife), t.Now.Add(handLife))
}

// EndCopiedDrafts ends the drafts in a copy that replaced the original: they may have been sent or
// dropped since, and their cards may have become receipts. Their authors are told.
func EndCopiedDrafts(t *chat.Turn) error {
	drafts, err := t.Tx.OpenDrafts()
	if err != nil {
		return err
	}
	for _, d := range drafts {
		items, err := t.Tx.DraftItems(d.ID)
		if err != nil {
			return err
		}
		if err := errors.Join(withdrawCard(t, chat.CardKey(d.ID)), withdrawCard(t, chat.PageKey(d.ID)), endDraft(t, d, state.DraftExpired)); err != nil {
			return err
		}
		if ok, err := t.ChatAuthorized(d.Chat); err != nil {
			return err
		} else if !ok || len(items) == 0 || d.Kind == state.DraftCorrection {
			continue
		}
		r, err := t.Locale(d.Chat)
		if err != nil {
			return err
		}
		if err := t.Say(chat.Outgoing{
			Place: chat.Place{Chat: d.Chat, Thread: d.Thread}, ReplyTo: firstMessage(d, items), Silent: r.IsQuiet(t.Now), Text: telegram.Plain(r.T("draft_copied")),
		}); err != nil {
			return err
		}
	}
	return nil
}
