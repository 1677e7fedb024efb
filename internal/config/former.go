package config

import (
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// adopt moves the values of keys that have another name now to that name, with a warning for each.
func (c *Config) adopt(root *yaml.Node) (found []problem) {
	polling := reflect.ValueOf(&c.Polling).Elem()
	byKey := map[string]reflect.Value{}
	for field, value := range polling.Fields() {
		byKey[field.Tag.Get("yaml")] = value
	}
	for field, value := range polling.Fields() {
		now, renamed := field.Tag.Lookup("now")
		key := field.Tag.Get("yaml")
		switch {
		case !renamed || value.IsZero():
		case has(root, "polling", now):
			found = append(found, problem{[]any{"polling", key}, fmt.Sprintf("%s is the former name of %s, which the file has too: leave %s out", key, now, key)})
		default:
			byKey[now].Set(value)
			value.SetZero()
			c.former = append(c.former, fmt.Sprintf("polling: %s is now called %s; change the key in the config file", key, now))
		}
	}
	return found
}
