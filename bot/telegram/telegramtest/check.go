package telegramtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// missing maps required parameters to Telegram's error if absent.
var missing = map[string]string{
	"chat_id":           "chat_id is empty",
	"from_chat_id":      "chat_id is empty",
	"text":              "message text is empty",
	"photo":             "there is no photo in the request",
	"document":          "there is no document in the request",
	"voice":             "there is no voice in the request",
	"audio":             "there is no audio in the request",
	"video":             "there is no video in the request",
	"message_id":        "message identifier is not specified",
	"message_ids":       "message identifiers are not specified",
	"file_id":           "file_id not specified",
	"user_id":           "invalid user_id specified",
	"action":            "wrong parameter action in request",
	"message_thread_id": "message thread not found",
	"name":              "topic name must be non-empty",
	"callback_query_id": "query is too old and response timeout expired or query ID is invalid",
}

// check checks a call against the table: no unknown parameters, none missing, correct types.
func (c *call) check(m method) error {
	table := fields(c.name, m.params)
	for name, value := range c.params {
		p, known := table[name]
		if !known {
			return strict("parameter %q is unknown", name)
		}
		if value == "" {
			continue
		}
		if err := checkText(p.typ, value); err != nil {
			return violate("parameter %q %v", name, err)
		}
	}
	for name := range c.uploads {
		if p, known := table[name]; known && (p.typ == "file" || p.typ == "upload") {
			continue
		}
		if !c.attached(name) {
			return strict("file %q is sent but not used", name)
		}
	}
	for name, p := range table {
		if !p.required || c.params[name] != "" || c.uploads[name] != nil {
			continue
		}
		if c.name == "setWebhook" && name == "url" {
			continue // an empty address removes the webhook
		}
		words := missing[name]
		if words == "" {
			words = fmt.Sprintf("parameter %q is required", name)
		}
		return violate("%s", words)
	}
	return nil
}

// attached reports whether a parameter refers to the file as attach://name.
func (c *call) attached(name string) bool {
	for _, v := range c.params {
		if v == "attach://"+name || strings.Contains(v, `"attach://`+name+`"`) {
			return true
		}
	}
	return false
}

// checkText checks a parameter in its encoded form: a plain string, or JSON.
func checkText(typ, value string) error {
	switch typ {
	case "string", "file":
		return nil
	case "upload":
		return fmt.Errorf("must be a file")
	case "int":
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return fmt.Errorf("must be an Integer")
		}
		return nil
	case "chat":
		return checkChat(value)
	case "bool":
		switch value {
		case "true", "True", "1", "false", "False", "0":
			return nil
		}
		return fmt.Errorf("must be a Boolean")
	}
	var v any
	d := json.NewDecoder(strings.NewReader(value))
	d.UseNumber()
	if err := d.Decode(&v); err != nil || d.More() {
		return fmt.Errorf("must be JSON")
	}
	return checkJSON(typ, v)
}

func checkJSON(typ string, v any) error {
	if v == nil {
		return fmt.Errorf("is null")
	}
	if list, ok := v.([]any); ok && strings.HasPrefix(typ, "[]") {
		elem := strings.ReplaceAll(typ, "|[]", "|")[2:]
		for i, e := range list {
			if err := checkJSON(elem, e); err != nil {
				return fmt.Errorf("[%d] %w", i, err)
			}
		}
		return nil
	}
	switch value := v.(type) {
	case string:
		if typ == "string" {
			return nil
		}
		if typ == "chat" {
			if value == "" {
				return nil // how some clients encode an absent chat
			}
			return checkChat(value)
		}
	case json.Number:
		if _, err := value.Int64(); err == nil && (typ == "int" || typ == "chat") {
			return nil
		}
	case bool:
		if typ == "bool" {
			return nil
		}
	case map[string]any:
		if strings.HasPrefix(typ, "[]") {
			break
		}
		return checkObject(variant(typ, value), value)
	}
	return fmt.Errorf("must be of type %s", typ)
}

func checkObject(object string, v map[string]any) error {
	line, known := objects[object]
	if !known {
		return fmt.Errorf("is an object that does not fit here")
	}
	table := fields(object, line)
	for name, value := range v {
		p, known := table[name]
		if !known {
			return fmt.Errorf("has a field %q unknown to %s", name, object)
		}
		if err := checkJSON(p.typ, value); err != nil {
			return fmt.Errorf("field %q %w", name, err)
		}
	}
	for name, p := range table {
		if _, given := v[name]; p.required && !given {
			return fmt.Errorf("lacks the field %q of %s", name, object)
		}
	}
	return nil
}

var chatName = regexp.MustCompile(`^(-?[0-9]+|@[A-Za-z0-9_]{4,32})$`)

func checkChat(value string) error {
	if !chatName.MatchString(value) {
		return fmt.Errorf("must be an Integer or a @username")
	}
	return nil
}
