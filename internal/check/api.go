package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"plusofon-bot/plusofon"
)

// staleAtOnce is how many tickets a poll reads in rotation if the list shows no sign of activity.
const staleAtOnce = 5

// api reports what the ticket API is like.
func (c *checker) api(ctx context.Context, client *plusofon.Client) error {
	account, err := client.Account(ctx)
	if err != nil {
		return err
	}
	c.say(c.account, firstOf(account.Email, account.Name, account.ID))
	open, err := c.list(ctx, client, true)
	if err != nil {
		return err
	}
	openList := c.record.last("/api/v1/ticket")
	closed, err := c.list(ctx, client, false)
	if err != nil {
		return err
	}
	c.say(c.tickets, open.n, closed.n)
	if n := open.leftOut + closed.leftOut; n > 0 {
		c.say(c.leftOut, n)
	}
	list := openList
	if open.n == 0 {
		list = c.record.last("/api/v1/ticket")
	}
	c.listForm(open, closed, list)
	newest := max(open.newest, closed.newest)
	if newest == 0 {
		c.say(c.noTicket)
		c.limits()
		return nil
	}
	if _, err := client.Ticket(ctx, newest); err != nil {
		return err
	}
	c.ticketForm(newest, list)
	c.limits()
	return nil
}

// listed summarizes a list.
type listed struct {
	n, leftOut int
	active     bool // all elements show activity
	newest     plusofon.TicketID
}

func (c *checker) list(ctx context.Context, client *plusofon.Client, open bool) (listed, error) {
	l := listed{active: true}
	for e, err := range client.Tickets(ctx, open) {
		if _, ok := errors.AsType[*plusofon.LeftOutError](err); ok {
			l.leftOut++
			continue
		}
		if err != nil {
			return l, err
		}
		l.n++
		l.active = l.active && e.HasActivity
		l.newest = max(l.newest, e.ID)
	}
	return l, nil
}

// listForm reports the format of the list, and whether it shows activity.
func (c *checker) listForm(open, closed listed, list *exchange) {
	if open.n+closed.n == 0 || list == nil {
		return
	}
	s, _ := shapeOf(bytes.NewReader(list.body))
	element := under(s, "ticket", "tickets", "data")
	if element.Fields["@attributes"] != nil || element.Fields["displayid"] != nil {
		c.say(c.pageOlder)
	} else {
		c.say(c.pageNewer)
	}
	if open.active && closed.active {
		c.say(c.activity)
		return
	}
	turns := max(1, (open.n+staleAtOnce-1)/staleAtOnce)
	c.say(c.noActivity, time.Duration(turns)*c.PollInterval)
}

// under descends into the first of the names that exists, and its elements.
func under(s *shape, names ...string) *shape {
	for range 4 {
		next := s.Elements
		for _, name := range names {
			if f := s.Fields[name]; f != nil && (f.Types["object"] != nil || f.Types["array"] != nil) && next == nil {
				next = f
			}
		}
		if next == nil || len(next.Types) == 0 {
			return s
		}
		s = next
	}
	return s
}

// ticketForm reports the field names of the newest ticket, how it shows attachments, and
// the apparent time zone of its dates.
func (c *checker) ticketForm(id plusofon.TicketID, list *exchange) {
	e := c.record.last(fmt.Sprintf("/api/v1/ticket/%d", id))
	s, ok := shapeOf(bytes.NewReader(e.body))
	if !ok {
		return
	}
	ticket := under(s, "ticket", "tickets", "data")
	post := &shape{}
	if posts := ticket.Fields["posts"]; posts != nil {
		post = under(posts, "post")
	}
	switch has := func(name string) bool { return post.Fields[name] != nil }; {
	case has("text") && has("author"):
		c.say(c.namesPage)
	case has("contents"):
		c.say(c.namesDesk)
	default:
		c.say(c.namesOther, strings.Join(slices.Sorted(maps.Keys(post.Fields)), ", "))
	}
	c.filesForm(post)
	switch offset, known := zone(e.body, list.body, id); {
	case post.Fields["dateline"] != nil:
		c.say(c.zoneUnix)
	case known:
		c.say(c.zoneIs, time.Unix(0, 0).In(time.FixedZone("", int(offset/time.Second))).Format("UTC-07:00"))
	default:
		c.say(c.zoneUnknown)
	}
}

func (c *checker) filesForm(post *shape) {
	file := &shape{}
	if files := post.Fields["attachments"]; files != nil {
		file = under(files, "attachment")
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return file.Fields[name] != nil })
	}
	text := file.Types["string"]
	switch {
	case has("url", "link", "href", "path"), text != nil && (slices.Contains(text.Forms, "a link") || slices.Contains(text.Forms, "a path")):
		c.say(c.filesLink)
	case has("contents", "content", "data"):
		c.say(c.filesContent)
	case has("filename", "file_name", "name", "title"), text != nil:
		c.say(c.filesName)
	default:
		c.say(c.filesHidden)
	}
}

// zone compares the date of a ticket with the Unix time that the list gives for the same moment.
func zone(ticket, list []byte, id plusofon.TicketID) (time.Duration, bool) {
	var t, l any
	if json.Unmarshal(ticket, &t) != nil || json.Unmarshal(list, &l) != nil {
		return 0, false
	}
	date, _ := find(t, id, "date").(string)
	at, err := time.Parse(time.DateTime, date)
	if err != nil {
		return 0, false
	}
	created, err := strconv.ParseInt(fmt.Sprint(find(l, id, "creationtime")), 10, 64)
	if err != nil {
		return 0, false
	}
	offset := at.Sub(time.Unix(created, 0)).Round(15 * time.Minute)
	return offset, offset.Abs() <= 14*time.Hour
}

// find returns a field of the object with an id.
func find(v any, id plusofon.TicketID, field string) any {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if found := find(e, id, field); found != nil {
				return found
			}
		}
	case map[string]any:
		for _, name := range []string{"id", "displayid"} {
			if fmt.Sprint(v[name]) == fmt.Sprint(id) && v[field] != nil {
				return v[field]
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if found := find(v[name], id, field); found != nil {
				return found
			}
		}
	}
	return nil
}

// limits reports whether answers announce the rate limit.
func (c *checker) limits() {
	for _, e := range c.record.list {
		for name := range e.header {
			if strings.HasPrefix(name, textproto.CanonicalMIMEHeaderKey("X-RateLimit-")) || strings.HasPrefix(name, "Ratelimit") {
				c.say(c.limitSaid, name)
				return
			}
		}
	}
	c.say(c.limitSilent)
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
