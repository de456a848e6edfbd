package plusofontest

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"plusofon-bot/plusofon/internal/signs"
)

type m = map[string]any

// field matches a name in double braces, which the help desk substitutes.
var field = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// store returns what the help desk stores of a text.
func (s *Server) store(text string) string {
	if !s.cfg.Literal {
		text = field.ReplaceAllStringFunc(text, func(found string) string {
			if field.FindStringSubmatch(found)[1] == "fullname" {
				return s.cfg.Email
			}
			return ""
		})
	}
	if !s.cfg.KeepSigns {
		text = signs.Stored(text)
	}
	return text
}

// mangle returns a text as it comes back. read is true if it is returned by reading the ticket,
// not in the response to a write.
func (s *Server) mangle(text string, read bool) string {
	if s.cfg.Rewrite != nil {
		return s.cfg.Rewrite(text)
	}
	text = s.store(text)
	if read && !s.cfg.KeepMarks {
		text = signs.Read(text)
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

// subject is a subject as shown: what fits in the server's column.
func (s *Server) subject(t *Ticket) string {
	stored := []rune(t.Subject)
	if !s.cfg.KeepSigns {
		stored = []rune(signs.Stored(t.Subject))
	}
	return string(stored[:min(len(stored), 255)])
}

func (s *Server) date(t time.Time) string { return t.In(s.cfg.Location).Format(time.DateTime) }

// wireTicket is a ticket as shown by GET, POST and PUT; read means GET.
func (s *Server) wireTicket(t *Ticket, read bool) m {
	posts := make([]m, 0, len(t.Posts))
	for _, p := range t.Posts {
		if p.Note && s.cfg.PageNames {
			continue // the page has none
		}
		files := make([]m, 0, len(p.Attachments))
		for _, f := range p.Attachments {
			if s.cfg.Attachments != Hidden {
				files = append(files, s.wireFile(f))
			}
		}
		text := p.Text
		if p.Staff && s.cfg.Signature != "" {
			text += "\n" + s.cfg.Signature
		}
		if text = s.mangle(text, read); s.cfg.PageNames {
			posts = append(posts, m{
				"id": number(int64(p.ID)), "date": s.date(p.Date), "text": text,
				"author": m{"id": number(p.AuthorID), "name": p.Author}, "attachments": files,
			})
			continue
		}
		posts = append(posts, s.deskPost(t, p, text, files))
	}
	shown := m{
		"id": number(int64(t.ID)), "subject": s.subject(t), "date": s.date(t.Created),
		"status": t.Open, "unread_messages": t.Unread, "posts": posts,
	}
	if s.cfg.Wrapped {
		return m{"tickets": m{"ticket": shown}}
	}
	return shown
}

// deskPost is a post with the help desk's own field names.
func (s *Server) deskPost(t *Ticket, p Post, text string, files []m) m {
	w := m{
		"id": number(int64(p.ID)), "ticketpostid": number(int64(p.ID)), "ticketid": number(int64(t.ID)), "dateline": number(p.Date.Unix()),
		"userid": number(p.AuthorID), "staffid": "0", "fullname": p.Author, "email": s.cfg.Email, "emailto": []m{}, "ipaddress": "10.10.80.124",
		"hasattachments": flag(len(p.Attachments) > 0), "creator": "2", "isthirdparty": "0", "ishtml": flag(s.cfg.NL2BR), "isemailed": "0",
		"issurveycomment": "0", "contents": orEmpty(text), "isprivate": flag(p.Note), "attachments": files,
	}
	if p.Staff {
		w["creator"], w["userid"], w["staffid"], w["email"] = "1", "0", number(p.AuthorID), []m{}
	}
	return w
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

func (s *Server) wireFile(f File) m {
	w := m{"id": number(f.ID), "filename": f.Name, "filesize": number(f.Size), "filetype": "application/octet-stream"}
	switch {
	case s.cfg.Attachments == Inline && f.Content != nil:
		w["contents"] = f.Content // encoding/json encodes bytes in Base64
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
	posts := slices.DeleteFunc(slices.Clone(t.Posts), func(p Post) bool { return p.Note })
	last := posts[len(posts)-1]
	var lastStaff, lastUser int64
	for _, p := range posts {
		if p.Staff {
			lastStaff = p.Date.Unix()
		} else {
			lastUser = p.Date.Unix()
		}
	}
	id, replies := number(int64(t.ID)), strconv.Itoa(len(posts)-1)
	if s.cfg.Dialect != Older {
		w := m{"id": t.ID, "subject": s.subject(t), "status_ticket": t.Open, "date": s.date(t.Created)}
		if s.cfg.Dialect == NewerWithActivity {
			w["replies"], w["lastactivity"] = len(posts)-1, last.Date.Unix()
		}
		return w
	}
	creator := "2"
	if posts[0].Staff {
		creator = "1"
	}
	return m{
		"@attributes": m{"id": id, "flagtype": "0"}, "displayid": id,
		"departmentid": "5", "statusid": "4", "priorityid": "2", "typeid": "32", "userid": "9747",
		"userorganization": "57599", "userorganizationid": "25", "ownerstaffid": "0", "ownerstaffname": []m{},
		"fullname": s.cfg.Email, "email": s.cfg.Email, "lastreplier": last.Author, "subject": orEmpty(s.subject(t)),
		"creationtime": number(t.Created.Unix()), "lastactivity": number(last.Date.Unix()),
		"laststaffreply": number(lastStaff), "lastuserreply": number(lastUser),
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
