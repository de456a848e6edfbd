package plusofon

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"plusofon-bot/plusofon/internal/signs"
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

// decodeTicket decodes a ticket. Its ID is 0 if the answer is an object without
// one: {} or {"success":true}.
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
	t := Ticket{ID: id, Subject: subjectOf(o), Open: s.open || !s.known, OpenKnown: s.known}
	posts, err := elements(o["posts"], "post")
	if err != nil {
		return Ticket{}, fmt.Errorf("posts: %w", err)
	}
	for _, raw := range posts {
		o := asObject(raw)
		if o == nil && isEmpty(raw) || isNote(o) {
			continue
		}
		p, leftOut, ok := decodePost(o, loc)
		t.LeftOut += leftOut
		if !ok {
			t.LeftOut++
			continue
		}
		t.Posts = append(t.Posts, p)
	}
	slices.SortStableFunc(t.Posts, func(a, b Post) int { return cmp.Compare(a.ID, b.ID) })
	return t, nil
}

func subjectOf(o object) string { return signs.Restore(textOf(o, "subject", "title")) }

// isNote reports whether a post is an internal note of the staff.
func isNote(o object) bool {
	n, _ := integer(o["isprivate"])
	return n == 1 || string(bytes.TrimSpace(o["isprivate"])) == "true"
}

// isReadable rejects a ticket whose posts are all unreadable or empty: it is in
// an unknown form, and treating it as read would lose its news.
func isReadable(t Ticket) error {
	if len(t.Posts) == 0 && t.LeftOut > 0 {
		return errors.New("none of the ticket's posts can be read")
	}
	empty := func(p Post) bool { return strings.TrimSpace(p.Text) == "" && len(p.Attachments) == 0 }
	if len(t.Posts) > 0 && !slices.ContainsFunc(t.Posts, func(p Post) bool { return !empty(p) }) {
		return errors.New("all of the ticket's posts are empty")
	}
	return nil
}

// ticketObject finds the ticket: at the top level, or wrapped like lists are.
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
	for _, name := range wrappers {
		if inner := o[name]; kindOf(inner) == "an object" || kindOf(inner) == "an array" {
			return ticketObject(inner, depth+1)
		}
	}
	return o, nil
}

// wrappers are the keys that a ticket or a list of tickets may be wrapped in.
var wrappers = []string{"ticket", "tickets", "data"}

// decodePost decodes a post with the API's field names or the help desk's own. It
// counts unreadable attachments; ok is false if the post itself is unreadable.
func decodePost(o object, loc *time.Location) (p Post, leftOut int, ok bool) {
	id, ok := idOf(o, "id")
	if !ok {
		id, ok = idOf(asObject(o["@attributes"]), "id")
	}
	if !ok {
		id, ok = idOf(o, "ticketpostid")
	}
	if !ok {
		return Post{}, 0, false
	}
	p = Post{
		ID:      PostID(id),
		Date:    momentOf(o, loc, "date", "created_at", "dateline"),
		Text:    signs.Restore(firstNonEmpty(looseText(o["text"]), looseText(o["contents"]))),
		Author:  authorOf(o),
		Email:   textOf(o, "email"),
		Creator: creatorOf(o),
	}
	files, err := elements(o["attachments"], "attachment")
	if err != nil { // a single string: one attachment
		files = []json.RawMessage{o["attachments"]}
	}
	for _, raw := range files {
		if a, ok := decodeAttachment(raw); ok {
			p.Attachments = append(p.Attachments, a)
		} else if !isEmpty(raw) {
			leftOut++
		}
	}
	return p, leftOut, true
}

// authorOf reads the API's author, or the help desk's own fields. Those number
// staff and users separately, with 0 in the field that doesn't apply.
func authorOf(o object) Author {
	if author := o["author"]; !isEmpty(author) {
		if o := asObject(author); o != nil {
			return Author{ID: textOf(o, "id"), Name: textOf(o, "name", "email")}
		}
		return Author{Name: looseText(author)}
	}
	a := Author{Name: textOf(o, "fullname", "email")}
	for _, name := range []string{"userid", "staffid"} {
		if id, ok := idOf(o, name); ok && a.ID == "" {
			a.ID = strconv.FormatInt(id, 10)
		}
	}
	return a
}

func creatorOf(o object) Creator {
	switch n, _ := integer(o["creator"]); n {
	case 1:
		return CreatorStaff
	case 2:
		return CreatorUser
	}
	return 0
}

// decodeAttachment decodes a string (a link or a name) or an object.
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

// linkName returns the last path element of a link.
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
