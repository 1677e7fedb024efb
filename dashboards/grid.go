package dashboards

// columns is the width of Grafana's grid. A column has 50 pixels on a screen of 1280, and 77 on one of 1920.
const columns = 24

// line is panels next to each other, of the same height.
type line struct {
	height int
	panels []panel
}

func across(height int, panels ...panel) line { return line{height, panels} }

// section is lines under a heading.
type section struct {
	title string
	lines []line
}

// arrange gives each panel its place.
func arrange(sections []section) list {
	placed, y := list{}, 0
	for _, s := range sections {
		placed = append(placed, object{
			"type": "row", "title": s.title, "collapsed": false, "panels": list{},
			"gridPos": object{"x": 0, "y": y, "w": columns, "h": 1},
		})
		y++
		for _, l := range s.lines {
			x := 0
			for _, p := range l.panels {
				placed = append(placed, p.json(x, y, l.height))
				x += p.width
			}
			y += l.height
		}
	}
	return placed
}
