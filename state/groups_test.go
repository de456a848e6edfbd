package state

import (
	"errors"
	"testing"
)

func TestGroups(t *testing.T) {
	s := open(t)
	group := func() (g Group, err error) {
		err = s.Update(func(tx *Tx) (err error) { g, err = tx.Group(-7); return err })
		return g, err
	}
	if _, err := group(); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown group: %v", err)
	}
	g := Group{Chat: -7, AddedBy: 1, Since: at(1), Present: true, Admin: true, ManagesTopics: true, Pins: true, Forum: true}
	do(t, s,
		func(tx *Tx) error { return tx.SeeChat(-7, "supergroup", "Офис") },
		func(tx *Tx) error { return tx.SaveGroup(g) })
	g.Title = "Офис"
	got, err := group()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "group", got, g)
	g.Present, g.Admin = false, false
	do(t, s, func(tx *Tx) error { return tx.SaveGroup(g) }, func(tx *Tx) error { return tx.SaveGroup(Group{Chat: -9, Since: at(2)}) })
	equal(t, "groups", get(t, s, func(tx *Tx) ([]Group, error) { return tx.Groups(10, 0) }), []Group{g, {Chat: -9, Since: at(2)}})
	drop := func(tx *Tx) (bool, error) { return tx.DropGroup(-7) }
	equal(t, "dropped", get(t, s, drop), true)
	equal(t, "dropped again", get(t, s, drop), false)

	once := func(tx *Tx) (bool, error) { return tx.TellOnce(-7, "privacy") }
	equal(t, "told first", get(t, s, once), true)
	equal(t, "told again", get(t, s, once), false)
	do(t, s, func(tx *Tx) error { return tx.TellAgain(-7, "privacy") })
	equal(t, "to be told again", get(t, s, once), true)
}

// What is known of a group is moved; its message ids are not, because the supergroup has
// its own.
func TestMoveChat(t *testing.T) {
	s := open(t)
	set := Settings{Chat: -1, News: NewsAll, Layout: Topics, TopicAnswers: true}
	do(t, s,
		func(tx *Tx) error { return tx.SeeChat(-1, "group", "Офис") },
		func(tx *Tx) error { return tx.RefuseReactions(-1, start) },
		func(tx *Tx) error { return tx.SaveGroup(Group{Chat: -1, AddedBy: 5, Since: at(1), Present: true}) },
		func(tx *Tx) error { return tx.SaveSettings(set) },
		func(tx *Tx) error { return tx.SaveTicket(Ticket{ID: 7, Subject: "Касса", Open: true}) },
		func(tx *Tx) error { return tx.Bind(-1, 7, at(1)) },
		func(tx *Tx) error { return tx.SetMuted(-1, 7, true) },
		func(tx *Tx) error { return tx.AddNight(-1, 7, at(2)) },
		func(tx *Tx) error { return tx.MapMessage(-1, 50, 7, true) })
	move := func(tx *Tx) (bool, error) { return tx.MoveChat(-1, -2) }
	equal(t, "moved", get(t, s, move), true)
	equal(t, "moved again", get(t, s, move), false)
	equal(t, "where it is", get(t, s, func(tx *Tx) (Chat, error) { return tx.Chat(-1) }).MovedTo, ChatID(-2))
	equal(t, "the new chat", get(t, s, func(tx *Tx) (Chat, error) { return tx.Chat(-2) }), Chat{ID: -2, Kind: "supergroup", Title: "Офис"})
	equal(t, "the group", get(t, s, func(tx *Tx) (Group, error) { return tx.Group(-2) }),
		Group{Chat: -2, AddedBy: 5, Since: at(1), Present: true, Title: "Офис"})
	equal(t, "the bindings", get(t, s, func(tx *Tx) ([]Binding, error) { return tx.BindingsOf(7) }), []Binding{{Chat: -2, Ticket: 7, Muted: true}})
	equal(t, "the quiet hours", get(t, s, func(tx *Tx) ([]Night, error) { return tx.TakeNight(-2) }), []Night{{Ticket: 7, Answers: 1}})
	set.Chat = -2
	equal(t, "the settings", get(t, s, func(tx *Tx) (Settings, error) { return tx.Settings(-2) }), set)
	absent(t, s, func(tx *Tx) (Group, error) { return tx.Group(-1) })
	absent(t, s, func(tx *Tx) (TicketID, error) { return tx.MessageTicket(-2, 50) })
}

