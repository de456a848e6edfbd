package plusofontest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"plusofon-bot/plusofon"
)

// Control serves the staff side over HTTP; the package documentation lists its calls. It is
// unauthenticated: use it on a loopback address.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	handle(mux, "POST /open", func(in struct{ Subject, Text string }) (any, error) {
		return m{"ticket": s.OpenInCabinet(in.Subject, in.Text)}, nil
	})
	handle(mux, "POST /reply", func(in struct {
		Ticket      plusofon.TicketID
		Name, Text  string
		Attachments []Attachment
	}) (any, error) {
		if err := s.known(in.Ticket); err != nil {
			return nil, err
		}
		return m{"post": s.Reply(in.Ticket, in.Name, in.Text, in.Attachments...)}, nil
	})
	handle(mux, "POST /customer-reply", func(in struct {
		Ticket plusofon.TicketID
		Text   string
	}) (any, error) {
		if err := s.known(in.Ticket); err != nil {
			return nil, err
		}
		return m{"post": s.CustomerReply(in.Ticket, in.Text)}, nil
	})
	handle(mux, "POST /note", func(in struct {
		Ticket     plusofon.TicketID
		Name, Text string
	}) (any, error) {
		if err := s.known(in.Ticket); err != nil {
			return nil, err
		}
		return m{"post": s.Note(in.Ticket, in.Name, in.Text)}, nil
	})
	handle(mux, "POST /edit", func(in struct {
		Ticket plusofon.TicketID
		Post   plusofon.PostID
		Text   string
	}) (any, error) {
		if err := s.knownPost(in.Ticket, in.Post); err != nil {
			return nil, err
		}
		s.Edit(in.Ticket, in.Post, in.Text)
		return m{}, nil
	})
	handle(mux, "POST /delete", func(in struct {
		Ticket plusofon.TicketID
		Post   plusofon.PostID
	}) (any, error) {
		if in.Post == 0 {
			if err := s.known(in.Ticket); err != nil {
				return nil, err
			}
			s.DeleteTicket(in.Ticket)
			return m{}, nil
		}
		if err := s.knownPost(in.Ticket, in.Post); err != nil {
			return nil, err
		}
		s.Delete(in.Ticket, in.Post)
		return m{}, nil
	})
	handle(mux, "POST /merge", func(in struct{ Ticket, Into plusofon.TicketID }) (any, error) {
		if err := cmp.Or(s.known(in.Ticket), s.known(in.Into)); err != nil {
			return nil, err
		}
		s.Merge(in.Ticket, in.Into)
		return m{}, nil
	})
	for path, open := range map[string]bool{"POST /close": false, "POST /reopen": true} {
		handle(mux, path, func(in struct{ Ticket plusofon.TicketID }) (any, error) {
			if err := s.known(in.Ticket); err != nil {
				return nil, err
			}
			s.setOpen(in.Ticket, open)
			return m{}, nil
		})
	}
	handle(mux, "POST /fault", func(in wireFault) (any, error) {
		s.AddFault(Fault{
			Op: in.Op, Times: in.Times, DropBefore: in.DropBefore, DropAfter: in.DropAfter, HalfBody: in.HalfBody,
			Effect: in.Effect, Delay: time.Duration(in.DelayMS) * time.Millisecond,
			Status: in.Status, Body: in.Body, Header: in.header(),
		})
		return m{}, nil
	})
	handle(mux, "POST /switch", func(in struct {
		Down       bool
		AnswerLost bool `json:"answer_lost"`
		SlowMS     int  `json:"slow_ms"`
		LimitedS   int  `json:"rate_limited_s"`
	}) (any, error) {
		s.Switch(Switches{
			Down: in.Down, AnswerLost: in.AnswerLost,
			Slow: time.Duration(in.SlowMS) * time.Millisecond, RateLimited: time.Duration(in.LimitedS) * time.Second,
		})
		return m{}, nil
	})
	handle(mux, "POST /expire", func(struct{}) (any, error) {
		s.ExpireTokens()
		return m{}, nil
	})
	mux.HandleFunc("GET /download", func(w http.ResponseWriter, r *http.Request) {
		f, ok := s.attachment(r.URL.Query().Get("id"))
		if !ok {
			http.Error(w, "no such file, or its content is not kept", http.StatusNotFound)
			return
		}
		maps.Copy(w.Header(), saved(f))
		_, _ = w.Write(f.Content)
	})
	mux.HandleFunc("GET /tickets", func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, s.Tickets(), nil) })
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, r *http.Request) {
		since, err := strconv.Atoi(r.URL.Query().Get("since"))
		if err != nil && r.URL.Query().Has("since") {
			answerJSON(w, nil, fmt.Errorf("since is not a number"))
			return
		}
		answerJSON(w, s.RequestsSince(since), nil)
	})
	return mux
}

type wireFault struct {
	Op         string            `json:"op"`
	Times      int               `json:"times"`
	DropBefore bool              `json:"drop_before"`
	DropAfter  bool              `json:"drop_after"`
	HalfBody   bool              `json:"half_body"`
	Effect     bool              `json:"effect"`
	DelayMS    int               `json:"delay_ms"`
	Status     int               `json:"status"`
	Body       string            `json:"body"`
	Header     map[string]string `json:"header"`
}

func (f wireFault) header() http.Header {
	if f.Header == nil {
		return nil
	}
	h := http.Header{}
	for k, v := range f.Header {
		h.Set(k, v)
	}
	return h
}

func (s *Server) known(id plusofon.TicketID) error {
	if _, ok := s.Ticket(id); !ok {
		return fmt.Errorf("no ticket %d", id)
	}
	return nil
}

func (s *Server) knownPost(id plusofon.TicketID, post plusofon.PostID) error {
	t, ok := s.Ticket(id)
	if !ok || !slices.ContainsFunc(t.Posts, func(p Post) bool { return p.ID == post }) {
		return fmt.Errorf("no post %d in ticket %d", post, id)
	}
	return nil
}

func handle[In any](mux *http.ServeMux, pattern string, do func(In) (any, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		var in In
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<20))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			answerJSON(w, nil, fmt.Errorf("read the body: %w", err))
			return
		}
		out, err := do(in)
		answerJSON(w, out, err)
	})
}

func answerJSON(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		v = m{"error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(v)
}
