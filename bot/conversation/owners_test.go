package conversation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Of sixty people, with groups, invitations and removed people, each is on one page, and
// the last of them can be removed as well.
func TestUsersArePaged(t *testing.T) {
	d := company(t)
	d.Do(func(turn *chat.Turn) (err error) {
		for i := range 60 {
			err = errors.Join(err, turn.Tx.SavePerson(state.Person{ID: state.UserID(1000 + i), Name: fmt.Sprintf("Коллега %d.", i), Role: state.Member, Since: d.Now.Add(time.Duration(i))}))
		}
		return errors.Join(err, turn.Tx.SavePerson(state.Person{ID: eve, Name: "Бывшая Ева", Role: state.Stranger, Since: d.Now, Removed: d.Now}))
	})
	d.Says(owner, "/invite")
	seen := map[string]int{}
	screen := d.Opens(owner, "/users")
	pages := 0
	for {
		pages++
		if n := len(screen.Buttons); n > 11 {
			t.Errorf("%d buttons on page %d", n, pages)
		}
		for line := range strings.Lines(screen.Text) {
			if strings.HasPrefix(line, "•") {
				seen[strings.TrimSpace(line)]++
			}
		}
		if screen.Button("›") == "" {
			break
		}
		screen, _ = d.Clicks(owner, screen, "›")
	}
	if pages != 9 { // 63 people, a group, an invitation, a removed person
		t.Errorf("%d pages", pages)
	}
	if len(seen) != 66 {
		t.Errorf("%d lines: %v", len(seen), seen)
	}
	for line, n := range seen {
		if n != 1 {
			t.Errorf("%q stands %d times", line, n)
		}
	}
	last := d.Opens(owner, "/users")
	for range 7 {
		last, _ = d.Clicks(owner, last, "›")
	}
	card, _ := d.Clicks(owner, last, "Коллега 59.")
	asks, _ := d.Clicks(owner, card, "Закрыть доступ")
	if _, toast := d.Clicks(owner, asks, "Закрыть доступ"); toast != "Коллега 59.: доступ закрыт." {
		t.Errorf("the removal is answered with %q", toast)
	}
	// A page that no longer exists shows one that does.
	d.Press(owner, owner, "users:99")
	if shown := d.Screens(owner); len(shown) != 1 || !strings.Contains(shown[0].Text, "Бывшая Ева") {
		t.Errorf("a page beyond the end shows %+v", shown)
	}
}

// One press removes nobody, nor does an old button.
func TestRemovalAsksFirst(t *testing.T) {
	d := company(t)
	d.Press(owner, owner, fmt.Sprintf("remove:%d", boris))
	d.Do(func(turn *chat.Turn) error {
		p, err := turn.Tx.Person(boris)
		if p.Role != state.Member {
			t.Errorf("they are %s", p.Role)
		}
		return err
	})
	asks := d.Screens(owner)
	if back, _ := d.Clicks(owner, asks[len(asks)-1], "К списку"); !strings.Contains(back.Text, "Доступ есть у 3 человек") {
		t.Errorf("back leads to %q", back.Text)
	}
}

// An owner makes others owners and members again: their menu, commands and buttons change
// too. Owners in ADMIN_IDS can't be changed, and nobody can change themselves.
func TestOwnersByWord(t *testing.T) {
	d := company(t)
	card := func(id int) bottest.Screen {
		d.Screens(owner)
		d.Press(owner, owner, fmt.Sprintf("person:%d", id))
		shown := d.Screens(owner)
		return shown[len(shown)-1]
	}
	d.Said(boris)
	if _, toast := d.Clicks(owner, card(boris), "Сделать владельцем"); toast != "Член 2: теперь владелец." {
		t.Errorf("the press is answered with %q", toast)
	}
	if menus := menusOf(d, boris); !slices.Equal(menus, []int{14, 14, 14}) {
		t.Errorf("the menus have %v commands", menus)
	}
	d.Want(d.Said(boris), "Теперь вы владелец бота")
	d.Want(d.Says(boris, "/invite"), "https://t.me/plusofon_bot?start=")
	for id, why := range map[int]string{owner: "Этот владелец указан в ADMIN_IDS", boris: "Это вы"} {
		for _, action := range []string{"unowner", "owner", "remove", "revoke", "adopt"} {
			toast, _ := d.Press(boris, boris, fmt.Sprintf("%s:%d", action, id))
			if !strings.Contains(toast, why) {
				t.Errorf("%s of %d is answered with %q", action, id, toast)
			}
		}
		d.Screens(boris)
		d.Press(boris, boris, fmt.Sprintf("person:%d", id))
		if shown := d.Screens(boris); len(shown) != 1 || len(shown[0].Buttons) != 1 || !strings.Contains(shown[0].Text, why) {
			t.Errorf("the card of %d is %+v", id, shown)
		}
	}
	d.Do(func(turn *chat.Turn) error {
		owners, err := turn.Tx.Owners()
		if len(owners) != 2 {
			t.Errorf("the owners are %+v", owners)
		}
		return err
	})
	d.Screens(boris)
	if _, toast := d.Clicks(owner, card(boris), "Снять права владельца"); toast != "Кто-то: больше не владелец." {
		t.Errorf("the press is answered with %q", toast)
	}
	if menus := menusOf(d, boris); !slices.Equal(menus, []int{11, 11, 11}) {
		t.Errorf("the menus have %v commands", menus)
	}
	d.Want(d.Said(boris), "Вы больше не владелец бота. Доступ у вас остаётся.")
	d.Want(d.Says(boris, "/users"), "Это может только владелец бота")
	d.Want(d.Says(boris, "/status"), "Плюсофон")
}

