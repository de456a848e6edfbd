package bot

import (
	"encoding/json"
	"slices"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// joins tells whether an update belongs to an event that the inbox holds already:
// of an album in a group only the item with the command says whom it is for, and
// of a long text only the first piece.
func joins(tx *state.Tx, a state.Arrival) (bool, error) {
	if a.Group == "" || !telegram.ChatID(a.Chat).IsGroup() {
		return false, nil
	}
	items, err := tx.UpdateGroup(a.Group)
	return len(items) > 0, err
}

// passed are the items of albums in groups that were passed over a moment ago: the
// command may stand on a later one. They are kept in memory alone and for as long
// as an album is waited for; what was said among colleagues is then forgotten.
type passed []passedItem

type passedItem struct {
	state.Arrival
	at time.Time
}

// passedLimit is how many items are remembered: six albums of the largest size.
const passedLimit = 60

// pass remembers an item, once, and forgets what is too old.
func (p *passed) pass(a state.Arrival, now time.Time) {
	*p = slices.DeleteFunc(*p, func(i passedItem) bool { return now.Sub(i.at) > patience || i.Key == a.Key })
	if a.Group == "" || !telegram.ChatID(a.Chat).IsGroup() {
		return
	}
	if len(*p) == passedLimit {
		*p = slices.Delete(*p, 0, 1)
	}
	*p = append(*p, passedItem{a, now})
}

// of lists what was passed over of an event.
func (p passed) of(a state.Arrival) (items []state.Arrival) {
	for _, i := range p {
		if a.Group != "" && i.Group == a.Group {
			items = append(items, i.Arrival)
		}
	}
	return items
}

// isFromGroup tells whether an update that can't be read is from a group, as far as
// that can be told.
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
