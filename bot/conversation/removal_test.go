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
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

const (
	owner, boris, vera, eve = 1, 2, 3, 666
	warehouse               = -2000
)

// company is an owner, two members and the office's group, added by Boris, with a ticket
// that only Boris follows.
func company(t *testing.T) *bottest.Desk {
	t.Helper()
	d := bottest.NewDesk(t)
	d.Ready(owner)
	d.Member(boris, "ru")
	d.Member(vera, "ru")
	d.Joins("supergroup", boris)
	d.Do(func(turn *chat.Turn) error {
		return errors.Join(turn.Tx.SaveTicket(state.Ticket{ID: 7, Subject: "Касса", Open: true, Fetched: d.Now}), turn.Tx.Bind(boris, 7, d.Now),
			turn.Tx.MapMessage(boris, 70, 7, true), turn.Tx.MapMessage(bottest.Office, 71, 7, true))
	})
	return d
}

// removes has the owner revoke someone's access, with the last button pressed.
func removes(d *bottest.Desk, user state.UserID, button string) (toast string) {
	d.T.Helper()
	d.Screens(owner)
	d.Press(owner, owner, fmt.Sprintf("remove:%d", user))
	asks := d.Screens(owner)
	_, toast = d.Clicks(owner, asks[len(asks)-1], button)
	return toast
}

// replies has someone reply to a message in a chat, and returns what the bot says there.
func replies(d *bottest.Desk, user telegram.UserID, in telegram.ChatID, to telegram.MessageID, text string) []string {
	d.T.Helper()
	d.Last++
	kind := "private"
	if in.IsGroup() {
		kind = "supergroup"
	}
	u := telegram.Update{Message: &telegram.Message{
		ID: d.Last, Chat: telegram.Chat{ID: in, Type: kind, Title: "Офис"}, From: &telegram.User{ID: user, FirstName: "Кто-то"},
		Kind: telegram.KindText, Text: text, ReplyTo: &telegram.Message{ID: to, Chat: telegram.Chat{ID: in, Type: kind}},
	}}
	d.Do(func(turn *chat.Turn) error {
		concerns, _, err := d.Conversation.Concerns(turn, u)
		if err != nil || !concerns {
			return err
		}
		return d.Conversation.Decide(turn, []telegram.Update{u})
	})
	return d.Said(telegram.UserID(in))
}

// goesOut lists the rows queued for Plusofon, and the texts of those that are sent.
func goesOut(d *bottest.Desk) (words []string) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		rows, err := turn.Tx.QueuedRows(state.Plusofon)
		for _, row := range rows {
			payload, failure := chat.Decode[chat.SubmissionRow](row)
			sub, failed := turn.Tx.Submission(payload.Submission)
			err = errors.Join(err, failure, failed)
			words = append(words, row.Kind+" "+sub.Text)
		}
		return err
	})
	slices.Sort(words)
	return words
}

// A removed person is refused in private, in the group that they added and in any other,
// whatever they say or press; a colleague of theirs is not.
func TestRemovedPersonIsRefusedEverywhere(t *testing.T) {
	d := company(t)
	if toast := removes(d, boris, "Оставить группы"); toast != "Член 2: доступ закрыт." {
		t.Errorf("the removal is answered with %q", toast)
	}
	d.Now = d.Now.Add(time.Minute)
	d.Want(d.Says(boris, "/new Тема\nТекст"), "Этот бот закрыт")
	d.Want(d.Says(boris, "/tickets"), "")
	d.Want(replies(d, boris, bottest.Office, 71, "ответ"), "Ваш доступ к боту закрыт, поэтому ничего не отправлено.")
	d.Want(replies(d, boris, bottest.Office, 71, "ещё"), "")
	d.Want(d.InGroup(boris, "/new Тема\nТекст"), "")
	d.Want(d.InGroup(boris, "/tickets"), "")
	for _, in := range []telegram.ChatID{boris, bottest.Office} {
		for _, data := range []string{"history:7", "answer:7", "tickets:0", "users:0"} {
			if toast, _ := d.Press(boris, in, data); toast != "Доступа нет. Попросите владельца бота о приглашении." {
				t.Errorf("a press of %s in %d is answered with %q", data, in, toast)
			}
		}
	}
	d.Do(func(turn *chat.Turn) error {
		p, err := turn.Tx.Person(boris)
		if bound, failure := turn.Tx.BindingsOf(7); failure != nil || len(bound) > 0 {
			t.Errorf("bound: %v, %v", bound, failure)
		}
		if p.Name != "Член 2" {
			t.Errorf("what is known of them has changed: %+v", p)
		}
		return err
	})
	if waits := goesOut(d); len(waits) > 0 {
		t.Errorf("it goes out: %q", waits)
	}
	// The group itself stays authorized.
	replies(d, vera, bottest.Office, 71, "ответ Веры")
	if waits := goesOut(d); len(waits) != 1 || waits[0] != "answer ответ Веры" {
		t.Errorf("of a colleague goes out: %q", waits)
	}
	// An hour later they are told again.
	d.Now = d.Now.Add(time.Hour)
	d.Want(replies(d, boris, bottest.Office, 71, "а теперь"), "Ваш доступ к боту закрыт")
}

