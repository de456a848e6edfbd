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

// pageUnits is how much of a history stands on one page, in UTF-16 units, and
// pageEntities how many marks: room is left for the header.
const (
	pageUnits    = 3400
	pageEntities = telegram.MaxEntities - 5
)

const (
	// postsAtOnce is how many posts are read at a time for a page: most pages need no more.
	postsAtOnce = 8
	// pagesCounted is how far the pages are counted from the first on for a button that
	// names one by its number: beyond it, it leads to the last one.
	pagesCounted = 20
)

// history is a ticket's posts as they are shown. Of a long one only what a page needs is
// read: a transaction holds up everybody else.
type history struct {
	t     *chat.Turn
	s     chat.Speaker
	known state.Ticket
	read  []plusofon.Post // as they were just read, for the words that are not kept
}

// piece is a post, or a part of one that is longer than a page.
type piece struct {
	post     state.PostID
	part, of int
	text     telegram.Text
}

// page is what of a history is shown at once, and where that stands in it.
type page struct {
	pieces       []piece
	units, marks int

	first, last, total int // the numbers of its posts, from 1, and how many there are
	newest             state.PostID
}

// page is the page that a row asks for.
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

// pageAt is the page that begins at a cut or ends at it. What would be a short first page
// goes on instead, and behind the end is the last one.
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

// fill takes as many pieces as a page holds, from a cut on or back from it.
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

// place finds out where a page stands.
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

// take adds a piece; false where there is no room for it.
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

// begin and end are the cuts before and behind a page.
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

// older and newer tell whether there is more of the history on either side.
func (p *page) older() bool { return len(p.pieces) > 0 && (p.first > 1 || p.pieces[0].part > 0) }

func (p *page) newer() bool {
	if len(p.pieces) == 0 {
		return p.total > 0
	}
	x := p.pieces[len(p.pieces)-1]
	return p.last < p.total || x.part < x.of-1
}

// pager is a row of buttons that leads to the neighbouring pages. The one in the middle
// tells which posts are shown, and shows them anew.
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

// asShown changes posts of a ticket, which lie together, into what is shown of them: those
// that were written here under the names of the people who wrote them, for at Plusofon all
// of them are the account's. Words that are not kept are taken from what was just read;
// where nothing was, it is said that they are gone.
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

// pieces are the parts of a post, each of which fits on a page.
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
