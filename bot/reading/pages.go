package reading

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// pageUnits is the size of a page of history in UTF-16 units, pageEntities the maximum number of
// its entities: both leave room for the header.
const (
	pageUnits    = 3400
	pageEntities = telegram.MaxEntities - 5
)

const (
	// postsAtOnce is how many posts are read at a time: enough for most pages.
	postsAtOnce = 8
	// pagesCounted is the limit up to which a page given by number is found by counting from
	// the first; beyond it the last page is shown.
	pagesCounted = 20
)

// history pages through a ticket's posts. Only the posts of the page are read: long transactions
// block everyone else.
type history struct {
	t     *chat.Turn
	s     chat.Speaker
	known state.Ticket
	read  []plusofon.Post // just read, for texts that the store no longer has
}

// piece is a post, or part of a post longer than a page.
type piece struct {
	post     state.PostID
	part, of int
	text     telegram.Text
}

// page is a page of a history and its position.
type page struct {
	pieces       []piece
	units, marks int

	first, last, total int // the numbers of its posts, from 1, and how many there are
	newest             state.PostID
}

// page returns the page that a row asks for.
func (h history) page(row chat.FetchRow) (page, error) {
	end := chat.Cut{Post: math.MaxInt64, Back: true}
	if row.Cut != (chat.Cut{}) {
		return h.pageAt(row.Cut)
	}
	if row.Page < 0 || row.Page >= pagesCounted {
		return h.pageAt(end)
	}
	at := chat.Cut{}
	for range row.Page {
		p, err := h.fill(at)
		if err != nil {
			return page{}, err
		}
		if len(p.pieces) == 0 {
			return h.pageAt(end)
		}
		at = p.end()
	}
	return h.pageAt(at)
}

// pageAt returns the page that begins or ends at a cut. A first page that would be short is filled
// up, and a position after the end gives the last page.
func (h history) pageAt(at chat.Cut) (page, error) {
	p, err := h.fill(at)
	if err != nil {
		return p, err
	}
	if err := h.place(&p); err != nil {
		return p, err
	}
	switch {
	case len(p.pieces) == 0 && !at.Back && p.total > 0:
		return h.pageAt(chat.Cut{Post: math.MaxInt64, Back: true})
	case at.Back && !p.older() && p.newer():
		if p, err = h.fill(chat.Cut{}); err == nil {
			err = h.place(&p)
		}
	}
	return p, err
}

// fill collects as many pieces as fit on a page, forward or backward from a cut.
func (h history) fill(at chat.Cut) (page, error) {
	var p page
	for from := at.Post; ; {
		posts, err := h.posts(from, at.Back)
		if err != nil {
			return p, err
		}
		for _, post := range posts {
			list := pieces(h.s, post)
			if at.Back {
				slices.Reverse(list)
			}
			for _, x := range list {
				if x.post == at.Post && (x.part < at.Part) != at.Back {
					continue
				}
				if !p.take(x, at.Back) {
					return p, nil
				}
			}
			from = post.ID + 1
			if at.Back {
				from = post.ID - 1
			}
		}
		if len(posts) < postsAtOnce {
			return p, nil
		}
	}
}

func (h history) posts(from state.PostID, back bool) ([]state.Post, error) {
	read := h.t.Tx.PostsFrom
	if back {
		read = h.t.Tx.PostsUpTo
	}
	posts, err := read(h.known.ID, from, postsAtOnce)
	if err != nil {
		return nil, err
	}
	return posts, asShown(h.t, h.s, h.known, posts, h.read)
}

// place computes the position of a page.
func (h history) place(p *page) (err error) {
	var from state.PostID
	posts := 0
	for _, x := range p.pieces {
		if posts == 0 || x.post != p.pieces[0].post && x.part == 0 {
			posts++
		}
	}
	if posts > 0 {
		from = p.pieces[0].post
	}
	var before int
	p.total, before, p.newest, err = h.t.Tx.CountPosts(h.known.ID, from)
	p.first, p.last = before+1, before+posts
	return err
}

// take adds a piece; false if it does not fit.
func (p *page) take(x piece, before bool) bool {
	units, marks := telegram.UTF16Len(x.text.String), len(x.text.Entities)
	if len(p.pieces) > 0 {
		units += len(gap)
		if p.units+units > pageUnits || p.marks+marks > pageEntities {
			return false
		}
	}
	p.units, p.marks = p.units+units, p.marks+marks
	if before {
		p.pieces = slices.Insert(p.pieces, 0, x)
	} else {
		p.pieces = append(p.pieces, x)
	}
	return true
}

