package submission_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// answered is a member's answer to ticket 7, its state, and what the member reads.
type answered struct {
	*bottest.Desk
	id state.SubmissionID
}

func answer(t *testing.T, as state.SubmissionState, reason state.Reason) answered {
	t.Helper()
	d := answered{Desk: bottest.NewDesk(t)}
	d.Ready()
	d.Member(100, "ru")
	d.Do(func(turn *chat.Turn) (err error) {
		d.id, _, err = turn.Tx.AddSubmission(state.Submission{
			Kind: state.Answer, Chat: 100, User: 100, Message: 1, Ticket: 7, Text: "Ау", State: as, Reason: reason, Created: d.Now,
		})
		return err
	})
	return d
}

// presses presses a button under the receipt.
func (d answered) presses(action string) {
	d.T.Helper()
	d.Last++
	d.Decides(100, telegram.Update{Callback: &telegram.Callback{
		ID: fmt.Sprint("press", d.Last), From: telegram.User{ID: 100}, Data: fmt.Sprintf("%s:%d", action, d.id),
		Message: &telegram.Message{ID: 2, Chat: telegram.Chat{ID: 100, Type: "private"}},
	}})
}

// is returns the state and the reason of the answer.
func (d answered) is() (is string) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		sub, err := turn.Tx.Submission(d.id)
		is = strings.TrimSpace(fmt.Sprint(sub.State, " ", sub.Reason))
		return err
	})
	return is
}

// Each outcome of a request is a state of its own, and the author reads why and what they
// can do.
func TestOutcomes(t *testing.T) {
	failed := func(reason state.Reason) func(*chat.Turn, state.SubmissionID) error {
		return func(turn *chat.Turn, id state.SubmissionID) error { return submission.Failed(turn, id, reason) }
	}
	refused := func(reason state.Reason) func(*chat.Turn, state.SubmissionID) error {
		return func(turn *chat.Turn, id state.SubmissionID) error {
			return submission.Refused(turn, id, reason, "Слишком коротко.")
		}
	}
	for _, c := range []struct {
		is      string
		outcome func(*chat.Turn, state.SubmissionID) error
		reads   string
		// decides: the author is asked, and may cancel it or send it again. A waiting answer they
		// may cancel without being asked.
		decides bool
	}{
		{"queued", submission.Requeued, "", false},
		{"waiting", submission.Waiting, "уйдёт само", false},
		{"unknown", submission.Unknown, "Проверяю", false},
		{"doubtful", submission.Doubtful, "не подтвердил ответ в №7", true},
		{"parked gave_up", submission.Parked, "не отправлен.\nПлюсофон не отвечал целые сутки", true},
		{"refused refused", refused(state.ReasonRefused), "не отправлен.\nПлюсофон отказал: Слишком коротко. Измените", true},
		{"refused not_found", refused(state.ReasonNotFound), "не отправлен.\nОбращения №7 в Плюсофоне нет", true},
		{"refused no_access", refused(state.ReasonNoAccess), "не отправлен.\nПлюсофон не разрешил", true},
		{"failed fails", failed(state.ReasonFails), "не отправлен.\nПлюсофон каждый раз отвечает ошибкой", true},
		{"failed no_opening", failed(state.ReasonNoOpening), "не отправлен.\nОбращение, к которому оно относится, больше не отправляется", true},
	} {
		t.Run(c.is, func(t *testing.T) {
			d := answer(t, state.SubmissionSending, "")
			d.Do(func(turn *chat.Turn) error { return c.outcome(turn, d.id) })
			if got := d.is(); got != c.is {
				t.Errorf("it is %q", got)
			}
			d.Want(d.Said(100), c.reads)
			d.Do(func(turn *chat.Turn) error {
				n, err := turn.Tx.Unsent(0)
				if (n.Undecided == 1) != c.decides {
					t.Errorf("%d wait for a decision, want %v", n.Undecided, c.decides)
				}
				return err
			})
			d.presses("cancel")
			if got, want := d.is(), chat.Either(c.is == "unknown", c.is, "cancelled"); got != want {
				t.Errorf("given up it is %q, want %q", got, want)
			}

			d = answer(t, state.SubmissionSending, "")
			d.Do(func(turn *chat.Turn) error { return c.outcome(turn, d.id) })
			d.presses("retry")
			if got, want := d.is(), chat.Either(c.decides, "queued", c.is); got != want {
				t.Errorf("repeated it is %q, want %q", got, want)
			}
		})
	}
}

