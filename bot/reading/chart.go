package reading

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strconv"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The picture's dimensions, in pixels. Telegram scales down anything larger.
const (
	chartWidth, chartHeight = 1280, 800
	chartLeft, chartRight   = 175, chartWidth - 50 // of the plot
	chartTop, chartBottom   = 255, 620
	chartMargin             = 50
)

var (
	paper     = color.RGBA{255, 255, 255, 255}
	ink       = color.RGBA{28, 32, 38, 255}
	faint     = color.RGBA{100, 108, 118, 255}
	gridline  = color.RGBA{224, 228, 233, 255}
	medianBar = color.RGBA{31, 95, 168, 255}
	p90Bar    = color.RGBA{176, 205, 236, 255}
)

// chart draws the statistics as a PNG: for each week a bar for the median of its answers in front
// of one for their 90th percentile.
func (s *Statistics) chart() ([]byte, error) {
	c, err := newCanvas()
	if err != nil {
		return nil, err
	}
	defer c.close()
	r := s.locale
	day := func(at time.Time) string { return at.In(r.Zone).Format(dateOnly) }
	c.text(c.title, ink, chartMargin, 65, r.T("chart_title"))
	c.text(c.plain, faint, chartMargin, 100, r.T("chart_weeks", "From", day(s.since()), "To", day(s.now)))
	s.drawFigures(c)

	weeks := s.weeks()
	var most time.Duration
	for _, w := range weeks {
		most = max(most, w.pace.p90)
	}
	if most == 0 {
		c.textMiddle(c.title, faint, (chartLeft+chartRight)/2, (chartTop+chartBottom)/2, r.T("stats_none"))
	}
	step, top := scale(most)
	height := func(d time.Duration) int { return int(float64(d) / float64(top) * (chartBottom - chartTop)) }
	for at := time.Duration(0); at <= top && most > 0; at += step {
		y := chartBottom - height(at)
		c.box(gridline, chartLeft, y, chartRight, y+1)
		label := "0"
		if at > 0 {
			label = formatSpan(r, at)
		}
		c.textRight(c.plain, faint, chartLeft-14, y+8, label)
	}
	slot := (chartRight - chartLeft) / weeksShown
	for i, w := range weeks {
		middle := chartLeft + slot*i + slot/2
		c.box(p90Bar, middle-26, chartBottom-height(w.pace.p90), middle+26, chartBottom)
		c.box(medianBar, middle-26, chartBottom-height(w.pace.median), middle+26, chartBottom)
		c.textMiddle(c.plain, ink, middle, chartBottom+28, w.begins.Format("02.01"))
		if w.begins.AddDate(0, 0, 7).After(s.since()) {
			c.textMiddle(c.plain, faint, middle, chartBottom+54, strconv.Itoa(w.pace.n))
		}
	}
	c.box(ink, chartLeft, chartBottom, chartRight, chartBottom+2)

	x := chartMargin
	for _, l := range []struct {
		color color.RGBA
		words string
	}{{medianBar, r.T("chart_median")}, {p90Bar, r.T("chart_p90")}} {
		c.box(l.color, x, 696, x+20, 716)
		x = c.text(c.plain, ink, x+30, 713, l.words) + 45
	}
	known := s.since()
	if s.known.IsZero() {
		known = s.now
	}
	c.text(c.small, faint, chartMargin, 750, r.T("chart_counts"))
	c.text(c.small, faint, chartMargin, 778, r.T("chart_note", "Since", day(known), "Made", s.now.In(r.Zone).Format(dateAndTime)))
	return c.png()
}

// drawFigures draws the totals above the plot.
func (s *Statistics) drawFigures(c *canvas) {
	r := s.locale
	lasting := func(known bool, d time.Duration) string {
		if !known {
			return "–"
		}
		return formatSpan(r, d)
	}
	all, first := paceOf(s.answers), paceOf(s.firstAnswers())
	w, waits := s.longest()
	for i, f := range []struct{ label, value string }{
		{r.T("chart_all"), lasting(all.n > 0, all.median)},
		{r.T("chart_slow"), lasting(all.n > 0, all.p90)},
		{r.T("chart_first"), lasting(first.n > 0, first.median)},
		{r.T("chart_open"), strconv.Itoa(s.open)},
		{r.T("chart_longest"), lasting(waits, s.now.Sub(w.since))},
	} {
		x := chartMargin + 240*i
		c.text(c.small, faint, x, 150, f.label)
		c.text(c.title, ink, x, 192, f.value)
	}
}

// scale returns the step of an axis and its end, at or above a value: few steps, at round times.
func scale(most time.Duration) (step, top time.Duration) {
	const steps, day = 5, 24 * time.Hour
	for _, step = range []time.Duration{
		time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 5 * day, 10 * day, 30 * day,
	} {
		if most <= steps*step {
			break
		}
	}
	for most > steps*step {
		step *= 2
	}
	for top = step; top < most; top += step {
	}
	return step, top
}

// canvas is a picture to draw on. The Go fonts have Cyrillic letters; they are parsed for each
// picture, since pictures are rare.
type canvas struct {
	*image.RGBA
	title, plain, small font.Face
}

func newCanvas() (*canvas, error) {
	c := &canvas{RGBA: image.NewRGBA(image.Rect(0, 0, chartWidth, chartHeight))}
	var err error
	face := func(ttf []byte, size float64) font.Face {
		f, failure := opentype.Parse(ttf)
		if failure != nil {
			err = errors.Join(err, failure)
			return nil
		}
		face, failure := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
		err = errors.Join(err, failure)
		return face
	}
	c.title, c.plain, c.small = face(gobold.TTF, 34), face(goregular.TTF, 22), face(goregular.TTF, 19)
	if err != nil {
		return nil, fmt.Errorf("read the fonts: %w", err)
	}
	c.box(paper, 0, 0, chartWidth, chartHeight)
	return c, nil
}

func (c *canvas) close() {
	for _, f := range []font.Face{c.title, c.plain, c.small} {
		_ = f.Close() // it holds only memory
	}
}

func (c *canvas) box(of color.RGBA, x0, y0, x1, y1 int) {
	draw.Draw(c, image.Rect(x0, y0, x1, y1), image.NewUniform(of), image.Point{}, draw.Src)
}

// text draws text on a base line starting at x, and returns where it ends.
func (c *canvas) text(f font.Face, of color.RGBA, x, y int, words string) int {
	d := font.Drawer{Dst: c, Src: image.NewUniform(of), Face: f, Dot: fixed.P(x, y)}
	d.DrawString(words)
	return d.Dot.X.Round()
}

func (c *canvas) textRight(f font.Face, of color.RGBA, x, y int, words string) {
	c.text(f, of, x-font.MeasureString(f, words).Round(), y, words)
}

func (c *canvas) textMiddle(f font.Face, of color.RGBA, x, y int, words string) {
	c.text(f, of, x-font.MeasureString(f, words).Round()/2, y, words)
}

func (c *canvas) png() ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, c.RGBA); err != nil {
		return nil, fmt.Errorf("write the chart: %w", err)
	}
	return b.Bytes(), nil
}
