package telegram

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// Outcome says what is known about the effect of a failed call.
type Outcome int

const (
	// Unknown: the request, or part of it, was written and no readable answer
	// came back. It may have had its effect.
	Unknown Outcome = iota
	// NotSent: certainly no effect. Nothing was written (dialling, DNS, TLS), the
	// file to upload could not be read to its end, or something in between that is
	// not the Bot API rejected the request.
	NotSent
	// Refused: the Bot API rejected the request (400 and the like); repeating it
	// unchanged is useless.
	Refused
	// Forbidden: 403, the bot is blocked, kicked or lacks access.
	Forbidden
	// Conflict: 409, a webhook is set or another process polls.
	Conflict
	// Unauthorized: 401, or the bare 404 in answer to a wrong token.
	Unauthorized
	// RateLimited: 429, certainly no effect; Error.RetryAfter says how long.
	RateLimited
	// Temporary: the Bot API itself answered with a 5xx.
	Temporary
)

var outcomeNames = [...]string{"unknown", "not sent", "refused", "forbidden", "conflict", "unauthorized", "rate limited", "temporary"}

func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomeNames) {
		return fmt.Sprintf("outcome %d", int(o))
	}
	return outcomeNames[o]
}

// Error is returned by every failed call.
type Error struct {
	Method      string
	Code        int    // of the answer, or the HTTP status if it isn't the Bot API's; 0 without an answer
	Description string // the Bot API's description, or what went wrong on the way
	RetryAfter  time.Duration
	MigrateTo   ChatID // the supergroup that the group was upgraded to, or 0
	Outcome     Outcome
	File        int   // which of the files to upload could not be opened or read to its end, from 1; 0: none
	Err         error // the cause if the Bot API has not answered, or nil
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "call %s: %s", e.Method, e.Outcome)
	if e.Code != 0 {
		fmt.Fprintf(&b, " (%d)", e.Code)
	}
	if e.Description != "" {
		b.WriteString(": " + e.Description)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// ErrFileTooBig is the error of a file above OpenFile's limit.
var ErrFileTooBig = errors.New("file is too big")

// TooLargeError is the cause of a failure if the answer exceeded maxAnswer.
type TooLargeError struct {
	// FirstUpdate is the first update_id in an answer to getUpdates; 0: none.
	FirstUpdate int64
}

func (e *TooLargeError) Error() string { return fmt.Sprintf("answer exceeds %d bytes", maxAnswer) }

var firstUpdate = regexp.MustCompile(`^\s*{\s*"ok"\s*:\s*true\s*,\s*"result"\s*:\s*\[\s*{\s*"update_id"\s*:\s*(\d{1,18})\D`)

func newTooLargeError(answer []byte) *TooLargeError {
	e := &TooLargeError{}
	if found := firstUpdate.FindSubmatch(answer); found != nil {
		e.FirstUpdate, _ = strconv.ParseInt(string(found[1]), 10, 64) // 18 digits fit
	}
	return e
}

// defaultRetryAfter is for a 429 that does not say how long to wait.
const defaultRetryAfter = 5 * time.Second

// refusal translates the Bot API's "ok":false. The code is from the answer, because in the
// library's error it is 0 after an upload.
func refusal(method string, status int, answer *tgbotapi.APIResponse) *Error {
	e := &Error{Method: method, Code: answer.ErrorCode, Description: Clean(answer.Description)}
	if e.Code == 0 {
		e.Code = status
	}
	if p := answer.Parameters; p != nil {
		e.MigrateTo = ChatID(p.MigrateToChatID)
		e.RetryAfter = boundedWait(int64(p.RetryAfter))
	}
	switch {
	case e.Code == http.StatusUnauthorized:
		e.Outcome = Unauthorized
	case e.Code == http.StatusNotFound && !strings.Contains(e.Description, "method not found"):
		e.Outcome = Unauthorized
	case e.Code == http.StatusForbidden:
		e.Outcome = Forbidden
	case e.Code == http.StatusConflict:
		e.Outcome = Conflict
	case e.Code == http.StatusTooManyRequests:
		e.Outcome = RateLimited
		if e.RetryAfter == 0 {
			e.RetryAfter = defaultRetryAfter
		}
	case e.Code >= 500:
		e.Outcome = Temporary
	case e.Code >= 400:
		e.Outcome = Refused
	}
	return e
}

// foreign classifies an answer that is not the Bot API's but of something in between: a proxy, a
// login page, a wrong address. A redirect or a 4xx means that the request did not reach the API;
// after a 5xx or a 2xx that is unknown.
func foreign(method string, status int, retryAfter time.Duration, err error) *Error {
	e := &Error{
		Method: method, Code: status, Err: err,
		Description: "the answer is not the Bot API's",
	}
	switch {
	case status >= 300 && status < 400:
		e.Outcome = NotSent
		e.Description = "a redirect is not followed, check the API address"
	case status == http.StatusRequestEntityTooLarge:
		e.Outcome = Refused
	case status == http.StatusTooManyRequests:
		e.Outcome = RateLimited
		e.RetryAfter = retryAfter
		if e.RetryAfter <= 0 {
			e.RetryAfter = defaultRetryAfter
		}
	case status >= 400 && status < 500:
		e.Outcome = NotSent
	}
	return e
}

// describes reports whether err is an answer of the Bot API that contains one of the phrases.
func describes(err error, phrases ...string) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Outcome == Unknown || e.Outcome == NotSent {
		return false
	}
	description := strings.ToLower(e.Description)
	for _, phrase := range phrases {
		if strings.Contains(description, phrase) {
			return true
		}
	}
	return false
}

