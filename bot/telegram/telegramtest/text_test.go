package telegramtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestHTML(t *testing.T) {
	for _, tc := range []struct {
		src, text string
		want      []Entity
	}{
		{"a &lt;b&gt; &amp;&quot; &#1071;&#x42F; &nbsp;&", `a <b> &" ЯЯ &nbsp;&`, nil},
		{"<b>ж</b>", "ж", []Entity{{Type: "bold", Length: 1}}},
		{"👍<i>и</i>", "👍и", []Entity{{Type: "italic", Offset: 2, Length: 1}}},
		{"<strong>a</strong><em>b</em><ins>c</ins><del>d</del>", "abcd", []Entity{
			{Type: "bold", Length: 1}, {Type: "italic", Offset: 1, Length: 1}, {Type: "underline", Offset: 2, Length: 1}, {Type: "strikethrough", Offset: 3, Length: 1}}},
		{"<b>a<i>b</i></b>", "ab", []Entity{{Type: "bold", Length: 2}, {Type: "italic", Offset: 1, Length: 1}}},
		{`<a href="https://example.org/?a=1&amp;b=2">x</a>`, "x", []Entity{{Type: "text_link", Length: 1, URL: "https://example.org/?a=1&b=2"}}},
		{`<a href='nowhere'>x</a>`, "x", nil},
		{"<blockquote expandable>q</blockquote>", "q", []Entity{{Type: "expandable_blockquote", Length: 1}}},
		{"<blockquote>q</blockquote>", "q", []Entity{{Type: "blockquote", Length: 1}}},
		{`<span class="tg-spoiler">s</span>`, "s", []Entity{{Type: "spoiler", Length: 1}}},
		{`<pre><code class="language-go">x</code></pre>`, "x", []Entity{{Type: "pre", Length: 1, Language: "go"}}},
		{`<tg-time unix="1647531900" format="r">t</tg-time>`, "t", []Entity{{Type: "date_time", Length: 1, UnixTime: 1647531900, DateTimeFormat: "r"}}},
		{"<b></b>x", "x", nil},
		{"  <b>x</b>  ", "x", []Entity{{Type: "bold", Length: 1}}},
	} {
		text, entities, err := formatted(tc.src, "HTML", nil)
		if err != nil || text != tc.text || fmt.Sprintf("%+v", entities) != fmt.Sprintf("%+v", tc.want) {
			t.Errorf("%s: got %q %+v %v", tc.src, text, entities, err)
		}
	}
}

func TestParsersRefuse(t *testing.T) {
	for _, tc := range []struct{ mode, src, words string }{
		{"HTML", "<p>x</p>", `Unsupported start tag "p" at byte offset 0`},
		{"HTML", "я<br>", `Unsupported start tag "br" at byte offset 2`},
		{"HTML", "a < b", `Unsupported start tag "" at byte offset 2`},
		{"HTML", "a <b", `Unclosed start tag at byte offset 2`},
		{"HTML", `<a href="x>y</a>`, `Unclosed start tag at byte offset 0`},
		{"HTML", "<b>x", `Can't find end tag corresponding to start tag "b"`},
		{"HTML", "x</b>", `Unexpected end tag at byte offset 1`},
		{"HTML", "<b><i>x</b></i>", `Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`},
		{"HTML", "<b>x</b", `Unclosed end tag at byte offset 4`},
		{"HTML", "<span>x</span>", `Tag "span" must have class "tg-spoiler" at byte offset 0`},
		{"MarkdownV2", "a.b", `Character '.' is reserved and must be escaped with the preceding '\'`},
		{"MarkdownV2", "*a", `Can't find end of bold entity at byte offset 0`},
		{"MarkdownV2", "`a", `Can't find end of Code entity at byte offset 0`},
		{"MarkdownV2", "[a](http://x.y", `Can't find end of a URL at byte offset 3`},
		{"Markdown", "a_b", `Can't find end of the entity starting at byte offset 1`},
		{"Markdown", "```a", `Can't find end of the entity starting at byte offset 0`},
	} {
		_, _, err := formatted(tc.src, tc.mode, nil)
		var fail *apiError
		if !errors.As(err, &fail) || fail.desc != "Bad Request: can't parse entities: "+tc.words || !fail.violation {
			t.Errorf("%s %q: got %v", tc.mode, tc.src, err)
		}
	}
}

