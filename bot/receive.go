package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// receive polls Telegram and puts updates into the inbox.
func (b *Bot) receive(ctx context.Context) error {
	if ok, err := b.connect(ctx); err != nil || !ok {
		return err
	}
	offset, ok := b.offset(ctx)
	if !ok {
		return nil
	}
	health := &pollHealth{Bot: b}
	limit := fullPoll
	for failures := 0; ctx.Err() == nil; {
		timeout := longPoll
		if !b.listening.Load() {
			timeout = 0 // pending updates are wanted at once, and so is that there are none
		}
		updates, err := b.Telegram.Updates(ctx, offset, limit, timeout)
		if err == nil && len(updates) > 0 {
			b.Observer.Updates(len(updates))
			err = b.store(updates, &offset)
		}
		whole := err == nil && len(updates) < limit
		b.listens(whole)
		if ctx.Err() != nil {
			break // any error is due to ctx
		}
		if large, ok := errors.AsType[*telegram.TooLargeError](err); ok {
			if limit, err = b.askForFewer(limit, large, &offset); err == nil {
				continue
			}
		} else if err == nil {
			limit = min(2*limit, fullPoll)
		}
		health.note(ctx, err)
		if err == nil {
			failures = 0
			b.vitals.polled(state.Telegram, time.Now())
			continue
		}
		wait := min(b.pause(failures), longestPollPause)
		if e, ok := errors.AsType[*telegram.Error](err); ok {
			wait = max(wait, e.RetryAfter)
		}
		failures++
		if !sleep(ctx, wait) {
			return nil
		}
	}
	return nil //nolint:nilerr // that ctx ended is no failure
}

// askForFewer reduces the limit after an answer that was too large. A single update that is too
// large is set aside like others that can't be read.
func (b *Bot) askForFewer(limit int, large *telegram.TooLargeError, offset *int64) (int, error) {
	if limit > 1 {
		b.Log.Warn("the updates that wait are too large to be read at once; asking for fewer", "at_most", limit/2)
		return limit / 2, nil
	}
	if large.FirstUpdate == 0 {
		return limit, large
	}
	b.Log.Error("an update is too large to be read and is set aside", "update", large.FirstUpdate)
	next := large.FirstUpdate + 1
	now := time.Now()
	err := b.Store.Update(func(tx *state.Tx) error {
		return errors.Join(tx.Receive(state.Arrival{Key: fmt.Sprintf("unreadable:%d", large.FirstUpdate), Due: now, Unreadable: true}, now, 0), tx.SetOffset(next))
	})
	if err != nil {
		return limit, fmt.Errorf("set an update aside: %w", err)
	}
	*offset = next
	return limit, nil
}

// pollHealth logs the state of polling Telegram: once when a problem begins, and once when it is
// over.
type pollHealth struct {
	*Bot
	silent    bool
	contested time.Time // when another process was last noticed; zero: none
}

func (h *pollHealth) note(ctx context.Context, err error) {
	now := time.Now()
	switch {
	case isConflict(err):
		if h.noteConflict(ctx, !h.contested.IsZero(), err) {
			h.contested = now
		}
	// With two processes, Telegram answers them alternately.
	case err == nil && !h.contested.IsZero() && now.Sub(h.contested) >= access.QuietAfter:
		h.contested = time.Time{}
		h.Log.Info("Telegram gives updates to this copy again")
	}
	switch {
	case err == nil && h.silent:
		h.silent = false
		h.Log.Info("Telegram answers again")
		if err := h.update(conversation.TelegramIsBack); err != nil {
			h.Log.Error("what Telegram did not take could not be queued again", "error", err)
		}
	case err == nil || isConflict(err):
	case h.silent:
		h.Log.Debug("Telegram still can't be polled", "error", err)
	default:
		h.silent = true
		h.Log.Warn("Telegram could not be polled; retrying", "error", err)
	}
}

// offset reads the next offset, retrying as long as it takes; false if ctx ends first.
func (b *Bot) offset(ctx context.Context) (offset int64, ok bool) {
	for n := 0; ; n++ {
		err := b.Store.Update(func(tx *state.Tx) (err error) {
			offset, err = tx.Offset()
			return err
		})
		if err == nil {
			return offset, true
		}
		b.Log.Error("the offset could not be read", "error", err, "attempt", n+1)
		if !sleep(ctx, b.pause(n)) {
			return 0, false
		}
	}
}

// fullPoll is the maximum number of updates per poll: after that many there may be more.
const fullPoll = telegram.MaxBatch

