{{/* The pod of a replica, in a Deployment or a StatefulSet. */}}
{{- define "nexus.pod" -}}
metadata:
  labels:
    {{- include "nexus.labels" . | nindent 4 }}
    app.kubernetes.io/component: server
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    nexus-oauth.io/config: {{ include (print $.Template.BasePath "/configmap.yaml") . | sha256sum }}
    kubectl.kubernetes.io/default-container: nexus-oauth
    {{- with mustMergeOverwrite (dict) .Values.commonAnnotations .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "nexus.serviceAccountName" . }}
  automountServiceAccountToken: {{ .Values.automountServiceAccountToken }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ if kindIs "map" . }}{{ .name }}{{ else }}{{ . }}{{ end }}
    {{- end }}
  {{- end }}
  {{- range $key := list "priorityClassName" "runtimeClassName" "dnsPolicy" }}
  {{- with index $.Values $key }}
  {{ $key }}: {{ . }}
  {{- end }}
  {{- end }}
  {{- range $key := list "nodeSelector" "tolerations" "affinity" "hostAliases" "dnsConfig" }}
  {{- with index $.Values $key }}
  {{ $key }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  topologySpreadConstraints:
  {{- if .Values.topologySpreadConstraints }}
    {{- toYaml .Values.topologySpreadConstraints | nindent 4 }}
  {{- else }}
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "nexus.selector" $ | nindent 10 }}
          app.kubernetes.io/component: server
  {{- end }}
  {{- end }}
  {{- with .Values.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: nexus-oauth
      image: {{ include "nexus.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      {{- with .Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      env:
        {{- include "nexus.env" . | nindent 8 }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - {name: http, containerPort: 8080, protocol: TCP}
        {{- if .Values.tls.existingSecret }}
        - {name: https, containerPort: 8443, protocol: TCP}
        {{- end }}
        - {name: management, containerPort: 9000, protocol: TCP}
      {{- range $probe := list "startupProbe" "livenessProbe" "readinessProbe" "lifecycle" "resources" }}
      {{- with index $.Values $probe }}
      {{ $probe }}:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
      volumeMounts:
        {{- include "nexus.mounts" . | nindent 8 }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "nexus.volumes" . | nindent 4 }}
{{- end -}}

{{- define "nexus.env" -}}
{{ include "nexus.databaseEnv" . }}
- {name: QUARKUS_DATASOURCE_REACTIVE_MAX_SIZE, value: {{ .Values.database.maxSize | quote }}}
- {name: NEXUS_OAUTH_PUBLIC_URL, value: {{ .Values.publicUrl | quote }}}
- name: NEXUS_OAUTH_ENCRYPTION_KEY_FILES
  value: {{ range $i, $key := .Values.encryption.keys }}{{ if $i }},{{ end }}{{ include "nexus.keyDirectory" $ }}/{{ $key }}{{ end }}
{{- if .Values.bootstrapKey.existingSecret }}
- {name: NEXUS_OAUTH_ACCESS_BOOTSTRAP_KEY_FILE, value: /etc/nexus-oauth/bootstrap/{{ .Values.bootstrapKey.key }}}
{{- end }}
- {name: NEXUS_OAUTH_JOURNAL_DIRECTORY, value: /var/lib/nexus-oauth/journal}
- {name: NEXUS_OAUTH_JOURNAL_SIZE, value: {{ .Values.journal.size | quote }}}
- {name: NEXUS_OAUTH_REFRESH_TERMINATION_GRACE, value: "{{ include "nexus.drainSeconds" . }}s"}
- {name: NEXUS_OAUTH_REFRESH_LIVENESS_WINDOW, value: "{{ mul (.Values.livenessProbe.periodSeconds | default 10) (.Values.livenessProbe.failureThreshold | default 3) }}s"}
- {name: QUARKUS_SHUTDOWN_DELAY, value: "{{ .Values.shutdownDelaySeconds }}s"}
- {name: QUARKUS_SHUTDOWN_TIMEOUT, value: "{{ .Values.shutdownTimeoutSeconds }}s"}
- {name: SMALLRYE_CONFIG_LOCATIONS, value: /etc/nexus-oauth/config/application.properties}
{{- if eq .Values.migration.mode "job" }}
- {name: QUARKUS_FLYWAY_MIGRATE_AT_START, value: "false"}
- {name: QUARKUS_FLYWAY_VALIDATE_AT_START, value: "true"}
{{- end }}
{{- if .Values.proxy.trusted }}
- {name: QUARKUS_HTTP_PROXY_PROXY_ADDRESS_FORWARDING, value: "true"}
- {name: QUARKUS_HTTP_PROXY_TRUSTED_PROXIES, value: {{ join "," .Values.proxy.trusted | quote }}}
{{- end }}
{{- if .Values.tracing.endpoint }}
- {name: QUARKUS_OTEL_SDK_DISABLED, value: "false"}
- {name: QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .Values.tracing.endpoint | quote }}}
- {name: QUARKUS_OTEL_TRACES_SAMPLER_ARG, value: {{ .Values.tracing.ratio | quote }}}
- name: QUARKUS_OTEL_RESOURCE_ATTRIBUTES
  value: service.namespace={{ .Release.Namespace }},service.version={{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "nexus.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: journal, mountPath: /var/lib/nexus-oauth}
- {name: config, mountPath: /etc/nexus-oauth/config, readOnly: true}
- {name: secret-properties, mountPath: /etc/nexus-oauth/secret-properties, readOnly: true}
{{- include "nexus.databaseCaMount" . }}
{{- if .Values.transit.url }}
- {name: transit, mountPath: /var/run/secrets/nexus-oauth/transit, readOnly: true}
{{- if .Values.transit.caSecret }}
- {name: transit-ca, mountPath: /etc/nexus-oauth/transit-ca, readOnly: true}
{{- end }}
{{- end }}
{{- if and .Values.forwardProxy.url .Values.forwardProxy.existingSecret }}
- {name: forward-proxy, mountPath: /etc/nexus-oauth/forward-proxy, readOnly: true}
{{- end }}
{{- if .Values.tls.existingSecret }}
- {name: tls, mountPath: /etc/nexus-oauth/tls, readOnly: true}
{{- if ne .Values.tls.clientCertificates "none" }}
- {name: client-ca, mountPath: /etc/nexus-oauth/client-ca, readOnly: true}
{{- end }}
{{- end }}
{{- if not .Values.secretsVolume }}
- {name: encryption, mountPath: /etc/nexus-oauth/encryption, readOnly: true}
{{- end }}
{{- if .Values.bootstrapKey.existingSecret }}
- {name: bootstrap, mountPath: /etc/nexus-oauth/bootstrap, readOnly: true}
{{- end }}
{{- if .Values.providers }}
- {name: providers, mountPath: /etc/nexus-oauth/providers, readOnly: true}
{{- end }}
{{- if .Values.policies }}
- {name: access, mountPath: /etc/nexus-oauth/access, readOnly: true}
{{- end }}
{{- range $name, $client := .Values.clients }}
{{- if $client.existingSecret }}
- {name: client-{{ $name }}, mountPath: /etc/nexus-oauth/clients/{{ $name }}, readOnly: true}
{{- end }}
{{- end }}
{{- if .Values.serviceAccountIssuer.enabled }}
- {name: issuer, mountPath: /var/run/secrets/nexus-oauth/issuer, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "nexus.secretProperties" -}}
- name: secret-properties
  {{- if .root.Values.secretsVolume }}
  {{- toYaml .root.Values.secretsVolume | nindent 2 }}
  {{- else }}
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ .secret }}
          items:
            - {key: {{ .root.Values.database.usernameKey }}, path: quarkus.datasource.username}
            - {key: {{ .root.Values.database.passwordKey }}, path: quarkus.datasource.password}
      {{- range .root.Values.secretProperties }}
      - secret:
          name: {{ .existingSecret }}
          items:
            - {key: {{ .key }}, path: {{ .property }}}
      {{- end }}
  {{- end }}
{{- end -}}

{{- define "nexus.volumes" -}}
{{- $name := include "nexus.fullname" . -}}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- if not .Values.journal.persistence.enabled }}
- name: journal
  emptyDir: {sizeLimit: {{ .Values.journal.persistence.size }}}
{{- end }}
- name: config
  configMap: {name: {{ $name }}, items: [{key: application.properties, path: application.properties}]}
{{ include "nexus.secretProperties" (dict "root" . "secret" .Values.database.existingSecret) }}
{{- include "nexus.databaseCaVolume" . }}
{{- with .Values.transit }}
{{- if .url }}
- name: transit
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600{{ with .audience }}, audience: {{ . | quote }}{{ end }}}
{{- if .caSecret }}
- name: transit-ca
  secret: {secretName: {{ .caSecret }}, defaultMode: 0440, items: [{key: {{ .caKey }}, path: {{ .caKey }}}]}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.forwardProxy }}
{{- if and .url .existingSecret }}
- name: forward-proxy
  secret: {secretName: {{ .existingSecret }}, defaultMode: 0440, items: [{key: {{ .key }}, path: {{ .key }}}]}
{{- end }}
{{- end }}
{{- with .Values.tls }}
{{- if .existingSecret }}
- name: tls
  secret: {secretName: {{ .existingSecret }}, defaultMode: 0440, items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]}
{{- if ne .clientCertificates "none" }}
- name: client-ca
  secret: {secretName: {{ .clientCaSecret }}, defaultMode: 0440, items: [{key: {{ .clientCaKey }}, path: {{ .clientCaKey }}}]}
{{- end }}
{{- end }}
{{- end }}
{{- if not .Values.secretsVolume }}
- name: encryption
  secret: {secretName: {{ .Values.encryption.existingSecret }}, defaultMode: 0440}
{{- end }}
{{- if .Values.bootstrapKey.existingSecret }}
- name: bootstrap
  secret: {secretName: {{ .Values.bootstrapKey.existingSecret }}, defaultMode: 0440, items: [{key: {{ .Values.bootstrapKey.key }}, path: {{ .Values.bootstrapKey.key }}}]}
{{- end }}
{{- if .Values.providers }}
- name: providers
  configMap: {name: {{ $name }}-providers}
{{- end }}
{{- if .Values.policies }}
- name: access
  configMap: {name: {{ $name }}-access}
{{- end }}
{{- range $client, $of := .Values.clients }}
{{- if $of.existingSecret }}
- name: client-{{ $client }}
  secret: {secretName: {{ $of.existingSecret }}, defaultMode: 0440}
{{- end }}
{{- end }}
{{- if .Values.serviceAccountIssuer.enabled }}
- name: issuer
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
