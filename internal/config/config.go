// Package config reads the program's configuration: environment variables, the files named
// by NAME_FILE, and the .env file of the working folder.
//
// It reports everything missing or wrong at once, with how to set it, and never a value: a
// secret may have been put in any variable by mistake. Names, defaults and descriptions of
// all variables are in one table, from which Help is printed.
package config

import (
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"time"
	_ "time/tzdata" // TIMEZONE must work on systems without zones, such as the image

	"github.com/caarlos0/env/v11"

	"plusofon-bot/internal/secret"
)

// Config is the validated configuration. Defaults and descriptions are in the table variables.
type Config struct {
	TelegramToken    secret.String  `env:"TELEGRAM_TOKEN"`
	TelegramAPIURL   BaseURL        `env:"TELEGRAM_API_URL"`
	PlusofonToken    secret.String  `env:"PLUSOFON_TOKEN"`
	PlusofonEmail    string         `env:"PLUSOFON_EMAIL"`
	PlusofonPassword secret.String  `env:"PLUSOFON_PASSWORD"`
	PlusofonClient   string         `env:"PLUSOFON_CLIENT"`
	PlusofonAPIURL   BaseURL        `env:"PLUSOFON_API_URL"`
	PlusofonRate     PerMinute      `env:"PLUSOFON_RATE"`
	DatabasePath     string         `env:"DATABASE_PATH"`
	AdminIDs         []int64        `env:"ADMIN_IDS"`
	PollInterval     time.Duration  `env:"POLL_INTERVAL"`
	Language         Language       `env:"LANGUAGE"`
	Timezone         *time.Location `env:"TIMEZONE"`
	MaxFileSize      FileSize       `env:"MAX_FILE_SIZE"`
	SignPosts        string         `env:"SIGN_POSTS"`
	KeepClosed       Days           `env:"KEEP_CLOSED"`
	HTTPAddr         HTTPAddr       `env:"HTTP_ADDR"`
	LogLevel         slog.Level     `env:"LOG_LEVEL"`
	LogFormat        string         `env:"LOG_FORMAT"`
}

// Secrets returns the values that no output may show.
func (c Config) Secrets() []secret.String {
	return []secret.String{c.TelegramToken, c.PlusofonToken, c.PlusofonPassword}
}

const (
	dotEnvName = ".env"
	fileSuffix = "_FILE"
)

// Load reads the variables from environ and, if not set there, from the .env file of the
// working folder. Its error is meant for the person who sets up the program: it reports
// everything missing or wrong at once and contains no values.
func Load(environ []string) (Config, error) {
	found := problems{}
	process := env.ToMap(environ)
	dotEnv, err := readDotEnv()
	if err != nil {
		found[dotEnvName] = problem{label: dotEnvName, text: asText(err)}
	}

	values := make(map[string]string, len(variables))
	for _, v := range variables {
		value, bad := lookup(v.name, process, dotEnv)
		switch {
		case bad != nil:
			found[v.name] = *bad
			continue
		case value == "":
			value = v.def
		case v.check != nil:
			if err := v.check(value); err != nil {
				found.add(v, asText(err))
				continue
			}
		}
		values[v.name] = value
	}
	found.addMissing(values)

	cfg, err := parse(values)
	if err != nil {
		if err := found.addUnparsed(err); err != nil {
			return Config{}, err
		}
	}
	// In .env, which belongs to this program, a misspelt name is an error. In the
	// environment it may be meant for another program: see Warnings.
	misspelt := misspeltIn(dotEnv)
	if len(found)+len(misspelt) == 0 {
		return cfg, nil
	}
	return Config{}, loadError{append(found.inOrder(), misspelt.with(misspeltIn(process)).problems()...), Russian(environ)}
}

// Defaults returns the configuration with all variables at their defaults. Variables
// without one, such as the tokens, are empty.
func Defaults() Config {
	values := make(map[string]string, len(variables))
	for _, v := range variables {
		values[v.name] = v.def
	}
	cfg, err := parse(values)
	if err != nil {
		panic(err) // a bug in the table
	}
	return cfg
}

