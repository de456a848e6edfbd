package conversation

import (
	"errors"
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// commandIn finds the command in an event. If Telegram split a long text, the rest is in the
// following messages.
func commandIn(t *chat.Turn, messages []*telegram.Message) (chat.Command, bool) {
	for i, m := range messages {
		if m.Forward != nil {
			continue // a forwarded command is not a command
		}
		if name, args, ok := m.Command(t.BotName); ok {
			if m.Kind == telegram.KindText {
				args += caption(messages[i+1:])
			}
			return chat.Command{Name: name, Args: args, Messages: messages}, true
		}
	}
	return chat.Command{}, false
}

// commandInfo is a command of the menu.
type commandInfo struct {
	Name   string
	Owners bool
}

// commandList is the menu, shown by /help and Telegram. Its texts are the catalogue's
// "menu_" keys.
var commandList = []commandInfo{
	{"new", false}, {"tickets", false}, {"ticket", false}, {"search", false}, {"follow", false}, {"unfollow", false},
	{"cancel", false}, {"settings", false}, {"status", false}, {"stats", false}, {"help", false}, {"invite", true}, {"users", true}, {"audit", true},
}

func runCommand(t *chat.Turn, s chat.Speaker, c chat.Command) error {
	if err := submission.NothingGoesOn(t, s); err != nil {
		return err
	}
	if c.Name != "new" && submission.HasFiles(c.Messages) {
		if err := submission.Refuse(t, s, c.MessageID(), "file_with_command", "Command", "/"+chat.CutRunes(c.Name, 40)); err != nil {
			return err
		}
	}
	reply := func(key string, pairs ...any) error {
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: c.MessageID(), Text: telegram.Plain(s.T(key, pairs...))})
	}
	switch c.Name {
	case "start":
		return start(t, s, c)
	case "help":
		return help(t, s, t.AddToGroup(s.Chat, s.Texts))
	case "new":
		if replied := c.Messages[0].ReplyTo; replied != nil {
			return submission.NewFrom(t, s, c, replied)
		}
		if c.Args == "" && !submission.HasFiles(c.Messages) {
			if telegram.ChatID(s.Chat).IsGroup() {
				return submission.AskOpening(t, s, c.MessageID())
			}
			return submission.NewDraft(t, s)
		}
		return submission.OpenFrom(t, s, c.Messages)
	case "tickets":
		return sayTickets(t, s)
	case "ticket":
		if c.Args == "" {
			return sayTickets(t, s)
		}
		return withTicket(t, s, c, func(id state.TicketID) error {
			return show(t, s, chat.FetchRow{Ticket: id, Purpose: chat.PurposeHistory, Message: c.MessageID(), Page: -1})
		})
	case "search":
		if c.Args == "" {
			return askSearch(t, s, c.MessageID())
		}
		return reading.Search(t, s, c)
	case "follow":
		if c.Args == "" {
			return reading.ChooseFollowed(t, s, c.MessageID())
		}
		return withTicket(t, s, c, func(id state.TicketID) error {
			return show(t, s, chat.FetchRow{Ticket: id, Purpose: chat.PurposeFollow, Message: c.MessageID()})
		})
	case "unfollow":
		if c.Args == "" {
			return reading.ChooseUnfollowed(t, s, c.MessageID())
		}
		return withTicket(t, s, c, func(id state.TicketID) error {
			said, err := unfollow(t, s, id)
			if err != nil {
				return err
			}
			return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: c.MessageID(), Text: telegram.Plain(said)})
		})
	case "cancel":
		return submission.Cancel(t, s, c.MessageID())
	case "settings":
		list, err := reading.Settings(t, s.Chat, reading.SettingsAll)
		if err != nil {
			return err
		}
		list.ReplyTo = c.MessageID()
		return t.Say(list)
	case "status":
		return reading.Status(t, s, c.MessageID())
	case "stats":
		return reading.SendStatistics(t, s, c.MessageID())
	case "invite", "users", "audit":
		if telegram.ChatID(s.Chat).IsGroup() {
			return reply("in_private", "Command", "/"+c.Name)
		}
		if s.Role != state.Owner {
			return reply("owners_only")
		}
		return ownersCommand(t, s, c)
	}
	return reply("unknown_command", "Command", "/"+chat.CutRunes(c.Name, 40))
}

