//go:build chart

package helm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/config"
)

func TestLint_findsNothing(t *testing.T) {
	for name, values := range examples(t) {
		if out, errs, ok := run(t, "", "helm", append([]string{"lint", "--strict", "--quiet", chart, "--values", values}, tagged...)...); !ok {
			t.Errorf("%s: %s%s", name, out, errs)
		}
	}
}

// conforms asks kubeconform about manifests, and is what it says of them and how many it has judged.
func conforms(t *testing.T, manifests string) (said string, judged int, ok bool) {
	t.Helper()
	out, errs, ok := run(t, manifests, "kubeconform", "-strict", "-output", "json", "-summary",
		"-schema-location", root+"/tools/kubeconform/schemas/{{ .ResourceKind }}.json", "-")
	var result struct {
		Summary struct{ Valid, Invalid, Errors, Skipped int } `json:"summary"`
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("kubeconform said %q, %s: %v", out, errs, err)
	}
	s := result.Summary
	return out, s.Valid + s.Invalid + s.Errors + s.Skipped, ok && s.Skipped == 0
}

func TestRendered_isWhatKubernetesKnows(t *testing.T) {
	for name, values := range examples(t) {
		rendered := template(t, chart, "--values", values)
		said, judged, ok := conforms(t, rendered)
		if want := len(objects(t, rendered)); judged != want {
			t.Errorf("%s: %d of %d objects were judged", name, judged, want)
		}
		if !ok {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// Schemas that let everything pass would pass the test above.
func TestSchemas_refuseWhatKubernetesDoes(t *testing.T) {
	everything := template(t, chart, "--values", chart+"/ci/reconcile-values.yaml",
		"--set", "dashboards.enabled=true,prometheusRule.enabled=true,monitor.enabled=true")
	for _, tt := range []struct{ right, wrong, want string }{
		{"enableServiceLinks: false", "enableServiceLink: false", "enableServiceLink"},
		{"replicas: 2", `replicas: "2"`, "/spec/replicas"},
		{"policyTypes: [Ingress, Egress]", "policyTypes: Egress", "/spec/policyTypes"},
		{"maxUnavailable: 1\n  selector", "maxUnavailable: [1]\n  selector", "/spec/maxUnavailable"},
		{"publishNotReadyAddresses: true", "publishNotReady: true", "publishNotReady"},
		{"verbs: [create]", "verb: [create]", "verb"},
		{"roleRef:\n", "role:\n", "role"},
		{"automountServiceAccountToken: false\n---", "automount: false\n---", "automount"},
		{"    -\n      port: http\n", "    -\n      ports: http\n", "ports"},
		{"WakePolicyMissing\n          expr:", "WakePolicyMissing\n          expression:", "expression"},
		{"data:\n", "files:\n", "files"},
		{"restartPolicy: Never", "restart: Never", "restart"},
	} {
		broken := strings.ReplaceAll(everything, tt.right, tt.wrong)
		if broken == everything {
			t.Errorf("%q is not there to be broken", tt.right)
			continue
		}
		if said, _, ok := conforms(t, broken); ok || !strings.Contains(said, tt.want) {
			t.Errorf("%q: accepted %t, and %q is not named: %s", tt.wrong, ok, tt.want, said)
		}
	}
}

func TestValues_areRefusedWithAReason(t *testing.T) {
	for _, tt := range []struct{ set, want string }{
		{"replicas=2", "at '': additional properties 'replicas' not allowed"},
		{"replicaCount=two", "at '/replicaCount': got string, want integer"},
		{"image.registry=https://example.org/", "at '/image/registry': 'https://example.org/' does not match pattern"},
		{"image.digest=latest", "at '/image/digest': 'latest' does not match pattern"},
		{"reconcile.endpoint=a", "at '/reconcile': additional properties 'endpoint' not allowed"},
		{"reconcile.endpoints=a", "at '/reconcile/endpoints': got string, want array"},
		{"reconcile.maxSteps=0", "at '/reconcile/maxSteps': minimum: got 0, want 1"},
		{"reconcile.lease.name=A_b", "at '/reconcile/lease/name': 'A_b' does not match pattern"},
		{"demo=yes", "at '/demo': got string, want boolean"},
		{"log.level=trace", "at '/log/level': value must be one of 'debug', 'info', 'warn', 'error'"},
		{"config.policy=x", "at '/config': additional properties 'policy' not allowed"},
		{"monitor.kind=Probe", "at '/monitor/kind': value must be one of 'ServiceMonitor', 'PodMonitor'"},
		{"monitor.interval=30", "at '/monitor/interval': got number, want string"},
		{"monitor.labels.release=1", "at '/monitor/labels/release': got number, want string"},
		{"networkPolicy.apiServerPort=70000", "at '/networkPolicy/apiServerPort': maximum: got 70,000, want 65,535"},
		{"terminationGracePeriodSeconds=1", "at '/terminationGracePeriodSeconds': minimum: got 1, want 5"},
		{"livenessProbe.path=/", "at '/livenessProbe': additional properties 'path' not allowed"},
		{"extraArgs={--reconcile}", "set reconcile.enabled instead of --reconcile: only then does a Lease keep two pods from writing"},
		{"extraEnv[0].name=SAGEMAKER_ASYNC_EXPORTER_RECONCILE", "set reconcile.enabled instead of SAGEMAKER_ASYNC_EXPORTER_RECONCILE"},
		{"prometheusRule.enabled=true,prometheusRule.disabled={Flapping}", `the rules have no alert "Flapping"`},
		{"prometheusRule.additionalRuleLabels.a-b=x", "at '/prometheusRule/additionalRuleLabels': additional properties 'a-b' not allowed"},
		{"alerting.externalLabels.0a=x", "at '/alerting/externalLabels': additional properties '0a' not allowed"},
		{"alerting.exporterLabels.__name__=x", "at '/alerting/exporterLabels': additional properties '__name__' not allowed"},
		{"alerting.enabled=true", "set alerting.alertmanagers: with alerting.enabled somebody has to be told"},
		{"alerting.alertmanagers={alertmanager:9093}", "at '/alerting/alertmanagers/0': 'alertmanager:9093' does not match pattern"},
		{"alerting.alertmanagers={http://user:secret@alertmanager:9093}", "at '/alerting/alertmanagers/0'"},
		{"alerting.interval=30", "at '/alerting/interval': got number, want string"},
		{"alerting.enabled=true,alerting.alertmanagers={http://a},web.existingSecret=web", "set alerting.existingSecret and alerting.exporterKey: with web.existingSecret"},
		{"alerting.enabled=true,alerting.alertmanagers={http://a},alerting.alertmanagerKey=k", "set alerting.existingSecret: alerting.alertmanagerKey"},
		{
			"alerting.enabled=true,alerting.alertmanagers={http://a},alerting.storage.persistentVolumeClaim.claimName=c",
			"set replicaCount: 1 and strategy.type: Recreate: two pods would write to the claim",
		},
		{
			"alerting.enabled=true,alerting.alertmanagers={http://a},alerting.storage.persistentVolumeClaim.claimName=c,strategy.type=Recreate,replicaCount=2",
			"set replicaCount: 1 and strategy.type: Recreate: two pods would write to the claim",
		},
		{"ingress.enabled=true", "set ingress.hosts: with ingress.enabled the pages need a host"},
		{"ingress.hosts[0].path=/", "at '/ingress/hosts/0': missing property 'host'"},
		{"service.ipFamilyPolicy=Dual", "at '/service/ipFamilyPolicy': value must be one of"},
		{"monitor.sampleLimit=-1", "at '/monitor/sampleLimit': minimum: got -1, want 0"},
		{"dnsPolicy=Cluster", "at '/dnsPolicy': value must be one of"},
		{"web.scheme=https", "at '/web/scheme': value must be one of 'HTTP', 'HTTPS'"},
	} {
		_, errs, ok := run(t, "", "helm", append([]string{"template", "exporter", chart, "--set", tt.set}, tagged...)...)
		if ok || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: accepted %t, want %q, got %s", tt.set, ok, tt.want, errs)
		}
	}
}

// Without a release there is no image to pull: an install that ended in ImagePullBackOff would not say so.
func TestClone_asksForAnImage(t *testing.T) {
	const sentence = "this chart comes from a clone, and no image is published for it: build one with `make image`"
	_, errs, ok := run(t, "", "helm", "template", "exporter", chart, "--set", "demo=true")
	if ok || !strings.Contains(errs, sentence) {
		t.Errorf("accepted %t, want %q, got %s", ok, sentence, errs)
	}
	for _, page := range []string{chart + "/README.md", root + "/README.md"} {
		if text := read(t, page); !strings.Contains(text, "make image") || !strings.Contains(text, "image.tag=") {
			t.Errorf("%s does not say how to build an image and how to name it", page)
		}
	}
}

func TestReleased_installsItsImageByDigest(t *testing.T) {
	dir, digest := t.TempDir(), "sha256:"+strings.Repeat("1", 64)
	if out, errs, ok := run(t, "", "./package.sh", digest, dir); !ok {
		t.Fatalf("packaging: %s%s", out, errs)
	}
	files, err := filepath.Glob(dir + "/*.tgz")
	if err != nil || len(files) != 1 {
		t.Fatalf("packages: %q, %v", files, err)
	}
	for set, want := range map[string]string{
		"demo=true":            "ghcr.io/sagemaker-async/exporter@" + digest,
		"image.tag=v1":         "ghcr.io/sagemaker-async/exporter:v1",
		"image.registry=a.org": "a.org/sagemaker-async/exporter@" + digest,
	} {
		out, errs, ok := run(t, "", "helm", "template", "exporter", files[0], "--set", set)
		if !ok || !strings.Contains(out, `image: "`+want+`"`) {
			t.Errorf("%s: rendered %t without %s: %s", set, ok, want, errs)
		}
	}
	if _, errs, ok := run(t, "", "./package.sh", "latest", dir); ok || !strings.Contains(errs, "latest is no digest") {
		t.Errorf("a tag is taken for a digest: %s", errs)
	}
}

// overruled are the opinions of kube-score that the chart does not share, with the reason.
var overruled = map[string]string{
	"container-image-pull-policy":         "a released chart installs by digest: to pull it again gets the same bytes",
	"deployment-has-host-podantiaffinity": "topologySpreadConstraints spread the pods",
	"deployment-strategy":                 "Recreate is made only where the values ask for it: for a claim",
	"pod-probes-identical":                "without web.httpProbes both probes only look at the port",
	"deployment-replicas":                 "one replica is enough, and each one pays for its own requests",
	"pod-networkpolicy":                   "networkPolicy.enabled makes one; not every cluster enforces them",
	"service-type":                        "a NodePort is made only where the values ask for one",
}

func TestScore_findsNothing(t *testing.T) {
	// A CPU limit throttles the program while it has work, and bounds no harm that the request does not.
	arguments := []string{"score", "--exit-one-on-warning", "--output-format", "ci", "--ignore-container-cpu-limit"}
	for check := range overruled {
		arguments = append(arguments, "--ignore-test", check)
	}
	for name, values := range examples(t) {
		if name == "pod" {
			continue // its containers are the user's
		}
		out, errs, ok := run(t, template(t, chart, "--values", values), "kube-score", append(arguments, "-")...)
		if !ok || !strings.Contains(out, "[OK]") {
			t.Errorf("%s: %s%s", name, regexp.MustCompile(`(?m)^\[(OK|SKIPPED)\].*\n`).ReplaceAllString(out, ""), errs)
		}
	}
	everything := template(t, chart, "--set", "demo=true")
	broken := strings.ReplaceAll(everything, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")
	if _, _, ok := run(t, broken, "kube-score", append(arguments, "-")...); ok || broken == everything {
		t.Error("kube-score finds nothing in a container that may write to its root")
	}
}

func TestUnits_pass(t *testing.T) {
	out, errs, ok := run(t, "", "helm-unittest", "--strict", chart)
	if !ok || !regexp.MustCompile(`(?m)^Tests: +\d+ passed, \d\d+ total`).MatchString(out) {
		t.Errorf("helm-unittest: %s%s", out, errs)
	}
}

// closed finds objects of the schema that would take any key without saying so.
func closed(t *testing.T, where string, schema object) {
	if properties, ok := schema["properties"].(object); ok {
		if schema["additionalProperties"] != false && where != "/global" { // other charts have keys there
			t.Errorf("values.schema.json takes any key at %q", where)
		}
		for name, inner := range properties {
			closed(t, where+"/"+name, inner.(object))
		}
	}
}

func TestSchema_knowsExactlyTheValues(t *testing.T) {
	var schema, values object
	if err := json.Unmarshal([]byte(read(t, chart+"/values.schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(read(t, chart+"/values.yaml")), &values); err != nil {
		t.Fatal(err)
	}
	closed(t, "", schema)
	for name := range schema["properties"].(object) {
		if _, ok := values[name]; !ok {
			t.Errorf("the schema knows %s, values.yaml does not", name)
		}
	}
}

func TestRules_areTheFile(t *testing.T) {
	rules := of(objects(t, template(t, chart, "--set", "prometheusRule.enabled=true")), "PrometheusRule")
	if len(rules) != 1 {
		t.Fatalf("%d PrometheusRules were rendered", len(rules))
	}
	var want object
	if err := yaml.Unmarshal([]byte(read(t, root+"/alerts/sagemaker-async.yaml")), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(rules[0]["spec"], want) {
		t.Error("the rules that were rendered are not those of alerts/")
	}
	data, err := yaml.Marshal(rules[0]["spec"])
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, ok := run(t, "", "promtool", "check", "rules", file); !ok {
		t.Errorf("promtool: %s%s", out, errs)
	}
}

// tuned are values that change the rules.
const tuned = `prometheusRule:
  enabled: true
  namespace: monitoring
  disabled: [SageMakerAsyncFlapping]
  severity: {SageMakerAsyncRequestsExpired: warning}
  additionalRuleLabels: {team: speech}
  runbookURL: https://wiki.example.org/async
  grafanaURL: https://grafana.example.org
`

func TestRules_areTunedAsTheValuesSay(t *testing.T) {
	values := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(values, []byte(tuned), 0o600); err != nil {
		t.Fatal(err)
	}
	all := objects(t, template(t, chart, "--values", values))
	rules := of(all, "PrometheusRule")
	if len(rules) != 1 {
		t.Fatalf("%d PrometheusRules were rendered", len(rules))
	}
	exporter := at(t, of(all, "Deployment")[0], "spec", "template", "spec", "containers").([]any)[0].(object)
	if args := exporter["args"].([]any); !slices.Contains(args, any("--web.grafana-url=https://grafana.example.org")) {
		t.Errorf("the pages link no dashboard: %v", args)
	}
	found := map[string]object{}
	for _, group := range at(t, rules[0], "spec", "groups").([]any) {
		for _, rule := range group.(object)["rules"].([]any) {
			if name, ok := rule.(object)["alert"].(string); ok {
				found[name] = rule.(object)
			}
		}
	}
	if len(found) < 30 || found["SageMakerAsyncFlapping"] != nil {
		t.Errorf("%d alerts were rendered, the one that is left out: %v", len(found), found["SageMakerAsyncFlapping"])
	}
	lost := found["SageMakerAsyncRequestsExpired"]
	if got, want := at(t, lost, "labels"), (object{"severity": "warning", "team": "speech"}); !reflect.DeepEqual(got, want) {
		t.Errorf("the labels are %v, want %v", got, want)
	}
	for name, base := range map[string]string{"runbook_url": "https://wiki.example.org/async/", "dashboard_url": "https://grafana.example.org/d/"} {
		for alert, rule := range found {
			if got, ok := at(t, rule, "annotations").(object)[name].(string); !ok || !strings.HasPrefix(got, base) {
				t.Errorf("%s of %s is %s", name, alert, got)
			}
		}
	}
}

func TestConfig_isReadByTheExporter(t *testing.T) {
	read := 0
	for name, values := range examples(t) {
		for _, one := range of(objects(t, template(t, chart, "--values", values)), "ConfigMap") {
			text, ok := at(t, one, "data").(object)["config.yml"].(string)
			if !ok {
				continue
			}
			read++
			if _, err := config.Parse("config.yml", []byte(text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if read == 0 {
		t.Error("no example has a configuration")
	}
}

// The page for EKS shows values, and people paste them.
func TestEKS_showsValuesThatAreAccepted(t *testing.T) {
	pieces := regexp.MustCompile("(?ms)^```yaml values\n(.*?)^```$").FindAllStringSubmatch(read(t, root+"/docs/eks.md"), -1)
	if len(pieces) < 4 {
		t.Fatalf("docs/eks.md shows values %d times only", len(pieces))
	}
	for _, piece := range pieces {
		file := filepath.Join(t.TempDir(), "values.yaml")
		if err := os.WriteFile(file, []byte(piece[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		template(t, chart, "--values", file)
	}
}

func TestArguments_areFlagsOfTheirPrograms(t *testing.T) {
	flags := map[string]string{"exporter": read(t, root+"/docs/flags.md"), "alerting": read(t, root+"/docs/alerting-flags.md")}
	seen := map[string]bool{}
	for name, values := range examples(t) {
		deployment := of(objects(t, template(t, chart, "--values", values)), "Deployment")[0]
		for _, one := range at(t, deployment, "spec", "template", "spec", "containers").([]any) {
			container := one.(object)
			program := container["name"].(string)
			if _, ours := flags[program]; !ours {
				continue // an example of extraContainers
			}
			seen[program] = true
			for _, argument := range container["args"].([]any) {
				flag, _, _ := strings.Cut(argument.(string), "=")
				if !strings.Contains(flags[program], "| `"+flag+"` |") {
					t.Errorf("%s: the pages of flags know no %s of %s", name, flag, program)
				}
			}
		}
	}
	if len(seen) != len(flags) {
		t.Errorf("the examples run %v", seen)
	}
}

// Whoever writes holds a Lease, and nobody else is given a token or a Role.
func TestReconcile_aloneSpeaksToTheAPIServer(t *testing.T) {
	for name, values := range examples(t) {
		all := objects(t, template(t, chart, "--values", values))
		pod := at(t, of(all, "Deployment")[0], "spec", "template", "spec")
		lease, writes := "", false
		for _, argument := range at(t, pod, "containers", 0, "args").([]any) {
			writes = writes || argument == "--reconcile"
			if found, ok := strings.CutPrefix(argument.(string), "--reconcile.lease=monitoring/"); ok {
				lease = found
			}
		}
		if token := at(t, pod, "automountServiceAccountToken"); token != writes {
			t.Errorf("%s: writes %t, token mounted %t", name, writes, token)
		}
		if roles := of(all, "Role"); len(roles) != 0 != writes || len(of(all, "RoleBinding")) != len(roles) {
			t.Errorf("%s: writes %t, %d roles", name, writes, len(roles))
		} else if writes {
			if named := at(t, roles[0], "rules", 1, "resourceNames", 0); lease == "" || named != lease {
				t.Errorf("%s: the Lease is %q, the Role is for %q", name, lease, named)
			}
		}
		for _, account := range of(all, "ServiceAccount") {
			if account["automountServiceAccountToken"] != false {
				t.Errorf("%s: the service account mounts its token by itself", name)
			}
		}
	}
}

func TestNotes_sayWhatIsToBeDoneNext(t *testing.T) {
	// Helm shows notes to those who have a cluster only, so that a chart of nothing but the notes renders them as an object.
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "templates"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Chart.yaml", "values.yaml", "values.schema.json", "templates/_helpers.tpl"} {
		write(name, read(t, chart+"/"+name))
	}
	write("templates/notes.yaml", "{{ define \"notes\" }}"+read(t, chart+"/templates/NOTES.txt")+"{{ end -}}\n"+
		"kind: Notes\ntext: |\n{{ include \"notes\" . | indent 2 }}\n")
	for _, tt := range []struct{ set, want string }{
		{"", "aws eks create-pod-identity-association --cluster-name CLUSTER --namespace monitoring"},
		{"", "Nothing scrapes it yet."},
		{"demo=true", "simulated inside of each pod"},
		{"monitor.enabled=true", "--set monitor.labels.release=RELEASE-OF-KUBE-PROMETHEUS-STACK"},
		{"prometheusRule.enabled=true", "--set prometheusRule.labels.release=RELEASE-OF-KUBE-PROMETHEUS-STACK"},
		{"replicaCount=2", "2 replicas ask CloudWatch, and pay, 2 times."},
		{"reconcile.enabled=true", "whoever holds the Lease monitoring/exporter-sagemaker-async-exporter"},
		{"reconcile.enabled=true", "Nothing is selected yet"},
		{"", "Image: ghcr.io/sagemaker-async/exporter:dev"},
		{"", "make image IMAGE=ghcr.io/sagemaker-async/exporter:dev"},
		{"namespaceOverride=async", "runs in namespace async"},
		{"ingress.enabled=true,ingress.hosts[0].host=async.example.org", "http://async.example.org/status"},
		{"reconcile.endpoints={a}", "It writes nothing; /plan shows what it would write."},
	} {
		out := template(t, dir, "--set", tt.set)
		if notes := of(objects(t, out), "Notes")[0]["text"].(string); !strings.Contains(notes, tt.want) {
			t.Errorf("%q: the notes do not say %q:\n%s", tt.set, tt.want, notes)
		}
	}
}
