package reading_test

import (
	"fmt"
	"testing"

	"plusofon-bot/bot/bottest"
)

// Tickets are found by digits of their number, and by words, in any form, of
// their subjects and posts; buttons lead to their histories.
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

// The first few of many are shown, and it is said how many there are.
func TestSearchFindsMany(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Polled()
		for i := range 9 {
			w.Plusofon.OpenInCabinet(fmt.Sprintf("Тариф %d", i), "Текст")
		}
		w.Polled()
		w.Anna.Send("/search тарифы")
		m := w.Reads(w.Anna, "9 обращений", "Показаны первые 6")
		if got := len(m.Buttons); got != 2 {
			t.Errorf("%d rows of buttons, want 2", got)
		}
	})
}
