package foreign

import (
	"context"
	"errors"
	"testing"

	"github.com/mymmrac/telego"
	"github.com/mymmrac/telego/telegoapi"
	tu "github.com/mymmrac/telego/telegoutil"
)

// telegoClient drives github.com/mymmrac/telego, which sends JSON.
type telegoClient struct {
	t   *testing.T
	bot *telego.Bot
}

func newTelego(t *testing.T, url, token string) client {
	bot, err := telego.NewBot(token, telego.WithAPIServer(url), telego.WithDiscardLogger())
	if err != nil {
		t.Fatal(err)
	}
	return telegoClient{t, bot}
}

func (c telegoClient) poll(ctx context.Context) <-chan event {
	updates, err := c.bot.UpdatesViaLongPolling(ctx, &telego.GetUpdatesParams{Timeout: 20,
		AllowedUpdates: []string{"message", "edited_message", "callback_query"}})
	if err != nil {
		c.t.Fatal(err)
	}
	events := make(chan event, 100)
	go func() {
		for u := range updates {
			switch {
			case u.Message != nil:
				events <- c.event("message", u.Message)
			case u.EditedMessage != nil:
				events <- c.event("edited", u.EditedMessage)
			case u.CallbackQuery != nil:
				events <- event{kind: "press", callback: u.CallbackQuery.ID, data: u.CallbackQuery.Data, id: u.CallbackQuery.Message.GetMessageID()}
			}
		}
	}()
	return events
}

func (c telegoClient) event(kind string, m *telego.Message) event {
	e := event{kind: kind, chat: m.Chat.ID, id: m.MessageID, thread: m.MessageThreadID, text: m.Text, entities: len(m.Entities), album: m.MediaGroupID}
	if m.ReplyToMessage != nil {
		e.replyTo = m.ReplyToMessage.MessageID
	}
	if m.Document != nil {
		e.fileID = m.Document.FileID
	}
	return e
}

func (c telegoClient) send(ctx context.Context, o outgoing) (int, error) {
	p := tu.Message(tu.ID(o.chat), o.text)
	p.MessageThreadID = o.thread
	if o.bold > 0 {
		p.Entities = []telego.MessageEntity{{Type: "bold", Length: o.bold}}
	}
	if o.replyTo > 0 {
		p.ReplyParameters = &telego.ReplyParameters{MessageID: o.replyTo, AllowSendingWithoutReply: true}
	}
	if o.button != "" {
		p.ReplyMarkup = tu.InlineKeyboard(tu.InlineKeyboardRow(tu.InlineKeyboardButton(o.button).WithCallbackData(o.data)))
	}
	m, err := c.bot.SendMessage(ctx, p)
	if err != nil {
		return 0, err
	}
	return m.MessageID, nil
}

func (c telegoClient) answer(ctx context.Context, callback, text string) error {
	return c.bot.AnswerCallbackQuery(ctx, tu.CallbackQuery(callback).WithText(text))
}

func (c telegoClient) edit(ctx context.Context, chat int64, id int, text string) error {
	_, err := c.bot.EditMessageText(ctx, &telego.EditMessageTextParams{ChatID: tu.ID(chat), MessageID: id, Text: text})
	return err
}

func (c telegoClient) react(ctx context.Context, chat int64, id int, emoji string) error {
	return c.bot.SetMessageReaction(ctx, &telego.SetMessageReactionParams{ChatID: tu.ID(chat), MessageID: id,
		Reaction: []telego.ReactionType{&telego.ReactionTypeEmoji{Type: "emoji", Emoji: emoji}}})
}

func (c telegoClient) document(ctx context.Context, chat int64, name, content, caption string) error {
	_, err := c.bot.SendDocument(ctx, tu.Document(tu.ID(chat), tu.FileFromBytes([]byte(content), name)).WithCaption(caption))
	return err
}

func (c telegoClient) album(ctx context.Context, chat int64, names ...string) error {
	var media []telego.InputMedia
	for _, name := range names {
		media = append(media, tu.MediaDocument(tu.FileFromBytes([]byte(name), name)))
	}
	_, err := c.bot.SendMediaGroup(ctx, tu.MediaGroup(tu.ID(chat), media...))
	return err
}

func (c telegoClient) fileURL(ctx context.Context, id string) (string, error) {
	f, err := c.bot.GetFile(ctx, &telego.GetFileParams{FileID: id})
	if err != nil {
		return "", err
	}
	return c.bot.FileDownloadURL(f.FilePath), nil
}

func (c telegoClient) createTopic(ctx context.Context, chat int64, name string) (int, error) {
	t, err := c.bot.CreateForumTopic(ctx, &telego.CreateForumTopicParams{ChatID: tu.ID(chat), Name: name})
	if err != nil {
		return 0, err
	}
	return t.MessageThreadID, nil
}

func (c telegoClient) fault(err error) (int, int, int64) {
	var e *telegoapi.Error
	if !errors.As(err, &e) {
		return 0, 0, 0
	}
	if e.Parameters == nil {
		return e.ErrorCode, 0, 0
	}
	return e.ErrorCode, e.Parameters.RetryAfter, e.Parameters.MigrateToChatID
}
