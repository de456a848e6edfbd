package bot

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// albumTries is how often an album is tried before its pictures are sent one by one: any of
// them may be what it fails on.
const albumTries = 3

// sentAlbum records that an album was sent. A reply to any of its messages goes to the ticket.
func (b *Bot) sentAlbum(t *chat.Turn, msg chat.TelegramRow, result telegram.Result) error {
	ids, err := result.AlbumIDs()
	if err != nil {
		b.Log.Info("the messages of an album are not known", "chat", msg.Chat, "error", err)
	}
	for i, item := range msg.Album {
		if waits, err := isQueued(t, item.Row); err != nil {
			return err
		} else if !waits {
			continue
		}
		var one telegram.Result
		if i < len(ids) {
			one.MessageID = ids[i]
		}
		if err := b.sent(t, item.Row, item.Msg, one); err != nil {
			return err
		}
	}
	return nil
}

// isQueued reports whether a row sent in an album is still queued: it may have been withdrawn
// meanwhile.
func isQueued(t *chat.Turn, row state.Row) (bool, error) {
	current, err := t.Tx.Row(row.ID)
	return current.State == state.Queued, err
}

// settlePicture handles the failures that concern one picture of an album, the album as such,
// or a picture that could be sent as a document. It returns false for any other failure.
func (b *Bot) settlePicture(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) (bool, error) {
	e, ok := errors.AsType[*telegram.Error](cause)
	if !ok || !chat.IsPicture(msg) {
		return false, nil
	}
	closure := telegram.ClosureOf(cause)
	refused := e.Outcome == telegram.Refused && (closure == "" || closure == telegram.ClosedFiles)
	fails := e.Outcome == telegram.Unknown || e.Outcome == telegram.NotSent || e.Outcome == telegram.Temporary
	switch {
	case len(msg.Album) == 0 && (refused || errors.Is(cause, errNoPhoto)):
		b.Log.Info("a picture is sent as a document", "ticket", msg.Ticket, "chat", msg.Chat, "row", row.ID, "error", cause)
		return true, b.giveUp(t, row, msg, cause)
	case len(msg.Album) == 0:
		return false, nil
	case errors.Is(cause, errFullAlbum):
		return true, errors.Join(setApart(t, msg.Album[e.File-1:e.File]), t.Tx.Retry(row.ID, t.Now, cause.Error()))
	case e.File > 0:
		// As if that one had been sent alone; the others are sent without it.
		item := msg.Album[e.File-1]
		if waits, err := isQueued(t, item.Row); err != nil || !waits {
			return true, err
		}
		return true, b.settleTelegram(t, item.Row, item.Msg, telegram.Result{}, cause)
	case refused:
		b.Log.Info("the pictures of an album are sent one by one", "ticket", msg.Ticket, "chat", msg.Chat, "row", row.ID, "error", cause)
		return true, errors.Join(setApart(t, msg.Album[1:]), t.Tx.Retry(row.ID, t.Now, cause.Error()))
	case fails && row.Attempts+1 >= albumTries:
		return false, setApart(t, msg.Album[1:])
	}
	return false, nil
}

// setApart keeps pictures out of the album of the pictures before them.
func setApart(t *chat.Turn, list []chat.AlbumRow) error {
	for _, item := range list {
		current, err := t.Tx.Row(item.Row.ID)
		if err != nil {
			return err
		}
		if current.State != state.Queued {
			continue
		}
		msg, err := chat.Decode[chat.TelegramRow](current)
		if err != nil {
			return err
		}
		msg.Apart = true
		payload, err := encode(msg)
		if err != nil {
			return err
		}
		if err := t.Tx.Rewrite(current.ID, payload); err != nil {
			return err
		}
	}
	return nil
}
