package reading_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/state"
)

// Tickets are found by digits of their number, and by words in any form in subjects and
// posts; buttons lead to their histories.
func TestSearch(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Нет входящих звонков", "С утра молчит автоответчик")
		other, _ := w.Opened("Счёт за март", "Пришлите акт")
		w.Plusofon.Reply(other, "Оператор", "Проверьте <b>переадресацию</b> и ещё раз позвоните.")
		w.Reads(w.Anna, "Проверьте переадресацию")
		first, second := fmt.Sprintf("№%d · Нет входящих звонков", id), fmt.Sprintf("№%d · Счёт за март", other)
		for query, want := range map[string][]string{
			"звонок":           {"«звонок»: 1 обращение", first},
			"автоответчики":    {first, "С утра молчит автоответчик"},
			"переадресации":    {second, "ждёт вас", "Проверьте переадресацию и ещё раз позвоните."},
			"СЧЕТА":            {second},
			fmt.Sprint(id):     {first},
			"№" + "236":        {"«№236»: 2 обращения", first, second},
			"жираф":            {"По запросу «жираф» ничего не найдено"},
			"777":              {"номера «777» нет", "/ticket 777"},
			"OR NOT \"(":       {"ничего не найдено"},
			"\" ' -- ) (":      {"Напишите, что искать"},
			"звонок AND (счёт": {"ничего не найдено"},
		} {
			w.Anna.Send("/search " + query)
			w.Reads(w.Anna, want...)
		}
		w.Anna.Send("/search автоответчик")
		found := w.Reads(w.Anna, "«автоответчик»: 1 обращение")
		w.Pressed(w.Anna.Press(found.ID, fmt.Sprintf("№%d", id)))
		w.Reads(w.Anna, "Открыто", "С утра молчит")
	})
}

// A telephone number is found however it is written, and shown where it stands.
func TestSearchFindsTelephones(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Номер 8 (495) 123-45-67", "Не проходят звонки")
		other, _ := w.Opened("Переадресация", "Просим всё, что приходит на наш основной номер с утра до вечера, отправлять на +7 (812) 765-43-21")
		for query, want := range map[string][]string{
			"+74951234567": {"1 обращение", fmt.Sprintf("№%d", id)},
			"123-45-67":    {"1 обращение", fmt.Sprintf("№%d", id)},
			"8127654321":   {"1 обращение", fmt.Sprintf("№%d", other), "отправлять на +7 (812) 765-43-21"},
			"765 43 22":    {"ничего не найдено"},
		} {
			w.Anna.Send("/search " + query)
			w.Reads(w.Anna, append(want, query)...)
		}
	})
}

// Many results are shown page by page in one message, as long as the search is kept.
func TestSearchFindsMany(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Polled()
		for i := range 9 {
			w.Plusofon.OpenInCabinet(fmt.Sprintf("Тариф %d", i), "Текст")
		}
		w.Polled()
		w.Anna.Send("/search тарифы")
		m := w.Reads(w.Anna, "9 обращений", "Тариф 8", "Тариф 3")
		if got := len(m.Buttons); got != 3 {
			t.Errorf("%d rows of buttons, want 3", got)
		}
		w.Pressed(w.Anna.Press(m.ID, "›"))
		second := w.Reads(w.Anna, "9 обращений", "Тариф 2", "Тариф 0")
		if second.ID != m.ID || strings.Contains(second.Text, "Тариф 3") {
			t.Errorf("the second page is message %d: %q", second.ID, second.Text)
		}
		w.Pressed(w.Anna.Press(m.ID, "‹"))
		w.Reads(w.Anna, "9 обращений", "Тариф 8")
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error { return tx.PruneSearches(time.Now().Add(time.Second)) }))
		if toast := w.Pressed(w.Anna.Press(m.ID, "›")); !strings.Contains(toast.Text, "Повторите /search") {
			t.Errorf("once it is forgotten: %q", toast.Text)
		}
	})
}
