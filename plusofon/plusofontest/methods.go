package plusofontest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"plusofon-bot/plusofon"
)

// maxBody is the maximum size of a body, uploads excepted.
const maxBody = 4 << 20

// reply is an answer to be written, and the request's effect.
type reply struct {
	status int
	header http.Header
	body   []byte
	effect string
}

func good(effect string, v any) reply {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // every value is built here
	}
	return reply{status: http.StatusOK, body: b, effect: effect}
}

func complain(status int, key, text string) reply {
	r := good("", m{key: text, "code": status})
	r.status = status
	return r
}

func invalid(text string) reply { return complain(http.StatusBadRequest, "message", text) }

// unknownTicket is the help desk's answer as passed on by the API.
func unknownTicket() reply {
	return complain(http.StatusInternalServerError, "message",
		"HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Type: text/html; charset=UTF-8\r\nConnection: keep-alive\r\n\r\nTicket not Found")
}

// checkHeaders rejects requests without the required headers.
func (s *Server) checkHeaders(r *http.Request, op string) (reply, bool) {
	h := r.Header
	switch {
	case op == "download": // a browser would send none of these
		return reply{}, true
	case op != "login" && !s.knows(h.Get("Authorization")):
		if h.Get("Accept") != "application/json" {
			redirect := complain(http.StatusFound, "message", "Redirecting to /login")
			redirect.header = http.Header{"Location": {s.url + "/login"}}
			return redirect, false
		}
		return complain(http.StatusUnauthorized, "message", "Unauthenticated."), false
	case h.Get("Accept") != "application/json":
		return invalid("The Accept header is not application/json"), false
	case h.Get("Content-Type") != "application/json":
		return invalid("The Content-Type header is not application/json"), false
	case h.Get("Client") != s.cfg.Client:
		return invalid("The Client header is not known"), false
	}
	return reply{}, true
}

func (s *Server) knows(authorization string) bool {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	s.mu.Lock()
	defer s.mu.Unlock()
	return ok && token != "" && (token == s.cfg.Token || s.logins[token])
}

func (s *Server) list(r *http.Request, in input) reply {
	fields, bad := in.fields()
	if bad != nil {
		return *bad
	}
	inQuery, inBody := r.URL.Query()["state"], fields["state"]
	state, _ := inBody.(string)
	if inBody == nil && len(inQuery) == 1 {
		state = inQuery[0]
	}
	if state != "true" && state != "false" || len(inQuery) > 0 && inBody != nil && inQuery[0] != state {
		return complain(http.StatusInternalServerError, "message", "Undefined index: all")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return good("", s.wireList(state == "true"))
}

func (s *Server) show(r *http.Request, _ input) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.meant(pathID(r))
	if t == nil {
		return unknownTicket()
	}
	shown := good("", s.wireTicket(t, true))
	t.Unread = false
	return shown
}