const gap = "\n\n"

func (p *page) text(s chat.Speaker) telegram.Text {
	var text telegram.Builder
	for i, x := range p.pieces {
		if i > 0 {
			text.Plain(gap)
		}
		text.Append(x.text)
	}
	if len(p.pieces) == 0 {
		text.Plain(s.T("no_posts"))
	}
	return text.Text()
}

// begin and end are the cuts before and after a page.
func (p *page) begin() chat.Cut {
	x := p.pieces[0]
	return chat.Cut{Post: x.post, Part: x.part}
}

func (p *page) end() chat.Cut {
	x := p.pieces[len(p.pieces)-1]
	if x.part < x.of-1 {
		return chat.Cut{Post: x.post, Part: x.part + 1}
	}
	return chat.Cut{Post: x.post + 1}
}

// older and newer report whether there is more history on either side.
func (p *page) older() bool { return len(p.pieces) > 0 && (p.first > 1 || p.pieces[0].part > 0) }

func (p *page) newer() bool {
	if len(p.pieces) == 0 {
		return p.total > 0
	}
	x := p.pieces[len(p.pieces)-1]
	return p.last < p.total || x.part < x.of-1
}

// pager returns a row of buttons for the neighbouring pages. The middle button shows which posts
// are shown and refreshes the page.
func (p *page) pager(s chat.Speaker, id state.TicketID) []telegram.Button {
	if len(p.pieces) == 0 {
		return nil
	}
	data := func(a chat.Action, c chat.Cut) string {
		return chat.Data(a, id, int64(c.Post), int64(c.Part))
	}
	var row []telegram.Button
	if p.older() {
		row = append(row, chat.Button("‹", data(chat.PressUpTo, p.begin())))
	}
	row = append(row, chat.Button(s.T("posts_shown", "First", p.first, "Last", p.last, "Total", p.total), data(chat.PressFrom, p.begin())))
	if p.newer() {
		row = append(row, chat.Button("›", data(chat.PressFrom, p.end())))
	}
	return row
}

// asShown replaces consecutive posts of a ticket by what is shown of them. Posts written
// through the bot get the names of the people who wrote them; at Plusofon all have the
// account's name. Erased texts are taken from what was just read; if nothing was, a note
// says that they are gone.
func asShown(t *chat.Turn, s chat.SpeakerTexts, known state.Ticket, posts []state.Post, read []plusofon.Post) error {
	writers, err := t.Tx.PostWriters(known.ID, posts)
	if err != nil {
		return err
	}
	erased := ticket.WordsErased(t, known)
	for i := range posts {
		p := &posts[i]
		p.AuthorName = cmp.Or(writers[p.ID], p.AuthorName)
		if !erased {
			continue
		}
		n := slices.IndexFunc(read, func(r plusofon.Post) bool { return state.PostID(r.ID) == p.ID })
		switch {
		case n >= 0:
			p.Text, p.Files = read[n].Text, ticket.AttachmentNames(read[n])
		case p.Text == "":
			p.Text, p.Files = s.T("words_erased"), nil
		}
	}
	return nil
}

// pieces splits a post into parts that fit on a page.
func pieces(s chat.Speaker, p state.Post) []piece {
	var list []piece
	parts := postText(s, p).Split(pageUnits)
	for i, text := range parts {
		list = append(list, piece{post: p.ID, part: i, of: len(parts), text: text})
	}
	return list
}

func postText(s chat.Speaker, p state.Post) telegram.Text {
	var text telegram.Builder
	text.Bold(chat.Either(p.Side == state.Staff, "💬 ", "👤 ") + telegram.Clean(p.AuthorName))
	if !p.Posted.IsZero() {
		text.Plain(", ").Time(p.Posted.In(s.Zone).Format(dateAndTime), p.Posted, telegram.DateAndTime)
	}
	text.Plain("\n")
	text.Append(ticket.PostWords(p.Side, p.Text))
	if len(p.Files) > 0 {
		text.Plain("\n📎 " + strings.Join(p.Files, ", "))
	}
	return text.Text()
}
