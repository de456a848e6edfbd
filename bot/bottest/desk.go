package bottest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// Desk tests decisions alone, over a real store: no loops, no network, and a clock that is
// moved by the test.
type Desk struct {
	T            testing.TB
	Conversation *conversation.Conversation
	Config       chat.Config
	Store        *state.Store
	Now          time.Time
	Last         telegram.MessageID // id of the last message written by a person
	Reads        state.ReadNumber   // number of the last read
}

// NewDesk returns a bot that speaks Russian and knows no people, on a Sunday at ten.
func NewDesk(t testing.TB) *Desk {
	t.Helper()
	store, err := statetest.OpenHurried(filepath.Join(t.TempDir(), "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // nothing is lost
	d := &Desk{
		T: t, Conversation: &conversation.Conversation{}, Config: chat.Config{Language: "ru", Signing: chat.SignNever, Location: time.UTC, Version: "1.2.3"},
		Store: store, Now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC),
	}
	Bounded(t, store)
	return d
}

// The limits per transaction: long transactions block everyone else, so large work is done in
// portions.
const (
	mostStatements = 700
	// mostRows leaves room for the largest transaction seen: 11 messages for a draft that is
	// nearly full. Each reads the draft twice, 100 messages at most, which makes 2,200 rows;
	// what else their 300 statements read is some 200.
	mostRows = 3000
)

// Bounded fails the test if one of a store's transactions exceeds a limit.
func Bounded(t Tester, s *state.Store) {
	s.OnWork(func(w state.Work) {
		if w.Statements > mostStatements {
			t.Errorf("a transaction makes %d statements, more than %d hold everybody up", w.Statements, mostStatements)
		}
		if w.Rows > mostRows {
			t.Errorf("a transaction reads or changes %d rows, more than %d hold everybody up", w.Rows, mostRows)
		}
	})
}

// Do makes one decision.
func (d *Desk) Do(f func(*chat.Turn) error) {
	d.T.Helper()
	err := d.Store.Update(func(tx *state.Tx) error {
		turn, err := d.Config.NewTurn(tx, d.Now)
		if err != nil {
			return err
		}
		return f(turn)
	})
	if err != nil {
		d.T.Fatal(err)
	}
}

// Ready starts the bot with the given owners, and returns the payload of the claim link.
func (d *Desk) Ready(owners ...state.UserID) (token string) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		if err := conversation.SetOwners(turn, owners); err != nil {
			return err
		}
		link, err := access.Ready(turn, telegram.Me{Username: "plusofon_bot"})
		_, token, _ = strings.Cut(link, "?start=")
		return err
	})
	return token
}

// Member makes a person a member.
func (d *Desk) Member(id state.UserID, language string) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SavePerson(state.Person{ID: id, Name: fmt.Sprint("Член ", id), Language: language, Role: state.Member})
	})
}

// Says has a person write to the bot, and returns its replies.
func (d *Desk) Says(user telegram.UserID, text string) []string {
	d.T.Helper()
	d.Last++
	u := telegram.Update{Message: &telegram.Message{
		ID: d.Last, Chat: telegram.Chat{ID: telegram.ChatID(user), Type: "private"},
		From: &telegram.User{ID: user, FirstName: "Кто-то"}, Kind: telegram.KindText, Text: text,
	}}
	return d.Decides(user, u)
}

// Decides passes the bot an update, which it may ignore, and returns what it says in the
// user's chat.
func (d *Desk) Decides(user telegram.UserID, u telegram.Update) []string {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		concerns, _, err := d.Conversation.Concerns(turn, u)
		if err != nil {
			return err
		}
		if !concerns {
			return d.Conversation.PassOver(turn, u)
		}
		return d.Conversation.Decide(turn, []telegram.Update{u})
	})
	return d.Said(user)
}

// Concerns reports whether an update concerns the bot.
func (d *Desk) Concerns(u telegram.Update) (concerns bool) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) (err error) {
		concerns, _, err = d.Conversation.Concerns(turn, u)
		return err
	})
	return concerns
}

// Absorb stores a ticket completely, in one transaction.
func Absorb(t *chat.Turn, read ticket.Read, c ticket.Changed) error {
	for {
		if all, err := ticket.Absorb(t, read, c); err != nil || all {
			return err
		}
	}
}

// Announces distributes all pending news.
func (d *Desk) Announces() {
	d.T.Helper()
	for all := false; !all; {
		d.Do(func(turn *chat.Turn) (err error) {
			all, err = ticket.TellNext(turn)
			return err
		})
	}
}

