package reading

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// laidOut returns the pages of a history, each beginning where the previous one ends.
func laidOut(s chat.Speaker, posts []state.Post) []telegram.Text {
	var list []telegram.Text
	var p page
	for i, post := range posts {
		post.ID = state.PostID(i + 1)
		for _, x := range pieces(s, post) {
			if !p.take(x, false) {
				list, p = append(list, p.text(s)), page{}
				p.take(x, false)
			}
		}
	}
	return append(list, p.text(s))
}

// Pages contain all posts in order and never exceed the limit.
func TestPages(t *testing.T) {
	s := chat.Speaker{Texts: texts.For("ru"), Zone: time.UTC}
	post := func(side state.PostSide, text string) state.Post {
		return state.Post{Side: side, AuthorName: "Кто-то", Posted: time.Date(2021, 9, 23, 17, 44, 27, 0, time.UTC), Text: text, Files: []string{"a.txt"}}
	}
	if pages := laidOut(s, nil); len(pages) != 1 || pages[0].String != "Сообщений пока нет." {
		t.Errorf("without posts: %+v", pages)
	}
	one := laidOut(s, []state.Post{post(state.Customer, "вопрос"), post(state.Staff, "<b>ответ</b>")})
	want := "👤 Кто-то, 23.09.2021 17:44\nвопрос\n📎 a.txt\n\n💬 Кто-то, 23.09.2021 17:44\nответ\n📎 a.txt"
	if len(one) != 1 || one[0].String != want {
		t.Errorf("two posts: %+v", one)
	}
	var posts []state.Post
	for i := range 40 {
		posts = append(posts, post(state.Staff, fmt.Sprintf("начало%d %s конец%d", i, strings.Repeat("😀 слово ", 20*i), i)))
	}
	pages := laidOut(s, posts)
	var all strings.Builder
	for i, p := range pages {
		if n := telegram.UTF16Len(p.String); n > pageUnits || n == 0 {
			t.Errorf("page %d has %d units", i, n)
		}
		for _, e := range p.Entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > telegram.UTF16Len(p.String) {
				t.Errorf("page %d has an entity outside of it: %+v", i, e)
			}
		}
		all.WriteString(p.String + "\n")
	}
	if n := strings.Count(all.String(), "😀 слово"); n < 20*(39*40/2)-2*len(pages) {
		t.Errorf("%d words are left", n)
	}
	at := 0
	for i := range posts {
		for _, mark := range []string{fmt.Sprintf("начало%d ", i), fmt.Sprintf("конец%d\n", i)} {
			next := strings.Index(all.String()[at:], mark)
			if next < 0 {
				t.Fatalf("%q is missing or out of order", mark)
			}
			at += next
		}
	}
}

func TestPager(t *testing.T) {
	data := func(p int) string { return fmt.Sprint("to ", p) }
	for _, c := range []struct {
		page, pages int
		want        string
	}{
		{0, 3, "1 / 3→to 0 ›→to 1"}, {1, 3, "‹→to 0 2 / 3→to 1 ›→to 2"}, {2, 3, "‹→to 1 3 / 3→to 2"},
	} {
		var got []string
		for _, b := range chat.Pager(c.page, c.pages, data) {
			got = append(got, b.Text+"→"+b.Data)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("page %d of %d: %v, want %s", c.page, c.pages, got, c.want)
		}
	}
}

func TestAround(t *testing.T) {
	long := strings.Repeat("слово ", 40)
	for _, c := range []struct {
		text, words, want string
	}{
		{"Проверьте\nпереадресацию", "переадресации", "Проверьте переадресацию"},
		{"Ещё раз", "еще", "Ещё раз"},
		{"неперенос перенос", "переносы", "неперенос перенос"},
		{"ничего", "нет", "ничего"},
		{"", "нет", ""},
	} {
		got := excerpt(c.text, c.words)
		if got != c.want {
			t.Errorf("around %v in %q: %q, want %q", c.words, c.text, got, c.want)
		}
	}
	got := excerpt(long+"Искомое "+long, "искомые")
	if !strings.Contains(got, "Искомое") || !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "…") || len([]rune(got)) > 2*aroundRunes+2 {
		t.Errorf("around a word in a long text: %q", got)
	}
	if got := excerpt(long+"8 (495) 123-45-67 "+long, "+7 4951234567"); !strings.Contains(got, "8 (495) 123-45-67") {
		t.Errorf("around a number in a long text: %q", got)
	}
}

// However short the posts are, a page has no more entities than a message may have.
func TestPagesOfShortPosts(t *testing.T) {
	s := chat.Speaker{Texts: texts.For("ru"), Zone: time.UTC}
	var posts []state.Post
	for range 200 {
		posts = append(posts, state.Post{AuthorName: "Я", Posted: time.Date(2021, 9, 23, 17, 44, 27, 0, time.UTC), Text: "."})
	}
	shown := 0
	for i, p := range laidOut(s, posts) {
		if n := len(p.Entities); n > pageEntities {
			t.Errorf("page %d has %d marks", i, n)
		}
		shown += strings.Count(p.String, "👤")
	}
	if shown != len(posts) {
		t.Errorf("%d posts of %d are shown", shown, len(posts))
	}
}
