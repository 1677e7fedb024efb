package snapshot

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Redact replaces accounts, names and tags by others, each by the same one wherever it stands: in ARNs, in names that are made of
// names, and in texts. What decides something is kept: regions, instance types, AWS's own metrics, the names that AWS's
// document gives, and the tag by which an endpoint opts out of reconcile.
func (f File) Redact() File {
	r := &redactor{kinds: map[string]kind{}, names: map[string]string{}}
	for i := range f.Scopes {
		r.copy(reflect.ValueOf(f.Scopes[i]), asIs, r.collect)
	}
	r.rename()
	redacted := File{Redacted: true, Scopes: make([]fleet.Snapshot, len(f.Scopes))}
	for i := range f.Scopes {
		scope := r.copy(reflect.ValueOf(f.Scopes[i]), asIs, r.replace).Interface().(fleet.Snapshot) //nolint:forcetypeassert // a copy
		_ = consistent("", &scope)                                                                  // the order of the new names
		scope.Rejoin()
		redacted.Scopes[i] = scope
	}
	return redacted
}

// kind is what a text is, and what its replacement is called.
type kind string

// What a field can be, beside a kind of name.
const (
	asIs    kind = ""        // decides something, and is nobody's
	freely  kind = "text"    // names stand in it
	tags    kind = "tags"    // a map of tags
	storage kind = "storage" // a path of S3
)

// The kinds of names.
const (
	account   kind = "account"
	alarm     kind = "alarm"
	action    kind = "scheduled-action"
	dimension kind = "dimension"
	endpoint  kind = "endpoint"
	config    kind = "config"
	label     kind = "label"
	metric    kind = "metric"
	muteRule  kind = "mute-rule"
	namespace kind = "namespace"
	polic     kind = "policy"
	resource  kind = "resource"
	role      kind = "role"
	tagKey    kind = "tag"
	tagValue  kind = "tag-value"
	value     kind = "value"
	variant   kind = "variant"
)

// fields says what the texts of each type are. A text that is not here is kept as it is; a test goes through all of them.
var fields = map[reflect.Type]map[string]kind{
	reflect.TypeFor[fleet.Scope]():           {"AccountID": account},
	reflect.TypeFor[fleet.Snapshot]():        {"OtherAlarms": alarm},
	reflect.TypeFor[fleet.Source]():          {"Err": freely, "Lacks": freely},
	reflect.TypeFor[fleet.EndpointSummary](): {"Name": endpoint, "ARN": freely},
	reflect.TypeFor[fleet.Endpoint]():        {"ConfigName": config, "FailureReason": freely, "Tags": tags},
	reflect.TypeFor[fleet.AsyncConfig]():     {"S3OutputPath": storage, "S3FailurePath": storage},
	reflect.TypeFor[fleet.Variant]():         {"Name": variant},
	reflect.TypeFor[fleet.Target]():          {"ResourceID": freely, "ARN": freely, "RoleARN": freely},
	reflect.TypeFor[fleet.Policy]():          {"ResourceID": freely, "Name": polic, "ARN": freely, "Alarms": alarm},
	reflect.TypeFor[fleet.Tracking]():        {"ResourceLabel": freely},
	reflect.TypeFor[fleet.MathQuery]():       {"Expression": freely, "Label": label},
	reflect.TypeFor[fleet.ScheduledAction](): {"ResourceID": freely, "Name": action},
	reflect.TypeFor[fleet.Alarm](): {
		"Name": alarm, "ARN": freely, "Description": freely, "AlarmActions": freely, "OKActions": freely, "InsufficientDataActions": freely,
		"StateReason": freely,
	},
	reflect.TypeFor[fleet.AlarmExtras]():  {"QueryLabel": label, "FullActions": freely},
	reflect.TypeFor[fleet.TagsInAction](): {"Included": tagKey, "Excluded": tagKey},
	reflect.TypeFor[fleet.MuteRule]():     {"Name": muteRule, "Alarms": alarm},
	reflect.TypeFor[fleet.Activity]():     {"ResourceID": freely, "Cause": freely, "Description": freely, "Details": freely, "StatusMessage": freely},
	reflect.TypeFor[fleet.Orphan]():       {"Endpoint": endpoint, "Variant": variant, "Alarm": alarm},
	reflect.TypeFor[fleet.TagLabel]():     {"Key": tagKey, "Label": label},
}

