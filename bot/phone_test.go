package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
)

// phone is Telegram as people have it, Anna unless a method says who. Message ids are
// shared by all chats, as in private ones.
type phone struct {
	gone
	updates   []telegram.Raw
	given     []telegram.Raw // and confirmed
	numbers   int
	last      int64          // the id of the last update
	chats     map[int]int64  // where the bot's messages are
	texts     map[int]string // the bot's messages
	order     []int
	buttons   map[int]telegram.InlineKeyboard
	reactions map[int]string
	replies   map[int]int                // what the bot's messages reply to
	moved     chan struct{}              // there is an update
	shut      map[int64]telegram.Closure // unreachable chats
	bad       map[string]int64           // texts that Telegram fails on in a chat
}

func newPhone() *phone {
	return &phone{chats: map[int]int64{}, texts: map[int]string{}, buttons: map[int]telegram.InlineKeyboard{}, reactions: map[int]string{}, replies: map[int]int{},
		shut: map[int64]telegram.Closure{}, bad: map[string]int64{}}
}

func (p *phone) arrives(update map[string]any) {
	p.last++
	update["update_id"] = p.last
	text, err := json.Marshal(update)
	if err != nil {
		panic(err)
	}
	p.updates = append(p.updates, telegram.Raw{ID: p.last, JSON: text})
	close(p.moved)
	p.moved = make(chan struct{})
}

// person is someone, and the private chat with them.
func person(id int64) map[string]any {
	name := map[int64]string{bottest.AnnaID: "Анна", bottest.BorisID: "Борис"}[id]
	return map[string]any{"id": id, "type": "private", "first_name": name, "language_code": "ru"}
}

func (p *phone) message(who int64, id int) map[string]any {
	return map[string]any{"message_id": id, "date": time.Now().Unix(), "chat": person(who), "from": person(who)}
}

// writes has Anna write, as a reply if to is not 0.
func (p *phone) writes(to int, text string) int { return p.from(bottest.AnnaID, to, text) }

// from has someone write.
func (p *phone) from(who int64, to int, text string) int {
	return p.sends(who, to, func(msg map[string]any) {
		msg["text"] = text
		if command, _, _ := strings.Cut(text, " "); strings.HasPrefix(text, "/") {
			msg["entities"] = []map[string]any{{"type": "bot_command", "offset": 0, "length": len(command)}}
		}
	})
}

// sendsFile has someone send a document.
func (p *phone) sendsFile(who int64, to int, caption string) int {
	return p.sends(who, to, func(msg map[string]any) {
		msg["caption"] = caption
		msg["document"] = map[string]any{"file_id": "f", "file_unique_id": "u", "file_name": "a.txt", "file_size": 1}
	})
}

func (p *phone) sends(who int64, to int, fill func(msg map[string]any)) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.numbers++
	msg := p.message(who, p.numbers)
	fill(msg)
	if to != 0 {
		quoted := p.message(who, to)
		if text, ok := p.texts[to]; ok { // the bot's
			quoted["from"] = map[string]any{"id": 1000, "is_bot": true, "first_name": "Бот", "username": "test_bot"}
			quoted["text"], quoted["reply_markup"] = text, p.buttons[to]
		}
		msg["reply_to_message"] = quoted
	}
	p.arrives(map[string]any{"message": msg})
	return p.numbers
}

// again delivers the last updates once more, with new ids.
func (p *phone) again(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, u := range p.given[max(len(p.given)-n, 0):] {
		var update map[string]any
		if err := json.Unmarshal(u.JSON, &update); err != nil {
			panic(err)
		}
		p.arrives(update)
	}
}

// waits reports whether there are updates that nobody has confirmed.
func (p *phone) waits() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.updates) > 0
}

// sent returns how many messages the bot has sent.
func (p *phone) sent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.order)
}

// pressed presses a button wherever it exists.
func (p *phone) pressed(label string) bool { return p.pressedUnder("", label) }

// pressedUnder presses a button under each message that contains a text.
func (p *phone) pressedUnder(text, label string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := false
	for _, id := range slices.Backward(p.order) {
		if !strings.Contains(p.texts[id], text) {
			continue
		}
		for _, row := range p.buttons[id] {
			for _, button := range row {
				if button.Text == label {
					p.numbers++
					p.arrives(map[string]any{"callback_query": map[string]any{
						"id": fmt.Sprint("press ", p.numbers), "from": person(p.chats[id]), "message": p.message(p.chats[id], id), "data": button.Data,
					}})
					found = true
				}
			}
		}
	}
	return found
}

// reads returns the bot's current messages to Anna.
func (p *phone) reads() []string { return p.readBy(bottest.AnnaID) }

func (p *phone) readBy(who int64) (texts []string) {
	for _, text := range p.messagesTo(who) {
		texts = append(texts, text)
	}
	return texts
}

