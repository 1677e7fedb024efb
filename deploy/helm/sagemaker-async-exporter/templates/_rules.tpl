{{/* The rules as they are in their file, with the bases of their links; what is said of single alerts needs them as objects. */}}
{{- define "exporter.rules" -}}
{{- $wanted := .Values.prometheusRule }}
{{- $text := .Files.Get "files/sagemaker-async.yaml" }}
{{- with $wanted.runbookURL }}
{{- $text = replace "runbook_url: https://github.com/sagemaker-async/exporter/blob/main/docs/" (printf "runbook_url: %s/" (trimSuffix "/" .)) $text }}
{{- end }}
{{- with $wanted.grafanaURL }}
{{- $text = replace "dashboard_url: /d/" (printf "dashboard_url: %s/d/" (trimSuffix "/" .)) $text }}
{{- end }}
{{- if not (or $wanted.disabled $wanted.severity $wanted.additionalRuleLabels) }}
{{- $text }}
{{- else }}
{{- $seen := list }}
{{- $groups := list }}
{{- range $group := (fromYaml $text).groups }}
{{- $rules := list }}
{{- range $rule := $group.rules }}
{{- if $rule.alert }}
{{- $seen = append $seen $rule.alert }}
{{- with get $wanted.severity $rule.alert }}
{{- $_ := set $rule.labels "severity" . }}
{{- end }}
{{- $_ := set $rule "labels" (merge (dict) $rule.labels $wanted.additionalRuleLabels) }}
{{- end }}
{{- if not (and $rule.alert (has $rule.alert $wanted.disabled)) }}
{{- $rules = append $rules $rule }}
{{- end }}
{{- end }}
{{- if $rules }}
{{- $_ := set $group "rules" $rules }}
{{- $groups = append $groups $group }}
{{- end }}
{{- end }}
{{- range concat $wanted.disabled (keys $wanted.severity) }}
{{- if not (has . $seen) }}
{{- fail (printf "prometheusRule.disabled and prometheusRule.severity: the rules have no alert %q" .) }}
{{- end }}
{{- end }}
{{- toYaml (dict "groups" $groups) }}
{{- end }}
{{- end }}
