package bot_test

import (
	"fmt"
	"testing"
)

// Tickets are found by digits of their number, and by words, in any form, of
// their subjects and posts; buttons lead to their histories.
func TestSearch(t *testing.T) {
	w := newWorld(t, options{hurried: true})
	id, _ := w.opened("Нет входящих звонков", "С утра молчит автоответчик")
	other, _ := w.opened("Счёт за март", "Пришлите акт")
	w.plusofon.Reply(other, "Оператор", "Проверьте <b>переадресацию</b> и ещё раз позвоните.")
	w.reads(w.anna, "Проверьте переадресацию")
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
		w.anna.Send("/search " + query)
		w.reads(w.anna, want...)
	}
	w.anna.Send("/search автоответчик")
	found := w.reads(w.anna, "«автоответчик»: 1 обращение")
	w.pressed(w.anna.Press(found.ID, fmt.Sprintf("№%d", id)))
	w.reads(w.anna, "Открыто", "С утра молчит")
}

// The first few of many are shown, and it is said how many there are.
func TestSearchFindsMany(t *testing.T) {
	w := newWorld(t, options{hurried: true})
	w.polled()
	for i := range 9 {
		w.plusofon.OpenInCabinet(fmt.Sprintf("Тариф %d", i), "Текст")
	}
	w.polled()
	w.anna.Send("/search тарифы")
	m := w.reads(w.anna, "9 обращений", "Показаны первые 6")
	if got := len(m.Buttons); got != 2 {
		t.Errorf("%d rows of buttons, want 2", got)
	}
}
