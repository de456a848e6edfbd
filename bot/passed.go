package bot

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// joins reports whether an update belongs to an event already in the inbox: in groups, only the
// item of an album with the command, or the first part of a long text, shows that it concerns the
// bot.
func joins(tx *state.Tx, a state.Arrival) (bool, error) {
	if a.Group == "" || !telegram.ChatID(a.Chat).IsGroup() {
		return false, nil
	}
	items, err := tx.UpdateGroup(a.Group)
	return len(items) > 0, err
}

// passed holds items of albums in groups that did not concern the bot: a later item may have the
// command. They are kept in memory only, and only as long as an album is collected, so that
// conversation among colleagues is not retained.
type passed []passedItem

type passedItem struct {
	state.Arrival
	at time.Time
}

// passedLimit is how many items are remembered: six albums of maximum size.
const passedLimit = 60

// pass remembers an item, once, and forgets those too old.
func (p *passed) pass(a state.Arrival, now time.Time) {
	*p = slices.DeleteFunc(*p, func(i passedItem) bool { return now.Sub(i.at) > debounceLimit || i.Key == a.Key })
	if a.Group == "" || !telegram.ChatID(a.Chat).IsGroup() {
		return
	}
	if len(*p) == passedLimit {
		*p = slices.Delete(*p, 0, 1)
	}
	*p = append(*p, passedItem{a, now})
}

// of returns the remembered items of an event.
func (p passed) of(a state.Arrival) (items []state.Arrival) {
	for _, i := range p {
		if a.Group != "" && i.Group == a.Group {
			items = append(items, i.Arrival)
		}
	}
	return items
}

// continuedBy reports whether a text is the rest of one that was passed over just before: that is
// for nobody either.
func (p passed) continuedBy(m *telegram.Message, now time.Time) bool {
	return m.Kind == telegram.KindText && slices.ContainsFunc(p, func(i passedItem) bool {
		if !strings.HasPrefix(i.Group, textGroup) || i.Chat != state.ChatID(m.Chat.ID) || now.Sub(i.at) > debounce {
			return false
		}
		u, err := telegram.Parse([]byte(i.Payload))
		return err == nil && u.Message != nil && u.Message.ID < m.ID && u.Message.Thread == m.Thread && goesOn(u.Message, m)
	})
}

// isFromGroup reports whether an unreadable update seems to be from a group.
func isFromGroup(raw []byte) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return false
	}
	for _, field := range fields {
		var inner struct {
			Chat struct {
				ID int64 `json:"id"`
			} `json:"chat"`
		}
		if json.Unmarshal(field, &inner) == nil && inner.Chat.ID < 0 {
			return true
		}
	}
	return false
}