func (s *Server) open(_ *http.Request, in input) reply {
	fields, bad := in.fields()
	if bad != nil {
		return *bad
	}
	subject, missing := s.required(fields, "subject")
	if missing != nil {
		return *missing
	}
	description, missing := s.required(fields, "description")
	if missing != nil {
		return *missing
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.addTicket(subject, description)
	s.notify()
	return good(fmt.Sprintf("opened %d", t.ID), s.wireTicket(t, false))
}

func (s *Server) answer(r *http.Request, in input) reply {
	fields, bad := in.fields()
	if bad != nil {
		return *bad
	}
	text, missing := s.required(fields, "text")
	if missing != nil {
		return *missing
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.meant(pathID(r))
	if t == nil {
		return unknownTicket()
	}
	if !t.Open && s.cfg.RefuseClosed {
		return invalid("Обращение закрыто")
	}
	t.Open = true
	p := s.addPost(t, Post{Text: text, Author: s.cfg.Email, AuthorID: customerID})
	s.notify()
	effect := fmt.Sprintf("answered %d with %d", t.ID, p)
	if s.cfg.AnswerEmpty {
		return good(effect, m{})
	}
	return good(effect, s.wireTicket(t, false))
}

func (s *Server) attach(_ *http.Request, in input) reply {
	if in.err != nil {
		return invalid(in.err.Error())
	}
	up := in.upload
	for _, field := range []string{"ticketId", "ticketPostID", "filename", "contents"} {
		if !up.has[field] {
			return invalid("The " + field + " field is required")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.find(plusofon.TicketID(up.ticket))
	if t == nil {
		return unknownTicket()
	}
	for i := range t.Posts {
		if int64(t.Posts[i].ID) == up.post {
			f := s.addFile(&t.Posts[i], up.file)
			s.notify()
			return good(fmt.Sprintf("attached %d to %d", f.ID, up.post), m{"success": true})
		}
	}
	return unknownTicket()
}

func (s *Server) login(_ *http.Request, in input) reply {
	fields, bad := in.fields()
	if bad != nil {
		return *bad
	}
	email, missing := s.required(fields, "email")
	if missing != nil {
		return *missing
	}
	password, missing := s.required(fields, "password")
	if missing != nil {
		return *missing
	}
	if s.cfg.Password == "" || email != s.cfg.Email || password != s.cfg.Password {
		return complain(http.StatusUnauthorized, "message", "Неверный логин или пароль")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nLogins++
	token := fmt.Sprintf("login-token-%d", s.nLogins)
	s.logins[token] = true
	return good("logged in", m{"token": token, "refresh_token": "refresh-" + token})
}

// ExpireTokens invalidates all tokens obtained by logging in.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.logins)
}

func (s *Server) account(_ *http.Request, _ input) reply {
	return good("", m{"user": m{
		"id": customerID, "email": s.cfg.Email, "phone": "", "first_name": "Иван", "last_name": "Петров",
		"role": m{"name": "client", "client_id": 1},
	}})
}

func (s *Server) download(r *http.Request, _ input) reply {
	f, ok := s.attachment(r.PathValue("id"))
	if !ok {
		return complain(http.StatusNotFound, "error", "Not Found")
	}
	return reply{status: http.StatusOK, body: f.Content, header: saved(f)}
}

// attachment finds a file with kept content.
func (s *Server) attachment(number string) (File, bool) {
	id, _ := strconv.ParseInt(number, 10, 64)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tickets {
		for _, p := range t.Posts {
			for _, f := range p.Attachments {
				if f.ID == id && f.Content != nil {
					return f, true
				}
			}
		}
	}
	return File{}, false
}

// saved returns the headers of a file to be saved under its name.
func saved(f File) http.Header {
	return http.Header{
		"Content-Type":        {"application/octet-stream"},
		"Content-Disposition": {"attachment; filename*=UTF-8''" + url.PathEscape(f.Name)},
	}
}

// pathID returns the id in the path, or 0, which no ticket has.
func pathID(r *http.Request) plusofon.TicketID {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	return plusofon.TicketID(id)
}

// input is a request's body, read completely before it takes effect.
type input struct {
	raw    []byte
	upload *upload // of an attachment, instead of raw
	err    error
}

func (s *Server) readInput(r *http.Request, op string) (in input) {
	if op == "attach" {
		keep := s.cfg.KeepContent
		if r.ContentLength > keep*4/3+maxSmall {
			keep = -1 // it would be too large: keep nothing
		}
		in.upload, in.err = readUpload(r.Body, keep)
		return in
	}
	in.raw, in.err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if in.err == nil && len(in.raw) > maxBody {
		in.err = errors.New("the body is too large")
	}
	return in
}

// fields decodes the body as JSON; an empty one has no fields.
func (in input) fields() (m, *reply) {
	if in.err != nil {
		bad := invalid("The body can't be read")
		return nil, &bad
	}
	if len(bytes.TrimSpace(in.raw)) == 0 {
		return m{}, nil
	}
	var fields m
	if json.Unmarshal(in.raw, &fields) != nil {
		bad := invalid("The body is not a JSON object")
		return nil, &bad
	}
	return fields, nil
}

func (s *Server) required(fields m, name string) (string, *reply) {
	text, ok := fields[name].(string)
	trimmed := strings.TrimSpace(text)
	if !ok || trimmed == "" || trimmed == "0" && !s.cfg.Literal { // to PHP "0" is empty
		bad := invalid("The " + name + " field is required")
		return "", &bad
	}
	return text, nil
}
