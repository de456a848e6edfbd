package state

import (
	"slices"
	"strings"
	"testing"
)

// A number is found however it was written and is searched for: with Russia's code or 8 or
// neither, with the area code or without, with any characters between its digits.
func TestTelephonesAreFoundInAnyWriting(t *testing.T) {
	written := []string{
		"84951234567", "+74951234567", "4951234567", "1234567",
		"8 (495) 123-45-67", "+7 495 123 45 67", "8-495-123-45-67", "+7(495)1234567", "8.495.123.45.67", "495 123-45-67", "(495) 1234567", "123-45-67", "123 45 67", "1-23-45-67",
		"8495 123 45 67", "8 495\u00a0123\u201145\u201167", "\u202a+7 (495) 123\u201345\u201367\u202c",
	}
	s := open(t)
	for i, number := range written {
		id := TicketID(i + 1)
		do(t, s, func(tx *Tx) error { return tx.SaveTicket(Ticket{ID: id, Subject: "Тема"}) }, func(tx *Tx) error {
			_, err := tx.AddPost(Post{Ticket: id, ID: 1, Side: Staff, Text: "Позвоните на " + number + ", спросите Ольгу. Её номер 8 812 765-43-21."})
			return err
		})
	}
	do(t, s, func(tx *Tx) error {
		return tx.SaveTicket(Ticket{ID: 90, Subject: "Перенести 8(495)123-45-67 и 2-34-56"})
	},
		func(tx *Tx) error {
			return tx.SaveTicket(Ticket{ID: 91, Subject: "8 499 123-45-67, счёт 1234567890123456"})
		})
	var all []TicketID
	for i := range written {
		all = append(all, TicketID(i+1))
	}
	withOther := append(slices.Clone(all), 90, 91)
	for _, asked := range written {
		want := append(slices.Clone(all), 90)
		if n, _ := Telephone(asked); n == "1234567" {
			want = withOther // without a code any matches
		}
		got := found(t, s, asked)
		slices.Sort(got)
		equal(t, asked, got, want)
	}
	for asked, want := range map[string][]TicketID{
		"2-34-56": {90}, "234-56": {90}, "8 495 123-45-68": nil, "765-43-21": reverse(all), "8 499 1234567": {91, 14, 13, 12, 4}, "+7 (812) 765 43 21": reverse(all),
	} {
		equal(t, asked, found(t, s, asked), want)
	}
}

func reverse(ids []TicketID) []TicketID {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

func TestWhatIsATelephone(t *testing.T) {
	for words, want := range map[string]string{
		"8 (495) 123-45-67": "4951234567", "+7 495 1234567": "4951234567", "1234567": "1234567", "2-34-56": "23456", "+1 212 555 0100": "12125550100",
		"23624": "", "№ 23624 17": "", "договор 1234567": "", "": "", "12-34": "", "1234567890123456": "", "123-45-67, 765-43-21": "",
	} {
		if got, ok := Telephone(words); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v, want %q", words, got, ok, want)
		}
	}
}

func TestWhereATelephoneStands(t *testing.T) {
	for text, want := range map[string]string{
		"Номер 8 (495) 123-45-67 молчит": "495) 123-45-67 молчит",
		"звонили с 123-45-67":            "123-45-67",
		"100 рублей, 84951234567":        "4951234567",
		"другой: 8 495 123-45-68":        "",
	} {
		at := TelephoneAt(text, "4951234567")
		if got := text[max(at, 0):]; at < 0 != (want == "") || at >= 0 && got != want {
			t.Errorf("in %q it stands at %d: %q", text, at, got)
		}
	}
}

// A changed text has its current numbers, an erased one none, and a log a bounded number.
func TestTelephonesFollowTheirText(t *testing.T) {
	s := open(t)
	save(t, s, Ticket{ID: 7, Subject: "Номер 111-22-33"})
	p := Post{Ticket: 7, ID: 1, Side: Staff, Text: "Звоните 222-33-44"}
	addPost(t, s, p)
	equal(t, "of the subject and of the post", [][]TicketID{found(t, s, "1112233"), found(t, s, "2223344")}, [][]TicketID{{7}, {7}})
	do(t, s, func(tx *Tx) error { return tx.SaveTicket(Ticket{ID: 7, Subject: "Номер 333-44-55"}) },
		func(tx *Tx) error { return tx.SetPostText(7, 1, "Звоните 444-55-66") })
	equal(t, "once they are changed", [][]TicketID{found(t, s, "1112233"), found(t, s, "2223344"), found(t, s, "3334455"), found(t, s, "4445566")}, [][]TicketID{nil, nil, {7}, {7}})
	do(t, s, func(tx *Tx) error {
		_, _, err := tx.BlankTicket(7, start, 10)
		return err
	})
	equal(t, "once the words are erased", found(t, s, "4445566"), []TicketID(nil))
	if n := len(telephones(strings.Repeat("1234567 7654321\n", 10_000))); n > mostTelephones {
		t.Errorf("%d numbers of a log are indexed", n)
	}
}

// What an earlier program stored is found too.
func TestTelephonesOfAnEarlierDatabase(t *testing.T) {
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/bot.db"
	s := openSteps(t, path, steps[:13])
	save(t, s, Ticket{ID: 7, Subject: "Номер 8 495 111-22-33"})
	addPost(t, s, Post{Ticket: 7, ID: 1, Side: Staff, Text: "Звоните 8 495 222-33-44"})
	closed(t, s)
	s = openSteps(t, path, steps)
	equal(t, "found", [][]TicketID{found(t, s, "4951112233"), found(t, s, "222-33-44")}, [][]TicketID{{7}, {7}})
}

func TestSearchesAreKept(t *testing.T) {
	s := open(t)
	id := get(t, s, func(tx *Tx) (SearchID, error) { return tx.AddSearch(1, "договор", at(0)) })
	words := func(c ChatID) func(*Tx) (string, error) {
		return func(tx *Tx) (string, error) { return tx.SearchWords(id, c) }
	}
	equal(t, "its words", get(t, s, words(1)), "договор")
	absent(t, s, words(2)) // of another chat
	do(t, s, func(tx *Tx) error { return tx.PruneSearches(at(0)) })
	equal(t, "its words later", get(t, s, words(1)), "договор")
	do(t, s, func(tx *Tx) error { return tx.PruneSearches(at(1)) })
	absent(t, s, words(1))
}