// What Telegram told of the bot in the supergroup before the move is kept, and so is who added the
// bot to the group. If the bot was told that it left the group, it is in the supergroup.
func TestMoveChatToAKnownGroup(t *testing.T) {
	s := open(t)
	do(t, s,
		func(tx *Tx) error { return tx.SeeChat(-1, "group", "Офис") },
		func(tx *Tx) error { return tx.SeeChat(-2, "supergroup", "Офис") },
		func(tx *Tx) error { return tx.SaveGroup(Group{Chat: -1, AddedBy: 5, Since: at(1)}) },
		func(tx *Tx) error {
			return tx.SaveGroup(Group{Chat: -2, AddedBy: 6, Since: at(2), Present: true, Admin: true, ManagesTopics: true, Pins: true, Forum: true})
		},
		func(tx *Tx) error { _, err := tx.MoveChat(-1, -2); return err })
	equal(t, "the group", get(t, s, func(tx *Tx) (Group, error) { return tx.Group(-2) }),
		Group{Chat: -2, AddedBy: 5, Since: at(1), Present: true, Admin: true, ManagesTopics: true, Pins: true, Forum: true, Title: "Офис"})
	absent(t, s, func(tx *Tx) (Group, error) { return tx.Group(-1) })
	do(t, s, func(tx *Tx) error { return tx.SeeChat(-3, "group", "Склад") },
		func(tx *Tx) error { return tx.SaveGroup(Group{Chat: -3, AddedBy: 5, Since: at(1)}) },
		func(tx *Tx) error { _, err := tx.MoveChat(-3, -4); return err })
	equal(t, "left, as it was told", get(t, s, func(tx *Tx) (Group, error) { return tx.Group(-4) }).Present, true)
}

func TestTopics(t *testing.T) {
	s := open(t)
	do(t, s, func(tx *Tx) error {
		return errors.Join(tx.SaveTicket(Ticket{ID: 7, Subject: "а", Open: true}), tx.SaveTicket(Ticket{ID: 8, Subject: "б", Open: true}))
	})
	topic := Topic{Chat: -1, Ticket: 7, Thread: 30, Name: "№7 а"}
	absent(t, s, func(tx *Tx) (Topic, error) { return tx.Topic(-1, 7) })
	do(t, s, func(tx *Tx) error { return tx.SaveTopic(topic) }, func(tx *Tx) error { return tx.SaveTopic(Topic{Chat: -2, Ticket: 7, Thread: 30, Name: "№7 а"}) })
	equal(t, "topic", get(t, s, func(tx *Tx) (Topic, error) { return tx.Topic(-1, 7) }), topic)
	equal(t, "topics of a ticket", len(get(t, s, func(tx *Tx) ([]Topic, error) { return tx.TopicsOf(7) })), 2)
	equal(t, "ticket of a topic", get(t, s, func(tx *Tx) (TicketID, error) { return tx.TopicTicket(-1, 30) }), TicketID(7))
	topic.Thread, topic.Closed = 0, true // deleted
	do(t, s, func(tx *Tx) error { return tx.SaveTopic(topic) })
	absent(t, s, func(tx *Tx) (TicketID, error) { return tx.TopicTicket(-1, 30) })
	absent(t, s, func(tx *Tx) (TicketID, error) { return tx.TopicTicket(-1, 0) })
}

// The rows of a lane are moved in order, including parked ones; ended ones are not.
func TestRowsMoveToAnotherLane(t *testing.T) {
	s := open(t)
	var ids []RowID
	for _, lane := range []string{"down:-1:7", "chat:-1", "chat:-1", "chat:-1", "down:-11:7"} {
		ids = append(ids, get(t, s, func(tx *Tx) (RowID, error) {
			return tx.Enqueue(Request{Side: Telegram, Lane: lane, Kind: "call", Payload: "old", Due: at(1)}, at(1))
		}))
	}
	do(t, s, func(tx *Tx) error { return tx.Finish(ids[1], Parked, at(2), "") }, func(tx *Tx) error { return tx.Finish(ids[2], Done, at(2), "") })
	equal(t, "lanes of the chat", get(t, s, func(tx *Tx) ([]string, error) { return tx.LanesFrom(Telegram, "down:-1:") }), []string{"down:-1:7"})
	rows := get(t, s, func(tx *Tx) ([]Row, error) { return tx.Waiting(Telegram, "chat:-1") })
	if len(rows) != 2 || rows[0].ID != ids[1] || rows[1].ID != ids[3] {
		t.Fatalf("rows that wait: %+v", rows)
	}
	for _, r := range rows {
		do(t, s, func(tx *Tx) error { return tx.MoveRow(r, "chat:-2", "new") })
	}
	moved := get(t, s, func(tx *Tx) ([]Row, error) { return tx.Waiting(Telegram, "chat:-2") })
	if len(moved) != 2 || moved[0].ID != ids[1] || moved[0].Payload != "new" || moved[0].State != Parked {
		t.Errorf("moved rows: %+v", moved)
	}
	equal(t, "left behind", len(get(t, s, func(tx *Tx) ([]Row, error) { return tx.Waiting(Telegram, "chat:-1") })), 0)
}
