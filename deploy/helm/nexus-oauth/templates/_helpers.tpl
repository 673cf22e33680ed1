{{- define "nexus.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "nexus.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "nexus.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "nexus.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "nexus.selector" -}}
app.kubernetes.io/name: {{ include "nexus.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "nexus.labels" -}}
{{ include "nexus.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: nexus-oauth
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Name, labels and annotations of an object: (dict "root" $ "suffix" "-x" "labels" (dict) "annotations" (dict)) */}}
{{- define "nexus.metadata" -}}
name: {{ include "nexus.fullname" .root }}{{ .suffix | default "" }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "nexus.labels" .root | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := mustMergeOverwrite (dict) .root.Values.commonAnnotations (.annotations | default dict) }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "nexus.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "nexus.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "nexus.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "nexus.host" -}}
{{- (urlParse .Values.publicUrl).host | splitList ":" | first -}}
{{- end -}}

{{/* The environment that every replica and the migration Job share. */}}
{{- define "nexus.databaseEnv" -}}
{{- $url := .Values.database.url -}}
- {name: QUARKUS_DATASOURCE_REACTIVE_URL, value: {{ $url | quote }}}
{{- if include "nexus.databaseCa" . }}
{{- $file := printf "/etc/nexus-oauth/database-ca/%s" .Values.database.ca.key }}
- {name: QUARKUS_DATASOURCE_REACTIVE_TRUST_CERTIFICATE_PEM, value: "true"}
- {name: QUARKUS_DATASOURCE_REACTIVE_TRUST_CERTIFICATE_PEM_CERTS, value: {{ $file }}}
{{- if contains "sslmode=verify-full" $url }}
- {name: QUARKUS_DATASOURCE_REACTIVE_HOSTNAME_VERIFICATION_ALGORITHM, value: HTTPS}
{{- end }}
- name: QUARKUS_DATASOURCE_JDBC_URL
  value: {{ printf "%s%ssslrootcert=%s" ($url | replace "postgres://" "postgresql://" | replace "postgresql://" "jdbc:postgresql://" | replace "search_path=" "currentSchema=") (contains "?" $url | ternary "&" "?") $file | quote }}
{{- end }}
- {name: NEXUS_OAUTH_EMBEDDED_ENABLED, value: "false"}
- {name: SMALLRYE_CONFIG_SOURCE_FILE_LOCATIONS, value: /etc/nexus-oauth/secret-properties}
- {name: JDK_JAVA_OPTIONS, value: {{ .Values.jvm.options | quote }}}
- {name: QUARKUS_LOG_CONSOLE_JSON_ENABLED, value: {{ .Values.logging.json | quote }}}
- {name: QUARKUS_LOG_LEVEL, value: {{ .Values.logging.level | quote }}}
{{- end -}}

{{/* Not empty if the values name the authorities of the database's certificate. */}}
{{- define "nexus.databaseCa" -}}
{{ or .Values.database.ca.existingSecret .Values.database.ca.configMap }}
{{- end -}}

{{- define "nexus.databaseCaMount" -}}
{{- if include "nexus.databaseCa" . }}
- {name: database-ca, mountPath: /etc/nexus-oauth/database-ca, readOnly: true}
{{- end }}
{{- end -}}

{{- define "nexus.databaseCaVolume" -}}
{{- with .Values.database.ca }}
{{- if .existingSecret }}
- name: database-ca
  secret: {secretName: {{ .existingSecret }}, defaultMode: 0440, items: [{key: {{ .key }}, path: {{ .key }}}]}
{{- else if .configMap }}
- name: database-ca
  configMap: {name: {{ .configMap }}, items: [{key: {{ .key }}, path: {{ .key }}}]}
{{- end }}
{{- end }}
{{- end -}}

{{/* The port of a URL, or the default port of its scheme. */}}
{{- define "nexus.port" -}}
{{- regexFind ":[0-9]+$" (urlParse .).host | trimPrefix ":" | default (hasPrefix "http:" . | ternary "80" "443") -}}
{{- end -}}

{{/* The directory with the files of master keys. */}}
{{- define "nexus.keyDirectory" -}}
{{ empty .Values.secretsVolume | ternary "/etc/nexus-oauth/encryption" "/etc/nexus-oauth/secret-properties" }}
{{- end -}}

{{/* A value as the text of a property. Helm reads numbers as floats, so a whole number is written out and never as 2e+06. List items are joined by commas. */}}
{{- define "nexus.text" -}}
{{- if kindIs "slice" . -}}
{{- range $i, $each := . }}{{ if $i }},{{ end }}{{ include "nexus.text" $each }}{{ end -}}
{{- else if and (kindIs "float64" .) (eq . (floor .)) -}}
{{ int64 . }}
{{- else -}}
{{ . }}
{{- end -}}
{{- end -}}

{{/* The value `config` as the text of a properties file. */}}
{{- define "nexus.config" -}}
{{- range $key, $value := .Values.config }}
{{ $key }}={{ include "nexus.text" $value }}
{{- end }}
{{- end -}}

{{/* All properties of the service as the text of a properties file. */}}
{{- define "nexus.properties" -}}
{{- include "nexus.config" . }}
{{- range $name, $client := .Values.clients }}
{{- $at := printf "nexus.oauth.clients.%s" $name }}
{{ $at }}.provider={{ $client.provider | default $name }}
{{ $at }}.client-id={{ $client.clientId }}
{{- if $client.existingSecret }}
{{ $at }}.client-secret-file=/etc/nexus-oauth/clients/{{ $name }}/{{ $client.key | default "client-secret" }}
{{- end }}
{{- if $client.secondKey }}
{{ $at }}.second-client-secret-file=/etc/nexus-oauth/clients/{{ $name }}/{{ $client.secondKey }}
{{- end }}
{{- with $client.tenant }}
{{ $at }}.tenant={{ . }}
{{- end }}
{{- with $client.scopes }}
{{ $at }}.scopes={{ join "," . }}
{{- end }}
{{- with $client.redirectUri }}
{{ $at }}.redirect-uri={{ . }}
{{- end }}
{{- range $var, $value := $client.vars }}
{{ $at }}.vars.{{ $var }}={{ include "nexus.text" $value }}
{{- end }}
{{- end }}
{{- if .Values.serviceAccountIssuer.enabled }}
{{- $at := "nexus.oauth.access.issuers.kubernetes" }}
{{ $at }}.issuer={{ .Values.serviceAccountIssuer.issuer }}
{{ $at }}.audience={{ .Values.serviceAccountIssuer.audience }}
{{ $at }}.jwks-url=https://kubernetes.default.svc/openid/v1/jwks
{{ $at }}.token-file=/var/run/secrets/nexus-oauth/issuer/token
{{ $at }}.ca-file=/var/run/secrets/nexus-oauth/issuer/ca.crt
{{- end }}
{{- with .Values.transit }}
{{- if .url }}
{{- $at := "nexus.oauth.encryption.transit" }}
{{ $at }}.url={{ .url }}
{{ $at }}.mount={{ .mount }}
{{ $at }}.key={{ .key }}
{{ $at }}.kubernetes-role={{ .role }}
{{ $at }}.kubernetes-token-file=/var/run/secrets/nexus-oauth/transit/token
{{- if .caSecret }}
{{ $at }}.ca-file=/etc/nexus-oauth/transit-ca/{{ .caKey }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.forwardProxy }}
{{- if .url }}
{{- $at := "nexus.oauth.providers.proxy" }}
{{ $at }}.url={{ .url }}
{{- if .existingSecret }}
{{ $at }}.credentials-file=/etc/nexus-oauth/forward-proxy/{{ .key }}
{{- end }}
{{- with .noProxy }}
{{ $at }}.no-proxy={{ join "," . }}
{{- end }}
{{ $at }}.connect-by={{ .connectBy }}
{{- end }}
{{- end }}
{{- with .Values.tls }}
{{- if .existingSecret }}
quarkus.http.tls-configuration-name=api
quarkus.tls.api.key-store.pem.0.cert=/etc/nexus-oauth/tls/tls.crt
quarkus.tls.api.key-store.pem.0.key=/etc/nexus-oauth/tls/tls.key
quarkus.tls.api.reload-period=1h
{{- if ne .clientCertificates "none" }}
quarkus.tls.api.trust-store.pem.certs=/etc/nexus-oauth/client-ca/{{ .clientCaKey }}
nexus.oauth.access.client-certificates={{ .clientCertificates }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.database.tenantRole }}
nexus.oauth.database.tenant-role={{ . }}
{{- end }}
{{- if .Values.policies }}
nexus.oauth.access.policy-file=/etc/nexus-oauth/access/policies.yaml
{{- end }}
{{- if .Values.providers }}
nexus.oauth.providers.files=/etc/nexus-oauth/providers
{{- end }}
{{- end -}}