// After being let in again, by a later link, they are as before; an earlier link does not work.
func TestRemovedPersonComesBackByANewWordAlone(t *testing.T) {
	d := company(t)
	_, early, _ := strings.Cut(d.Says(owner, "/invite")[0], "?start=")
	d.Now = d.Now.Add(time.Second)
	removes(d, boris, "Оставить группы")
	d.Want(d.Says(boris, "/start "+early), "Этот бот закрыт")
	d.Now = d.Now.Add(time.Second)
	_, later, _ := strings.Cut(d.Says(owner, "/invite")[0], "?start=")
	d.Want(d.Says(boris, "/start "+later), "Доступ открыт")
	replies(d, boris, bottest.Office, 71, "снова")
	if waits := goesOut(d); len(waits) != 1 {
		t.Errorf("it goes out: %q", waits)
	}
}

// Everything that a removed person has not sent is withdrawn, in every chat: what is
// queued, has failed, or waits for a ticket, files, drafts. What is in flight continues,
// but is not repeated.
func TestRemovalWithdrawsWhatWaits(t *testing.T) {
	d := company(t)
	submit := func(user state.UserID, in state.ChatID, text string, st state.SubmissionState) (id state.SubmissionID) {
		d.Last++
		d.Do(func(turn *chat.Turn) error {
			p, err := turn.Tx.Person(user)
			if err != nil {
				return err
			}
			s, err := turn.Speaker(p, chat.InChat(in))
			if err != nil {
				return err
			}
			sub := state.Submission{Kind: state.Answer, Chat: in, Message: state.MessageID(d.Last), User: user, Ticket: 7, Text: text}
			if err := submission.Submit(turn, s, sub, []state.File{{FileID: "f", Name: "а.txt", State: state.FileQueued}}); err != nil {
				return err
			}
			stored, err := turn.Tx.SubmissionOf(in, sub.Message)
			if err != nil || st == state.SubmissionQueued {
				id = stored.ID
				return err
			}
			id, stored.State = stored.ID, st
			return turn.Tx.SaveSubmission(stored)
		})
		return id
	}
	inPrivate := submit(boris, boris, "личное", state.SubmissionQueued)
	inGroup := submit(boris, bottest.Office, "в группе", state.SubmissionQueued)
	underWay := submit(boris, boris, "в пути", state.SubmissionSending)
	delivered := submit(boris, bottest.Office, "дошло", state.SubmissionDelivered)
	d.Do(func(turn *chat.Turn) error {
		return turn.EnqueueSubmission(chat.FilesLane(delivered), chat.KindAttach, chat.SubmissionRow{Submission: delivered}, false)
	})
	others := submit(vera, bottest.Office, "чужое", state.SubmissionQueued)
	d.Says(boris, "начало черновика")
	removes(d, boris, "Оставить группы")

	state := func(id state.SubmissionID) (s state.SubmissionState) {
		d.Do(func(turn *chat.Turn) error {
			sub, err := turn.Tx.Submission(id)
			s = sub.State
			return err
		})
		return s
	}
	for what, c := range map[string][2]any{
		"in private": {state(inPrivate), "cancelled"}, "in the group": {state(inGroup), "cancelled"}, "under way": {state(underWay), "sending"},
		"delivered": {state(delivered), "delivered"}, "a colleague's": {state(others), "queued"},
	} {
		if fmt.Sprint(c[0]) != c[1] {
			t.Errorf("what waits %s is %v, want %v", what, c[0], c[1])
		}
	}
	// The rows of what is in flight and of what has arrived represent their requests.
	if waits := goesOut(d); !slices.Equal(waits, []string{"answer в пути", "answer дошло", "answer чужое"}) {
		t.Errorf("it goes out: %q", waits)
	}
	d.Do(func(turn *chat.Turn) error {
		drafts, err := turn.Tx.DraftsOf(boris)
		files, failure := turn.Tx.Files(delivered)
		if len(drafts)+len(files) > 0 {
			t.Errorf("drafts: %v, files: %v", drafts, files)
		}
		return errors.Join(err, failure)
	})
	// Its outcome is unknown, and it is to be repeated.
	d.Do(func(turn *chat.Turn) error {
		if err := submission.Requeued(turn, underWay); err != nil {
			return err
		}
		if _, sends, err := submission.Sending(turn, underWay); err != nil || sends {
			t.Errorf("it is sent again: %v, %v", sends, err)
		}
		return nil
	})
	if s := state(underWay); s != "cancelled" {
		t.Errorf("what was under way is %s", s)
	}
}

