package dashboards

// columns is the width of Grafana's grid. A column has 50 pixels on a screen of 1280, and 77 on one of 1920.
const columns = 24

// line is panels next to each other, of the same height.
type line struct {
	height int
	panels []panel
}

func across(height int, panels ...panel) line { return line{height, panels} }

// section is lines under a heading; without a title they stand at the top, under none.
type section struct {
	title  string
	lines  []line
	folded bool // shown when somebody unfolds it: most endpoints have nothing there
}

// arrange gives each panel its place. The panels of a folded section are within its heading, as Grafana keeps them.
func arrange(sections []section) list {
	placed, y := list{}, 0
	for _, s := range sections {
		panels := list{}
		below := y
		if s.title != "" {
			below++
		}
		for _, l := range s.lines {
			x := 0
			for _, p := range l.panels {
				panels = append(panels, p.json(x, below, l.height))
				x += p.width
			}
			below += l.height
		}
		if s.title != "" {
			row := object{
				"type": "row", "title": s.title, "collapsed": s.folded, "panels": list{},
				"gridPos": object{"x": 0, "y": y, "w": columns, "h": 1},
			}
			placed = append(placed, row)
			if s.folded {
				row["panels"] = panels
				y++
				continue
			}
		}
		placed = append(placed, panels...)
		y = below
	}
	return placed
}
