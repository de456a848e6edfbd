package config

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// variable is one row of the configuration table.
type variable struct {
	name  string
	def   string // the default, read as if it had been set
	need  string // what stands in the default's place where there is none
	doc   string // one line of --help
	hint  string // closes an error: how to get the value or what it looks like
	check func(string) error
}

const required = "обязательно"

// variables is the one place that knows names and defaults: Help is printed
// from it, and a test holds the struct and the documents to it.
var variables = []variable{
	{
		name: "TELEGRAM_TOKEN", need: required,
		doc:   "токен бота в Телеграме, его выдаёт @BotFather",
		hint:  "Откройте в Телеграме @BotFather, отправьте /newbot (или /token для готового бота) и скопируйте токен целиком, вида 123456789:AAEx…",
		check: checkBotToken,
	},
	{
		name: "TELEGRAM_API_URL", def: "https://api.telegram.org",
		doc:  "адрес Bot API: свой сервер или прокси",
		hint: hintURL,
	},
	{
		name: "PLUSOFON_TOKEN", need: "обязательно, или следующие две",
		doc:   "токен API Плюсофона",
		hint:  "Откройте личный кабинет Плюсофона → Разработчикам → Доступ к API и скопируйте токен; вместо него можно задать PLUSOFON_EMAIL и PLUSOFON_PASSWORD",
		check: checkHeaderToken,
	},
	{
		name:  "PLUSOFON_EMAIL",
		doc:   "почта для входа в личный кабинет, вместо токена",
		hint:  "Это почта, с которой входят в личный кабинет Плюсофона; вместе с ней нужен PLUSOFON_PASSWORD",
		check: checkEmail,
	},
	{
		name: "PLUSOFON_PASSWORD",
		doc:  "пароль для входа в личный кабинет, вместо токена",
		hint: "Это пароль, с которым входят в личный кабинет Плюсофона; вместе с ним нужен PLUSOFON_EMAIL",
	},
	{
		name: "PLUSOFON_CLIENT", def: "10553",
		doc:   "код приложения для API Плюсофона, одинаковый у всех",
		hint:  "Уберите переменную: обычно подходит значение по умолчанию, 10553",
		check: checkDigits,
	},
	{
		name: "PLUSOFON_API_URL", def: "https://restapi.plusofon.ru",
		doc:  "адрес API Плюсофона",
		hint: hintURL,
	},
	{
		name: "PLUSOFON_RATE", def: "60",
		doc:  "не больше стольких запросов к Плюсофону в минуту",
		hint: "Укажите целое число от 6 до 6000, например 60",
	},
	{
		name: "DATABASE_PATH", def: "plusofon-bot.db",
		doc: "файл базы данных",
	},
	{
		name: "ADMIN_IDS",
		doc:  "номера владельцев в Телеграме через запятую; если пусто, при запуске в журнал пишется одноразовая ссылка",
		hint: "Укажите номера через запятую, например 123456789,987654321; свой номер можно узнать, написав этому боту",
	},
	{
		name: "POLL_INTERVAL", def: "30s",
		doc:  "как часто спрашивать Плюсофон о новом, не чаще раза в секунду (1s)",
		hint: "Укажите число с единицей, s (секунды) или m (минуты), не меньше 1s: например, 30s или 2m",
	},
	{
		name: "LANGUAGE", def: "ru",
		doc:  "язык для тех, чей язык неизвестен: ru или en",
		hint: "Укажите ru или en. Если вы её не задавали, то это настройка системы: задайте её для бота отдельно",
	},
	{
		name: "TIMEZONE", def: "Europe/Moscow",
		doc:  "часовой пояс, в котором Плюсофон указывает даты",
		hint: "Укажите название пояса, например Europe/Moscow или Asia/Yekaterinburg",
	},
	{
		name: "MAX_FILE_SIZE", def: "20MB",
		doc:  "файлы больше этого размера не принимаются",
		hint: "Укажите размер от 1B до 2000MB с единицей B, KB, MB или GB, например 20MB",
	},
	{
		name: "SIGN_POSTS", def: "auto",
		doc:   "подписывать сообщения именем автора: always, never или auto (когда через бота пишут двое и больше)",
		hint:  "Укажите auto, always или never",
		check: oneOf("auto", "always", "never"),
	},
	{
		name: "KEEP_CLOSED",
		doc:  "через сколько дней после закрытия стирать слова обращений; если пусто, они хранятся всегда",
		hint: "Укажите целое число дней от 1 до 36500, например 365",
	},
	{
		name: "HTTP_ADDR",
		doc:  "адрес для /healthz, /readyz и /metrics, например 127.0.0.1:9090; если пусто, выключено",
		hint: "Укажите адрес и порт, например 127.0.0.1:9090, или :9090 для всех адресов; порт 0 выбирает свободный",
	},
	{
		name: "LOG_LEVEL", def: "info",
		doc:   "подробность журнала: debug, info, warn или error",
		hint:  "Укажите debug, info, warn или error",
		check: oneOf("debug", "info", "warn", "error"),
	},
	{
		name: "LOG_FORMAT", def: "text",
		doc:   "вид журнала: text или json",
		hint:  "Укажите text или json",
		check: oneOf("text", "json"),
	},
}

const hintURL = "Укажите адрес целиком, с https:// или http://, без имени пользователя и параметров; обычно переменная не нужна"

func variableNamed(name string) variable {
	for _, v := range variables {
		if v.name == name {
			return v
		}
	}
	panic("no variable named " + name)
}

// Help is what --help says of the configuration: the table, and where the values
// come from.
func Help() string {
	var text strings.Builder
	text.WriteString("Настройки, переменные окружения (имя, значение по умолчанию, смысл):\n")
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, v := range variables {
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\n", v.name, v.defaultCell(), v.doc)
	}
	_ = table.Flush() // a strings.Builder never fails
	text.WriteString("\n" +
		"Вместо ИМЯ можно задать ИМЯ_FILE: путь к файлу, в котором лежит значение.\n" +
		"Это обычный файл до 64 КБ.\n" +
		"Файл .env в рабочей папке тоже читается; окружение важнее него.\n" +
		"Пустая переменная считается не заданной.\n")
	return text.String()
}

func (v variable) defaultCell() string {
	switch {
	case v.def != "":
		return v.def
	case v.need != "":
		return v.need
	default:
		return "—"
	}
}
