package conversation_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/state"
)

const asksColleague = "Похоже, это коллеге. Пока не отправлено. Отправить в №7?"

// An answer that begins with the name of someone who writes through the bot here is held
// until its author confirms it, and so is a reply to another person's message.
func TestWhatLooksMeantForAColleague(t *testing.T) {
	theirs := &telegram.Message{ID: 90, From: &telegram.User{ID: boris, FirstName: "Борис"}}
	own := &telegram.Message{ID: 91, From: &telegram.User{ID: vera, FirstName: "Вера"}}
	bots := theBots(71)
	for name, c := range map[string]struct {
		to   *telegram.Message
		text string
		held state.Reason
	}{
		"a first name before a comma": {bots, "Борис, глянь", state.ReasonMention},
		"in lower case":               {bots, "борис, глянь", state.ReasonMention},
		"the full name":               {bots, "Борис Ёлкин, глянь", state.ReasonMention},
		"without the dots of ё":       {bots, "Борис Елкин, глянь", state.ReasonMention},
		"alone":                       {bots, "Борис", state.ReasonMention},
		"alone on its line":           {bots, "Борис!\nэто тебе", state.ReasonMention},
		"of somebody who wrote before the group moved": {bots, "Глеб, глянь", state.ReasonMention},
		"a name in the middle":                         {bots, "Здравствуйте, Борис", ""},
		"a name without a comma":                       {bots, "Борис сказал, что горит", ""},
		"one's own":                                    {bots, "Вера, склад", ""},
		"of somebody who writes elsewhere":             {bots, "Анна, глянь", ""},
		"of nobody":                                    {bots, "Пётр, глянь", ""},
		"of one of the staff":                          {bots, "Ольга, спасибо", ""},
		"no name":                                      {bots, "да, так и есть", ""},
		"a reply to a colleague":                       {theirs, "и касса", state.ReasonReply},
		"a reply to a colleague, by name":              {theirs, "Борис, глянь", state.ReasonMention},
		"a reply to one's own words":                   {own, "и касса", ""},
		"a reply to the bot":                           {bots, "и касса", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := company(t)
			writes := func(turn *chat.Turn, id state.UserID, name string, in state.ChatID) error {
				_, _, err := turn.Tx.AddSubmission(state.Submission{
					Kind: state.Answer, Chat: in, Message: 900 + state.MessageID(id), User: id, Ticket: 7, Text: "текст", State: state.SubmissionDelivered, Created: d.Now,
				})
				return errors.Join(err, turn.Tx.SavePerson(state.Person{ID: id, Name: name, Role: state.Member}))
			}
			d.Do(func(turn *chat.Turn) error {
				_, err := turn.Tx.AddPost(state.Post{Ticket: 7, ID: 1, Side: state.Staff, AuthorName: "Ольга Петрова", Text: "Какая модель?"})
				return errors.Join(err, turn.Tx.SeeChat(-5, "group", "Офис"), moved(turn, -5),
					writes(turn, boris, "Борис Ёлкин", bottest.Office), writes(turn, vera, "Вера", bottest.Office), writes(turn, 80, "Ольга", bottest.Office),
					writes(turn, 81, "Глеб", -5), writes(turn, 82, "Анна", 82),
					turn.Tx.MapMessage(bottest.Office, 90, 7, false), turn.Tx.MapMessage(bottest.Office, 91, 7, false))
			})
			d.Screens(bottest.Office)
			u := speaks(d, vera, c.to, c.text)
			u.Message.From.FirstName = "Вера"
			said := d.Decides(bottest.Office, u)
			d.Do(func(turn *chat.Turn) error {
				sub, err := turn.Tx.SubmissionOf(bottest.Office, state.MessageID(u.Message.ID))
				if sub.Reason != c.held || (sub.State == state.SubmissionHeld) != (c.held != "") {
					t.Errorf("it is %s, %q; want %q", sub.State, sub.Reason, c.held)
				}
				return err
			})
			if c.held != "" {
				d.Want(said, asksColleague)
			}
		})
	}
}

// moved makes a group the one that the office was before its upgrade.
func moved(turn *chat.Turn, from state.ChatID) error {
	_, err := turn.Tx.MoveChat(from, bottest.Office)
	return err
}

// In a topic where messages are answers, a reply to a colleague is one too; a name asks
// there as well.
func TestReplyToAColleagueInATopicWhereWritingAnswers(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByWriting)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		first := g.Anna.In(receipt.Thread).Send("не печатает")
		w.Reacts(g.Anna, first.ID, "👌")
		second := g.Boris.In(receipt.Thread).Reply(first.ID, "и весы")
		w.Reacts(g.Boris, second.ID, "👌")
		third := g.Boris.In(receipt.Thread).Reply(first.ID, "Анна, глянь")
		asked := w.Reads(g.Boris, "Похоже, это коллеге")
		if asked.ReplyTo != third.ID {
			t.Errorf("it asks about message %d", asked.ReplyTo)
		}
		w.Passes(time.Minute)
		if got := w.Posts(id); len(got) != 3 {
			t.Errorf("posts: %q", got)
		}
	})
}

// A colleague's answer to a conversation among colleagues stays there, until someone
// confirms that it is to be sent.
func TestTalkBelowAnAnswerStaysAmongColleagues(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
		id, receipt := w.NewTicket(g.Boris, "Касса")
		answer := g.Boris.Reply(receipt.ID, "Атол 30Ф")
		w.Reacts(g.Boris, answer.ID, "👌")
		talk := g.Anna.Reply(answer.ID, "ты уверен?")
		asked := w.Reads(g.Anna, fmt.Sprintf("Похоже, это коллеге. Пока не отправлено. Отправить в №%d?", id))
		g.Boris.Reply(talk.ID, "не совсем")
		w.Pressed(g.Anna.Press(asked.ID, "Не отправлять"))
		m := g.Anna.Reply(answer.ID, "и с весами то же")
		asked = w.Sees(g.Anna, "a question about it", func(q telegramtest.Message) bool { return q.FromBot && q.ReplyTo == m.ID })
		w.Pressed(g.Anna.Press(asked.ID, "Отправить"))
		w.Reacts(g.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		if got := strings.Join(w.Posts(id), ", "); got != "Подробности, Атол 30Ф, и с весами то же" {
			t.Errorf("posts: %s", got)
		}
	})
}
