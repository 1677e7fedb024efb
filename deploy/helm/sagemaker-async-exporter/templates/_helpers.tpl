{{- define "exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* 52 characters leave room for what is appended to names. */}}
{{- define "exporter.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "exporter.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What finds the pods; a Deployment cannot change it, so it has neither version nor anything of the user's. */}}
{{- define "exporter.selector" -}}
app.kubernetes.io/name: {{ include "exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The namespace of every object that has no other. */}}
{{- define "exporter.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{/* Labels of an object, given the context and, where it has them, its component and labels of the user. One map, so that no key
is there twice. The chart's own win: the selector needs them. The pods of helm test have a component of their own, so the
Service does not find them. */}}
{{- define "exporter.labels" -}}
{{- $labels := dict
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/managed-by" .root.Release.Service
}}
{{- with .component }}
{{- $_ := set $labels "app.kubernetes.io/component" . }}
{{- end }}
{{- toYaml (merge $labels (include "exporter.selector" .root | fromYaml) (default dict .labels) .root.Values.commonLabels) -}}
{{- end -}}

{{- define "exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "exporter.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* A reference to an image with its registry, given the context, the reference and the registry without global.imageRegistry. A
reference that names its host keeps it; Docker's rule tells a host from a directory. */}}
{{- define "exporter.reference" -}}
{{- $first := regexFind "^[^/]+/" .reference | trimSuffix "/" -}}
{{- $registry := default .registry (default dict .root.Values.global).imageRegistry -}}
{{- if or (empty $registry) (eq $first "localhost") (regexMatch "[.:]" $first) -}}
{{- .reference -}}
{{- else -}}
{{- printf "%s/%s" $registry .reference -}}
{{- end -}}
{{- end -}}

{{/* A chart that was released has the digest of its image as an annotation. A clone has none, and nothing is published for it. */}}
{{- define "exporter.image" -}}
{{- $repository := include "exporter.reference" (dict "root" . "reference" .Values.image.repository "registry" .Values.image.registry) -}}
{{- $released := index (default dict .Chart.Annotations) "sagemaker-async/image-digest" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else if .Values.image.tag -}}
{{- printf "%s:%s" $repository .Values.image.tag -}}
{{- else if $released -}}
{{- printf "%s@%s" $repository $released -}}
{{- else -}}
{{- fail "this chart comes from a clone, and no image is published for it: build one with `make image` or `docker build .`, load it into the cluster or push it to a registry of yours, and set image.repository and image.tag" -}}
{{- end -}}
{{- end -}}

{{- define "exporter.lease" -}}
{{- default (include "exporter.fullname" .) .Values.reconcile.lease.name -}}
{{- end -}}

{{/* A probe of a path, given the context, the port, the path and the timing. */}}
{{- define "exporter.probe" -}}
{{- if .root.Values.web.httpProbes -}}
httpGet:
  path: {{ .path }}
  port: {{ .port }}
  scheme: {{ .root.Values.web.scheme }}
{{- else -}}
tcpSocket:
  port: {{ .port }}
{{- end }}
{{ toYaml .timing }}
{{- end -}}

{{/* How Prometheus scrapes a port, in a ServiceMonitor as in a PodMonitor, given the context and the port. */}}
{{- define "exporter.scrape" -}}
port: {{ .port }}
path: /metrics
{{- with .root.Values }}
scheme: {{ lower .web.scheme }}
{{- with .monitor.interval }}
interval: {{ . }}
{{- end }}
{{- with .monitor.scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- if .monitor.honorLabels }}
honorLabels: true
{{- end }}
{{- if or .monitor.relabelings (eq $.port "alerting") }}
relabelings:
  {{- with .monitor.relabelings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- /* Of a job with no program but exporters the rules know that a pod which never came up is one. */}}
  {{- if eq $.port "alerting" }}
  - {sourceLabels: [job], regex: (.+), targetLabel: job, replacement: $1-alerting}
  {{- end }}
{{- end }}
{{- if or .monitor.metricRelabelings .monitor.labelDrop }}
metricRelabelings:
  {{- with .monitor.metricRelabelings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- range .monitor.labelDrop }}
  - {action: labeldrop, regex: {{ . | quote }}}
  {{- end }}
{{- end }}
{{- with .monitor.tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .monitor.basicAuth }}
basicAuth:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .monitor.authorization }}
authorization:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
