package plusofontest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"plusofon-bot/plusofon"
)

// Ticket is a ticket as stored.
type Ticket struct {
	ID      plusofon.TicketID `json:"id"`
	Subject string            `json:"subject"`
	Open    bool              `json:"open"`
	Created time.Time         `json:"created"`
	Unread  bool              `json:"unread"`
	Posts   []Post            `json:"posts"`
}

// Post is one message. Text is as sent, not as the API shows it.
type Post struct {
	ID          plusofon.PostID `json:"id"`
	Date        time.Time       `json:"date"`
	Text        string          `json:"text"`
	Author      string          `json:"author"`
	AuthorID    int64           `json:"author_id"`
	Staff       bool            `json:"staff"`
	Note        bool            `json:"note"` // internal to the staff
	Attachments []File          `json:"attachments"`
}

// File is an attachment of a post.
type File struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
	Content []byte `json:"content,omitempty"` // nil above Config.KeepContent
}

// Attachment is a file for Reply.
type Attachment struct {
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

const (
	customerID = 9740
	staffID    = 77
)

// Reply adds a post by the staff. It panics if there is no such ticket.
func (s *Server) Reply(id plusofon.TicketID, name, text string, files ...Attachment) plusofon.PostID {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.must(id)
	p := s.addPost(t, Post{Text: text, Author: name, AuthorID: staffID, Staff: true}, files...)
	t.Unread = true
	s.notify()
	return p
}

// Note adds an internal note of the staff. It panics if there is no such ticket.
func (s *Server) Note(id plusofon.TicketID, name, text string) plusofon.PostID {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.addPost(s.must(id), Post{Text: text, Author: name, AuthorID: staffID, Staff: true, Note: true})
	s.notify()
	return p
}

// Edit changes a post's text, as the staff can. It panics if there is no such post.
func (s *Server) Edit(id plusofon.TicketID, post plusofon.PostID, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.must(id)
	t.Posts[t.index(post)].Text = text
	s.notify()
}

// Delete deletes a post, as the staff can. It panics if there is no such post.
func (s *Server) Delete(id plusofon.TicketID, post plusofon.PostID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.must(id)
	i := t.index(post)
	t.Posts = slices.Delete(t.Posts, i, i+1)
	s.notify()
}

// DeleteTicket deletes a whole ticket. It panics if there is no such ticket.
func (s *Server) DeleteTicket(id plusofon.TicketID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(s.must(id))
	s.notify()
}

// Merge moves a ticket's posts into another one; the first is gone. It panics if
// one of them does not exist.
func (s *Server) Merge(id, into plusofon.TicketID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, to := s.must(id), s.must(into)
	to.Posts = append(to.Posts, from.Posts...)
	slices.SortFunc(to.Posts, func(a, b Post) int { return cmp.Compare(a.ID, b.ID) })
	s.remove(from)
	if s.cfg.MergeLeads {
		if s.merged == nil {
			s.merged = map[plusofon.TicketID]plusofon.TicketID{}
		}
		s.merged[id] = into
	}
	s.notify()
}

// CustomerReply adds the customer's own post, as if written in the personal account. It
// panics if there is no such ticket.
func (s *Server) CustomerReply(id plusofon.TicketID, text string, files ...Attachment) plusofon.PostID {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.must(id)
	p := s.addPost(t, Post{Text: text, Author: s.cfg.Email, AuthorID: customerID}, files...)
	t.Open = true
	s.notify()
	return p
}

// OpenInCabinet opens a ticket without the API.
func (s *Server) OpenInCabinet(subject, text string) plusofon.TicketID {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.addTicket(subject, text)
	s.notify()
	return t.ID
}

// CloseTicket closes a ticket. It panics if there is no such ticket.
func (s *Server) CloseTicket(id plusofon.TicketID) { s.setOpen(id, false) }

// ReopenTicket reopens a ticket. It panics if there is no such ticket.
func (s *Server) ReopenTicket(id plusofon.TicketID) { s.setOpen(id, true) }

// Rename changes a ticket's subject, as the staff can.
func (s *Server) Rename(id plusofon.TicketID, subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.must(id)
	t.Subject = subject
	s.notify()
}

func (s *Server) setOpen(id plusofon.TicketID, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.must(id).Open = open
	s.notify()
}

// Tickets returns a copy of everything, by ascending id.
func (s *Server) Tickets() []Ticket {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Ticket, len(s.tickets))
	for i, t := range s.tickets {
		list[i] = t.clone()
	}
	return list
}

