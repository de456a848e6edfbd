package conversation

import "plusofon-bot/bot/chat"

// WithoutTopic is a row that goes into no topic, whatever it replies to.
func WithoutTopic(row chat.TelegramRow) chat.TelegramRow {
	row.Topic, row.Chain, row.Thread = false, false, 0
	if call, err := chat.WithoutParam(row.Call, "reply_parameters"); err == nil {
		row.Call = call
	}
	return row
}
