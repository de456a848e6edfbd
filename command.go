package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
)

// command is one subcommand; the one without a name runs the bot.
type command struct {
	name   string
	args   []string // the names of its arguments, all of them needed
	option string   // what may stand among them, if anything
	doc    string
	run    func(context.Context, invocation) int
}

func commands() []command {
	return []command{
		{name: "", doc: "запустить бота", run: serving(serve)},
		{name: "demo", option: "--scenario", doc: "показать бота в действии на этом компьютере, без токенов; --scenario играет разговор сам", run: runDemo},
		{name: "check", doc: "проверить настройки, токены и связь с Телеграмом и Плюсофоном", run: checking(check)},
		{name: "backup", args: []string{"FILE"}, doc: "записать копию базы данных в новый файл, бот при этом может работать", run: runBackup},
		{name: "healthcheck", doc: "узнать, работает ли бот: код выхода 0 или 1", run: runHealthcheck},
		{name: "version", doc: "показать версию", run: runVersion},
		{name: "help", doc: "показать эту справку", run: runHelp},
	}
}

func findCommand(name string) (command, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

func (c command) usage() string {
	words := append([]string{c.name}, c.args...)
	if c.option != "" {
		words = append(words, "["+c.option+"]")
	}
	return strings.Join(words, " ")
}

// helpText is what --help prints: the commands and the configuration table.
func helpText() string {
	var text strings.Builder
	text.WriteString("plusofon-bot: обращения в поддержку Плюсофона из Телеграма.\n\n" +
		"Запуск: plusofon-bot [команда]\n\nКоманды:\n")
	table(&text, func(row func(cells ...string)) {
		for _, c := range commands() {
			usage := c.usage()
			if c.name == "" {
				usage = "(без команды)"
			}
			row(usage, c.doc)
		}
	})
	text.WriteString("\nНастройки, переменные окружения (имя, значение по умолчанию, смысл):\n")
	table(&text, func(row func(cells ...string)) {
		for _, v := range variables {
			row(v.name, v.defaultCell(), v.doc)
		}
	})
	text.WriteString("\n" +
		"Вместо ИМЯ можно задать ИМЯ_FILE: путь к файлу, в котором лежит значение.\n" +
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

// table aligns the rows that fill prints; a strings.Builder never fails.
func table(text *strings.Builder, fill func(row func(cells ...string))) {
	w := tabwriter.NewWriter(text, 0, 0, 2, ' ', 0)
	fill(func(cells ...string) {
		_, _ = fmt.Fprintln(w, "  "+strings.Join(cells, "\t"))
	})
	_ = w.Flush()
}
