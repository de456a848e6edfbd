package conversation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// shut shelves everything queued for the office: it is unreachable.
func shut(d *bottest.Desk) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		rows, err := turn.Tx.QueuedRows(state.Telegram)
		for _, row := range rows {
			if row.Home == "" {
				err = errors.Join(err, turn.Tx.Shelve(row, chat.ClosedLane(bottest.Office, telegram.ClosedWords), turn.Now, "403"))
			}
		}
		return err
	})
}

func condense(d *bottest.Desk) {
	d.T.Helper()
	var from conversation.Waited
	for range 100 {
		d.Do(func(turn *chat.Turn) (err error) {
			from, err = conversation.Condense(turn, from)
			return err
		})
		if from.Lane == "" {
			return
		}
	}
	d.T.Fatal("it does not come to an end")
}

// After more than a week one line per ticket replaces the news queued for a chat, in
// portions, and later news is counted in it. Replies to people are kept.
func TestALinePerTicketAfterAWeek(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Joins("supergroup", 1)
	d.Said(bottest.Office)
	news := func(id state.TicketID, text string) {
		d.Do(func(turn *chat.Turn) error {
			return turn.Say(chat.Outgoing{Place: chat.InChat(bottest.Office), Meaning: chat.Meaning{Ticket: id, Chain: true}, News: true, Text: telegram.Plain(text)})
		})
		shut(d)
	}
	d.Do(func(turn *chat.Turn) error {
		return errors.Join(turn.Tx.SaveTicket(state.Ticket{ID: 7, Subject: "Касса"}), turn.Tx.SaveTicket(state.Ticket{ID: 8, Subject: "Склад"}),
			turn.Say(chat.Outgoing{Place: chat.InChat(bottest.Office), Meaning: chat.Meaning{Ticket: 7}, Text: telegram.Plain("ответ на вопрос")}))
	})
	for n := range 120 {
		news(7, fmt.Sprint("новость ", n))
	}
	news(8, "другая новость")
	condense(d)
	waiting := func() (list []string) {
		d.Do(func(turn *chat.Turn) error {
			rows, err := turn.Tx.Waiting(state.Telegram, chat.ClosedLane(bottest.Office, telegram.ClosedWords))
			for _, row := range rows {
				list = append(list, row.Payload)
			}
			return err
		})
		return list
	}
	if n := len(waiting()); n != 122 {
		t.Errorf("%d rows wait at first, want all 122", n)
	}
	d.Now = d.Now.Add(7*24*time.Hour + time.Minute)
	condense(d)
	news(7, "и ещё одна")
	condense(d)
	condense(d)
	if n := len(waiting()); n != 3 {
		t.Errorf("%d rows wait after a week: %s", n, strings.Join(waiting(), "\n"))
	}
	d.Do(func(turn *chat.Turn) error { return turn.Reopened(bottest.Office) })
	want := []string{
		"ответ на вопрос",
		"№7 · Касса\nПока сюда нельзя было писать, накопилось 121 сообщение об этом обращении. Что в нём нового, покажет история.",
		"№8 · Склад\nПока сюда нельзя было писать, накопилось 1 сообщение об этом обращении. Что в нём нового, покажет история.",
	}
	if said := d.Said(bottest.Office); !slices.Equal(said, want) {
		t.Errorf("the group reads %q", said)
	}
}

// If files may not be sent for a week, the line is sent at once, since texts may be.
func TestALineForFilesGoesAtOnce(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Joins("supergroup", 1)
	d.Said(bottest.Office)
	d.Do(func(turn *chat.Turn) error {
		call, err := telegram.Encode(telegram.SendDocument{ChatID: bottest.Office})
		if err != nil {
			return err
		}
		lane := chat.DownLane(bottest.Office, 7)
		row := chat.TelegramRow{Call: call, Place: chat.InChat(bottest.Office), Meaning: chat.Meaning{Ticket: 7}, File: &chat.AttachmentRef{Ticket: 7, Name: "a.txt"}}
		if err := errors.Join(turn.Tx.SaveTicket(state.Ticket{ID: 7, Subject: "Касса"}), turn.Enqueue(state.Telegram, lane, chat.KindFile, state.PriorityNews, "", row)); err != nil {
			return err
		}
		head, err := turn.Tx.LaneHead(state.Telegram, lane)
		return errors.Join(err, turn.Tx.Shelve(head, chat.ClosedLane(bottest.Office, telegram.ClosedFiles), turn.Now, "400"))
	})
	d.Now = d.Now.Add(8 * 24 * time.Hour)
	condense(d)
	if said := d.Said(bottest.Office); len(said) != 1 || !strings.Contains(said[0], "накопилось 1 сообщение") {
		t.Errorf("the group reads %q", said)
	}
}
