{{/* A dashboard as it is in its file, with the values that are about it: of root, the one at path. */}}
{{- define "exporter.dashboard" -}}
{{- $wanted := .root.Values.dashboards }}
{{- $text := .root.Files.Get .path }}
{{- with $wanted.exporterURL }}
{{- $text = replace "http://localhost:10119" (trimSuffix "/" .) $text }}
{{- end }}
{{- if $wanted.clusters }}
{{- $text = replace "\"hide\": 2,\n        \"includeAll\": true" "\"hide\": 0,\n        \"includeAll\": true" $text }}
{{- end }}
{{- $text }}
{{- end }}