{{/* The seconds of the termination grace that are left after the last request was served. */}}
{{- define "nexus.drainSeconds" -}}
{{- sub (int .Values.terminationGracePeriodSeconds) (add .Values.shutdownDelaySeconds .Values.shutdownTimeoutSeconds) -}}
{{- end -}}

{{- define "nexus.requirements" -}}
{{- $missing := list }}
{{- if not .Values.publicUrl }}{{ $missing = append $missing "publicUrl: the address that browsers see, for example https://oauth.example.com" }}{{ end }}
{{- if not .Values.database.url }}{{ $missing = append $missing "database.url: postgresql://host:5432/database?sslmode=verify-full" }}{{ end }}
{{- if not (or .Values.database.existingSecret .Values.secretsVolume) }}{{ $missing = append $missing "database.existingSecret: the Secret with the database's user and password" }}{{ end }}
{{- if not (or .Values.encryption.existingSecret .Values.secretsVolume) }}{{ $missing = append $missing "encryption.existingSecret: the Secret with the master keys; openssl rand -base64 32 | tr '+/' '-_' creates one" }}{{ end }}
{{- if $missing }}{{ fail (printf "\nThese values are required:\n  %s" (join "\n  " $missing)) }}{{ end }}
{{- $accepted := get .Values.config "nexus.oauth.startup.accept" | default "" | toString }}
{{- if not (or (regexMatch "[?&]sslmode=verify-(full|ca)(&|$)" .Values.database.url) (regexMatch "@?//(localhost|127\\.0\\.0\\.1)[:/]" .Values.database.url) (contains "quarkus.datasource.reactive.url" $accepted)) }}{{ fail "database.url has no sslmode=verify-full (or verify-ca): the service would not start, because the database could not prove its identity. Add it, with database.ca; or name quarkus.datasource.reactive.url and quarkus.datasource.jdbc.url in config \"nexus.oauth.startup.accept\"" }}{{ end }}
{{- if and (contains "sslmode=verify-" .Values.database.url) (not (include "nexus.databaseCa" .)) }}{{ fail "database.ca: sslmode=verify-full needs the authorities of the database's certificate, in a Secret or a ConfigMap" }}{{ end }}
{{- if and (ne .Values.tls.clientCertificates "none") (not (and .Values.tls.existingSecret .Values.tls.clientCaSecret)) }}{{ fail "tls.clientCertificates needs tls.existingSecret and tls.clientCaSecret: without them every public authority could name a caller" }}{{ end }}
{{- if and .Values.secretsVolume .Values.secretProperties }}{{ fail "secretProperties: with secretsVolume, put them into that volume as files, each named like its property" }}{{ end }}
{{- if and (eq .Values.migration.mode "job") .Values.secretsVolume .Values.serviceAccount.create }}{{ fail "migration.mode job with secretsVolume: the Job runs before the chart creates the service account that mounts the volume. Create the account (and what the volume refers to) beforehand and set serviceAccount.create to false, or use migration.mode start" }}{{ end }}
{{- if .Values.networkPolicy.enabled }}
{{- range $name, $url := dict "transit" .Values.transit.url "tracing" .Values.tracing.endpoint "forwardProxy" .Values.forwardProxy.url }}
{{- if and $url (eq (include "nexus.port" $url) "443") (not (index $.Values.networkPolicy $name)) }}{{ fail (printf "networkPolicy.%s: name the peers with %s. Without them port 443 would be open to the whole internet, whatever networkPolicy.providers says" $name $url) }}{{ end }}
{{- end }}
{{- end }}
{{- if and .Values.networkPolicy.enabled .Values.serviceAccountIssuer.enabled (regexMatch "^https://(kubernetes\\.default|[0-9.]+|[^/]*\\.svc)([.:/]|$)" .Values.serviceAccountIssuer.issuer) (not (or .Values.networkPolicy.apiServer .Values.networkPolicy.extraEgress)) }}{{ fail "networkPolicy.apiServer: serviceAccountIssuer gets the keys of its tokens from the API server, and no rule lets the pods reach it. Name its addresses (kubectl get endpoints kubernetes)" }}{{ end }}
{{- range $property := list "nexus.oauth.sandbox.enabled" "nexus.oauth.providers.allow-insecure-http" }}
{{- if eq (get $.Values.config $property | toString | lower) "true" }}{{ fail (printf "config: %s is for local mode only, and the service would not start" $property) }}{{ end }}
{{- end }}
{{- if regexMatch "\\*|http://" (get .Values.config "nexus.oauth.connect.return-urls" | toString) }}{{ fail "config: nexus.oauth.connect.return-urls needs exact https addresses, and the service would not start" }}{{ end }}
{{- $window := mul (.Values.livenessProbe.periodSeconds | default 10) (.Values.livenessProbe.failureThreshold | default 3) }}
{{- if le (include "nexus.drainSeconds" . | int) 62 }}{{ fail "terminationGracePeriodSeconds minus shutdownDelaySeconds and shutdownTimeoutSeconds must be more than 62: otherwise a stop loses responses of providers" }}{{ end }}
{{- if ge (int $window) 120 }}{{ fail "livenessProbe: a process that hangs must be killed within two minutes (periodSeconds × failureThreshold)" }}{{ end }}
{{- end -}}

{{/* The way out that every pod needs: names and the database. */}}
{{- define "nexus.egress" -}}
- {{ with .Values.networkPolicy.dns }}to: {{ toJson . }}
  {{ end -}}
  ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
- {{ with .Values.networkPolicy.database }}to: {{ toJson . }}
  {{ end -}}
  ports:
    - {port: {{ .Values.database.port }}, protocol: TCP}
{{- end }}
