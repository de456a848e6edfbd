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
	// Telegram answers other requests before it is sent plain, and then parked.
	failuresBorne = 5
	failingBorne  = 10 * time.Minute
	// ornamentBorne is how often an ornament may fail before a message replaces it.
	ornamentBorne = 3
	// fileBorne is how often a file may fail before it lets the others of its ticket pass.
	fileBorne = 2
	// probeEvery is how often a chat is tried after a day without success, to notice that
	// the bot was let in again.
	probeEvery = time.Hour
	// firstProbe is the attempt number whose backoff is the first pause for a closed chat.
	firstProbe = 4
)

// settleTelegram stores what the result of a request to Telegram means for its row: it is
// done; it waits because its chat is closed; it is retried, possibly plain; it is parked;
// or it ends, and a message replaces it if it was a reaction or a file.
func (b *Bot) settleTelegram(t *chat.Turn, row state.Row, msg chat.TelegramRow, result telegram.Result, err error) error {
	if settled, err := b.settleTopic(t, row, msg, result, err); settled || err != nil {
		return err
	}
	if err == nil || telegram.IsNotModified(err) {
		b.taken()
		if len(msg.Album) > 0 {
			return b.sentAlbum(t, msg, result)
		}
		return b.sent(t, row, msg, result)
	}
	if settled, err := b.settlePicture(t, row, msg, err); settled || err != nil {
		return err
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
	why := missingReason(err)
	if age := triedFor(row, t.Now); why == "" && isPlusofonFailure(err) && (b.givesUp(row, t.Now) || isLinkFailure(err) && row.Attempts+1 >= linkAttempts && age > linkPatience) {
		why = "attachment_missing"
	}
	if msg.File != nil && !msg.File.Audit && why != "" {
		b.Log.Warn("an attachment can't be passed on", "ticket", msg.Ticket, "post", msg.File.Post, "error", err)
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, err.Error()), ticket.AttachmentMissing(t, msg, why))
	}
	if isPlusofonFailure(err) {
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

// isPlusofonFailure reports whether what failed is Plusofon's part of sending a file.
func isPlusofonFailure(err error) bool {
	_, files := errors.AsType[*plusofon.Error](err)
	return files
}

// needless ends a row that is not needed, unless it has become needed meanwhile: a new
// request with the key of a queued row updates that row.
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
	if chat.SendsMessage(msg.Call) { // a card may stand above it
		if err := b.wakeDue(t.Tx); err != nil {
			return err
		}
	}
	if b.closures.over(msg) {
		b.Log.Info("a chat can be written to again; what has waited for it goes", "chat", msg.Chat)
	}
	if current.Payload != row.Payload {
		return conversation.Superseded(t, row, current)
	}
	return nil
}

// closed shelves a row whose chat can't be written to. The first of the rows waiting for
// a closure is tried now and then; when it succeeds, or someone is back, all are sent.
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
			wait = probeEvery
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
	return t.Tx.Shelve(row, lane, until, cause.Error())
}

// refused settles a request that Telegram rejects as it is.
func (b *Bot) refused(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	closure := telegram.ClosureOf(cause)
	switch {
	case telegram.IsReactionRefused(cause) && closure == "":
		return b.dropOrnament(t, row, msg, cause)
	case msg.Call.Method == (telegram.DeleteMessage{}).Method() && closure != telegram.ClosedChat:
		return b.dropOrnament(t, row, msg, cause)
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

// failed settles a request that may succeed later. If it keeps failing while Telegram
// answers others, neither its lane nor the retries wait forever.
func (b *Bot) failed(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	if e, ok := errors.AsType[*telegram.Error](cause); ok && e.Outcome == telegram.NotSent && chat.IsOrnament(msg) {
		return b.repeat(t, row, 0, cause) // Telegram has not seen it
	}
	counted := b.liveness.answersOthers(row, t.Now)
	if !chat.IsOrnament(msg) {
		b.liveness.noteFailure(row.ID, t.Now)
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
		b.Log.Warn("Telegram fails on an ornament each time; messages go without it", "method", msg.Call.Method, "chat", msg.Chat, "row", row.ID, "error", cause)
		return b.dropOrnament(t, row, msg, cause)
	case long && (counted || msg.Plain):
		b.Log.Error("Telegram fails on a request each time, though it answers others", "method", msg.Call.Method, "chat", msg.Chat,
			"row", row.ID, "trace", row.Trace, "times", now.Failures, "error", cause)
		return b.giveUp(t, row, msg, cause)
	case now.Failures >= fileBorne:
		return errors.Join(stepAside(t, row, msg), b.repeat(t, row, 0, cause))
	}
	return b.repeat(t, row, 0, cause)
}

// dropOrnament ends an ornament. A message replaces a reaction; a message that could not
// be deleted is edited.
func (b *Bot) dropOrnament(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	err := t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error())
	switch msg.Call.Method {
	case telegram.SetMessageReaction{}.Method():
		return errors.Join(err, conversation.ReactionRefused(t, msg))
	case telegram.DeleteMessage{}.Method():
		return errors.Join(err, conversation.NotDeleted(t, msg))
	}
	return err
}

// giveUp retries a message in a plainer form, or parks it if there is none. An edit ends: what it
// should have shown is sent as a new message if it matters.
func (b *Bot) giveUp(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	current, err := t.Tx.Row(row.ID)
	if err != nil {
		return err
	}
	if current.Payload != row.Payload {
		// It was updated meanwhile.
		return t.Tx.Retry(row.ID, t.Now, cause.Error())
	}
	stored, err := chat.Decode[chat.TelegramRow](row)
	if err != nil {
		return err
	}
	if plainer, ok := chat.Plainer(stored); ok {
		// Without its formatting it is still the message.
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
