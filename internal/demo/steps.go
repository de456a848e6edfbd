package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// steps is the scenario. Each step waits for its effect on the side where it must arrive.
var steps = []step{
	{both{"Анна открывает бота.", "Anna opens the bot."}, Anna, "chat", func(s *show) error {
		sent := s.private[Anna].Start("")
		_, err := s.messageAfter(Anna, sent.ID, fromBot)
		return err
	}},
	{both{"Анна пишет в поддержку: первая строка станет темой.", "Anna writes to support: the first line becomes the subject."}, Anna, "chat", func(s *show) error {
		before := len(s.plusofon.Tickets())
		sent := s.private[Anna].Send("/new " + s.say(
			"Нет входящих звонков\nС утра не проходят входящие на номер 74951234567. Исходящие работают.",
			"No incoming calls\nSince this morning no calls reach 74951234567. Outgoing ones work."))
		ctx, cancel := context.WithTimeout(s.ctx, stepTime)
		defer cancel()
		if err := s.plusofon.Wait(ctx, func(list []plusofontest.Ticket) bool {
			if len(list) > before {
				s.ticket, s.posts = list[len(list)-1].ID, len(list[len(list)-1].Posts)
			}
			return len(list) > before
		}); err != nil {
			return err
		}
		return s.reaction(Anna, sent.ID, "👌")
	}},
	{both{"Ольга отвечает из Плюсофона, с оформлением и файлом.", "Olga answers from Plusofon, with formatting and a file."}, Anna, "desk", func(s *show) error {
		return s.staff(s.say(
			"<p>Здравствуйте, Анна! Видим <b>обрыв на линии</b>, чиним.</p><p>Пока включите переадресацию: файл во вложении. Пришлите, пожалуйста, график звонков за утро.</p>",
			"<p>Hello Anna! There is <b>a fault on the line</b>, we are working on it.</p><p>Meanwhile, turn on forwarding: see the file. Please send a chart of this morning's calls.</p>"),
			s.say("обрыв на линии", "a fault on the line"),
			plusofontest.Attachment{Name: s.say("переадресация.txt", "forwarding.txt"), Content: []byte("*21*74957654321#\n")})
	}},
	{both{"Анна отвечает на сообщение бота фотографией: уходит и файл, и подпись.", "Anna replies to the bot's message with a picture: the file and its caption go."}, Anna, "chat", func(s *show) error {
		sent := s.private[Anna].SendPhoto(telegramtest.File{Name: "calls.png", MIME: "image/png", Content: chart()},
			s.say("Вот график, провал с девяти утра", "Here is the chart, nothing since nine"), s.answer)
		return errors.Join(s.arrived(1), s.reaction(Anna, sent.ID, "👌"))
	}},
	{both{"Плюсофон не отвечает. Анна пишет, бот ставит 👀: принято, уйдёт само.", "Plusofon is down. Anna writes, the bot reacts with 👀: taken, it goes by itself."}, Anna, "chat", func(s *show) error {
		s.plusofon.Switch(plusofontest.Switches{Down: true})
		sent := s.private[Anna].Reply(s.answer, s.say("Переадресацию включила, спасибо", "Forwarding is on, thank you"))
		return errors.Join(s.reaction(Anna, sent.ID, "👀"), s.rest())
	}},
	{both{"Плюсофон вернулся, сообщение дошло один раз.", "Plusofon is back, and the message has arrived, once."}, Anna, "desk", func(s *show) error {
		s.plusofon.Switch(plusofontest.Switches{})
		return s.arrived(0)
	}},
	{both{"Боту пишет посторонняя: Ева узнаёт только, что бот закрыт.", "A stranger writes to the bot: Eve learns only that it is closed."}, eve, "chat", func(s *show) error {
		s.private[eve].Send(s.say("Здравствуйте, это поддержка?", "Hello, is this support?"))
		_, err := s.messageAfter(eve, 0, fromBot) // a stranger is not told twice in a row
		return err
	}},
	{both{"Ольга починила и закрывает обращение.", "Olga has fixed it and closes the ticket."}, Anna, "desk", func(s *show) error {
		words := s.say("Линия восстановлена", "The line is repaired")
		if err := s.staff(fmt.Sprintf("<p>%s.</p>", words), words); err != nil {
			return err
		}
		after := s.answer
		s.plusofon.CloseTicket(s.ticket)
		_, err := s.messageAfter(Anna, after, fromBot)
		return err
	}},
}

// staff answers in the ticket, and waits for the news in Anna's chat.
func (s *show) staff(html, words string, files ...plusofontest.Attachment) error {
	list := s.private[Anna].Messages()
	s.plusofon.Reply(s.ticket, staffName.in(s.speaks()), html, files...)
	s.posts++
	m, err := s.messageAfter(Anna, list[len(list)-1].ID, withText(words))
	s.answer = m.ID
	return errors.Join(err, s.ctx.Err())
}

// chart draws calls by hour that break off at nine.
func chart() []byte {
	const width, height, bar = 640, 360, 52
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	fill := func(r image.Rectangle, c color.Color) {
		draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(img.Bounds(), color.RGBA{0xf6, 0xf8, 0xfb, 0xff})
	for y := 60; y < height-40; y += 56 {
		fill(image.Rect(32, y, width-32, y+1), color.RGBA{0xdd, 0xe4, 0xec, 0xff})
	}
	for i, calls := range []int{90, 150, 210, 235, 220, 8, 4, 4, 6} {
		c := color.RGBA{0x3b, 0x82, 0xc4, 0xff}
		if calls < 20 {
			c = color.RGBA{0xd6, 0x45, 0x45, 0xff}
		}
		x := 44 + i*(bar+10)
		fill(image.Rect(x, height-40-calls, x+bar, height-40), c)
	}
	fill(image.Rect(32, height-40, width-32, height-38), color.RGBA{0x8a, 0x97, 0xa6, 0xff})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // memory takes everything
	}
	return b.Bytes()
}
