{{- define "ferric.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 28 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 28 characters: with `-conductor-` and a group's name (13) it stays within the 52 that a StatefulSet can have. */}}
{{- define "ferric.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 28 | trimSuffix "-" -}}
{{- else if contains (include "ferric.name" .) .Release.Name -}}
{{- .Release.Name | trunc 28 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "ferric.name" .) | trunc 28 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Call with a dict: root, component, and group for conductors. Pods carry only these, so that a new version of the
     chart that changes nothing for them does not restart them. */}}
{{- define "ferric.selectorLabels" -}}
app.kubernetes.io/name: {{ include "ferric.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .group }}
ferric/conductor-group: {{ . }}
{{- end }}
{{- end -}}

{{- define "ferric.labels" -}}
{{ include "ferric.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "ferric.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "ferric.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "ferric.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{/* How the REST API is reached. */}}
{{- define "ferric.restScheme" -}}
{{ ternary "https" "http" (not (empty .Values.api.tls.existingSecret)) }}
{{- end -}}

{{/* How the boot service is reached. */}}
{{- define "ferric.bootScheme" -}}
{{ ternary "https" "http" (not (empty .Values.bootService.tls.existingSecret)) }}
{{- end -}}

{{/* How API pods are reached by conductors and the boot service; fails unless both ends agree. */}}
{{- define "ferric.grpcScheme" -}}
{{- $tls := .Values.grpc.tls -}}
{{- if ne (empty $tls.serverSecret) (empty $tls.clientSecret) -}}
{{- fail "set both grpc.tls.serverSecret and grpc.tls.clientSecret, or none" -}}
{{- end -}}
{{ ternary "http" "https" (empty $tls.serverSecret) }}
{{- end -}}

{{/* Name of the secret of a section. Call with a dict: root, section, inline (the key for trials). */}}
{{- define "ferric.secretName" -}}
{{- $section := index .root.Values .section -}}
{{- if $section.existingSecret -}}
{{ $section.existingSecret }}
{{- else if index $section .inline -}}
{{ include "ferric.fullname" .root }}-{{ .section }}
{{- else -}}
{{- fail (printf "set %s.existingSecret (or, for a trial, %s.%s)" .section .section .inline) -}}
{{- end -}}
{{- end -}}