// messagesTo yields the bot's messages in a chat by id, in order.
func (p *phone) messagesTo(who int64) iter.Seq2[int, string] {
	p.mu.Lock()
	defer p.mu.Unlock()
	order, texts := slices.Clone(p.order), maps.Clone(p.texts)
	order = slices.DeleteFunc(order, func(id int) bool { return p.chats[id] != who })
	return func(yield func(int, string) bool) {
		for _, id := range order {
			if !yield(id, texts[id]) {
				return
			}
		}
	}
}

func (p *phone) find(text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range slices.Backward(p.order) {
		if strings.Contains(p.texts[id], text) {
			return id
		}
	}
	panic("no message with " + text)
}

func (p *phone) reaction(id int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reactions[id]
}

func (p *phone) Me(context.Context) (telegram.Me, error) {
	if p.isLost() {
		return telegram.Me{}, &telegram.Error{Method: "getMe", Outcome: telegram.NotSent, Description: "no route to host"}
	}
	return telegram.Me{ID: 1000, Username: "test_bot"}, nil
}

func (p *phone) Updates(ctx context.Context, offset int64, _ int, timeout time.Duration) ([]telegram.Raw, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		p.mu.Lock()
		lost, moved := p.lost, p.moved
		for len(p.updates) > 0 && p.updates[0].ID < offset {
			p.given, p.updates = append(p.given, p.updates[0]), p.updates[1:]
		}
		list := slices.Clone(p.updates)
		p.mu.Unlock()
		if lost {
			return nil, &telegram.Error{Method: "getUpdates", Outcome: telegram.NotSent, Description: "no route to host"}
		}
		if len(list) > 0 {
			return list, nil
		}
		select {
		case <-moved:
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (p *phone) Do(_ context.Context, c telegram.Call) (telegram.Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost {
		return telegram.Result{}, &telegram.Error{Method: c.Method, Outcome: telegram.NotSent, Description: "no route to host"}
	}
	var what struct {
		Chat     int64                    `json:"chat_id"`
		ID       int                      `json:"message_id"`
		Text     string                   `json:"text"`
		Markup   telegram.InlineKeyboard  `json:"reply_markup"`
		Reaction []struct{ Emoji string } `json:"reaction"`
		Reply    struct {
			To int `json:"message_id"`
		} `json:"reply_parameters"`
	}
	if err := json.Unmarshal(c.Params, &what); err != nil && len(c.Params) > 0 {
		return telegram.Result{}, err
	}
	if err := p.refuses(c.Method, what.Chat, what.Text); err != nil {
		return telegram.Result{}, err
	}
	switch c.Method {
	case "setMessageReaction":
		p.reactions[what.ID] = ""
		for _, r := range what.Reaction {
			p.reactions[what.ID] = r.Emoji
		}
	case "deleteMessage":
		if _, there := p.texts[what.ID]; !there {
			return telegram.Result{}, &telegram.Error{Method: c.Method, Code: 400, Outcome: telegram.Refused, Description: "Bad Request: message to delete not found"}
		}
		p.order = slices.DeleteFunc(p.order, func(id int) bool { return id == what.ID })
		delete(p.texts, what.ID)
		delete(p.buttons, what.ID)
		return telegram.Result{}, nil
	case "sendMessage":
		p.numbers++
		what.ID = p.numbers
		p.chats[what.ID] = what.Chat
		p.order = append(p.order, what.ID)
		p.replies[what.ID] = what.Reply.To
		fallthrough
	case "editMessageText":
		if !slices.Contains(p.order, what.ID) {
			return telegram.Result{}, &telegram.Error{Method: c.Method, Code: 400, Outcome: telegram.Refused, Description: "Bad Request: message to edit not found"}
		}
		p.texts[what.ID], p.buttons[what.ID] = what.Text, what.Markup
	}
	return telegram.Result{MessageID: telegram.MessageID(what.ID)}, nil
}

// shuts makes a chat unreachable, or with "" reachable.
func (p *phone) shuts(who int64, closure telegram.Closure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut[who] = closure
}

// failsOn makes Telegram fail forever on messages to a chat that contain a text; with chat
// 0 no more.
func (p *phone) failsOn(text string, who int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bad[text] = who
}

func (p *phone) refuses(method string, who int64, text string) error {
	switch {
	case p.shut[who] == telegram.ClosedChat:
		return &telegram.Error{Method: method, Code: 403, Outcome: telegram.Forbidden, Description: "Forbidden: bot was blocked by the user"}
	case p.shut[who] == telegram.ClosedWords && method == "sendMessage":
		return &telegram.Error{Method: method, Code: 400, Outcome: telegram.Refused, Description: "Bad Request: not enough rights to send text messages to the chat"}
	}
	for bad, chat := range p.bad {
		if chat == who && strings.Contains(text, bad) {
			return &telegram.Error{Method: method, Code: 500, Outcome: telegram.Temporary, Description: "Internal Server Error"}
		}
	}
	return nil
}

func (p *phone) Upload(ctx context.Context, c telegram.Call, _ ...telegram.Upload) (telegram.Result, error) {
	return p.Do(ctx, c)
}

func (p *phone) OpenFile(context.Context, string, int64) (io.ReadCloser, int64, error) {
	return io.NopCloser(strings.NewReader("x")), 1, nil
}
