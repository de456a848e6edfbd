package config

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// variable is a row of the configuration table.
type variable struct {
	name  string
	def   string // the default, parsed like a set value
	need  Text   // shown instead of a default if there is none
	doc   Text   // one line of --help
	hint  Text   // ends an error message: how to get the value or what it looks like
	check func(string) error
}

var required = Text{"required", "обязательно"}

// variables is the single source of names and defaults: Help is printed from it, and a test
// compares the struct and the documents with it.
var variables = []variable{
	{
		name: "TELEGRAM_TOKEN", need: required,
		doc:   Text{"the bot's token, from @BotFather", "токен бота в Телеграме, его выдаёт @BotFather"},
		hint:  Text{"Open @BotFather in Telegram, send /newbot (or /token for an existing bot) and copy the whole token, like 123456789:AAEx…", "Откройте в Телеграме @BotFather, отправьте /newbot (или /token для готового бота) и скопируйте токен целиком, вида 123456789:AAEx…"},
		check: checkBotToken,
	},
	{
		name: "TELEGRAM_API_URL", def: "https://api.telegram.org",
		doc:  Text{"the Bot API's address, for a self-hosted server or a proxy", "адрес Bot API: свой сервер или прокси"},
		hint: hintURL,
	},
	{
		name: "PLUSOFON_TOKEN", need: Text{"required, or the next two", "обязательно, или следующие две"},
		doc:   Text{"the token of Plusofon's API", "токен API Плюсофона"},
		hint:  Text{"Open Plusofon's personal account → Разработчикам → Доступ к API and copy the token; alternatively set PLUSOFON_EMAIL and PLUSOFON_PASSWORD", "Откройте личный кабинет Плюсофона → Разработчикам → Доступ к API и скопируйте токен; вместо него можно задать PLUSOFON_EMAIL и PLUSOFON_PASSWORD"},
		check: checkHeaderToken,
	},
	{
		name:  "PLUSOFON_EMAIL",
		doc:   Text{"instead of the token: the login of the personal account", "почта для входа в личный кабинет, вместо токена"},
		hint:  Text{"It is the e-mail address of the login to Plusofon's personal account; PLUSOFON_PASSWORD is needed too", "Это почта, с которой входят в личный кабинет Плюсофона; вместе с ней нужен PLUSOFON_PASSWORD"},
		check: checkEmail,
	},
	{
		name: "PLUSOFON_PASSWORD",
		doc:  Text{"its password", "пароль для входа в личный кабинет, вместо токена"},
		hint: Text{"It is the password of the login to Plusofon's personal account; PLUSOFON_EMAIL is needed too", "Это пароль, с которым входят в личный кабинет Плюсофона; вместе с ним нужен PLUSOFON_EMAIL"},
	},
	{
		name: "PLUSOFON_CLIENT", def: "10553",
		doc:   Text{"the application's code for the API, the same for everyone", "код приложения для API Плюсофона, одинаковый у всех"},
		hint:  Text{"Remove the variable: the default, 10553, usually works", "Уберите переменную: обычно подходит значение по умолчанию, 10553"},
		check: checkDigits,
	},
	{
		name: "PLUSOFON_API_URL", def: "https://restapi.plusofon.ru",
		doc:  Text{"the address of Plusofon's API", "адрес API Плюсофона"},
		hint: hintURL,
	},
	{
		name: "PLUSOFON_RATE", def: "60",
		doc:  Text{"maximum number of requests to Plusofon a minute", "не больше стольких запросов к Плюсофону в минуту"},
		hint: Text{"Set a whole number from 6 to 6000, such as 60", "Укажите целое число от 6 до 6000, например 60"},
	},
	{
		name: "DATABASE_PATH", def: "plusofon-bot.db",
		doc: Text{"the database file", "файл базы данных"},
	},
	{
		name: "ADMIN_IDS",
		doc:  Text{"the owners' Telegram user ids, separated by commas; empty: a one-time link is logged at start", "номера владельцев в Телеграме через запятую; если пусто, при запуске в журнал пишется одноразовая ссылка"},
		hint: Text{"Set ids separated by commas, such as 123456789,987654321; write to this bot to learn your own", "Укажите номера через запятую, например 123456789,987654321; свой номер можно узнать, написав этому боту"},
	},
	{
		name: "POLL_INTERVAL", def: "30s",
		doc:  Text{"how often Plusofon is polled, at least 1s", "как часто спрашивать Плюсофон о новом, не чаще раза в секунду (1s)"},
		hint: Text{"Set a number with a unit, s (seconds) or m (minutes), at least 1s, such as 30s or 2m", "Укажите число с единицей, s (секунды) или m (минуты), не меньше 1s: например, 30s или 2m"},
	},
	{
		name: "LANGUAGE", def: "ru",
		doc:  Text{"the language of groups, and of people with an unknown language: ru or en", "язык групп и тех, чей язык неизвестен: ru или en"},
		hint: Text{"Set ru or en. If you have not set it, the system has: set it separately for the bot", "Укажите ru или en. Если вы её не задавали, то это настройка системы: задайте её для бота отдельно"},
	},
	{
		name: "TIMEZONE", def: "Europe/Moscow",
		doc:  Text{"the time zone of Plusofon's dates, and of chats that have not chosen one in /settings", "часовой пояс, в котором Плюсофон указывает даты, и тех чатов, где он не выбран в /settings"},
		hint: Text{"Set the name of a time zone, such as Europe/Moscow or Asia/Yekaterinburg", "Укажите название пояса, например Europe/Moscow или Asia/Yekaterinburg"},
	},
	{
		name: "MAX_FILE_SIZE", def: "20MB",
		doc:  Text{"larger files are refused", "файлы больше этого размера не принимаются"},
		hint: Text{"Set a size from 1B to 2000MB with the unit B, KB, MB or GB, such as 20MB", "Укажите размер от 1B до 2000MB с единицей B, KB, MB или GB, например 20MB"},
	},
	{
		name: "SIGN_POSTS", def: "auto",
		doc:   Text{"sign posts with the author's name: always, never or auto (once two or more people write through the bot)", "подписывать сообщения именем автора: always, never или auto (когда через бота пишут двое и больше)"},
		hint:  Text{"Set auto, always or never", "Укажите auto, always или never"},
		check: oneOf("auto", "always", "never"),
	},
	{
		name: "KEEP_CLOSED",
		doc:  Text{"days after which the texts of closed tickets are erased; empty: never", "через сколько дней после закрытия стирать слова обращений; если пусто, они хранятся всегда"},
		hint: Text{"Set a whole number of days from 1 to 36500, such as 365", "Укажите целое число дней от 1 до 36500, например 365"},
	},
	{
		name: "HTTP_ADDR",
		doc:  Text{"the address of /healthz, /readyz and /metrics, such as 127.0.0.1:9090; empty: off", "адрес для /healthz, /readyz и /metrics, например 127.0.0.1:9090; если пусто, выключено"},
		hint: Text{"Set an address and a port, such as 127.0.0.1:9090, or :9090 for all addresses; port 0 picks a free one", "Укажите адрес и порт, например 127.0.0.1:9090, или :9090 для всех адресов; порт 0 выбирает свободный"},
	},
	{
		name: "LOG_LEVEL", def: "info",
		doc:   Text{"debug, info, warn or error", "подробность журнала: debug, info, warn или error"},
		hint:  Text{"Set debug, info, warn or error", "Укажите debug, info, warn или error"},
		check: oneOf("debug", "info", "warn", "error"),
	},
	{
		name: "LOG_FORMAT", def: "text",
		doc:   Text{"text or json", "вид журнала: text или json"},
		hint:  Text{"Set text or json", "Укажите text или json"},
		check: oneOf("text", "json"),
	},
}

