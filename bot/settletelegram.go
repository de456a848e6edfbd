package bot

import (
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

const (
	// failuresBorne is how often, and failingBorne for how long, a message may fail while
	// Telegram answers others before it goes plain, and then is parked.
	failuresBorne = 5
	failingBorne  = 10 * time.Minute
	// ornamentBorne is how often what only adorns may fail before words take its place.
	ornamentBorne = 3
	// fileBorne is how often a file may fail before the others of its ticket go first.
	fileBorne = 2
	// knockEvery is how often a chat is tried that nothing has reached for a day: whoever
	// lets the bot in again is seen to do so.
	knockEvery = time.Hour
	// firstProbe is the attempt whose pause a closed chat is left alone for at first.
	firstProbe = 4
)

// settleTelegram stores what the result of a request to Telegram means for its row: it is
// done; its chat is closed, and it waits; it goes again, plain perhaps; it is parked; or it
// is over, and words take its place where it was an ornament or a file.
func (b *Bot) settleTelegram(t *chat.Turn, row state.Row, msg chat.TelegramRow, result telegram.Result, err error) error {
	if settled, err := b.settleTopic(t, row, msg, result, err); settled || err != nil {
		return err
	}
	if err == nil || telegram.IsNotModified(err) {
		b.taken()
		return b.sent(t, row, msg, result)
	}
	closed, isClosed := errors.AsType[*chat.ClosedError](err)
	switch {
	case errors.Is(err, conversation.ErrUnbound):
		b.Log.Info("an attachment is not sent", "ticket", msg.Ticket, "chat", msg.Chat, "why", err)
		return t.Tx.Finish(row.ID, state.Cancelled, t.Now, err.Error())
	case errors.Is(err, chat.ErrNeedless):
		return b.needless(t, row, err)
	case isClosed:
		return b.closed(t, row, msg, closed.Closure, err)
	}
	why := missing(err)
	if age := t.Now.Sub(row.Created); why == "" && isFiles(err) && (age > giveUpAfter || isLinks(err) && row.Attempts+1 >= linkAttempts && age > linkPatience) {
		why = "attachment_missing"
	}
	if msg.File != nil && !msg.File.Audit && why != "" {
		b.Log.Warn("an attachment can't be passed on", "ticket", msg.Ticket, "post", msg.File.Post, "error", err)
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, err.Error()), ticket.AttachmentMissing(t, msg, why))
	}
	if isFiles(err) {
		return errors.Join(stepAside(t, row, msg), b.repeat(t, row, 0, err))
	}
	e, ok := errors.AsType[*telegram.Error](err)
	if !ok {
		return b.repeat(t, row, 0, err)
	}
	switch e.Outcome {
	case telegram.RateLimited:
		until := t.Now.Add(e.RetryAfter)
		b.flooded(telegram.ChatID(msg.Chat), until)
		b.Log.Warn("Telegram asks to wait", "chat", msg.Chat, "wait", e.RetryAfter)
		return errors.Join(t.Tx.PutOff(state.Telegram, row.Lane, until), t.Tx.Retry(row.ID, until, err.Error()))
	case telegram.Refused, telegram.Forbidden:
		return b.refused(t, row, msg, err)
	}
	return b.failed(t, row, msg, err)
}

// isFiles tells whether what has failed is Plusofon's part of a file.
func isFiles(err error) bool {
	_, files := errors.AsType[*plusofon.Error](err)
	return files
}

// needless ends a row of which nothing is to be done, unless something is by now:
// what is wanted anew while a row of its key waits is wanted of that row.
func (b *Bot) needless(t *chat.Turn, row state.Row, cause error) error {
	current, err := t.Tx.Row(row.ID)
	if err != nil {
		return err
	}
	msg, err := chat.Decode[chat.TelegramRow](current)
	if err != nil {
		return err
	}
	_, err = conversation.Prepare(t, msg)
	_, closed := errors.AsType[*chat.ClosedError](err)
	switch {
	case err == nil, closed:
		return t.Tx.Retry(row.ID, t.Now, "wanted again")
	case !errors.Is(err, chat.ErrNeedless):
		return err
	}
	return t.Tx.Finish(row.ID, state.Cancelled, t.Now, cause.Error())
}

func (b *Bot) sent(t *chat.Turn, row state.Row, msg chat.TelegramRow, result telegram.Result) error {
	current, err := t.Tx.Row(row.ID)
	if err != nil {
		return err
	}
	if err := t.Tx.Finish(row.ID, state.Done, t.Now, ""); err != nil {
		return err
	}
	if err := conversation.MessageSent(t, msg, state.MessageID(result.MessageID)); err != nil {
		return err
	}
	if err := errors.Join(t.Went(msg), conversation.SentAgain(t, msg)); err != nil {
		return err
	}
	if b.closures.over(msg) {
		b.Log.Info("a chat can be written to again; what has waited for it goes", "chat", msg.Chat)
	}
	if current.Payload != row.Payload {
		return conversation.Superseded(t, current)
	}
	return nil
}

