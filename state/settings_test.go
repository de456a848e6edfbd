package state

import (
	"errors"
	"testing"
)

func TestSettings(t *testing.T) {
	s := open(t)
	equal(t, "nothing chosen", get(t, s, func(tx *Tx) (Settings, error) { return tx.Settings(5) }),
		Settings{Chat: 5, News: NewsBound, WaitingHours: DefaultWaitingHours, Layout: Flat})
	chosen := Settings{Chat: 5, Language: "en", News: NewsAll, QuietFrom: 22, QuietTo: 8, Zone: "Asia/Omsk", Layout: Topics, TopicAnswers: true}
	other := Settings{Chat: -7, News: NewsNone, WaitingHours: 9, Layout: Flat}
	do(t, s, func(tx *Tx) error { return errors.Join(tx.SaveSettings(chosen), tx.SaveSettings(other)) })
	equal(t, "chosen", get(t, s, func(tx *Tx) (Settings, error) { return tx.Settings(5) }), chosen)
	equal(t, "another chat's", get(t, s, func(tx *Tx) (Settings, error) { return tx.Settings(-7) }), other)
	equal(t, "somebody hears of all", get(t, s, (*Tx).HearsOfAll), true)
	chosen.News = NewsBound
	do(t, s, func(tx *Tx) error { return tx.SaveSettings(chosen) })
	equal(t, "nobody does any more", get(t, s, (*Tx).HearsOfAll), false)
}

func TestSettingsOutOfRange(t *testing.T) {
	s := open(t)
	for name, set := range map[string]Settings{
		"language": {Chat: 1, Language: "de", News: NewsBound, Layout: Flat}, "news": {Chat: 1, News: "some", Layout: Flat},
		"hour": {Chat: 1, News: NewsBound, QuietFrom: 24, Layout: Flat}, "waiting": {Chat: 1, News: NewsBound, WaitingHours: -1, Layout: Flat},
		"layout": {Chat: 1, News: NewsBound, Layout: "rows"},
	} {
		if err := s.Update(func(tx *Tx) error { return tx.SaveSettings(set) }); err == nil {
			t.Errorf("a wrong %s is stored", name)
		}
	}
}

// A chat that follows a ticket only because it follows all has a binding for its last message;
// binding it explicitly makes the binding permanent.
func TestBindingAsAll(t *testing.T) {
	s := open(t)
	binding := func(tx *Tx) (Binding, error) { return tx.Binding(1, 7) }
	do(t, s,
		func(tx *Tx) error { return tx.SaveTicket(Ticket{ID: 7}) },
		func(tx *Tx) error { return tx.BindAsAll(1, 7, start) },
		func(tx *Tx) error { return tx.MapMessage(1, 9, 7, true) },
		func(tx *Tx) error { return tx.SetMuted(1, 7, true) })
	equal(t, "as all", get(t, s, binding), Binding{Chat: 1, Ticket: 7, Muted: true, LastMessage: 9, AsAll: true})
	do(t, s, func(tx *Tx) error { return tx.Bind(1, 7, start) }, func(tx *Tx) error { return tx.BindAsAll(1, 7, start) })
	equal(t, "of its own", get(t, s, binding), Binding{Chat: 1, Ticket: 7, Muted: true, LastMessage: 9})
}
