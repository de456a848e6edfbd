package telegram

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestErrorHelpers(t *testing.T) {
	helpers := map[string]func(error) bool{
		"not modified": IsNotModified, "reaction": IsReactionRefused, "thread": IsThreadNotFound, "callback": IsTooOldCallback,
		"too big": IsTooBig, "message": IsMessageNotFound, "rights": IsNoRights,
	}
	refused := func(method, description string) *Error {
		return &Error{Method: method, Code: 400, Outcome: Refused, Description: "Bad Request: " + description}
	}
	tests := []struct {
		err  error
		want string // the only helper that returns true
	}{
		{refused("editMessageText", "message is not modified: specified new message content and reply markup are exactly the same"), "not modified"},
		{refused("editForumTopic", "TOPIC_NOT_MODIFIED"), "not modified"},
		{refused("setMessageReaction", "REACTION_INVALID"), "reaction"},
		{refused("setMessageReaction", "REACTIONS_UNAVAILABLE"), "reaction"},
		{&Error{Method: "setMessageReaction", Code: 404, Outcome: Refused, Description: "Not Found: method not found"}, "reaction"},
		{refused("setMessageReaction", "message to react not found"), "message"},
		{refused("sendMessage", "message thread not found"), "thread"},
		{refused("sendMessage", "TOPIC_DELETED"), "thread"},
		{refused("answerCallbackQuery", "query is too old and response timeout expired or query ID is invalid"), "callback"},
		{refused("getFile", "file is too big"), "too big"},
		{&Error{Code: 413, Outcome: Refused, Description: "Request Entity Too Large"}, "too big"},
		{fmt.Errorf("download: %w", ErrFileTooBig), "too big"},
		{refused("editMessageText", "message to edit not found"), "message"},
		{refused("deleteMessage", "message can't be deleted for everyone"), "message"},
		{refused("sendMessage", "chat not found"), ""},
		{&Error{Code: 403, Outcome: Forbidden, Description: "Forbidden: bot was kicked from the supergroup chat"}, ""},
		{refused("createForumTopic", "not enough rights to create a topic"), "rights"},
		{refused("pinChatMessage", "CHAT_ADMIN_REQUIRED"), "rights"},
		{refused("sendMessage", "message is too long"), ""},
		{&Error{Method: "setMessageReaction", Code: 502, Outcome: Unknown}, ""},
		{&Error{Method: "setMessageReaction", Code: 400, Outcome: Refused, MigrateTo: -1}, ""},
		{&Error{Method: "getFile", Outcome: NotSent, Description: "file is too big"}, ""},
		{io.ErrUnexpectedEOF, ""},
		{nil, ""},
	}
	for _, tt := range tests {
		for name, is := range helpers {
			if got := is(tt.err); got != (name == tt.want) {
				t.Errorf("%v: %q says %t", tt.err, name, got)
			}
			if tt.err != nil && is(fmt.Errorf("wrapped: %w", tt.err)) != is(tt.err) {
				t.Errorf("%v: %q doesn't see it wrapped", tt.err, name)
			}
		}
	}
}

// What keeps the bot from writing somewhere for a while is distinguished from missing
// rights and from problems of the message.
func TestClosureOf(t *testing.T) {
	refused := func(description string) error {
		return fmt.Errorf("wrapped: %w", &Error{Method: "sendMessage", Code: 400, Outcome: Refused, Description: "Bad Request: " + description})
	}
	for _, tt := range []struct {
		err  error
		want Closure
	}{
		{&Error{Code: 403, Outcome: Forbidden, Description: "Forbidden: bot was kicked from the supergroup chat"}, ClosedChat},
		{&Error{Code: 403, Outcome: Forbidden, Description: "Forbidden: bot was blocked by the user"}, ClosedChat},
		{refused("chat not found"), ClosedChat},
		{refused("group chat was deactivated"), ClosedChat},
		{refused("not enough rights to send text messages to the chat"), ClosedWords},
		{refused("have no rights to send a message"), ClosedWords},
		{refused("CHAT_WRITE_FORBIDDEN"), ClosedWords},
		{refused("not enough rights to send documents to the chat"), ClosedFiles},
		{refused("not enough rights to send photos to the chat"), ClosedFiles},
		{refused("CHAT_SEND_DOCS_FORBIDDEN"), ClosedFiles},
		{refused("TOPIC_CLOSED"), ClosedTopic},
		{refused("not enough rights to create a topic"), ""},
		{refused("CHAT_ADMIN_REQUIRED"), ""},
		{refused("group chat was upgraded to a supergroup chat"), ""},
		{refused("message is too long"), ""},
		{&Error{Code: 502, Outcome: Unknown, Description: "chat not found"}, ""},
		{io.ErrUnexpectedEOF, ""},
		{nil, ""},
	} {
		if got := ClosureOf(tt.err); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestErrorWords(t *testing.T) {
	tests := []struct {
		err  *Error
		want string
	}{
		{&Error{Method: "sendMessage", Code: 400, Outcome: Refused, Description: "Bad Request: x"}, "call sendMessage: refused (400): Bad Request: x"},
		{&Error{Method: "getMe", Outcome: NotSent, Err: io.EOF}, "call getMe: not sent: EOF"},
		{&Error{Method: "getMe", Outcome: 99}, "call getMe: outcome 99"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if err := error(&Error{Err: io.EOF}); !errors.Is(err, io.EOF) {
		t.Error("the cause is lost")
	}
}

func TestHostileDescriptionIsOneLine(t *testing.T) {
	f := connect(t, answer(400, `{"ok":false,"error_code":400,"description":"a\nlevel=ERROR \u202eb"}`))
	_, err := f.Me(t.Context())
	if got, want := fmt.Sprint(err), "call getMe: refused (400): a level=ERROR b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
