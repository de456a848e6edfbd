package plusofon

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

func inOrder(m map[uint64]json.RawMessage) []json.RawMessage {
	list := make([]json.RawMessage, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[k])
	}
	return list
}

func looksListed(o object) bool {
	_, ok := listedID(o)
	return ok
}

func listedID(o object) (TicketID, bool) {
	id, ok := idOf(o, "id")
	if !ok {
		id, ok = idOf(asObject(o["@attributes"]), "id")
	}
	if !ok {
		id, ok = idOf(o, "displayid")
	}
	return TicketID(id), ok
}

// decodeTicket reads a ticket. Its ID is 0 where the answer is an object
// without one: {} or {"success":true}.
func decodeTicket(body []byte, loc *time.Location) (Ticket, error) {
	if !json.Valid(body) {
		return Ticket{}, errors.New("the answer is not JSON")
	}
	o, err := ticketObject(body, 0)
	if err != nil {
		return Ticket{}, err
	}
	id, ok := listedID(o)
	if !ok {
		return Ticket{}, nil
	}
	s := statusOf(o, "status", "status_ticket")
	t := Ticket{
		ID:        id,
		Subject:   textOf(o, "subject", "title"),
		Open:      s.open || !s.known && !s.saysClosed(),
		OpenKnown: s.known || s.saysClosed(),
	}
	posts, err := elements(o["posts"], "post")
	if err != nil {
		return Ticket{}, fmt.Errorf("posts: %w", err)
	}
	for _, raw := range posts {
		p, err := decodePost(raw, loc)
		if err != nil {
			return Ticket{}, err
		}
		t.Posts = append(t.Posts, p)
	}
	slices.SortStableFunc(t.Posts, func(a, b Post) int { return cmp.Compare(a.ID, b.ID) })
	return t, nil
}

// ticketObject finds the ticket: bare, or under the names that lists use too.
func ticketObject(raw json.RawMessage, depth int) (object, error) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil && kindOf(raw) == "an array" {
		switch len(list) {
		case 0:
			return object{}, nil
		case 1:
			return ticketObject(list[0], depth+1)
		}
		return nil, errors.New("the answer holds several tickets")
	}
	o := asObject(raw)
	if o == nil {
		return nil, fmt.Errorf("the answer is %s", kindOf(raw))
	}
	if looksListed(o) || depth > 2 {
		return o, nil
	}
	for _, name := range []string{"ticket", "data"} {
		if inner := o[name]; kindOf(inner) == "an object" || kindOf(inner) == "an array" {
			return ticketObject(inner, depth+1)
		}
	}
	return o, nil
}

func decodePost(raw json.RawMessage, loc *time.Location) (Post, error) {
	o := asObject(raw)
	if o == nil {
		return Post{}, fmt.Errorf("a post is %s", kindOf(raw))
	}
	id, ok := idOf(o, "id")
	if !ok {
		id, ok = idOf(asObject(o["@attributes"]), "id")
	}
	if !ok {
		return Post{}, errors.New("a post has no id")
	}
	p := Post{
		ID:     PostID(id),
		Date:   momentOf(o, loc, "date", "created_at"),
		Text:   looseText(o["text"]),
		Author: decodeAuthor(o["author"]),
	}
	files, err := elements(o["attachments"], "attachment")
	if err != nil { // a lone string: one attachment, not a reason to lose the post
		files = []json.RawMessage{o["attachments"]}
	}
	for _, raw := range files {
		if a, ok := decodeAttachment(raw); ok {
			p.Attachments = append(p.Attachments, a)
		}
	}
	return p, nil
}

func decodeAuthor(raw json.RawMessage) Author {
	if o := asObject(raw); o != nil {
		return Author{ID: textOf(o, "id"), Name: textOf(o, "name", "email")}
	}
	return Author{Name: looseText(raw)}
}

// decodeAttachment reads a string (a link or a name) or an object.
func decodeAttachment(raw json.RawMessage) (Attachment, bool) {
	o := asObject(raw)
	if o == nil {
		s := strings.TrimSpace(looseText(raw))
		if isLink(s) {
			return Attachment{Name: linkName(s), URL: s}, true
		}
		return Attachment{Name: s}, s != ""
	}
	if len(o) == 0 {
		return Attachment{}, false
	}
	a := Attachment{
		ID:      textOf(o, "id"),
		Name:    textOf(o, "filename", "file_name", "name", "title"),
		URL:     textOf(o, "url", "link", "href", "path"),
		Content: textOf(o, "contents", "content", "data"),
	}
	if a.ID == "" {
		a.ID = textOf(asObject(o["@attributes"]), "id")
	}
	for _, name := range []string{"size", "filesize"} {
		if n, ok := integer(o[name]); ok && n > 0 && a.Size == 0 {
			a.Size = n
		}
	}
	if a.Name == "" {
		a.Name = linkName(a.URL)
	}
	return a, true
}

func isLink(s string) bool {
	l := strings.ToLower(s)
	return strings.HasPrefix(l, "https://") || strings.HasPrefix(l, "http://") || strings.HasPrefix(s, "/")
}

// linkName is the last part of a link's path.
func linkName(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Path == "" {
		return ""
	}
	if name := path.Base(u.Path); name != "/" && name != "." {
		return name
	}
	return ""
}

func decodeAccount(body []byte) (Account, error) {
	o := asObject(body)
	for _, name := range []string{"data", "user"} {
		if inner := asObject(o[name]); inner != nil {
			o = inner
		}
	}
	acc := Account{
		ID:    textOf(o, "id"),
		Email: textOf(o, "email"),
		Name:  strings.TrimSpace(textOf(o, "first_name") + " " + textOf(o, "last_name")),
	}
	if acc.Name == "" {
		acc.Name = textOf(o, "name", "fullname")
	}
	if acc.ID == "" && acc.Email == "" {
		return Account{}, errors.New("the answer names no user")
	}
	return acc, nil
}
