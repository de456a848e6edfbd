package telegramtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// order is the body of every POST to the control surface; each path reads the
// fields it needs.
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
}

// Control is the surface to drive the server over HTTP; see the package comment.
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
	post("/edit", func(o order) (any, error) {
		c, err := s.seat(o)
		if err != nil {
			return nil, err
		}
		if !c.exists(o.Message) {
			return nil, fmt.Errorf("no message %d", o.Message)
		}
		return c.Edit(o.Message, o.Text), nil
	})
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

func (s *Server) controlFile(o order) (any, error) {
	c, err := s.seat(o)
	if err != nil {
		return nil, err
	}
	switch o.Kind = cmp.Or(o.Kind, "document"); o.Kind {
	case "photo", "document", "voice", "video", "audio", "animation", "video_note":
	default:
		return nil, fmt.Errorf("%q is no kind of file", o.Kind)
	}
	return c.sendFile(o.Kind, File{Name: o.Name, MIME: o.MIME, Size: o.Size, Content: o.Content}, o.Caption, o.ReplyTo), nil
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

func (c *Chat) exists(id int) bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.chat().find(id) != nil
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