var hintURL = Text{
	"Set the whole address, with https:// or http://, without user and parameters; usually the variable is not needed",
	"Укажите адрес целиком, с https:// или http://, без имени пользователя и параметров; обычно переменная не нужна",
}

func variableNamed(name string) variable {
	for _, v := range variables {
		if v.name == name {
			return v
		}
	}
	panic("no variable named " + name)
}

// Help returns the configuration part of --help: the table, and where the values come from.
func Help(russian bool) string {
	var text strings.Builder
	text.WriteString(Text{
		"Configuration, environment variables (name, default, meaning):\n",
		"Настройки, переменные окружения (имя, значение по умолчанию, смысл):\n",
	}.In(russian))
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, v := range variables {
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\n", v.name, v.defaultCell(russian), v.doc.In(russian))
	}
	_ = table.Flush() // a strings.Builder never fails
	text.WriteString(Text{"\n" +
		"Set NAME_FILE instead of NAME to read the value from a file:\n" +
		"a regular file of at most 64 KB.\n" +
		"A .env file in the working folder is read too; the environment wins.\n" +
		"An empty variable counts as not set.\n", "\n" +
		"Вместо ИМЯ можно задать ИМЯ_FILE: путь к файлу, в котором лежит значение.\n" +
		"Это обычный файл до 64 КБ.\n" +
		"Файл .env в рабочей папке тоже читается; окружение важнее него.\n" +
		"Пустая переменная считается не заданной.\n"}.In(russian))
	return text.String()
}

func (v variable) defaultCell(russian bool) string {
	switch {
	case v.def != "":
		return v.def
	case v.need.EN != "":
		return v.need.In(russian)
	default:
		return "—"
	}
}
