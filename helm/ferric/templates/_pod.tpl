{{/* What pods of all components have in common. Call with a dict: root. */}}
{{- define "ferric.podSpec" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Where pods run. Call with the settings of the component. */}}
{{- define "ferric.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* One replica per host and zone as far as possible, unless told otherwise. Call with a dict: settings, labels. */}}
{{- define "ferric.spread" -}}
topologySpreadConstraints:
{{- if .settings.topologySpreadConstraints }}
  {{- toYaml .settings.topologySpreadConstraints | nindent 2 }}
{{- else }}
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $.labels | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "ferric.container" -}}
image: {{ include "ferric.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* A variable from a secret. Call with a dict: root, name, section, inline. */}}
{{- define "ferric.secretVariable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "ferric.secretName" (dict "root" .root "section" .section "inline" .inline) }}
      key: {{ (index .root.Values .section).key }}
{{- end -}}

{{/* Live: the process answers. Ready: database, bus and migrations too, where it has any. Call with a dict: port (its name),
     scheme, ready (path). */}}
{{- define "ferric.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: {{ .port }}, scheme: {{ .scheme }}}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: {{ .port }}, scheme: {{ .scheme }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: {{ .ready | default "/readyz" }}, port: {{ .port }}, scheme: {{ .scheme }}}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}

{{/* A change of settings, or of a secret made by this chart, replaces the pods. Call with a dict: root, secrets (inline values). */}}
{{- define "ferric.checksum" -}}
checksum/settings: {{ list .root.Values.boot .root.Values.settings .secrets | toJson | sha256sum }}
{{- end -}}

{{/* A secret with certificates as files. A whole folder is mounted, so that a renewed certificate reaches the pod.
     Call with a dict: name, secret. */}}
{{- define "ferric.tlsMount" -}}
- {name: {{ .name }}, mountPath: /etc/ferric/{{ .name }}, readOnly: true}
{{- end -}}
{{- define "ferric.tlsVolume" -}}
- name: {{ .name }}
  secret: {secretName: {{ .secret }}, defaultMode: 0440}
{{- end -}}

{{/* How a pod talks to API pods. Call with the root. */}}
{{- define "ferric.grpcClient" -}}
- name: FERRIC__GRPC__ENDPOINTS
  value: {{ include "ferric.grpcScheme" . }}://{{ include "ferric.fullname" . }}-grpc.{{ .Release.Namespace }}.svc:6390
{{- if .Values.grpc.tls.clientSecret }}
- {name: FERRIC__GRPC__CA, value: /etc/ferric/grpc-tls/ca.crt}
{{- if .Values.grpc.tls.mutual }}
- {name: FERRIC__GRPC__CLIENT_CERT, value: /etc/ferric/grpc-tls/tls.crt}
- {name: FERRIC__GRPC__CLIENT_KEY, value: /etc/ferric/grpc-tls/tls.key}
{{- end }}
{{- end }}
{{ include "ferric.secretVariable" (dict "root" . "name" "FERRIC__GRPC__TOKEN" "section" "grpc" "inline" "token") }}
{{- end -}}
