package telegram

import (
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
)

// A Bot API server of somebody's own may be older than some of what is sent: it
// refuses the entity date_time (Bot API 9.5) and buttons that copy (7.11). Such a
// request is made once more without them, and where that goes, they are left out until
// the program ends. Styles of buttons need none of this: older servers pass them over.

// older is what a Client knows of its server.
type older struct{ known atomic.Bool }

// fit is a call as the server takes it, as far as is known.
func (o *older) fit(c Call) Call {
	if !o.known.Load() {
		return c
	}
	c, _ = forOlder(c)
	return c
}

// again is a refused call as an older server may take it; false where that is not what
// it was refused for.
func (o *older) again(c Call, err *Error) (Call, bool) {
	if err.Outcome != Refused || !strings.Contains(err.Error(), "can't parse") {
		return c, false
	}
	return forOlder(c)
}

// forOlder is a call without what an older server refuses; false where it has none of
// that.
func forOlder(c Call) (Call, bool) {
	var params map[string]json.RawMessage
	if json.Unmarshal(c.Params, &params) != nil {
		return c, false
	}
	var entities []json.RawMessage
	var markup struct {
		Rows [][]json.RawMessage `json:"inline_keyboard"`
	}
	_ = json.Unmarshal(params["entities"], &entities)
	_ = json.Unmarshal(params["reply_markup"], &markup)
	newer := false
	drop := func(list []json.RawMessage, is func(Entity, Button) bool) []json.RawMessage {
		return slices.DeleteFunc(list, func(raw json.RawMessage) bool {
			var e Entity
			var b Button
			_, _ = json.Unmarshal(raw, &e), json.Unmarshal(raw, &b)
			found := is(e, b)
			newer = newer || found
			return found
		})
	}
	entities = drop(entities, func(e Entity, _ Button) bool { return e.Type == EntityTime })
	var rows [][]json.RawMessage
	for _, row := range markup.Rows {
		if row = drop(row, func(_ Entity, b Button) bool { return b.CopyText != nil }); len(row) > 0 {
			rows = append(rows, row)
		}
	}
	if !newer {
		return c, false
	}
	set := func(name string, v any, empty bool) {
		if params[name] == nil {
			return
		}
		delete(params, name)
		if b, err := json.Marshal(v); err == nil && !empty {
			params[name] = b
		}
	}
	set("entities", entities, len(entities) == 0)
	if markup.Rows != nil {
		set("reply_markup", map[string]any{"inline_keyboard": rows}, len(rows) == 0)
	}
	b, err := json.Marshal(params)
	if err != nil {
		return c, false
	}
	return Call{Method: c.Method, Params: b}, true
}
