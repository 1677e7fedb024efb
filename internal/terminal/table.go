package terminal

import "strings"

// Cell is one cell of a table.
type Cell struct {
	Text string
	Tone Tone // empty for none
}

// Column is one column of a table.
type Column struct {
	Head  string
	Right bool // its cells end at the same column, as numbers do
}

// Table lays a table out: its lines are that of the heads, and one for each row.
func (s Style) Table(columns []Column, rows [][]Cell) []string {
	widths := make([]int, len(columns))
	heads := make([]Cell, len(columns))
	for i, c := range columns {
		heads[i], widths[i] = Cell{c.Head, Quiet}, Columns(c.Head)
		for _, row := range rows {
			widths[i] = max(widths[i], Columns(row[i].Text))
		}
	}
	lines := []string{s.row(columns, widths, heads)}
	for _, row := range rows {
		lines = append(lines, s.row(columns, widths, row))
	}
	return lines
}

func (s Style) row(columns []Column, widths []int, cells []Cell) string {
	var line strings.Builder
	for i, cell := range cells {
		if i > 0 {
			line.WriteString("  ")
		}
		padding := strings.Repeat(" ", widths[i]-Columns(cell.Text))
		if columns[i].Right {
			line.WriteString(padding)
		}
		line.WriteString(s.Paint(cell.Tone, cell.Text))
		if !columns[i].Right && i < len(cells)-1 {
			line.WriteString(padding)
		}
	}
	return line.String()
}