// listens records whether Telegram has no more pending updates. Only then does its silence
// mean that an album is complete: after a restart or a broken connection the rest may be
// pending.
func (b *Bot) listens(on bool) {
	if b.listening.Swap(on) != on && on {
		signal(b.arrived)
	}
}

// connect asks Telegram who the bot is, retrying as long as it takes, and sets the menu;
// false if ctx ends first.
func (b *Bot) connect(ctx context.Context) (bool, error) {
	refused, lost := false, false // already logged
	for n := 0; ; n++ {
		me, err := b.Telegram.Me(ctx)
		if err == nil {
			err = b.ready(me)
		}
		if err == nil {
			b.connected <- me.Username
			b.describe(ctx)
			return true, nil
		}
		if errors.Is(err, ErrOtherBot) {
			return false, err
		}
		if ctx.Err() != nil {
			return false, nil //nolint:nilerr // that ctx ended is no failure
		}
		wait := b.pause(n)
		e, ok := errors.AsType[*telegram.Error](err)
		switch unauthorized := ok && e.Outcome == telegram.Unauthorized; {
		case unauthorized && !refused:
			refused = true
			b.Log.Error("Telegram does not accept TELEGRAM_TOKEN; get the token from @BotFather and restart", "error", err)
		case unauthorized:
		case !lost:
			lost = true
			b.Log.Warn("Telegram can't be reached; retrying", "error", err)
			fallthrough
		default:
			wait = min(wait, longestPollPause)
			b.Log.Debug("Telegram can't be reached", "error", err, "attempt", n+1)
		}
		if !sleep(ctx, wait) {
			return false, nil
		}
	}
}

func (b *Bot) ready(me telegram.Me) error {
	if err := b.checkBot(state.UserID(me.ID)); err != nil {
		return err
	}
	var claim string
	err := b.update(func(t *chat.Turn) (err error) {
		claim, err = access.Ready(t, me)
		return err
	})
	if err == nil && claim != "" {
		b.Log.Warn("the bot has no owner yet: open this link within 15 minutes to become one", "link", claim)
	}
	return err
}

// describe sets the menu and the description shown in an empty chat. These are cosmetic: a
// failure is only logged.
func (b *Bot) describe(ctx context.Context) {
	private, groups := &telegram.CommandScope{Type: telegram.ScopeAllPrivateChats}, &telegram.CommandScope{Type: telegram.ScopeAllGroupChats}
	var requests []telegram.Request
	for _, lang := range []string{"", "ru", "en"} {
		t := texts.For(lang)
		if lang == "" {
			t = texts.For(b.Conversation.Language)
		}
		requests = append(requests,
			telegram.SetMyCommands{Commands: conversation.Menu(t, false), Scope: private, Language: lang},
			telegram.SetMyCommands{Commands: conversation.Menu(t, false), Scope: groups, Language: lang},
			telegram.SetMyDescription{Description: t.T("about"), Language: lang},
			telegram.SetMyShortDescription{ShortDescription: t.T("about_short"), Language: lang})
	}
	var owners []state.Person
	err := b.Store.Update(func(tx *state.Tx) (err error) {
		owners, err = tx.Owners()
		return err
	})
	if err != nil {
		b.Log.Error("the owners could not be read", "error", err)
	}
	for _, owner := range owners {
		requests = append(requests, conversation.OwnMenu(b.Conversation.Language, owner.ID, true)...)
	}
	for _, request := range requests {
		call, err := telegram.Encode(request)
		if err == nil {
			_, err = b.Telegram.Do(ctx, call)
		}
		// An owner who has not written yet has no chat to set a menu for.
		if err != nil && ctx.Err() == nil && telegram.ClosureOf(err) == "" {
			b.Log.Info("the menu could not be set", "error", err)
		}
	}
}

func isConflict(err error) bool {
	e, ok := errors.AsType[*telegram.Error](err)
	return ok && e.Outcome == telegram.Conflict
}

// noteConflict logs, once, that another process polls with this token, and leaves it at
// that. If the conflict is a webhook, it removes the webhook and returns false.
func (b *Bot) noteConflict(ctx context.Context, known bool, cause error) bool {
	if !strings.Contains(cause.Error(), "webhook") {
		b.vitals.contested(time.Now())
		if !known {
			b.Log.Error("another copy of the program polls Telegram with the same token; stop one of them", "error", cause)
		}
		return true
	}
	b.Log.Warn("a webhook is set for this bot; removing it, pending updates are kept")
	call, err := telegram.Encode(telegram.DeleteWebhook{})
	if err == nil {
		_, err = b.Telegram.Do(ctx, call)
	}
	if err != nil {
		b.Log.Error("the webhook could not be removed", "error", err)
	}
	return false
}
