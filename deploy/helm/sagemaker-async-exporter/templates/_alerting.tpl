{{/* The container that evaluates the rules. It has no readiness probe: a pod of which the alerting is not ready still has to be
scraped. */}}
{{- define "alerting.container" -}}
{{- if not .Values.alerting.alertmanagers }}
{{- fail "set alerting.alertmanagers: with alerting.enabled somebody has to be told" }}
{{- end }}
{{- if and .Values.web.existingSecret (not (and .Values.alerting.existingSecret .Values.alerting.exporterKey)) }}
{{- fail "set alerting.existingSecret and alerting.exporterKey: with web.existingSecret the alerting has to know how the exporter is reached" }}
{{- end }}
{{- if and (or .Values.alerting.alertmanagerKey .Values.alerting.exporterKey) (not .Values.alerting.existingSecret) }}
{{- fail "set alerting.existingSecret: alerting.alertmanagerKey and alerting.exporterKey are keys of it" }}
{{- end }}
{{- if and .Values.alerting.storage.persistentVolumeClaim (or (gt (int .Values.replicaCount) 1) (ne .Values.strategy.type "Recreate")) }}
{{- fail "set replicaCount: 1 and strategy.type: Recreate: two pods would write to the claim of alerting.storage at once" }}
{{- end -}}
- name: alerting
  image: {{ include "exporter.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  command: [/sagemaker-async-alerting]
  args:
    - --web.listen-address=:10120
    - --log.level={{ .Values.log.level }}
    - --log.format={{ .Values.log.format }}
    - --exporter.url={{ lower .Values.web.scheme }}://127.0.0.1:10119
    - --alerting.interval={{ .Values.alerting.interval }}
    - --alerting.storage-path=/var/lib/sagemaker-async-alerting
    {{- with .Values.alerting.exporterKey }}
    - --exporter.config.file=/etc/sagemaker-async-alerting/{{ . }}
    {{- end }}
    {{- range .Values.alerting.alertmanagers }}
    - {{ printf "--alertmanager.url=%s" . | quote }}
    {{- end }}
    {{- with .Values.alerting.alertmanagerKey }}
    - --alertmanager.config.file=/etc/sagemaker-async-alerting/{{ . }}
    {{- end }}
    {{- if .Values.alerting.existingRules }}
    - --alerting.rules=/etc/sagemaker-async-alerting-rules/*.y*ml
    {{- end }}
    {{- range .Values.prometheusRule.disabled }}
    - {{ printf "--alerting.disable=%s" . | quote }}
    {{- end }}
    {{- range $name, $value := .Values.prometheusRule.severity }}
    - {{ printf "--alerting.severity=%s=%s" $name $value | quote }}
    {{- end }}
    {{- with .Values.prometheusRule.runbookURL }}
    - {{ printf "--alerting.runbook-url=%s" . | quote }}
    {{- end }}
    {{- with .Values.prometheusRule.grafanaURL }}
    - {{ printf "--web.grafana-url=%s" . | quote }}
    {{- end }}
    {{- range $name, $value := .Values.alerting.externalLabels }}
    - {{ printf "--alerting.external-label=%s=%s" $name $value | quote }}
    {{- end }}
    {{- range $name, $value := .Values.alerting.exporterLabels }}
    - {{ printf "--exporter.label=%s=%s" $name $value | quote }}
    {{- end }}
    {{- if .Values.web.existingSecret }}
    - --web.config.file=/etc/sagemaker-async-exporter-web/{{ .Values.web.key }}
    {{- end }}
    {{- range .Values.alerting.extraArgs }}
    - {{ . | quote }}
    {{- end }}
  ports:
    - name: alerting
      containerPort: 10120
      protocol: TCP
  {{- with .Values.startupProbe }}
  startupProbe:
    {{- include "exporter.probe" (dict "root" $ "port" "alerting" "path" "/-/healthy" "timing" .) | nindent 4 }}
  {{- end }}
  livenessProbe:
    {{- include "exporter.probe" (dict "root" . "port" "alerting" "path" "/-/healthy" "timing" .Values.livenessProbe) | nindent 4 }}
  resources:
    {{- toYaml .Values.alerting.resources | nindent 4 }}
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  volumeMounts:
    - name: alerting-storage
      mountPath: /var/lib/sagemaker-async-alerting
    {{- if .Values.alerting.existingSecret }}
    - name: alerting-clients
      mountPath: /etc/sagemaker-async-alerting
      readOnly: true
    {{- end }}
    {{- if .Values.alerting.existingRules }}
    - name: alerting-rules
      mountPath: /etc/sagemaker-async-alerting-rules
      readOnly: true
    {{- end }}
    {{- if .Values.web.existingSecret }}
    - name: web
      mountPath: /etc/sagemaker-async-exporter-web
      readOnly: true
    {{- end }}
{{- end -}}

{{- define "alerting.volumes" -}}
- name: alerting-storage
  {{- toYaml (default (dict "emptyDir" (dict "sizeLimit" "1Gi")) .Values.alerting.storage) | nindent 2 }}
{{- with .Values.alerting.existingSecret }}
- name: alerting-clients
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.alerting.existingRules }}
- name: alerting-rules
  configMap:
    name: {{ . }}
{{- end }}
{{- end -}}

{{/* The ports of the Alertmanagers, for the NetworkPolicy. */}}
{{- define "alerting.egress" -}}
{{- range .Values.alerting.alertmanagers }}
{{- $at := urlParse . }}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $at.host) | default (eq $at.scheme "https" | ternary "443" "80") }}
- {port: {{ $port }}, protocol: TCP}
{{- end }}
{{- end -}}
