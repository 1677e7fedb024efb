package web

import (
	"html/template"
	"strconv"
	"strings"
)

// Table is the rows of the endpoint as HTML. They are written without a template, which takes twice as long: a page has thousands of cells.
// What HTML lets one leave out is left out.
func (e *endpointView) Table() template.HTML {
	var b strings.Builder
	b.Grow(1536 * len(e.Rows))
	for i := range e.Rows {
		e.write(&b, &e.Rows[i])
	}
	return template.HTML(b.String()) //nolint:gosec // each text is escaped where it is written
}

func (e *endpointView) write(b *strings.Builder, r *row) {
	b.WriteString("\n<tr role=row><th role=rowheader scope=row>")
	if e.Page != "" {
		b.WriteString(`<a href="` + template.HTMLEscapeString(e.Page) + `">`)
	}
	b.WriteString("<bdi>" + template.HTMLEscapeString(e.Name) + "</bdi>")
	if e.Page != "" {
		b.WriteString("</a>")
	}
	if r.Name != "" {
		b.WriteString(` <bdi class=of>` + template.HTMLEscapeString(r.Name) + "</bdi>")
	}
	b.WriteString("</th>")
	if r.First {
		open(b, "State", "state", e.Span())
		b.WriteString(string(e.State.HTML()))
		if e.Status.Text != "InService" {
			b.WriteByte(' ')
			b.WriteString(string(e.Status.HTML()))
		}
	}
	for i := range r.Cells {
		c := &r.Cells[i]
		open(b, c.Head, c.Class, c.Span)
		b.WriteString(string(c.HTML()))
	}
	b.WriteString("</tr>")
}

// open begins a cell, which the next one ends. Head and class are words of ours; spans is how many rows it reaches over, 0 for one.
func open(b *strings.Builder, head, class string, spans int) {
	b.WriteString("<td role=cell")
	if class != "" {
		b.WriteString(" class=" + class)
	}
	if spans > 0 {
		b.WriteString(" rowspan=" + strconv.Itoa(spans))
	}
	b.WriteString("><i aria-hidden=true>" + head + "</i>")
}

// HTML is the badge, escaped.
func (d doing) HTML() template.HTML {
	severity := ""
	if d.Severity != "" {
		severity = `<span class="hidden">, ` + string(d.Severity) + "</span>"
	}
	return template.HTML(`<span class="badge ` + d.Class + `">` + template.HTMLEscapeString(d.Text) + severity + "</span>") //nolint:gosec // it has escaped the text; the rest are words of ours
}

// HTML is what the cell shows, escaped.
func (f fact) HTML() template.HTML {
	switch {
	case f.Picture != "":
		return f.Picture
	case f.Text != "":
		return template.HTML(template.HTMLEscapeString(f.Text)) //nolint:gosec // it has escaped the text
	case f.Why != "":
		return template.HTML(`<span class="none" role="img" title="` + template.HTMLEscapeString(f.Why) + `">–</span>`) //nolint:gosec // it has escaped the text
	}
	return ""
}
