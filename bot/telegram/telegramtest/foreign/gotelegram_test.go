package foreign

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// goTelegram drives github.com/go-telegram/bot, which sends multipart forms.
type goTelegram struct {
	bot    *bot.Bot
	events chan event
}

func newGoTelegram(t *testing.T, url, token string) client {
	c := &goTelegram{events: make(chan event, 100)}
	b, err := bot.New(token, bot.WithServerURL(url), bot.WithDefaultHandler(c.handle), bot.WithNotAsyncHandlers(), bot.WithWorkers(1),
		bot.WithErrorsHandler(func(error) {}), bot.WithAllowedUpdates(bot.AllowedUpdates{"message", "edited_message", "callback_query"}),
		bot.WithCheckInitTimeout(5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	c.bot = b
	return c
}

func (c *goTelegram) poll(ctx context.Context) <-chan event {
	go c.bot.Start(ctx)
	return c.events
}

func (c *goTelegram) handle(_ context.Context, _ *bot.Bot, u *models.Update) {
	switch {
	case u.Message != nil:
		c.events <- c.event("message", u.Message)
	case u.EditedMessage != nil:
		c.events <- c.event("edited", u.EditedMessage)
	case u.CallbackQuery != nil:
		c.events <- event{kind: "press", callback: u.CallbackQuery.ID, data: u.CallbackQuery.Data, id: u.CallbackQuery.Message.Message.ID}
	}
}

func (c *goTelegram) event(kind string, m *models.Message) event {
	e := event{kind: kind, chat: m.Chat.ID, id: m.ID, thread: m.MessageThreadID, text: m.Text, entities: len(m.Entities), album: m.MediaGroupID}
	if m.ReplyToMessage != nil {
		e.replyTo = m.ReplyToMessage.ID
	}
	if m.Document != nil {
		e.fileID = m.Document.FileID
	}
	return e
}

func (c *goTelegram) send(ctx context.Context, o outgoing) (int, error) {
	p := &bot.SendMessageParams{ChatID: o.chat, Text: o.text, MessageThreadID: o.thread}
	if o.bold > 0 {
		p.Entities = []models.MessageEntity{{Type: models.MessageEntityTypeBold, Length: o.bold}}
	}
	if o.replyTo > 0 {
		p.ReplyParameters = &models.ReplyParameters{MessageID: o.replyTo, AllowSendingWithoutReply: true}
	}
	if o.button != "" {
		p.ReplyMarkup = &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: o.button, CallbackData: o.data}}}}
	}
	m, err := c.bot.SendMessage(ctx, p)
	if err != nil {
		return 0, err
	}
	return m.ID, nil
}

func (c *goTelegram) answer(ctx context.Context, callback, text string) error {
	_, err := c.bot.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: callback, Text: text})
	return err
}

func (c *goTelegram) edit(ctx context.Context, chat int64, id int, text string) error {
	_, err := c.bot.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: chat, MessageID: id, Text: text})
	return err
}

func (c *goTelegram) react(ctx context.Context, chat int64, id int, emoji string) error {
	_, err := c.bot.SetMessageReaction(ctx, &bot.SetMessageReactionParams{ChatID: chat, MessageID: id, Reaction: []models.ReactionType{
		{Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{Type: models.ReactionTypeTypeEmoji, Emoji: emoji}}}})
	return err
}

func (c *goTelegram) document(ctx context.Context, chat int64, name, content, caption string) error {
	_, err := c.bot.SendDocument(ctx, &bot.SendDocumentParams{ChatID: chat, Caption: caption,
		Document: &models.InputFileUpload{Filename: name, Data: strings.NewReader(content)}})
	return err
}

func (c *goTelegram) album(ctx context.Context, chat int64, names ...string) error {
	var media []models.InputMedia
	for _, name := range names {
		media = append(media, &models.InputMediaDocument{Media: "attach://" + name, MediaAttachment: strings.NewReader(name)})
	}
	_, err := c.bot.SendMediaGroup(ctx, &bot.SendMediaGroupParams{ChatID: chat, Media: media})
	return err
}

func (c *goTelegram) fileURL(ctx context.Context, id string) (string, error) {
	f, err := c.bot.GetFile(ctx, &bot.GetFileParams{FileID: id})
	if err != nil {
		return "", err
	}
	return c.bot.FileDownloadLink(f), nil
}

func (c *goTelegram) createTopic(ctx context.Context, chat int64, name string) (int, error) {
	t, err := c.bot.CreateForumTopic(ctx, &bot.CreateForumTopicParams{ChatID: chat, Name: name})
	if err != nil {
		return 0, err
	}
	return t.MessageThreadID, nil
}

func (c *goTelegram) fault(err error) (int, int, int64) {
	var many *bot.TooManyRequestsError
	var moved *bot.MigrateError
	switch {
	case errors.As(err, &many):
		return 429, many.RetryAfter, 0
	case errors.As(err, &moved):
		return 400, 0, int64(moved.MigrateToChatID)
	case errors.Is(err, bot.ErrorBadRequest):
		return 400, 0, 0
	case errors.Is(err, bot.ErrorForbidden):
		return 403, 0, 0
	}
	return 0, 0, 0
}
