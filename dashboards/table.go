package dashboards

// column is one column of a table: a label of the series, or the value of a query.
type column struct {
	title      string
	label      string // the label that it shows; empty if it shows the values of expr
	expr       string
	hidden     bool
	properties []object
}

// table has a row for each set of the labels that all of its queries share.
func table(width int, title, about string, columns ...column) panel {
	p := draw("table", width, title, "short", about, nil)
	p.latest, p.format = true, "table"
	p.defaults["custom"] = object{"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": true, "inspect": false, "minWidth": 50}
	p.options = object{"cellHeight": "sm", "footer": object{"show": false}, "showHeader": true, "sortBy": list{}}
	values := 0
	for _, c := range columns {
		if c.expr != "" {
			values++
		}
	}
	order, excluded := object{}, object{"Time": true}
	for i, c := range columns {
		field := c.label
		if c.expr != "" {
			field = "Value"
			if values > 1 {
				field += " #" + refID(len(p.queries))
			}
			p.queries = append(p.queries, query{expr: c.expr})
		}
		if c.hidden {
			excluded[field] = true
			continue
		}
		order[field] = i
		p.overrides = append(p.overrides, object{
			"matcher":    object{"id": "byName", "options": field},
			"properties": append([]object{property("displayName", c.title)}, c.properties...),
		})
	}
	p.transformations = list{
		object{"id": "merge", "options": object{}},
		object{"id": "organize", "options": object{"excludeByName": excluded, "indexByName": order, "renameByName": object{}}},
	}
	return p
}

// sorted returns the table with the rows of the largest values of a column first.
func (p panel) sorted(title string) panel {
	return p.option("sortBy", list{object{"desc": true, "displayName": title}})
}

func label(title, name string, properties ...object) column {
	return column{title: title, label: name, properties: properties}
}

func value(title, unit, expr string, properties ...object) column {
	return column{title: title, expr: expr, properties: append([]object{property("unit", unit)}, properties...)}
}

// unseen is a query that has only labels to give.
func unseen(expr string) column { return column{expr: expr, hidden: true} }

func (c column) wide(pixels int) column {
	c.properties = append(c.properties[:len(c.properties):len(c.properties)], property("custom.width", pixels))
	return c
}

// The looks of cells.
func coloured(steps ...step) []object {
	return []object{property("custom.cellOptions", object{"type": "color-text"}), property("thresholds", thresholds(good, steps...))}
}

func worded(words ...object) []object {
	return []object{property("custom.cellOptions", object{"type": "color-text"}), property("mappings", list{mapping(words...)})}
}

func linked(title, url string) object {
	return property("links", list{object{"title": title, "url": url}})
}