// show reads a ticket for someone who looks at it.
func show(t *chat.Turn, s chat.Speaker, row chat.FetchRow) error {
	return errors.Join(submission.LookedAt(t, s, row.Ticket), t.Fetch(s, row))
}

// askSearch handles /search without arguments: the next message is the query.
func askSearch(t *chat.Turn, s chat.Speaker, m state.MessageID) error {
	hand, err := submission.TakeInHand(t, s, state.InHand{Kind: state.HandSearch})
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Hand: hand}, ReplyTo: m, Text: telegram.Plain(s.T("ask_search")), Ask: s.T("ask_search_placeholder"),
	})
}

// start greets, or opens what a link points to.
func start(t *chat.Turn, s chat.Speaker, c chat.Command) error {
	if number, ok := strings.CutPrefix(c.Args, chat.TicketPayload); ok {
		if id, ok := chat.ParseTicket(number); ok {
			return show(t, s, chat.FetchRow{Ticket: id, Purpose: chat.PurposeHistory, Message: c.MessageID(), Page: -1})
		}
	}
	if telegram.ChatID(s.Chat).IsGroup() {
		if c.Args == chat.GroupPayload {
			return nil // it was just added, which is answered already
		}
		return help(t, s, nil)
	}
	if followed, err := followLink(t, s, c.Messages[0]); followed || err != nil {
		return err
	}
	greeting := s.T("start", "Name", s.Name)
	if s.Role == state.Owner {
		greeting += "\n\n" + s.T("start_owner")
	}
	return t.Say(chat.Outgoing{Place: s.Place, Text: telegram.Plain(greeting)})
}

// help explains what applies in this chat, and nothing else.
func help(t *chat.Turn, s chat.Speaker, buttons [][]telegram.Button) error {
	var b strings.Builder
	if telegram.ChatID(s.Chat).IsGroup() {
		here, err := t.Tx.Settings(s.Chat)
		if err != nil {
			return err
		}
		rest := "help_rest"
		if here.Layout == state.Topics && here.TopicAnswers {
			rest = "help_rest_topics"
		}
		b.WriteString(s.T("help_group", "Rest", s.T(rest)) + "\n")
	} else {
		b.WriteString(s.T("help") + "\n")
	}
	for _, c := range commandList {
		if !c.Owners || s.Role == state.Owner && !telegram.ChatID(s.Chat).IsGroup() {
			b.WriteString("\n/" + c.Name + " — " + s.T("menu_"+c.Name))
		}
	}
	return t.Say(chat.Outgoing{Place: s.Place, Text: telegram.Plain(b.String()), Buttons: buttons})
}

// withTicket parses the ticket number in a command's arguments.
func withTicket(t *chat.Turn, s chat.Speaker, c chat.Command, do func(state.TicketID) error) error {
	id, ok := chat.ParseTicket(c.Args)
	if !ok {
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: c.MessageID(), Text: telegram.Plain(s.T("ticket_number_wrong", "Given", chat.CutRunes(c.Args, 40), "Command", "/"+c.Name))})
	}
	return do(id)
}

// sayTickets shows the list of tickets.
func sayTickets(t *chat.Turn, s chat.Speaker) error {
	list, err := reading.OpenTickets(t, s)
	if err != nil {
		return err
	}
	return t.Say(list)
}

// unfollow removes a binding and returns what to say. In a chat that follows all tickets that
// has no effect, and the reply says so.
func unfollow(t *chat.Turn, s chat.Speaker, id state.TicketID) (string, error) {
	set, err := t.Tx.Settings(s.Chat)
	if err != nil {
		return "", err
	}
	b, err := t.Tx.Binding(s.Chat, id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return "", err
	}
	key := "unfollowed"
	switch {
	case set.News == state.NewsAll:
		key = "unfollow_all"
	case err != nil || b.AsAll:
		key = "unfollow_none"
	default:
		if _, err := t.Tx.Unbind(s.Chat, id); err != nil {
			return "", err
		}
	}
	return s.T(key, "Ticket", chat.TicketName(id)), nil
}

// Menu returns the commands in a language, with or without the owners'.
func Menu(t chat.SpeakerTexts, owner bool) []telegram.BotCommand {
	var menu []telegram.BotCommand
	for _, c := range commandList {
		if !c.Owners || owner {
			menu = append(menu, telegram.BotCommand{Command: c.Name, Description: t.T("menu_" + c.Name)})
		}
	}
	return menu
}