// menusOf takes the requests for a person's own menu out of the outbox, and returns the
// number of commands in each.
func menusOf(d *bottest.Desk, user telegram.UserID) (commands []int) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		rows, err := turn.Tx.Waiting(state.Telegram, chat.ChatLane(state.ChatID(user)))
		for _, row := range rows {
			r, failure := chat.Decode[chat.TelegramRow](row)
			if r.Call.Method == (telegram.SetMyCommands{}).Method() {
				commands = append(commands, strings.Count(string(r.Call.Params), `"command":`))
			}
			err = errors.Join(err, failure)
		}
		return err
	})
	return commands
}

// Open invitations are listed in /users, can be withdrawn there, and are void for good once
// their author loses their rights.
func TestInvitationsCanBeSeenAndEnd(t *testing.T) {
	d := company(t)
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SavePerson(state.Person{ID: boris, Name: "Борис", Role: state.Owner, Source: state.FromOwner, Language: "ru"})
	})
	link := func(by telegram.UserID) string {
		_, token, _ := strings.Cut(d.Says(by, "/invite")[0], "?start=")
		return token
	}
	withdrawn, ended, used := link(owner), link(boris), link(owner)
	d.Want(d.Says(eve, "/start "+used), "Доступ открыт")
	list := d.Opens(owner, "/users")
	if n := strings.Count(list.Text, "действует до 02.03.2026 10:00"); n != 2 {
		t.Errorf("%d invitations in %q", n, list.Text)
	}
	card, _ := d.Clicks(owner, list, "Приглашение до 02.03.2026 10:00")
	list, toast := d.Clicks(owner, card, "Отозвать")
	if toast != "Приглашение отозвано." || strings.Count(list.Text, "действует до") != 1 {
		t.Errorf("withdrawn, it answers %q and shows %q", toast, list.Text)
	}
	d.Want(d.Says(777, "/start "+withdrawn), "Этот бот закрыт")
	d.Press(owner, owner, fmt.Sprintf("unowner:%d", boris))
	if list := d.Opens(owner, "/users"); strings.Contains(list.Text, "действует до") {
		t.Errorf("it shows %q", list.Text)
	}
	d.Press(owner, owner, fmt.Sprintf("owner:%d", boris))
	d.Want(d.Says(778, "/start "+ended), "Этот бот закрыт")
	if toast, _ := d.Press(owner, owner, "withdraw:1"); toast != "Эта кнопка больше не действует." {
		t.Errorf("withdrawn twice, it answers %q", toast)
	}
}

// The claim link also makes a member an owner; if ADMIN_IDS names someone it is void,
// though it was logged a moment ago.
func TestClaimLink(t *testing.T) {
	t.Run("a member", func(t *testing.T) {
		d := bottest.NewDesk(t)
		token := d.Ready()
		d.Member(boris, "ru")
		d.Want(d.Says(boris, "/start "+token), "Теперь вы владелец бота")
		if menus := menusOf(d, boris); len(menus) > 0 {
			t.Errorf("the menu waits behind what was said: %v", menus)
		}
		d.Want(d.Says(boris, "/users"), "Доступ есть у 1 человека")
		d.Want(d.Says(vera, "/start "+token), "Этот бот закрыт")
	})
	t.Run("an owner came first", func(t *testing.T) {
		d := bottest.NewDesk(t)
		token := d.Ready()
		if again := d.Ready(owner); again != "" {
			t.Error("another link, though there is an owner")
		}
		d.Want(d.Says(eve, "/start "+token), "Этот бот закрыт")
		// It stays void, even if the owner is gone again.
		d.Ready()
		d.Want(d.Says(777, "/start "+token), "Этот бот закрыт")
	})
	t.Run("a member does not spend an invitation", func(t *testing.T) {
		d := company(t)
		_, token, _ := strings.Cut(d.Says(owner, "/invite")[0], "?start=")
		d.Want(d.Says(boris, "/start "+token), "Здравствуйте")
		d.Want(d.Says(eve, "/start "+token), "Доступ открыт")
	})
}

