package telegram

import (
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
)

// A self-hosted Bot API server may be too old for some of what is sent: it refuses the
// entity date_time (Bot API 9.5) and copy buttons (7.11). Such a request is retried once
// without them, and if that succeeds they are left out until the program ends. Styles of
// buttons don't need this: older servers ignore them.

// older records whether the server is known to be old.
type older struct{ known atomic.Bool }

// fit returns a call as the server is known to accept it.
func (o *older) fit(c Call) Call {
	if !o.known.Load() {
		return c
	}
	c, _ = forOlder(c)
	return c
}

// again returns a refused call as an older server may accept it; false if that is not why
// it was refused.
func (o *older) again(c Call, err *Error) (Call, bool) {
	if err.Outcome != Refused || !strings.Contains(err.Error(), "can't parse") {
		return c, false
	}
	return forOlder(c)
}

// forOlder returns a call without what an older server refuses; false if there is nothing
// to remove.
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
