package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"plusofon-bot/internal/config"
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

// helpText is what --help prints: the commands and the configuration.
func helpText() string {
	var text strings.Builder
	text.WriteString("plusofon-bot: обращения в поддержку Плюсофона из Телеграма.\n\n" +
		"Запуск: plusofon-bot [команда]\n\nКоманды:\n")
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		usage := c.usage()
		if c.name == "" {
			usage = "(без команды)"
		}
		_, _ = fmt.Fprintf(table, "  %s\t%s\n", usage, c.doc)
	}
	_ = table.Flush() // a strings.Builder never fails
	return text.String() + "\n" + config.Help()
}