// IsNotModified: the edit would change nothing, which is as good as done.
func IsNotModified(err error) bool {
	return describes(err, "message is not modified", "topic_not_modified", "chat_not_modified")
}

// IsReactionRefused: this chat or server does not accept the reaction. A missing message is a
// different error.
func IsReactionRefused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Method != (SetMessageReaction{}).Method() || e.Outcome != Refused || e.MigrateTo != 0 {
		return false
	}
	return !describes(err, "not found") || describes(err, "method not found")
}

// IsThreadNotFound: the topic has been deleted.
func IsThreadNotFound(err error) bool {
	return describes(err, "message thread not found", "topic_deleted", "topic_id_invalid", "topic not found")
}

// IsNotForum: the chat has no topics.
func IsNotForum(err error) bool { return describes(err, "not a forum") }

// IsTooOldCallback: the button press can no longer be answered.
func IsTooOldCallback(err error) bool {
	return describes(err, "query is too old", "query id is invalid", "query_id_invalid")
}

// IsTooBig: the file exceeds a limit, the server's or the caller's.
func IsTooBig(err error) bool {
	if errors.Is(err, ErrFileTooBig) {
		return true
	}
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == http.StatusRequestEntityTooLarge || describes(err, "too big", "too large")
}

// IsMessageNotFound: the message to edit, delete, pin, react or reply to is gone.
func IsMessageNotFound(err error) bool {
	return describes(err, "message to edit not found", "message to delete not found", "message to react not found",
		"message to pin not found", "message to be replied not found", "message to reply not found",
		"message_id_invalid", "message can't be edited", "message can't be deleted")
}

// Closure is the extent to which a chat can't be written to at present. It ends by itself, or by
// what people do there.
type Closure string

// The closures.
const (
	// ClosedChat: nothing reaches the chat: blocked, kicked, deleted.
	ClosedChat Closure = "chat"
	// ClosedWords: the bot is muted or restricted there.
	ClosedWords Closure = "words"
	// ClosedFiles: files like this one are forbidden there.
	ClosedFiles Closure = "files"
	// ClosedTopic: in the message's topic only those who manage topics may write.
	ClosedTopic Closure = "topic"
)

// ClosureOf returns the closure that a failure reveals; "": none.
func ClosureOf(err error) Closure {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return ""
	case e.Outcome == Forbidden, describes(err, "chat not found", "peer_id_invalid", "user is deactivated", "group chat was deactivated"):
		return ClosedChat
	case describes(err, "topic_closed"):
		return ClosedTopic
	case describes(err, "not enough rights to send text", "have no rights to send a message", "chat_write_forbidden", "chat_restricted",
		"chat_send_plain_forbidden", "chat_guest_send_forbidden", "user_banned_in_channel"):
		return ClosedWords
	case describes(err, "not enough rights to send", "chat_send_"):
		return ClosedFiles
	}
	return ""
}

// IsNoRights: the bot lacks a right in the group.
func IsNoRights(err error) bool {
	return describes(err, "not enough rights", "have no rights", "chat_admin_required", "need administrator rights", "chat_write_forbidden")
}
