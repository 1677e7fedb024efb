// Command kubeconform here writes schemas/, by which make chart judges manifests without a network: one JSON schema for each
// kind that the chart renders. They are strict - a field that is not known is wrong - and without descriptions.
//
//	go run . SWAGGER CRDS
//
// SWAGGER is api/openapi-spec/swagger.json of module k8s.io/kubernetes (v1.37.2), CRDS the directory that controller-gen has
// written from the types of the Prometheus operator; tools/controller-gen pins both. There:
//
//	go tool controller-gen crd paths=github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1 output:crd:dir=CRDS
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// kinds of Kubernetes, by their definition in the swagger file.
var kinds = map[string]string{
	"ConfigMap":           "io.k8s.api.core.v1.ConfigMap",
	"Deployment":          "io.k8s.api.apps.v1.Deployment",
	"Ingress":             "io.k8s.api.networking.v1.Ingress",
	"NetworkPolicy":       "io.k8s.api.networking.v1.NetworkPolicy",
	"Pod":                 "io.k8s.api.core.v1.Pod",
	"PodDisruptionBudget": "io.k8s.api.policy.v1.PodDisruptionBudget",
	"Role":                "io.k8s.api.rbac.v1.Role",
	"RoleBinding":         "io.k8s.api.rbac.v1.RoleBinding",
	"Secret":              "io.k8s.api.core.v1.Secret",
	"Service":             "io.k8s.api.core.v1.Service",
	"ServiceAccount":      "io.k8s.api.core.v1.ServiceAccount",
}

// monitors are the operator's kinds, by the name of their file.
var monitors = map[string]string{
	"PodMonitor":     "monitoring.coreos.com_podmonitors.yaml",
	"PrometheusRule": "monitoring.coreos.com_prometheusrules.yaml",
	"ServiceMonitor": "monitoring.coreos.com_servicemonitors.yaml",
}

// dashboard is the part of the Grafana operator's kind that the chart renders, by hand: that operator is no module here.
var dashboard = object{
	"type": "object",
	"properties": object{
		"apiVersion": object{"const": "grafana.integreatly.org/v1beta1"}, "kind": object{"const": "GrafanaDashboard"},
		"spec": object{
			"type": "object", "required": []string{"instanceSelector"},
			"properties": object{
				"allowCrossNamespaceImport": object{"type": "boolean"},
				"folder":                    object{"type": "string"},
				"json":                      object{"type": "string"},
				"resyncPeriod":              object{"type": "string"},
				"instanceSelector": object{
					"type": "object", "properties": object{
						"matchLabels":      object{"type": "object", "additionalProperties": object{"type": "string"}},
						"matchExpressions": object{"type": "array"},
					},
				},
			},
		},
	},
}

type object = map[string]any

const prefix = "#/definitions/"

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: go run . SWAGGER CRDS"))
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func run(swaggerFile, crds string) error {
	data, err := os.ReadFile(swaggerFile)
	if err != nil {
		return fmt.Errorf("reading the swagger file: %w", err)
	}
	var swagger struct {
		Definitions map[string]object `json:"definitions"`
	}
	if err := json.Unmarshal(data, &swagger); err != nil {
		return fmt.Errorf("reading the swagger file: %w", err)
	}
	for kind, name := range kinds {
		used := object{}
		collect(swagger.Definitions, name, used)
		if err := write(kind, object{"$ref": prefix + name, "definitions": used}); err != nil {
			return err
		}
	}
	if err := writeCustom("GrafanaDashboard", dashboard, swagger.Definitions); err != nil {
		return err
	}
	for kind, file := range monitors {
		data, err := os.ReadFile(filepath.Join(crds, file))
		if err != nil {
			return fmt.Errorf("reading a CRD: %w", err)
		}
		var crd struct {
			Spec struct {
				Versions []struct {
					Schema struct {
						OpenAPI object `json:"openAPIV3Schema"`
					} `json:"schema"`
				} `json:"versions"`
			} `json:"spec"`
		}
		if err := yaml.Unmarshal(data, &crd); err != nil {
			return fmt.Errorf("reading a CRD: %w", err)
		}
		if err := writeCustom(kind, crd.Spec.Versions[0].Schema.OpenAPI, swagger.Definitions); err != nil {
			return err
		}
	}
	return nil
}

// writeCustom writes the schema of a kind that Kubernetes does not have itself: a CRD leaves metadata to the API server.
func writeCustom(kind string, schema object, definitions map[string]object) error {
	used := object{}
	const meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
	collect(definitions, meta, used)
	strict := tighten(schema).(object)
	strict["properties"].(object)["metadata"] = object{"$ref": prefix + meta}
	strict["definitions"] = used
	return write(kind, strict)
}

// collect adds a definition and what it refers to.
func collect(all map[string]object, name string, into object) {
	if _, ok := into[name]; ok {
		return
	}
	switch name {
	case "io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.apimachinery.pkg.api.resource.Quantity":
		into[name] = object{"type": []string{"string", "integer", "number"}}
		return
	}
	definition := tighten(all[name])
	into[name] = definition
	for _, next := range references(definition) {
		collect(all, next, into)
	}
}

func references(value any) []string {
	var found []string
	switch value := value.(type) {
	case object:
		if ref, ok := value["$ref"].(string); ok {
			found = append(found, strings.TrimPrefix(ref, prefix))
		}
		for _, inner := range value {
			found = append(found, references(inner)...)
		}
	case []any:
		for _, inner := range value {
			found = append(found, references(inner)...)
		}
	}
	return found
}

// tighten leaves what a validator needs, and closes every object whose fields are known.
func tighten(value any) any {
	switch value := value.(type) {
	case object:
		kept := object{}
		for key, inner := range value {
			// A field of an object may have these names too; its schema is an object then.
			_, field := inner.(object)
			if !field && slices.Contains([]string{"description", "format", "default"}, key) || strings.HasPrefix(key, "x-kubernetes-") {
				continue
			}
			kept[key] = tighten(inner)
		}
		if _, ok := kept["properties"].(object); ok && kept["type"] == "object" && kept["additionalProperties"] == nil {
			kept["additionalProperties"] = false
		}
		return kept
	case []any:
		list := make([]any, len(value))
		for i := range value {
			list[i] = tighten(value[i])
		}
		return list
	}
	return value
}

func write(kind string, schema object) error {
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	data, err := json.Marshal(schema)
	if err != nil {
		return fmt.Errorf("writing the schema of %s: %w", kind, err)
	}
	if err := os.WriteFile(filepath.Join("schemas", strings.ToLower(kind)+".json"), append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the schema of %s: %w", kind, err)
	}
	return nil
}