// What the bot holds about a removed person can be erased; the id is kept, and keeps them
// out. Nothing is erased of others.
func TestErasing(t *testing.T) {
	d := company(t)
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveSettings(state.Settings{Chat: boris, News: state.NewsAll, Zone: "Asia/Omsk"})
	})
	removes(d, boris, "Оставить группы")
	list := d.Opens(owner, "/users")
	card, _ := d.Clicks(owner, list, "Член 2")
	if !strings.Contains(card.Text, "Доступ закрыт 01.03.2026") || !strings.Contains(card.Text, "В копиях базы, сделанных раньше, стёртое сохранится") {
		t.Errorf("the card says %q", card.Text)
	}
	list, toast := d.Clicks(owner, card, "Стереть данные")
	if !strings.Contains(toast, "В копиях базы, сделанных раньше, эти данные остались") {
		t.Errorf("erased, it answers %q", toast)
	}
	if strings.Contains(list.Text, "Член 2") || !strings.Contains(list.Text, "• 2, 2") {
		t.Errorf("erased, the list says %q", list.Text)
	}
	d.Want(d.Says(boris, "это я"), "Этот бот закрыт")
	d.Want(replies(d, boris, bottest.Office, 71, "ответ"), "Ваш доступ к боту закрыт")
	// They request access: the owner reads the name, and it is not stored.
	d.Press(boris, boris, "ask")
	d.Want(d.Said(owner), "Кто-то просит доступ")
	d.Do(func(turn *chat.Turn) error {
		p, err := turn.Tx.Person(boris)
		set, failure := turn.Tx.Settings(boris)
		if p.Name != "" || p.Asked.IsZero() || set.Zone != "" {
			t.Errorf("kept: %+v, %+v", p, set)
		}
		return errors.Join(err, failure)
	})
	if toast, _ := d.Press(owner, owner, fmt.Sprintf("erase:%d", vera)); toast != "Эта кнопка больше не действует." {
		t.Errorf("a member's data: %q", toast)
	}
	d.Do(func(turn *chat.Turn) error {
		p, err := turn.Tx.Person(vera)
		if p.Name != "Член 3" {
			t.Errorf("a member's name is %q", p.Name)
		}
		return err
	})
}

// The audit shows, newest first and page by page, who did what, without anything that
// people wrote. Owners read it, in private.
func TestAudit(t *testing.T) {
	d := company(t)
	d.Says(owner, "/invite")
	d.Says(eve, "привет")
	d.Press(eve, eve, "ask")
	d.Press(owner, owner, fmt.Sprintf("admit:%d", eve))
	d.Press(owner, owner, fmt.Sprintf("owner:%d", eve))
	d.Press(owner, owner, fmt.Sprintf("unowner:%d", eve))
	d.Decides(bottest.Office, telegram.Update{Callback: &telegram.Callback{
		ID: "set", From: telegram.User{ID: vera, FirstName: "Вера"}, Data: "settings:2:2",
		Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: bottest.Office, Type: "supergroup", Title: "Офис"}},
	}})
	removes(d, eve, "Закрыть доступ")
	d.Press(owner, owner, fmt.Sprintf("erase:%d", eve))
	d.Press(owner, owner, fmt.Sprintf("ungroup:%d", -bottest.Office))
	var events []string
	for _, e := range d.Audited() {
		events = append(events, string(e.Event))
	}
	want := []string{
		"owner configured", "group added", "invitation made", "access asked", "access given", "owner made", "owner unmade", "setting changed",
		"access closed", "data erased", "group removed",
	}
	if !slices.Equal(events, want) {
		t.Errorf("noted: %q, want %q", events, want)
	}
	first := d.Opens(owner, "/audit")
	for _, line := range []string{"01.03.2026 10:00 Офис: группа отключена, решение: Кто-то", "666: данные стёрты, решение: Кто-то", "Офис: настройка «Новости», кто изменил: Вера", "666: просьба о доступе"} {
		if !strings.Contains(first.Text, line) {
			t.Errorf("no %q in %q", line, first.Text)
		}
	}
	if strings.Contains(first.Text, "ADMIN_IDS") || first.Button("Новые") != "" {
		t.Errorf("the first page has all: %q", first.Text)
	}
	second, _ := d.Clicks(owner, first, "Раньше")
	if !strings.Contains(second.Text, "Кто-то: владелец по ADMIN_IDS") || second.Button("Раньше") != "" {
		t.Errorf("the second page: %q", second.Text)
	}
	if back, _ := d.Clicks(owner, second, "Новые"); back.Text != first.Text {
		t.Errorf("back: %q", back.Text)
	}
	d.Want(d.Says(boris, "/audit"), "Это может только владелец бота")
	d.Decides(bottest.Office, membership(d, upgraded, owner, "left"))
	d.Joins("supergroup", owner)
	d.Want(d.InGroup(owner, "/audit"), "отправьте боту в личный чат")
}