// Before confirming, the owner reads the consequences; the tickets can be taken over, and
// the groups closed.
func TestRemovalNamesWhatHangsOnIt(t *testing.T) {
	d := company(t)
	d.Do(func(turn *chat.Turn) error {
		err := turn.Tx.SeeChat(warehouse, "supergroup", "Склад")
		for id := state.TicketID(10); id < 25; id++ {
			err = errors.Join(err, turn.Tx.SaveTicket(state.Ticket{ID: id, Subject: "Тема", Open: true}), turn.Tx.Bind(boris, id, d.Now))
		}
		return errors.Join(err, turn.Tx.SaveGroup(state.Group{Chat: warehouse, AddedBy: boris, Since: d.Now, Present: true}),
			turn.Tx.SaveTicket(state.Ticket{ID: 8, Subject: "Принтер", Open: true}), turn.Tx.Bind(warehouse, 8, d.Now))
	})
	list := d.Opens(owner, "/users")
	for _, line := range []string{"Доступ есть у 3 человек", "• Офис, кто добавил: Член 2", "• Склад, кто добавил: Член 2"} {
		if !strings.Contains(list.Text, line) {
			t.Errorf("no %q in %q", line, list.Text)
		}
	}
	card, _ := d.Clicks(owner, list, "Член 2")
	if !strings.Contains(card.Text, "Добавленные группы: Склад, Офис") {
		t.Errorf("the card says %q", card.Text)
	}
	asks, _ := d.Clicks(owner, card, "Закрыть доступ")
	for _, words := range []string{"Закрыть доступ: Член 2?", "Группы, добавленные этим человеком: Склад, Офис", "никто не слышит:\n№24 · Тема\n№23 · Тема", "и ещё 7 обращений"} {
		if !strings.Contains(asks.Text, words) {
			t.Errorf("it asks %q, without %q", asks.Text, words)
		}
	}
	if asks.Button("Оставить группы") == "" || asks.Button("Закрыть и группы") == "" || asks.Button("Закрыть доступ") != "" {
		t.Errorf("the buttons are %v", asks.Buttons)
	}
	asks, toast := d.Clicks(owner, asks, "Получать новости")
	if strings.Contains(asks.Text, "никто не слышит") || toast == "" {
		t.Errorf("taken over, it asks %q, and answers %q", asks.Text, toast)
	}
	d.Clicks(owner, asks, "Закрыть и группы")
	d.Do(func(turn *chat.Turn) error {
		groups, err := turn.Tx.CountGroups()
		if bound, failure := turn.Tx.BindingsOf(17); failure != nil || len(bound) != 1 || bound[0].Chat != owner {
			t.Errorf("the news of a ticket go to %v, %v", bound, failure)
		}
		if groups != 0 {
			t.Errorf("%d groups are left", groups)
		}
		return err
	})
	if left := d.Left(); !slices.Equal(left, []string{"leaveChat"}) {
		t.Errorf("the office is left by %q", left)
	}
}

// Owners read which tickets have no followers left, also when a group is closed, and can
// follow them.
func TestOwnersReadOfOrphans(t *testing.T) {
	d := company(t)
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SavePerson(state.Person{ID: vera, Role: state.Owner, Language: "ru"})
	})
	removes(d, boris, "Закрыть и группы")
	said := d.Screens(vera)
	if len(said) != 1 || !strings.Contains(said[0].Text, "Об этих обращениях теперь никто не слышит:\n№7 · Касса") {
		t.Fatalf("the other owner reads %+v", said)
	}
	if _, toast := d.Clicks(vera, said[0], "Получать новости №7"); toast != "Новости обращения №7 будут приходить сюда." {
		t.Errorf("the press is answered with %q", toast)
	}
	d.Do(func(turn *chat.Turn) error {
		if b, err := turn.Tx.Binding(vera, 7); err != nil {
			t.Errorf("bound: %v, %v", b, err)
		}
		return nil
	})
	if toast, _ := d.Press(vera, vera, "follow:404"); toast != "Эта кнопка больше не действует." {
		t.Errorf("an unknown ticket is answered with %q", toast)
	}
}

