package ticket_test

import (
	"errors"
	"fmt"
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/state"
)

// News is joined if much is queued after it, not because its chat is closed.
func TestJoin(t *testing.T) {
	for name, c := range map[string]struct {
		waiting   int
		setsAside bool
		fails     bool
		left      int
	}{
		"few wait":                               {19, false, false, 19},
		"many wait":                              {20, false, false, 1},
		"many for a closed chat":                 {20, true, false, 20},
		"many behind one that Telegram fails on": {20, false, true, 20},
	} {
		t.Run(name, func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Ready()
			lane := chat.ChatLane(100)
			if c.setsAside {
				lane = chat.ClosedLane(100, telegram.ClosedChat)
			}
			d.Do(func(turn *chat.Turn) error {
				for n := range c.waiting {
					text := telegram.Plain(fmt.Sprintf("№7\nновость %d", n))
					if err := turn.Say(chat.Outgoing{Place: chat.InChat(100), Meaning: chat.Meaning{Ticket: 7, Names: chat.Span{To: 3}, Joins: true}, News: true, Text: text}); err != nil {
						return err
					}
				}
				rows, err := turn.Tx.Waiting(state.Telegram, chat.ChatLane(100))
				for _, row := range rows {
					if c.setsAside {
						err = errors.Join(err, turn.Tx.Shelve(row, lane, turn.Now, "403"))
					}
				}
				return err
			})
			d.Do(func(turn *chat.Turn) error {
				row, err := turn.Tx.LaneHead(state.Telegram, lane)
				if err == nil && c.fails {
					err = turn.Tx.CountFailure(row.ID, turn.Now, true)
					row.Failures++
				}
				if err != nil {
					return err
				}
				msg, err := chat.Decode[chat.TelegramRow](row)
				if err != nil {
					return err
				}
				_, _, err = ticket.Join(turn, row, msg)
				return err
			})
			d.Do(func(turn *chat.Turn) error {
				rows, err := turn.Tx.Waiting(state.Telegram, lane)
				if len(rows) != c.left {
					t.Errorf("%d rows are left, want %d", len(rows), c.left)
				}
				return err
			})
		})
	}
}
