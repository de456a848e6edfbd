package telegramtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// order is the body of every POST to the control server; each path reads the fields it needs.
type order struct {
	User    int64  `json:"user"`
	Chat    int64  `json:"chat"`
	Message int    `json:"message"`
	Text    string `json:"text"`
	Data    string `json:"data"`
	ReplyTo int    `json:"reply_to"`
	Thread  int    `json:"thread"`
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	MIME    string `json:"mime"`
	Size    int64  `json:"size"`
	Content []byte `json:"content"`
	Caption string `json:"caption"`
	Blocked bool   `json:"blocked"`
	Down    bool   `json:"down"`

	Items    []orderItem `json:"items"`
	FromChat int64       `json:"from_chat"`
	Status   string      `json:"status"`
	Rights   Rights      `json:"rights"`
}

// orderItem is one item of an album.
type orderItem struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	MIME    string `json:"mime"`
	Size    int64  `json:"size"`
	Content []byte `json:"content"`
	Caption string `json:"caption"`
}

// Control is a handler to control the server over HTTP; see the package comment.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	post := func(path string, do func(order) (any, error)) {
		mux.HandleFunc("POST "+path, control(func(r *http.Request) (any, error) {
			var o order
			if err := decodeBody(r, &o); err != nil {
				return nil, err
			}
			return do(o)
		}))
	}
	post("/send", func(o order) (any, error) {
		c, err := s.seat(o)
		if err != nil {
			return nil, err
		}
		if o.Text == "" {
			return nil, errors.New("text is missing")
		}
		return c.PastePieces(o.Text)[0], nil
	})
	post("/press", func(o order) (any, error) {
		c, err := s.seat(o)
		if err != nil {
			return nil, err
		}
		id, err := c.press(o.Message, o.Data)
		return map[string]string{"id": id}, err
	})
	post("/file", s.controlFile)
	post("/album", s.controlAlbum)
	post("/edit", func(o order) (any, error) {
		c, err := s.seat(o)
		if err != nil {
			return nil, err
		}
		if err := c.editable(o.Message, o.Text); err != nil {
			return nil, err
		}
		return c.Edit(o.Message, o.Text), nil
	})
	post("/forward", s.controlForward)
	post("/bot", s.controlBot)
	post("/block", func(o order) (any, error) {
		c, err := s.seat(order{User: o.User})
		if err != nil {
			return nil, err
		}
		if o.Blocked {
			c.Block()
		} else {
			c.Unblock()
		}
		return struct{}{}, nil
	})
	post("/down", func(o order) (any, error) { s.SetDown(o.Down); return struct{}{}, nil })
	mux.HandleFunc("POST /redeliver", control(func(*http.Request) (any, error) { s.Redeliver(); return struct{}{}, nil }))
	mux.HandleFunc("POST /user", control(func(r *http.Request) (any, error) {
		var u User
		err := decodeBody(r, &u)
		if err == nil && u.ID <= 0 {
			err = errors.New("a user needs an id")
		}
		if err == nil {
			s.AddUser(u)
		}
		return struct{}{}, err
	}))
	mux.HandleFunc("POST /fault", control(func(r *http.Request) (any, error) {
		var f Fault
		err := decodeBody(r, &f)
		if err == nil {
			s.Fail(f)
		}
		return struct{}{}, err
	}))
	mux.HandleFunc("GET /download", s.controlDownload)
	mux.HandleFunc("GET /messages", control(func(r *http.Request) (any, error) {
		id, _ := strconv.ParseInt(r.FormValue("chat"), 10, 64)
		thread, _ := strconv.Atoi(r.FormValue("thread"))
		s.mu.Lock()
		defer s.mu.Unlock()
		ch := s.chats[id]
		if ch == nil {
			return nil, fmt.Errorf("no chat %d", id)
		}
		return append([]Message{}, s.messages(ch, thread)...), nil
	}))
	mux.HandleFunc("GET /requests", control(func(r *http.Request) (any, error) {
		all := s.Requests()
		since, _ := strconv.Atoi(r.FormValue("since"))
		since = min(max(since, 0), len(all))
		return map[string]any{"next": len(all), "requests": append([]Request{}, all[since:]...)}, nil
	}))
	mux.HandleFunc("GET /answers", control(func(*http.Request) (any, error) { return append([]Answer{}, s.Answers()...), nil }))
	mux.HandleFunc("GET /violations", control(func(*http.Request) (any, error) { return append([]string{}, s.Violations()...), nil }))
	return mux
}

