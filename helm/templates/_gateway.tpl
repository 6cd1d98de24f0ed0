{{/* Names and labels. The selector's labels can never change: Kubernetes refuses it. */}}
{{- define "gateway.name" -}}{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}{{- end }}
{{- define "gateway.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}{{ $name = .Release.Name }}{{ else }}{{ $name = printf "%s-%s" .Release.Name $name }}{{ end }}
{{- default $name .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- define "gateway.selector" -}}
app.kubernetes.io/name: {{ include "gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}
{{- define "gateway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "gateway.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- define "gateway.metadata" -}}
name: {{ include "gateway.fullname" . }}
namespace: {{ .Release.Namespace | quote }}
labels: {{- include "gateway.labels" . | nindent 2 }}
{{- end }}
{{- define "gateway.serviceAccount" -}}
{{ default (ternary (include "gateway.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}
{{- define "gateway.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}
{{- define "gateway.configMap" -}}{{ default (printf "%s-config" (include "gateway.fullname" .)) .Values.configMap }}{{- end }}
{{- define "gateway.scaled" -}}{{ if ne .Values.autoscaling.by "none" }}true{{ end }}{{- end }}
{{- define "gateway.several" -}}
{{- if or (include "gateway.scaled" .) (gt (int .Values.replicas) 1) }}true{{ end }}
{{- end }}

{{/* gateways.yaml as the pods get it: what the user wrote, with what follows from `shutdown` and `redis` where it is silent. */}}
{{- define "gateway.written" -}}
{{- if .Values.configMap }}{}
{{- else if not .Values.gateways }}{{ .Files.Get "files/demo.yaml" }}
{{- else if kindIs "string" .Values.gateways }}{{ .Values.gateways }}
{{- else }}{{ toYaml .Values.gateways }}
{{- end }}
{{- end }}
{{- define "gateway.server" -}}
{{- $ours := dict "drain" (dict "delay" .Values.shutdown.delay "timeout" .Values.shutdown.timeout) }}
{{- if .Values.redis.secret }}{{ $_ := set $ours "state" "${REDIS_URL}" }}{{ end }}
{{- toYaml $ours }}
{{- end }}
{{- define "gateway.file" -}}
{{- $written := include "gateway.written" . }}
{{- $file := fromYaml $written }}
{{- if hasKey $file "Error" }}{{ fail (printf "gateways is not YAML: %s" $file.Error) }}{{ end }}
{{- $ours := fromYaml (include "gateway.server" .) }}
{{- $theirs := $file.server | default dict }}
{{- if and (kindIs "string" .Values.gateways) .Values.gateways (not .Values.configMap) }}
{{- range $key, $value := $ours }}
{{- if and $theirs (not (hasKey $theirs $key)) }}
{{- fail (printf "gateways is text with a `server` block, which is not rewritten: add `%s: %s` to it, or leave the block out" $key (toJson $value)) }}
{{- end }}
{{- end }}
{{- $written | trimSuffix "\n" }}
{{- if not $theirs }}
server: {{- toYaml $ours | nindent 2 }}
{{- end }}
{{- else }}
{{- if and (hasKey $theirs "drain") (kindIs "map" $theirs.drain) }}
{{- $_ := set $ours "drain" (merge (deepCopy $theirs.drain) $ours.drain) }}
{{- else if hasKey $theirs "drain" }}{{ $_ := set $ours "drain" $theirs.drain }}
{{- end }}
{{- $_ := set $file "server" (merge (dict "drain" $ours.drain) $theirs $ours) }}
{{- toYaml $file }}
{{- end }}
{{- end }}

{{/* Seconds of a duration such as 1.5h, rounded up. */}}
{{- define "gateway.seconds" -}}
{{- $text := toString . }}
{{- if not (regexMatch "^(0|[0-9]{1,9}([.][0-9]{1,6})?(ms|s|m|h|d))$" $text) }}
{{- fail (printf "server.drain in gateways must be durations such as 30s, so that the grace period can follow from it, and not %q" $text) }}
{{- end }}
{{- $unit := get (dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0 "" 0.0) (regexFind "[a-z]*$" $text) }}
{{- mulf (float64 (regexFind "^[0-9.]+" $text)) $unit | ceil | int64 }}
{{- end }}
{{/* The delay, the time for streams, and 15 s for the last spans and log lines. */}}
{{- define "gateway.grace" -}}
{{- $drain := (fromYaml (include "gateway.file" .)).server.drain }}
{{- if not (kindIs "map" $drain) }}{{ $drain = dict "delay" "0" "timeout" $drain }}{{ end }}
{{- add (include "gateway.seconds" $drain.delay) (include "gateway.seconds" $drain.timeout) 15 }}
{{- end }}

{{/* Every gateway with the defaults under it, as {"account/name": block}. */}}
{{- define "gateway.blocks" -}}
{{- $file := fromYaml (include "gateway.written" .) }}
{{- $blocks := dict }}
{{- range $account, $tenant := $file.accounts }}
{{- range $name, $block := $tenant.gateways }}
{{- $_ := set $blocks (printf "%s/%s" $account $name) (merge (deepCopy ($block | default dict)) ($file.defaults | default dict)) }}
{{- end }}
{{- end }}
{{- toYaml $blocks }}
{{- end }}
{{/* The gateway that `helm test` calls: the named one, or the first that may reach the provider demo. */}}
{{- define "gateway.tested" -}}
{{- $found := list }}
{{- range $name, $block := fromYaml (include "gateway.blocks" .) }}
{{- if or (not (hasKey $block "providers")) (has "demo" $block.providers) }}{{ $found = append $found $name }}{{ end }}
{{- end }}
{{- .Values.testGateway | default (first $found) }}
{{- end }}

{{/* Where keys come from, for the gateway and for `helm test`. */}}
{{- define "gateway.env" -}}
{{- with .Values.redis.secret }}
- name: REDIS_URL
  valueFrom: {secretKeyRef: {name: {{ . | quote }}, key: {{ $.Values.redis.key | quote }}}}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- define "gateway.envFrom" -}}
{{- range .Values.keys.env }}
- secretRef: {name: {{ . | quote }}}
{{- end }}
{{- if and .Values.keys.external.data (eq .Values.keys.external.as "env") }}
- secretRef: {name: {{ include "gateway.fullname" . }}-keys}
{{- end }}
{{- end }}
{{- define "gateway.keyFiles" -}}
{{- range .Values.keys.files }}
- secret: {name: {{ . | quote }}}
{{- end }}
{{- if and .Values.keys.external.data (eq .Values.keys.external.as "files") }}
- secret: {name: {{ include "gateway.fullname" . }}-keys}
{{- end }}
{{- end }}
