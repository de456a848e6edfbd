package telegramtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// Command is an entry of the bot's menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// menu is what BotFather would show: commands and profile texts by scope and language.
type menu struct {
	commands map[string][]Command
	profile  map[string]string
}

func newMenu() menu { return menu{map[string][]Command{}, map[string]string{}} }

var (
	commandName  = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	languageCode = regexp.MustCompile(`^([a-z]{2})?$`)
)

// Commands returns the menu for a scope ("default", "all_private_chats", "all_group_chats",
// "chat:-100", "chat_member:-100:5" …) and a language ("" all).
func (s *Server) Commands(scope, language string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.menu.commands[scope+"/"+language])
}

// Menu returns what the person's client offers in the chat: the list of the narrowest scope
// that has one, in the person's language or the default.
func (c *Chat) Menu() []Command {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	ch, id := c.chat(), c.chat().wire.ID
	scopes := []string{fmt.Sprintf("chat:%d", id), "all_private_chats", "default"}
	if ch.wire.Type != "private" {
		scopes = []string{fmt.Sprintf("chat_member:%d:%d", id, c.from.ID), fmt.Sprintf("chat:%d", id), "all_group_chats", "default"}
		if ch.members[c.from.ID].admin() {
			scopes = slices.Insert(scopes, 1, fmt.Sprintf("chat_administrators:%d", id))
			scopes = slices.Insert(scopes, 3, "all_chat_administrators")
		}
	}
	for _, scope := range scopes {
		for _, language := range []string{c.account().Language, ""} {
			if list := c.s.menu.commands[scope+"/"+language]; len(list) > 0 {
				return slices.Clone(list)
			}
		}
	}
	return nil
}

// Profile returns a profile text: "name", "description" or "short_description".
func (s *Server) Profile(field, language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.menu.profile[field+"/"+language]
}

func (c *call) language() (string, error) {
	if !languageCode.MatchString(c.str("language_code")) {
		return "", violate("invalid language code specified")
	}
	return c.str("language_code"), nil
}

// scope returns the key of a call's scope and language.
func (s *Server) scope(c *call) (string, error) {
	lang, err := c.language()
	if err != nil {
		return "", err
	}
	v := struct {
		Type   string
		ChatID json.Number `json:"chat_id"`
		UserID int64       `json:"user_id"`
	}{Type: "default"}
	if err := c.decode("scope", &v); err != nil {
		return "", err
	}
	key := v.Type
	switch v.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
	case "chat", "chat_administrators", "chat_member":
		ch, err := s.lookup(v.ChatID.String())
		if err != nil {
			return "", err
		}
		if err := s.reachable(ch); err != nil {
			return "", err
		}
		key += fmt.Sprintf(":%d", ch.wire.ID)
		if v.Type == "chat_member" {
			key += fmt.Sprintf(":%d", v.UserID)
		}
	default:
		return "", violate("can't parse BotCommandScope: unsupported type specified")
	}
	return key + "/" + lang, nil
}

func (s *Server) setMyCommands(c *call) (any, error) {
	key, err := s.scope(c)
	if err != nil {
		return nil, err
	}
	var list []Command
	if err := c.decode("commands", &list); err != nil {
		return nil, err
	}
	if len(list) > 100 {
		return nil, violate("BOT_COMMANDS_TOO_MUCH")
	}
	for _, cmd := range list {
		if !commandName.MatchString(cmd.Command) {
			return nil, violate("BOT_COMMAND_INVALID")
		}
		if n := units(cmd.Description); n < 1 || n > 256 {
			return nil, violate("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	s.menu.commands[key] = list
	return true, nil
}

func (s *Server) getMyCommands(c *call) (any, error) {
	key, err := s.scope(c)
	if err != nil {
		return nil, err
	}
	return append([]Command{}, s.menu.commands[key]...), nil
}

func (s *Server) deleteMyCommands(c *call) (any, error) {
	key, err := s.scope(c)
	if err != nil {
		return nil, err
	}
	delete(s.menu.commands, key)
	return true, nil
}

func setProfile(field string, limit int) func(*Server, *call) (any, error) {
	return func(s *Server, c *call) (any, error) {
		lang, err := c.language()
		if err != nil {
			return nil, err
		}
		if units(c.str(field)) > limit {
			return nil, violate("%s is longer than %d characters", field, limit)
		}
		s.menu.profile[field+"/"+lang] = c.str(field)
		return true, nil
	}
}

func getProfile(field string) func(*Server, *call) (any, error) {
	return func(s *Server, c *call) (any, error) {
		lang, err := c.language()
		if err != nil {
			return nil, err
		}
		return map[string]string{field: s.menu.profile[field+"/"+lang]}, nil
	}
}