// Ticket returns a copy of one ticket.
func (s *Server) Ticket(id plusofon.TicketID) (Ticket, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.find(id); t != nil {
		return t.clone(), true
	}
	return Ticket{}, false
}

func (t *Ticket) clone() Ticket {
	c := *t
	c.Posts = slices.Clone(t.Posts)
	for i := range c.Posts {
		c.Posts[i].Attachments = slices.Clone(c.Posts[i].Attachments)
	}
	return c
}

// The rest requires s.mu to be held.

func (s *Server) find(id plusofon.TicketID) *Ticket {
	for _, t := range s.tickets {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// meant finds the ticket that a request's number leads to.
func (s *Server) meant(id plusofon.TicketID) *Ticket {
	if into, merged := s.merged[id]; merged {
		return s.meant(into)
	}
	return s.find(id)
}

func (s *Server) remove(t *Ticket) {
	s.tickets = slices.DeleteFunc(s.tickets, func(other *Ticket) bool { return other == t })
}

// index finds a post of a ticket.
func (t *Ticket) index(id plusofon.PostID) int {
	i := slices.IndexFunc(t.Posts, func(p Post) bool { return p.ID == id })
	if i < 0 {
		panic(fmt.Sprintf("plusofontest: no post %d in ticket %d", id, t.ID))
	}
	return i
}

func (s *Server) must(id plusofon.TicketID) *Ticket {
	t := s.find(id)
	if t == nil {
		panic(fmt.Sprintf("plusofontest: no ticket %d", id))
	}
	return t
}

func (s *Server) addTicket(subject, text string) *Ticket {
	if r := []rune(subject); len(r) > 255 { // the size of the server's column
		subject = string(r[:255])
	}
	t := &Ticket{ID: s.nextID, Subject: subject, Open: true, Created: s.now()}
	s.nextID++
	s.tickets = append(s.tickets, t)
	s.addPost(t, Post{Text: text, Author: s.cfg.Email, AuthorID: customerID})
	return t
}

func (s *Server) addPost(t *Ticket, p Post, files ...Attachment) plusofon.PostID {
	p.ID, p.Date = s.nextPost, s.now()
	s.nextPost++
	for _, f := range files {
		sum := sha256.Sum256(f.Content)
		file := File{Name: f.Name, Size: int64(len(f.Content)), SHA256: hex.EncodeToString(sum[:])}
		if file.Size <= s.cfg.KeepContent {
			file.Content = bytes.Clone(f.Content)
			if file.Content == nil {
				file.Content = []byte{}
			}
		}
		s.addFile(&p, file)
	}
	t.Posts = append(t.Posts, p)
	return p.ID
}

func (s *Server) addFile(p *Post, f File) File {
	f.ID = s.nextFile
	s.nextFile++
	p.Attachments = append(p.Attachments, f)
	return f
}

// now has the resolution of the API's dates.
func (s *Server) now() time.Time { return s.cfg.Clock().Truncate(time.Second) }

// Signature is in the query of every link to a file and grants access, as is common: anyone
// who reads it in a log can fetch the file.
const Signature = "signature-of-a-link"

func (s *Server) fileURL(f File) string {
	return s.url + "/files/" + strconv.FormatInt(f.ID, 10) + "/" + url.PathEscape(f.Name) + "?signature=" + Signature
}
