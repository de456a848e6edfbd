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

// isNote tells whether a post is the staff's note to itself.
func isNote(o object) bool {
	n, _ := integer(o["isprivate"])
	return n == 1 || string(bytes.TrimSpace(o["isprivate"])) == "true"
}

// isReadable tells whether a ticket holds what a ticket holds. One that shows
// nothing at all is in a form that is not known: its news would be lost.
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
	for _, name := range wrappers {
		if inner := o[name]; kindOf(inner) == "an object" || kindOf(inner) == "an array" {
			return ticketObject(inner, depth+1)
		}
	}
	return o, nil
}

// wrappers are the names under which a ticket or a list of them may stand.
var wrappers = []string{"ticket", "tickets", "data"}

// decodePost reads a post in the page's names or in the help desk's own. It counts
// the attachments that can't be read; false where the post itself can't.
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
	if err != nil { // a lone string: one attachment
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

// authorOf reads the page's author, or the help desk's own names. Those number
// staff and users apart and write 0 for the one that it is not.
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