// copy makes a deep copy in which each text is what change makes of it.
func (r *redactor) copy(v reflect.Value, of kind, change func(kind, string) string) reflect.Value {
	copied := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		copied.SetString(change(of, v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			copied.Set(reflect.New(v.Type().Elem()))
			copied.Elem().Set(r.copy(v.Elem(), of, change))
		}
	case reflect.Slice:
		if !v.IsNil() {
			copied.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				copied.Index(i).Set(r.copy(v.Index(i), of, change))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			copied.Index(i).Set(r.copy(v.Index(i), of, change))
		}
	case reflect.Map:
		if !v.IsNil() {
			copied.Set(r.copyMap(v, of, change))
		}
	case reflect.Struct:
		if m, ok := v.Interface().(fleet.Metric); ok {
			return reflect.ValueOf(copyMetric(m, change))
		}
		if v.Type() == timeType {
			return v
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if slices.Contains(left[v.Type()], field.Name) {
				continue // it is not in the file
			}
			copied.Field(i).Set(r.copy(v.Field(i), fields[v.Type()][field.Name], change))
		}
	default:
		return v
	}
	return copied
}

// copyMap copies tags, and maps whose keys are words of AWS.
func (r *redactor) copyMap(v reflect.Value, of kind, change func(kind, string) string) reflect.Value {
	copied := reflect.MakeMapWithSize(v.Type(), v.Len())
	keys, values := asIs, asIs
	if of == tags {
		keys, values = tagKey, tagValue
	}
	for iterator := v.MapRange(); iterator.Next(); {
		key, item := iterator.Key(), iterator.Value()
		if of == tags && decides(key.String()) {
			copied.SetMapIndex(key, item)
			continue
		}
		copied.SetMapIndex(r.copy(key, keys, change), r.copy(item, values, change))
	}
	return copied
}

// decides tells whether a tag decides what reconcile does.
func decides(key string) bool { return strings.EqualFold(strings.TrimSpace(key), policy.OptOutTag) }

// copyMetric keeps the names of AWS's own metrics. Of others the namespace is a name, and so is all in it.
func copyMetric(m fleet.Metric, change func(kind, string) string) fleet.Metric {
	copied := m
	own := m.Namespace != "" && !strings.HasPrefix(strings.ToLower(strings.TrimPrefix(m.Namespace, "/")), "aws/")
	if own {
		copied.Namespace, copied.Name = change(namespace, m.Namespace), change(metric, m.Name)
	}
	copied.Dimensions = slices.Clone(m.Dimensions)
	for i, d := range m.Dimensions {
		of := map[string]kind{"EndpointName": endpoint, "VariantName": variant}[d.Name]
		if of == asIs {
			of = value
		}
		if own && of == value {
			copied.Dimensions[i].Name = change(dimension, d.Name)
		}
		copied.Dimensions[i].Value = change(of, d.Value)
	}
	return copied
}

// redactor knows every name and what stands for it.
type redactor struct {
	kinds map[string]kind   // by the name; one that is of several kinds is of the first
	names map[string]string // what stands for each name
	sizes []int             // the lengths of the names, the longest first
}

// The forms in which names stand in texts.
var (
	resourceForm = regexp.MustCompile(`endpoint/([^/\s]+)/variant/([A-Za-z0-9-]*[A-Za-z0-9])`)
	policyForm   = regexp.MustCompile(`policyName/([^:\s"']+)`)
	roleForm     = regexp.MustCompile(`:iam::\d{12}:role/([\w+=,.@/-]+)`)
	otherARN     = regexp.MustCompile(`arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9-]*:\d*:([^\s"',;)\]]+)`)
	accountForm  = regexp.MustCompile(`\b\d{12}\b`)
	mailForm     = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+`)
	urlForm      = regexp.MustCompile(`https?://[^\s"')]+`)
	awsWords     = regexp.MustCompile(`^Setting desired instance count to \d+\.$`)
	madeOfNames  = regexp.MustCompile(`^(?:HasBacklogWithoutCapacity-Alarm(?:-endpoint-\d+-(?:variant-\d+|AllTraffic))?|` +
		`TargetTracking-endpoint/endpoint-\d+/variant/(?:variant-\d+|AllTraffic)-Alarm(?:High|Low)-[0-9a-f-]+)$`)
)

// ownARNs are the services in whose ARNs names stand that are known otherwise.
var ownARNs = []string{"autoscaling", "application-autoscaling", "cloudwatch", "iam", "sagemaker", "sts"}

// collect notes the names in a text, and changes nothing.
func (r *redactor) collect(of kind, text string) string {
	switch of {
	case asIs, storage, tags:
	case freely:
		for _, found := range resourceForm.FindAllStringSubmatch(text, -1) {
			r.note(endpoint, found[1])
			r.note(variant, found[2])
		}
		for _, found := range policyForm.FindAllStringSubmatch(text, -1) {
			name, _, _ := strings.Cut(found[1], ":createdBy/")
			r.note(polic, name)
		}
		for _, found := range roleForm.FindAllStringSubmatch(text, -1) {
			r.note(role, found[1])
		}
		for _, found := range otherARN.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(ownARNs, found[1]) {
				r.note(resource, found[2])
			}
		}
		for _, found := range accountForm.FindAllString(text, -1) {
			r.note(account, found)
		}
	default:
		r.note(of, text)
	}
	return text
}

