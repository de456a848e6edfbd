package state

import (
	"strings"
	"unicode"
)

// Hit is a search result: a post, or a ticket's subject if Post is 0.
type Hit struct {
	Ticket TicketID
	Post   PostID
}

// Search finds the subjects, then the posts, that contain all the words, latest stored
// first; at most n of each. Other forms of a word match too: words are compared by their
// beginning, without apparent endings. There is no query syntax. No words match nothing.
// A telephone number is found however it is written.
func (tx *Tx) Search(words string, n int) ([]Hit, error) {
	number, ok := Telephone(words)
	if !ok {
		return tx.searchWords(words, n)
	}
	hits, err := tx.searchTelephone(number, n)
	if err != nil || strings.ContainsFunc(words, func(r rune) bool { return !unicode.IsNumber(r) }) {
		return hits, err
	}
	// Digits alone may also be a contract number, or the beginning of one.
	more, err := tx.searchWords(words, n)
	return append(hits, more...), err
}

func (tx *Tx) searchWords(words string, n int) ([]Hit, error) {
	terms := searchTerms(words)
	if len(terms) == 0 {
		return nil, nil
	}
	query := strings.Join(terms, "* ") + "*"
	scan := func(r scanner) (h Hit, err error) {
		err = r.Scan(&h.Ticket, &h.Post)
		return h, err
	}
	subjects, err := all(tx, "search subjects", scan,
		`SELECT docid, 0 FROM subject_words WHERE words MATCH ? ORDER BY docid DESC LIMIT +?`, query, n)
	if err != nil {
		return nil, err
	}
	posts, err := all(tx, "search posts", scan,
		`SELECT ticket_id, post_id FROM post_words WHERE words MATCH ? ORDER BY docid DESC LIMIT +?`, query, n)
	return append(subjects, posts...), err
}

// TicketsNumbered finds the tickets whose number contains the digits, newest first, at
// most n.
func (tx *Tx) TicketsNumbered(digits string, n int) ([]TicketID, error) {
	return all(tx, "tickets by number", func(r scanner) (id TicketID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT ticket_id FROM tickets WHERE instr(ticket_id, ?) > 0 ORDER BY ticket_id DESC LIMIT +?`, digits, n)
}

// reindex replaces the indexed text of a post. The old entry is found by its words; an
// entry without words does no harm.
func (tx *Tx) reindex(p Post, text string) error {
	terms := searchTerms(p.Text)
	if len(terms) == 0 {
		return tx.run("index post", `INSERT INTO post_words (words, ticket_id, post_id) VALUES (`+indexed+`, ?2, ?3)`, text, p.Ticket, p.ID)
	}
	return tx.run("index post", `UPDATE post_words SET words = `+indexed+` WHERE docid IN
		(SELECT docid FROM post_words WHERE words MATCH ?4 AND ticket_id = +?2 AND post_id = +?3)`,
		text, p.Ticket, p.ID, strings.Join(terms, "* ")+"*")
}

// indexed is a text as it is indexed.
const indexed = `replace(replace(?1, 'ё', 'е'), 'Ё', 'Е')`

// maxTerms is the maximum number of words in a query.
const maxTerms = 10

// searchTerms returns the stems of the words, in lower case, so that none is an
// operator, and made of letters and digits only.
func searchTerms(words string) []string {
	fields := strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	terms := make([]string, 0, min(len(fields), maxTerms))
	for _, w := range fields[:min(len(fields), maxTerms)] {
		terms = append(terms, stem(strings.ReplaceAll(w, "ё", "е")))
	}
	return terms
}

// SearchStems returns the stems by which Search finds words, for highlighting: compare
// in lower case, with ё as е.
func SearchStems(words string) []string { return searchTerms(words) }

// endings are endings of Russian and English words, longest first. A vowel that
// vanishes in other forms (звонок, звонка) is part of one.
var endings = strings.Fields(`
	иями ениями остью аниями
	иях ием иям ями ами ией ого его ому ему ыми ими ться тся ешь ишь ете ите
	ая яя ую юю ое ее ие ые ый ий ой ей ем им ым ом их ых ам ям ах ях ов ев ть ет ит ат ят ут ют ла ло ли ок ек ец ия ию ии
	ing ed es
	а я о е у ю и ы ь й л s`)

// stemRunes is the minimum length of a stem; one less before an ending of one letter.
const stemRunes = 4

// stem cuts off an ending, and with it the к of a word like звонки, before which other
// forms have a vowel.
func stem(word string) string {
	for _, e := range endings {
		rest, ok := strings.CutSuffix(word, e)
		if n := len([]rune(rest)); ok && (n >= stemRunes || n == stemRunes-1 && len([]rune(e)) == 1) {
			word = rest
			break
		}
	}
	if rest, ok := strings.CutSuffix(word, "к"); ok && len([]rune(rest)) >= stemRunes {
		return rest
	}
	return word
}