// Said distributes pending news, then empties a chat's outbox and returns the texts.
func (d *Desk) Said(user telegram.UserID) (texts []string) {
	d.T.Helper()
	d.Announces()
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
			if _, r, err = ticket.Join(turn, row, r); err != nil {
				return err
			}
			var params struct{ Text string }
			if err := json.Unmarshal(r.Call.Params, &params); err != nil {
				return err
			}
			if params.Text != "" {
				texts = append(texts, params.Text)
			}
			if err := turn.Tx.Finish(row.ID, state.Done, d.Now, ""); err != nil {
				return err
			}
		}
	})
	return texts
}

// Want checks that exactly one message was said and contains text; with "", that none was.
func (d *Desk) Want(said []string, text string) {
	d.T.Helper()
	if text == "" && len(said) == 0 {
		return
	}
	if text == "" || len(said) != 1 || !strings.Contains(said[0], text) {
		d.T.Errorf("the bot says %q, want %q", said, text)
	}
}

// Presses has a person press a button of a message in a chat, and reports whether that
// concerns the bot.
func (d *Desk) Presses(user telegram.UserID, in telegram.ChatID, data string) (concerns bool) {
	d.T.Helper()
	d.Last++
	kind := "private"
	if in.IsGroup() {
		kind = "supergroup"
	}
	return d.Concerns(telegram.Update{Callback: &telegram.Callback{
		ID: fmt.Sprint(d.Last), From: telegram.User{ID: user, FirstName: "Кто-то"}, Data: data,
		Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: in, Type: kind}},
	}})
}

// Chooses has a person press an option of /settings.
func (d *Desk) Chooses(user telegram.UserID, which, n int) {
	d.T.Helper()
	d.Last++
	d.Decides(user, telegram.Update{Callback: &telegram.Callback{
		ID: fmt.Sprint("press", d.Last), From: telegram.User{ID: user}, Data: fmt.Sprintf("settings:%d:%d", which, n),
		Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: telegram.ChatID(user), Type: "private"}},
	}})
}

// Office is a group.
const Office = -1007

// Joins adds the bot to the group.
func (d *Desk) Joins(kind string, by telegram.UserID) []string {
	d.T.Helper()
	return d.Decides(Office, telegram.Update{Member: &telegram.MemberChange{
		Chat: telegram.Chat{ID: Office, Type: kind, Title: "Офис"}, From: telegram.User{ID: by, FirstName: "Кто-то"}, Date: d.Now,
		New: "member", Present: true,
	}})
}

// InGroup has a person write in the group.
func (d *Desk) InGroup(by telegram.UserID, text string) []string {
	d.T.Helper()
	d.Last++
	return d.Decides(Office, telegram.Update{Message: &telegram.Message{
		ID: d.Last, Chat: telegram.Chat{ID: Office, Type: "supergroup", Title: "Офис"},
		From: &telegram.User{ID: by, FirstName: "Кто-то"}, Kind: telegram.KindText, Text: text,
	}})
}

// Left returns the calls queued in the lane for leaving the group.
func (d *Desk) Left() (methods []string) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		rows, err := turn.Tx.Waiting(state.Telegram, chat.LeaveLane(Office))
		for _, row := range rows {
			r, err := chat.Decode[chat.TelegramRow](row)
			if err != nil {
				return err
			}
			methods = append(methods, r.Call.Method)
		}
		return err
	})
	return methods
}

// Poll gives the bot a list and, if it asks for them, the tickets as in read. It returns
// the numbers of those read.
func (d *Desk) Poll(open bool, read plusofon.Ticket, list ...plusofon.ListedTicket) (ids []state.TicketID) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		d.Reads++
		number := d.Reads
		changed, err := ticket.Listed(turn, list, open, number)
		if err != nil {
			return err
		}
		if compared, err := ticket.ListEnds(turn, open); err != nil {
			return err
		} else if open && compared {
			isListed := func(id state.TicketID) bool {
				return slices.ContainsFunc(list, func(e plusofon.ListedTicket) bool { return state.TicketID(e.ID) == id })
			}
			left, _, err := ticket.Left(turn, 0, isListed, false, number)
			if err != nil {
				return err
			}
			changed = append(changed, left...)
		}
		slices.SortFunc(changed, func(a, b ticket.Changed) int { return cmp.Compare(b.ID, a.ID) })
		for _, c := range changed {
			ids = append(ids, c.ID)
			read.ID = plusofon.TicketID(c.ID)
			d.Reads++
			if err := Absorb(turn, ticket.Read{Ticket: read, Number: d.Reads}, c); err != nil {
				return err
			}
		}
		return nil
	})
	return ids
}