// kept are names that nobody chose, and words of AWS's grammar that a name may happen to be.
var kept = set("", "AllTraffic", policy.TrackingName, policy.WakeName, "HasBacklogWithoutCapacity-Alarm")

func set(words ...string) map[string]bool {
	known := map[string]bool{}
	for _, word := range words {
		known[word] = true
	}
	return known
}

func (r *redactor) note(of kind, name string) {
	if _, known := r.kinds[name]; !known && !kept[name] {
		r.kinds[name] = of
	}
}

// rename gives each name another one. Those of a kind keep their order.
func (r *redactor) rename() {
	counts, measured := map[kind]int{}, false
	sorted := slices.Sorted(maps.Keys(r.kinds))
	slices.SortStableFunc(sorted, func(a, b string) int { // alarms are made of other names
		return cmp.Compare(boolInt(r.kinds[a] == alarm), boolInt(r.kinds[b] == alarm))
	})
	for _, name := range sorted {
		of := r.kinds[name]
		if of == alarm {
			if !measured {
				r.measure() // of all names that are none of alarms
				measured = true
			}
			if made := r.text(name); madeOfNames.MatchString(made) {
				r.names[name] = made
				continue
			}
		}
		counts[of]++
		r.names[name] = fmt.Sprintf("%s-%03d", of, counts[of])
		if of == account {
			r.names[name] = fmt.Sprintf("%012d", counts[of])
		}
		if lower := strings.ToLower(name); of == endpoint && r.names[lower] == "" && r.kinds[lower] == asIs {
			r.names[lower] = r.names[name] // as in the endpoint's ARN
		}
	}
	r.measure()
}

// measure notes the lengths of the names.
func (r *redactor) measure() {
	sizes := map[int]bool{}
	for name := range r.names {
		sizes[len(name)] = true
	}
	r.sizes = slices.SortedFunc(maps.Keys(sizes), func(a, b int) int { return b - a })
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// replace is what stands for a text.
func (r *redactor) replace(of kind, text string) string {
	switch of {
	case asIs, tags:
		return text
	case storage:
		if text == "" {
			return ""
		}
		return "s3://redacted/"
	case freely:
		return r.text(text)
	default:
		if name, known := r.names[text]; known {
			return name
		}
		return text // a kept one
	}
}

// text replaces what stands in a text.
func (r *redactor) text(text string) string {
	if awsWords.MatchString(text) {
		return text
	}
	text = urlForm.ReplaceAllString(text, "https://redacted")
	text = mailForm.ReplaceAllString(text, "someone@redacted")
	var out strings.Builder
	at := 0
	for _, found := range resourceForm.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(r.words(text[at:found[0]]))
		out.WriteString("endpoint/" + r.replace(endpoint, text[found[2]:found[3]]) + "/variant/")
		at = found[5]
		last := text[found[4]:found[5]]
		// The name of an alarm goes on behind the variant's: the longest name that is one is the variant.
		for end := len(last); ; end-- {
			if end == 0 {
				out.WriteString(r.words(last))
				break
			}
			if _, known := r.names[last[:end]]; (known || kept[last[:end]]) && boundary(last, end) {
				out.WriteString(r.replace(variant, last[:end]) + r.words(last[end:]))
				break
			}
		}
	}
	out.WriteString(r.words(text[at:]))
	return out.String()
}

// words replaces the names that stand in a text as whole words, the longest first.
func (r *redactor) words(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		if !boundary(text, i) {
			out.WriteByte(text[i])
			i++
			continue
		}
		name, size := r.nameAt(text, i)
		if size == 0 {
			name, size = text[i:i+1], 1
		}
		out.WriteString(name)
		i += size
	}
	return out.String()
}

// nameAt is what stands for the longest name that begins at a place, and the length of that name; 0 is none.
func (r *redactor) nameAt(text string, at int) (name string, size int) {
	for _, size := range r.sizes {
		if at+size > len(text) || !boundary(text, at+size) || grammar[text[at:at+size]] {
			continue
		}
		if name, known := r.names[text[at:at+size]]; known && size > 0 {
			return name, size
		}
	}
	return "", 0
}

// grammar are words of AWS's own that a name may happen to be.
var grammar = set("alarm", "arn", "autoscaling", "aws", "capacity", "cloudwatch", "count", "createdBy", "desired", "endpoint", "in", "instance", "maximum",
	"minimum", "monitor", "policy", "policyName", "resource", "sagemaker", "scalingPolicy", "state", "to", "triggered", "variant")

// boundary tells whether a word begins or ends at the place.
func boundary(text string, at int) bool {
	return at == 0 || at == len(text) || !alphanumeric(text[at-1]) || !alphanumeric(text[at])
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
