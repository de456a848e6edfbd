package ticket

import (
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// attachment is a post's attachment.
type attachment struct {
	N    int    `json:"n"`
	Name string `json:"name"`
	// Given says that its content can be fetched: of some only the name is known.
	Given bool `json:"given,omitempty"`
}

// attachmentsOf returns a post's attachments from the n-th on.
func attachmentsOf(p plusofon.Post, n int) (list []attachment) {
	for i, name := range AttachmentNames(p) {
		if a := p.Attachments[i]; i >= n {
			list = append(list, attachment{i, name, a.URL != "" || a.Content != ""})
		}
	}
	return list
}

// refs lists the attachments that can be sent, pictures first, so that they can form an album.
func (n announcement) refs(id state.TicketID) []chat.AttachmentRef {
	var pictures, others []chat.AttachmentRef
	for _, f := range n.Files {
		ref := chat.AttachmentRef{Ticket: id, Post: n.Post, N: f.N, Name: f.Name}
		switch {
		case !f.Given:
		case telegram.IsPicture(f.Name):
			pictures = append(pictures, ref)
		default:
			others = append(others, ref)
		}
	}
	return append(pictures, others...)
}

// SendDown queues an attachment for a chat, a picture as a photo. Files have a lane of their
// own: one that can't be fetched, or is large, delays no message.
func SendDown(t *chat.Turn, chatID state.ChatID, ref chat.AttachmentRef) error {
	s, err := t.TextsFor(chatID)
	if err != nil {
		return err
	}
	// The button links a reply to its ticket even if the message's id never becomes known. The
	// message about the post has made the sound.
	buttons := telegram.InlineKeyboard{{chat.Button(s.T("button_answer"), chat.Data(chat.PressAnswer, ref.Ticket))}}
	var request telegram.Request = telegram.SendDocument{ChatID: telegram.ChatID(chatID), Silent: true, NoTypeDetection: true, ReplyMarkup: buttons}
	if !ref.Made && telegram.IsPicture(ref.Name) {
		request = telegram.SendPhoto{ChatID: telegram.ChatID(chatID), Silent: true, ReplyMarkup: buttons}
	}
	call, err := telegram.Encode(request)
	if err != nil {
		return err
	}
	return t.Enqueue(state.Telegram, chat.DownLane(chatID, ref.Ticket), chat.KindFile, state.PriorityNews, "", chat.TelegramRow{
		Call: call, Place: chat.InChat(chatID), Meaning: chat.Meaning{Ticket: ref.Ticket, Chain: true, Topic: true}, File: &ref,
	})
}

// Album lists the rows that are sent in one request with the head of a lane: the head and the
// pictures of its post that are queued right after it; none if the head is sent alone. They
// remain rows of their own: if one picture can't be fetched, only its row is affected, and if
// Telegram rejects the album, each can be sent alone.
func Album(tx *state.Tx, row state.Row) ([]chat.AlbumRow, error) {
	head, err := chat.Decode[chat.TelegramRow](row)
	if err != nil || !mayJoinAlbum(row, head) {
		return nil, nil //nolint:nilerr // the error is reported when the row is sent
	}
	behind, err := tx.QueuedAfter(row, telegram.MaxAlbum-1)
	list := []chat.AlbumRow{{Row: row, Msg: head}}
	for _, next := range behind {
		msg, err := chat.Decode[chat.TelegramRow](next)
		if err != nil || !mayJoinAlbum(next, msg) || msg.Apart || next.Due.After(row.Due) ||
			msg.File.Ticket != head.File.Ticket || msg.File.Post != head.File.Post {
			break
		}
		list = append(list, chat.AlbumRow{Row: next, Msg: msg})
	}
	if len(list) == 1 {
		return nil, err
	}
	return list, err
}

// mayJoinAlbum reports whether a row sends a picture of a post. One that probes whether a chat
// is open again is sent alone.
func mayJoinAlbum(row state.Row, msg chat.TelegramRow) bool {
	return chat.IsPicture(msg) && msg.File != nil && msg.File.Post != 0 && row.Home == ""
}

// AttachmentMissing reports in the chat that an attachment can't be fetched.
func AttachmentMissing(t *chat.Turn, row chat.TelegramRow, reason string) error {
	s, err := t.TextsFor(row.Chat)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{
		Place: chat.InChat(row.Chat), Meaning: chat.Meaning{Ticket: row.Ticket, Chain: true}, Silent: true, News: true,
		Text:    telegram.Plain(s.T(reason, "Name", row.File.Name, "Ticket", chat.TicketName(row.Ticket))),
		Buttons: [][]telegram.Button{{chat.Button(s.T("button_answer"), chat.Data(chat.PressAnswer, row.Ticket))}},
	})
}