// A person who knows that Plusofon does not accept an answer is not told that it was just
// queued.
func TestWaitingIsToldOnce(t *testing.T) {
	d := answer(t, state.SubmissionWaiting, "")
	for _, again := range []func(*chat.Turn, state.SubmissionID) error{submission.Requeued, submission.Waiting} {
		d.Do(func(turn *chat.Turn) error { return again(turn, d.id) })
		if got := d.is(); got != "waiting" {
			t.Errorf("it is %q", got)
		}
		d.Want(d.Said(100), "")
	}
	d.Do(func(turn *chat.Turn) error {
		_, wanted, err := submission.Sending(turn, d.id)
		if !wanted {
			t.Error("it is not sent any more")
		}
		return err
	})
	if got := d.is(); got != "sending" {
		t.Errorf("under way it is %q", got)
	}
}

// An answer held for a colleague stays among colleagues once it is cancelled: a reply to it
// does not go to the ticket.
func TestHeldForAColleague(t *testing.T) {
	for _, reason := range []state.Reason{state.ReasonMention, state.ReasonReply} {
		for action, want := range map[string]string{"cancel": "cancelled " + string(reason), "retry": "queued"} {
			t.Run(fmt.Sprint(reason, " ", action), func(t *testing.T) {
				d := answer(t, state.SubmissionHeld, reason)
				leads := func() (ok bool) {
					d.Do(func(turn *chat.Turn) error {
						sub, err := turn.Tx.Submission(d.id)
						_, ok = submission.TargetOf(sub)
						return err
					})
					return ok
				}
				if leads() {
					t.Error("it leads to the ticket")
				}
				d.presses(action)
				if got := d.is(); got != want {
					t.Errorf("it is %q, want %q", got, want)
				}
				if leads() != (action == "retry") {
					t.Errorf("it leads to the ticket: %v", leads())
				}
			})
		}
	}
}

// The request of a parked answer is sent again once, by its author or because Plusofon is
// back, and not at all once it is cancelled.
func TestParkedGoesOnce(t *testing.T) {
	for name, c := range map[string]struct {
		does func(d answered)
		want string // the requests
		is   string
	}{
		"nobody":   {func(answered) {}, "parked", "parked gave_up"},
		"repeated": {func(d answered) { d.presses("retry") }, "cancelled queued", "queued"},
		"given up": {func(d answered) { d.presses("cancel") }, "cancelled", "cancelled"},
		"given up by a lost access": {func(d answered) {
			d.Do(func(turn *chat.Turn) error { return submission.WithdrawOf(turn, 100) })
		}, "cancelled", "cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			d := answer(t, state.SubmissionSending, "")
			d.Do(func(turn *chat.Turn) error {
				if err := turn.EnqueueSubmission(chat.TicketLane(7), chat.KindAnswer, chat.SubmissionRow{Submission: d.id}, false); err != nil {
					return err
				}
				row, err := turn.Tx.LaneHead(state.Plusofon, chat.TicketLane(7))
				return errors.Join(err, turn.Tx.Park(row, turn.Now, "500"), submission.Parked(turn, d.id))
			})
			c.does(d)
			var requests []string
			d.Do(func(turn *chat.Turn) error {
				for id := state.RowID(1); ; id++ {
					row, err := turn.Tx.Row(id)
					if err != nil {
						return chat.IgnoreAbsent(err)
					}
					if row.Side == state.Plusofon {
						requests = append(requests, string(row.State))
					}
				}
			})
			if got := strings.Join(requests, " "); got != c.want {
				t.Errorf("its requests are %s, want %s", got, c.want)
			}
			if got := d.is(); got != c.is {
				t.Errorf("it is %q, want %q", got, c.is)
			}
		})
	}
}

// An answer that is cancelled at the moment of its turn is not sent, and blocks nothing.
func TestSendingWhatWasTakenBack(t *testing.T) {
	d := answer(t, state.SubmissionQueued, "")
	d.Do(func(turn *chat.Turn) error {
		if err := turn.Tx.Unsubmit(d.id); err != nil {
			return err
		}
		_, sends, err := submission.Sending(turn, d.id)
		if sends {
			t.Error("it is sent")
		}
		return err
	})
}