// A person no longer in ADMIN_IDS has lost all of it as well.
func TestRetiredOwner(t *testing.T) {
	d := company(t)
	d.Ready(owner, boris)
	d.Says(boris, "/invite")
	d.Ready(owner)
	said := strings.Join(d.Said(owner), "\n")
	if !strings.Contains(said, "теперь никто не слышит:\n№7") {
		t.Errorf("the owner reads %q", said)
	}
	d.Want(replies(d, boris, bottest.Office, 71, "ответ"), "Ваш доступ к боту закрыт")
	d.Do(func(turn *chat.Turn) error {
		if n, err := turn.Tx.CountInvites(d.Now); err != nil || n > 0 {
			t.Errorf("%d of their invitations are open, %v", n, err)
		}
		return nil
	})
	// Named again, they are back.
	d.Ready(owner, boris)
	replies(d, boris, bottest.Office, 71, "снова")
	if waits := goesOut(d); len(waits) != 1 {
		t.Errorf("it goes out: %q", waits)
	}
}

// A group that the bot is out of is not authorized: its old buttons and messages have no
// effect, and being added again by someone without rights gives it nothing, until the bot
// has left. A member gives it all back.
func TestGroupThatTheBotIsOutOf(t *testing.T) {
	d := company(t)
	gone := telegram.Update{Member: &telegram.MemberChange{
		Chat: telegram.Chat{ID: bottest.Office, Type: "supergroup", Title: "Офис"}, From: telegram.User{ID: eve}, Date: d.Now, New: "kicked",
	}}
	d.Decides(bottest.Office, gone)
	refused := func(when string) {
		t.Helper()
		for _, by := range []telegram.UserID{eve, boris} {
			replies(d, by, bottest.Office, 71, "ответ")
			d.InGroup(by, "/new Тема\nТекст")
			d.Press(by, bottest.Office, "answer:7")
			d.Press(by, bottest.Office, "remindsend:7")
		}
		if waits := goesOut(d); len(waits) > 0 {
			t.Errorf("%s it goes out: %q", when, waits)
		}
	}
	refused("while the bot is out")
	d.Joins("supergroup", eve)
	if left := strings.Join(d.Left(), " "); left != "sendMessage leaveChat" {
		t.Errorf("added by a stranger, it leaves by %q", left)
	}
	refused("until it has left again")
	d.Joins("supergroup", vera)
	replies(d, eve, bottest.Office, 71, "ответ")
	if waits := goesOut(d); len(waits) != 1 {
		t.Errorf("added by a member, it goes out: %q", waits)
	}
	list := d.Opens(owner, "/users")
	if !strings.Contains(list.Text, "• Офис, кто добавил: Член 3") {
		t.Errorf("the list says %q", list.Text)
	}
}

// What was written before the bot was removed is still sent: it was promised.
func TestAnswersOfAGroupThatIsOutGo(t *testing.T) {
	d := company(t)
	replies(d, vera, bottest.Office, 71, "ответ")
	d.Do(func(turn *chat.Turn) error {
		g, err := turn.Tx.Group(bottest.Office)
		g.Present = false
		sub, failure := turn.Tx.SubmissionOf(bottest.Office, state.MessageID(d.Last))
		if err := errors.Join(err, failure, turn.Tx.SaveGroup(g)); err != nil {
			return err
		}
		if _, sends, err := submission.Sending(turn, sub.ID); err != nil || !sends {
			t.Errorf("sent: %v, %v", sends, err)
		}
		return nil
	})
}

// An opening that is in flight when its author is removed is followed by the owners: nobody else
// would hear of the ticket.
func TestOpeningInFlightAtRemoval(t *testing.T) {
	d := company(t)
	d.Says(boris, "/new Весы\nВрут")
	var id state.SubmissionID
	d.Do(func(turn *chat.Turn) error {
		sub, err := turn.Tx.SubmissionOf(boris, state.MessageID(d.Last))
		if err != nil {
			return err
		}
		_, sends, err := submission.Sending(turn, sub.ID)
		if id = sub.ID; !sends {
			t.Error("it is not sent")
		}
		return err
	})
	removes(d, boris, "Оставить группы")
	d.Said(owner)
	d.Do(func(turn *chat.Turn) error {
		_, err := ticket.Delivered(turn, id, ticket.Read{Number: 5, Ticket: plusofon.Ticket{ID: 9, Subject: "Весы", Open: true, Posts: []plusofon.Post{{ID: 90, Text: "Врут"}}}})
		return err
	})
	if said := d.Said(owner); len(said) != 1 || !strings.Contains(said[0], "№9") {
		t.Errorf("nobody hears of №9, and the owner is told %q", said)
	}
}
