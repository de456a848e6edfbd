package conversation_test

import (
	"strings"
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// A message sent just before a crash, with its id never recorded, still leads somewhere:
// its own buttons tell which ticket, or which submission, it is about.
func TestRepliesToAMessageWhoseIDWasNeverLearned(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(100)
	var opening, answer state.SubmissionID
	d.Do(func(turn *chat.Turn) (err error) {
		if err := turn.Tx.SaveTicket(state.Ticket{ID: 7, Subject: "Тема", Open: true, Fetched: d.Now}); err != nil {
			return err
		}
		add := func(sub state.Submission) (id state.SubmissionID) {
			sub.Chat, sub.User, sub.Text, sub.State, sub.Created = 100, 100, "текст", state.SubmissionUnknown, d.Now
			if err == nil {
				id, _, err = turn.Tx.AddSubmission(sub)
			}
			return id
		}
		opening = add(state.Submission{Kind: state.Opening, Message: 1, Subject: "Тема"})
		answer = add(state.Submission{Kind: state.Answer, Message: 2, Ticket: 7})
		return err
	})
	me := &telegram.User{ID: 1, IsBot: true, Username: "plusofon_bot"}
	for n, c := range []struct {
		what, data string
		from       *telegram.User
		ticket     state.TicketID
		opening    state.SubmissionID
	}{
		{"a notice about an answer", chat.Data(chat.PressHistory, 7), me, 7, 0},
		{"one about an opening under way", chat.Data(chat.PressState, opening), me, 0, opening},
		{"one that offers to repeat an answer", chat.Data(chat.PressRetry, answer), me, 7, 0},
		{"another bot's buttons", chat.Data(chat.PressHistory, 7), &telegram.User{ID: 2, IsBot: true, Username: "other_bot"}, 0, 0},
		{"a list of several tickets", chat.Data(chat.PressHistory, 7) + " " + chat.Data(chat.PressHistory, 8), me, 0, 0},
		{"a list with one ticket in it", chat.Data(chat.PressShow, 7), me, 0, 0},
		{"a submission that nobody knows", chat.Data(chat.PressState, 999), me, 0, 0},
	} {
		t.Run(c.what, func(t *testing.T) {
			d.Last = telegram.MessageID(100 + n)
			m := &telegram.Message{
				ID: d.Last, Chat: telegram.Chat{ID: 100, Type: "private"}, From: &telegram.User{ID: 100, FirstName: "Анна"},
				Kind: telegram.KindText, Text: "дополнение",
				ReplyTo: &telegram.Message{ID: 5000, From: c.from},
			}
			for _, data := range strings.Fields(c.data) {
				m.ReplyTo.Buttons = append(m.ReplyTo.Buttons, []telegram.Button{{Text: "x", Data: data}})
			}
			d.Decides(100, telegram.Update{Message: m})
			d.Do(func(turn *chat.Turn) error {
				sub, err := turn.Tx.SubmissionOf(100, state.MessageID(m.ID))
				if chat.IgnoreAbsent(err) != nil {
					return err
				}
				if sub.Ticket != c.ticket || sub.Opening != c.opening {
					t.Errorf("it went to ticket %d, opening %d; want %d, %d", sub.Ticket, sub.Opening, c.ticket, c.opening)
				}
				return nil
			})
		})
	}
	t.Run("and the chat.Button tells how far it is", func(t *testing.T) {
		d.Decides(100, telegram.Update{Callback: &telegram.Callback{
			ID: "press", From: telegram.User{ID: 100, FirstName: "Анна"}, Data: chat.Data(chat.PressState, opening),
			Message: &telegram.Message{ID: 5000, Chat: telegram.Chat{ID: 100, Type: "private"}, From: me},
		}})
		d.Do(func(turn *chat.Turn) error {
			row, err := turn.Tx.LaneHead(state.Telegram, "press:press")
			if err == nil && !strings.Contains(row.Payload, "Проверяю, не создано ли обращение") {
				t.Errorf("the answer to the press is %s", row.Payload)
			}
			return err
		})
	})
}
