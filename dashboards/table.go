package dashboards

// column is one column of a table: a label of the series, or the value of a query.
type column struct {
	title      string
	label      string // the label that it shows; empty if it shows the values of expr
	expr       string
	hidden     bool
	properties []object
}

// table has a row for each set of the labels that all of its queries share. What is text stays so: Grafana would show an
// account, or a name of digits, as so many billions, and hand that on to a link.
func table(width int, title, about string, columns ...column) panel {
	p := draw("table", width, title, "string", about, nil)
	p.latest, p.format = true, "table"
	p.defaults["custom"] = object{"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": false, "inspect": false}
	p.options = object{"cellHeight": "sm", "footer": object{"show": false}, "showHeader": true, "sortBy": list{}}
	values := 0
	for _, c := range columns {
		if c.expr != "" {
			values++
		}
	}
	// Labels that tell the rows apart, and that a table which is about one endpoint need not show.
	order, excluded := object{}, object{"Time": true, "account_id": true, "region": true, "endpoint_name": true}
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
		delete(excluded, field)
		p.overrides = append(p.overrides, object{
			"matcher":    object{"id": "byName", "options": field},
			"properties": append([]object{property("displayName", c.title), property("noValue", "-")}, c.properties...), // of a cell
		})
	}
	p.transformations = list{
		object{"id": "merge", "options": object{}},
		object{"id": "organize", "options": object{"excludeByName": excluded, "indexByName": order, "renameByName": object{}}},
	}
	return p
}

// sorted returns the table with the rows of the largest values of a column first, and among equal ones by the next.
func (p panel) sorted(titles ...string) panel {
	by := list{}
	for _, title := range titles {
		by = append(by, object{"desc": true, "displayName": title})
	}
	return p.option("sortBy", by)
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
	return []object{property("custom.cellOptions", object{"type": "color-text"}), property("thresholds", thresholds(append([]step{{0, good}}, steps...)...))}
}

func worded(words ...object) []object {
	return []object{
		property("custom.cellOptions", object{"type": "color-text"}), property("custom.align", "left"), property("mappings", list{mapping(words...)}),
	}
}

// severities are the words for ranks of severity.
func severities() []object {
	return []object{word("3", "critical", bad), word("2", "warning", warning), word("1", "info", neutral), word("0", "none", good)}
}

func linked(title, url string) object {
	return property("links", list{object{"title": title, "url": url}})
}