func TestMarkdown(t *testing.T) {
	for _, tc := range []struct {
		mode, src, text string
		want            []Entity
	}{
		{"MarkdownV2", `*ж* \. _и_`, "ж . и", []Entity{{Type: "bold", Length: 1}, {Type: "italic", Offset: 4, Length: 1}}},
		{"MarkdownV2", "__u__~s~||p||", "usp", []Entity{{Type: "underline", Length: 1}, {Type: "strikethrough", Offset: 1, Length: 1}, {Type: "spoiler", Offset: 2, Length: 1}}},
		{"MarkdownV2", "[a](https://example.org)", "a", []Entity{{Type: "text_link", Length: 1, URL: "https://example.org"}}},
		{"MarkdownV2", "```go\nx```", "x", []Entity{{Type: "pre", Length: 1, Language: "go"}}},
		{"MarkdownV2", ">q", "q", []Entity{{Type: "blockquote", Length: 1}}},
		{"Markdown", "*a* `b.` \\_", "a b. _", []Entity{{Type: "bold", Length: 1}, {Type: "code", Offset: 2, Length: 2}}},
		{"Markdown", "[a](https://example.org).", "a.", []Entity{{Type: "text_link", Length: 1, URL: "https://example.org"}}},
	} {
		text, entities, err := formatted(tc.src, tc.mode, nil)
		if err != nil || text != tc.text || fmt.Sprintf("%+v", entities) != fmt.Sprintf("%+v", tc.want) {
			t.Errorf("%s: got %q %+v %v", tc.src, text, entities, err)
		}
	}
}

// Whatever the parsers let through must satisfy the rules for entities.
func FuzzParsers(f *testing.F) {
	for _, s := range []string{"<b>x</b>", "<a href=\"https://a.b\">👍</a>", "*a*_b_", "[x](http://a.b)", "&#x1F44D;", "<pre><code class=\"language-x\">a</code></pre>", "\xff<", "```"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, mode := range []string{"HTML", "MarkdownV2", "Markdown", ""} {
			text, entities, err := formatted(s, mode, nil)
			if err != nil {
				continue
			}
			middle := middles(text)
			for _, e := range entities {
				end := e.Offset + e.Length
				if e.Length <= 0 || e.Offset < 0 || end > units(text) || middle[e.Offset] || middle[end] {
					t.Fatalf("%s %q: entity %+v does not fit %q", mode, s, e, text)
				}
			}
		}
	})
}

func TestDetection(t *testing.T) {
	got := detect("/new@plusofon_test_bot 👍 https://example.org #тег @anna a@b.ru и/или")
	want := []Entity{
		{Type: "bot_command", Offset: 0, Length: 22}, {Type: "url", Offset: 26, Length: 19}, {Type: "hashtag", Offset: 46, Length: 4},
		{Type: "mention", Offset: 51, Length: 5}, {Type: "email", Offset: 57, Length: 6},
	}
	expect(t, "entities", fmt.Sprint(got), fmt.Sprint(want))
}

func TestPieces(t *testing.T) {
	long := strings.Repeat("я", 4095) + "👍" + strings.Repeat("б", 4096)
	got := pieces(long, maxText)
	expect(t, "joined", strings.Join(got, ""), long)
	expect(t, "count", len(got), 3)
	expect(t, "a pair is not split", units(got[0]), 4095)
	expect(t, "empty", len(pieces("", maxText)), 1)
}