// The file has every entry in order, however many, and no name in it is a formula.
func TestAuditFile(t *testing.T) {
	d := company(t)
	d.Do(func(turn *chat.Turn) (err error) {
		p, err := turn.Tx.Person(boris)
		p.Name = `=cmd|"x",1`
		err = errors.Join(err, turn.Tx.SavePerson(p))
		for i := range 25 {
			err = errors.Join(err, turn.Audit(state.AuditEntry{Event: state.AuditAnswered, By: boris, Chat: boris, Ticket: state.TicketID(100 + i)}))
		}
		return err
	})
	var file strings.Builder
	var last state.AuditID
	parts := 0
	for ; ; parts++ {
		var before state.AuditID
		d.Do(func(turn *chat.Turn) error {
			part, to, err := access.AuditFile(turn, owner, last, 10)
			before, last = last, to
			file.Write(part)
			return err
		})
		if before == last {
			break
		}
	}
	lines := strings.Split(strings.TrimSpace(file.String()), "\n")
	if parts != 3 || len(lines) != 1+2+25 {
		t.Fatalf("%d parts, %d lines:\n%s", parts, len(lines), file.String())
	}
	if lines[0] != "\ufeffвремя,событие,кто,ID,кого,ID,чат,ID чата,обращение,настройка" {
		t.Errorf("the titles are %q", lines[0])
	}
	if want := `2026-03-01 10:00:00,"'=cmd|""x"",1: ответ в обращение №100, личный чат","'=cmd|""x"",1",2,,,личный чат,2,100,`; lines[3] != want {
		t.Errorf("a line is\n%s\nwant\n%s", lines[3], want)
	}
	// A former owner does not get it.
	err := d.Store.Update(func(tx *state.Tx) error {
		turn, err := d.Config.NewTurn(tx, d.Now)
		if err != nil {
			return err
		}
		_, _, err = access.AuditFile(turn, boris, 0, 10)
		return err
	})
	if !errors.Is(err, state.ErrNotFound) {
		t.Errorf("a member's file: %v", err)
	}
}

// Owners get a limited number of requests an hour; other people are told to try later.
func TestAccessRequestsAreBounded(t *testing.T) {
	d := company(t)
	answers := map[string]int{}
	for i := range 200 {
		toast, _ := d.Press(telegram.UserID(10_000+i), telegram.ChatID(10_000+i), "ask")
		answers[toast]++
	}
	if answers["Просьба передана владельцу. Ответ придёт сюда."] != 30 || answers["Просьб сейчас слишком много, и эта не передана. Попробуйте через час."] != 170 {
		t.Errorf("the answers are %v", answers)
	}
	if n := len(d.Said(owner)); n != 30 {
		t.Errorf("the owner reads %d wishes", n)
	}
	d.Now = d.Now.Add(time.Hour)
	if toast, _ := d.Press(20_000, 20_000, "ask"); toast != "Просьба передана владельцу. Ответ придёт сюда." {
		t.Errorf("an hour later the answer is %q", toast)
	}
}

// [Пустить] under a request that was forgotten says so.
func TestRequestIsForgotten(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Says(666, "пустите")
	d.Press(666, 666, "ask")
	d.Screens(1)
	d.Now = d.Now.Add(8 * 24 * time.Hour)
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.PruneStrangers(d.Now.Add(-time.Hour), d.Now.Add(-7*24*time.Hour))
	})
	_, _ = d.Press(1, 1, "admit:666")
	for _, s := range d.Screens(1) {
		if strings.Contains(s.Text, "доступ не открыт") {
			t.Errorf("[Пустить] is answered with %q", s.Text)
		}
	}
}
