package bottest

import (
	"encoding/json"
	"errors"
	"fmt"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Press has a person press a button of a message in a chat, forged or not, and returns the
// answer; false if the bot ignores it.
func (d *Desk) Press(user telegram.UserID, in telegram.ChatID, data string) (toast string, answered bool) {
	d.T.Helper()
	d.Last++
	kind := "private"
	if in.IsGroup() {
		kind = "supergroup"
	}
	id := fmt.Sprint("press", d.Last)
	u := telegram.Update{Callback: &telegram.Callback{
		ID: id, From: telegram.User{ID: user, FirstName: "Кто-то"}, Data: data,
		Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: in, Type: kind, Title: "Офис"}},
	}}
	d.Do(func(turn *chat.Turn) error {
		concerns, _, err := d.Conversation.Concerns(turn, u)
		if err != nil || !concerns {
			return err
		}
		if err := d.Conversation.Decide(turn, []telegram.Update{u}); err != nil {
			return err
		}
		row, err := turn.Tx.LaneHead(state.Telegram, "press:"+id)
		if errors.Is(err, state.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		r, err := chat.Decode[chat.TelegramRow](row)
		if err != nil {
			return err
		}
		var params struct{ Text string }
		if err := json.Unmarshal(r.Call.Params, &params); err != nil {
			return err
		}
		toast, answered = params.Text, true
		return turn.Tx.Finish(row.ID, state.Done, d.Now, "")
	})
	return toast, answered
}

// Screen is a message of the bot's with its buttons.
type Screen struct {
	Text    string
	Buttons []telegram.Button
}

// Button returns the data of a button by its text; "" if there is none.
func (s Screen) Button(text string) string {
	for _, b := range s.Buttons {
		if b.Text == text {
			return b.Data
		}
	}
	return ""
}

// Screens empties a chat's outbox, and returns the messages with buttons.
func (d *Desk) Screens(user telegram.UserID) (list []Screen) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		for {
			row, err := turn.Tx.LaneHead(state.Telegram, chat.ChatLane(state.ChatID(user)))
			if errors.Is(err, state.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			r, err := chat.Decode[chat.TelegramRow](row)
			if err != nil {
				return err
			}
			var params struct {
				Text   string
				Markup struct {
					Keyboard [][]telegram.Button `json:"inline_keyboard"`
				} `json:"reply_markup"`
			}
			if err := json.Unmarshal(r.Call.Params, &params); err != nil {
				return err
			}
			if params.Text != "" {
				s := Screen{Text: params.Text}
				for _, line := range params.Markup.Keyboard {
					s.Buttons = append(s.Buttons, line...)
				}
				list = append(list, s)
			}
			if err := turn.Tx.Finish(row.ID, state.Done, d.Now, ""); err != nil {
				return err
			}
		}
	})
	return list
}

// Clicks presses a button of a screen in a person's private chat, by its text, and returns
// the next screen and the answer to the press.
func (d *Desk) Clicks(user telegram.UserID, screen Screen, button string) (next Screen, toast string) {
	d.T.Helper()
	data := screen.Button(button)
	if data == "" {
		d.T.Fatalf("no button %q under %q, but %v", button, screen.Text, screen.Buttons)
	}
	toast, answered := d.Press(user, telegram.ChatID(user), data)
	if !answered {
		d.T.Fatalf("the press of %q is not answered", button)
	}
	if shown := d.Screens(user); len(shown) > 0 {
		next = shown[len(shown)-1]
	}
	return next, toast
}

// Opens has a person open a screen by a command.
func (d *Desk) Opens(user telegram.UserID, command string) Screen {
	d.T.Helper()
	d.Screens(user)
	d.Last++
	u := telegram.Update{Message: &telegram.Message{
		ID: d.Last, Chat: telegram.Chat{ID: telegram.ChatID(user), Type: "private"},
		From: &telegram.User{ID: user, FirstName: "Кто-то"}, Kind: telegram.KindText, Text: command,
	}}
	d.Do(func(turn *chat.Turn) error { return d.Conversation.Decide(turn, []telegram.Update{u}) })
	shown := d.Screens(user)
	if len(shown) == 0 {
		d.T.Fatalf("nothing is shown for %s", command)
	}
	return shown[len(shown)-1]
}

// Audited returns the events of the audit, oldest first.
func (d *Desk) Audited() (list []state.AuditEntry) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) (err error) {
		list, err = turn.Tx.AuditAfter(0, 1000)
		return err
	})
	return list
}
