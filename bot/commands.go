package bot

import (
	"errors"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// command is a command as a person wrote it.
type command struct {
	name, args string
	messages   []*telegram.Message // the message, or the album whose caption it is
}

// commandIn finds the command of an event. A long text goes on in the pieces
// behind the first.
func (t *turn) commandIn(messages []*telegram.Message) (command, bool) {
	for i, m := range messages {
		if m.Forward != nil {
			continue // somebody else's words command nothing
		}
		if name, args, ok := m.Command(t.name); ok {
			if m.Kind == telegram.KindText {
				args += caption(messages[i+1:])
			}
			return command{name: name, args: args, messages: messages}, true
		}
	}
	return command{}, false
}

func (c command) message() state.MessageID { return state.MessageID(c.messages[0].ID) }

// commandInfo is a command of the menu.
type commandInfo struct {
	Name   string
	Owners bool
}

// commandList is the menu: what /help explains and Telegram shows. The texts are
// the catalogue's "menu_" keys.
var commandList = []commandInfo{
	{"new", false}, {"tickets", false}, {"ticket", false}, {"search", false}, {"follow", false}, {"unfollow", false},
	{"cancel", false}, {"settings", false}, {"status", false}, {"help", false}, {"invite", true}, {"users", true},
}

func (t *turn) command(s speaker, c command) error {
	if c.name != "new" && hasFiles(c.messages) {
		if err := t.refuse(s, c.message(), "file_with_command", "Command", "/"+cutRunes(c.name, 40)); err != nil {
			return err
		}
	}
	reply := func(key string, pairs ...any) error {
		return t.say(outgoing{chat: s.chat, replyTo: c.message(), text: telegram.Plain(s.T(key, pairs...))})
	}
	switch c.name {
	case "start":
		return t.start(s, c)
	case "help":
		return t.say(outgoing{chat: s.chat, text: telegram.Plain(t.help(s))})
	case "new":
		if replied := c.messages[0].ReplyTo; replied != nil {
			return t.newFrom(s, c, replied)
		}
		if c.args == "" && !hasFiles(c.messages) {
			if telegram.ChatID(s.chat).IsGroup() {
				return t.askOpening(s, c.message())
			}
			return t.newDraft(s)
		}
		return t.openFrom(s, c.messages)
	case "tickets":
		list, err := t.openTickets(s)
		if err != nil {
			return err
		}
		return t.say(list)
	case "ticket":
		return t.withTicket(s, c, func(id state.TicketID) error {
			return t.fetch(FetchRow{Ticket: id, Chat: s.chat, User: s.ID, Message: c.message(), Page: -1})
		})
	case "search":
		return t.search(s, c)
	case "follow":
		return t.withTicket(s, c, func(id state.TicketID) error {
			return t.fetch(FetchRow{Ticket: id, Chat: s.chat, User: s.ID, Message: c.message(), Follow: true})
		})
	case "unfollow":
		return t.withTicket(s, c, func(id state.TicketID) error {
			return t.unfollow(s, c.message(), id)
		})
	case "cancel":
		return t.cancelBegun(s, reply)
	case "settings":
		list, err := t.settings(s.chat, settingsAll)
		if err != nil {
			return err
		}
		list.replyTo = c.message()
		return t.say(list)
	case "status":
		return t.status(s, c.message())
	case "invite", "users":
		if telegram.ChatID(s.chat).IsGroup() {
			return reply("in_private", "Command", "/"+c.name)
		}
		if s.Role != state.Owner {
			return reply("owners_only")
		}
		if c.name == "invite" {
			return t.invite(s, c.message())
		}
		list, err := t.users(s)
		if err != nil {
			return err
		}
		return t.say(list)
	}
	return reply("unknown_command", "Command", "/"+cutRunes(c.name, 40))
}

// start greets, or opens what a link points to.
func (t *turn) start(s speaker, c command) error {
	if number, ok := strings.CutPrefix(c.args, "t_"); ok {
		if id, ok := parseTicket(number); ok {
			return t.fetch(FetchRow{Ticket: id, Chat: s.chat, User: s.ID, Message: c.message(), Page: -1})
		}
	}
	if telegram.ChatID(s.chat).IsGroup() {
		return t.say(outgoing{chat: s.chat, text: telegram.Plain(t.help(s))})
	}
	greeting := s.T("start", "Name", s.Name)
	if s.Role == state.Owner {
		greeting += "\n\n" + s.T("start_owner")
	}
	return t.say(outgoing{chat: s.chat, text: telegram.Plain(greeting)})
}

func (t *turn) help(s speaker) string {
	var b strings.Builder
	b.WriteString(s.T(pick(telegram.ChatID(s.chat).IsGroup(), "help_group", "help")) + "\n")
	for _, c := range commandList {
		if !c.Owners || s.Role == state.Owner && !telegram.ChatID(s.chat).IsGroup() {
			b.WriteString("\n/" + c.Name + " — " + s.T("menu_"+c.Name))
		}
	}
	return b.String()
}

// withTicket reads the ticket's number from a command's arguments.
func (t *turn) withTicket(s speaker, c command, do func(state.TicketID) error) error {
	id, ok := parseTicket(c.args)
	if !ok {
		key := "ticket_number_wrong"
		if c.args == "" {
			key = "ticket_number_missing"
		}
		return t.say(outgoing{chat: s.chat, replyTo: c.message(), text: telegram.Plain(s.T(key, "Given", cutRunes(c.args, 40), "Command", "/"+c.name))})
	}
	return do(id)
}

// unfollow ends a binding. Where the chat hears of all tickets that would change
// nothing, and it is told so.
func (t *turn) unfollow(s speaker, m state.MessageID, id state.TicketID) error {
	set, err := t.tx.Settings(s.chat)
	if err != nil {
		return err
	}
	b, err := t.tx.Binding(s.chat, id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	key := "unfollowed"
	switch {
	case set.News == state.NewsAll:
		key = "unfollow_all"
	case err != nil || b.AsAll:
		key = "unfollow_none"
	default:
		if _, err := t.tx.Unbind(s.chat, id); err != nil {
			return err
		}
	}
	return t.say(outgoing{chat: s.chat, replyTo: m, text: telegram.Plain(s.T(key, "Ticket", ticketName(id)))})
}

// askOpening is /new without a text in a group: the reply to the question opens the
// ticket.
func (t *turn) askOpening(s speaker, m state.MessageID) error {
	if err := t.tx.SetPrompt(s.chat, s.ID, state.Prompt{Kind: state.PromptOpening}, t.now); err != nil {
		return err
	}
	return t.say(outgoing{chat: s.chat, replyTo: m, asks: s.ID, text: telegram.Plain(s.T("ask_opening")), ask: s.T("ask_opening_placeholder")})
}

// askAnswer is «Ответить»: the next message goes to the ticket.
func (t *turn) askAnswer(s speaker, id state.TicketID) error {
	ticket, err := t.tx.Ticket(id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	if err := t.tx.SetPrompt(s.chat, s.ID, state.Prompt{Kind: state.PromptAnswer, Ticket: id}, t.now); err != nil {
		return err
	}
	return t.say(outgoing{
		chat: s.chat, ticket: id, asks: s.ID, text: s.asked(s.T("ask_answer", "Ticket", ticketName(id), "Subject", cutRunes(ticket.Subject, 80))),
		ask: s.T("ask_answer_placeholder"),
	})
}

// Menu is the list of commands for a language, with or without the owners'.
func Menu(t speakerTexts, owner bool) []telegram.BotCommand {
	var menu []telegram.BotCommand
	for _, c := range commandList {
		if !c.Owners || owner {
			menu = append(menu, telegram.BotCommand{Command: c.Name, Description: t.T("menu_" + c.Name)})
		}
	}
	return menu
}