// closed sets a row aside whose place can't be written to. The first of those that wait
// there is tried now and then; when it goes, or somebody is back, all of them do.
func (b *Bot) closed(t *chat.Turn, row state.Row, msg chat.TelegramRow, closure telegram.Closure, cause error) error {
	if msg.Anyway {
		return t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error())
	}
	if ok, err := t.ChatAuthorized(msg.Chat); err != nil {
		return err
	} else if !ok {
		return t.Tx.Finish(row.ID, state.Cancelled, t.Now, cause.Error())
	}
	if b.closures.begins(msg.Chat, closure) {
		b.Log.Info("a chat is closed to the bot; what is for it waits", "chat", msg.Chat, "closed", closure, "error", cause)
	}
	lane := chat.ClosedLane(msg.Chat, closure)
	if row.Lane == lane {
		wait := b.pause(row.Attempts + firstProbe)
		if closure == telegram.ClosedChat && t.Now.Sub(row.Created) > giveUpAfter {
			wait = knockEvery
		}
		until := t.Now.Add(wait)
		return errors.Join(t.Tx.PutOff(state.Telegram, lane, until), t.Tx.Retry(row.ID, until, cause.Error()))
	}
	until := t.Now.Add(b.pause(firstProbe))
	if first, err := t.Tx.LaneHead(state.Telegram, lane); err == nil {
		until = first.Due
	} else if !errors.Is(err, state.ErrNotFound) {
		return err
	}
	return t.Tx.SetAside(row, lane, until, cause.Error())
}

// refused settles what Telegram will never take as it is.
func (b *Bot) refused(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	closure := telegram.ClosureOf(cause)
	switch {
	case telegram.IsReactionRefused(cause) && closure == "":
		return b.unadorned(t, row, msg, cause)
	case msg.Call.Method == (telegram.DeleteMessage{}).Method() && closure != telegram.ClosedChat:
		return b.unadorned(t, row, msg, cause)
	case closure == telegram.ClosedChat, closure != "" && chat.IsMessage(msg):
		return b.closed(t, row, msg, closure, cause)
	case telegram.IsMessageNotFound(cause) && (msg.Receipt != 0 || msg.Draft != 0):
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error()), conversation.MessageGone(t, msg))
	case telegram.IsTooOldCallback(cause), telegram.IsMessageNotFound(cause), telegram.IsNoRights(cause) && !chat.IsMessage(msg):
		return t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error())
	}
	b.Log.Error("Telegram refused a request", "method", msg.Call.Method, "chat", msg.Chat, "row", row.ID, "trace", row.Trace, "error", cause)
	return b.giveUp(t, row, msg, cause)
}

// failed settles what may go another time. What fails again and again while Telegram
// answers others is not waited for: neither by its lane nor for ever.
func (b *Bot) failed(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	if e, ok := errors.AsType[*telegram.Error](cause); ok && e.Outcome == telegram.NotSent && chat.IsOrnament(msg) {
		return b.repeat(t, row, 0, cause) // it tells nothing of the ornament: Telegram has not seen it
	}
	counted := b.liveness.answersOthers(row, t.Now)
	if !chat.IsOrnament(msg) {
		b.liveness.fails(row.ID, t.Now)
	}
	if err := t.Tx.CountFailure(row.ID, t.Now, counted); err != nil {
		return err
	}
	now, err := t.Tx.Row(row.ID)
	if err != nil {
		return err
	}
	long := now.Failures >= failuresBorne && t.Now.Sub(now.FirstFailed) >= failingBorne
	switch {
	case chat.IsOrnament(msg) && now.Failures >= ornamentBorne:
		b.Log.Warn("Telegram fails on an ornament each time; words go without it", "method", msg.Call.Method, "chat", msg.Chat, "row", row.ID, "error", cause)
		return b.unadorned(t, row, msg, cause)
	case long && (counted || msg.Plain):
		b.Log.Error("Telegram fails on a request each time, though it answers others", "method", msg.Call.Method, "chat", msg.Chat,
			"row", row.ID, "trace", row.Trace, "times", now.Failures, "error", cause)
		return b.giveUp(t, row, msg, cause)
	case now.Failures >= fileBorne:
		return errors.Join(stepAside(t, row, msg), b.repeat(t, row, 0, cause))
	}
	return b.repeat(t, row, 0, cause)
}

// unadorned ends a row that adorns something. Of a reaction words take the place, and of a
// deletion a line.
func (b *Bot) unadorned(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	err := t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error())
	switch msg.Call.Method {
	case telegram.SetMessageReaction{}.Method():
		return errors.Join(err, conversation.ReactionRefused(t, msg))
	case telegram.DeleteMessage{}.Method():
		return errors.Join(err, conversation.NotDeleted(t, msg))
	}
	return err
}

// giveUp lets a message go plain that does not go as it is, and sets it aside where it is
// plain.
func (b *Bot) giveUp(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	current, err := t.Tx.Row(row.ID)
	if err != nil {
		return err
	}
	if current.Payload != row.Payload {
		// It says something else by now.
		return t.Tx.Retry(row.ID, t.Now, cause.Error())
	}
	stored, err := chat.Decode[chat.TelegramRow](row)
	if err != nil {
		return err
	}
	if plainer, ok := chat.Plainer(stored); ok {
		// Without what adorns it, it is still the message.
		payload, err := encode(plainer)
		if err != nil {
			return err
		}
		return errors.Join(t.Tx.Rewrite(row.ID, payload), t.Tx.Retry(row.ID, t.Now, cause.Error()))
	}
	switch {
	case chat.SendsMessage(msg.Call):
		return errors.Join(t.Tx.Park(row, t.Now, cause.Error()), conversation.Undelivered(t, row, msg))
	case msg.Receipt != 0 || msg.Draft != 0:
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error()), conversation.MessageGone(t, msg))
	}
	return t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error())
}