// seat is the chat of an order as its user sees it.
func (s *Server) seat(o order) (*Chat, error) {
	if o.User <= 0 {
		return nil, errors.New("who does it? user is missing")
	}
	s.mu.Lock()
	u, group := s.users[o.User], s.chats[o.Chat]
	s.mu.Unlock()
	p := &Person{s: s}
	if u != nil {
		p.User = *u
	} else {
		p = s.AddUser(User{ID: o.User, FirstName: fmt.Sprintf("User %d", o.User)})
	}
	c := p.Private()
	if o.Chat != 0 && o.Chat != o.User {
		if group == nil || group.wire.Type == "private" {
			return nil, fmt.Errorf("no group %d", o.Chat)
		}
		c = (&Group{s, group}).As(p)
	}
	return c.In(o.Thread).Replying(o.ReplyTo), nil
}

// editable returns why the person can't change a message to a text.
func (c *Chat) editable(id int, text string) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	m := c.chat().find(id)
	switch {
	case m == nil:
		return fmt.Errorf("no message %d", id)
	case m.wire.From == nil || m.wire.From.ID != c.from.ID:
		return fmt.Errorf("message %d is somebody else's", id)
	case m.wire.service() != "" || m.wire.ForwardOrigin != nil:
		return fmt.Errorf("message %d can't be edited", id)
	case m.file != nil:
		return captionFits(text)
	case text == "" || units(text) > maxText:
		return fmt.Errorf("a text has 1 to %d characters, not %d", maxText, units(text))
	}
	return nil
}

func (s *Server) controlForward(o order) (any, error) {
	from, err := s.seat(order{User: o.User, Chat: o.FromChat})
	if err != nil {
		return nil, err
	}
	to, err := s.seat(order{User: o.User, Chat: o.Chat, Thread: o.Thread})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	m := from.chat().find(o.Message)
	s.mu.Unlock()
	if m == nil || m.wire.service() != "" || m.wire.Protected {
		return nil, fmt.Errorf("there is no message %d to forward", o.Message)
	}
	return to.ForwardFrom(from, o.Message), nil
}

// controlBot has a person add the bot to a group, promote it or remove it.
func (s *Server) controlBot(o order) (any, error) {
	if o.Chat == 0 {
		return nil, errors.New("which group? chat is missing")
	}
	if _, err := s.seat(order{User: o.User, Chat: o.Chat}); err != nil {
		return nil, err
	}
	s.mu.Lock()
	by, g := &Person{User: *s.users[o.User], s: s}, &Group{s, s.chats[o.Chat]}
	s.mu.Unlock()
	was := g.BotStatus()
	inside := was == "member" || was == "administrator"
	switch {
	case o.Status == "left" && inside:
		g.Kick(by)
	case o.Status == "member" && was == "administrator":
		g.Demote(by)
	case o.Status == "member" && !inside:
		g.AddBot(by)
	case o.Status == "administrator":
		g.Promote(by, o.Rights)
		if !inside { // added with its rights in one step
			s.mu.Lock()
			g.note(wireMessage{From: s.users[o.User], NewChatMembers: []User{s.bot}})
			s.mu.Unlock()
		}
	default:
		return nil, fmt.Errorf("the bot can't go from %q to %q", was, o.Status)
	}
	return struct{}{}, nil
}

func decodeBody(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	return nil
}

func control(do func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := do(r)
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			v = map[string]string{"error": err.Error()}
		}
		_ = json.NewEncoder(w).Encode(v)
	}
}
