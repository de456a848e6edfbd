package plusofontest

import (
	"html"
	"strconv"
	"strings"
	"time"
)

type m = map[string]any

// mangle is what happens to a text between the form and the page.
func (s *Server) mangle(text string) string {
	if s.cfg.Rewrite != nil {
		return s.cfg.Rewrite(text)
	}
	if s.cfg.Trim {
		text = strings.TrimSpace(text)
	}
	if s.cfg.Escape {
		text = html.EscapeString(text)
	}
	if s.cfg.NL2BR {
		text = strings.ReplaceAll(text, "\n", "<br />\n")
	}
	return text
}

func (s *Server) date(t time.Time) string { return t.In(s.cfg.Location).Format(time.DateTime) }

// wireTicket is a ticket as GET, POST and PUT show it.
func (s *Server) wireTicket(t *Ticket) m {
	posts := make([]m, 0, len(t.Posts))
	for _, p := range t.Posts {
		files := make([]m, 0, len(p.Attachments))
		for _, f := range p.Attachments {
			files = append(files, s.wireFile(f))
		}
		posts = append(posts, m{
			"id": strconv.FormatInt(int64(p.ID), 10), "date": s.date(p.Date), "text": s.mangle(p.Text),
			"author":      m{"id": strconv.FormatInt(p.AuthorID, 10), "name": p.Author},
			"attachments": files,
		})
	}
	return m{
		"id": strconv.FormatInt(int64(t.ID), 10), "subject": t.Subject, "date": s.date(t.Created),
		"status": t.Open, "unread_messages": t.Unread, "posts": posts,
	}
}

func (s *Server) wireFile(f File) m {
	w := m{"id": strconv.FormatInt(f.ID, 10), "filename": f.Name, "filesize": strconv.FormatInt(f.Size, 10)}
	switch {
	case s.cfg.Attachments == Inline && f.Content != nil:
		w["contents"] = f.Content // encoding/json writes bytes in Base64
	case s.cfg.Attachments == ByLink:
		w["url"] = s.fileURL(f)
	}
	return w
}

// wireList is the list in the server's dialect.
func (s *Server) wireList(open bool) any {
	chosen := []m{}
	for _, t := range s.tickets {
		if t.Open == open {
			chosen = append(chosen, s.wireListed(t))
		}
	}
	if s.cfg.Dialect != Older {
		return chosen
	}
	switch len(chosen) {
	case 0:
		return []m{}
	case 1:
		return m{"ticket": chosen[0]}
	}
	return m{"ticket": chosen}
}

func (s *Server) wireListed(t *Ticket) m {
	last := t.Posts[len(t.Posts)-1]
	var lastStaff, lastUser int64
	for _, p := range t.Posts {
		if p.Staff {
			lastStaff = p.Date.Unix()
		} else {
			lastUser = p.Date.Unix()
		}
	}
	id, replies := strconv.FormatInt(int64(t.ID), 10), strconv.Itoa(len(t.Posts)-1)
	unix := func(n int64) string { return strconv.FormatInt(n, 10) }
	if s.cfg.Dialect != Older {
		w := m{"id": t.ID, "subject": t.Subject, "status_ticket": t.Open, "date": s.date(t.Created)}
		if s.cfg.Dialect == NewerWithActivity {
			w["replies"], w["lastactivity"] = len(t.Posts)-1, last.Date.Unix()
		}
		return w
	}
	creator := "2"
	if t.Posts[0].Staff {
		creator = "1"
	}
	return m{
		"@attributes": m{"id": id, "flagtype": "0"}, "displayid": id,
		"departmentid": "5", "statusid": "4", "priorityid": "2", "typeid": "32", "userid": "9747",
		"userorganization": "57599", "userorganizationid": "25", "ownerstaffid": "0", "ownerstaffname": []m{},
		"fullname": s.cfg.Email, "email": s.cfg.Email, "lastreplier": last.Author, "subject": orEmpty(t.Subject),
		"creationtime": unix(t.Created.Unix()), "lastactivity": unix(last.Date.Unix()),
		"laststaffreply": unix(lastStaff), "lastuserreply": unix(lastUser),
		"slaplanid": "3", "nextreplydue": "0", "resolutiondue": "0", "replies": replies,
		"ipaddress": "10.10.80.124", "creator": creator, "creationmode": "4", "creationtype": "1",
		"isescalated": "0", "escalationruleid": "0", "templategroupid": "4", "tags": []m{},
		"templategroupname": "Plusofon",
	}
}

// orEmpty: an empty XML element becomes an empty array.
func orEmpty(s string) any {
	if s == "" {
		return []m{}
	}
	return s
}
