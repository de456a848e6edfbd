package telegramtest

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf16"
)

const (
	maxCallbackData = 64
	maxCopyText     = 256
	maxPlaceholder  = 64
	maxButtonsRow   = 8
	maxButtons      = 100
)

// markup parses reply_markup: an inline keyboard is stored, to be shown and pressed, of
// others only the kind.
func (c *call) markup(m *message) error {
	m.wire.ReplyMarkup, m.markupKind, m.placeholder, m.selective = nil, "", "", false
	if !c.has("reply_markup") {
		return nil
	}
	var v struct {
		Inline      [][]map[string]json.RawMessage `json:"inline_keyboard"`
		Keyboard    [][]struct{ Text string }      `json:"keyboard"`
		Remove      bool                           `json:"remove_keyboard"`
		Force       bool                           `json:"force_reply"`
		Placeholder string                         `json:"input_field_placeholder"`
		Selective   bool                           `json:"selective"`
	}
	if err := c.decode("reply_markup", &v); err != nil {
		return err
	}
	switch {
	case v.Inline != nil:
		return c.inlineMarkup(m, v.Inline)
	case v.Keyboard != nil:
		m.markupKind = "keyboard"
		for _, row := range v.Keyboard {
			for _, b := range row {
				if b.Text == "" {
					return violate("keyboard button text must be non-empty")
				}
			}
		}
	case v.Force:
		m.markupKind = "force_reply"
	case v.Remove:
		m.markupKind = "remove"
	default:
		return strict("reply_markup asks for nothing")
	}
	if n := len(utf16.Encode([]rune(v.Placeholder))); n > maxPlaceholder {
		return strict("input_field_placeholder is longer than %d", maxPlaceholder)
	}
	m.placeholder, m.selective = v.Placeholder, v.Selective
	return nil
}

// buttonActions are the fields that determine what a button does.
var buttonActions = []string{"url", "callback_data", "web_app", "login_url", "switch_inline_query",
	"switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay"}

func (c *call) inlineMarkup(m *message, rows [][]map[string]json.RawMessage) error {
	total := 0
	var kept [][]map[string]json.RawMessage
	for _, row := range rows {
		if len(row) > maxButtonsRow {
			return strict("a row has more than %d buttons", maxButtonsRow)
		}
		for _, b := range row {
			if _, copies := b["copy_text"]; copies && c.s.cfg.Older {
				return refuse("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
			}
			if err := checkButton(b); err != nil {
				return err
			}
			total++
		}
		if len(row) > 0 {
			kept = append(kept, row)
		}
	}
	if total > maxButtons {
		return violate("reply markup is too long")
	}
	if total == 0 {
		return nil // an empty keyboard removes the buttons
	}
	m.markupKind = "inline"
	m.wire.ReplyMarkup, _ = json.Marshal(map[string]any{"inline_keyboard": kept})
	return nil
}

func checkButton(b map[string]json.RawMessage) error {
	field := func(name string) string {
		var s string
		_ = json.Unmarshal(b[name], &s)
		return s
	}
	if strings.TrimSpace(field("text")) == "" {
		return violate("can't parse inline keyboard button: Field \"text\" must be non-empty")
	}
	var copied struct{ Text string }
	_ = json.Unmarshal(b["copy_text"], &copied)
	var actions []string
	for _, a := range buttonActions {
		// Some clients encode an absent copy_text as an empty one.
		if _, ok := b[a]; ok && !(a == "copy_text" && copied.Text == "" && len(actions) > 0) {
			actions = append(actions, a)
		}
	}
	switch {
	case len(actions) == 0:
		return violate("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	case len(actions) > 1:
		return strict("button %q does more than one thing: %s", field("text"), strings.Join(actions, ", "))
	}
	if style := field("style"); b["style"] != nil && !slices.Contains([]string{"danger", "success", "primary"}, style) {
		return violate("can't parse inline keyboard button: invalid button style specified")
	}
	switch actions[0] {
	case "callback_data":
		switch data := field("callback_data"); {
		case data == "":
			return violate("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
		case len(data) > maxCallbackData:
			return violate("BUTTON_DATA_INVALID")
		}
	case "url":
		if link := field("url"); !validLink(link) {
			return violate("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", link)
		}
	case "copy_text":
		if n := units(copied.Text); n < 1 || n > maxCopyText {
			return violate("BUTTON_COPY_TEXT_INVALID")
		}
	}
	return nil
}

// buttons returns the inline keyboard of a message.
func (m *message) buttons() [][]Button {
	var v struct {
		Rows [][]Button `json:"inline_keyboard"`
	}
	if len(m.wire.ReplyMarkup) > 0 {
		_ = json.Unmarshal(m.wire.ReplyMarkup, &v)
	}
	return v.Rows
}
