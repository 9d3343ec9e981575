{{- define "plura-admission.selector" -}}
app.kubernetes.io/name: {{ .Values.name }}
{{- end }}

{{- define "plura-admission.labels" -}}
{{ include "plura-admission.selector" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "plura-admission.config" -}}
{{ .Values.config.existing | default .Values.name }}
{{- end }}

{{/* Not empty when a KMS has the keys, and not files. */}}
{{- define "plura-admission.kms" -}}
{{- range .Values.env }}
{{- if and (eq .name "PLURA_KMS") (ne (.value | default "") "file") }}{{ .name }}{{ end }}
{{- end }}
{{- end }}

{{/* What cert-manager writes the authority into. */}}
{{- define "plura-admission.webhookMetadata" -}}
metadata:
  name: {{ .Values.name }}
  labels: {{- include "plura-admission.labels" . | nindent 4 }}
  {{- if .Values.certificate.certManager }}
  annotations:
    cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ .Values.name }}
  {{- end }}
{{- end }}

{{- define "plura-admission.webhookClient" -}}
clientConfig:
  service: { name: {{ .Values.name }}, namespace: {{ .Release.Namespace }}, path: {{ .path }} }
  {{- if not .Values.certificate.certManager }}
  caBundle: {{ .Values.certificate.caBundle }}
  {{- end }}
{{- end }}

{{/* What both webhooks are asked about, and that nothing starts without an answer. A resize is for the one that judges: it brings no image in. */}}
{{- define "plura-admission.webhookScope" -}}
admissionReviewVersions: [v1]
failurePolicy: Fail
matchPolicy: Equivalent
timeoutSeconds: {{ .Values.webhooks.timeoutSeconds }}
namespaceSelector:
  matchExpressions:
    # The API server writes this label, and nobody can take it off.
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: {{- append .Values.webhooks.excludedNamespaces .Release.Namespace | uniq | toYaml | nindent 8 }}
rules:
  - apiGroups: ['']
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [pods, pods/ephemeralcontainers, {{ if .judges }}pods/resize, {{ end }}replicationcontrollers, podtemplates]
    scope: Namespaced
  - apiGroups: [apps]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [deployments, replicasets, statefulsets, daemonsets]
    scope: Namespaced
  - apiGroups: [batch]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [jobs, cronjobs]
    scope: Namespaced
  - apiGroups: [argoproj.io]
    apiVersions: ['*']
    operations: [CREATE, UPDATE]
    resources: [rollouts]
    scope: Namespaced
{{- end }}