func parse(values map[string]string) (cfg Config, err error) {
	err = env.ParseWithOptions(&cfg, env.Options{Environment: values, FuncMap: parsers})
	return cfg, err
}

// DatabasePath returns the path of the database, for commands that need no other configuration.
func DatabasePath(environ []string) (string, error) {
	dotEnv, err := readDotEnv()
	if err != nil {
		return "", loadError{[]problem{{label: dotEnvName, text: asText(err)}}, Russian(environ)}
	}
	v := variableNamed("DATABASE_PATH")
	path, bad := lookup(v.name, env.ToMap(environ), dotEnv)
	if bad != nil {
		return "", loadError{[]problem{*bad}, Russian(environ)}
	}
	if path == "" {
		path = v.def
	}
	return path, nil
}

// problem is one line of a loadError.
type problem struct {
	label string // the variable or file to look at
	text  Text
}

// problems are keyed by variable name: one per variable.
type problems map[string]problem

func (p problems) add(v variable, what Text) {
	p[v.name] = problem{label: v.name, text: what.and(Text{". ", ". "}).and(v.hint)}
}

// asText returns an error of this package as a Text, which they all are.
func asText(err error) Text {
	t, ok := errors.AsType[Text](err)
	if !ok {
		return Text{err.Error(), err.Error()}
	}
	return t
}

// addMissing adds required variables that are not set: the bot's token, and either way to
// log in to Plusofon. An e-mail without a password, or the reverse, is always an error.
// Variables that already have a problem are not reported as missing.
func (p problems) addMissing(values map[string]string) {
	has := func(name string) bool {
		_, reported := p[name]
		return reported || values[name] != ""
	}
	unset := Text{"the value is not set", "значение не задано"}
	need := func(name string, what Text) { p.add(variableNamed(name), what) }
	without := func(other string) Text {
		return unset.and(Text{" though " + other + " is", ", хотя есть " + other})
	}

	if !has("TELEGRAM_TOKEN") {
		need("TELEGRAM_TOKEN", unset)
	}
	email, password := has("PLUSOFON_EMAIL"), has("PLUSOFON_PASSWORD")
	switch {
	case email && !password:
		need("PLUSOFON_PASSWORD", without("PLUSOFON_EMAIL"))
	case password && !email:
		need("PLUSOFON_EMAIL", without("PLUSOFON_PASSWORD"))
	case !email && !has("PLUSOFON_TOKEN"):
		need("PLUSOFON_TOKEN", unset)
	}
}

// addUnparsed converts the library's errors, which name struct fields, into problems;
// errors not about a value are returned.
func (p problems) addUnparsed(err error) error {
	all := env.AggregateError{Errors: []error{err}}
	errors.As(err, &all)
	for _, err := range all.Errors {
		var parse env.ParseError
		if !errors.As(err, &parse) {
			return err
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
		p.add(variableNamed(field.Tag.Get("env")), asText(parse.Err))
	}
	return nil
}

func (p problems) inOrder() []problem {
	var list []problem
	if bad, ok := p[dotEnvName]; ok {
		list = append(list, bad)
	}
	for _, v := range variables {
		if bad, ok := p[v.name]; ok {
			list = append(list, bad)
		}
	}
	return list
}

type loadError struct {
	problems []problem
	russian  bool
}

func (e loadError) Error() string {
	var text strings.Builder
	text.WriteString(Text{"The configuration is wrong:\n", "Настройки неверны, исправьте их:\n"}.In(e.russian))
	for _, p := range e.problems {
		text.WriteString("  " + p.label + ": " + p.text.In(e.russian) + "\n")
	}
	text.WriteString(Text{"All variables: plusofon-bot --help", "Все настройки: plusofon-bot --help"}.In(e.russian))
	return text.String()
}
